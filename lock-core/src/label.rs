//! The label of a lock: its claim code as a text that people type and QR codes hold (section 3.2).
//!
//! ```text
//!   code, 128 bits ‖ check, 12 bits    28 letters of Crockford's base 32, 5 bits each, most significant bit first
//!   LK1-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX
//! ```
//!
//! ```
//! use lock_core::crypto::RustCrypto;
//! use lock_core::label::ClaimCode;
//!
//! let code = ClaimCode::from_bytes([7; 16]);
//! let mut text = [0; ClaimCode::TEXT_BYTES];
//! let typed = code.to_text::<RustCrypto>(&mut text).to_lowercase().replace('-', " ");
//! assert_eq!(ClaimCode::from_text::<RustCrypto>(&typed)?.expose(), &[7; 16]);
//! # Ok::<(), lock_core::label::LabelError>(())
//! ```

use core::fmt;

use lock_crypto::{Key, Suite};

/// Crockford's base 32: without I, L, O and U.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// What each text begins with. As it is read: an L counts as a 1.
const PREFIX: &str = "LK1";
const PREFIX_READ: [u8; 3] = *b"1K1";
/// Letters behind the prefix.
const CODE_LETTERS: usize = 28;
const CHECK_BITS: u32 = 12;

/// The secret on the label of a lock: 16 random bytes that have nothing to do with its root key.
///
/// It is not `Clone`, prints as `ClaimCode(..)` and is erased when dropped. The caller erases the texts.
pub struct ClaimCode(Key);

/// Why a text is not a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// It does not begin with LK1.
    #[error("this is not the label of a lock; it begins with LK1")]
    NotALabel,
    /// A character that no label has.
    #[error("the label has a character that does not occur in labels; compare it letter by letter")]
    UnknownCharacter,
    /// Letters are missing, or there are too many.
    #[error("the label is LK1 and 28 characters; compare it with what you typed")]
    WrongLength,
    /// The check bits do not fit: a typing error.
    #[error("the label does not fit its check characters; compare it letter by letter")]
    Mistyped,
}

impl ClaimCode {
    /// Length of the code, in bytes.
    pub const BYTES: usize = 16;
    /// Length of the text, in bytes: ASCII.
    pub const TEXT_BYTES: usize = PREFIX.len() + CODE_LETTERS / 4 * 5;

    /// Takes 16 random bytes, drawn for this label alone.
    #[must_use]
    pub const fn from_bytes(code: [u8; 16]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = code;
        // A `Key` erases itself; the code is its first half.
        Self(Key::from_bytes([
            a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ]))
    }

    /// The secret itself, for the key derivation of a claim.
    #[must_use]
    pub fn expose(&self) -> &[u8; 16] {
        self.0.expose().first_chunk().unwrap_or(&[0; 16])
    }

    /// Writes the text of the label: groups of four, upper case.
    pub fn to_text<'t, S: Suite>(&self, text: &'t mut [u8; Self::TEXT_BYTES]) -> &'t str {
        let code = u128::from_be_bytes(*self.expose());
        let check = u128::from(check::<S>(self.expose()));
        let mut places = text.iter_mut();
        let mut put = |byte: u8| places.next().map_or((), |place| *place = byte);
        PREFIX.bytes().for_each(&mut put);
        for letter in 0..CODE_LETTERS {
            if letter % 4 == 0 {
                put(b'-');
            }
            // Of the 140 bits, those that end `below` bits before the last.
            let below = 5 * (CODE_LETTERS - 1 - letter) as u32;
            let value = match below.checked_sub(CHECK_BITS) {
                Some(below) => code >> below,
                None => code << (CHECK_BITS - below) | check >> below,
            };
            put(LETTERS.get((value & 31) as usize).copied().unwrap_or(b'0'));
        }
        // All of it is ASCII.
        core::str::from_utf8(text).unwrap_or_default()
    }

    /// Reads a label as people type it: any case, `O` for `0`, `I` and `L` for `1`, any number of `-` and spaces.
    ///
    /// # Errors
    /// [`LabelError`]: the text is not a label, or was mistyped.
    pub fn from_text<S: Suite>(text: &str) -> Result<Self, LabelError> {
        let mut letters = text.bytes().filter(|byte| !matches!(byte, b'-' | b' ')).map(read_letter);
        for expected in PREFIX_READ {
            if letters.next() != Some(expected) {
                return Err(LabelError::NotALabel);
            }
        }
        let (mut code, mut check_bits, mut count) = (0_u128, 0_u16, 0_usize);
        for letter in letters {
            let value =
                LETTERS.iter().position(|known| *known == letter).ok_or(LabelError::UnknownCharacter)?;
            count += 1;
            if count > CODE_LETTERS {
                return Err(LabelError::WrongLength);
            }
            // 140 bits do not fit one number: what leaves `check_bits` at the top enters `code`.
            let carry = u128::from(check_bits >> (CHECK_BITS - 5));
            code = code << 5 | carry;
            check_bits = (check_bits << 5 | value as u16) & ((1 << CHECK_BITS) - 1);
        }
        if count != CODE_LETTERS {
            return Err(LabelError::WrongLength);
        }
        let bytes = code.to_be_bytes();
        if check::<S>(&bytes) == check_bits { Ok(Self::from_bytes(bytes)) } else { Err(LabelError::Mistyped) }
    }
}

