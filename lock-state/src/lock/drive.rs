//! How a drive of the bolt begins, is tried again, and ends.

use lock_proto::{Alarm, BoltPosition, Cause, CommandId, DriveEnd, Fault, Latch, Outcome, Uptime};

use super::{Lock, finish};
use crate::motor::{
    Afterwards, BACK_OFF_MS, LATCH_LIMIT_MS, Motor, Next, RELIEF_MS, Run, SETTLE_MS, is_early_stall, limit_ms,
};
use crate::{Drive, Effects, Goal, Happened, Indication, Tables};

impl<T: Tables> Lock<T> {
    /// The motor stalled; its driver has cut the current. Without a drive under way it means nothing.
    ///
    /// A stall at the end that the bolt was driven to, by its sensor, is an arrival. Otherwise the motor stops, backs off a little to
    /// take the pressure from the bolt, waits, and tries again as often as the setting says; then it is a jam.
    ///
    /// Where the sensor is silent a bolt at its end stalls the motor as well, and nothing tells it from a jam but the time: a stall
    /// that does not come clearly before the learned travel is the sensor's fault, and is not tried again.
    pub fn motor_stalled(&mut self, now: Uptime) -> Effects {
        self.step(now, |lock, effects| match lock.motor {
            Motor::Driving(run) => lock.bolt_stalled(run, effects),
            Motor::Relieving { run, .. } => lock.back_off(run, effects),
            Motor::Pulling { run, .. } => lock.pull_ended(run, effects),
            Motor::Releasing { then, .. } => lock.released(then, effects),
            Motor::Resting | Motor::Pausing { .. } | Motor::Holding { .. } => {}
        })
    }

    /// Moves bolt and latch to `goal`, or finds them there. While a fault stands the bolt is moved in any case: the sensor may be
    /// stuck where it says the end is.
    pub(super) fn begin(
        &mut self,
        goal: Goal,
        cause: Cause,
        command: Option<CommandId>,
        afterwards: Afterwards,
        effects: &mut Effects,
    ) {
        if afterwards != Afterwards::NextLeg {
            self.abandon_exercise(effects);
        }
        self.note_asked(cause);
        self.facts.note_target(goal.target(), cause, self.now);
        effects.happened.add(Happened::Asked(goal.target()), cause);
        let run = Run {
            goal,
            cause,
            command,
            afterwards,
            began: self.now,
            since: self.now,
            attempt: 1,
            has_moved: false,
            limit_ms: limit_ms(goal, self.upkeep.travel),
        };
        if let Some(earlier) = self.motor.run() {
            if earlier.command.is_some() {
                effects.superseded = earlier.command;
            }
            self.history.ended(&earlier, DriveEnd::Superseded, self.now);
        }
        match self.motor {
            Motor::Resting if self.facts.bolt.value() == goal.end() && self.is_faultless() => {
                self.arrive(run, effects);
            }
            Motor::Resting => self.drive(run, effects),
            Motor::Driving(earlier)
            | Motor::Relieving { run: earlier, .. }
            | Motor::Pausing { run: earlier, .. } => {
                self.take_over(earlier, run, effects);
            }
            Motor::Pulling { .. } | Motor::Holding { .. } | Motor::Releasing { .. } => {
                self.begin_with_latch(run, effects);
            }
        }
    }

    /// An order while the bolt moves, backs off or waits: the same way goes on with the attempts that are left, the other starts.
    fn take_over(&mut self, earlier: Run, run: Run, effects: &mut Effects) {
        if earlier.goal.end() != run.goal.end() {
            self.drive(run, effects);
            return;
        }
        let run = Run {
            began: earlier.began,
            since: earlier.since,
            attempt: earlier.attempt,
            has_moved: earlier.has_moved,
            ..run
        };
        match &mut self.motor {
            Motor::Driving(under_way)
            | Motor::Relieving { run: under_way, .. }
            | Motor::Pausing { run: under_way, .. } => *under_way = run,
            Motor::Resting | Motor::Pulling { .. } | Motor::Holding { .. } | Motor::Releasing { .. } => {}
        }
        self.stop_relock(effects);
    }

    /// Starts an attempt.
    pub(super) fn drive(&mut self, run: Run, effects: &mut Effects) {
        let run = Run { since: self.now, has_moved: false, ..run };
        effects.motor = Some(run.goal.drive());
        self.upkeep.drives = self.upkeep.drives.saturating_add(1);
        self.motor = Motor::Driving(run);
        self.facts.count_change();
        self.stop_relock(effects);
    }

