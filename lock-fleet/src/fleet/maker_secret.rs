//! What an import of makers' secrets changes.

use lock_core::crypto::LockId;
use subtle::ConstantTimeEq as _;

use super::{Fleet, FleetError};
use crate::custody::Purpose;
use crate::store::Store;

/// What a maker's secret is to this database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MakerSecretStanding {
    /// None is kept for the lock.
    New,
    /// It is kept.
    Kept,
    /// Another one is kept.
    Other,
}

impl<S: Store> Fleet<S> {
    /// Compares a secret with what is kept of the maker's for a lock, in constant time.
    ///
    /// # Errors
    /// [`FleetError::Store`], [`FleetError::Custody`].
    pub fn compare_maker_secret(
        &mut self,
        lock: LockId,
        secret: &[u8; 32],
    ) -> Result<MakerSecretStanding, FleetError> {
        let Some(wrapped) = self.store.maker_secret(lock)? else { return Ok(MakerSecretStanding::New) };
        let kept = self.vault.unwrap(Purpose::MakerSecret(lock), &wrapped)?;
        let is_kept: bool = kept.as_slice().ct_eq(secret).into();
        Ok(if is_kept { MakerSecretStanding::Kept } else { MakerSecretStanding::Other })
    }
}
