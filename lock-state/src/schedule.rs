//! When a user may open: windows by the local clock, dates, holidays, and uses. Pure, for the lock and for previews.
//!
//! The lock knows the time as two bounds. Something holds only where it holds for every moment between them: "not before" is
//! tested at the earliest bound, "not after" at the latest, and a window must be one and the same at both.

mod local;

use lock_proto::{Holiday, Reason, Span, UnixMillis, User, UserKind, UserStatus, Window, Zone};

use crate::ClockReading;
use crate::access::{TableSlot, Use};

use local::{Fold, LocalMinute, MINUTE_MS, moment_of, weekday};

/// The rules for one user: what [`decide`](crate::decide()) needs of the tables.
#[derive(Clone, Copy, Debug)]
pub struct UserRules<'a> {
    /// The slot of the user.
    pub slot: u8,
    /// The user.
    pub user: User,
    /// Whether and when the user was here for the first time.
    pub used: Use,
    /// All windows; those of other users are passed over.
    pub windows: &'a [TableSlot<Window>],
    /// All holidays.
    pub holidays: &'a [TableSlot<Holiday>],
    /// The local clock.
    pub zone: &'a Zone,
}

/// Why a user is not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UserRefusal {
    /// Why.
    pub reason: Reason,
    /// The next moment at which the answer is yes, by what is known now; `None` where waiting does not help.
    pub next: Option<UnixMillis>,
}

impl From<Reason> for UserRefusal {
    fn from(reason: Reason) -> Self {
        Self { reason, next: None }
    }
}

impl UserRules<'_> {
    /// Whether the user was here before.
    #[must_use]
    pub const fn is_used(&self) -> bool {
        !matches!(self.used, Use::Never)
    }

    fn spans(&self) -> impl Iterator<Item = Span> {
        let windows = self.windows.iter().filter(|slot| slot.is_of(self.slot)).filter_map(TableSlot::item);
        windows.map(|item| item.value.span).filter(|span| {
            matches!(
                (self.user.kind, span),
                (UserKind::WeekDay, Span::Weekly { .. })
                    | (UserKind::YearDay, Span::Dates { .. })
                    | (UserKind::ScheduleRestricted, Span::Weekly { .. } | Span::Dates { .. })
            )
        })
    }

    /// Whether the kind, apart from dates and uses, lets the user in at a moment.
    fn kind_holds(&self, earliest: UnixMillis, latest: UnixMillis) -> bool {
        match self.user.kind {
            UserKind::Unrestricted
            | UserKind::Programming
            | UserKind::Forced
            | UserKind::RemoteOnly
            | UserKind::Disposable
            | UserKind::Expiring { .. } => true,
            UserKind::NonAccess => false,
            UserKind::WeekDay | UserKind::YearDay | UserKind::ScheduleRestricted => {
                self.spans().any(|span| holds(&span, self.zone, earliest, latest))
            }
            UserKind::Holiday => holiday_at(self.holidays, earliest, latest).is_some(),
        }
    }

    /// The first moment from `after` on at which the kind lets the user in.
    fn kind_next(&self, after: UnixMillis) -> Option<UnixMillis> {
        match self.user.kind {
            UserKind::NonAccess => None,
            UserKind::Unrestricted
            | UserKind::Programming
            | UserKind::Forced
            | UserKind::RemoteOnly
            | UserKind::Disposable
            | UserKind::Expiring { .. } => Some(after),
            UserKind::WeekDay | UserKind::YearDay | UserKind::ScheduleRestricted => {
                self.spans().filter_map(|span| next_start(&span, self.zone, after)).min()
            }
            UserKind::Holiday => {
                let ahead = self.holidays.iter().filter_map(TableSlot::item).map(|item| item.value);
                ahead.filter(|holiday| holiday.until > after).map(|holiday| holiday.from.max(after)).min()
            }
        }
    }

    /// The next moment at which dates and kind both let the user in.
    fn next(&self, latest: UnixMillis) -> Option<UnixMillis> {
        let after = self.user.not_before.map_or(latest, |first| first.max(latest));
        let next = self.kind_next(after)?;
        self.user.not_after.is_none_or(|last| next <= last).then_some(next)
    }
}

