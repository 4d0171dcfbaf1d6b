//! A lock with four PIN slots on a test bench: a clock to turn, and hands for each input.

use lock_crypto::{Key, RustCrypto};
use lock_proto::{
    BoltPosition, CommandId, DoorPosition, Fault, Millivolts, PinDigits, Reason, Seconds, Setting, Status,
    UnixMillis, Uptime,
};
use lock_state::{
    Change, ClockError, Configuration, Deadbolt, Effects, MotionAction, Order, Refusal, Saved, Source,
    TimeAnswer,
};

use crate::peers::live_cloud;

pub(crate) const SLOTS: usize = 4;
pub(crate) const RIGHT: &[u8] = b"2580";
pub(crate) const WRONG: &[u8] = b"0000";

/// A moment well after 1970, in whole seconds.
pub(crate) const NOON: UnixMillis = UnixMillis(1_800_000_000_000);

pub(crate) struct World {
    pub(crate) lock: Deadbolt<SLOTS>,
    pub(crate) now: Uptime,
    pub(crate) k_pin: Key,
    next_id: u64,
}

pub(crate) fn digits(text: &[u8]) -> PinDigits {
    PinDigits::from_ascii(text).unwrap()
}

impl World {
    /// A lock as made, at its first boot: nothing sensed.
    pub(crate) fn new() -> Self {
        Self::boot(Saved::default(), Configuration::default())
    }

    pub(crate) fn boot(saved: Saved, configuration: Configuration<SLOTS>) -> Self {
        let now = Uptime::from_millis(0);
        let k_pin = Key::from_bytes([7; 32]);
        Self { lock: Deadbolt::boot(saved, configuration, now), now, k_pin, next_id: 1 }
    }

    /// A lock whose bolt and closed door are sensed.
    pub(crate) fn with_bolt(position: BoltPosition) -> Self {
        let mut world = Self::new();
        let _ = world.bolt(position);
        let _ = world.door(DoorPosition::Closed);
        world
    }

    /// The same, with the right code in slot 2 and a relock delay.
    pub(crate) fn furnished(position: BoltPosition, relock: Seconds) -> Self {
        let mut world = Self::with_bolt(position);
        world.configure(Setting::SetPin { slot: 2, digits: digits(RIGHT) });
        world.configure(Setting::AutoRelock(relock));
        world
    }

    /// Cuts the power and boots with what was saved at this moment.
    pub(crate) fn reboot(&mut self) {
        let saved = self.lock.saved(self.now);
        self.reboot_with(saved);
    }

    /// Cuts the power and boots with an earlier record.
    pub(crate) fn reboot_with(&mut self, saved: Saved) {
        let mut record = [0; 256];
        let length = self.lock.configuration().encode(&mut record).unwrap();
        let configuration = Configuration::decode(&record[..length]).unwrap();
        self.now = Uptime::from_millis(0);
        self.lock = Deadbolt::boot(saved, configuration, self.now);
    }

    pub(crate) fn wait(&mut self, millis: u64) {
        self.now = self.now.plus_millis(millis);
    }

    /// Waits, and runs the timer once at the end.
    pub(crate) fn after(&mut self, millis: u64) -> Effects {
        self.wait(millis);
        self.lock.handle_timeout(self.now)
    }

    pub(crate) fn bolt(&mut self, position: BoltPosition) -> Effects {
        self.lock.bolt_sensed(position, self.now)
    }

    pub(crate) fn door(&mut self, position: DoorPosition) -> Effects {
        self.lock.door_sensed(position, self.now)
    }

    pub(crate) fn stall(&mut self) -> Effects {
        self.lock.motor_stalled(self.now)
    }

    pub(crate) fn battery(&mut self, millivolts: u16) -> Effects {
        self.lock.battery_read(Millivolts(millivolts), self.now)
    }

    pub(crate) fn button(&mut self) -> Effects {
        self.lock.lock_button(self.now)
    }

    pub(crate) fn next_order(&mut self, motion: MotionAction, source: Source) -> Order {
        let id = CommandId(self.next_id);
        self.next_id += 1;
        Order { id, motion, source }
    }

    /// An order of the cloud in a live session; ids count from 1.
    pub(crate) fn order(&mut self, motion: MotionAction) -> Result<Effects, Refusal> {
        let order = self.next_order(motion, Source::RemoteLive);
        self.lock.order(live_cloud(order), self.now)
    }

    pub(crate) fn lock(&mut self) -> Effects {
        self.order(MotionAction::Lock).unwrap()
    }

    pub(crate) fn unlock(&mut self) -> Effects {
        self.order(MotionAction::Unlock).unwrap()
    }

    /// Both halves of a code's entry.
    pub(crate) fn code(&mut self, text: &[u8]) -> Result<Effects, Refusal> {
        self.lock.count_code(self.now)?;
        Ok(self.lock.check_code::<RustCrypto>(&self.k_pin, &digits(text), self.now))
    }

    pub(crate) fn stage(&mut self, version: u32, setting: Setting) -> Result<(), Reason> {
        self.lock.stage::<RustCrypto>(live_cloud(Change { version, setting }), &self.k_pin)
    }

    /// Stages and commits the next version.
    pub(crate) fn configure(&mut self, setting: Setting) {
        let version = self.lock.configuration().version() + 1;
        self.stage(version, setting).unwrap();
        let _ = self.lock.commit(self.now);
    }

    /// An answer of the cloud to a question that was asked `round_trip` milliseconds ago.
    pub(crate) fn time(&mut self, time: UnixMillis, round_trip: u64) -> Result<Effects, ClockError> {
        let asked_at = Uptime::from_millis(self.now.as_millis() - round_trip);
        self.lock.set_clock(live_cloud(TimeAnswer { time, asked_at }), self.now)
    }

    pub(crate) fn status(&self) -> Status {
        self.lock.status(self.now)
    }

    pub(crate) fn saved(&self) -> Saved {
        self.lock.saved(self.now)
    }

    pub(crate) fn fault(&self) -> Fault {
        self.status().fault.value
    }
}
