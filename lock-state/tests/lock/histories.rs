//! A million random inputs in virtual time, with power cuts between any two outputs, each judged by a naive model.

use lock_crypto::{Authenticated, RustCrypto};
use lock_proto::{
    Alarm, BoltPosition, BootReason, Cause, ClockFact, CredentialKind, CredentialRule, CriticalBattery,
    Holiday, Latch, LatchPosition, Mechanics, Millivolts, MinuteOfDay, Mode, Night, Policy, Put, Reason,
    RemoteAtUnknown, Seconds, Secret, Setting, Span, Table, Target, TokenId, UnixMillis, Uptime, User,
    UserKind, UserStatus, UtcOffset, Weekdays, Window, Zone,
};
use lock_state::{
    Barrier, Change, Deed, DoorReading, Effects, Indication, InsideButton, Observation, Order, PowerReading,
    ResetButton, Saved, Source, TamperContact, TimeAnswer, Upkeep, Wish,
};

use crate::gatekeeper::{Gatekeeper, Shown, Verdict, Way};
use crate::peers::{live_cloud, live_holder, sealed_cloud};
use crate::reference::Observer;
use crate::world::{LIMIT, NOON, World, code_in, code_of, load, pages, pin};

/// How many inputs the lock gets in each of the two histories, unless `LOCK_HISTORY_STEPS` says how many: fewer, where the test is run for each mutant.
fn steps() -> u64 {
    std::env::var("LOCK_HISTORY_STEPS").map_or(500_000, |steps| steps.parse().expect("a number of steps"))
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
}

struct History {
    random: Random,
    proofs: Proofs,
    world: World,
    observer: Observer,
    gatekeeper: Gatekeeper,
    stored: Stored,
    next_id: u64,
    /// How often the one-time user of slot 3 was let in since the user was set.
    admissions: u64,
    reboots: u64,
    commands: u64,
    let_in: u64,
    kept_out: u64,
    /// How often the user with hours wanted in and knew the time: within them, and outside.
    within_hours: u64,
    outside_hours: u64,
    brown_outs: u64,
}

fn house() -> World {
    let user = |kind| User { kind, ..User::default() };
    let dual = User { rule: CredentialRule::Dual, ..User::default() };
    let users = [user(UserKind::WeekDay), dual, user(UserKind::Forced), user(UserKind::Disposable)];
    let mut world = World::inhabited(BoltPosition::Retracted, &users);
    for setting in beside() {
        world.configure(setting);
    }
    world.configure(Setting::AutoRelock(Seconds(30)));
    world.mechanics(|mechanics| *mechanics = Mechanics { latch: Latch::Sensed, retries: 1, ..*mechanics });
    world
}

