//! Random lives of a lock to which couriers come with offline codes: an independent count of what each code may open.

use lock_crypto::{Authenticated, RustCrypto};
use lock_proto::{
    BoltPosition, BootReason, ClockFact, CodesSwitch, CredentialKind, CredentialRule, Holiday, Latch,
    LatchPosition, Mechanics, Millivolts, MinuteOfDay, Mode, Night, Policy, Put, Reason, Seconds, Setting,
    Span, Table, UnixMillis, Uptime, User, UserKind, Weekdays, Window,
};
use lock_state::{
    Barrier, Change, Deed, DoorReading, Effects, Indication, InsideButton, Observation, Order, PowerReading,
    ResetButton, Saved, Source, TamperContact, TimeAnswer, Upkeep, UsedCodes, Wish,
};

use crate::courier::Courier;
use crate::peers::{live_cloud, live_holder, sealed_cloud};
use crate::reference::Observer;
use crate::world::{LIMIT, NOON, World, code_in, code_of, load, pages, pin};

/// How many inputs the lock gets in each of the two histories.
fn steps() -> u64 {
    std::env::var("LOCK_HISTORY_STEPS").map_or(250_000, |steps| steps.parse().expect("a number of steps"))
}

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}

/// Proofs of each channel, made once: an order over one costs no handshake.
struct Proofs {
    live: Authenticated<()>,
    holder: Authenticated<()>,
    sealed: Authenticated<()>,
}

/// What storage holds.
struct Stored {
    saved: Saved,
    upkeep: Upkeep,
    pages: Vec<Vec<u8>>,
    used: UsedCodes,
}

struct History {
    random: Random,
    proofs: Proofs,
    world: World,
    observer: Observer,
    stored: Stored,
    next_id: u64,
    /// How often the one-time user of slot 3 was let in since the user was set.
    admissions: u64,
    reboots: u64,
    commands: u64,
    let_in: u64,
    courier: Courier,
}

fn house() -> World {
    let user = |kind| User { kind, ..User::default() };
    let dual = User { rule: CredentialRule::Dual, ..User::default() };
    let users = [user(UserKind::WeekDay), dual, user(UserKind::Forced), user(UserKind::Disposable)];
    let mut world = World::inhabited(BoltPosition::Retracted, &users);
    world.configure(code_in(4, Some(1), b"777777"));
    world.configure(code_in(5, None, b"271828"));
    let span = Span::Weekly { days: Weekdays::ALL, from: MinuteOfDay(8 * 60), until: MinuteOfDay(20 * 60) };
    world.window(0, Window { user: 0, span });
    world.configure(Setting::AutoRelock(Seconds(30)));
    world.mechanics(|mechanics| *mechanics = Mechanics { latch: Latch::Sensed, retries: 1, ..*mechanics });
    world
}

impl History {
    fn new(seed: u64) -> Self {
        let world = house();
        let saved = world.saved();
        let stored = Stored {
            saved,
            upkeep: world.lock.upkeep(world.now),
            pages: pages(world.lock.configuration()),
            used: *world.lock.used_codes(),
        };
        let version = world.status().configuration;
        let mut observer = Observer::at_boot(&saved, BootReason::PowerOn, version, LIMIT.into());
        observer.bolt_read(BoltPosition::Retracted);
        observer.door_read(DoorReading::Closed);
        let proofs = Proofs { live: live_cloud(()), holder: live_holder(()), sealed: sealed_cloud(()) };
        Self {
            random: Random(seed),
            proofs,
            world,
            observer,
            stored,
            next_id: 1,
            admissions: 0,
            reboots: 0,
            commands: 0,
            let_in: 0,
            courier: Courier::default(),
        }
    }