    fn bolt_stalled(&mut self, run: Run, effects: &mut Effects) {
        if self.facts.bolt.value() == run.goal.end() {
            effects.motor = Some(Drive::Stop);
            self.arrive(run, effects);
            return;
        }
        let is_early = is_early_stall(run.goal, self.upkeep.travel, self.now.millis_since(run.since));
        if self.facts.bolt.value() == BoltPosition::Unknown && !is_early {
            self.give_up(run, Fault::BoltSensor, effects);
            return;
        }
        self.upkeep.stalls = self.upkeep.stalls.saturating_add(1);
        if run.attempt > self.configuration.settings().mechanics.retries {
            self.give_up(run, Fault::Jammed, effects);
            return;
        }
        self.pause(run, SETTLE_MS, Next::Relief, effects);
    }

    fn relieve(&mut self, run: Run, effects: &mut Effects) {
        effects.motor = Some(run.goal.relief());
        self.motor = Motor::Relieving { run, until: self.now.plus_millis(RELIEF_MS) };
        self.facts.count_change();
    }

    /// The wait before the next attempt: longer each time.
    fn back_off(&mut self, run: Run, effects: &mut Effects) {
        let before = usize::from(run.attempt.saturating_sub(1)).min(BACK_OFF_MS.len().saturating_sub(1));
        let wait = BACK_OFF_MS.get(before).copied().unwrap_or(RELIEF_MS);
        self.pause(run, wait, Next::Attempt, effects);
    }

    fn pause(&mut self, run: Run, wait_ms: u64, next: Next, effects: &mut Effects) {
        effects.motor = Some(Drive::Stop);
        self.motor = Motor::Pausing { run, until: self.now.plus_millis(wait_ms), next };
        self.facts.count_change();
    }

    /// What is due of the motor.
    pub(super) fn motor_due(&mut self, effects: &mut Effects) {
        match self.motor {
            Motor::Driving(run) => self.run_out(run, effects),
            Motor::Relieving { run, .. } => self.back_off(run, effects),
            Motor::Pausing { run, next: Next::Relief, .. } => self.relieve(run, effects),
            Motor::Pausing { run, next: Next::Attempt, .. } => {
                self.drive(Run { attempt: run.attempt.saturating_add(1), ..run }, effects);
            }
            Motor::Pulling { run, .. } => self.pull_ended(run, effects),
            Motor::Holding { then, .. } => self.release(then, effects),
            Motor::Releasing { then, .. } => self.released(then, effects),
            Motor::Resting => {}
        }
    }

    /// The end of the motor's time. What it means depends on the sensor alone: a bolt that did not move although the motor met no
    /// resistance is not coupled to it. Where a fault stands and nothing changed, the sensor proves nothing new: it stands on.
    fn run_out(&mut self, run: Run, effects: &mut Effects) {
        if self.facts.bolt.value() == run.goal.end() && (run.has_moved || self.is_faultless()) {
            effects.motor = Some(Drive::Stop);
            self.arrive(run, effects);
            return;
        }
        self.upkeep.timeouts = self.upkeep.timeouts.saturating_add(1);
        let fault = match self.facts.bolt.value() {
            BoltPosition::Unknown => Fault::BoltSensor,
            BoltPosition::Extended | BoltPosition::Retracted if !run.has_moved => Fault::ClutchFailed,
            BoltPosition::Extended | BoltPosition::Retracted | BoltPosition::Between => Fault::MotorTimeout,
        };
        self.give_up(run, fault, effects);
    }

    /// The sensor sees the bolt at the end of the run: the only way in which one succeeds.
    pub(super) fn arrive(&mut self, run: Run, effects: &mut Effects) {
        self.motor = Motor::Resting;
        self.facts.count_change();
        self.clear_fault(run.cause);
        self.history.ended(&run, DriveEnd::Arrived, self.now);
        match (run.afterwards, run.goal) {
            (Afterwards::NextLeg, _) => self.leg_done(run, effects),
            (Afterwards::Settings | Afterwards::After(_) | Afterwards::LockNGo, Goal::Unlatched)
                if self.configuration.settings().mechanics.latch != Latch::None =>
            {
                self.pull(run, effects);
            }
            (Afterwards::Settings | Afterwards::After(_) | Afterwards::LockNGo, Goal::Locked) => {
                self.stop_relock(effects);
                finish(run.command, Outcome::Done, effects);
            }
            (
                Afterwards::Settings | Afterwards::After(_) | Afterwards::LockNGo,
                Goal::Unlocked | Goal::Unlatched,
            ) => {
                self.start_relock(self.plan(run.afterwards), effects);
                finish(run.command, Outcome::Done, effects);
            }
        }
    }

