//! Section 3.2: the claim code as the text of a label.

use lock_core::crypto::RustCrypto;
use lock_core::label::{ClaimCode, LabelError};

use crate::case::{Case, Fields};
use crate::world::counted;

/// Codes as they are written, what people make of them, and what is refused.
pub(super) fn cases() -> anyhow::Result<Vec<Case>> {
    let counted = counted(0x10, 16).try_into().map_err(|_| anyhow::anyhow!("a code has 16 bytes"))?;
    let codes = [("zeros", [0; 16]), ("counted bytes", counted), ("ones", [0xff; 16])];
    let mut cases = Vec::new();
    for (name, code) in codes {
        cases.push(read(&format!("label of {name}"), "As it is printed.", &text(code))?);
    }
    let printed = text(counted);
    let typed = [
        ("in lower case", printed.to_lowercase()),
        ("without dashes", printed.replace('-', "")),
        ("with spaces", printed.replace('-', " - ")),
        ("with letters for digits", printed.replace('0', "o").replace('1', "i")),
        ("with an l for each 1", printed.replace('1', "l")),
    ];
    for (name, typed) in typed {
        cases.push(read(&format!("label {name}"), "As people type it.", &typed)?);
    }
    let refused = [
        ("of another kind", printed.replacen("LK1", "LK2", 1), LabelError::NotALabel),
        ("with a U", format!("{}U", drop_last(&printed)), LabelError::UnknownCharacter),
        ("without its last character", drop_last(&printed).to_owned(), LabelError::WrongLength),
        ("with a character too many", format!("{printed}0"), LabelError::WrongLength),
        ("with two characters exchanged", exchanged(&printed), LabelError::Mistyped),
        ("with another last character", another_end(&printed), LabelError::Mistyped),
    ];
    for (name, typed, error) in refused {
        cases.push(refuse(&format!("label {name}"), &typed, error)?);
    }
    Ok(cases)
}

fn text(code: [u8; 16]) -> String {
    ClaimCode::from_bytes(code).to_text::<RustCrypto>(&mut [0; ClaimCode::TEXT_BYTES]).to_owned()
}

fn fields(typed: &str) -> Fields {
    Fields::new().text("function", "label").text("typed", typed)
}

fn read(name: &str, description: &str, typed: &str) -> anyhow::Result<Case> {
    let code = ClaimCode::from_text::<RustCrypto>(typed)?;
    let fields = fields(typed).hex("code", code.expose()).text("text", text(*code.expose()));
    Ok(Case::new(name, description).with(fields))
}

fn refuse(name: &str, typed: &str, expected: LabelError) -> anyhow::Result<Case> {
    let error = ClaimCode::from_text::<RustCrypto>(typed).err();
    anyhow::ensure!(error == Some(expected), "{typed:?} gives {error:?} and not {expected:?}");
    Ok(Case::new(name, "Not read.").with(fields(typed).word("error", &expected)))
}

fn drop_last(text: &str) -> &str {
    text.split_at(text.len() - 1).0
}

/// The first two characters of the code in each other's place.
fn exchanged(text: &str) -> String {
    let mut letters: Vec<_> = text.chars().collect();
    letters.swap(4, 5);
    letters.into_iter().collect()
}

fn another_end(text: &str) -> String {
    let end = if text.ends_with('0') { '2' } else { '0' };
    format!("{}{end}", drop_last(text))
}
