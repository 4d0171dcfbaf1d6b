//! What a brown-out leaves: the lock moves nothing by itself until something has changed.
//!
//! ```text
//!  brown-out ─ boot ─> held ── the door moves ───────────────> free
//!                       │  ├── a person or the cloud orders ─>
//!                       │  └── other cells are sensed ───────>
//!                       └ did it cut a drive? Then the supply broke down under the motor: critical
//! ```
//!
//! Without this a relock would find the bolt withdrawn at each boot, drive it into the same jam or out of the same cells, and so on
//! until they are empty. Held is persisted: no further boot, whatever its reason, takes it back.

use lock_proto::{BootReason, Cause, DoorState, Target, Uptime};

use super::Lock;
use crate::motor::Motor;
use crate::relock::Relock;
use crate::saved::Initiative;
use crate::{Effects, Tables};

/// Whether the lock may start the motor by itself, and what of that is persisted.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Restraint {
    is_held: bool,
    /// When to tell of the brown-out that this boot came by; at once.
    untold: Option<Uptime>,
    did_cut_a_drive: bool,
    /// Whether the next input is an order whose record is being written.
    is_expected: bool,
    /// As in the last record that was asked for.
    pub(super) saved: Initiative,
}

impl Restraint {
    pub(super) fn at_boot(saved: Initiative, reason: BootReason, now: Uptime) -> Self {
        let is_brown_out = reason == BootReason::BrownOut;
        Self {
            is_held: is_brown_out || saved == Initiative::Held,
            untold: is_brown_out.then_some(now),
            did_cut_a_drive: is_brown_out && saved == Initiative::Driving,
            is_expected: false,
            saved,
        }
    }

    pub(super) const fn due(&self) -> Option<Uptime> {
        self.untold
    }

    /// An input came: the order, or something that shows that none comes.
    pub(super) const fn expect_nothing(&mut self) {
        self.is_expected = false;
    }
}

/// Whether somebody asked for it: each order is worth one drive, and the relock after it.
const fn is_asked_for(cause: Cause) -> bool {
    match cause {
        Cause::RemoteLive
        | Cause::RemoteSealed
        | Cause::VirtualKey
        | Cause::Credential { .. }
        | Cause::OfflineCode { .. }
        | Cause::Manual
        | Cause::Button => true,
        Cause::Unknown
        | Cause::Boot
        | Cause::AutoRelock
        | Cause::Mechanism
        | Cause::Schedule
        | Cause::Battery
        | Cause::Reset => false,
    }
}

impl<T: Tables> Lock<T> {
    /// An order will follow when its record is stored: until the next input [`saved`](Self::saved) says that the motor is at work. So
    /// one record before the motor suffices, and a supply that breaks down in the first moment of the drive has still done so under
    /// the motor.
    pub const fn expect_order(&mut self) {
        self.restraint.is_expected = true;
        self.restraint.saved = Initiative::Driving;
    }

    /// Whether the lock must not start the motor by itself.
    pub(super) const fn is_held(&self) -> bool {
        self.restraint.is_held
    }

    /// Whether a drive for this cause must not begin.
    pub(super) const fn is_held_for(&self, cause: Cause) -> bool {
        self.restraint.is_held && !is_asked_for(cause)
    }

    /// A drive begins: one that somebody asked for ends the restraint.
    pub(super) fn note_asked(&mut self, cause: Cause) {
        if is_asked_for(cause) {
            self.restraint.is_held = false;
        }
    }

    /// A door that goes from one sensed state to the other: somebody is there.
    pub(super) fn note_door_moved(&mut self, before: DoorState, state: DoorState) {
        let opens = before == DoorState::Closed && state.is_open();
        let closes = before.is_open() && state == DoorState::Closed;
        if opens || closes {
            self.restraint.is_held = false;
        }
    }

    /// Other cells: what the old ones could not do says nothing of them.
    pub(super) fn note_other_cells(&mut self, effects: &mut Effects) {
        self.restraint.is_held = false;
        if matches!(self.relock, Relock::Held { .. }) {
            self.resume_relock(effects);
        }
    }

    /// What the next boot must know.
    pub(super) const fn initiative(&self) -> Initiative {
        let is_at_work = match self.motor {
            Motor::Driving(_) | Motor::Relieving { .. } | Motor::Pausing { .. } | Motor::Pulling { .. } => {
                true
            }
            // To let the latch go is little work, and what an order did is told before.
            Motor::Resting | Motor::Holding { .. } | Motor::Releasing { .. } => false,
        };
        if is_at_work || self.restraint.is_expected {
            Initiative::Driving
        } else if self.restraint.is_held {
            Initiative::Held
        } else {
            Initiative::Free
        }
    }

    /// Tells of the brown-out. One that cut a drive is as good as the reading under load that the lock did not live to take.
    pub(super) fn brown_out_due(&mut self, effects: &mut Effects) {
        self.restraint.untold = None;
        self.facts.note_target(Target::None, Cause::Battery, self.now);
        if self.restraint.did_cut_a_drive {
            let before = self.power.level();
            let events = self.power.broke_down(self.now);
            self.follow_power(events, before, effects);
        }
    }
}