impl History {
    fn new(seed: u64) -> Self {
        let world = house();
        let saved = world.saved();
        let stored =
            Stored { saved, upkeep: world.lock.upkeep(world.now), pages: pages(world.lock.configuration()) };
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
            gatekeeper: Gatekeeper::new(LIMIT.into()),
            stored,
            next_id: 1,
            admissions: 0,
            reboots: 0,
            commands: 0,
            let_in: 0,
            kept_out: 0,
            within_hours: 0,
            outside_hours: 0,
            brown_outs: 0,
        }
    }

    fn step(&mut self) {
        let now = self.world.now;
        let effects = match self.random.below(24) {
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
            _ => return self.cut(),
        };
        self.judge(&effects);
    }

    fn judge(&mut self, effects: &Effects) {
        let (status, saved) = (self.world.status(), self.world.saved());
        let now = self.world.now.as_millis();
        self.observer.judge(effects, &status, &saved);
        if effects.indicate == Some(Indication::Refused(Reason::MoreCredentials)) {
            self.gatekeeper.gave_up_waiting(now);
        }
        self.gatekeeper.judge(&saved, now);
        // A cut may come before each of these writes: then what was stored before stays.
        if effects.save && self.random.below(8) > 0 {
            self.store(saved);
        }
        if effects.save_upkeep && self.random.below(8) > 0 {
            self.stored.upkeep = self.world.lock.upkeep(self.world.now);
        }
        match effects.barrier {
            Some(Barrier::Admission) => self.admission(),
            Some(Barrier::CodeUse) => panic!("nobody comes with an offline code here"),
            Some(Barrier::Reset) => {
                self.store(saved);
                self.finish_reset();
            }
            None => {}
        }
    }

    fn store(&mut self, saved: Saved) {
        self.stored.saved = saved;
        self.gatekeeper.store(self.world.now.as_millis());
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
        self.gatekeeper.is_spent = true;
        if fate == 1 {
            return self.cut();
        }
        let effects = self.world.lock.admit(self.world.now);
        assert_eq!(
            effects.indicate,
            Some(Indication::Accepted),
            "what was allowed before the mark is allowed after it"
        );
        self.observer.freed();
        if effects.motor.is_some() || effects.finished.is_some() {
            self.admissions += 1;
        }
        assert!(self.admissions <= 1, "a one-time user was let in twice");
        self.judge(&effects);
    }

    /// The records of a reset, cut between any two of them.
    fn finish_reset(&mut self) {
        let effects = self.world.lock.wipe(self.world.now);
        self.gatekeeper.reset();
        self.judge(&effects);
        for (page, record) in pages(self.world.lock.configuration()).into_iter().enumerate() {
            self.stored.pages[page] = record;
            if self.random.below(10) == 0 {
                return self.cut();
            }
        }
        let effects = self.world.lock.reset_finished(self.world.now);
        self.judge(&effects);
        self.store(self.world.saved());
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
        self.gatekeeper.is_spent = false;
        self.stored.pages = pages(self.world.lock.configuration());
    }

    fn cut(&mut self) {
        self.reboots += 1;
        let before = self.stored.saved;
        let reason = self.random.one_of(&[BootReason::PowerOn, BootReason::Watchdog, BootReason::BrownOut]);
        self.brown_outs += u64::from(reason == BootReason::BrownOut);
        let pages = load(&self.stored.pages);
        let mut world = World::boot_because(reason, before, self.stored.upkeep, pages);
        let version = world.status().configuration;
        assert_eq!(world.saved().lockout_remaining, before.lockout_remaining, "a reboot shortens no lockout");
        assert_eq!(world.saved().wrong_codes, before.wrong_codes);
        assert_eq!(world.saved().relock_remaining, before.relock_remaining);
        std::mem::swap(&mut self.world, &mut world);
        self.observer = Observer::at_boot(&before, reason, version, LIMIT.into());
        self.gatekeeper.boot(before.clock_floor.0);
        self.gatekeeper.judge(&self.world.saved(), self.world.now.as_millis());
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
        let id = lock_proto::CommandId(self.next_id);
        self.next_id += 1;
        let now = self.world.now.as_millis();
        let latest = self.gatekeeper.time(now).map_or(NOON.0 + now, |(_, latest)| latest);
        let issued_at = latest - 70_000 + self.random.one_of(&[0, 9_999, 10_000, 69_000, 75_000, 75_001]);
        let sealed = Source::RemoteSealed { issued_at: UnixMillis(issued_at), not_after: None };
        let sources = [
            (Source::RemoteLive, Way::Live, &self.proofs.live),
            (Source::VirtualKey, Way::Holder, &self.proofs.holder),
            (sealed, Way::Sealed { issued_at }, &self.proofs.sealed),
        ];
        let (source, way, proof) = self.random.one_of(&sources);
        let order = proof.as_ref().map(|()| Order { id, deed, source });
        let expected = self.gatekeeper.order(&self.world, way, deed);
        let outcome = self.world.lock.order(order, self.world.now);
        assert_eq!(outcome.is_ok(), expected, "{deed:?} over {way:?}: {outcome:?}");
        match outcome {
            Ok(effects) => {
                self.commands += 1;
                self.observer.freed();
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
        let is_taken = self.gatekeeper.takes_a_code(now.as_millis());
        let counted = self.world.lock.count_attempt(now);
        assert_eq!(counted.is_ok(), is_taken, "a code at the lockout: {counted:?}");
        if !is_taken {
            return;
        }
        self.observer.counted();
        if self.random.below(8) == 0 {
            // The count was not stored: nothing is compared.
            return self.cut_after_count(false);
        }
        self.store(self.world.saved());
        if self.random.below(8) == 0 {
            return self.cut_after_count(true);
        }
        let of = |slot, user| Shown::Of { slot, user };
        let all = [
            (Shown::Unknown, CredentialKind::Pin, pin(b"000000")),
            (Shown::Nobodys, CredentialKind::Pin, pin(b"271828")),
            (of(0, 0), CredentialKind::Pin, pin(&code_of(0))),
            (of(1, 1), CredentialKind::Pin, pin(&code_of(1))),
            (of(2, 2), CredentialKind::Pin, pin(&code_of(2))),
            (of(3, 3), CredentialKind::Pin, pin(&code_of(3))),
            (of(4, 1), CredentialKind::Fob, fob()),
        ];
        let (shown, kind, secret) = &all[self.random.below(7) as usize];
        let wish = self.random.one_of(&[Wish::Open, Wish::Unlock, Wish::Lock, Wish::LockNGo]);
        let expected = self.gatekeeper.present(&self.world, *shown, wish);
        let effects = self.world.check(*kind, secret, wish);
        self.presented(*shown, wish, expected, &effects);
        self.judge(&effects);
    }

    /// Whether the lock did to whoever presented it what the gatekeeper said.
    fn presented(&mut self, shown: Shown, wish: Wish, expected: Verdict, effects: &Effects) {
        let did = match effects.indicate {
            None if effects.barrier == Some(Barrier::Admission) => Verdict::Marked,
            Some(Indication::Accepted) => Verdict::Admitted,
            Some(Indication::OneMore) => Verdict::OneMore,
            Some(Indication::LockedOut | Indication::Refused(Reason::WrongCode)) => Verdict::Wrong,
            Some(Indication::Refused(_)) => Verdict::Refused,
            other => panic!("{other:?} at a credential"),
        };
        // The user of slot 0 comes at certain hours, and may lock at any.
        let knows_time = matches!(self.world.status().clock, ClockFact::Trusted { .. });
        let is_guess = did == Verdict::Admitted
            && !knows_time
            && shown == (Shown::Of { slot: 0, user: 0 })
            && wish != Wish::Lock;
        assert!(!is_guess, "hours without a clock");
        let mode = self.world.status().mode.value;
        if shown == (Shown::Of { slot: 0, user: 0 })
            && knows_time
            && mode == Mode::Normal
            && wish != Wish::Lock
        {
            self.within_hours += u64::from(did == Verdict::Admitted);
            self.outside_hours += u64::from(did == Verdict::Refused);
        }
        assert_eq!(did, expected, "{shown:?} for {wish:?} in {mode:?}");
        if did != Verdict::Admitted {
            assert_eq!((effects.motor, effects.finished), (None, None), "{did:?} and moved");
            self.kept_out += 1;
            return;
        }
        self.let_in += 1;
        self.observer.freed();
        let status = self.world.status();
        let targets: &[Target] = match wish {
            Wish::Lock => &[Target::Locked],
            Wish::Open => &[Target::Unlocked, Target::Unlatched],
            Wish::Unlock | Wish::LockNGo => &[Target::Unlocked],
            Wish::SetMode(_) => &[],
        };
        assert!(targets.contains(&status.target.value), "{wish:?} made {:?}", status.target.value);
        assert!(matches!(status.target.cause, Cause::Credential { .. }));
        // Whoever is duressed is let in like anybody, and somebody hears of it.
        let is_duress = shown == (Shown::Of { slot: 2, user: 2 });
        assert_eq!(effects.alarms.contains(Alarm::Duress), is_duress);
    }

    fn cut_after_count(&mut self, was_stored: bool) {
        let wrong = self.world.saved().wrong_codes;
        self.cut();
        assert!(!was_stored || self.world.saved().wrong_codes == wrong, "a cut bought a guess");
    }

    fn battery(&mut self) -> Effects {
        let millivolts = Millivolts(self.random.one_of(&[3_000, 3_900, 4_300, 4_800, 5_600, 6_200]));
        let readings = [PowerReading::resting(millivolts), PowerReading::loaded(millivolts)];
        self.observer.freed();
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
        let (expected, effects) = match self.random.below(7) {
            0 => {
                let expected = self.gatekeeper.outside(&self.world);
                (Some(expected), self.world.lock.outside_button(self.world.now))
            }
            _ => {
                let press = self.random.one_of(&presses);
                let expected = self.gatekeeper.inside(&self.world, press);
                (expected, self.world.lock.inside_button(press, self.world.now))
            }
        };
        let is_refused = matches!(effects.indicate, Some(Indication::Refused(_)));
        assert_eq!(is_refused, expected == Some(false), "a button: {effects:?}");
        if !is_refused {
            self.observer.freed();
        }
        effects
    }

    fn clock(&mut self) -> Effects {
        let ahead = self.random.one_of(&[0, 1_000, 3_600_000, 86_400_000, 30 * 86_400_000]);
        let time = UnixMillis(self.world.saved().clock_floor.0.max(NOON.0) + ahead);
        let asked_at =
            Uptime::from_millis(self.world.now.as_millis().saturating_sub(self.random.below(12_000)));
        let answer = self.proofs.live.as_ref().map(|()| TimeAnswer { time, asked_at });
        let now = self.world.now;
        let Ok(effects) = self.world.lock.set_clock(answer, now) else { return Effects::NONE };
        self.gatekeeper.tell_time(time.0, asked_at.as_millis(), now.as_millis());
        effects
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
        let version = self.world.status().configuration + 1;
        let status = self.random.one_of(&UserStatus::ALL);
        let around =
            self.gatekeeper.time(self.world.now.as_millis()).map_or(NOON.0, |(earliest, _)| earliest);
        let dates = [None, Some(UnixMillis(around - 3_600_000)), Some(UnixMillis(around + 3_600_000))];
        let (not_before, not_after) = self.random.one_of(&[
            (None, None),
            (dates[1], dates[2]),
            (dates[2], None),
            (None, dates[1]),
            (None, dates[2]),
        ]);
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
            Setting::Policy(Policy {
                wrong_codes: LIMIT,
                remote_at_unknown: self.random.one_of(&RemoteAtUnknown::ALL),
                critical_battery: self.random.one_of(&CriticalBattery::ALL),
                ..Policy::default()
            }),
            Setting::SetUser {
                slot: 0,
                put: Put::Set,
                user: User { status, kind: UserKind::WeekDay, ..User::default() },
            },
            Setting::SetUser {
                slot: 2,
                put: Put::Set,
                user: User { kind: UserKind::Forced, not_before, not_after, ..User::default() },
            },
            hours(0, self.random.one_of(&HOURS)),
            Setting::Zone(Zone { offset: UtcOffset(self.random.one_of(&[-300, 0, 345])), ..Zone::default() }),
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
    settings.extend(beside());
    settings
}

/// The hours in which the user of slot 0 may come: by day on work days, and by night on any.
const HOURS: [(Weekdays, u16, u16); 2] =
    [(Weekdays(0b011_1110), 8 * 60, 20 * 60), (Weekdays::ALL, 22 * 60, 6 * 60)];

fn hours(slot: u8, (days, from, until): (Weekdays, u16, u16)) -> Setting {
    let span = Span::Weekly { days, from: MinuteOfDay(from), until: MinuteOfDay(until) };
    Setting::SetWindow { slot, put: Put::Set, window: Window { user: 0, span } }
}

fn fob() -> Secret {
    Secret::Token(TokenId::from_bytes(b"fob 1").unwrap())
}

/// The second credential of the user with two, a code that is nobody's, the hours.
fn beside() -> Vec<Setting> {
    let kind = CredentialKind::Fob;
    let fob = Setting::SetCredential { slot: 4, put: Put::Add, user: Some(1), kind, secret: fob() };
    vec![fob, code_in(5, None, b"271828"), hours(0, HOURS[0])]
}

fn run(seed: u64) {
    let mut history = History::new(seed);
    let steps = steps();
    for _ in 0..steps {
        history.step();
    }
    let History { reboots, brown_outs, commands, let_in, kept_out, within_hours, outside_hours, .. } =
        history;
    println!(
        "seed {seed}: {steps} steps, {reboots} reboots, {brown_outs} by a brown-out, {commands} commands, let in {let_in} times, kept out \
         {kept_out} times, {within_hours} within hours and {outside_hours} outside"
    );
    assert!(reboots > steps / 100 && commands > steps / 100 && let_in > steps / 1_000);
    assert!(brown_outs > steps / 100 && kept_out > steps / 100);
    assert!(within_hours > steps / 50_000 && outside_hours > steps / 50_000);
}

#[test]
fn half_a_million_inputs_and_cuts_agree_with_a_naive_model() {
    run(0x10c4);
}

#[test]
fn and_another_half_a_million() {
    run(0xd00e);
}
