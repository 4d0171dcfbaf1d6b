//! Whom a root was promised, until a session proves it: one user with one label, and nobody else.

use lock_core::claimer::Claimer;
use lock_core::cloud::SessionError;
use lock_core::crypto::{KeyEpoch, LockId, RootKey, RustCrypto, Suite as _};
use lock_core::proto::Profile;

use super::ClaimWish;
use crate::audit::AuditEntry;
use crate::clock::Moment;
use crate::fleet::{Fleet, FleetError};
use crate::store::{Claimant, Standing, Store, StoreError};

/// A user of the caller's: one value for each, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account(pub [u8; 16]);

/// What a claim takes besides the label and a press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimProof {
    /// What the maker registered for the lock is here. Only the lock that it was registered for answers.
    MakerSecret,
    /// The label alone will do, so that whoever wrote a label can play a lock of any number.
    LabelAlone,
}

/// More claims of one account do not wait for their proof at a time.
const MAX_UNPROVEN: usize = 8;

/// A claim that the lock has answered.
pub(super) struct Begun<'w> {
    pub(super) wish: &'w ClaimWish,
    pub(super) claimant: Claimant,
    pub(super) number: u64,
    pub(super) wrapped_handle: Vec<u8>,
}

/// Whether a claim that was not proven has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discarded {
    /// There was one: whoever claimed has no right on the lock any more.
    Claim,
    /// There was none.
    Nothing,
}

/// Another account, and another label of the same one, is another claimer: what one of them was promised is not for the other.
pub(super) fn claimant(account: Account, claimer: &Claimer) -> Claimant {
    let digest = RustCrypto::hash(&[b"lk1 claimant", claimer.unowned_handle().expose(), &account.0]);
    Claimant { account: account.0, digest }
}

impl<S: Store> Fleet<S> {
    /// Each claim that is not proven is a row, whoever played the lock.
    pub(super) fn check_room(&mut self, lock: LockId, account: Account) -> Result<(), FleetError> {
        let is_counted = self.store.claim(lock)?.is_some_and(|claim| claim.claimant.account == account.0);
        if !is_counted && self.store.claims_of(&account.0)? >= MAX_UNPROVEN {
            return Err(FleetError::TooManyClaims);
        }
        Ok(())
    }

    /// The root that this claimer was promised for this epoch, where one waits for its proof.
    pub(super) fn promised_root(
        &mut self,
        begun: &Begun<'_>,
        key_epoch: KeyEpoch,
    ) -> Result<Option<(RootKey, Profile)>, FleetError> {
        let lock = begun.wish.lock;
        let Some(row) = self.store.lock(lock)? else { return Ok(None) };
        if row.state.standing == Standing::Owned {
            return Err(StoreError::LockExists(lock).into());
        }
        let proven = match self.store.claim(lock)? {
            None => Some(row.key_epoch),
            // A label alone does not tie a claim to a lock: whoever played it knows this root, and is nobody else's lock.
            Some(claim)
                if row.state.standing == Standing::Claiming
                    && claim.claimant == begun.claimant
                    && row.key_epoch == key_epoch =>
            {
                return Ok(Some((self.root(&row)?, row.profile)));
            }
            Some(_) if begun.number <= row.ownership => return Err(FleetError::ClaimOvertaken),
            Some(claim) => claim.proven_epoch,
        };
        // An epoch only grows, and begins once. This is not the lock that is known here, or its answer was kept back: it may have the root of
        // this epoch since.
        if proven.is_some_and(|proven| proven >= key_epoch) {
            Err(SessionError::Refused.into())
        } else {
            Ok(None)
        }
    }

    /// Ends a claim that was not proven.
    pub(super) fn discard_claim(
        &mut self,
        lock: LockId,
        by: &str,
        what: &str,
        now: Moment,
    ) -> Result<Discarded, FleetError> {
        let (who, what) = (by.to_owned(), what.to_owned());
        let result = "a claim that was not proven ends here".to_owned();
        let audit = AuditEntry { at: now.unix, lock, who, what, result };
        let is_ended = self.store.discard_claim(lock, &audit)?;
        Ok(if is_ended { Discarded::Claim } else { Discarded::Nothing })
    }
}