    fn step(&mut self) {
        let now = self.world.now;
        let effects = match self.random.below(25) {
            0..=2 => {
                let wait = self.random.one_of(&[1, 100, 250, 500, 2_000, 5_000, 30_000, 60_000, 3_600_000]);
                self.world.wait(wait);
                self.world.lock.handle_timeout(self.world.now)
            }
            3..=5 => {
                let due = self.world.lock.poll_timeout().unwrap_or(now);
                self.world.now = due.max(now);
                self.world.lock.handle_timeout(self.world.now)
            }
            6..=8 => {
                let position = self.random.one_of(&BoltPosition::ALL);
                self.observer.bolt_read(position);
                self.world.lock.bolt_sensed(position, now)
            }
            9 => {
                let position = self.random.one_of(&LatchPosition::ALL);
                self.world.lock.latch_sensed(position, now)
            }
            10 => {
                let reading =
                    self.random.one_of(&[DoorReading::Silent, DoorReading::Open, DoorReading::Closed]);
                self.observer.door_read(reading);
                self.world.lock.door_sensed(reading, now)
            }
            11 => {
                self.observer.motor_stalled();
                self.world.lock.motor_stalled(now)
            }
            12 => self.battery(),
            13..=15 => self.order(),
            16 | 17 => return self.present(),
            18 => self.button(),
            19 => return self.configure(),
            20 => self.clock(),
            21 => self.reset_button(),
            22 => {
                let contact = self.random.one_of(&[TamperContact::Open, TamperContact::Closed]);
                self.world.lock.observe(Observation::Tamper(contact), now)
            }
            23 => return self.cut(),
            _ => return self.delivery(),
        };
        self.judge(&effects);
    }

    fn judge(&mut self, effects: &Effects) {
        let (status, saved) = (self.world.status(), self.world.saved());
        self.observer.judge(effects, &status, &saved);
        // A cut may come before each of these writes: then what was stored before stays.
        if effects.save && self.random.below(8) > 0 {
            self.stored.saved = saved;
        }
        if effects.save_upkeep && self.random.below(8) > 0 {
            self.stored.upkeep = self.world.lock.upkeep(self.world.now);
        }
        match effects.barrier {
            Some(Barrier::Admission) => self.admission(),
            Some(Barrier::CodeUse) => self.code_use(),
            Some(Barrier::Reset) => {
                self.stored.saved = saved;
                self.finish_reset();
            }
            None => {}
        }
    }

    /// The mark of a use: stored or not, and cut behind it or not.
    fn admission(&mut self) {
        let fate = self.random.below(4);
        if fate == 0 {
            let effects = self.world.lock.dismiss(Reason::StorageFault, self.world.now);
            return self.judge(&effects);
        }
        let page = usize::from(self.world.lock.staged_page().unwrap());
        let mut record = [0; 512];
        let length = self.world.lock.staged_record(&mut record).unwrap();
        self.stored.pages[page] = record[..length].to_vec();
        if fate == 1 {
            return self.cut();
        }
        let effects = self.world.lock.admit(self.world.now);
        if effects.motor.is_some() || effects.finished.is_some() {
            self.admissions += 1;
        }
        assert!(self.admissions <= 1, "a one-time user was let in twice");
        self.judge(&effects);
    }

    /// The record of an offline code's use: stored or not, and cut behind it or not.
    fn code_use(&mut self) {
        let fate = self.random.below(4);
        if fate == 0 {
            let effects = self.world.lock.dismiss(Reason::StorageFault, self.world.now);
            return self.judge(&effects);
        }
        let mut record = [0; UsedCodes::BYTES];
        let length = self.world.lock.codes_record(&mut record).unwrap();
        self.stored.used = UsedCodes::decode(&record[..length]).unwrap();
        if fate == 1 {
            return self.cut();
        }
        let effects = self.world.lock.admit(self.world.now);
        if effects.indicate == Some(Indication::Accepted) {
            self.courier.was_let_in();
        }
        self.judge(&effects);
    }

