//! Section 3.6: offline codes, from their meaning to the digits and back.

use lock_core::cloud::{LockKeys, offline_code};
use lock_core::crypto::{CodeKey, Label, NineDigits, RootKey, RustCrypto};
use lock_core::proto::{CodeClass, CodeSeries, CodesSwitch, OfflineCode, QuarterHours};
use lock_core::state::read_offline_code;

use crate::case::{Case, Fields, File};
use crate::world::{Keys, LOCK_ID, NOW, OTHER_LOCK_ID};

const SERIES: CodeSeries =
    CodeSeries { switch: CodesSwitch::On, epoch: 1, since: (NOW / 3_600_000) as u32 - 720 };

pub(crate) fn file() -> anyhow::Result<File> {
    let cases = [permutation()?, codes()?, no_codes()?];
    File::new(
        "offline_codes.json",
        "3.6",
        "Codes under the `code` leaf of a lock, a code epoch and its begin `since` in hours. With `meaning` alone: the permutation, \
         which maps it to `digits`. With `code`: its class, its start in quarters of an hour and its serial are `slot`, which \
         is the meaning of `digits`; it opens from `begin` on and no longer at `end`, both in Unix milliseconds. With `error`: \
         NoSuchCode, where the series has none of that class, start and serial; NoCode, where `digits` mean none.",
        cases.concat(),
    )
}

fn leaf_fields(keys: &Keys, series: CodeSeries) -> Fields {
    let fields = Fields::new().hex("leaf", keys.leaves.leaf(Label::Code).expose());
    fields.number("code_epoch", series.epoch).number("since", series.since)
}

fn text(digits: &[u8]) -> anyhow::Result<String> {
    Ok(String::from_utf8(digits.to_vec())?)
}

fn permutation() -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (name, keys, series) in [
        ("the lock", Keys::first()?, SERIES),
        ("its next code epoch", Keys::first()?, CodeSeries { epoch: 2, ..SERIES }),
        ("a later begin", Keys::first()?, CodeSeries { since: SERIES.since + 1, ..SERIES }),
        ("its next key epoch", Keys::of(LOCK_ID, 2)?, SERIES),
        ("another lock", Keys::of(OTHER_LOCK_ID, 1)?, SERIES),
        ("the last epoch of all", Keys::first()?, CodeSeries { epoch: u32::MAX, since: u32::MAX, ..SERIES }),
    ] {
        let key = CodeKey::derive::<RustCrypto>(keys.leaves.leaf(Label::Code), series.epoch, series.since);
        for meaning in [0, 1, 31_999, 32_000, CodeSeries::SLOTS, 500_000_000, 999_968_000, 999_999_999] {
            let number = NineDigits::new(meaning).ok_or_else(|| anyhow::anyhow!("nine digits"))?;
            let code = key.encode::<RustCrypto>(&number);
            anyhow::ensure!(key.decode::<RustCrypto>(&code) == number, "it does not come back");
            let fields = leaf_fields(&keys, series).number("meaning", meaning);
            let fields = fields.text("digits", text(&code.to_ascii())?);
            cases.push(Case::new(format!("{meaning} of {name}"), "A meaning and its digits.").with(fields));
        }
    }
    Ok(cases)
}

fn code_fields(fields: Fields, code: OfflineCode) -> Fields {
    let code =
        Fields::new().word("class", &code.class).number("start", code.start.0).number("serial", code.serial);
    fields.group("code", code)
}

/// The first and the last start of each class, one in between, and each serial.
fn codes() -> anyhow::Result<Vec<Case>> {
    let keys = Keys::first()?;
    let root = RootKey::from_bytes::<RustCrypto>(keys.root, keys.lock_id)?;
    let cloud = LockKeys::<RustCrypto>::expand(&root, keys.lock_id, keys.key_epoch);
    let mut cases = Vec::new();
    for class in CodeClass::ALL {
        let unit = class.unit().0;
        let first = SERIES.since * 4 / unit * unit;
        let now = QuarterHours((NOW / QuarterHours::MILLIS) as u32 / unit * unit);
        let last = QuarterHours(first + CodeSeries::SPAN.0 - unit);
        let serial = class.serials() - 1;
        for (name, start, serial) in
            [("first", QuarterHours(first), 0), ("in between", now, serial), ("last", last, serial)]
        {
            let code = OfflineCode { class, start, serial };
            let no_slot = || anyhow::anyhow!("a code without a slot");
            let slot = SERIES.slot_of(code).ok_or_else(no_slot)?;
            let digits = offline_code(&cloud, SERIES, code).ok_or_else(no_slot)?;
            let read = NineDigits::from_ascii(digits.as_ascii()).and_then(|digits| {
                read_offline_code::<RustCrypto>(keys.leaves.leaf(Label::Code), SERIES, &digits)
            });
            anyhow::ensure!(read == Some(code), "it is read as {read:?}");
            let fields = code_fields(leaf_fields(&keys, SERIES), code).number("slot", slot);
            let fields = fields.text("digits", text(digits.as_ascii())?);
            let fields = fields.number("begin", code.begin().0).number("end", code.end().0);
            cases.push(Case::new(format!("{class:?}, {name}"), "A code and its window.").with(fields));
        }
    }
    Ok(cases)
}

fn no_codes() -> anyhow::Result<Vec<Case>> {
    let keys = Keys::first()?;
    let hour = SERIES.since * 4;
    let wrong = [
        ("before the epoch", CodeClass::OneHour, hour - 1, 0),
        ("behind the span", CodeClass::OneHour, hour + CodeSeries::SPAN.0, 0),
        ("off the grid", CodeClass::Once, hour + 2, 0),
        ("a fifth serial", CodeClass::Once, hour, 4),
        ("a second code for a time", CodeClass::OneDay, hour, 1),
    ];
    let mut cases = Vec::new();
    for (name, class, start, serial) in wrong {
        let code = OfflineCode { class, start: QuarterHours(start), serial };
        anyhow::ensure!(SERIES.slot_of(code).is_none(), "{name} has a slot");
        let fields = code_fields(leaf_fields(&keys, SERIES), code).text("error", "NoSuchCode");
        cases.push(Case::new(name, "No code.").with(fields));
    }
    let key = CodeKey::derive::<RustCrypto>(keys.leaves.leaf(Label::Code), SERIES.epoch, SERIES.since);
    for meaning in [CodeSeries::SLOTS, CodeSeries::SLOTS + 1, 999_999_999] {
        let number = NineDigits::new(meaning).ok_or_else(|| anyhow::anyhow!("nine digits"))?;
        let digits = key.encode::<RustCrypto>(&number);
        let read = read_offline_code::<RustCrypto>(keys.leaves.leaf(Label::Code), SERIES, &digits);
        anyhow::ensure!(read.is_none(), "it is read as {read:?}");
        let fields =
            leaf_fields(&keys, SERIES).text("digits", text(&digits.to_ascii())?).text("error", "NoCode");
        cases.push(
            Case::new(format!("digits of the meaning {meaning}"), "Digits that mean no code.").with(fields),
        );
    }
    Ok(cases)
}
