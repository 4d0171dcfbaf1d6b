//! What somebody shows to a lock: digits, or the identifier of a token; and what a backup holds of it. Wiped when dropped, never
//! printed.

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::wire;
use crate::wire::{Malformed, Reader, Wire, Writer};

/// What is stored as a keyed hash, and compared with what is presented.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Secret {
    /// The digits of a PIN code.
    Pin(PinDigits),
    /// The identifier of a token, finger, face, fob or key.
    Token(TokenId),
}

impl Secret {
    /// The bytes that are hashed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Pin(digits) => digits.as_ascii(),
            Self::Token(id) => id.as_bytes(),
        }
    }
}

/// The 4 to 10 digits of a PIN code, as ASCII. Wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PinDigits(Text<10>);

/// Why a text is not a PIN code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a PIN code has 4 to 10 digits and nothing else")]
pub struct PinDigitsError;

impl PinDigits {
    /// The fewest digits.
    pub const MIN: usize = 4;
    /// The most digits.
    pub const MAX: usize = 10;

    /// Reads ASCII digits.
    ///
    /// # Errors
    /// [`PinDigitsError`] for fewer than 4, more than 10, or anything but `0` to `9`.
    pub fn from_ascii(text: &[u8]) -> Result<Self, PinDigitsError> {
        if text.len() < Self::MIN || !text.iter().all(u8::is_ascii_digit) {
            return Err(PinDigitsError);
        }
        Text::of(text).map(Self).ok_or(PinDigitsError)
    }

    /// The digits as ASCII.
    #[must_use]
    pub fn as_ascii(&self) -> &[u8] {
        self.0.bytes()
    }
}

/// The 1 to 16 bytes by which a reader knows a token or a template. Wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TokenId(Text<16>);

/// Why bytes are not the identifier of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the identifier of a token has 1 to 16 bytes")]
pub struct TokenIdError;

impl TokenId {
    /// The most bytes.
    pub const MAX: usize = 16;

    /// Takes the bytes as the reader gives them.
    ///
    /// # Errors
    /// [`TokenIdError`] for no bytes or more than 16.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TokenIdError> {
        if bytes.is_empty() {
            return Err(TokenIdError);
        }
        Text::of(bytes).map(Self).ok_or(TokenIdError)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.bytes()
    }
}

/// The key under which a lock keeps its secrets, `K_pin`, on its way to a backup or from one (section 11).
#[derive(Clone, PartialEq, Eq, Hash, Zeroize, ZeroizeOnDrop)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PinKey(pub [u8; 32]);

/// A secret as a lock keeps it: the first 16 bytes of an HMAC-SHA256 under its [`PinKey`] (section 3.5).
#[derive(Clone, PartialEq, Eq, Hash, Zeroize, ZeroizeOnDrop)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HashedSecret(pub [u8; 16]);

/// Which key a hash was made under: 8 bytes that only holders of the key can compute (section 3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PinKeyCheck(pub [u8; 8]);

macro_rules! unprinted {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}
unprinted!(PinKey);
unprinted!(HashedSecret);

/// At most `MAX` bytes.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Text<const MAX: usize> {
    bytes: [u8; MAX],
    length: u8,
}

impl<const MAX: usize> Text<MAX> {
    fn of(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; MAX];
        bytes.get_mut(..text.len())?.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
        Some(Self { bytes, length: u8::try_from(text.len()).ok()? })
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl<const MAX: usize> Drop for Text<MAX> {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

wire! {
    enum Secret {
        0 => Pin(digits),
        1 => Token(id),
    }
    struct PinKey(key);
    struct HashedSecret(hash);
    struct PinKeyCheck(check);
}

/// Printing shows the name alone; the encoding is a byte string.
macro_rules! secret_bytes {
    ($name:ident, $read:ident, $bytes:ident) => {
        unprinted!($name);

        impl Wire for $name {
            fn write(&self, out: &mut Writer<'_>) {
                out.byte_string(self.$bytes());
            }

            fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
                Self::$read(input.byte_string()?).map_err(|_| Malformed)
            }
        }
    };
}
secret_bytes!(PinDigits, from_ascii, as_ascii);
secret_bytes!(TokenId, from_bytes, as_bytes);
