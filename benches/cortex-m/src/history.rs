//! A random history of a full house: what happens to a lock, in virtual time.

use lock_crypto::{
    Authenticated, ChipCrypto, Initiator, InitiatorHedge, Key, KeyEpoch, KeySelector, Label, LeafKeys,
    LockId, NineDigits, OVERHEAD, Prologue, Responder, RootKey,
};
use lock_proto::{
    BoltPosition, Celsius, CodeClass, CodeSeries, CodesSwitch, CommandId, CredentialKind, Holiday, Latch,
    LatchPosition, Mechanics, Millivolts, MinuteOfDay, Mode, Night, OfflineCode, PinDigits, Put,
    QuarterHours, Seconds, Secret, Setting, Span, TokenId, UnixMillis, Uptime, User, UserKind, Weekdays,
    Window,
};
use lock_state::{
    BootInfo, Change, Configuration, Deed, DoorKeys, DoorReading, Drive, Effects, House, InsideButton, Lock,
    Order, PowerReading, ResetButton, Saved, Source, TimeAnswer, Upkeep, Wish, offline_code_digits,
};

/// One kind of input.
pub(crate) struct Input {
    pub(crate) name: &'static str,
    pub(crate) work: Work,
}

/// What a step does besides.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    None,
    /// It hashes what was presented.
    Hash,
    /// It hashes it, and reads it as an offline code.
    Code,
}

const fn input(name: &'static str) -> Input {
    Input { name, work: Work::None }
}

pub(crate) const INPUTS: [Input; 15] = [
    input("bolt sensor"),
    input("latch sensor"),
    input("door sensor"),
    input("motor stalled"),
    input("battery at rest"),
    input("battery under the motor"),
    input("count of a code"),
    Input { name: "check of a code", work: Work::Hash },
    Input { name: "check of a token", work: Work::Hash },
    input("outside button"),
    input("inside button"),
    input("reset button"),
    input("order of the cloud"),
    input("timer"),
    Input { name: "check of nine digits", work: Work::Code },
];
const CHECK: usize = 7;
const TOKEN: usize = 8;
const NINE: usize = 14;

const NOON: UnixMillis = UnixMillis(1_768_478_400_000);
const LOCK: LockId = LockId(*b"lock number 0001");

pub(crate) struct History {
    lock: Lock<House>,
    now: Uptime,
    k_pin: Key,
    code: Key,
    proof: Authenticated<()>,
    random: u64,
    next_id: u64,
    /// What is presented next: chosen before it is timed.
    secret: Secret,
    choice: u64,
    effects: Effects,
}

impl History {
    pub(crate) fn new() -> Self {
        let start = Uptime::from_millis(0);
        let nothing = (Saved::default(), Upkeep::default(), Configuration::default());
        let lock = Lock::boot(nothing.0, nothing.1, nothing.2, BootInfo::default(), start);
        let mut history = Self {
            lock,
            now: Uptime::from_millis(1_000),
            k_pin: Key::from_bytes([7; 32]),
            code: Key::from_bytes([9; 32]),
            proof: proof(),
            random: 1,
            next_id: 1,
            secret: Secret::Pin(digits(0)),
            choice: 0,
            effects: Effects::default(),
        };
        history.fill();
        let answer =
            history.proof.as_ref().map(|()| TimeAnswer { time: NOON, asked_at: Uptime::from_millis(990) });
        assert!(history.lock.set_clock(answer, history.now).is_ok(), "the clock is set");
        history
    }

