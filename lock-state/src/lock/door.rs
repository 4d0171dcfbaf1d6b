//! What the door's sensor says: open, closed, ajar, forced, or nonsense.

use lock_proto::{Alarm, BoltPosition, Cause, DoorState, Part, Seconds, Uptime};

use super::Lock;
use crate::motor::Afterwards;
use crate::relock::Relock;
use crate::{Effects, Goal, Indication, Tables};

/// Changes within [`CHATTER_MS`] that no door makes.
const CHATTER_CHANGES: u8 = 8;
/// The time within which that many changes are the sensor's, in milliseconds.
const CHATTER_MS: u64 = 2_000;
/// A sensor that was quiet for so long is believed again, in milliseconds.
const SETTLE_MS: u64 = 10_000;

/// A reading of the door's sensor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DoorReading {
    /// No sensor, or it does not answer.
    #[default]
    Silent,
    /// The door is not in its frame.
    Open,
    /// The door is in its frame.
    Closed,
}

/// What is known of the sensor besides the fact.
#[derive(Debug, Default)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Door {
    reading: DoorReading,
    /// Changes since `counted_from`.
    changes: u8,
    counted_from: Uptime,
    /// When an open door becomes ajar, or a sensor that contradicted itself is believed again.
    due: Option<Uptime>,
}

impl Door {
    pub(super) const fn due(&self) -> Option<Uptime> {
        self.due
    }

    /// Counts a change; whether there were too many for a door.
    fn chatters(&mut self, now: Uptime) -> bool {
        if now.millis_since(self.counted_from) > CHATTER_MS {
            (self.changes, self.counted_from) = (0, now);
        }
        self.changes = self.changes.saturating_add(1);
        self.changes >= CHATTER_CHANGES
    }
}

impl<T: Tables> Lock<T> {
    /// The door's sensor was read: at boot, and whenever its reading changes; reading it more often does no harm.
    ///
    /// A door that opens while the bolt is being thrown has it withdrawn again, so that it does not close onto a thrown bolt. One
    /// that opens while the bolt is sensed thrown was forced. A sensor that changes eight times within two seconds contradicts
    /// itself, and is believed again when it was quiet for ten.
    pub fn door_sensed(&mut self, reading: DoorReading, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            if reading == lock.door.reading {
                return;
            }
            lock.door.reading = reading;
            let was_faulty = lock.facts.door.value() == DoorState::Faulty;
            let chatters = lock.door.chatters(lock.now);
            if chatters || was_faulty {
                lock.door.due = Some(lock.now.plus_millis(SETTLE_MS));
                if !was_faulty {
                    lock.door_chatters(effects);
                }
                return;
            }
            lock.door_read(effects);
        })
    }

    /// Takes the reading at its word.
    fn door_read(&mut self, effects: &mut Effects) {
        let before = self.facts.door.value();
        let state = match self.door.reading {
            DoorReading::Silent => DoorState::Unknown,
            DoorReading::Open if self.is_broken_open(before) => DoorState::Forced,
            DoorReading::Open => DoorState::Open,
            DoorReading::Closed => DoorState::Closed,
        };
        let cause = self.facts.door.sensed_cause(state);
        self.facts.note_door(state, cause, self.now);
        self.note_door_moved(before, state);
        self.door.due = None;
        if state.is_open() {
            self.door_opened(state, effects);
        } else if state == DoorState::Closed {
            self.door_closed(before, effects);
        }
    }

    /// The bolt is sensed in the strike, and the door that was sensed in its frame leaves it.
    fn is_broken_open(&self, before: DoorState) -> bool {
        before == DoorState::Closed && self.facts.bolt.value() == BoltPosition::Extended
    }

    fn door_opened(&mut self, state: DoorState, effects: &mut Effects) {
        self.upkeep.door_openings = self.upkeep.door_openings.saturating_add(1);
        let ajar_after = self.configuration.settings().mechanics.ajar_after;
        if ajar_after > Seconds(0) {
            self.door.due = Some(self.now.plus_millis(ajar_after.as_millis()));
        }
        if state == DoorState::Forced {
            effects.alarms.raise(Alarm::Forced);
            effects.indicate = Some(Indication::Siren);
        }
        if matches!(self.motor.run(), Some(run) if run.goal == Goal::Locked) {
            self.begin(Goal::Unlocked, Cause::Manual, None, Afterwards::Settings, effects);
        } else {
            self.hold_relock(effects);
        }
    }

    /// A held relock starts; so does one that was given up, when the door was opened and closed again.
    fn door_closed(&mut self, before: DoorState, effects: &mut Effects) {
        let is_withdrawn = matches!(self.facts.bolt.value(), BoltPosition::Retracted | BoltPosition::Between);
        if matches!(self.relock, Relock::Held { .. }) {
            self.resume_relock(effects);
        } else if before.is_open() && is_withdrawn && self.motor.run().is_none() {
            let plan = self.plan(Afterwards::Settings);
            let plan = crate::relock::Plan { delay: plan.after_closing(), ..plan };
            self.start_relock(plan, effects);
        }
    }

    fn door_chatters(&mut self, effects: &mut Effects) {
        self.facts.note_door(DoorState::Faulty, Cause::Mechanism, self.now);
        self.history.parts.door_sensor = Part::Contradictory;
        effects.alarms.raise(Alarm::SensorFault);
    }

    /// An open door is ajar now, or the sensor is believed again.
    pub(super) fn door_due(&mut self, effects: &mut Effects) {
        self.door.due = None;
        match self.facts.door.value() {
            DoorState::Open => {
                let cause = self.facts.door.cause();
                self.facts.note_door(DoorState::Ajar, cause, self.now);
                effects.alarms.raise(Alarm::DoorAjar);
                effects.indicate = Some(Indication::DoorAjar);
            }
            // That it was forced says more.
            DoorState::Forced => effects.alarms.raise(Alarm::DoorAjar),
            DoorState::Faulty => {
                self.history.parts.door_sensor = Part::Good;
                self.door.changes = 0;
                self.door_read(effects);
            }
            DoorState::Unknown | DoorState::Closed | DoorState::Ajar => {}
        }
    }

    pub(super) fn door_part(&self) -> Part {
        match (self.history.parts.door_sensor, self.door.reading, self.facts.door.cause()) {
            (Part::Contradictory, ..) => Part::Contradictory,
            (_, DoorReading::Open | DoorReading::Closed, _) => Part::Good,
            (_, DoorReading::Silent, Cause::Mechanism) => Part::Silent,
            (part, DoorReading::Silent, _) => part,
        }
    }
}