    /// The records of a reset, cut between any two of them.
    fn finish_reset(&mut self) {
        let effects = self.world.lock.wipe(self.world.now);
        self.judge(&effects);
        for (page, record) in pages(self.world.lock.configuration()).into_iter().enumerate() {
            self.stored.pages[page] = record;
            if self.random.below(10) == 0 {
                return self.cut();
            }
        }
        let effects = self.world.lock.reset_finished(self.world.now);
        self.judge(&effects);
        self.stored.saved = self.world.saved();
        self.furnish();
    }

    /// The owner sets the house up anew.
    fn furnish(&mut self) {
        let mut version = self.world.status().configuration;
        for setting in furniture() {
            version += 1;
            self.world.stage(version, setting).unwrap();
            let effects = self.world.lock.commit(self.world.now);
            self.judge(&effects);
        }
        self.admissions = 0;
        self.stored.pages = pages(self.world.lock.configuration());
    }

    fn cut(&mut self) {
        self.reboots += 1;
        let before = self.stored.saved;
        let mut world = World::boot(before, self.stored.upkeep, load(&self.stored.pages))
            .with_used_codes(self.stored.used);
        let version = world.status().configuration;
        assert_eq!(world.saved().lockout_remaining, before.lockout_remaining, "a reboot shortens no lockout");
        assert_eq!(world.saved().wrong_codes, before.wrong_codes);
        assert_eq!(world.saved().relock_remaining, before.relock_remaining);
        std::mem::swap(&mut self.world, &mut world);
        self.observer = Observer::at_boot(&before, BootReason::PowerOn, version, LIMIT.into());
        if self.world.lock.is_resetting() {
            self.finish_reset();
        }
    }

    fn order(&mut self) -> Effects {
        let deeds = [
            Deed::Lock,
            Deed::Unlock,
            Deed::Unlatch,
            Deed::UnlockFor(Seconds(90)),
            Deed::LockNGo,
            Deed::Calibrate,
            Deed::SelfTest,
            Deed::EndLockout,
            Deed::SetMode(self.random.one_of(&Mode::ALL)),
            Deed::SetMode(Mode::Normal),
        ];
        let deed = self.random.one_of(&deeds);
        let issued_at = UnixMillis(NOON.0 + self.world.now.as_millis());
        let sources =
            [Source::RemoteLive, Source::VirtualKey, Source::RemoteSealed { issued_at, not_after: None }];
        let source = self.random.one_of(&sources);
        self.give(deed, source)
    }

    fn give(&mut self, deed: Deed, source: Source) -> Effects {
        let id = lock_proto::CommandId(self.next_id);
        self.next_id += 1;
        let proof = if source == Source::VirtualKey {
            &self.proofs.holder
        } else if source == Source::RemoteLive {
            &self.proofs.live
        } else {
            &self.proofs.sealed
        };
        let order = proof.as_ref().map(|()| Order { id, deed, source });
        match self.world.lock.order(order, self.world.now) {
            Ok(effects) => {
                self.commands += 1;
                if effects.finished.is_none_or(|finished| finished.command != id) {
                    // What it overtook ends before it begins.
                    let overtaken = Effects { superseded: effects.superseded, ..Effects::NONE };
                    self.observer.overtake(&overtaken);
                    self.observer.began(id.0);
                    return Effects { superseded: None, ..effects };
                }
                self.observer.gave(id.0);
                effects
            }
            Err(_) => Effects::NONE,
        }
    }

    fn present(&mut self) {
        let now = self.world.now;
        let Ok(()) = self.world.lock.count_attempt(now) else { return };
        self.observer.counted();
        if self.random.below(8) == 0 {
            // The count was not stored: nothing is compared.
            return self.cut_after_count(false);
        }
        self.stored.saved = self.world.saved();
        if self.random.below(8) == 0 {
            return self.cut_after_count(true);
        }
        let codes: [Vec<u8>; 7] = [
            code_of(0),
            code_of(1),
            code_of(2),
            code_of(3),
            b"777777".to_vec(),
            b"271828".to_vec(),
            b"000000".to_vec(),
        ];
        let code = &codes[self.random.below(7) as usize];
        let wish = self.random.one_of(&[Wish::Open, Wish::Unlock, Wish::Lock, Wish::LockNGo]);
        let effects = self.world.check(CredentialKind::Pin, &pin(code), wish);
        if effects.motor.is_some() {
            self.let_in += 1;
            assert_ne!(code, b"000000", "a wrong code moved the motor");
            // The user of slot 0 comes at certain hours, and may lock at any.
            let knows_time = matches!(self.world.status().clock, ClockFact::Trusted { .. });
            assert!(knows_time || *code != code_of(0) || wish == Wish::Lock, "hours without a clock");
        }
        self.judge(&effects);
    }

