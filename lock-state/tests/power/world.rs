//! A battery on a virtual clock.

use lock_proto::{Celsius, Millivolts, PowerSupply, Supply, UnixMillis, Uptime};
use lock_state::power::{Power, PowerEvents, Resting, SavedPower};

pub(crate) const HOUR: u64 = 3_600_000;
/// 2026-01-01T00:00:00Z, a whole hour.
pub(crate) const NEW_YEAR: u64 = 1_767_225_600_000;

pub(crate) struct World {
    pub(crate) power: Power,
    pub(crate) now: u64,
    pub(crate) supply: PowerSupply,
}

impl World {
    /// Four cells, at the first boot.
    pub(crate) fn with(supply: Supply) -> Self {
        Self::boot(SavedPower::default(), PowerSupply { supply, cells: 4 })
    }

    pub(crate) fn alkaline() -> Self {
        Self::with(Supply::Alkaline)
    }

    pub(crate) fn boot(saved: SavedPower, supply: PowerSupply) -> Self {
        Self { power: Power::restore(saved, supply, Uptime::from_millis(0)), now: 0, supply }
    }

    pub(crate) fn reboot(self) -> Self {
        Self::boot(self.power.saved(Uptime::from_millis(self.now)), self.supply)
    }

    pub(crate) fn now(&self) -> Uptime {
        Uptime::from_millis(self.now)
    }

    pub(crate) fn wait_hours(&mut self, hours: u64) {
        self.now += hours * HOUR;
    }

    /// A reading of the whole battery at 20 °C.
    pub(crate) fn read(&mut self, millivolts: u16) -> PowerEvents {
        self.read_at(millivolts, 20)
    }

    pub(crate) fn read_at(&mut self, millivolts: u16, degrees: i8) -> PowerEvents {
        let reading = Resting { voltage: Millivolts(millivolts), temperature: Some(Celsius(degrees)) };
        self.power.resting(reading, Uptime::from_millis(self.now), None)
    }

    pub(crate) fn read_dated(&mut self, millivolts: u16, time: u64) -> PowerEvents {
        let reading = Resting { voltage: Millivolts(millivolts), temperature: None };
        self.power.resting(reading, Uptime::from_millis(self.now), Some(UnixMillis(time)))
    }

    pub(crate) fn drive(&mut self, lowest: u16) -> PowerEvents {
        self.power.loaded(Millivolts(lowest), Uptime::from_millis(self.now))
    }

    pub(crate) fn days_left(&self) -> Option<u16> {
        self.power.days_left(self.now())
    }

    /// What four alkaline cells read at this charge, in tenths of a percent; exact from 30 to 100, where the curve is flat.
    pub(crate) fn alkaline_at(tenths: u16) -> u16 {
        (900..1_600)
            .find(|&cell| lock_state::power::Chemistry::ALKALINE.charge(Millivolts(cell)).tenths() >= tenths)
            .unwrap()
            * 4
    }
}
