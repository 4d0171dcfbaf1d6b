//! What the world is made of, in plain words.

use lock_core::proto::{BoltPosition, CredentialKind, PinDigits, TokenId};
use lock_core::state::{InsideButton, ResetButton, Wish};
use serde::{Deserialize, Serialize};

/// Where the door really is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// Not in its frame: the bolt moves freely.
    Open,
    /// In its frame.
    Closed,
}

/// How the strike plate sits in the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strike {
    /// The bolt passes.
    Aligned,
    /// A closed door blocks the bolt at [`OBSTACLE`](super::OBSTACLE), and binds one that is further out.
    Misaligned,
}

/// Whether the wires of a sensor are whole: those of the bolt's two end switches, or of the door's contact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wiring {
    /// It is sensed.
    #[default]
    Whole,
    /// No evidence: the bolt's switches contradict each other, the door's contact is silent.
    Broken,
}

/// What is in the door's edge besides the bolt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// A spring latch that the motor pulls back, with a switch.
    #[default]
    WithLatch,
    /// Nothing: the motor reaches no latch.
    Deadbolt,
}

/// The cover over the lock, and the contact under it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cover {
    /// No contact is under it.
    #[default]
    NoContact,
    /// It is where it belongs.
    Mounted,
    /// It is off.
    Off,
}

/// Whether what the motor turns reaches the bolt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gearing {
    /// It does.
    #[default]
    Whole,
    /// The clutch slips: the motor turns freely, and the bolt stays.
    Slipping,
}

/// How worn the gears are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wear {
    /// As made.
    #[default]
    None,
    /// Teeth are missing: the bolt follows at half its speed.
    Heavy,
}

/// What somebody pressed at the lock, or held to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Press {
    /// A code, ended with the check mark.
    Code(PinDigits),
    /// A code, with a key for something else than to open.
    CodeFor(Wish, PinDigits),
    /// A token, finger or fob at its reader.
    Token(CredentialKind, TokenId),
    /// The button outside, which locks.
    LockButton,
    /// A button inside.
    Inside(InsideButton),
    /// The reset button inside goes down or up.
    Reset(ResetButton),
}

/// The door does not close onto a bolt that sticks out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bolt sticks out and keeps the door open; turn it back first")]
pub struct BoltInTheWay;

/// A hand does not turn against the running motor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the motor holds the bolt; wait until it rests")]
pub struct MotorHolds;

/// What is so, whatever the lock believes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// How far the bolt is thrown, in micrometres, 0 to [`THROW`](super::THROW).
    pub bolt_micrometres: u32,
    /// The same, in the words of the protocol; never `Unknown`.
    pub bolt: BoltPosition,
    /// The door.
    pub door: Door,
    /// Whether the motor turns.
    pub motor_runs_now: bool,
    /// How often the motor was set going, or reversed, since the world began.
    pub motor_runs: u64,
}

/// All that survives the end of the simulator: plain data for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// How far the bolt is thrown, in micrometres, 0 to [`THROW`](super::THROW).
    pub bolt_micrometres: u32,
    /// The door.
    pub door: Door,
    /// The strike plate.
    pub strike: Strike,
    /// The switches' wires.
    pub wiring: Wiring,
    /// The wire of the door's contact.
    #[serde(default)]
    pub door_wiring: Wiring,
    /// What is between motor and bolt.
    #[serde(default)]
    pub gearing: Gearing,
    /// Whether there is a latch.
    #[serde(default)]
    pub case: Case,
    /// The cover.
    #[serde(default)]
    pub cover: Cover,
    /// The temperature at the battery.
    #[serde(default = "room")]
    pub celsius: i8,
    /// The gears.
    #[serde(default)]
    pub wear: Wear,
    /// What a leak takes from the battery, in nanovolts of resting voltage a millisecond.
    #[serde(default)]
    pub leak: u64,
    /// Charge as resting voltage, in nanovolts: a run of the motor takes about 0.3 mV.
    pub battery_nanovolts: u64,
    /// How often the motor was set going, or reversed.
    pub motor_runs: u64,
}

/// Degrees Celsius at a new lock.
pub(super) const fn room() -> i8 {
    20
}