    /// Every table full, every setting on.
    fn fill(&mut self) {
        for slot in 0..20 {
            let kind = if slot % 4 == 0 { UserKind::Unrestricted } else { UserKind::ScheduleRestricted };
            self.set(Setting::SetUser { slot, put: Put::Set, user: User { kind, ..User::default() } });
        }
        for slot in 0..40 {
            let from = MinuteOfDay(u16::from(slot) * 30);
            let weekly =
                Span::Weekly { days: Weekdays(0x2a), from, until: MinuteOfDay(u16::from(slot) * 30 + 29) };
            let dates =
                Span::Dates { from: NOON.plus_millis(86_400_000), until: NOON.plus_millis(90_000_000) };
            let span = if slot % 5 == 0 { dates } else { weekly };
            self.set(Setting::SetWindow { slot, put: Put::Set, window: Window { user: slot % 20, span } });
        }
        for slot in 0..8 {
            let from = NOON.plus_millis(86_400_000 * (u64::from(slot) + 1));
            let holiday = Holiday { from, until: from.plus_millis(86_400_000), mode: Some(Mode::Normal) };
            self.set(Setting::SetHoliday { slot, put: Put::Set, holiday });
        }
        for slot in 0..40 {
            let (kind, secret) = if slot < 20 {
                (CredentialKind::Pin, Secret::Pin(digits(slot)))
            } else {
                (CredentialKind::Rfid, Secret::Token(token(slot)))
            };
            self.set(Setting::SetCredential { slot, put: Put::Set, user: Some(slot % 20), kind, secret });
        }
        let before = self.lock.configuration().settings().offline_codes;
        let since = (NOON.0 / 3_600_000) as u32;
        self.set(Setting::OfflineCodes(CodeSeries {
            switch: CodesSwitch::On,
            epoch: before.epoch + 1,
            since,
        }));
        self.set(Setting::AutoRelock(Seconds(20)));
        let mechanics = Mechanics {
            latch: Latch::Sensed,
            lock_on_close: Seconds(5),
            ajar_after: Seconds(60),
            ..Mechanics::default()
        };
        self.set(Setting::Mechanics(mechanics));
        let night = Night { from: MinuteOfDay(22 * 60), until: MinuteOfDay(6 * 60), relock: Seconds(5) };
        self.set(Setting::Night(Some(night)));
    }

    fn set(&mut self, setting: Setting) {
        let version = self.lock.configuration().version() + 1;
        let change = self.proof.as_ref().map(|()| Change { version, setting });
        assert!(self.lock.stage::<ChipCrypto>(change, &self.k_pin).is_ok(), "the setting is taken");
        let _ = self.lock.commit(self.now);
    }

