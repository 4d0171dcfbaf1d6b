//! The smart lock itself, as one pure machine: a motorised deadbolt with sensors for bolt and door, a keypad, a clock and
//! settings.
//!
//! Everything that can happen is an input with the time; everything the lock wants is in the [`Effects`] that come back. It knows
//! no pin, clock, socket, heap or random source, so that firmware, cloud and simulator run the very same lock. What only a
//! proven peer may cause takes an [`Authenticated`](lock_crypto::Authenticated) value, which only opening a message can make.
//!
//! ```text
//!  order (authenticated) ──┐                     bolt_sensed(the asked end)   Done, on evidence
//!  check_code, lock_button ┼─> decide ─ Allow ─> Driving ─ motor_stalled      Jammed, alarm
//!  the relock timer ───────┘      │                │  ^  └ 5 s have passed    TimedOut, alarm
//!                                Deny              └──┘
//!                     (reason, retry after)  a later order reverses it or takes it over: the earlier is Superseded
//!
//!  bolt_sensed(something else) while the motor rests: a hand
//!
//!  relock   Idle ── bolt withdrawn ──> Running ── delay passed ──> asks to lock
//!             ^ bolt thrown              │  ^
//!             └──────────────────────────┤  │ door closed: the whole delay again
//!                            door opened └> Held
//! ```
//!
//! What it holds true, whatever comes in: "locked" is said only while the sensor sees the bolt thrown; a jam ends by evidence,
//! never by time; wrong codes are counted before they are compared, and their lockout survives every reboot; the clock's floor
//! never goes back; what is limited in time fails while the clock is not trusted.
//!
//! ```
//! use lock_proto::{BoltPosition, Uptime};
//! use lock_state::{Configuration, Deadbolt, Drive, Saved};
//!
//! let at = Uptime::from_millis;
//! let mut lock: Deadbolt = Deadbolt::boot(Saved::default(), Configuration::default(), at(0));
//! let _ = lock.bolt_sensed(BoltPosition::Retracted, at(10));
//!
//! // The button starts the motor; the door is not locked yet.
//! assert_eq!(lock.lock_button(at(1_000)).motor, Some(Drive::Extend));
//! assert!(!lock.status(at(1_000)).is_locked());
//!
//! // Only the sensor says so.
//! assert_eq!(lock.bolt_sensed(BoltPosition::Extended, at(1_800)).motor, Some(Drive::Stop));
//! assert!(lock.status(at(1_800)).is_locked());
//! ```
//!
//! [`decide`] is the one decision function: the lock enforces it, and cloud and app call it to preview. With `--cfg lock_model`
//! the state gains `Clone`, `PartialEq`, `Eq` and `Hash` for model checkers.
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

mod ask;
mod battery;
mod clock;
mod configuration;
mod deadbolt;
mod decide;
mod effects;
mod facts;
mod lockout;
mod motor;
mod record;
mod relock;
mod saved;

pub use ask::{ActionKind, Ask, MotionAction, Order, Source};
pub use battery::{BatteryLevel, CRITICAL_BELOW, CRITICAL_UNTIL, LOW_BELOW, LOW_UNTIL};
pub use clock::{ANSWER_LIFE_MS, ClockError, ClockReading, LARGEST_ERROR_MS, LARGEST_JUMP_MS, TimeAnswer};
pub use configuration::{Change, Configuration};
pub use deadbolt::{Deadbolt, SAVE_INTERVAL_MS};
pub use decide::{Decision, Refusal, SEALED_UNLOCK_AGE_MS, SEALED_UNLOCK_AHEAD_MS, Situation, decide};
pub use effects::{Drive, Effects, Finished, Indication};
pub use lockout::{FIRST_LOCKOUT_MS, LONGEST_LOCKOUT_MS, WRONG_CODE_LIMIT};
pub use motor::MOTOR_LIMIT_MS;
pub use record::RecordError;
pub use relock::MAX_AUTO_RELOCK;
pub use saved::Saved;
