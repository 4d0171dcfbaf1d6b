//! One keyed permutation of all numbers of nine digits, by which a lock reads a code that it never heard of (section 3.6).
//!
//! ```text
//! k          = HChaCha20(`code` leaf, "lk1/code" ‖ code epoch[4] ‖ since[4])       the leaf is of one lock and key epoch already
//! x          = a × 32,000 + b                                                      a below 31,250, b below 32,000
//! round 0    a = a + F(0, b) mod 31,250
//! round 1    b = b + F(1, a) mod 32,000                                            and so on: 12 rounds, six for each half
//! F(i, half) = ⌊(first 8 bytes of HChaCha20(k, i[1] ‖ 0[11] ‖ half[4]), big-endian) × side / 2^64⌋
//! ```
//!
//! Reading a code inverts the rounds, so that nothing is enumerated: a lock decodes, and looks whether the number means a code
//! and one that opens now. A code is thus as hard to guess as its meaning is rare.
//!
//! **Why so.** 31,250 × 32,000 is exactly 10^9: nearly balanced halves, and no walk back into the domain whose length would depend
//! on the code. HChaCha20 maps 16 bytes to a key and is a pseudorandom function if ChaCha20 is one: sealed messages (section 5)
//! rest on the same. With HMAC-SHA256 as the round function a code would cost a small lock over 50 compressions.
//! The multiplication maps 64 bits to a side with a bias below 2^-48, and takes the same time for every value.
//!
//! **What is known.** On so small a domain a Feistel network is no permutation drawn at random: an attacker with enough pairs of
//! meanings and codes tells the two apart, whatever the key. Four rounds are proven against somebody with far fewer pairs than
//! a half has values (here 2^15: Luby and Rackoff, 1988), and more rounds against more (Maurer and Pietrzak, 2003; Patarin, 2010).
//! The best published attacks on many rounds (Bellare, Hoang and Tessaro, 2016; Dunkelman and others, 2020; Beyne, 2021)
//! need pairs under a number of tweaks that grows with the size of a half for every one or two further rounds. NIST SP 800-38G asks for ten rounds in FF1.
//! Here are twelve, and an attacker has little to work with: the codes that people were given, a few thousand at most within an
//! epoch, and some two dozen guesses a day at the keypad. The round keys change with each code epoch.

use core::fmt;

use zeroize::Zeroize;

use crate::key::Key;
use crate::suite::Suite;

/// How many numbers have nine digits, zeros in front included.
const NUMBERS: u32 = 1_000_000_000;
/// The left half is below this.
const LEFT: u32 = 31_250;
/// The right half is below this.
const RIGHT: u32 = 32_000;
const _: () = assert!(LEFT * RIGHT == NUMBERS, "the halves make up the domain");
/// The rounds, six for each half.
const ROUNDS: u8 = 12;

/// A number of nine digits: a code as it is entered, or what it means. Wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct NineDigits(u32);

impl NineDigits {
    /// How many there are.
    pub const COUNT: u32 = NUMBERS;

    /// The number; `None` from 10^9 on.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        if number < NUMBERS { Some(Self(number)) } else { None }
    }

    /// The number.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.0
    }

    /// Reads nine ASCII digits; `None` for anything else.
    #[must_use]
    pub fn from_ascii(text: &[u8]) -> Option<Self> {
        let digits: &[u8; 9] = text.try_into().ok()?;
        let is_digits = digits.iter().all(u8::is_ascii_digit);
        is_digits.then(|| Self(digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))))
    }

    /// The nine digits as ASCII, zeros in front included.
    #[must_use]
    pub fn to_ascii(&self) -> [u8; 9] {
        let mut digits = [b'0'; 9];
        let mut rest = self.0;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        digits
    }
}

impl Drop for NineDigits {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for NineDigits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("NineDigits(..)")
    }
}

/// The permutation of one lock, key epoch and code epoch.
pub struct CodeKey(Key);

impl CodeKey {
    /// From the `code` leaf, the number of the code epoch, and when that begins, in hours since 1970.
    #[must_use]
    pub fn derive<S: Suite>(leaf: &Key, code_epoch: u32, since: u32) -> Self {
        let mut input = *b"lk1/code\0\0\0\0\0\0\0\0";
        let numbers = code_epoch.to_be_bytes().into_iter().chain(since.to_be_bytes());
        input.iter_mut().skip(8).zip(numbers).for_each(|(to, from)| *to = from);
        Self(Key::take(&mut S::hchacha20(leaf.expose(), &input)))
    }

    /// The code that stands for a meaning.
    #[must_use]
    pub fn encode<S: Suite>(&self, meaning: &NineDigits) -> NineDigits {
        let (mut a, mut b) = (meaning.0 / RIGHT, meaning.0 % RIGHT);
        for round in 0..ROUNDS {
            if round % 2 == 0 {
                a = (a + self.round::<S>(round, b, LEFT)) % LEFT;
            } else {
                b = (b + self.round::<S>(round, a, RIGHT)) % RIGHT;
            }
        }
        NineDigits(a * RIGHT + b)
    }

    /// What a code means: the inverse of [`encode`](Self::encode).
    #[must_use]
    pub fn decode<S: Suite>(&self, code: &NineDigits) -> NineDigits {
        let (mut a, mut b) = (code.0 / RIGHT, code.0 % RIGHT);
        for round in (0..ROUNDS).rev() {
            if round % 2 == 0 {
                a = (a + LEFT - self.round::<S>(round, b, LEFT)) % LEFT;
            } else {
                b = (b + RIGHT - self.round::<S>(round, a, RIGHT)) % RIGHT;
            }
        }
        NineDigits(a * RIGHT + b)
    }

    /// A pseudorandom number below `side` from the number of the round and the other half.
    fn round<S: Suite>(&self, round: u8, half: u32, side: u32) -> u32 {
        let [w, x, y, z] = half.to_be_bytes();
        let input = [round, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, w, x, y, z];
        let [a, b, c, d, e, f, g, h, ..] = S::hchacha20(self.0.expose(), &input);
        let drawn = u128::from(u64::from_be_bytes([a, b, c, d, e, f, g, h]));
        // Below `side`, which fits.
        ((drawn * u128::from(side)) >> 64) as u32
    }
}

impl fmt::Debug for CodeKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CodeKey(..)")
    }
}
