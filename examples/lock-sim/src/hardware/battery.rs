//! Four alkaline cells: what they show at rest, and how far they sag under the motor.

use lock_core::proto::{Celsius, Millivolts};

pub(super) const NANOVOLTS_PER_MILLIVOLT: u64 = 1_000_000;
/// Four new cells at rest.
const FRESH: u64 = 6_300 * NANOVOLTS_PER_MILLIVOLT;
/// Below this under load the motor has no strength to move the bolt.
pub(super) const MOTOR_NEEDS: Millivolts = Millivolts(3_000);
/// Below this the processor and its radio do not run.
pub const RUNS_FROM: Millivolts = Millivolts(2_200);
/// The supervisor lets them start from here on: cells recover when the load is gone, and that alone is no new start.
pub const STARTS_FROM: Millivolts = Millivolts(2_500);
/// A run of 900 ms takes 0.3 mV of resting voltage: about 6,000 runs to 4.5 V.
const TURNING_NANOVOLTS_PER_MILLI: u64 = 333;
/// A blocked motor draws four times as much.
const BLOCKED_NANOVOLTS_PER_MILLI: u64 = 4 * TURNING_NANOVOLTS_PER_MILLI;
/// 400 mA through 0.6 ohm when new.
const TURNING_SAG: u16 = 240;
const BLOCKED_SAG: u16 = 4 * TURNING_SAG;

/// Degrees Celsius between which the cold counts.
const ROOM: i32 = 20;
const COLDEST: i32 = -20;

/// The charge of four cells, as their resting voltage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Battery {
    nanovolts: u64,
}

impl Battery {
    pub(super) const fn fresh() -> Self {
        Self { nanovolts: FRESH }
    }

    pub(super) const fn with_charge(nanovolts: u64) -> Self {
        Self { nanovolts }
    }

    pub(super) const fn nanovolts(self) -> u64 {
        self.nanovolts
    }

    pub(super) fn resting(self) -> Millivolts {
        Millivolts(u16::try_from(self.nanovolts / NANOVOLTS_PER_MILLIVOLT).unwrap_or(u16::MAX))
    }

    /// While the motor turns.
    pub(super) fn turning(self, at: Celsius) -> Millivolts {
        self.under(TURNING_SAG, at)
    }

    /// While the motor pushes against something.
    pub(super) fn blocked(self, at: Celsius) -> Millivolts {
        self.under(BLOCKED_SAG, at)
    }

    pub(super) fn drain(&mut self, turning_millis: u64, blocked_millis: u64) {
        let taken = turning_millis
            .saturating_mul(TURNING_NANOVOLTS_PER_MILLI)
            .saturating_add(blocked_millis.saturating_mul(BLOCKED_NANOVOLTS_PER_MILLI));
        self.nanovolts = self.nanovolts.saturating_sub(taken);
    }

    pub(super) fn take(&mut self, millivolts: Millivolts) {
        self.leak(u64::from(millivolts.0) * NANOVOLTS_PER_MILLIVOLT);
    }

    /// Something else takes so much of the resting voltage.
    pub(super) fn leak(&mut self, nanovolts: u64) {
        self.nanovolts = self.nanovolts.saturating_sub(nanovolts);
    }

    /// The inner resistance of old cells is higher: the sag doubles by 4.5 V. In the cold it is higher, too: fourfold at -20 °C.
    fn under(self, sag: u16, at: Celsius) -> Millivolts {
        let resting = self.resting().0;
        let worn = u16::try_from(FRESH / NANOVOLTS_PER_MILLIVOLT).unwrap_or(u16::MAX).saturating_sub(resting);
        let warm = u32::from(sag) + u32::from(sag) * u32::from(worn) / 1_800;
        let colder = u32::try_from(ROOM - i32::from(at.0).clamp(COLDEST, ROOM)).unwrap_or(0);
        let cold = warm * colder * 3 / u32::try_from(ROOM - COLDEST).unwrap_or(1);
        Millivolts(resting.saturating_sub(u16::try_from(warm + cold).unwrap_or(u16::MAX)))
    }
}