    /// The cloud sees to it that codes are taken, more or less, and a courier comes with several.
    fn delivery(&mut self) {
        let now = self.world.now;
        let time = UnixMillis(self.world.saved().clock_floor.0.max(NOON.0));
        let answer = self.proofs.live.as_ref().map(|()| TimeAnswer { time, asked_at: now });
        let effects = self.world.lock.set_clock(answer, now).unwrap_or(Effects::NONE);
        self.judge(&effects);
        for deed in [Deed::EndLockout, Deed::SetMode(Mode::Normal)] {
            let effects = self.give(deed, Source::RemoteLive);
            self.judge(&effects);
        }
        let series = self.world.lock.configuration().settings().offline_codes;
        let choice = self.random.below(10);
        if series.switch == CodesSwitch::Off || choice < 8 {
            let next = self.courier.next_series(series, time, choice);
            self.set(Setting::OfflineCodes(next));
        }
        for _ in 0..self.random.below(6) {
            if self.world.lock.count_attempt(self.world.now).is_ok() {
                self.observer.counted();
                self.stored.saved = self.world.saved();
                self.offline_code();
            }
        }
    }

    /// A code of some series at some time, or any nine digits.
    fn offline_code(&mut self) {
        let (world, random) = (&self.world, &mut self.random);
        let series = world.lock.configuration().settings().offline_codes;
        let floor = world.saved().clock_floor;
        let (text, code) = self.courier.enters(series, floor, &world.code_leaf, |bound| random.below(bound));
        let wish = self.random.one_of(&[Wish::Open, Wish::Unlock, Wish::Lock]);
        let effects = self.world.check(CredentialKind::Pin, &pin(&text), wish);
        let knows_time = matches!(self.world.status().clock, ClockFact::Trusted { .. });
        self.courier.judge(&effects, code, series, floor, knows_time);
        self.judge(&effects);
    }

    fn cut_after_count(&mut self, was_stored: bool) {
        let wrong = self.world.saved().wrong_codes;
        self.cut();
        assert!(!was_stored || self.world.saved().wrong_codes == wrong, "a cut bought a guess");
    }

    fn battery(&mut self) -> Effects {
        let millivolts = Millivolts(self.random.one_of(&[3_000, 3_900, 4_300, 4_800, 5_600, 6_200]));
        let readings = [PowerReading::resting(millivolts), PowerReading::loaded(millivolts)];
        self.world.lock.power_read(self.random.one_of(&readings), self.world.now)
    }

    fn button(&mut self) -> Effects {
        let presses = [
            InsideButton::Lock,
            InsideButton::Unlock,
            InsideButton::LockNGo,
            InsideButton::PrivacyOn,
            InsideButton::PrivacyOff,
            InsideButton::SelfTest,
        ];
        match self.random.below(7) {
            0 => self.world.lock.outside_button(self.world.now),
            _ => self.world.lock.inside_button(self.random.one_of(&presses), self.world.now),
        }
    }

    fn clock(&mut self) -> Effects {
        let ahead = self.random.one_of(&[0, 1_000, 3_600_000, 86_400_000, 30 * 86_400_000]);
        let time = UnixMillis(self.world.saved().clock_floor.0.max(NOON.0) + ahead);
        let asked_at =
            Uptime::from_millis(self.world.now.as_millis().saturating_sub(self.random.below(12_000)));
        let answer = self.proofs.live.as_ref().map(|()| TimeAnswer { time, asked_at });
        self.world.lock.set_clock(answer, self.world.now).unwrap_or(Effects::NONE)
    }

