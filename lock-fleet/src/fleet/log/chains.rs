//! The chains of a lock's log, one for each key epoch: their first keys, and where the verifier stands in them.

use lock_core::cloud::{LockKeys, LogReader};
use lock_core::crypto::{FirstKey, Key, KeyEpoch, LockId, LogChain, LogFault, LogGround, LogHead, LogMac};
use lock_core::proto::UnixMillis;
use zeroize::Zeroizing;

use super::taking::{fault_row, keyless_row};
use crate::custody::{CustodyError, Purpose, Vault};
use crate::fleet::change::Change;
use crate::fleet::rotation::root_of;
use crate::fleet::{Fleet, FleetError};
use crate::store::{LockRow, LogChange, LogGroundRow, LogKeyRow, LogPosition, LogUnverifiedRow, Store};

/// The first keys of a lock's log.
pub(super) struct Chains {
    rows: Vec<LogKeyRow>,
    /// In the order of their epochs.
    pub(super) first_keys: Vec<FirstKey>,
}

impl Chains {
    /// The rows of chains that were found to begin.
    pub(super) fn begun(&self, found: &[(KeyEpoch, u64)]) -> Vec<LogKeyRow> {
        let row = |(epoch, begins): &(KeyEpoch, u64)| {
            let row = self.rows.iter().find(|row| row.key_epoch == *epoch)?;
            Some(LogKeyRow { begins: Some(*begins), ..row.clone() })
        };
        found.iter().filter_map(row).collect()
    }
}

/// What is not verified up to a position in an epoch whose key is lost.
pub(super) fn open_stretch(position: &LogPosition, found_at: UnixMillis) -> Option<LogUnverifiedRow> {
    let LogGroundRow::Lost(first) = position.ground else { return None };
    let last = position.next.checked_sub(1).filter(|last| first <= *last)?;
    Some(LogUnverifiedRow { first, last, key_epoch: Some(position.key_epoch), found_at })
}

fn key_of(vault: &Vault, purpose: Purpose, wrapped: &[u8]) -> Result<Key, FleetError> {
    let secret = vault.unwrap(purpose, wrapped)?;
    let bytes: Zeroizing<[u8; 32]> =
        Zeroizing::new(secret.as_slice().try_into().map_err(|_| CustodyError::Altered)?);
    Ok(Key::from_bytes(*bytes))
}

pub(super) fn first_key(vault: &Vault, lock: LockId, row: &LogKeyRow) -> Result<FirstKey, FleetError> {
    let key = key_of(vault, Purpose::LogKey(lock, row.key_epoch), &row.wrapped_key)?;
    Ok(FirstKey { epoch: row.key_epoch, key })
}

/// The first key of the epoch in force, as it is kept when its root goes.
fn row_in_force(vault: &Vault, row: &LockRow) -> Result<LogKeyRow, FleetError> {
    let (lock, key_epoch) = (row.lock_id, row.key_epoch);
    let root = root_of(vault, Purpose::Root(lock, key_epoch), &row.wrapped_root, lock)?;
    let chain = <LockKeys>::expand(&root, lock, key_epoch).log_chain();
    let wrapped_key = vault.wrap(Purpose::LogKey(lock, key_epoch), chain.key().expose())?;
    Ok(LogKeyRow { key_epoch, begins: None, wrapped_key })
}

impl<S: Store> Fleet<S> {
    /// The first keys of a lock's log, by epoch: what a [`LogReader`] goes over into. An epoch whose keys were never here has none.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`], [`FleetError::Custody`], [`FleetError::Store`].
    pub fn log_keys(&mut self, lock: LockId) -> Result<Vec<FirstKey>, FleetError> {
        let row = self.row(lock)?;
        let mut rows = self.store.log_keys(lock)?;
        if rows.iter().all(|kept| kept.key_epoch != row.key_epoch) {
            rows.push(row_in_force(&self.vault, &row)?);
        }
        rows.iter().map(|row| first_key(&self.vault, lock, row)).collect()
    }

