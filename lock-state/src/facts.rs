//! What the lock knows about the door: separate facts, each with cause, age and place in the order of changes.

use lock_proto::{BoltPosition, Cause, DoorPosition, Fact, Fault, Seconds, Target, Uptime};

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
    pub(crate) target: Noted<Target>,
    pub(crate) door: Noted<DoorPosition>,
    pub(crate) fault: Noted<Fault>,
}

impl Facts {
    pub(crate) fn at_boot(now: Uptime) -> Self {
        Self {
            sequence: 0,
            reported: 0,
            bolt: Noted::at_boot(now),
            target: Noted::at_boot(now),
            door: Noted::at_boot(now),
            fault: Noted::at_boot(now),
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

    pub(crate) fn note_bolt(&mut self, value: BoltPosition, cause: Cause, now: Uptime) {
        let sequence = self.count_change();
        self.bolt = Noted { value, cause, since: now, sequence };
    }

    pub(crate) fn note_target(&mut self, value: Target, cause: Cause, now: Uptime) {
        let sequence = self.count_change();
        self.target = Noted { value, cause, since: now, sequence };
    }

    pub(crate) fn note_door(&mut self, value: DoorPosition, cause: Cause, now: Uptime) {
        let sequence = self.count_change();
        self.door = Noted { value, cause, since: now, sequence };
    }

    pub(crate) fn note_fault(&mut self, value: Fault, cause: Cause, now: Uptime) {
        let sequence = self.count_change();
        self.fault = Noted { value, cause, since: now, sequence };
    }
}
