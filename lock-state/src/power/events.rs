//! What a reading brought about.

use lock_proto::{Alarm, BatteryLevel};

/// How the level changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LevelChange {
    /// It became low from better.
    Low,
    /// It became critical.
    Critical,
    /// It became better, or was read for the first time and is good.
    Better,
}

impl LevelChange {
    /// The change from one level to another. After a replacement the old level was another battery's, so that a new one that is
    /// no better is told again.
    pub(super) fn between(before: BatteryLevel, after: BatteryLevel, replaced: bool) -> Option<Self> {
        if before == after && !replaced {
            return None;
        }
        match (before, after) {
            (_, BatteryLevel::Unknown) => None,
            (_, BatteryLevel::Critical) => Some(Self::Critical),
            (_, BatteryLevel::Good) => (before != after).then_some(Self::Better),
            (BatteryLevel::Critical, BatteryLevel::Low) if !replaced => Some(Self::Better),
            (
                BatteryLevel::Unknown | BatteryLevel::Good | BatteryLevel::Low | BatteryLevel::Critical,
                BatteryLevel::Low,
            ) => Some(Self::Low),
        }
    }
}

/// What a reading brought about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PowerEvents {
    /// The level changed.
    pub level: Option<LevelChange>,
    /// The battery was replaced.
    pub replaced: bool,
    /// It empties much faster than before; once for a battery.
    pub rapid_drain: bool,
    /// The battery is not what was set: see [`Plausibility`](super::Plausibility). Once for a battery.
    pub implausible: bool,
    /// [`Power::saved`](super::Power::saved) is worth writing.
    pub save: bool,
}

impl PowerEvents {
    /// Nothing.
    pub const NONE: Self =
        Self { level: None, replaced: false, rapid_drain: false, implausible: false, save: false };

    /// What people should hear about: by the level, and by the drain.
    #[must_use]
    pub fn alarms(&self) -> [Option<Alarm>; 2] {
        let level = match self.level {
            Some(LevelChange::Low) => Some(Alarm::BatteryLow),
            Some(LevelChange::Critical) => Some(Alarm::BatteryCritical),
            Some(LevelChange::Better) | None => None,
        };
        [level, self.rapid_drain.then_some(Alarm::BatteryDrain)]
    }
}
