//! What the bolt's sensor says.

use lock_proto::{BoltPosition, Cause, Mode, Uptime};

use super::Lock;
use crate::motor::{Afterwards, Run};
use crate::relock::Relock;
use crate::{Drive, Effects, Happened, Tables};

impl<T: Tables> Lock<T> {
    /// The bolt's sensor was read: at boot, and whenever its reading changes; reading it more often does no harm.
    ///
    /// A change while the motor rests is a hand's. A fault ends when the bolt arrives at an end, and never by time.
    pub fn bolt_sensed(&mut self, position: BoltPosition, now: Uptime) -> Effects {
        self.step(now, |lock, effects| match lock.motor.moves_bolt() {
            Some(run) => lock.bolt_sensed_driving(run, position, effects),
            None => lock.bolt_sensed_resting(position, effects),
        })
    }

    fn bolt_sensed_driving(&mut self, run: Run, position: BoltPosition, effects: &mut Effects) {
        let is_change = position != self.facts.bolt.value();
        if is_change {
            let cause = if position == BoltPosition::Unknown { Cause::Mechanism } else { run.cause };
            self.note_bolt(position, cause, effects);
            if let Some(run) = self.motor.driving_mut() {
                run.has_moved = true;
            }
        }
        // While a fault stands only a change proves an arrival: the same reading again may be that of a stuck sensor.
        if position == run.goal.end() && (is_change || self.is_faultless()) {
            effects.motor = Some(Drive::Stop);
            self.arrive(run, effects);
        }
    }

    fn bolt_sensed_resting(&mut self, position: BoltPosition, effects: &mut Effects) {
        if position == self.facts.bolt.value() {
            return;
        }
        let cause = self.facts.bolt.sensed_cause(position);
        self.note_bolt(position, cause, effects);
        match position {
            BoltPosition::Extended => {
                self.clear_fault(cause);
                self.stop_relock(effects);
            }
            BoltPosition::Retracted => {
                self.clear_fault(cause);
                self.start_relock(self.plan(Afterwards::Settings), effects);
                if cause == Cause::Manual {
                    self.end_privacy(effects);
                }
            }
            // A drive that a power cut ended half way: the bolt waits to be thrown like a withdrawn one.
            BoltPosition::Between if matches!(self.relock, Relock::AtBoot { .. }) => {
                self.start_relock(self.plan(Afterwards::Settings), effects);
            }
            BoltPosition::Between | BoltPosition::Unknown => {}
        }
    }

    /// Half way is on the way: the ends, and a sensor that fell silent, are what people ask about later.
    fn note_bolt(&mut self, position: BoltPosition, cause: Cause, effects: &mut Effects) {
        self.facts.note_bolt(position, cause, self.now);
        if position != BoltPosition::Between {
            effects.happened.add(Happened::Bolt(position), cause);
        }
    }

    /// Whoever turns the bolt back by hand leaves the room, or is let in by a key: privacy has served its purpose, and would lock
    /// out those who come home.
    fn end_privacy(&mut self, effects: &mut Effects) {
        if self.facts.mode.value() == Mode::Privacy {
            self.set_mode(Mode::Normal, Cause::Manual, effects);
        }
    }
}
