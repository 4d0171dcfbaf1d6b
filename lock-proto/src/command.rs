//! What can be asked of a lock, and why it may refuse.

use core::fmt;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::{Zeroize, Zeroizing};

use crate::{Seconds, body};

/// The cloud's number for a command; grows with each command for a lock (section 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CommandId(pub u64);

/// What a peer asks of the lock in one message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Request {
    /// Only a session, or only the time.
    Nothing,
    /// Do something, at most once. Comes last in a message: an action of a newer version can still be refused by its id.
    Command {
        /// The number under which the lock remembers it.
        id: CommandId,
        /// What to do.
        action: Action,
    },
    /// Say something; changes nothing.
    Query(Query),
}

/// Something a lock does. Each is absolute: there is no toggle, so a repeat means the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// Throw the bolt.
    Lock,
    /// Withdraw the bolt.
    Unlock,
    /// Make version `version` of the configuration: the one before it with this setting changed.
    Configure {
        /// The number of the resulting configuration; must exceed the lock's.
        version: u32,
        /// The change, as an absolute value.
        setting: Setting,
    },
}

impl Action {
    /// Whether the action moves the bolt.
    #[must_use]
    pub const fn is_motion(&self) -> bool {
        matches!(self, Self::Lock | Self::Unlock)
    }

    /// The number of [`Self::Configure`] on the wire, and the highest one.
    const CONFIGURE: u32 = 2;

    /// Whether `action` starts like an action of a newer version: its number, or that of its setting, is beyond the tables of
    /// section 7.1. What follows that number is the newer version's own.
    pub(crate) fn is_unknown(action: &[u8]) -> bool {
        match body::split(action) {
            Some((Self::CONFIGURE, configure)) => body::split::<u32>(configure)
                .and_then(|(_version, setting)| body::split::<u32>(setting))
                .is_some_and(|(setting, _)| setting > Setting::HIGHEST),
            Some((number, _)) => number > Self::CONFIGURE,
            None => false,
        }
    }

    /// The longest result of [`Self::identity`], in bytes.
    pub const MAX_IDENTITY: usize = 1 + 5 + 1 + 5;

    /// The bytes that say which action this is, for the digest of section 6: its encoding, without the digits of a PIN.
    #[must_use]
    pub fn identity<'b>(&self, buffer: &'b mut [u8; Self::MAX_IDENTITY]) -> &'b [u8] {
        let mut whole = Zeroizing::new([0; Self::MAX_IDENTITY + 1 + PinDigits::MAX]);
        let whole: &[u8] = match postcard::to_slice(self, whole.as_mut_slice()) {
            Ok(bytes) => bytes,
            Err(_) => &[],
        };
        let digits = match self {
            Self::Configure { setting: Setting::SetPin { digits, .. }, .. } => 1 + digits.as_ascii().len(),
            Self::Configure { setting: Setting::AutoRelock(_) | Setting::ClearPin { .. }, .. }
            | Self::Lock
            | Self::Unlock => 0,
        };
        let length = whole.len().saturating_sub(digits).min(Self::MAX_IDENTITY);
        buffer.iter_mut().zip(whole).take(length).for_each(|(to, from)| *to = *from);
        buffer.get(..length).unwrap_or_default()
    }
}

/// One absolute value of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Setting {
    /// Throw the bolt by itself so long after it was withdrawn; 0 seconds means never.
    AutoRelock(Seconds),
    /// The PIN code in this slot.
    SetPin {
        /// The slot, from 0.
        slot: u8,
        /// The digits.
        digits: PinDigits,
    },
    /// No PIN code in this slot.
    ClearPin {
        /// The slot, from 0.
        slot: u8,
    },
}

impl Setting {
    /// The highest number on the wire, that of [`Self::ClearPin`].
    const HIGHEST: u32 = 2;
}

/// A question to the lock.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Query {
    /// The state of bolt, door, motor, battery, clock.
    Status,
    /// What became of a command.
    Command(CommandId),
    /// The lock's marks, in answer to this fresh nonce (section 5, resynchronisation).
    Marks([u8; 16]),
}

