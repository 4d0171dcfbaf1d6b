//! What people enter: no bytes make a parser panic, and what it takes is in range.

use lock_crypto::NineDigits;

use crate::Source;

/// For any nine bytes.
pub fn nine_digits_are_a_number_and_nothing_else_is(any: &mut Source) -> bool {
    let text: [u8; 9] = any.bytes();
    let is_digits = text.iter().all(u8::is_ascii_digit);
    NineDigits::from_ascii(&text)
        .map_or(!is_digits, |digits| is_digits && digits.number() < NineDigits::COUNT)
}
