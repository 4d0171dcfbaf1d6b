//! Which locks there are, what was heard of them, and who asked what of them.

use lock_core::crypto::{KeyEpoch, LockId, RootKey, RustCrypto};
use lock_core::proto::{CommandId, Profile, Status, UnixMillis};

use super::{Fleet, FleetError};
use crate::audit::{AuditEntry, AuditRow};
use crate::clock::Moment;
use crate::custody::Purpose;
use crate::store::{HeardBy, LockRow, LockState, NewLock, Standing, Store};

/// The longest name of a lock, in characters.
const LONGEST_NAME: usize = 200;

/// A lock as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockInfo {
    /// Its public number.
    pub lock_id: LockId,
    /// What people call it.
    pub name: String,
    /// The epoch of its keys.
    pub key_epoch: KeyEpoch,
    /// The profile of its live sessions.
    pub profile: Profile,
    /// Whose it is, as far as is known here.
    pub standing: Standing,
    /// The highest configuration version that was given out or heard of.
    pub configuration: u32,
    /// The newest status; `None` when none was ever heard.
    pub heard: Option<Heard>,
}

/// Where the history of a lock ends that is kept here: what comes has these numbers, or higher ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistoryEnd {
    /// Of the audit.
    pub audit: u64,
    /// Of commands.
    pub command: CommandId,
    /// Of the entries of its log.
    pub log: u64,
}

/// What a lock said last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// What it said; its ages count from `at`.
    pub status: Status,
    /// When it was heard, by the service's wall clock.
    pub at: UnixMillis,
    /// How: a relayed status may be older than `at`.
    pub by: HeardBy,
}

impl From<LockRow> for LockInfo {
    fn from(row: LockRow) -> Self {
        let heard = row.state.heard.map(|heard| Heard { status: heard.status, at: heard.at, by: heard.by });
        Self {
            lock_id: row.lock_id,
            name: row.name,
            key_epoch: row.key_epoch,
            profile: row.profile,
            standing: row.state.standing,
            configuration: row.state.configuration,
            heard,
        }
    }
}

impl<S: Store> Fleet<S> {
    /// Registers a lock of profile S with the root key that it was made with. The caller erases its copy.
    ///
    /// # Errors
    /// Those of [`Self::provision_as`].
    pub fn provision(
        &mut self,
        lock: LockId,
        root: [u8; 32],
        name: &str,
        by: &str,
        now: Moment,
    ) -> Result<(), FleetError> {
        self.provision_as(Profile::S, lock, root, name, by, now)
    }

    /// Registers a lock with the profile and the root key that it was made with. The caller erases its copy. The profile is fixed
    /// from then on: a Hello of this lock with another one is refused.
    ///
    /// # Errors
    /// [`crate::StoreError::LockExists`]: its keys are kept as they are. [`FleetError::Root`] for a root key that is blank
    /// or follows from the lock id, [`FleetError::BadName`].
    pub fn provision_as(
        &mut self,
        profile: Profile,
        lock: LockId,
        root: [u8; 32],
        name: &str,
        by: &str,
        now: Moment,
    ) -> Result<(), FleetError> {
        let root = RootKey::from_bytes::<RustCrypto>(root, lock)?;
        if !is_good_name(name) {
            return Err(FleetError::BadName);
        }
        let key_epoch = KeyEpoch::FIRST;
        let new = NewLock {
            lock_id: lock,
            name: name.into(),
            key_epoch,
            profile,
            wrapped_root: self.vault.wrap(Purpose::Root(lock, key_epoch), root.expose())?,
            state: LockState::new(self.store.incarnation()),
        };
        let audit = AuditEntry {
            at: now.unix,
            lock,
            who: by.into(),
            what: "provision".into(),
            result: format!("registered as {name}"),
        };
        Ok(self.store.insert_lock(&new, &audit)?)
    }

    /// All locks, by id.
    ///
    /// # Errors
    /// [`FleetError::Store`].
    pub fn locks(&mut self) -> Result<Vec<LockInfo>, FleetError> {
        Ok(self.store.locks()?.into_iter().map(LockInfo::from).collect())
    }

    /// One lock.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn lock(&mut self, lock: LockId) -> Result<LockInfo, FleetError> {
        Ok(self.row(lock)?.into())
    }

    /// At most `limit` audit rows of a lock with numbers above `after`, oldest first.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn audit(&mut self, lock: LockId, after: u64, limit: usize) -> Result<Vec<AuditRow>, FleetError> {
        self.row(lock)?;
        Ok(self.store.audit(lock, after, limit)?)
    }

    /// Where the history of a lock ends now. A lock that is not registered has an audit at most.
    ///
    /// # Errors
    /// [`FleetError::Store`].
    pub fn history_end(&mut self, lock: LockId) -> Result<HistoryEnd, FleetError> {
        Ok(HistoryEnd {
            audit: self.store.last_audit(lock)?.saturating_add(1),
            command: self.store.lock(lock)?.map_or(CommandId(0), |row| row.numbers.next_command),
            log: self.store.log_position(lock)?.map_or(0, |position| position.next),
        })
    }

    /// Adds an audit row of the service's own, for what it decided outside the fleet.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn record(
        &mut self,
        lock: LockId,
        who: &str,
        what: &str,
        result: &str,
        now: Moment,
    ) -> Result<(), FleetError> {
        self.change(lock, now, |change| {
            change.note(who, what, result);
            Ok(())
        })
    }

    /// The same, unless the lock has a row that says this of that: for what is asked again where it was cut. Returns whether it was added.
    ///
    /// # Errors
    /// Those of [`Self::record`].
    pub fn record_once(
        &mut self,
        lock: LockId,
        who: &str,
        what: &str,
        result: &str,
        now: Moment,
    ) -> Result<bool, FleetError> {
        self.change(lock, now, |change| {
            let is_new = !change.store.is_audited(lock, what, result)?;
            if is_new {
                change.note(who, what, result);
            }
            Ok(is_new)
        })
    }
}

/// Whether a text can name something for people.
pub(super) fn is_good_name(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= LONGEST_NAME
}
