//! A naive model of what an observer outside the lock may expect: it keeps what happened, and computes from that.

use lock_proto::{Alarm, BoltPosition, BootReason, DoorState, Fault, Motion, Outcome, Status};
use lock_state::{DoorReading, Drive, Effects, Initiative, Saved};

/// What happened since the boot, as far as anybody outside can know it.
#[derive(Debug)]
pub(crate) struct Observer {
    bolt: BoltPosition,
    /// Whether the sensor saw the bolt come to an end since the last judgement, or the motor stalled while it saw it there.
    arrived: bool,
    fault: Fault,
    door: DoorReading,
    /// What the motor was last told.
    motor: Drive,
    /// The command that is under way.
    open: Option<u64>,
    /// The command that was given with this input and may end with it.
    fresh: Option<u64>,
    /// The wrong codes that were counted and not taken back, and for how long the keypad rests at most.
    wrong: u32,
    limit: u32,
    floor: u64,
    version: u32,
    /// Whether a brown-out holds back what the lock would move by itself.
    is_held: bool,
}

/// The longest rest of the keypad after so many wrong codes, in milliseconds: a minute, doubled with each, at most an hour.
fn longest_rest(wrong: u32, limit: u32) -> u64 {
    if wrong < limit { 0 } else { (60_000_u64 << (wrong - limit).min(6)).min(3_600_000) }
}

impl Observer {
    pub(crate) fn at_boot(saved: &Saved, reason: BootReason, version: u32, limit: u32) -> Self {
        let is_held = reason == BootReason::BrownOut || saved.initiative == Initiative::Held;
        Self {
            is_held,
            bolt: BoltPosition::Unknown,
            arrived: false,
            fault: Fault::None,
            door: DoorReading::Silent,
            motor: Drive::Stop,
            open: None,
            fresh: None,
            wrong: saved.wrong_codes.into(),
            limit,
            floor: saved.clock_floor.0,
            version,
        }
    }

    pub(crate) fn bolt_read(&mut self, position: BoltPosition) {
        let is_end = matches!(position, BoltPosition::Extended | BoltPosition::Retracted);
        self.arrived |= is_end && position != self.bolt;
        self.bolt = position;
    }

    pub(crate) fn motor_stalled(&mut self) {
        self.arrived |= matches!(self.bolt, BoltPosition::Extended | BoltPosition::Retracted);
    }

    pub(crate) fn door_read(&mut self, reading: DoorReading) {
        let both = [self.door, reading];
        let moves = [DoorReading::Open, DoorReading::Closed].iter().all(|one| both.contains(one));
        self.is_held &= !moves;
        self.door = reading;
    }

    /// Somebody asked for something and got it, or the battery was read and may be another.
    pub(crate) fn freed(&mut self) {
        self.is_held = false;
    }

    /// An attempt was counted.
    pub(crate) fn counted(&mut self) {
        self.wrong = (self.wrong + 1).min(255);
    }

    /// A command is given that ends at once.
    pub(crate) fn gave(&mut self, command: u64) {
        self.fresh = Some(command);
    }

    pub(crate) fn began(&mut self, command: u64) {
        assert!(self.open.is_none(), "command {:?} is still under way", self.open);
        self.open = Some(command);
    }

    /// An order overtook the command that was under way.
    pub(crate) fn overtake(&mut self, effects: &Effects) {
        if let Some(superseded) = effects.superseded {
            assert_eq!(self.open.take(), Some(superseded.0), "superseded");
        }
    }

    /// Judges what one input made of it.
    pub(crate) fn judge(&mut self, effects: &Effects, status: &Status, saved: &Saved) {
        self.commands(effects, status);
        self.evidence(effects, status);
        self.faults(status);
        self.deadlines(status, saved);
        if let Some(motor) = effects.motor {
            let is_own = self.is_held && motor != Drive::Stop;
            assert!(!is_own, "{motor:?} by itself after a brown-out");
            self.motor = motor;
        }
        self.motor_is_what_is_said(status);
        assert!(effects.alarms.iter().count() <= 2);
        assert!(saved.clock_floor.0 >= self.floor, "the floor went back");
        self.floor = saved.clock_floor.0;
        assert!(status.configuration >= self.version, "the version went back");
        self.version = status.configuration;
    }