/// The 4 to 10 digits of a PIN code, as ASCII. Wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PinDigits {
    digits: [u8; Self::MAX],
    length: u8,
}

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
        let mut digits = [0; Self::MAX];
        digits.get_mut(..text.len()).ok_or(PinDigitsError)?.copy_from_slice(text);
        Ok(Self { digits, length: text.len() as u8 })
    }

    /// The digits as ASCII.
    #[must_use]
    pub fn as_ascii(&self) -> &[u8] {
        self.digits.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl fmt::Debug for PinDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinDigits(..)")
    }
}

impl Drop for PinDigits {
    fn drop(&mut self) {
        self.digits.zeroize();
    }
}

impl Serialize for PinDigits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.as_ascii())
    }
}

impl<'de> Deserialize<'de> for PinDigits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = PinDigits;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("4 to 10 ASCII digits")
            }
            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<PinDigits, E> {
                PinDigits::from_ascii(bytes).map_err(|_| E::custom(""))
            }
        }
        deserializer.deserialize_bytes(Digits).map_err(|_| D::Error::custom(""))
    }
}

/// Why the lock did not do what it was asked. The numbers are the wire's: new ones go to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
pub enum Reason {
    /// The lock does not know this action.
    #[error("the lock's firmware does not know this action; update the lock")]
    Unsupported,
    /// The command came after its time.
    #[error("the command came too late; send a new one")]
    Expired,
    /// The command claims validity further ahead than allowed.
    #[error("the command is valid for longer than the lock accepts; send one with a nearer expiry")]
    ValidTooLong,
    /// A time-limited request while the lock's clock is not trusted.
    #[error("the lock does not know the time; connect it to the cloud once, or use a live session")]
    ClockNotTrusted,
    /// The same command id with different content.
    #[error("this command id was used for another command; issue a new command")]
    IdConflict,
    /// The command is so old that its outcome is no longer known.
    #[error("the lock no longer knows this command; query its state before you send a new one")]
    OutcomeUnknown,
    /// The command id is implausibly far ahead.
    #[error("the command id is too far ahead; check the cloud's counter for this lock")]
    IdTooFar,
    /// No prepared storage is free; it will be in a moment.
    #[error("the lock is tidying its storage; try again in a few seconds")]
    StorageBusy,
    /// Storage failed: nothing was done.
    #[error("the lock's storage failed; use the keypad or the inside turn and call for service")]
    StorageFault,
    /// The bolt's position is unknown and nobody is known to be at the door.
    #[error("the lock does not know where its bolt is; operate it once at the door")]
    PositionUnknown,
    /// Too many wrong PIN codes.
    #[error("too many wrong codes; wait until the lockout ends")]
    LockedOut,
    /// No such PIN code.
    #[error("the code is wrong")]
    WrongCode,
    /// The rights of the sender do not cover this.
    #[error("the sender has no right to do this; ask the owner")]
    NotPermitted,
    /// The configuration version does not exceed the lock's.
    #[error("the lock already has this or a newer configuration; read it and send the next version")]
    StaleConfiguration,
    /// A slot, length or value out of range.
    #[error("a value is outside what this lock supports; check slot and range")]
    InvalidArgument,
    /// The motor is moving the other way.
    #[error("the bolt is moving; wait until it rests")]
    Moving,
    /// The door is open, so the bolt must not be thrown.
    #[error("the door is open; close it first")]
    DoorOpen,
    /// The battery cannot move the bolt.
    #[error("the battery is too weak to move the bolt; replace it")]
    BatteryCritical,
}

impl Reason {
    /// All reasons, each at its number on the wire.
    pub const ALL: [Self; 18] = [
        Self::Unsupported,
        Self::Expired,
        Self::ValidTooLong,
        Self::ClockNotTrusted,
        Self::IdConflict,
        Self::OutcomeUnknown,
        Self::IdTooFar,
        Self::StorageBusy,
        Self::StorageFault,
        Self::PositionUnknown,
        Self::LockedOut,
        Self::WrongCode,
        Self::NotPermitted,
        Self::StaleConfiguration,
        Self::InvalidArgument,
        Self::Moving,
        Self::DoorOpen,
        Self::BatteryCritical,
    ];

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The reason with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}
