//! Commands and what became of them, in JSON.

use lock_proto::{
    CredentialKind, Holiday, Mechanics, Mode, Night, Outcome, Policy, PowerSupply, Reason, Table, User,
    Window, Zone,
};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Body of `POST /v1/locks/{id}/commands`: for a lock that is not reached now.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCommand {
    /// What to do.
    pub action: Wish,
    /// Chosen by the caller: the same token is the same command, however often it is sent.
    pub client_token: String,
    /// How long it may be executed: 1 to 60 s for motion (60 when absent), up to 30 days for settings (for ever when absent).
    pub valid_for_seconds: Option<u32>,
}

/// What a user wishes a lock to do.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Wish {
    /// Throw the bolt.
    Lock,
    /// Withdraw the bolt.
    Unlock,
    /// Throw the bolt by itself so long after it was withdrawn; 0 for never.
    AutoRelock {
        /// The delay in seconds.
        seconds: u32,
    },
    /// The PIN code in a slot.
    SetPin {
        /// The slot, from 0.
        slot: u8,
        /// 4 to 10 digits.
        digits: String,
        /// The slot of the user whose rules it follows; absent for a code that opens at any time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<u8>,
        /// Whether it may also change settings at the keypad.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        programming: bool,
    },
    /// A token, fob, finger or face in a slot, by the names of the protocol: `"Fob"`.
    SetToken {
        /// The slot, from 0.
        slot: u8,
        /// What it is.
        #[zeroize(skip)]
        kind: CredentialKind,
        /// What its reader reads: 1 to 16 bytes in hex digits.
        id: String,
        /// The slot of its user; absent for one that opens at any time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<u8>,
    },
    /// No PIN code in a slot.
    ClearPin {
        /// The slot, from 0.
        slot: u8,
    },
    /// A mode in force, by the names of the protocol: `"Vacation"`.
    SetMode {
        /// The mode.
        #[zeroize(skip)]
        mode: Mode,
    },
    /// The wrong codes are forgotten, and a lockout ends. Sealed, it has to arrive within a minute.
    EndLockout,
    /// The user in a slot, by the names of the protocol.
    SetUser {
        /// The slot, from 0.
        slot: u8,
        /// The user.
        #[zeroize(skip)]
        user: User,
    },
    /// The window in a slot, by the names of the protocol.
    SetWindow {
        /// The slot, from 0.
        slot: u8,
        /// The window.
        #[zeroize(skip)]
        window: Window,
    },
    /// The holiday in a slot.
    SetHoliday {
        /// The slot, from 0.
        slot: u8,
        /// The holiday.
        #[zeroize(skip)]
        holiday: Holiday,
    },
    /// The local clock: its distance from UTC in minutes, and the next changes. Without it all hours are in UTC.
    SetZone {
        /// The zone.
        #[zeroize(skip)]
        zone: Zone,
    },
    /// The night; absent for no such thing.
    SetNight {
        /// The night.
        #[zeroize(skip)]
        night: Option<Night>,
    },
    /// How the mechanism is driven: latch, lock'n'go, ajar.
    SetMechanics {
        /// All of it.
        #[zeroize(skip)]
        mechanics: Mechanics,
    },
    /// What is done in doubt: wrong codes, a critical battery, an unknown position.
    SetPolicy {
        /// All of it.
        #[zeroize(skip)]
        policy: Policy,
    },
    /// Where the current comes from.
    SetPowerSupply {
        /// Kind and number of cells.
        #[zeroize(skip)]
        power_supply: PowerSupply,
    },
    /// Nothing in a slot of a table, by the names of the protocol.
    Clear {
        /// The table.
        #[zeroize(skip)]
        table: Table,
        /// The slot, from 0.
        slot: u8,
    },
}

impl std::fmt::Debug for Wish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Wish {
    /// The name, without any digits.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::AutoRelock { .. } => "auto_relock",
            Self::SetPin { .. } => "set_pin",
            Self::ClearPin { .. } => "clear_pin",
            Self::SetMode { .. } => "set_mode",
            Self::EndLockout => "end_lockout",
            Self::SetUser { .. } => "set_user",
            Self::SetWindow { .. } => "set_window",
            Self::SetToken { .. } => "set_token",
            Self::SetHoliday { .. } => "set_holiday",
            Self::SetZone { .. } => "set_zone",
            Self::SetNight { .. } => "set_night",
            Self::SetMechanics { .. } => "set_mechanics",
            Self::SetPolicy { .. } => "set_policy",
            Self::SetPowerSupply { .. } => "set_power_supply",
            Self::Clear { .. } => "clear",
        }
    }
}

/// A command, in the answers to `POST` and `GET` of `/v1/locks/{id}/commands`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandView {
    /// Its number on this lock now; it changes when the command has to be issued again, and the old one still leads here.
    pub command_id: u64,
    /// What it does, as in [`Wish::name`].
    pub action: String,
    /// Where it stands.
    pub stage: CommandStage,
    /// What became of it, once the lock has said so.
    pub outcome: Option<OutcomeView>,
    /// For people.
    pub sentence: String,
}

/// Where a command stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandStage {
    /// It waits.
    Queued,
    /// It is sealed; no relay has it.
    Sealed,
    /// A relay has it; the lock has not answered.
    HandedOver,
    /// The lock has begun it.
    Started,
    /// The lock has said what became of it.
    Settled,
    /// It is delivered no more.
    Withdrawn,
    /// It never ran and never will: send it again.
    NeverExecuted,
    /// It was issued again under another number.
    Replaced,
    /// The lock no longer knows what became of it.
    Unknown,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeView {
    /// The kind of outcome.
    pub outcome: Ending,
    /// Why it was refused; `None` for other outcomes, and for those who may not see the lock's status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// For people.
    pub sentence: String,
}

/// [`Outcome`] without its reason, under the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "they are those of Outcome")]
pub enum Ending {
    Started,
    Done,
    Refused,
    Jammed,
    TimedOut,
    Superseded,
    Interrupted,
    NotExecuted,
}

/// How much of a refusal is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candour {
    /// The lock's reason: to those who may see its status.
    Full,
    /// That it refused, and nothing about the lock.
    Coarse,
}

impl OutcomeView {
    /// What may be told of `outcome`.
    #[must_use]
    pub fn new(outcome: Outcome, candour: Candour) -> Self {
        let told = |outcome, sentence: &str| Self { outcome, reason: None, sentence: sentence.to_owned() };
        match (outcome, candour) {
            (Outcome::Started, _) => told(Ending::Started, "the lock has begun; wait for its sensor"),
            (Outcome::Done, _) => told(Ending::Done, "done: the lock confirmed it"),
            (Outcome::Refused(reason), Candour::Full) => Self {
                outcome: Ending::Refused,
                reason: Some(reason),
                sentence: format!("refused: {reason}"),
            },
            (Outcome::Refused(_), Candour::Coarse) => {
                told(Ending::Refused, "the lock refused; ask its owner for the reason")
            }
            (Outcome::Jammed, _) => told(Ending::Jammed, "the bolt is jammed; press the door and try again"),
            (Outcome::TimedOut, _) => {
                told(Ending::TimedOut, "the motor ran and the bolt did not arrive; look at the door")
            }
            (Outcome::Superseded, _) => {
                told(Ending::Superseded, "a later command or a hand took over; look at the status")
            }
            (Outcome::Interrupted, _) => told(
                Ending::Interrupted,
                "the lock lost power meanwhile; look at the status before you ask again",
            ),
            (Outcome::NotExecuted, _) => told(Ending::NotExecuted, "the lock never began it; ask again"),
        }
    }
}
