//! What can happen to a lock, and how much of it fits in the queue.

use core::fmt;

use lock_crypto::Delivery;
use lock_proto::{BoltPosition, DoorPosition, Millivolts, PinDigits};

use super::LinkId;
use super::steps::{Claim, EFFECTS};

/// Something that happened. Its debug form shows no entropy, no code and no packet.
pub enum Input<'i> {
    /// A link came up, and delivers in this way. What was on it before is gone.
    LinkUp {
        /// Which, below the number of links.
        link: LinkId,
        /// How it delivers; a property of the link, never the peer's word.
        delivery: Delivery,
    },
    /// A link is gone.
    LinkDown {
        /// Which.
        link: LinkId,
    },
    /// A whole packet came, unframed and reassembled. Decrypted in place, and wiped.
    Packet {
        /// On which link.
        link: LinkId,
        /// Its bytes.
        packet: &'i mut [u8],
    },
    /// The bolt sensor's reading; give each change, and one after boot.
    Bolt(BoltPosition),
    /// The door sensor's reading; give each change, and one after boot.
    Door(DoorPosition),
    /// The motor driver saw a stall.
    MotorStalled,
    /// The battery's resting voltage; give one now and then while the motor rests.
    Battery(Millivolts),
    /// A code was entered on the keypad.
    Code(PinDigits),
    /// The lock button was pressed.
    LockButton,
    /// Fresh random bytes; give some when the source has them.
    Entropy([u8; 32]),
    /// Time passed: the moment of [`Device::poll_timeout`](super::Device::poll_timeout) has come.
    Tick,
}

/// Why an input was not taken. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Too many outputs wait.
    #[error("too many outputs wait; poll them all, answer the pending persist, then give this input again")]
    Backlog,
    /// A link number that this device does not have.
    #[error("the link number is not below the device's number of links")]
    NoSuchLink,
}

impl Input<'_> {
    /// The link that it names.
    pub(super) const fn link(&self) -> Option<LinkId> {
        match self {
            Self::LinkUp { link, .. } | Self::LinkDown { link } | Self::Packet { link, .. } => Some(*link),
            Self::Bolt(_)
            | Self::Door(_)
            | Self::MotorStalled
            | Self::Battery(_)
            | Self::Code(_)
            | Self::LockButton
            | Self::Entropy(_)
            | Self::Tick => None,
        }
    }

    /// The most room that its steps take, with all that follows from them. What a peer or a person asks for leaves room for
    /// what the mechanism and time do: the motor is stopped, and a jam is told, whatever waits.
    pub(super) const fn claim(&self) -> Claim {
        match self {
            Self::LinkDown { .. } | Self::Entropy(_) => Claim::Urgent(0),
            Self::Bolt(_) | Self::Door(_) | Self::MotorStalled => Claim::Urgent(EFFECTS),
            // What the deadbolt wants, and the end of one link.
            Self::Tick => Claim::Urgent(EFFECTS + 1),
            Self::LinkUp { .. } => Claim::Ordinary(1),
            Self::Battery(_) | Self::LockButton => Claim::Ordinary(EFFECTS),
            // The count's record and the comparison.
            Self::Code(_) => Claim::Ordinary(1 + EFFECTS),
            // The change of the clock; the record of mark, id and clock; what a motion does, which is more than a
            // configuration's record and its commitment do; the answer.
            Self::Packet { .. } => Claim::Ordinary(1 + 1 + EFFECTS + 1),
        }
    }
}

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LinkUp { link, delivery } => {
                f.debug_struct("LinkUp").field("link", link).field("delivery", delivery).finish()
            }
            Self::LinkDown { link } => f.debug_struct("LinkDown").field("link", link).finish(),
            Self::Packet { link, packet } => {
                f.debug_struct("Packet").field("link", link).field("length", &packet.len()).finish()
            }
            Self::Bolt(position) => f.debug_tuple("Bolt").field(position).finish(),
            Self::Door(position) => f.debug_tuple("Door").field(position).finish(),
            Self::MotorStalled => f.write_str("MotorStalled"),
            Self::Battery(reading) => f.debug_tuple("Battery").field(reading).finish(),
            Self::Code(_) => f.write_str("Code(..)"),
            Self::LockButton => f.write_str("LockButton"),
            Self::Entropy(_) => f.write_str("Entropy(..)"),
            Self::Tick => f.write_str("Tick"),
        }
    }
}
