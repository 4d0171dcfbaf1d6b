//! Offline codes: computed without the lock, and ended by raising the code epoch (section 3.6).
//!
//! The series that a lock takes is an item of its configuration, which travels like any other. A code needs no contact: it is a
//! function of the lock's keys and the series that is wanted there.

use lock_core::cloud::offline_code;
use lock_core::crypto::LockId;
use lock_core::proto::{
    CodeClass, CodeSeries, CodesSwitch, CommandId, OfflineCode, PinDigits, QuarterHours, Setting, UnixMillis,
};

use super::change::Change;
use super::queue::Wish;
use super::{Fleet, FleetError, QueueOptions, Task};
use crate::clock::Moment;
use crate::store::{CommandKind, ItemStanding, Path, Store};

const HOUR_MILLIS: u64 = 3_600_000;
/// How far the epoch is raised where the lock may have raised it itself: once for each factory reset.
const STEP_AFTER_LOSS: u32 = 256;

/// A code that was given out. Its digits are kept nowhere.
#[derive(Debug)]
pub struct IssuedCode {
    /// The nine digits.
    pub digits: PinDigits,
    /// What it opens for, and when.
    pub code: OfflineCode,
    /// The series that it belongs to.
    pub series: CodeSeries,
    /// How far the lock is known to take that series; the code opens only where it does.
    pub standing: ItemStanding,
}

/// How it stands with the offline codes of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodesInfo {
    /// The series that is wanted.
    pub series: CodeSeries,
    /// How far the lock is known to have it.
    pub standing: ItemStanding,
    /// Since when that is known.
    pub since: UnixMillis,
    /// When the last code ends that was given out, whatever becomes of a revocation; 0 where none was.
    pub last_end: UnixMillis,
}

/// What is wanted of the offline codes of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodesWish {
    /// They are taken. Those of an earlier series stay dead.
    Allow,
    /// None is taken; allowing them again brings those of the same series back.
    Forbid,
    /// All that were given out are dead; new ones are taken.
    Revoke,
}

/// A series after one that the lock has lost or refused.
pub(super) fn raised_after_loss(series: CodeSeries, now: UnixMillis) -> CodeSeries {
    let epoch = series.epoch.saturating_add(STEP_AFTER_LOSS);
    CodeSeries { epoch, since: hour(now), ..series }
}

fn hour(now: UnixMillis) -> u32 {
    u32::try_from(now.0 / HOUR_MILLIS).unwrap_or(u32::MAX)
}

impl<S: Store> Change<'_, S> {
    /// The series that is wanted, and how far the lock has it; `None` where none ever was.
    fn series(&mut self) -> Result<Option<(CodeSeries, ItemStanding, UnixMillis)>, FleetError> {
        let (table, slot) = Setting::OfflineCodes(CodeSeries::default()).item();
        let Some(item) = self.item(table, slot)? else { return Ok(None) };
        let wanted = item.wanted.map(|id| self.command(id)).transpose()?.flatten();
        match wanted.map(|command| command.kind) {
            Some(CommandKind::OfflineCodes { series, .. }) => {
                Ok(Some((series, item.standing, item.changed_at)))
            }
            Some(_) | None => Ok(None),
        }
    }

    fn next_series(&mut self, wish: CodesWish) -> Result<CodeSeries, FleetError> {
        let now = self.now.unix;
        let switch = match wish {
            CodesWish::Allow | CodesWish::Revoke => CodesSwitch::On,
            CodesWish::Forbid => CodesSwitch::Off,
        };
        let Some((before, standing, _)) = self.series()? else {
            // A lock that had another owner, or was wiped, is in an epoch already, and takes a later one alone.
            let known = self.row.state.issued_codes.epoch();
            let epoch = known.checked_add(1).ok_or(FleetError::VersionsExhausted)?;
            return Ok(CodeSeries { switch, epoch, since: hour(now) });
        };
        let series = match (standing, wish) {
            (ItemStanding::Missing | ItemStanding::Refused(_) | ItemStanding::Foreign, _) => {
                raised_after_loss(before, now)
            }
            (_, CodesWish::Revoke) => {
                let epoch = before.epoch.checked_add(1).ok_or(FleetError::VersionsExhausted)?;
                CodeSeries { epoch, since: hour(now), switch }
            }
            (_, CodesWish::Allow | CodesWish::Forbid) => before,
        };
        Ok(CodeSeries { switch, ..series })
    }

    fn issue_code(
        &mut self,
        class: CodeClass,
        start: UnixMillis,
        by: &str,
    ) -> Result<(OfflineCode, CodeSeries, ItemStanding), FleetError> {
        self.row.check_owned()?;
        let taken = self.series()?.filter(|(series, standing, _)| {
            series.switch == CodesSwitch::On
                && matches!(standing, ItemStanding::Pending | ItemStanding::Applied)
        });
        let (series, standing, _) = taken.ok_or(FleetError::CodesOff)?;
        let unit = class.unit().0;
        let start = QuarterHours(QuarterHours::of(start).0 / unit * unit);
        let wanted = OfflineCode { class, start, serial: 0 };
        if wanted.end() <= self.now.unix || series.slot_of(wanted).is_none() {
            return Err(FleetError::CodeOutOfReach);
        }
        let issued = &mut self.row.state.issued_codes;
        let code = issued.take(series.epoch, class, start, self.now.unix).ok_or(FleetError::CodesGivenOut)?;
        let (UnixMillis(begin), UnixMillis(end)) = (code.begin(), code.end());
        let what = format!("offline code {class:?} from {begin} to {end}");
        self.note(by, what, format!("code epoch {}, serial {}", series.epoch, code.serial));
        Ok((code, series, standing))
    }
}

