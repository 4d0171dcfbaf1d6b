//! Who is let in and who is not, predicted from what was set and what happened. Naive on purpose: plain code of its own, which reads
//! facts and settings as data and asks nothing of `decide`, of the schedules, of the clock or of the lockout of the lock.

use lock_proto::{
    BatteryLevel, BoltPosition, CredentialRule, DoorState, Latch, Mode, RemoteAtUnknown, Span, UnixMillis,
    User, UserKind, UserStatus,
};
use lock_state::{Deed, InsideButton, TableSlot, Wish};

use crate::world::World;

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;

/// What was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Nobody knows it.
    Unknown,
    /// It opens at any time and is nobody's.
    Nobodys,
    /// The credential in a slot, of a user.
    Of { slot: u8, user: u8 },
}

/// What the lock must make of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wrong,
    OneMore,
    Refused,
    /// The use must be marked first.
    Marked,
    Admitted,
}

/// Over which way an order comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Live,
    Sealed { issued_at: u64 },
    Holder,
}

/// What is to become of the door: all that matters of a deed or a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    Lock,
    Unlock,
    Unlatch,
    Mode(Mode),
    Exercise,
    EndLockout,
}

impl Want {
    fn of(deed: Deed) -> Self {
        match deed {
            Deed::Lock => Self::Lock,
            Deed::Unlock | Deed::UnlockFor(_) | Deed::LockNGo => Self::Unlock,
            Deed::Unlatch => Self::Unlatch,
            Deed::SetMode(mode) => Self::Mode(mode),
            Deed::Calibrate | Deed::SelfTest => Self::Exercise,
            Deed::EndLockout => Self::EndLockout,
        }
    }
}

/// What holds at the lock, as it says itself.
struct Scene {
    mode: Mode,
    bolt: BoltPosition,
    door: DoorState,
    is_critical: bool,
    latch: Latch,
    permits_blind: bool,
}

impl Scene {
    fn of(world: &World) -> Self {
        let health = world.lock.health(world.now);
        let settings = world.lock.configuration().settings();
        Self {
            mode: health.status.mode.value,
            bolt: health.status.bolt.value,
            door: health.status.door.value,
            is_critical: health.power.level == BatteryLevel::Critical,
            latch: settings.mechanics.latch,
            permits_blind: settings.policy.remote_at_unknown == RemoteAtUnknown::Permit,
        }
    }

    /// Whether the mechanism can do it for somebody at the door.
    fn can(&self, want: Want) -> bool {
        let is_open = matches!(self.door, DoorState::Open | DoorState::Ajar | DoorState::Forced);
        match want {
            Want::Lock | Want::Exercise => !is_open && !self.is_critical,
            Want::Unlatch => self.latch != Latch::None,
            Want::Unlock | Want::Mode(_) | Want::EndLockout => true,
        }
    }

    /// The same for the cloud, which does not open what nobody sees.
    fn can_from_afar(&self, want: Want) -> bool {
        let opens = matches!(want, Want::Unlock | Want::Unlatch | Want::Mode(Mode::Passage));
        self.can(want) && (!opens || self.bolt != BoltPosition::Unknown || self.permits_blind)
    }
}

/// The last answer of the cloud about the time.
#[derive(Clone, Copy, Debug)]
struct Told {
    time: u64,
    round_trip: u64,
    at: u64,
}

/// The first of two credentials, and until when the second is awaited.
#[derive(Clone, Copy, Debug)]
struct First {
    user: u8,
    slot: u8,
    until: u64,
}

#[derive(Debug)]
pub(crate) struct Gatekeeper {
    limit: u32,
    wrong: u32,
    /// Codes are refused before this moment.
    closed_until: u64,
    /// The count and the rest of the time that storage holds.
    stored: (u32, u64),
    told: Option<Told>,
    floor: u64,
    first: Option<First>,
    /// Whether the mark of the one-time user is stored.
    pub(crate) is_spent: bool,
}

impl Gatekeeper {
    pub(crate) fn new(limit: u32) -> Self {
        let nothing = (0, 0);
        Self {
            limit,
            wrong: 0,
            closed_until: 0,
            stored: nothing,
            told: None,
            floor: 0,
            first: None,
            is_spent: false,
        }
    }

    // Codes and their lockout.

    fn rest(&self, now: u64) -> u64 {
        self.closed_until.saturating_sub(now)
    }

    /// The lock's record of it is stored.
    pub(crate) fn store(&mut self, now: u64) {
        self.stored = (self.wrong, self.rest(now));
    }

    /// A boot: what was stored goes on, whatever time passed without power.
    pub(crate) fn boot(&mut self, floor: u64) {
        (self.wrong, self.closed_until) = self.stored;
        (self.told, self.first, self.floor) = (None, None, floor);
    }

