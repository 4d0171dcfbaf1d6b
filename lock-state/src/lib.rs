//! The smart lock itself, as one pure machine: a motorised deadbolt with a spring latch where there is one, sensors for bolt,
//! latch and door, a keypad and readers, users with schedules, modes, a clock, a battery, and settings.
//!
//! Everything that can happen is an input with the time; everything the lock wants is in the [`Effects`] that come back. It knows
//! no pin, clock, socket, heap or random source, so that firmware, cloud and simulator run the very same lock. What only a
//! proven peer may cause takes an [`Authenticated`](lock_crypto::Authenticated) value, which only opening a message can make.
//!
//! ```text
//!  order (authenticated) ──┐                     bolt_sensed(the asked end)   Done, on evidence; a latch is pulled then
//!  check, buttons          ┼─> decide ─ Allow ─> Driving ─ motor_stalled      relief, a wait, another attempt; then Jammed
//!  relock, night, holiday  ┘      │                │  ^  └ time has passed    TimedOut: clutch, sensor, or too slow
//!                                Deny              └──┘
//!        (reason, retry after, next time)  a later order reverses it or takes it over: the earlier is Superseded
//!
//!  bolt_sensed(something else) while the motor rests: a hand
//!
//!  relock   Idle ── bolt withdrawn ──> Running ── delay passed ──> asks to lock
//!             ^ bolt thrown              │  ^
//!             └──────────────────────────┤  │ door closed: the delay after closing, or the whole one again
//!                            door opened └> Held
//! ```
//!
//! What it holds true, whatever comes in: "locked" is said only while the sensor sees the bolt thrown; a jam ends by evidence,
//! never by time; wrong codes are counted before they are compared, and their lockout survives every reboot; a use that is for
//! once is stored before the motor moves; the clock's floor never goes back; what is limited in time fails while the clock is
//! not trusted. What each input does in each state is in `docs/transitions.md`, a table that is made from this code.
//!
//! ```
//! use lock_proto::{BoltPosition, Uptime};
//! use lock_state::{BootInfo, Configuration, Drive, InsideButton, Lock, Saved, Upkeep};
//!
//! let at = Uptime::from_millis;
//! let nothing = (Saved::default(), Upkeep::default(), Configuration::default());
//! let mut lock: Lock = Lock::boot(nothing.0, nothing.1, nothing.2, BootInfo::default(), at(0));
//! let _ = lock.bolt_sensed(BoltPosition::Retracted, at(10));
//!
//! // The button starts the motor; the door is not locked yet.
//! assert_eq!(lock.inside_button(InsideButton::Lock, at(1_000)).motor, Some(Drive::Extend));
//! assert!(!lock.status(at(1_000)).is_locked());
//!
//! // Only the sensor says so.
//! assert_eq!(lock.bolt_sensed(BoltPosition::Extended, at(1_800)).motor, Some(Drive::Stop));
//! assert!(lock.status(at(1_800)).is_locked());
//! ```
//!
//! [`decide`](decide()) is the one decision function: the lock enforces it, and cloud and app call it to preview. How much a lock
//! has room for is chosen by its type: [`Lock<House>`](House) has 20 users and 40 credentials, [`Lock<CodesOnly>`](CodesOnly) has
//! 16 codes and pays for nothing else. With `--cfg lock_model` the state gains `Clone`, `PartialEq`, `Eq` and `Hash` for model
//! checkers.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::unreachable
    )
)]

#[cfg(test)]
extern crate std;

mod access;
mod ask;
mod clock;
mod codes;
mod configuration;
mod decide;
mod effects;
mod facts;
mod grant;
mod happening;
mod history;
mod indication;
mod lock;
mod lockout;
mod motor;
mod parts;
mod record;
#[cfg(test)]
mod reference;
mod relock;
mod saved;
mod schedule;
mod tickets;
mod update;
mod upkeep;

pub mod mapping;
pub mod power;

pub use access::{
    CodesOnly, Credential, House, Item, Keep, Slots, State, StoredUser, TableSlot, Tables, Use,
};
pub use ask::{ActionKind, Ask, Deed, Goal, Order, Source};
pub use clock::{ANSWER_LIFE_MS, ClockError, ClockReading, LARGEST_ERROR_MS, LARGEST_JUMP_MS, TimeAnswer};
pub use codes::{DoorKeys, UsedCodes, offline_code_digits, opens_at, read_offline_code};
pub use configuration::{Change, Configuration, ItemDigest, Settings};
pub use decide::{
    Decision, Refusal, SEALED_UNLOCK_AGE_MS, SEALED_UNLOCK_AHEAD_MS, Situation, decide, mode_forbids,
};
pub use effects::{Alarms, Barrier, Drive, Effects, Finished};
pub use grant::{Grant, GrantSituation, SingleUse, UseOrigin};
pub use happening::{Happened, Happening, Happenings};
pub use history::{Observation, PartKind, TamperContact};
pub use indication::{Colour, Indication, Pattern, Tone};
pub use lock::{
    BATTERY_READ_WITHIN_MS, BootInfo, CLOCK_GRACE_MS, DoorReading, InsideButton, Lock, NEXT_CREDENTIAL_MS,
    PowerReading, RELEASE_OFFER_MS, RESET_HOLD_LONGEST_MS, RESET_HOLD_MS, ResetButton, SAVE_INTERVAL_MS,
    Tenure, UPKEEP_INTERVAL_MS, Voltage, Wish,
};
pub use lockout::{FIRST_LOCKOUT_MS, LONGEST_LOCKOUT_MS};
pub use motor::{BACK_OFF_MS, LATCH_LIMIT_MS, MOTOR_LIMIT_MS, RELIEF_MS, SETTLE_MS};
pub use parts::{CloudOnly, ForGood, Parts, Reduced};
pub use record::RecordError;
pub use relock::{CLOSE_SETTLE, MAX_AUTO_RELOCK};
pub use saved::{Initiative, Saved, Wiping};
pub use schedule::{UserRefusal, UserRules, admits, holds, next_start};
pub use tickets::TicketBook;
pub use update::{
    BootedAs, CALM_MILLIS, CALM_WITHIN_MILLIS, Firmware, Notice, Phase, SavedUpdate, Slot, Surroundings,
    TRIAL, Taken, Update, UpdateAnswer, UpdateWish, Work,
};
pub use upkeep::Upkeep;