impl<S: Store> Fleet<S> {
    /// Gives out an offline code, which opens the lock from `start` on for as long as its class says, without the lock having been told
    /// of it. The start is rounded down to the grid of the class: read the window in the answer.
    ///
    /// # Errors
    /// [`FleetError::CodesOff`] where the lock is not known to take codes nor on the way to; [`FleetError::CodeOutOfReach`] for a window
    /// that is over, and a start before the code epoch or behind its span; [`FleetError::CodesGivenOut`] where all codes that open once
    /// from this hour on are given out; [`FleetError::OwnershipEnded`]; [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn offline_code(
        &mut self,
        lock: LockId,
        class: CodeClass,
        start: UnixMillis,
        by: &str,
        now: Moment,
    ) -> Result<IssuedCode, FleetError> {
        let row = self.row(lock)?;
        let keys = self.keys(&row)?;
        let (code, series, standing) =
            self.change(lock, now, |change| change.issue_code(class, start, by))?;
        let digits = offline_code(&keys, series, code).ok_or(FleetError::CodeOutOfReach)?;
        Ok(IssuedCode { digits, code, series, standing })
    }

    /// Queues what is wanted of the offline codes. A revocation counts from when the lock has it: until its receipt comes, what was
    /// given out opens as before.
    ///
    /// # Errors
    /// As of [`Fleet::queue`].
    pub fn set_offline_codes(
        &mut self,
        lock: LockId,
        wish: CodesWish,
        options: QueueOptions,
        now: Moment,
    ) -> Result<CommandId, FleetError> {
        let QueueOptions { client_token, by, not_after } = options;
        self.change(lock, now, |change| {
            let known = change.store.command_with_token(lock, client_token.as_str())?;
            let series = match known.map(|row| row.kind) {
                Some(CommandKind::OfflineCodes { series, .. }) => series,
                Some(_) | None => change.next_series(wish)?,
            };
            let (token, by) = (client_token.clone(), by.clone());
            change.queue(&Wish { task: Task::OfflineCodes(series), token, by, path: Path::Queued, not_after })
        })
    }

    /// How it stands with the offline codes; `None` where nothing was ever wanted.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn offline_codes(&mut self, lock: LockId, now: Moment) -> Result<Option<CodesInfo>, FleetError> {
        self.change(lock, now, |change| {
            let last_end = change.row.state.issued_codes.last_end();
            let series = change.series()?;
            Ok(series.map(|(series, standing, since)| CodesInfo { series, standing, since, last_end }))
        })
    }
}
