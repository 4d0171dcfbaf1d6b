//! What the conditions of a key and of all that it was narrowed by allow together: plainly, from the text of section 10.

use std::collections::BTreeSet;

use arbitrary::Arbitrary;
use lock_core::cloud::{Conditions, Uses, WeeklyWindow};
use lock_core::proto::{MinuteOfDay, Seconds, TicketRights, UnixMillis, Weekdays};

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60;

/// Conditions, by numbers of which most are sensible. Moments are in minutes from that of the issue.
#[derive(Arbitrary, Debug)]
pub(super) struct Said {
    rights: Option<u8>,
    not_before: Option<i16>,
    not_after: Option<i16>,
    weekly: Option<(u8, u16, u16)>,
    is_single: bool,
    depth: Option<u8>,
    staleness: Option<u16>,
}

impl Said {
    pub(super) fn conditions(&self, issued: UnixMillis) -> Conditions {
        let moment =
            |minutes: i16| UnixMillis(issued.0.saturating_add_signed(i64::from(minutes) * MINUTE as i64));
        Conditions {
            rights: self.rights.map(|rights| TicketRights(rights % 20)),
            not_before: self.not_before.map(moment),
            not_after: self.not_after.map(moment),
            weekly: self.weekly.map(|(days, from, until)| WeeklyWindow {
                days: Weekdays(days),
                from: MinuteOfDay(from % 1_500),
                until: MinuteOfDay(until % 1_500),
            }),
            uses: if self.is_single { Uses::Single } else { Uses::Many },
            depth: self.depth.map(|depth| depth % 6),
            staleness: self.staleness.map(|minutes| Seconds(u32::from(minutes) * 60)),
        }
    }
}

/// What the root and each block behind it said; `None` for a block that a lock must refuse.
#[derive(Clone, Debug)]
pub(super) struct Terms(Vec<Option<Conditions>>);

impl Terms {
    /// Of a key that was just issued.
    pub(super) fn of_root(conditions: &Conditions) -> Self {
        let usual = TicketRights::LOCK.or(TicketRights::UNLOCK).or(TicketRights::STATUS);
        let rights = conditions.rights.or(Some(usual));
        Self(vec![Some(Conditions { rights, depth: conditions.depth.or(Some(0)), ..*conditions })])
    }

    pub(super) fn narrowed(&self, conditions: &Conditions) -> Self {
        self.with(Some(*conditions))
    }

    /// The same by any bytes.
    pub(super) fn narrowed_by(&self, block: &[u8]) -> Self {
        self.with(Conditions::decode(block).ok())
    }

    fn with(&self, block: Option<Conditions>) -> Self {
        Self(self.0.iter().copied().chain([block]).collect())
    }

    /// The level whose single use an opening takes: the first that said so.
    pub(super) fn single_use(&self) -> Option<usize> {
        self.0.iter().position(|said| said.is_some_and(|said| said.uses == Uses::Single))
    }

    /// Whether the true time, all rights and all other conditions allow something; else what does not.
    pub(super) fn admit(
        &self,
        needed: TicketRights,
        at: UnixMillis,
        told: Option<UnixMillis>,
        used: &BTreeSet<usize>,
    ) -> Result<(), &'static str> {
        let mut has_end = false;
        for (level, said) in self.0.iter().enumerate() {
            let said = said.ok_or("a block that says nothing")?;
            has_end |= said.not_after.is_some();
            allows(&said, needed, at, told)?;
            let behind = self.0.len() - 1 - level;
            if said.depth.is_some_and(|depth| behind > usize::from(depth)) {
                return Err("deeper than was allowed");
            }
            if said.uses == Uses::Single && !has_end {
                return Err("a single use that nothing ends");
            }
        }
        let opens = needed.contain(TicketRights::UNLOCK);
        if opens && self.single_use().is_some_and(|level| used.contains(&level)) {
            return Err("used before");
        }
        Ok(())
    }
}

fn allows(
    said: &Conditions,
    needed: TicketRights,
    at: UnixMillis,
    told: Option<UnixMillis>,
) -> Result<(), &'static str> {
    if said.rights.is_some_and(|rights| !rights.contain(needed) || !TicketRights::ALL.contain(rights)) {
        return Err("not among the rights");
    }
    if said.not_before.is_some_and(|first| at < first) {
        return Err("too early");
    }
    if said.not_after.is_some_and(|last| at > last) {
        return Err("too late");
    }
    if said.weekly.is_some_and(|window| !is_within(&window, at)) {
        return Err("outside its window");
    }
    let is_stale =
        |longest: Seconds| told.is_none_or(|told| at.0.saturating_sub(told.0) > u64::from(longest.0) * 1_000);
    if said.staleness.is_some_and(is_stale) {
        return Err("the cloud was not heard for too long");
    }
    Ok(())
}

/// Whether a moment is in a window, in a lock whose clock shows UTC. 1970 began on a Thursday.
fn is_within(window: &WeeklyWindow, at: UnixMillis) -> bool {
    let minutes = at.0 / MINUTE;
    let (day, minute) = (minutes / DAY, (minutes % DAY) as u16);
    let begins_on = |day: u64| window.days.0 & (1 << ((day + 4) % 7)) != 0;
    let (MinuteOfDay(from), MinuteOfDay(until)) = (window.from, window.until);
    if window.days.0 & !Weekdays::ALL.0 != 0 || u64::from(from) >= DAY || u64::from(until) >= DAY {
        return false;
    }
    if from < until {
        return begins_on(day) && (from..until).contains(&minute);
    }
    (begins_on(day) && minute >= from) || (begins_on(day - 1) && minute < until)
}
