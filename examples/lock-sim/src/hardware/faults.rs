//! What breaks, wears out or is put right again, by the world and not by the lock.

use lock_core::proto::Celsius;

use super::{Gearing, Strike, Wear, Wiring, World};

impl World {
    /// The frame warps, or is put right.
    pub fn set_strike(&mut self, strike: Strike) {
        self.strike = strike;
    }

    /// The switches' wires break, or are mended.
    pub fn set_wiring(&mut self, wiring: Wiring) {
        self.wiring = wiring;
    }

    /// The clutch between motor and bolt wears out, or is replaced.
    pub fn set_gearing(&mut self, gearing: Gearing) {
        self.gearing = gearing;
    }

    /// The gears wear, or are replaced.
    pub fn set_wear(&mut self, wear: Wear) {
        self.wear = wear;
    }

    /// The wire of the door's contact breaks, or is mended.
    pub fn set_door_wiring(&mut self, wiring: Wiring) {
        self.door_wiring = wiring;
    }

    /// Something takes so much from the battery by day and night, in nanovolts of resting voltage a millisecond; 12 is a volt a day.
    pub fn set_leak(&mut self, nanovolts_per_milli: u64) {
        self.leak = nanovolts_per_milli;
    }

    /// It becomes warmer or colder.
    pub fn set_temperature(&mut self, temperature: Celsius) {
        self.temperature = temperature;
    }
}
