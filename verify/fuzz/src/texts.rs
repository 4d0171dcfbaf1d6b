//! What people type, scan and enter: labels, links, codes. What is taken is written the same, but for what people may write otherwise.

use lock_core::crypto::{Key, NineDigits, RustCrypto, Suite};
use lock_core::label::ClaimCode;
use lock_core::state::{ClockReading, offline_code_digits, opens_at, read_offline_code};
use lock_core::virtual_key::{LINK_BYTES, LINK_LETTERS, VirtualKey};
use lock_proto::{CodeSeries, CodesSwitch, PinDigits, TokenId, UnixMillis};

pub(crate) fn take(bytes: &[u8]) {
    label(bytes);
    link(bytes);
    link_bytes(bytes);
    if let Ok(pin) = PinDigits::from_ascii(bytes) {
        assert_eq!(pin.as_ascii(), bytes);
        assert!(bytes.iter().all(u8::is_ascii_digit));
    }
    if let Ok(token) = TokenId::from_bytes(bytes) {
        assert_eq!(token.as_bytes(), bytes);
    }
    digits(bytes);
    code(bytes);
}

/// A text as it is read: without what people put between letters, and with the letters that are taken for others.
fn as_read(text: &str, between: &[char]) -> String {
    let letters = text.chars().filter(|letter| !between.contains(letter));
    letters
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

fn label(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(code) = ClaimCode::from_text::<RustCrypto>(text) {
        let mut again = [0; ClaimCode::TEXT_BYTES];
        let again = code.to_text::<RustCrypto>(&mut again);
        assert_eq!(as_read(again, &['-']), as_read(text, &['-', ' ']));
    }
    // A fuzzer does not guess its check: each code has a label that is read.
    if let Some(code) = bytes.first_chunk() {
        let mut text = [0; ClaimCode::TEXT_BYTES];
        let label = ClaimCode::from_bytes(*code).to_text::<RustCrypto>(&mut text);
        let read = ClaimCode::from_text::<RustCrypto>(label).expect("a label is read");
        assert_eq!(read.expose(), code);
    }
}

fn link(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(key) = VirtualKey::<RustCrypto>::from_link(text) else { return };
    let mut again = [0; LINK_LETTERS];
    let again = key.to_link(&mut again).expect("a link that was read is written");
    assert_eq!(as_read(again, &[]), as_read(text, &['-', ' ', '\r', '\n', '\t']));
}

/// The bytes of a link, with a check that fits them: a fuzzer does not guess it.
fn link_bytes(said: &[u8]) {
    let check = RustCrypto::hash(&[b"lk1/link\0", said]);
    let bytes = [said, &check[..4]].concat();
    let Ok(key) = VirtualKey::<RustCrypto>::from_bytes(&bytes) else { return };
    let mut again = [0; LINK_BYTES];
    assert_eq!(key.to_bytes(&mut again), Ok(&bytes[..]));
    let mut text = [0; LINK_LETTERS];
    let text = key.to_link(&mut text).expect("what has bytes has letters");
    let read = VirtualKey::<RustCrypto>::from_link(text).expect("a link is read");
    assert_eq!(read.to_bytes(&mut [0; LINK_BYTES]), Ok(&bytes[..]));
}

fn digits(bytes: &[u8]) {
    let Some(digits) = NineDigits::from_ascii(bytes) else {
        assert!(bytes.len() != 9 || !bytes.iter().all(u8::is_ascii_digit));
        return;
    };
    assert_eq!(digits.to_ascii(), bytes);
    // A code that a lock reads is the one that its cloud computes for what was read.
    let (leaf, series) =
        (Key::from_bytes([3; 32]), CodeSeries { switch: CodesSwitch::On, epoch: 1, since: 500_000 });
    if let Some(code) = read_offline_code::<RustCrypto>(&leaf, series, &digits) {
        let again = offline_code_digits::<RustCrypto>(&leaf, series, code).expect("a code has digits");
        assert_eq!(again.to_ascii(), digits.to_ascii());
    }
}

/// For any series, slot and moment: a slot is one code, which opens within its window and nowhere else.
fn code(bytes: &[u8]) {
    let Some((head, [])) = bytes.split_first_chunk::<25>() else { return };
    let number = |from: usize| u32::from_be_bytes(head[from..from + 4].try_into().expect("four bytes"));
    let switch = if head[0] & 1 == 0 { CodesSwitch::Off } else { CodesSwitch::On };
    let series = CodeSeries { switch, epoch: number(1), since: number(5) };
    let Some(code) = series.code_of(number(9)) else { return };
    // A series that begins later than any may is never in force.
    assert_eq!(series.slot_of(code), (series.since <= CodeSeries::LATEST).then(|| number(9)), "{code:?}");
    let earliest = code.begin().0.saturating_add(u64::from(number(13))).saturating_sub(u64::from(number(17)));
    let latest = earliest + u64::from(number(21));
    let clock = ClockReading::Trusted { earliest: UnixMillis(earliest), latest: UnixMillis(latest) };
    let is_within = earliest >= code.begin().0 && latest < code.end().0;
    assert_eq!(opens_at(code, clock).is_ok(), is_within, "{code:?} at {clock:?}");
}