impl fmt::Debug for ClaimCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimCode(..)")
    }
}

/// The first 12 bits of SHA-256("lk1/label" ‖ 0x00 ‖ code).
fn check<S: Suite>(code: &[u8; 16]) -> u16 {
    let [first, second, ..] = S::hash(&[b"lk1/label\0", code]);
    u16::from_be_bytes([first, second]) >> (16 - CHECK_BITS)
}

fn read_letter(byte: u8) -> u8 {
    match byte.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::{String, ToString};

    use lock_crypto::RustCrypto;
    use proptest::prelude::*;

    use super::*;

    fn text(code: [u8; 16]) -> String {
        let mut text = [0; ClaimCode::TEXT_BYTES];
        ClaimCode::from_bytes(code).to_text::<RustCrypto>(&mut text).to_string()
    }

    fn read(text: &str) -> Result<[u8; 16], LabelError> {
        ClaimCode::from_text::<RustCrypto>(text).map(|code| *code.expose())
    }

    #[test]
    fn a_label_that_another_program_made_is_written_and_read() {
        // Made with Python's hashlib and integers of any size, from the words of section 3.2.
        assert_eq!(text([0; 16]), KNOWN[0]);
        assert_eq!(text(core::array::from_fn(|index| index as u8 * 17)), KNOWN[1]);
        assert_eq!(text([0xFF; 16]), KNOWN[2]);
        assert_eq!(read(KNOWN[2]), Ok([0xFF; 16]));
    }

    const KNOWN: [&str; 3] = [
        "LK1-0000-0000-0000-0000-0000-0000-02EP",
        "LK1-008J-4CT4-ANK7-F24S-NAXW-SQFE-ZWB2",
        "LK1-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZY8M",
    ];

    #[test]
    fn what_people_type_is_read() {
        let known = KNOWN[1];
        let code = read(known).unwrap();
        assert_eq!(read(&known.to_lowercase()), Ok(code));
        assert_eq!(read(&known.replace('-', " - ")), Ok(code));
        assert_eq!(read(&known.replace('-', "")), Ok(code));
        assert_eq!(read(&known.replace('0', "o").replace("K1", "Ki")), Ok(code));
    }

    #[test]
    fn a_letter_too_few_and_one_too_many_are_refused() {
        let known = KNOWN[0];
        assert_eq!(read(&known[..known.len() - 1]), Err(LabelError::WrongLength));
        assert_eq!(read(&(known.to_string() + "0")), Err(LabelError::WrongLength));
        assert_eq!(read("LK1"), Err(LabelError::WrongLength));
    }

    #[test]
    fn another_text_is_refused_by_what_is_wrong_with_it() {
        assert_eq!(read(""), Err(LabelError::NotALabel));
        assert_eq!(read("https://example.org"), Err(LabelError::NotALabel));
        assert_eq!(read(&KNOWN[0].replacen("-0", "-U", 1)), Err(LabelError::UnknownCharacter));
    }

    proptest! {
        #[test]
        fn every_code_is_read_as_it_was_written(code in any::<[u8; 16]>()) {
            prop_assert_eq!(read(&text(code)), Ok(code));
        }

        #[test]
        fn a_text_never_panics(text in ".{0,60}") {
            let _ = read(&text);
        }

        #[test]
        fn a_changed_letter_is_never_read_as_the_same_code(code in any::<[u8; 16]>(), place in 4_usize..38, letter in 0_usize..32) {
            let mut changed = text(code).into_bytes();
            let letter = LETTERS[letter];
            prop_assume!(changed[place] != b'-' && changed[place] != letter);
            changed[place] = letter;
            prop_assert_ne!(read(core::str::from_utf8(&changed).unwrap()), Ok(code));
        }
    }
}