    pub(crate) fn reset(&mut self) {
        self.first = None;
    }

    /// Whether a code is taken at all; then it counts as wrong.
    pub(crate) fn takes_a_code(&mut self, now: u64) -> bool {
        if now < self.closed_until {
            return false;
        }
        self.wrong = (self.wrong + 1).min(255);
        if self.wrong >= self.limit {
            let doubled = MINUTE << (self.wrong - self.limit).min(6);
            self.closed_until = now + doubled.min(60 * MINUTE);
        }
        true
    }

    /// What the lock holds of it must be this, to the millisecond.
    pub(crate) fn judge(&self, saved: &lock_state::Saved, now: u64) {
        assert_eq!(u32::from(saved.wrong_codes), self.wrong, "the wrong codes");
        assert_eq!(u64::from(saved.lockout_remaining), self.rest(now), "the lockout ends at its time");
        assert_eq!(saved.clock_floor, UnixMillis(self.earliest(now)), "the floor");
    }

    // The clock.

    pub(crate) fn tell_time(&mut self, time: u64, asked_at: u64, now: u64) {
        self.floor = self.earliest(now).max(time);
        self.told = Some(Told { time, round_trip: now - asked_at, at: now });
    }

    /// 100 ppm of the time since the answer.
    fn drift(told: Told, now: u64) -> u64 {
        (now - told.at).div_ceil(10_000)
    }

    fn earliest(&self, now: u64) -> u64 {
        let told =
            self.told.map_or(0, |told| told.time + (now - told.at).saturating_sub(Self::drift(told, now)));
        told.max(self.floor)
    }

    /// The bounds of the time, where it is trusted.
    pub(crate) fn time(&self, now: u64) -> Option<(u64, u64)> {
        let told = self.told?;
        let error = told.round_trip + Self::drift(told, now);
        let earliest = self.earliest(now);
        let latest = told.time + (now - told.at) + error;
        (error <= MINUTE).then_some((earliest, latest.max(earliest)))
    }

    // Users.

    fn admits(&self, world: &World, slot: u8) -> bool {
        let user = world.lock.configuration().user(slot).unwrap().user;
        let is_spent = user.kind == UserKind::Disposable && self.is_spent;
        if user.status == UserStatus::Disabled || is_spent {
            return false;
        }
        let has_hours = user.kind == UserKind::WeekDay;
        if !has_hours && user.not_before.is_none() && user.not_after.is_none() {
            return true;
        }
        let Some((earliest, latest)) = self.time(world.now.as_millis()) else { return false };
        let has_dates = user.not_before.is_none_or(|first| earliest >= first.0)
            && user.not_after.is_none_or(|last| latest <= last.0);
        has_dates && (!has_hours || Self::within_hours(world, slot, earliest, latest))
    }

    /// Each of a user's hours, at both bounds. They lie further apart than the bounds do.
    fn within_hours(world: &World, slot: u8, earliest: u64, latest: u64) -> bool {
        let rules = world.lock.user_rules(slot).unwrap();
        let offset = i64::from(rules.zone.offset.0) * MINUTE as i64;
        let local = |time: u64| time.checked_add_signed(offset).unwrap();
        let own = rules.windows.iter().filter_map(TableSlot::item).filter(|item| item.value.user == slot);
        own.map(|item| item.value.span).any(|span| {
            let Span::Weekly { days, from, until } = span else { return false };
            let covers = |time: u64| {
                let (day, minute) = (time / DAY, time % DAY / MINUTE);
                // The first day of 1970 was a Thursday.
                let begins = |day: u64| days.0 & (1 << ((day + 4) % 7)) != 0;
                let (from, until) = (u64::from(from.0), u64::from(until.0));
                if from < until {
                    begins(day) && from <= minute && minute < until
                } else {
                    (begins(day) && from <= minute) || (begins(day - 1) && minute < until)
                }
            };
            covers(local(earliest)) && covers(local(latest))
        })
    }

    /// Whether whoever shows a credential gets it.
    fn grants(&self, world: &World, scene: &Scene, user: Option<u8>, want: Want) -> bool {
        let by_mode = match scene.mode {
            Mode::Normal | Mode::NoRemote => true,
            Mode::Vacation | Mode::Privacy => want == Want::Lock,
            Mode::Passage => want != Want::Lock,
        };
        let by_user = want == Want::Lock || user.is_none_or(|slot| self.admits(world, slot));
        by_mode && by_user && scene.can(want)
    }

