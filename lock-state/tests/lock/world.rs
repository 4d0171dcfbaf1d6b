//! A small lock on a test bench: a clock to turn, and hands for each input.

use lock_crypto::{Key, RustCrypto};
use lock_proto::{
    BoltPosition, BootReason, CommandId, CredentialKind, Fault, LatchPosition, Mechanics, Millivolts,
    PinDigits, Put, Reason, Seconds, Secret, Setting, Status, UnixMillis, Uptime, User, Window,
};
use lock_state::{
    Alarms, BootInfo, Change, ClockError, Configuration, Deed, DoorKeys, DoorReading, Effects, InsideButton,
    Lock, Order, PowerReading, Refusal, ResetButton, Saved, Slots, Source, TimeAnswer, UPKEEP_INTERVAL_MS,
    Upkeep, UsedCodes, Wish,
};

use crate::peers::live_cloud;

/// Room for 4 users, 6 credentials, 6 windows and 2 holidays.
pub(crate) type Rooms = Slots<4, 6, 6, 2>;
pub(crate) const RIGHT: &[u8] = b"2580";
pub(crate) const WRONG: &[u8] = b"0000";
/// The wrong code at which codes are refused, as made.
pub(crate) const LIMIT: u8 = 5;

/// A moment well after 1970, in whole seconds: Friday, 15 January 2027, 08:00 UTC.
pub(crate) const NOON: UnixMillis = UnixMillis(1_800_000_000_000);

pub(crate) struct World {
    pub(crate) lock: Lock<Rooms>,
    pub(crate) now: Uptime,
    pub(crate) k_pin: Key,
    pub(crate) code_leaf: Key,
    next_id: u64,
}

pub(crate) fn digits(text: &[u8]) -> PinDigits {
    PinDigits::from_ascii(text).unwrap()
}

pub(crate) fn pin(text: &[u8]) -> Secret {
    Secret::Pin(digits(text))
}

/// A PIN code in a slot, of a user or of nobody.
pub(crate) fn code_in(slot: u8, user: Option<u8>, text: &[u8]) -> Setting {
    Setting::SetCredential { slot, put: Put::Add, user, kind: CredentialKind::Pin, secret: pin(text) }
}

/// The record of each page.
pub(crate) fn pages(configuration: &Configuration<Rooms>) -> Vec<Vec<u8>> {
    (0..u8::try_from(Configuration::<Rooms>::PAGES).unwrap())
        .map(|page| {
            let mut record = [0; 512];
            let length = configuration.encode_page(page, &mut record).unwrap();
            record[..length].to_vec()
        })
        .collect()
}

pub(crate) fn load(pages: &[Vec<u8>]) -> Configuration<Rooms> {
    let mut configuration = Configuration::default();
    for (page, record) in (0..).zip(pages) {
        configuration.load_page(page, record).unwrap();
    }
    configuration
}

impl World {
    /// A lock as made, at its first boot: nothing sensed.
    pub(crate) fn new() -> Self {
        Self::boot(Saved::default(), Upkeep::default(), Configuration::default())
    }

    pub(crate) fn boot(saved: Saved, upkeep: Upkeep, configuration: Configuration<Rooms>) -> Self {
        Self::boot_because(BootReason::PowerOn, saved, upkeep, configuration)
    }

    pub(crate) fn boot_because(
        reason: BootReason,
        saved: Saved,
        upkeep: Upkeep,
        configuration: Configuration<Rooms>,
    ) -> Self {
        let now = Uptime::from_millis(0);
        let k_pin = Key::from_bytes([7; 32]);
        let info = BootInfo { count: 1, reason };
        let code_leaf = Key::from_bytes([9; 32]);
        Self { lock: Lock::boot(saved, upkeep, configuration, info, now), now, k_pin, code_leaf, next_id: 1 }
    }

    /// A lock whose bolt and closed door are sensed, and which tries each drive once.
    pub(crate) fn with_bolt(position: BoltPosition) -> Self {
        let mut world = Self::new();
        world.configure(Setting::Mechanics(Mechanics { retries: 0, ..Mechanics::default() }));
        let _ = world.bolt(position);
        let _ = world.door(DoorReading::Closed);
        world
    }

    /// The same, with the right code in slot 2 and a relock delay.
    pub(crate) fn furnished(position: BoltPosition, relock: Seconds) -> Self {
        let mut world = Self::with_bolt(position);
        world.configure(code_in(2, None, RIGHT));
        world.configure(Setting::AutoRelock(relock));
        world
    }

    /// The lock of a house: as made, with these users in slots from 0, each with the code `1000` + 1111 times its slot.
    pub(crate) fn inhabited(position: BoltPosition, users: &[User]) -> Self {
        let mut world = Self::with_bolt(position);
        for (slot, user) in (0..).zip(users) {
            world.configure(Setting::SetUser { slot, put: Put::Add, user: *user });
            world.configure(code_in(slot, Some(slot), &code_of(slot)));
        }
        world
    }

    pub(crate) fn window(&mut self, slot: u8, window: Window) {
        self.configure(Setting::SetWindow { slot, put: Put::Add, window });
    }

    pub(crate) fn mechanics(&mut self, change: impl FnOnce(&mut Mechanics)) {
        let mut mechanics = self.lock.configuration().settings().mechanics;
        change(&mut mechanics);
        self.configure(Setting::Mechanics(mechanics));
    }

