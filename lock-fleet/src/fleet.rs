//! The fleet: every lock's keys, numbers, commands and what was heard of it, over a [`Store`].

mod backups;
mod change;
mod claim;
mod codes;
mod command;
mod deliver;
mod error;
mod ingest;
mod items;
mod keys;
mod live;
mod log;
mod maker_secret;
mod outcome;
mod queue;
mod registry;
mod restoring;
mod resync;
mod rotation;
mod session;
mod task;

use lock_core::cloud::LockKeys;
use lock_core::crypto::{KeyEpoch, LockId, RootKey, RustCrypto};
use zeroize::Zeroizing;

use crate::clock::Moment;
use crate::custody::{CustodyError, KeyEncryptionKey, Purpose, Vault};
use crate::store::{Committed, LockRow, Store, StoreError, Stream};
use change::Change;

pub use crate::store::HeardBy;
pub use backups::{BackingUp, BackupInfo};
pub use claim::{Account, ClaimAttempt, ClaimHandOver, ClaimProof, ClaimWish, Discarded};
pub use codes::{CodesInfo, CodesWish, IssuedCode};
pub use command::Command;
pub use deliver::OutgoingPacket;
pub use error::FleetError;
pub use ingest::{Ingested, ReportFact};
pub use items::Item;
pub use keys::{IssuedKey, KeyInfo, KeyStanding, KeyWish};
pub use live::{LiveAttempt, LiveRequest, LiveSend, LiveStart};
pub use log::{
    ExportKey, Fetched, KeptEntry, KeptFault, LogExport, LogKeyExport, LogStanding, Unverifiable, Unverified,
    gap_of,
};
pub use maker_secret::MakerSecretStanding;
pub use queue::QueueOptions;
pub use registry::{Heard, HistoryEnd, LockInfo};
pub use restoring::{ForeignItems, LostCodes, Restored};
pub use resync::Caught;
pub use rotation::{RotationInfo, RotationProgress, RotationStage, RotationUnderWay};
pub use session::{LiveAnswer, LiveEvent, LiveFinish, LiveSession};
pub use task::{ClientToken, ClientTokenError, Task};

/// How often a change is made anew when another service was faster.
const TRIES: usize = 16;

/// Many locks over one database.
#[derive(Debug)]
pub struct Fleet<S> {
    store: S,
    vault: Vault,
}

impl<S: Store> Fleet<S> {
    /// Opens a fleet over a store. The first opening binds the database to the key encryption key.
    ///
    /// # Errors
    /// [`CustodyError::WrongKey`] for a key that did not make this database, [`FleetError::Store`].
    pub fn open(mut store: S, kek: KeyEncryptionKey) -> Result<Self, FleetError> {
        let vault = Vault::new(kek);
        match store.key_check()? {
            Some(check) => vault.verify_check(&check)?,
            None => store.set_key_check(&vault.check_value()?)?,
        }
        Ok(Self { store, vault })
    }

    /// The store, for backups.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    fn row(&mut self, lock: LockId) -> Result<LockRow, FleetError> {
        self.store.lock(lock)?.ok_or(FleetError::NoSuchLock(lock))
    }

    fn keys(&self, row: &LockRow) -> Result<LockKeys, FleetError> {
        let purpose = Purpose::Root(row.lock_id, row.key_epoch);
        let secret = self.vault.unwrap(purpose, &row.wrapped_root)?;
        let bytes: Zeroizing<[u8; 32]> =
            Zeroizing::new(secret.as_slice().try_into().map_err(|_| CustodyError::Altered)?);
        let root = RootKey::from_bytes::<RustCrypto>(*bytes, row.lock_id)?;
        Ok(LockKeys::expand(&root, row.lock_id, row.key_epoch).with_profile(row.profile))
    }

    /// Makes a change from what is stored, and stores it if nobody was faster; else makes it anew.
    fn change<T>(
        &mut self,
        lock: LockId,
        now: Moment,
        mut make: impl FnMut(&mut Change<'_, S>) -> Result<T, FleetError>,
    ) -> Result<T, FleetError> {
        for _ in 0..TRIES {
            let row = self.row(lock)?;
            let mut change = Change::new(&mut self.store, &self.vault, row, now);
            let value = make(&mut change)?;
            let Some(batch) = change.into_batch()? else { return Ok(value) };
            match self.store.commit(&batch)? {
                Committed::Done => return Ok(value),
                Committed::Overtaken => {}
            }
        }
        Err(FleetError::Contended)
    }

    /// Takes a number of a stream. One whose commit is uncertain is burned, and the next is taken.
    fn take(&mut self, lock: LockId, epoch: KeyEpoch, stream: Stream) -> Result<u64, FleetError> {
        for _ in 0..TRIES {
            match self.store.take(lock, epoch, stream) {
                Err(StoreError::CommitAmbiguous) => {}
                taken => return Ok(taken?),
            }
        }
        Err(StoreError::CommitAmbiguous.into())
    }
}

fn random<const N: usize>() -> Result<[u8; N], CustodyError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| CustodyError::NoRandomness)?;
    Ok(bytes)
}
