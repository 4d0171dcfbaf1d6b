//! The spring latch, where the motor reaches one: pulled back, held, let go.

use lock_proto::{Alarm, Cause, DriveEnd, Fault, Latch, LatchPosition, Outcome, Part, Uptime};

use super::{Lock, finish};
use crate::motor::{Afterwards, LATCH_LIMIT_MS, Motor, Run};
use crate::{Drive, Effects, Goal, Indication, Tables};

impl<T: Tables> Lock<T> {
    /// The latch's sensor was read: at boot, and whenever its reading changes.
    ///
    /// A change that the motor does not explain is a hand's on the handle.
    pub fn latch_sensed(&mut self, position: LatchPosition, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            if position == lock.facts.latch.value() {
                return;
            }
            let cause = match lock.motor {
                Motor::Pulling { run, .. } => run.cause,
                Motor::Holding { .. } | Motor::Releasing { .. } => lock.facts.target.cause(),
                Motor::Resting | Motor::Driving(_) | Motor::Relieving { .. } | Motor::Pausing { .. } => {
                    lock.facts.latch.sensed_cause(position)
                }
            };
            lock.facts.note_latch(position, cause, lock.now);
            match (&lock.motor, position) {
                (Motor::Pulling { run, .. }, LatchPosition::Held) => {
                    let run = *run;
                    lock.pulled(run, effects);
                }
                (Motor::Releasing { then, .. }, LatchPosition::Engaged) => {
                    let then = *then;
                    lock.released(then, effects);
                }
                _ => {}
            }
        })
    }

    /// A stall at the end of a pull, or the end of its time. Where a sensor should have seen it and did not, it has failed.
    pub(super) fn pull_ended(&mut self, run: Run, effects: &mut Effects) {
        let is_sensed = self.configuration.settings().mechanics.latch == Latch::Sensed;
        if !is_sensed || self.facts.latch.value() == LatchPosition::Held {
            self.pulled(run, effects);
            return;
        }
        self.facts.note_fault(Fault::Jammed, Cause::Mechanism, self.now);
        self.history.ended(&run, DriveEnd::Stalled, self.now);
        effects.alarms.raise(Alarm::Jammed);
        effects.indicate = Some(Indication::Jammed);
        finish(run.command, Outcome::Jammed, effects);
        self.start_relock(self.plan(run.afterwards), effects);
        self.release(None, effects);
    }

    fn pulled(&mut self, run: Run, effects: &mut Effects) {
        effects.motor = Some(Drive::Stop);
        self.hold(None);
        self.start_relock(self.plan(run.afterwards), effects);
        finish(run.command, Outcome::Done, effects);
    }

    fn hold(&mut self, then: Option<Run>) {
        let seconds = self.configuration.settings().mechanics.latch_hold;
        self.motor = Motor::Holding { until: self.now.plus_millis(u64::from(seconds) * 1_000), then };
        self.facts.count_change();
    }

    /// An order while the latch is pulled, held or let go: the bolt is withdrawn, and is thrown only behind a latch that was let go.
    /// One that is not sensed withdrawn, since the sensor is silent or a hand turned it, is driven again behind it as well.
    pub(super) fn begin_with_latch(&mut self, run: Run, effects: &mut Effects) {
        let is_held = matches!(self.motor, Motor::Holding { .. });
        // A leg of an exercise is waited for like the bolt that is thrown: it is not over when the latch is let go.
        let is_withdrawn = self.facts.bolt.value() == Goal::Unlocked.end();
        let must_wait = run.goal == Goal::Locked || run.afterwards == Afterwards::NextLeg || !is_withdrawn;
        match run.goal {
            _ if must_wait && matches!(self.motor, Motor::Releasing { .. }) => self.then(Some(run)),
            _ if must_wait => self.release(Some(run), effects),
            Goal::Locked => {}
            Goal::Unlatched if is_held => {
                self.hold(None);
                self.start_relock(self.plan(run.afterwards), effects);
                finish(run.command, Outcome::Done, effects);
            }
            Goal::Unlatched => {
                self.pull(run, effects);
                self.facts.count_change();
            }
            Goal::Unlocked => {
                if matches!(self.motor, Motor::Pulling { .. }) {
                    self.release(None, effects);
                } else {
                    self.then(None);
                }
                self.start_relock(self.plan(run.afterwards), effects);
                finish(run.command, Outcome::Done, effects);
            }
        }
    }

    fn then(&mut self, next: Option<Run>) {
        if let Motor::Holding { then, .. } | Motor::Releasing { then, .. } = &mut self.motor {
            *then = next;
        }
    }

    /// Lets the latch go; what is to come after waits for it.
    pub(super) fn release(&mut self, then: Option<Run>, effects: &mut Effects) {
        effects.motor = Some(Drive::ReleaseLatch);
        self.motor = Motor::Releasing { until: self.now.plus_millis(LATCH_LIMIT_MS), then };
        self.facts.count_change();
    }

    /// A stall at the end of the release, the end of its time, or the sensor.
    pub(super) fn released(&mut self, then: Option<Run>, effects: &mut Effects) {
        let is_sensed = self.configuration.settings().mechanics.latch == Latch::Sensed;
        if is_sensed && self.facts.latch.value() == LatchPosition::Held {
            self.history.parts.bolt_sensor = Part::Contradictory;
            effects.alarms.raise(Alarm::SensorFault);
        }
        effects.motor = Some(Drive::Stop);
        self.motor = Motor::Resting;
        self.facts.count_change();
        match then.map(|run| Run { began: self.now, since: self.now, ..run }) {
            Some(run) if self.facts.bolt.value() == run.goal.end() && self.is_faultless() => {
                self.arrive(run, effects);
            }
            Some(run) => self.drive(run, effects),
            None => {}
        }
    }
}