/// Whether the rules let the user open now.
///
/// # Errors
/// `UserDisabled`, `NoAccess`; `AlreadyUsed` for a one-time user who was here and one whose minutes have passed;
/// `ClockNotTrusted` for anything that is limited in time while the clock is not trusted (property 12); `OutsideValidity` before
/// `not_before` and after `not_after`; `OutsideSchedule` outside windows or holidays.
pub fn admits(rules: &UserRules<'_>, clock: ClockReading) -> Result<(), UserRefusal> {
    let user = &rules.user;
    if user.status == UserStatus::Disabled {
        return Err(Reason::UserDisabled.into());
    }
    match (user.kind, rules.used) {
        (UserKind::NonAccess, _) => return Err(Reason::NoAccess.into()),
        (UserKind::Disposable, Use::At(_) | Use::AtUnknown) | (UserKind::Expiring { .. }, Use::AtUnknown) => {
            return Err(Reason::AlreadyUsed.into());
        }
        _ => {}
    }
    if !is_limited_in_time(user) {
        return Ok(());
    }
    let ClockReading::Trusted { earliest, latest } = clock else {
        return Err(Reason::ClockNotTrusted.into());
    };
    if let (UserKind::Expiring { minutes }, Use::At(first)) = (user.kind, rules.used)
        && latest >= first.plus_millis(u64::from(minutes) * MINUTE_MS)
    {
        return Err(Reason::AlreadyUsed.into());
    }
    let is_early = user.not_before.is_some_and(|first| earliest < first);
    let is_late = user.not_after.is_some_and(|last| latest > last);
    if is_early || is_late {
        let next = if is_late { None } else { rules.next(latest) };
        return Err(UserRefusal { reason: Reason::OutsideValidity, next });
    }
    if rules.kind_holds(earliest, latest) {
        Ok(())
    } else {
        Err(UserRefusal { reason: Reason::OutsideSchedule, next: rules.next(latest) })
    }
}

const fn is_limited_in_time(user: &User) -> bool {
    let by_kind = match user.kind {
        UserKind::YearDay
        | UserKind::WeekDay
        | UserKind::ScheduleRestricted
        | UserKind::Holiday
        | UserKind::Expiring { .. } => true,
        UserKind::Unrestricted
        | UserKind::Programming
        | UserKind::NonAccess
        | UserKind::Forced
        | UserKind::Disposable
        | UserKind::RemoteOnly => false,
    };
    by_kind || user.not_before.is_some() || user.not_after.is_some()
}

/// The holiday that is in force at every moment between the two.
fn holiday_at(holidays: &[TableSlot<Holiday>], earliest: UnixMillis, latest: UnixMillis) -> Option<Holiday> {
    let mut all = holidays.iter().filter_map(TableSlot::item).map(|item| item.value);
    all.find(|holiday| holiday.from <= earliest && latest < holiday.until)
}

/// Whether one instance of the span covers every moment from `earliest` to `latest`.
///
/// A weekly window begins at the first moment of a day of its mask at which the local clock shows `from` or, where that minute is
/// skipped, a later one; it ends at the first later moment at which the clock shows `until` or a later minute of the day in which
/// it ends. Where an hour comes twice, it begins with the first and ends with the last.
#[must_use]
pub fn holds(span: &Span, zone: &Zone, earliest: UnixMillis, latest: UnixMillis) -> bool {
    match *span {
        Span::Dates { from, until } => from <= earliest && latest < until,
        Span::Weekly { .. } => {
            // One that covers `earliest` begins on that local day or the day before.
            let today = LocalMinute::of(earliest, zone).day;
            [today.wrapping_sub(1), today].into_iter().any(|day| {
                instance(span, zone, day).is_some_and(|(from, until)| from <= earliest && latest < until)
            })
        }
    }
}

/// The first moment from `after` on at which the span holds; `None` where there is none.
#[must_use]
pub fn next_start(span: &Span, zone: &Zone, after: UnixMillis) -> Option<UnixMillis> {
    match *span {
        Span::Dates { from, until } => (after < until).then(|| from.max(after)),
        Span::Weekly { .. } => {
            let today = LocalMinute::of(after, zone).day;
            // Yesterday's may still last; every day of the week comes within the next eight.
            (0..10).find_map(|ahead| {
                let (from, until) = instance(span, zone, today.wrapping_sub(1).wrapping_add(ahead))?;
                (after < until).then(|| from.max(after))
            })
        }
    }
}

/// The window that begins on the local day `day`, counted from 1970; `None` where the mask has no window on that day, or the day's
/// changes of the clock leave nothing of it.
fn instance(span: &Span, zone: &Zone, day: u64) -> Option<(UnixMillis, UnixMillis)> {
    let Span::Weekly { days, from, until } = *span else { return None };
    if !days.contains(weekday(day)) {
        return None;
    }
    let end_day = if until <= from { day.wrapping_add(1) } else { day };
    let begin = moment_of(LocalMinute { day, minute: from.0 }, zone, Fold::First);
    let end = moment_of(LocalMinute { day: end_day, minute: until.0 }, zone, Fold::Last);
    (begin < end).then_some((begin, end))
}
