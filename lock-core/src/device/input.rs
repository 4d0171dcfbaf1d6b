//! What can happen to a lock, and how much of it fits in the queue.

use core::fmt;

use lock_crypto::Delivery;
use lock_proto::{BoltPosition, CredentialKind, LatchPosition, PinDigits, Secret};
use lock_state::{DoorReading, InsideButton, Observation, PowerReading, ResetButton, Wish};

use super::steps::{CHECK, Claim, EFFECTS, PACKET, WIPE};
use super::{LinkId, LogHeld};

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
    /// The latch sensor's reading; give each change, and one after boot.
    Latch(LatchPosition),
    /// The door sensor's reading; give each change, and one after boot.
    Door(DoorReading),
    /// The motor driver saw a stall.
    MotorStalled,
    /// A reading of the power supply; give one at rest now and then, and the lowest of each drive.
    Power(PowerReading),
    /// A code, token or finger was presented.
    Presented(Presented),
    /// The button outside was pressed: it locks.
    OutsideButton,
    /// The button inside was pressed.
    InsideButton(InsideButton),
    /// The reset button inside was pressed or released.
    ResetButton(ResetButton),
    /// Something for the health report.
    Observed(Observation),
    /// What the log's flash holds: give it whenever something was given up or freed there. Without a log it says nothing.
    LogHeld(LogHeld),
    /// Fresh random bytes; give some when the source has them.
    Entropy([u8; 32]),
    /// Time passed: the moment of [`Device::poll_timeout`](super::Device::poll_timeout) has come.
    Tick,
}

/// What was presented at the lock, and why. Its debug form shows no secret.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Presented {
    /// What kind the reader reads; of a keypad [`CredentialKind::Pin`].
    pub kind: CredentialKind,
    /// The digits or the identifier.
    pub secret: Secret,
    /// What is wished.
    pub wish: Wish,
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
    /// A PIN code at the keypad, to open.
    #[must_use]
    pub const fn code(digits: PinDigits) -> Self {
        let secret = Secret::Pin(digits);
        Self::Presented(Presented { kind: CredentialKind::Pin, secret, wish: Wish::Open })
    }

    /// The link that it names.
    pub(super) const fn link(&self) -> Option<LinkId> {
        match self {
            Self::LinkUp { link, .. } | Self::LinkDown { link } | Self::Packet { link, .. } => Some(*link),
            Self::Bolt(_)
            | Self::Latch(_)
            | Self::Door(_)
            | Self::MotorStalled
            | Self::Power(_)
            | Self::Presented(_)
            | Self::OutsideButton
            | Self::InsideButton(_)
            | Self::ResetButton(_)
            | Self::Observed(_)
            | Self::LogHeld(_)
            | Self::Entropy(_)
            | Self::Tick => None,
        }
    }

    /// Whether somebody is at the door. What a sensor says is no proof of that: one that is loose says it all day.
    pub(super) const fn is_of_a_person(&self) -> bool {
        match self {
            Self::Presented(_) | Self::OutsideButton | Self::InsideButton(_) | Self::ResetButton(_) => true,
            Self::Bolt(_)
            | Self::Latch(_)
            | Self::Door(_)
            | Self::LinkUp { .. }
            | Self::LinkDown { .. }
            | Self::Packet { .. }
            | Self::MotorStalled
            | Self::Power(_)
            | Self::Observed(_)
            | Self::LogHeld(_)
            | Self::Entropy(_)
            | Self::Tick => false,
        }
    }

    /// The most room that its steps take, with all that follows from them. What a peer or a person asks for leaves room for
    /// what the mechanism and time do: the motor is stopped, and a jam is told, whatever waits.
    pub(super) const fn claim(&self) -> Claim {
        match self {
            Self::LinkDown { .. } | Self::Entropy(_) | Self::LogHeld(_) => Claim::Urgent(0),
            Self::Bolt(_) | Self::Latch(_) | Self::Door(_) | Self::MotorStalled => Claim::Urgent(EFFECTS),
            // What the lock wants, and the end of one link.
            Self::Tick => Claim::Urgent(EFFECTS + 1),
            Self::LinkUp { .. } => Claim::Ordinary(1),
            Self::Power(_) | Self::OutsideButton | Self::InsideButton(_) | Self::Observed(_) => {
                Claim::Ordinary(EFFECTS)
            }
            Self::ResetButton(_) => Claim::Ordinary(EFFECTS + WIPE),
            // The count's record and the comparison.
            Self::Presented(_) => Claim::Ordinary(1 + CHECK),
            // The change of the clock; the record of mark, id and clock; a configuration's record and its commitment, which are more
            // than what a deed does; the answer.
            Self::Packet { .. } => Claim::Ordinary(PACKET),
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
            Self::Latch(position) => f.debug_tuple("Latch").field(position).finish(),
            Self::Power(reading) => f.debug_tuple("Power").field(reading).finish(),
            Self::Presented(presented) => presented.fmt(f),
            Self::OutsideButton => f.write_str("OutsideButton"),
            Self::InsideButton(press) => f.debug_tuple("InsideButton").field(press).finish(),
            Self::ResetButton(button) => f.debug_tuple("ResetButton").field(button).finish(),
            Self::Observed(observation) => f.debug_tuple("Observed").field(observation).finish(),
            Self::LogHeld(held) => f.debug_tuple("LogHeld").field(held).finish(),
            Self::Entropy(_) => f.write_str("Entropy(..)"),
            Self::Tick => f.write_str("Tick"),
        }
    }
}