    /// What begins the log of an ownership that is claimed: nothing of before is told. What was missing until then stays missing, and what was
    /// not verified stays that.
    pub(in crate::fleet) fn log_of_claim(
        &mut self,
        lock: LockId,
        key_epoch: KeyEpoch,
        now: UnixMillis,
    ) -> Result<LogChange, FleetError> {
        let before = self.store.log_position(lock)?;
        let next = before.as_ref().map_or(0, |before| before.next);
        let unverified = before.as_ref().and_then(|before| open_stretch(before, now));
        let unverified = unverified.into_iter().collect();
        let (last_mac, ground) = ([0; 16], LogGroundRow::Start);
        let position = LogPosition { key_epoch, next, last_mac, ground, missing: None, head: None };
        let dropped = before.and_then(|before| Some((before.missing?, before.key_epoch)));
        let faults = dropped.map(|(missing, epoch)| fault_row(LogFault::Dropped(missing), epoch, now));
        let faults = faults.into_iter().collect();
        Ok(LogChange { position: Some(position), faults, unverified, ..LogChange::default() })
    }
}

impl<S: Store> Change<'_, S> {
    /// The first key of the epoch in force outlives its root.
    pub(in crate::fleet) fn keep_log_key(&mut self) -> Result<(), FleetError> {
        let kept = self.store.log_keys(self.lock())?;
        if kept.iter().all(|row| row.key_epoch != self.row.key_epoch) {
            let keys = vec![row_in_force(self.vault, &self.row)?];
            self.put_log(LogChange { keys, ..LogChange::default() });
        }
        Ok(())
    }

    /// The chains that may come from a position on.
    pub(super) fn chains(&mut self, position: Option<&LogPosition>) -> Result<Chains, FleetError> {
        let mut rows = self.store.log_keys(self.lock())?;
        if rows.iter().all(|row| row.key_epoch != self.row.key_epoch) {
            rows.push(row_in_force(self.vault, &self.row)?);
        }
        rows.sort_by_key(|row| row.key_epoch);
        rows.retain(|row| position.is_none_or(|position| row.key_epoch >= position.key_epoch));
        let first_keys = rows.iter().map(|row| first_key(self.vault, self.lock(), row));
        Ok(Chains { first_keys: first_keys.collect::<Result<_, _>>()?, rows })
    }

    /// The verifier, where it stood.
    pub(super) fn reader(
        &self,
        position: Option<&LogPosition>,
        chains: &Chains,
    ) -> Result<LogReader, FleetError> {
        let Some(position) = position else {
            let first = chains.first_keys.first().ok_or(FleetError::NoLog)?;
            return Ok(LogReader::new(LogChain::begin(first.epoch, Key::from_bytes(*first.key.expose()))));
        };
        let LogPosition { key_epoch, next, .. } = *position;
        let last = LogMac(position.last_mac);
        let reader = match &position.ground {
            LogGroundRow::Keyed(wrapped_key) => {
                let key = key_of(self.vault, Purpose::Log(self.lock(), next), wrapped_key)?;
                let chain = LogChain::resume(key_epoch, next, key, last);
                LogReader::new(chain.map_err(|_| CustodyError::Altered)?)
            }
            LogGroundRow::Start => LogReader::before_the_first(next),
            LogGroundRow::Lost(since) => LogReader::without_key(key_epoch, next, last, *since),
        };
        Ok(reader.with_unexplained(position.missing))
    }

    /// Where the verifier stands now.
    pub(super) fn position(
        &self,
        reader: &LogReader,
        before: Option<&LogPosition>,
        head: Option<(LogHead, [u8; 16], UnixMillis)>,
    ) -> Result<LogPosition, FleetError> {
        let chain = reader.chain();
        let (key_epoch, ground) = match reader.ground() {
            LogGround::Keyed => {
                let key = self.wrap(Purpose::Log(self.lock(), chain.next()), chain.key().expose())?;
                (chain.epoch(), LogGroundRow::Keyed(key))
            }
            // Which epoch the ownership began with is known since the claim.
            ground @ LogGround::Start => {
                (before.map_or(chain.epoch(), |before| before.key_epoch), keyless_row(ground))
            }
            ground @ LogGround::Lost { .. } => (chain.epoch(), keyless_row(ground)),
        };
        let (next, last_mac) = (chain.next(), chain.last().0);
        Ok(LogPosition { key_epoch, next, last_mac, ground, missing: reader.unexplained(), head })
    }
}