    /// A command ends once, and none waits for a motor at rest.
    fn commands(&mut self, effects: &Effects, status: &Status) {
        self.overtake(effects);
        if let Some(finished) = effects.finished {
            // One that moves nothing ends at once, beside one that is under way.
            let is_at_once = self.fresh.take() == Some(finished.command.0);
            let is_open = self.open == Some(finished.command.0);
            assert!(is_at_once || is_open, "{finished:?} of {:?}", self.open);
            if is_open {
                self.open = None;
                let is_done = finished.outcome == Outcome::Done;
                assert!(!is_done || status.motion != Motion::Extending, "done while it moves out");
            }
        }
        self.fresh = None;
        assert!(self.open.is_none() || status.motion != Motion::Still, "a command waits for nothing");
    }

    /// Property 15: "locked" is said on the sensor's word alone, and a bolt's reading is the last that came.
    fn evidence(&self, effects: &Effects, status: &Status) {
        assert_eq!(status.bolt.value, self.bolt);
        let is_open = self.door == DoorReading::Open;
        if status.is_locked() {
            assert!(self.bolt == BoltPosition::Extended, "locked without evidence");
            assert!(!is_open || status.door.value == DoorState::Faulty, "locked and open");
        }
        if status.door.value != DoorState::Faulty {
            assert_eq!(status.door.value.is_open(), is_open);
            assert_eq!(status.door.value == DoorState::Closed, self.door == DoorReading::Closed);
        }
        let jams = [Alarm::Jammed, Alarm::ClutchFailed];
        if jams.into_iter().any(|jam| effects.alarms.contains(jam)) {
            assert!(!status.is_locked(), "a jam is never locked");
        }
    }

    /// A jam ends when the sensor sees the bolt come to an end, or at one with the motor against its stop; never by time or wish.
    fn faults(&mut self, status: &Status) {
        let stuck = [Fault::Jammed, Fault::MotorTimeout, Fault::ClutchFailed];
        let is_over = stuck.contains(&self.fault) && status.fault.value == Fault::None;
        assert!(!is_over || self.arrived, "{:?} ended without evidence", self.fault);
        (self.fault, self.arrived) = (status.fault.value, false);
    }

    /// Property 13: the keypad rests no longer than the wrong codes ask for.
    fn deadlines(&mut self, status: &Status, saved: &Saved) {
        assert!(u32::from(saved.wrong_codes) <= self.wrong, "a wrong code that nobody typed");
        self.wrong = saved.wrong_codes.into();
        assert!(u64::from(saved.lockout_remaining) <= longest_rest(self.wrong, self.limit));
        assert_eq!(u64::from(status.lockout.0), u64::from(saved.lockout_remaining).div_ceil(1_000));
        let relock = status.relock_in.map(|left| u64::from(left.0));
        assert!(relock.is_none_or(|left| left <= 86_400));
    }

    fn motor_is_what_is_said(&self, status: &Status) {
        let expected: &[Drive] = match status.motion {
            Motion::Still | Motion::Pausing | Motion::HoldingLatch => &[Drive::Stop],
            Motion::Extending => &[Drive::Extend],
            Motion::Retracting => &[Drive::Retract],
            Motion::Relieving => &[Drive::Extend, Drive::Retract],
            Motion::Unlatching => &[Drive::PullLatch],
            Motion::Releasing => &[Drive::ReleaseLatch],
        };
        assert!(expected.contains(&self.motor), "{:?} while {:?}", self.motor, status.motion);
    }
}
