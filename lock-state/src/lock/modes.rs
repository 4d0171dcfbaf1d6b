//! Modes, holidays and the night: what the calendar changes by itself.

use lock_proto::{Cause, Holiday, Mode, Night, Seconds, Span, UnixMillis, Uptime, Weekdays};

use super::Lock;
use super::timers::CLOCK_GRACE_MS;
use crate::motor::Afterwards;
use crate::schedule::{holds, next_start};
use crate::{ClockReading, Deed, Effects, Goal, Happened, Indication, Source, Tables};

/// The calendar looks again after this at the latest, in milliseconds: a clock that drifts is looked at often enough.
const LONGEST_LOOK_MS: u64 = 6 * 3_600_000;
/// And not sooner than this.
const SHORTEST_LOOK_MS: u64 = 1_000;

/// What is planned by date and time of day.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Calendar {
    /// The mode that people have set; a holiday's goes before it while it lasts.
    pub(super) set: Mode,
    /// When the night begins for the next time.
    night: Option<UnixMillis>,
    /// When to look again.
    due: Option<Uptime>,
    /// When a clock that was known before the boot is to be missed.
    pub(super) clock_missed: Option<Uptime>,
}

impl Calendar {
    pub(super) fn at_boot(set: Mode, floor: UnixMillis, now: Uptime) -> Self {
        let was_known = floor > UnixMillis(0);
        let clock_missed = was_known.then(|| now.plus_millis(CLOCK_GRACE_MS));
        Self { set, night: None, due: None, clock_missed }
    }

    pub(super) const fn due(&self) -> Option<Uptime> {
        self.due
    }
}

const fn nightly(night: Night) -> Span {
    Span::Weekly { days: Weekdays::ALL, from: night.from, until: night.until }
}

impl<T: Tables> Lock<T> {
    /// Puts a mode in force, unless a holiday's is.
    pub(super) fn set_mode(&mut self, mode: Mode, cause: Cause, effects: &mut Effects) {
        self.calendar.set = mode;
        self.facts.count_change();
        effects.save = true;
        self.refresh_mode(cause, effects);
        effects.indicate = Some(Indication::Mode(self.facts.mode.value()));
    }

    /// The mode that is in force now: the holiday's, or the one that people have set.
    ///
    /// Where the clock is not trusted, a holiday that is known to have begun still closes ways, and none opens the door: the end of
    /// a vacation is learned from the cloud, which every mode lets through for that.
    fn mode_now(&self) -> Mode {
        let reading = self.clock.reading(self.now);
        let in_force = self.configuration.holidays().find(|holiday| is_in_force(holiday, reading));
        in_force.and_then(|holiday| holiday.mode).unwrap_or(self.calendar.set)
    }

    fn refresh_mode(&mut self, cause: Cause, effects: &mut Effects) {
        let (before, mode) = (self.facts.mode.value(), self.mode_now());
        if mode == before {
            return;
        }
        self.facts.note_mode(mode, cause, self.now);
        effects.happened.add(Happened::Mode(mode), cause);
        if mode == Mode::Passage {
            self.stop_relock(effects);
            if !self.is_held_for(cause) {
                self.begin(Goal::Unlocked, cause, None, Afterwards::Settings, effects);
            }
        } else if before == Mode::Passage && self.facts.bolt.value() == Goal::Unlocked.end() {
            self.start_relock(self.plan(Afterwards::Settings), effects);
        }
    }

    /// The relock delay of the night, while it is night for certain; `None` leaves that of the day.
    pub(super) fn night_relock(&self) -> Option<Seconds> {
        let settings = self.configuration.settings();
        let night = settings.night.filter(|night| night.relock.0 > 0)?;
        let ClockReading::Trusted { earliest, latest } = self.clock.reading(self.now) else { return None };
        holds(&nightly(night), &settings.zone, earliest, latest).then_some(night.relock)
    }

    /// Looks at the calendar: the mode, the begin of the night, and when to look again. Called at each of these moments, and when
    /// the clock or the settings change.
    pub(super) fn look_at_calendar(&mut self, effects: &mut Effects) {
        self.refresh_mode(Cause::Schedule, effects);
        let ClockReading::Trusted { earliest, latest } = self.clock.reading(self.now) else {
            (self.calendar.night, self.calendar.due) = (None, None);
            return;
        };
        if self.calendar.night.is_some_and(|begin| earliest >= begin) {
            self.calendar.night = None;
            if !self.is_held() {
                let _ = self.ask_here(Deed::Lock, Source::Schedule, Cause::Schedule, None, effects);
            }
        }
        let settings = self.configuration.settings();
        let next_night = settings.night.and_then(|night| {
            let later = latest.plus_millis(1);
            if holds(&nightly(night), &settings.zone, later, later) {
                // It has begun: the next one comes after its end.
                let day = Span::Weekly { days: Weekdays::ALL, from: night.until, until: night.from };
                let morning = next_start(&day, &settings.zone, later)?;
                next_start(&nightly(night), &settings.zone, morning)
            } else {
                next_start(&nightly(night), &settings.zone, later)
            }
        });
        self.calendar.night = next_night;
        let boundaries = self.configuration.holidays().flat_map(|holiday| [holiday.from, holiday.until]);
        let next = boundaries.chain(next_night).filter(|moment| *moment > earliest).min();
        let wait = next.map(|moment| moment.millis_since(earliest).clamp(SHORTEST_LOOK_MS, LONGEST_LOOK_MS));
        self.calendar.due = wait.map(|wait| self.now.plus_millis(wait));
    }
}

fn is_in_force(holiday: &Holiday, reading: ClockReading) -> bool {
    match reading {
        ClockReading::Unset => false,
        ClockReading::Floor(floor) => {
            holiday.mode != Some(Mode::Passage) && holiday.from <= floor && floor < holiday.until
        }
        ClockReading::Trusted { earliest, latest } => holiday.from <= earliest && latest < holiday.until,
    }
}
