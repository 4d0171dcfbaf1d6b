//! What people do to the door.

use lock_core::proto::Millivolts;
use lock_core::state::Observation;

use super::battery::{self, Battery};
use super::latch::SpringLatch;
use super::{BoltInTheWay, Case, Cover, Door, MotorHolds, Press, Side, World};

/// Presses on the keypad that wait for the controller at most; more are lost, as on a real one.
const MAX_PRESSES: usize = 4;
/// A door closes over a bolt that sticks out less than this, in micrometres.
const FLUSH: u32 = 2_000;

impl World {
    /// A hand turns the thumb-turn to this end.
    ///
    /// # Errors
    /// [`MotorHolds`].
    pub fn turn(&mut self, side: Side) -> Result<(), MotorHolds> {
        if self.mechanism.turn(side) { Ok(()) } else { Err(MotorHolds) }
    }

    /// Somebody opens or closes the door.
    ///
    /// # Errors
    /// [`BoltInTheWay`], in both directions.
    pub fn move_door(&mut self, door: Door) -> Result<(), BoltInTheWay> {
        if door != self.door && self.mechanism.position() > FLUSH {
            return Err(BoltInTheWay);
        }
        self.door = door;
        Ok(())
    }

    /// Somebody breaks the closed door open: the frame gives, and a thrown bolt stays thrown.
    pub fn break_open(&mut self) {
        self.door = Door::Open;
    }

    /// A case with or without a latch is put in; its latch is out.
    pub fn set_case(&mut self, case: Case) {
        (self.case, self.latch) = (case, SpringLatch::sprung());
    }

    /// The cover comes off, or is put on.
    pub fn set_cover(&mut self, cover: Cover) {
        self.cover = cover;
    }

    /// Something besides that the firmware's drivers see: a part that is silent, a cover that opens, a radio that hears.
    pub fn observe(&mut self, observation: Observation) {
        self.observations.push_back(observation);
    }

    /// Other cells are put in, with this resting voltage together. The lock's own capacitor bridges the change.
    pub fn replace_battery(&mut self, resting: Millivolts) {
        self.battery = Battery::with_charge(u64::from(resting.0) * battery::NANOVOLTS_PER_MILLIVOLT);
    }

    /// Something besides the motor takes so much of the charge, as resting voltage.
    pub fn drain(&mut self, taken: Millivolts) {
        self.battery.take(taken);
    }

    /// Somebody presses something on the keypad. It keeps four presses; more are lost.
    pub fn press(&mut self, press: Press) {
        if self.presses.len() < MAX_PRESSES {
            self.presses.push_back(press);
        }
    }
}