    /// SplitMix64.
    fn below(&mut self, bound: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// Lets time pass, and chooses what happens next.
    pub(crate) fn choose(&mut self) -> usize {
        let passes = match self.below(8) {
            0..4 => self.below(500),
            4..7 => self.below(30_000),
            _ => self.below(4_000_000),
        };
        let until = self.now.plus_millis(passes);
        self.now = self.lock.poll_timeout().filter(|due| *due <= until).unwrap_or(until).max(self.now);
        self.choice = self.below(1_000);
        let input = self.below(INPUTS.len() as u64) as usize;
        let slot = self.below(44) as u8;
        self.secret = match input {
            TOKEN => Secret::Token(token(slot)),
            NINE => Secret::Pin(self.nine_digits()),
            _ => Secret::Pin(digits(slot)),
        };
        if matches!(input, CHECK | TOKEN | NINE) {
            // What is compared was counted before; its record is another step.
            let _ = self.lock.count_attempt(self.now);
        }
        input
    }

    /// Any, or a code that opens within the hour, once or for its time.
    fn nine_digits(&mut self) -> PinDigits {
        let series = self.lock.configuration().settings().offline_codes;
        let now = QuarterHours::of(NOON.plus_millis(self.now.as_millis()));
        let class = if self.choice % 2 == 0 { CodeClass::Once } else { CodeClass::OneHour };
        let code = OfflineCode { class, start: QuarterHours(now.0 / 4 * 4), serial: 0 };
        let digits = if self.choice % 3 == 0 {
            None
        } else {
            offline_code_digits::<ChipCrypto>(&self.code, series, code)
        };
        let any = || NineDigits::new(123_456_789 + self.choice as u32);
        let Some(digits) = digits.or_else(any) else { panic!("nine digits") };
        PinDigits::from_ascii(&digits.to_ascii()).unwrap_or_else(|_| panic!("nine digits"))
    }

    /// The step that is timed.
    pub(crate) fn take(&mut self, input: usize) {
        let (now, choice) = (self.now, self.choice);
        self.effects = match input {
            0 => self.lock.bolt_sensed(BoltPosition::ALL[(choice % 4) as usize], now),
            1 => self.lock.latch_sensed(LatchPosition::ALL[(choice % 3) as usize], now),
            2 => self
                .lock
                .door_sensed(if choice % 2 == 0 { DoorReading::Open } else { DoorReading::Closed }, now),
            3 => self.lock.motor_stalled(now),
            4 => {
                let reading = PowerReading::resting(Millivolts(4_000 + 2 * choice as u16));
                self.lock.power_read(
                    PowerReading { temperature: Some(Celsius((choice % 50) as i8 - 20)), ..reading },
                    now,
                )
            }
            5 => self.lock.power_read(PowerReading::loaded(Millivolts(3_000 + 3 * choice as u16)), now),
            6 => {
                let _ = self.lock.count_attempt(now);
                Effects::default()
            }
            CHECK | NINE => {
                let keys = DoorKeys { k_pin: &self.k_pin, code: &self.code };
                self.lock.check::<ChipCrypto>(&keys, CredentialKind::Pin, &self.secret, Wish::Open, now)
            }
            TOKEN => {
                let keys = DoorKeys { k_pin: &self.k_pin, code: &self.code };
                self.lock.check::<ChipCrypto>(&keys, CredentialKind::Rfid, &self.secret, Wish::Open, now)
            }
            9 => self.lock.outside_button(now),
            10 => {
                let buttons = [
                    InsideButton::Lock,
                    InsideButton::Unlock,
                    InsideButton::LockNGo,
                    InsideButton::PrivacyOn,
                    InsideButton::PrivacyOff,
                    InsideButton::SelfTest,
                ];
                self.lock.inside_button(buttons[(choice % 6) as usize], now)
            }
            11 => self.lock.reset_button(
                if choice % 2 == 0 { ResetButton::Pressed } else { ResetButton::Released },
                now,
            ),
            12 => {
                self.next_id += 1;
                let deeds = [
                    Deed::Lock,
                    Deed::Unlock,
                    Deed::Unlatch,
                    Deed::UnlockFor(Seconds(30)),
                    Deed::LockNGo,
                    Deed::SetMode(Mode::ALL[(choice % 5) as usize]),
                    Deed::Calibrate,
                    Deed::SelfTest,
                    Deed::EndLockout,
                ];
                let (id, deed) = (CommandId(self.next_id), deeds[(choice % 9) as usize]);
                let order = self.proof.as_ref().map(|()| Order { id, deed, source: Source::RemoteLive });
                self.lock.order(order, now).unwrap_or_default()
            }
            _ => self.lock.handle_timeout(now),
        };
    }

    /// Does what the step asked for, outside of the time: records are durable at once, and the motor mostly arrives.
    pub(crate) fn follow(&mut self) {
        let barrier = self.effects.barrier.take();
        if barrier.is_some() {
            let _ = self.lock.admit(self.now);
        }
        if self.lock.is_resetting() {
            let _ = self.lock.wipe(self.now);
            let _ = self.lock.reset_finished(self.now);
            self.fill();
        }
        let arrived = match self.effects.motor {
            Some(Drive::Extend) => Some(BoltPosition::Extended),
            Some(Drive::Retract) => Some(BoltPosition::Retracted),
            Some(Drive::Stop | Drive::PullLatch | Drive::ReleaseLatch) | None => None,
        };
        if let Some(position) = arrived.filter(|_| self.below(4) > 0) {
            self.now = self.now.plus_millis(900);
            let _ = self.lock.bolt_sensed(position, self.now);
        }
    }
}

fn digits(slot: u8) -> PinDigits {
    let text = [b'1' + slot / 10, b'0' + slot % 10, b'4', b'7', b'1', b'9'];
    PinDigits::from_ascii(&text).unwrap_or_else(|_| panic!("six digits"))
}

fn token(slot: u8) -> TokenId {
    TokenId::from_bytes(&[0xa0, slot, 3, 4, 5, 6, 7]).unwrap_or_else(|_| panic!("seven bytes"))
}

/// The proof of a live message of the cloud, without which there is no order.
fn proof() -> Authenticated<()> {
    let root = RootKey::from_bytes::<ChipCrypto>(*b"32 bytes from a random source...", LOCK);
    let Ok(root) = root else { panic!("the root is neither blank nor derived") };
    let leaves = LeafKeys::expand::<ChipCrypto>(&root, LOCK, KeyEpoch::FIRST);
    let psk = leaves.leaf(Label::Session);
    let prologue = Prologue {
        lock_id: LOCK,
        key_epoch: KeyEpoch::FIRST,
        hello: &[0x31; 29],
        version: 1,
        selector: KeySelector::CloudCurrent,
    };
    let mut message = [0; OVERHEAD];
    let hedge = InitiatorHedge { attempt: 1, entropy: [0x22; 32] };
    let started = <Initiator>::start(psk, &prologue, &hedge, b"", &mut message);
    let opened = <Responder>::prepare(psk, &prologue).open(&mut message);
    match (started, opened) {
        (Ok(_), Ok((payload, _))) => payload.map(|_| ()),
        _ => panic!("the keys are the same"),
    }
}
