//! The physical world: a deadbolt, its motor and sensors, a door, a battery, a keypad and the people who use them.
//!
//! Pure and in virtual time: nothing happens but in [`World::advance`], to which the caller gives the moment. The world outlives
//! the lock's processor: without power the motor stops where it is, and hands still turn the bolt and open the door.
//!
//! ```text
//!   0 mm                          16.8 mm                 25.2 mm
//!   |==|----------------------------|-------------------|==|
//!   withdrawn: switch on        misaligned strike    thrown: switch on
//!   <------------- 900 ms from end to end ----------------->
//! ```

mod acts;
mod battery;
mod faults;
mod latch;
mod mechanism;
mod parts;
mod sensors;

use std::collections::VecDeque;

use lock_core::proto::{Celsius, Millivolts};
use lock_core::state::{Drive, Observation};

use battery::Battery;
use latch::SpringLatch;
use mechanism::{Limits, Mechanism};

pub use battery::{RUNS_FROM, STARTS_FROM};
pub use mechanism::{OBSTACLE, Side, THROW, TRAVEL_MILLIS};
pub use parts::{
    BoltInTheWay, Case, Cover, Door, Gearing, MotorHolds, Press, Snapshot, Strike, Truth, Wear, Wiring,
};

/// Milliseconds of the simulated world since it began. Goes on while the lock is without power.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub u64);

impl Moment {
    /// This moment, `millis` later.
    #[must_use]
    pub const fn plus(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this moment; zero when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A door with a deadbolt in it.
#[derive(Debug)]
pub struct World {
    now: Moment,
    mechanism: Mechanism,
    latch: SpringLatch,
    door: Door,
    strike: Strike,
    wiring: Wiring,
    door_wiring: Wiring,
    gearing: Gearing,
    case: Case,
    cover: Cover,
    wear: Wear,
    leak: u64,
    battery: Battery,
    /// Whether the supply sagged below what the processor runs with, and nobody has asked yet.
    browned_out: bool,
    temperature: Celsius,
    presses: VecDeque<Press>,
    observations: VecDeque<Observation>,
    stalled: bool,
    /// The lowest voltage while the motor turned, in the drive that runs or ended last: against a stop it tells of the stop, not of the
    /// cells.
    lowest: Option<Millivolts>,
    motor_runs: u64,
}

impl World {
    /// A new lock in a closed door: bolt withdrawn, four fresh cells.
    #[must_use]
    pub fn new(now: Moment) -> Self {
        let snapshot = Snapshot {
            bolt_micrometres: 0,
            door: Door::Closed,
            strike: Strike::Aligned,
            wiring: Wiring::Whole,
            door_wiring: Wiring::Whole,
            gearing: Gearing::Whole,
            case: Case::WithLatch,
            cover: Cover::NoContact,
            wear: Wear::None,
            leak: 0,
            celsius: parts::room(),
            battery_nanovolts: Battery::fresh().nanovolts(),
            motor_runs: 0,
        };
        Self::restore(&snapshot, now)
    }

    /// The world as it was saved; everything rests. A bolt beyond [`THROW`] is at its end.
    #[must_use]
    pub fn restore(snapshot: &Snapshot, now: Moment) -> Self {
        Self {
            now,
            mechanism: Mechanism::resting_at(snapshot.bolt_micrometres),
            latch: SpringLatch::sprung(),
            door: snapshot.door,
            strike: snapshot.strike,
            wiring: snapshot.wiring,
            door_wiring: snapshot.door_wiring,
            gearing: snapshot.gearing,
            case: snapshot.case,
            cover: snapshot.cover,
            browned_out: false,
            wear: snapshot.wear,
            leak: snapshot.leak,
            battery: Battery::with_charge(snapshot.battery_nanovolts),
            temperature: Celsius(snapshot.celsius),
            presses: VecDeque::new(),
            observations: VecDeque::new(),
            stalled: false,
            lowest: None,
            motor_runs: snapshot.motor_runs,
        }
    }

    /// What to save.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            bolt_micrometres: self.mechanism.position(),
            door: self.door,
            strike: self.strike,
            wiring: self.wiring,
            door_wiring: self.door_wiring,
            gearing: self.gearing,
            case: self.case,
            cover: self.cover,
            wear: self.wear,
            leak: self.leak,
            celsius: self.temperature.0,
            battery_nanovolts: self.battery.nanovolts(),
            motor_runs: self.motor_runs,
        }
    }

    /// What is so now.
    #[must_use]
    pub fn truth(&self) -> Truth {
        Truth {
            bolt_micrometres: self.mechanism.position(),
            bolt: self.mechanism.switches(),
            door: self.door,
            motor_runs_now: self.mechanism.motor_runs(),
            motor_runs: self.motor_runs,
        }
    }

