//! Time: sensors, timers and the battery meter, each at its own moment.

use embedded_storage::nor_flash::NorFlash;
use lock_core::device::Input;
use lock_core::proto::{BoltPosition, LatchPosition, Millivolts};
use lock_core::state::{DoorReading, Observation, PowerReading, TamperContact};

use super::{Controller, Fact, Harness, MAX_WAKES, StepError};
use crate::hardware::Moment;

/// The battery is read this often, in milliseconds, while the motor rests.
const BATTERY_MILLIS: u64 = 60_000;
/// A change of this much is noticed at once, in millivolts: the meter has a comparator.
const BATTERY_STEP: u16 = 50;

/// What the lock was told of its sensors.
#[derive(Debug, Default)]
pub(super) struct Seen {
    bolt: Option<BoltPosition>,
    latch: Option<LatchPosition>,
    door: Option<DoorReading>,
    cover: Option<TamperContact>,
    battery: Option<(Millivolts, Moment)>,
}

impl Seen {
    /// Whether nothing was sensed since the boot.
    pub(super) const fn is_fresh(&self) -> bool {
        self.bolt.is_none()
    }
}

impl<F: NorFlash> Controller<F> {
    /// The next moment at which [`Self::step`] has something to do by itself.
    #[must_use]
    pub fn next_wake(&self) -> Option<Moment> {
        let timer = self.device.poll_timeout().map(|uptime| self.booted_at.plus(uptime.as_millis()));
        let meter =
            self.seen.battery.map(|(_, at)| at.plus(BATTERY_MILLIS)).filter(|_| !self.world.motor_runs());
        [timer, meter, self.world.next_change()].into_iter().flatten().min()
    }

    /// Goes from one thing that happens to the next, up to `now`.
    pub(super) fn pass_until(&mut self, now: Moment, harness: &mut impl Harness) -> Result<(), StepError> {
        let mut wakes = 0;
        loop {
            let at = self.next_wake().filter(|at| *at <= now).unwrap_or(now).max(self.world.now());
            if at > self.world.now() {
                wakes = 0;
            }
            let is_due = self.next_wake().is_some_and(|next| next <= at);
            self.world.advance(at);
            if !is_due {
                return self.sense(harness);
            }
            wakes += 1;
            if wakes > MAX_WAKES {
                return Err(StepError::TimerStuck(self.uptime().as_millis()));
            }
            self.sense(harness)?;
            if self.device.poll_timeout().is_some_and(|due| due <= self.uptime()) {
                self.feed(Input::Tick, harness)?;
            }
        }
    }

    /// Tells the device of each reading that changed.
    pub(super) fn sense(&mut self, harness: &mut impl Harness) -> Result<(), StepError> {
        let bolt = self.world.bolt_sensor();
        if self.seen.bolt.replace(bolt) != Some(bolt) {
            harness.note(&Fact::Bolt(bolt));
            self.feed(Input::Bolt(bolt), harness)?;
        }
        let latch = self.world.latch_sensor();
        if self.seen.latch.replace(latch) != Some(latch) {
            self.feed(Input::Latch(latch), harness)?;
        }
        if self.world.take_stall() {
            harness.note(&Fact::Stalled);
            self.feed(Input::MotorStalled, harness)?;
        }
        let door = self.world.door_sensor();
        if self.seen.door.replace(door) != Some(door) {
            harness.note(&Fact::Door(door));
            self.feed(Input::Door(door), harness)?;
        }
        if let Some(cover) = self.world.cover_sensor()
            && self.seen.cover.replace(cover) != Some(cover)
        {
            self.feed(Input::Observed(Observation::Tamper(cover)), harness)?;
        }
        self.measure(harness)
    }

    fn measure(&mut self, harness: &mut impl Harness) -> Result<(), StepError> {
        if self.world.motor_runs() {
            return Ok(());
        }
        if let Some(lowest) = self.world.take_lowest() {
            self.feed(Input::Power(PowerReading::loaded(lowest)), harness)?;
        }
        let (reading, now) = (self.world.battery_sensor(), self.world.now());
        let is_known = self.seen.battery.is_some_and(|(last, at)| {
            now.since(at) < BATTERY_MILLIS && reading.0.abs_diff(last.0) < BATTERY_STEP
        });
        if is_known {
            return Ok(());
        }
        self.seen.battery = Some((reading, now));
        harness.note(&Fact::Battery(reading));
        let temperature = Some(self.world.thermometer());
        self.feed(Input::Power(PowerReading { temperature, ..PowerReading::resting(reading) }), harness)
    }
}