    /// The bolt was not seen to arrive: to people it is jammed, whatever stopped it. Where no sensor says that it did not, it may
    /// have.
    pub(super) fn give_up(&mut self, run: Run, fault: Fault, effects: &mut Effects) {
        effects.motor = Some(Drive::Stop);
        self.motor = Motor::Resting;
        self.facts.note_fault(fault, Cause::Mechanism, self.now);
        let (outcome, end, alarm) = match fault {
            Fault::None | Fault::Jammed => (Outcome::Jammed, DriveEnd::Stalled, Alarm::Jammed),
            Fault::MotorTimeout => (Outcome::TimedOut, DriveEnd::TimedOut, Alarm::Jammed),
            Fault::ClutchFailed => (Outcome::TimedOut, DriveEnd::TimedOut, Alarm::ClutchFailed),
            Fault::BoltSensor => (Outcome::TimedOut, DriveEnd::TimedOut, Alarm::SensorFault),
        };
        self.history.ended(&run, end, self.now);
        effects.alarms.raise(alarm);
        effects.indicate = Some(Indication::Jammed);
        effects.save_upkeep = true;
        if run.afterwards == Afterwards::NextLeg {
            self.exercise_failed(outcome, effects);
            return;
        }
        finish(run.command, outcome, effects);
        if self.facts.bolt.value() == BoltPosition::Unknown {
            self.go_on_unseen(run, effects);
        }
    }

    /// What follows a drive that ended at a silent sensor, beside its fault. Whoever asked for the latch at the door has it pulled:
    /// behind a thrown bolt that is harmless, behind a withdrawn one it is the only way in. From afar nobody is known to stand there,
    /// and nobody sees that it worked. A bolt that may be withdrawn is thrown again like one that is, once: that drive has nothing
    /// after it.
    fn go_on_unseen(&mut self, run: Run, effects: &mut Effects) {
        let has_latch = self.configuration.settings().mechanics.latch != Latch::None;
        match run.goal {
            Goal::Locked => {}
            // Its outcome is told.
            Goal::Unlatched if has_latch && is_at_the_door(run.cause) => {
                self.pull(Run { command: None, ..run }, effects);
            }
            Goal::Unlocked | Goal::Unlatched => self.start_relock(self.plan(run.afterwards), effects),
        }
    }

    /// Pulls the latch.
    pub(super) fn pull(&mut self, run: Run, effects: &mut Effects) {
        effects.motor = Some(Drive::PullLatch);
        self.motor = Motor::Pulling { run, until: self.now.plus_millis(LATCH_LIMIT_MS) };
    }

    pub(super) fn is_faultless(&self) -> bool {
        self.facts.fault.value() == Fault::None
    }

    pub(super) fn clear_fault(&mut self, cause: Cause) {
        if !self.is_faultless() {
            self.facts.note_fault(Fault::None, cause, self.now);
        }
    }

    /// Stops the motor where it is, for a reset: a command under way is superseded.
    pub(super) fn halt(&mut self, effects: &mut Effects) {
        self.abandon_exercise(effects);
        if let Some(run) = self.motor.run() {
            if run.command.is_some() {
                effects.superseded = run.command;
            }
            self.history.ended(&run, DriveEnd::Superseded, self.now);
        }
        if !matches!(self.motor, Motor::Resting) {
            effects.motor = Some(Drive::Stop);
            self.motor = Motor::Resting;
            self.facts.count_change();
        }
    }

    pub(super) fn motor_deadline(&self) -> Option<Uptime> {
        self.motor.deadline()
    }
}

/// Whether it was somebody who stands before or behind the door and wants it open.
const fn is_at_the_door(cause: Cause) -> bool {
    match cause {
        Cause::VirtualKey | Cause::Credential { .. } | Cause::OfflineCode { .. } | Cause::Button => true,
        Cause::Unknown
        | Cause::Boot
        | Cause::RemoteLive
        | Cause::RemoteSealed
        | Cause::Manual
        | Cause::AutoRelock
        | Cause::Mechanism
        | Cause::Schedule
        | Cause::Battery
        | Cause::Reset => false,
    }
}
