//! What one input brought about that belongs into the log (protocol section 7.7).

use lock_proto::{BoltPosition, Cause, Mode, Reason, Target};

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Happened {
    /// The bolt or latch was told to go there.
    Asked(Target),
    /// The sensor saw the bolt at an end, or fell silent.
    Bolt(BoltPosition),
    /// Somebody was refused.
    Refused(Reason),
    /// A mode came in force.
    Mode(Mode),
    /// The cloud told the time to a clock that was not trusted.
    ClockSet,
    /// The clock is no longer trusted.
    ClockLost,
    /// A factory reset wipes the configuration.
    FactoryReset,
}

/// Something that happened, and who or what caused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Happening {
    /// What.
    pub what: Happened,
    /// By whom or what.
    pub cause: Cause,
}

/// What one input brought about, in order: no more than five, since no input has more consequences than that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Happenings([Option<Happening>; 5]);

impl Happenings {
    /// Nothing.
    pub const NONE: Self = Self([None; 5]);

    pub(crate) fn add(&mut self, what: Happened, cause: Cause) {
        let vacant = self.0.iter_mut().find(|place| place.is_none());
        debug_assert!(vacant.is_some(), "an input brought about a sixth: {what:?}");
        if let Some(place) = vacant {
            *place = Some(Happening { what, cause });
        }
    }

    /// What happened, in order.
    pub fn iter(&self) -> impl Iterator<Item = Happening> + '_ {
        self.0.iter().flatten().copied()
    }
}