    fn reset_button(&mut self) -> Effects {
        // Held long enough to reset once in a while only.
        if self.random.below(64) == 0 {
            let effects = self.world.lock.reset_button(ResetButton::Pressed, self.world.now);
            self.judge(&effects);
            self.world.wait(12_000);
        }
        let button =
            self.random.one_of(&[ResetButton::Pressed, ResetButton::Released, ResetButton::Released]);
        self.world.lock.reset_button(button, self.world.now)
    }

    fn configure(&mut self) {
        let settings = [
            Setting::AutoRelock(Seconds(self.random.one_of(&[0, 5, 30, 600]))),
            Setting::Mechanics(Mechanics {
                latch: self.random.one_of(&Latch::ALL),
                retries: self.random.one_of(&[0, 1, 3]),
                ajar_after: Seconds(self.random.one_of(&[0, 20])),
                lock_on_close: Seconds(self.random.one_of(&[0, 5])),
                ..Mechanics::default()
            }),
            Setting::Night(Some(Night {
                from: MinuteOfDay(22 * 60),
                until: MinuteOfDay(6 * 60),
                relock: Seconds(10),
            })),
            Setting::Policy(Policy { wrong_codes: LIMIT, ..Policy::default() }),
            Setting::SetHoliday {
                slot: 0,
                put: Put::Set,
                holiday: Holiday {
                    from: UnixMillis(NOON.0 + 3_600_000),
                    until: UnixMillis(NOON.0 + 90_000_000),
                    mode: Some(self.random.one_of(&Mode::ALL)),
                },
            },
            Setting::Clear { table: Table::Holidays, slot: 0 },
        ];
        let setting = settings[self.random.below(settings.len() as u64) as usize].clone();
        self.set(setting);
    }

    /// Stages a setting, stores it or not, and puts it in force or is cut.
    fn set(&mut self, setting: Setting) {
        let version = self.world.status().configuration + 1;
        let change = self.proofs.live.as_ref().map(|()| Change { version, setting });
        if self.world.lock.stage::<RustCrypto>(change, &self.world.k_pin).is_err() {
            return;
        }
        let page = usize::from(self.world.lock.staged_page().unwrap());
        let mut record = [0; 512];
        let length = self.world.lock.staged_record(&mut record).unwrap();
        match self.random.below(8) {
            0 => self.world.lock.discard(),
            1 => self.cut(),
            fate => {
                self.stored.pages[page] = record[..length].to_vec();
                if fate == 2 {
                    return self.cut();
                }
                let effects = self.world.lock.commit(self.world.now);
                self.judge(&effects);
            }
        }
    }
}

/// What [`house`] sets.
fn furniture() -> Vec<Setting> {
    let world = house();
    let mut settings = Vec::new();
    for slot in 0..4 {
        let user = world.lock.configuration().user(slot).unwrap().user;
        settings.push(Setting::SetUser { slot, put: Put::Set, user });
        settings.push(code_in(slot, Some(slot), &code_of(slot)));
    }
    settings.push(code_in(4, Some(1), b"777777"));
    settings.push(code_in(5, None, b"271828"));
    settings
}

fn run(seed: u64) {
    let mut history = History::new(seed);
    let steps = steps();
    for _ in 0..steps {
        history.step();
    }
    let History { reboots, commands, let_in, courier, .. } = history;
    println!("seed {seed}: {steps} steps, {reboots} reboots, {commands} commands, let in {let_in} times");
    println!("couriers: {courier}");
    assert!(courier.came_often(steps));
    assert!(reboots > steps / 100 && commands > steps / 100 && let_in > steps / 1_000);
}

#[test]
fn couriers_come_and_go_for_a_quarter_of_a_million_random_steps() {
    run(0x10c4);
}
