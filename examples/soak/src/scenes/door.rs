//! People at the door: hands, codes, a button, a frame that warps.

use lock_core::proto::{BoltPosition, Millivolts, Motion, Seconds};
use lock_sim::hardware::{Door, Press, Side, Strike};

use crate::arena::{Arena, Stranded};
use crate::oracle::Stimulus;
use lock_core::proto::PinDigits;

/// Longer than a scene that orders one motion.
const RELOCK_SOON: Seconds = Seconds(10);

impl Arena {
    pub(super) fn door_scene(&mut self) -> Result<(), Stranded> {
        for _ in 0..self.random.between(1, 6) {
            match self.random.below(8) {
                0 => self.turn(Side::Thrown)?,
                1 => self.turn(Side::Withdrawn)?,
                2 => self.press_lock_button()?,
                3 => self.enter_code()?,
                4 => self.move_door(Door::Open)?,
                5 => self.move_door(Door::Closed)?,
                6 => {
                    let strike = self.random.one_of(&[Strike::Aligned, Strike::Misaligned]);
                    self.lock().controller_mut().world_mut().set_strike(strike);
                }
                _ => {
                    let resting = self.random.between(3_700, 6_300) as u16;
                    self.lock().controller_mut().world_mut().replace_battery(Millivolts(resting));
                }
            }
            let wait = self.random.below(3_000);
            self.pass(wait)?;
        }
        Ok(())
    }

    /// A mechanism that works, at rest, in a closed door.
    pub(crate) fn make_ready(&mut self) -> Result<(), Stranded> {
        let world = self.lock().controller_mut().world_mut();
        world.set_strike(Strike::Aligned);
        world.replace_battery(Millivolts(6_300));
        if world.motor_runs() || world.truth().bolt == BoltPosition::Between {
            self.pass(6_000)?;
        }
        // A bolt that met resistance is tried again, a little later each time.
        for _ in 0..20 {
            if self.status().motion == Motion::Still {
                break;
            }
            self.pass(1_000)?;
        }
        // A relock that is due would throw the bolt before the order to do so comes.
        if self.status().relock_in.is_some_and(|left| left <= RELOCK_SOON) {
            self.pass(RELOCK_SOON.as_millis() + 5_000)?;
        }
        if self.truth().door == Door::Open || self.truth().bolt == BoltPosition::Between {
            self.turn(Side::Withdrawn)?;
            self.move_door(Door::Closed)?;
        }
        self.pass(50)
    }

    /// A hand turns the bolt, where the motor lets it.
    pub(crate) fn turn(&mut self, side: Side) -> Result<(), Stranded> {
        if self.lock().controller_mut().world_mut().turn(side).is_ok() {
            self.pass(400)?;
        }
        Ok(())
    }

    /// Somebody moves the door, where the bolt lets them.
    fn move_door(&mut self, door: Door) -> Result<(), Stranded> {
        if self.lock().controller_mut().world_mut().move_door(door).is_ok() {
            self.touch(&Stimulus::Door)?;
        }
        Ok(())
    }

    fn press_lock_button(&mut self) -> Result<(), Stranded> {
        self.lock().controller_mut().world_mut().press(Press::LockButton);
        self.touch(&Stimulus::LockButton).map(drop)
    }

    /// A code that is in force, or one that is not.
    fn enter_code(&mut self) -> Result<(), Stranded> {
        let known = self.oracle.some_pin(self.random.place(8));
        let digits = match known {
            Some(pin) if self.random.percent(60) => pin,
            Some(_) | None => format!("{:06}", self.random.below(1_000_000)).into_bytes(),
        };
        let Ok(code) = PinDigits::from_ascii(&digits) else { return Ok(()) };
        self.lock().controller_mut().world_mut().press(Press::Code(code));
        self.touch(&Stimulus::Code(digits)).map(drop)
    }
}
