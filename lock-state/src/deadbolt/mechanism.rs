//! Bolt, door, motor and battery: what is sensed, and how a drive begins and ends.

use lock_proto::{
    Alarm, BoltPosition, Cause, CommandId, DoorPosition, Fault, Millivolts, Outcome, Seconds, Uptime,
};

use super::Deadbolt;
use crate::motor::{Motor, Run};
use crate::relock::Relock;
use crate::{BatteryLevel, Drive, Effects, Finished, Indication, MotionAction};

impl<const PINS: usize> Deadbolt<PINS> {
    /// The bolt's sensor was read: at boot, and whenever its reading changes; reading it more often does no harm.
    ///
    /// A change while the motor rests is a hand's. A fault ends when the bolt arrives at an end, and never by time.
    pub fn bolt_sensed(&mut self, position: BoltPosition, now: Uptime) -> Effects {
        self.step(now, |lock, effects| match lock.motor.run() {
            Some(run) => lock.bolt_sensed_driving(run, position, effects),
            None => lock.bolt_sensed_resting(position, effects),
        })
    }

    /// The door's sensor was read: at boot, and whenever its reading changes; reading it more often does no harm.
    ///
    /// A door that opens while the bolt is being thrown has it withdrawn again, so that it does not close onto a thrown bolt.
    pub fn door_sensed(&mut self, position: DoorPosition, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            let before = lock.facts.door.value();
            if position == before {
                return;
            }
            let cause = lock.facts.door.sensed_cause(position);
            lock.facts.note_door(position, cause, lock.now);
            match position {
                DoorPosition::Open => lock.door_opened(effects),
                DoorPosition::Closed => lock.door_closed(before, effects),
                DoorPosition::Unknown => {}
            }
        })
    }

    /// The motor stalled; its driver has cut the current. Without a drive under way it means nothing.
    ///
    /// A stall is a jam, unless the sensor sees the bolt at the end it was driven to.
    pub fn motor_stalled(&mut self, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            if let Some(run) = lock.motor.run() {
                lock.end_drive(run, Fault::Jammed, effects);
            }
        })
    }

    /// The battery was read while the motor rested.
    pub fn battery_read(&mut self, resting: Millivolts, now: Uptime) -> Effects {
        self.step(now, |lock, effects| {
            let before = lock.battery.read(resting, lock.now);
            let level = lock.battery.level();
            if level == before {
                return;
            }
            lock.facts.count_change();
            let is_worse = match level {
                BatteryLevel::Critical => true,
                BatteryLevel::Low => before != BatteryLevel::Critical,
                BatteryLevel::Good | BatteryLevel::Unknown => false,
            };
            if is_worse {
                effects.alarm = Some(Alarm::BatteryLow);
                effects.indicate = Some(Indication::BatteryLow);
            }
            if before == BatteryLevel::Critical && matches!(lock.relock, Relock::Held) {
                lock.start_relock(effects);
            }
        })
    }

    /// Moves the bolt to the end of `goal`, or finds it there. While a fault stands it is moved in any case: the sensor may be
    /// stuck where it says the end is.
    pub(super) fn begin(
        &mut self,
        goal: MotionAction,
        cause: Cause,
        command: Option<CommandId>,
        effects: &mut Effects,
    ) {
        self.facts.note_target(goal.target(), cause, self.now);
        let mut run = Run { goal, cause, command, since: self.now };
        match self.motor.run() {
            None if self.facts.bolt.value() == goal.end() && self.is_faultless() => {
                self.arrive(run, effects);
                return;
            }
            None => effects.motor = Some(goal.drive()),
            Some(earlier) => {
                effects.superseded = earlier.command;
                if earlier.goal == goal {
                    run.since = earlier.since;
                } else {
                    effects.motor = Some(goal.drive());
                }
            }
        }
        self.motor = Motor::Driving(run);
        self.stop_relock(effects);
    }

    fn bolt_sensed_driving(&mut self, run: Run, position: BoltPosition, effects: &mut Effects) {
        let is_change = position != self.facts.bolt.value();
        if is_change {
            let cause = if position == BoltPosition::Unknown { Cause::Mechanism } else { run.cause };
            self.facts.note_bolt(position, cause, self.now);
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
        self.facts.note_bolt(position, cause, self.now);
        match position {
            BoltPosition::Extended => {
                self.clear_fault(cause);
                self.stop_relock(effects);
            }
            BoltPosition::Retracted => {
                self.clear_fault(cause);
                self.start_relock(effects);
            }
            // A drive that a power cut ended half way: the bolt waits to be thrown like a withdrawn one.
            BoltPosition::Between if matches!(self.relock, Relock::AtBoot { .. }) => {
                self.start_relock(effects);
            }
            BoltPosition::Between | BoltPosition::Unknown => {}
        }
    }

    /// The sensor sees the bolt at the end of the run: the only way in which one succeeds.
    fn arrive(&mut self, run: Run, effects: &mut Effects) {
        self.motor = Motor::Resting;
        self.facts.count_change();
        self.clear_fault(run.cause);
        finish(run, Outcome::Done, effects);
        match run.goal {
            MotionAction::Lock => self.stop_relock(effects),
            MotionAction::Unlock => self.start_relock(effects),
        }
    }

    /// A stall, or the end of the motor's time. What it means depends on the sensor alone; to people, a bolt that did not arrive is
    /// jammed, whatever stopped it.
    pub(super) fn end_drive(&mut self, run: Run, fault: Fault, effects: &mut Effects) {
        effects.motor = Some(Drive::Stop);
        if self.facts.bolt.value() == run.goal.end() {
            self.arrive(run, effects);
            return;
        }
        self.motor = Motor::Resting;
        self.facts.note_fault(fault, Cause::Mechanism, self.now);
        let outcome = match fault {
            Fault::MotorTimeout => Outcome::TimedOut,
            Fault::Jammed | Fault::None => Outcome::Jammed,
        };
        finish(run, outcome, effects);
        effects.alarm = Some(Alarm::Jammed);
        effects.indicate = Some(Indication::Jammed);
    }

    fn is_faultless(&self) -> bool {
        self.facts.fault.value() == Fault::None
    }

    fn clear_fault(&mut self, cause: Cause) {
        if !self.is_faultless() {
            self.facts.note_fault(Fault::None, cause, self.now);
        }
    }

    fn door_opened(&mut self, effects: &mut Effects) {
        if matches!(self.motor.run(), Some(run) if run.goal == MotionAction::Lock) {
            self.begin(MotionAction::Unlock, Cause::Manual, None, effects);
        } else if matches!(self.relock, Relock::Running { .. }) {
            self.relock = Relock::Held;
            self.facts.count_change();
            effects.save = true;
        }
    }

    /// A held relock starts; so does one that was given up, when the door was opened and closed again.
    fn door_closed(&mut self, before: DoorPosition, effects: &mut Effects) {
        let is_withdrawn = matches!(self.facts.bolt.value(), BoltPosition::Retracted | BoltPosition::Between);
        let is_closing = before == DoorPosition::Open && is_withdrawn && self.motor.run().is_none();
        if is_closing || matches!(self.relock, Relock::Held) {
            self.start_relock(effects);
        }
    }

    /// Starts the delay: what remained at boot, or the whole of it. With the door open it is held.
    pub(super) fn start_relock(&mut self, effects: &mut Effects) {
        let setting = self.configuration.auto_relock();
        if setting == Seconds(0) {
            self.stop_relock(effects);
            return;
        }
        let delay = match self.relock {
            Relock::AtBoot { remaining_ms: Some(remaining) } => setting.as_millis().min(remaining.into()),
            Relock::AtBoot { remaining_ms: None } | Relock::Idle | Relock::Running { .. } | Relock::Held => {
                setting.as_millis()
            }
        };
        self.relock = match self.facts.door.value() {
            DoorPosition::Open => Relock::Held,
            DoorPosition::Closed | DoorPosition::Unknown => {
                Relock::Running { due: self.now.plus_millis(delay) }
            }
        };
        self.facts.count_change();
        effects.save = true;
    }

    /// Forgets the delay.
    pub(super) fn stop_relock(&mut self, effects: &mut Effects) {
        if !matches!(self.relock, Relock::Idle) {
            self.relock = Relock::Idle;
            self.facts.count_change();
            effects.save = true;
        }
    }
}

fn finish(run: Run, outcome: Outcome, effects: &mut Effects) {
    if let Some(command) = run.command {
        effects.finished = Some(Finished { command, outcome });
    }
}
