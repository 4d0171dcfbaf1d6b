//! Somebody at the keypad, and the timers that a power cut must not shorten. What is right is counted here anew, from
//! `docs/protocol.md` alone.

use lock_core::proto::{BoltPosition, Reason};
use lock_core::state::{Drive, Indication};

use crate::world::World;

/// The wrong code at which codes are refused for the first time, and for how long, doubled with each further one.
pub(crate) const WRONG_CODES: u8 = 3;
const FIRST_LOCKOUT_MILLIS: u64 = 60_000;
/// The setting of the automatic relock.
pub(crate) const RELOCK_MILLIS: u64 = 30_000;

/// What is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Code {
    Right,
    Wrong,
    /// An offline code that opens once, within a quarter of an hour.
    Once,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Truth {
    /// What was entered and is not judged yet, and when.
    entered: Option<(Code, u64)>,
    /// Wrong codes that were compared since the right one opened.
    wrong: u8,
    /// Nothing may be compared before.
    closed_until: u64,
    /// The code that opens once has opened.
    pub(crate) has_opened_once: bool,
    pub(crate) has_opened: bool,
    pub(crate) has_refused: bool,
    /// How long the bolt was withdrawn in this boot, with nobody at it.
    withdrawn_for: u64,
    pub(crate) has_relocked: bool,
}

impl World {
    pub(crate) fn enter(&mut self, code: Code) {
        self.truth.door.entered = Some((code, self.clock));
        let digits = match code {
            Code::Right => b"2468".to_vec(),
            Code::Wrong => b"1357".to_vec(),
            Code::Once => self.cloud.once(),
        };
        self.code(&digits);
    }

    /// Property 13: what the light says tells whether something was compared.
    pub(crate) fn door_shown(&mut self, indication: Indication) {
        let Some((code, at)) = self.truth.door.entered else { return };
        self.truth.door.entered = None;
        let is_compared = match indication {
            Indication::Accepted | Indication::LockedOut => true,
            Indication::Refused(reason) => matches!(reason, Reason::WrongCode | Reason::ClockNotTrusted),
            _ => false,
        };
        if !is_compared {
            self.truth.door.has_refused |= indication == Indication::Refused(Reason::LockedOut);
            return;
        }
        let is_in_time = at >= self.truth.door.closed_until;
        self.must(is_in_time, 13, "a code was compared while codes are refused");
        let is_known = indication == Indication::Accepted;
        self.must(!is_known || code != Code::Wrong, 1, "a wrong code was accepted");
        let door = &mut self.truth.door;
        if is_known {
            if code == Code::Right {
                door.wrong = 0;
            }
        } else {
            door.wrong += 1;
            if let Some(beyond) = door.wrong.checked_sub(WRONG_CODES) {
                door.closed_until = at + (FIRST_LOCKOUT_MILLIS << beyond.min(6));
            }
        }
    }

    /// What nobody commanded from afar: codes, and the automatic relock.
    pub(crate) fn driven_at_the_door(&mut self, cause: &str, drive: Drive) {
        if drive == Drive::Extend {
            self.must(cause.starts_with("AutoRelock"), 1, "the bolt was thrown for nobody");
            self.truth.door.has_relocked = true;
            return;
        }
        let is_code = cause.starts_with("Credential") || cause.starts_with("OfflineCode");
        self.must(is_code, 1, "the door was opened for nobody");
        self.truth.door.has_opened = true;
        if cause.starts_with("OfflineCode") {
            let (is_first, knows_time) = (!self.truth.door.has_opened_once, self.truth.knows_time);
            self.must(is_first, 4, "a code that opens once opened twice");
            self.must(knows_time, 12, "an offline code opened at a lock that does not know the time");
            self.truth.door.has_opened_once = true;
        }
    }

    /// Nobody waits at a keypad without power, and the sensor has to be read anew.
    pub(crate) fn door_without_power(&mut self) {
        let door = &mut self.truth.door;
        (door.entered, door.withdrawn_for) = (None, 0);
    }

    /// The bolt is on its way: the time of the relock begins anew behind it.
    pub(crate) fn door_moves(&mut self) {
        self.truth.door.withdrawn_for = 0;
    }

    pub(crate) fn door_waited(&mut self, millis: u64) {
        let is_withdrawn = self.truth.sensed == Some(BoltPosition::Retracted) && self.moving.is_none();
        let door = &mut self.truth.door;
        door.withdrawn_for = if is_withdrawn { door.withdrawn_for + millis } else { 0 };
    }

    /// Property 16: at rest, the bolt is not withdrawn for longer than the setting says.
    pub(crate) fn check_door(&mut self) {
        let is_withdrawn = self.truth.sensed == Some(BoltPosition::Retracted) && self.moving.is_none();
        let is_overdue = is_withdrawn && self.truth.door.withdrawn_for >= RELOCK_MILLIS;
        self.must(!self.relocks || !is_overdue, 16, "the bolt stays withdrawn after its time");
    }
}