    /// What was counted is compared.
    pub(crate) fn present(&mut self, world: &World, shown: Shown, wish: Wish) -> Verdict {
        let now = world.now.as_millis();
        let user = match shown {
            Shown::Unknown => {
                self.first = None;
                return Verdict::Wrong;
            }
            Shown::Nobodys => None,
            Shown::Of { user, .. } => Some(user),
        };
        (self.wrong, self.closed_until) = (self.wrong - 1, 0);
        if let Shown::Of { slot, user } = shown
            && !self.is_enough(world, slot, user, now)
        {
            return Verdict::OneMore;
        }
        let scene = Scene::of(world);
        if self.grants(world, &scene, user, Want::Unlock) {
            self.wrong = 0;
        }
        let want = match wish {
            Wish::Open if scene.latch != Latch::None => Want::Unlatch,
            Wish::Open | Wish::Unlock | Wish::LockNGo => Want::Unlock,
            Wish::Lock => Want::Lock,
            Wish::SetMode(mode) => Want::Mode(mode),
        };
        let kind = user.map(|slot| world.lock.configuration().user(slot).unwrap().user.kind);
        match self.grants(world, &scene, user, want) {
            false => Verdict::Refused,
            true if kind == Some(UserKind::Disposable) && want != Want::Lock => Verdict::Marked,
            true => Verdict::Admitted,
        }
    }

    /// Whether it takes no further credential of this user.
    fn is_enough(&mut self, world: &World, slot: u8, user: u8, now: u64) -> bool {
        let User { rule, .. } = world.lock.configuration().user(user).unwrap().user;
        let first = self.first.take().filter(|first| first.user == user && now <= first.until);
        match first {
            _ if rule == CredentialRule::Single => return true,
            Some(first) if first.slot != slot => return true,
            Some(first) => self.first = Some(first),
            None => self.first = Some(First { user, slot, until: now + 30_000 }),
        }
        false
    }

    /// The lock said that it waits no longer for the second.
    pub(crate) fn gave_up_waiting(&mut self, now: u64) {
        let first = self.first.take().expect("nothing was awaited");
        assert!(now >= first.until, "it waits half a minute for the second");
    }

    // Orders.

    /// Whether the lock carries it out.
    pub(crate) fn order(&mut self, world: &World, way: Way, deed: Deed) -> bool {
        let (scene, want) = (Scene::of(world), Want::of(deed));
        let is_remote = way != Way::Holder;
        let by_right = is_remote || matches!(want, Want::Lock | Want::Unlock | Want::Unlatch);
        let is_setting = want == Want::EndLockout;
        let by_mode = match (scene.mode, is_remote) {
            (Mode::Normal, _) | (Mode::Vacation, true) | (Mode::NoRemote, false) => true,
            (Mode::Vacation | Mode::Privacy, false) => want == Want::Lock,
            (Mode::Privacy, true) => is_setting || want == Want::Lock,
            (Mode::NoRemote, true) => is_setting || matches!(want, Want::Mode(_)),
            (Mode::Passage, _) => !matches!(want, Want::Lock | Want::Exercise),
        };
        let in_time = match way {
            Way::Sealed { issued_at } if !matches!(want, Want::Lock) => {
                let stays = matches!(want, Want::Mode(mode) if mode != Mode::Passage);
                let time = self.time(world.now.as_millis());
                let is_fresh = |(_, latest): (u64, u64)| {
                    latest.saturating_sub(issued_at) <= MINUTE && issued_at.saturating_sub(latest) <= 5_000
                };
                stays || time.is_some_and(is_fresh)
            }
            Way::Sealed { .. } | Way::Live | Way::Holder => true,
        };
        let can = if is_remote { scene.can_from_afar(want) } else { scene.can(want) };
        let is_carried_out = by_right && by_mode && in_time && can;
        if is_carried_out && want == Want::EndLockout {
            (self.wrong, self.closed_until) = (0, 0);
        }
        is_carried_out
    }

    /// Whether a press of the button inside does what it says; `None` where it has nothing to say.
    pub(crate) fn inside(&self, world: &World, press: InsideButton) -> Option<bool> {
        let scene = Scene::of(world);
        let want = match press {
            InsideButton::Lock => Want::Lock,
            InsideButton::Unlock | InsideButton::LockNGo => Want::Unlock,
            InsideButton::SelfTest => Want::Exercise,
            InsideButton::PrivacyOn => Want::Mode(Mode::Privacy),
            InsideButton::PrivacyOff => return None,
        };
        Some(scene.can(want) && Self::free_for_all(&scene, want))
    }

    pub(crate) fn outside(&self, world: &World) -> bool {
        let scene = Scene::of(world);
        scene.can(Want::Lock) && Self::free_for_all(&scene, Want::Lock)
    }

    /// Nobody locks a passage.
    fn free_for_all(scene: &Scene, want: Want) -> bool {
        scene.mode != Mode::Passage || !matches!(want, Want::Lock | Want::Exercise)
    }
}
