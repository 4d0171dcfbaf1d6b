//! What the lock knows about the door: separate facts, each with cause, age and place in the order of changes.

use lock_proto::{
    BoltPosition, Calibration, Cause, DoorState, Fact, Fault, LatchPosition, Mode, Seconds, Target, Uptime,
};

/// A fact with the moment at which it became so.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Noted<T> {
    value: T,
    cause: Cause,
    since: Uptime,
    sequence: u32,
}

impl<T: Copy + Default> Noted<T> {
    fn at_boot(now: Uptime) -> Self {
        Self { value: T::default(), cause: Cause::Boot, since: now, sequence: 0 }
    }

    pub(crate) fn value(&self) -> T {
        self.value
    }

    pub(crate) fn cause(&self) -> Cause {
        self.cause
    }

    /// Who made a reading so that nothing of ours explains: the mechanism where a sensor falls silent, whoever silenced it where
    /// it speaks again (the boot, at first), and a hand otherwise. The default of `T` is "no reading".
    pub(crate) fn sensed_cause(&self, reading: T) -> Cause
    where
        T: PartialEq,
    {
        if reading == T::default() {
            Cause::Mechanism
        } else if self.value == T::default() {
            self.cause
        } else {
            Cause::Manual
        }
    }

    /// The fact as it is reported at `now`.
    pub(crate) fn report(&self, now: Uptime) -> Fact<T> {
        Fact {
            value: self.value,
            cause: self.cause,
            age: Seconds::from_millis(now.millis_since(self.since)),
            sequence: self.sequence,
        }
    }
}

/// All facts, under one counter of changes.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Facts {
    sequence: u32,
    reported: u32,
    pub(crate) bolt: Noted<BoltPosition>,
    pub(crate) latch: Noted<LatchPosition>,
    pub(crate) target: Noted<Target>,
    pub(crate) door: Noted<DoorState>,
    pub(crate) calibration: Noted<Calibration>,
    pub(crate) fault: Noted<Fault>,
    pub(crate) mode: Noted<Mode>,
}

/// One function for each fact: it counts the change and keeps who made it.
macro_rules! note {
    ($($name:ident, $fact:ident, $type:ty;)+) => {
        $(pub(crate) fn $name(&mut self, value: $type, cause: Cause, now: Uptime) {
            let sequence = self.count_change();
            self.$fact = Noted { value, cause, since: now, sequence };
        })+
    };
}

impl Facts {
    pub(crate) fn at_boot(calibration: Calibration, mode: Mode, now: Uptime) -> Self {
        Self {
            sequence: 0,
            reported: 0,
            bolt: Noted::at_boot(now),
            latch: Noted::at_boot(now),
            target: Noted::at_boot(now),
            door: Noted::at_boot(now),
            calibration: Noted { value: calibration, ..Noted::at_boot(now) },
            fault: Noted::at_boot(now),
            mode: Noted { value: mode, ..Noted::at_boot(now) },
        }
    }

    /// The number of the last change.
    pub(crate) const fn sequence(&self) -> u32 {
        self.sequence
    }

    /// Counts a change of something that is not kept here: motor, lockout, battery, clock, configuration.
    pub(crate) fn count_change(&mut self) -> u32 {
        self.sequence = self.sequence.saturating_add(1);
        self.sequence
    }

    /// Whether anything changed since the last call.
    pub(crate) fn take_changed(&mut self) -> bool {
        let changed = self.sequence != self.reported;
        self.reported = self.sequence;
        changed
    }

    note! {
        note_bolt, bolt, BoltPosition;
        note_latch, latch, LatchPosition;
        note_target, target, Target;
        note_door, door, DoorState;
        note_calibration, calibration, Calibration;
        note_fault, fault, Fault;
        note_mode, mode, Mode;
    }
}