    /// Cuts the power and boots with what was saved at this moment.
    pub(crate) fn reboot(&mut self) {
        let saved = self.lock.saved(self.now);
        self.reboot_with(saved);
    }

    /// Cuts the power and boots with an earlier record.
    pub(crate) fn reboot_with(&mut self, saved: Saved) {
        self.reboot_because(BootReason::PowerOn, saved);
    }

    /// The supply breaks down, and the lock boots with what was saved at this moment.
    pub(crate) fn brown_out(&mut self) {
        let saved = self.lock.saved(self.now);
        self.reboot_because(BootReason::BrownOut, saved);
    }

    fn reboot_because(&mut self, reason: BootReason, saved: Saved) {
        let configuration = load(&pages(self.lock.configuration()));
        let upkeep = self.lock.upkeep(self.now);
        let (next_id, used) = (self.next_id, *self.lock.used_codes());
        *self = Self::boot_because(reason, saved, upkeep, configuration).with_used_codes(used);
        self.next_id = next_id;
    }

    /// The same with what storage holds of used offline codes.
    pub(crate) fn with_used_codes(self, used: UsedCodes) -> Self {
        Self { lock: self.lock.with_used_codes(used), ..self }
    }

    /// Second half of presenting a credential.
    pub(crate) fn check(&mut self, kind: CredentialKind, secret: &Secret, wish: Wish) -> Effects {
        let keys = DoorKeys { k_pin: &self.k_pin, code: &self.code_leaf };
        self.lock.check::<RustCrypto>(&keys, kind, secret, wish, self.now)
    }

    pub(crate) fn wait(&mut self, millis: u64) {
        self.now = self.now.plus_millis(millis);
    }

    /// Waits, and runs the timer at the end until nothing is due; the effects of the last thing that moved, showed or ended
    /// something.
    pub(crate) fn after(&mut self, millis: u64) -> Effects {
        self.wait(millis);
        let mut told = Effects::NONE;
        loop {
            let effects = self.lock.handle_timeout(self.now);
            let is_told = told != Effects::NONE;
            let moves = effects.motor.is_some() || effects.finished.is_some() || effects.indicate.is_some();
            if moves || effects.alarms != Alarms::NONE || !is_told {
                told = effects;
            }
            if self.lock.poll_timeout().is_none_or(|due| due > self.now) {
                return told;
            }
        }
    }

    pub(crate) fn bolt(&mut self, position: BoltPosition) -> Effects {
        self.lock.bolt_sensed(position, self.now)
    }

    pub(crate) fn latch(&mut self, position: LatchPosition) -> Effects {
        self.lock.latch_sensed(position, self.now)
    }

    pub(crate) fn door(&mut self, reading: DoorReading) -> Effects {
        self.lock.door_sensed(reading, self.now)
    }

    pub(crate) fn stall(&mut self) -> Effects {
        self.lock.motor_stalled(self.now)
    }

    /// A reading at rest and at 20 °C.
    pub(crate) fn battery(&mut self, millivolts: u16) -> Effects {
        self.lock.power_read(PowerReading::resting(Millivolts(millivolts)), self.now)
    }

    pub(crate) fn button(&mut self) -> Effects {
        self.lock.outside_button(self.now)
    }

    pub(crate) fn inside(&mut self, press: InsideButton) -> Effects {
        self.lock.inside_button(press, self.now)
    }

    pub(crate) fn reset(&mut self, button: ResetButton) -> Effects {
        self.lock.reset_button(button, self.now)
    }

    pub(crate) fn next_order(&mut self, deed: Deed, source: Source) -> Order {
        let id = CommandId(self.next_id);
        self.next_id += 1;
        Order { id, deed, source }
    }

    /// An order of the cloud in a live session; ids count from 1.
    pub(crate) fn order(&mut self, deed: Deed) -> Result<Effects, Refusal> {
        let order = self.next_order(deed, Source::RemoteLive);
        self.lock.order(live_cloud(order), self.now)
    }

    pub(crate) fn lock(&mut self) -> Effects {
        self.order(Deed::Lock).unwrap()
    }

    pub(crate) fn unlock(&mut self) -> Effects {
        self.order(Deed::Unlock).unwrap()
    }

    /// Both halves of a code's entry.
    pub(crate) fn code(&mut self, text: &[u8]) -> Result<Effects, Refusal> {
        self.present(CredentialKind::Pin, &pin(text), Wish::Open)
    }

    /// Both halves of presenting a credential.
    pub(crate) fn present(
        &mut self,
        kind: CredentialKind,
        secret: &Secret,
        wish: Wish,
    ) -> Result<Effects, Refusal> {
        self.lock.count_attempt(self.now)?;
        Ok(self.check(kind, secret, wish))
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

    /// The next deadline, but for that of wear and battery, which comes once a day.
    pub(crate) fn next_deadline(&self) -> Option<Uptime> {
        let daily = Uptime::from_millis(UPKEEP_INTERVAL_MS);
        self.lock
            .poll_timeout()
            .filter(|due| due.millis_since(self.now) < UPKEEP_INTERVAL_MS && *due != daily)
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

/// The code of the user in a slot of [`World::inhabited`].
pub(crate) fn code_of(slot: u8) -> Vec<u8> {
    (1_000 + 1_111 * u32::from(slot)).to_string().into_bytes()
}
