//! What is needed to claim a lock: the text of its label, which is checked before anybody is asked.

use std::path::Path;

use cloud::messages::{FromClaimer, LabelText};
use lock_core::crypto::RustCrypto;
use lock_core::label::ClaimCode;
use zeroize::Zeroizing;

use crate::arguments::Arguments;
use crate::failure::Failure;

/// The wish of a claim.
pub(crate) fn wish(arguments: &Arguments) -> Result<FromClaimer, Failure> {
    let file = arguments.label_file.as_deref().unwrap_or_else(|| Path::new("-"));
    let label = label(file)?;
    ClaimCode::from_text::<RustCrypto>(&label.0)?;
    let name = arguments.name.clone().unwrap_or_else(|| arguments.lock_id.clone());
    Ok(FromClaimer::Claim { label, name, profile: arguments.profile.into() })
}

/// Reads a label as somebody typed or scanned it: one line.
fn label(file: &Path) -> Result<LabelText, Failure> {
    let unreadable = |error: std::io::Error| Failure::LabelUnreadable(file.to_owned(), error.to_string());
    let mut text = Zeroizing::new(String::new());
    if file == Path::new("-") {
        std::io::stdin().read_line(&mut text).map_err(unreadable)?;
    } else {
        *text = std::fs::read_to_string(file).map_err(unreadable)?;
    }
    Ok(LabelText(text.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_read_from_a_file_without_what_an_editor_puts_around_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("label");
        std::fs::write(&file, " LK1-0000-0000-0000-0000-0000-0000-02EP\r\n").unwrap();
        assert_eq!(label(&file).unwrap().0, "LK1-0000-0000-0000-0000-0000-0000-02EP");
        assert!(matches!(label(&folder.path().join("none")), Err(Failure::LabelUnreadable(..))));
    }
}