    /// The moment that it is.
    #[must_use]
    pub const fn now(&self) -> Moment {
        self.now
    }

    /// Lets time pass up to `to`. What a sensor sees meanwhile is lost to it, unless the caller stops at [`Self::next_change`].
    pub fn advance(&mut self, to: Moment) {
        let passed = to.since(self.now);
        if passed == 0 {
            return;
        }
        let limits = self.limits();
        let worked = self.mechanism.advance(passed, limits);
        self.battery.drain(worked.turning_millis, worked.blocked_millis);
        self.battery.leak(self.leak.saturating_mul(passed));
        self.latch.advance(passed);
        self.stalled |= worked.stalled;
        if worked.turning_millis > 0 {
            let lowest = self.battery.turning(self.temperature);
            self.lowest = Some(self.lowest.map_or(lowest, |before| before.min(lowest)));
        }
        let deepest = if worked.blocked_millis > 0 {
            self.battery.blocked(self.temperature)
        } else if worked.turning_millis > 0 {
            self.battery.turning(self.temperature)
        } else {
            self.battery.resting()
        };
        self.browned_out |= deepest < RUNS_FROM;
        self.now = to;
    }

    /// The next moment at which a switch changes or the motor's driver sees a stall; `None` while everything rests.
    #[must_use]
    pub fn next_change(&self) -> Option<Moment> {
        let bolt = self.mechanism.next_change(self.limits());
        let soonest = [bolt, self.latch.next_change()].into_iter().flatten().min();
        soonest.map(|millis| self.now.plus(millis))
    }

    /// The lowest voltage while the motor turned, in the drive that ended since the last call.
    pub fn take_lowest(&mut self) -> Option<Millivolts> {
        if self.motor_runs() { None } else { self.lowest.take() }
    }

    /// Whether the motor turns or pushes.
    #[must_use]
    pub fn motor_runs(&self) -> bool {
        self.mechanism.motor_runs()
    }

    /// Whether the driver saw a stall since the last call; it has cut the current by itself.
    pub fn take_stall(&mut self) -> bool {
        std::mem::take(&mut self.stalled)
    }

    /// The next press that the keypad has kept.
    pub fn take_press(&mut self) -> Option<Press> {
        self.presses.pop_front()
    }

    /// The next thing besides that the firmware's drivers see.
    pub fn take_observation(&mut self) -> Option<Observation> {
        self.observations.pop_front()
    }

    /// The motor's driver is told this.
    pub fn drive(&mut self, drive: Drive) {
        match drive {
            Drive::Extend | Drive::Retract => {}
            Drive::Stop => self.latch.stop(),
            Drive::PullLatch if self.case == Case::Deadbolt => {}
            Drive::PullLatch => self.latch.pull(),
            Drive::ReleaseLatch => self.latch.release(),
        }
        let side = match drive {
            Drive::Extend => Some(Side::Thrown),
            Drive::Retract => Some(Side::Withdrawn),
            Drive::Stop | Drive::PullLatch | Drive::ReleaseLatch => None,
        };
        if self.mechanism.drive(side) {
            self.motor_runs = self.motor_runs.saturating_add(1);
        }
    }

    /// The power is gone: the motor stops where it is, the keypad and the driver forget.
    pub fn lose_power(&mut self) {
        self.mechanism.drive(None);
        self.latch.release();
        self.presses.clear();
        self.observations.clear();
        (self.stalled, self.lowest, self.browned_out) = (false, None, false);
    }

    /// Whether the supply sagged below [`RUNS_FROM`] since the last call, under the motor or at rest: whoever runs the processor takes
    /// its power away, unless a capacitor carries it.
    pub fn take_brown_out(&mut self) -> bool {
        std::mem::take(&mut self.browned_out)
    }

    /// Whether the battery at rest has [`STARTS_FROM`].
    #[must_use]
    pub fn can_start(&self) -> bool {
        self.battery.resting() >= STARTS_FROM
    }

    fn limits(&self) -> Limits {
        match (self.strike, self.door) {
            _ if self.battery.turning(self.temperature) < battery::MOTOR_NEEDS => Limits::MotorTooWeak,
            _ if self.gearing == Gearing::Slipping => Limits::Slipping,
            (Strike::Misaligned, Door::Closed) => Limits::Strike,
            (Strike::Misaligned, Door::Open) | (Strike::Aligned, _) if self.wear == Wear::Heavy => {
                Limits::Worn
            }
            (Strike::Misaligned, Door::Open) | (Strike::Aligned, _) => Limits::None,
        }
    }
}

#[cfg(test)]
mod tests;
