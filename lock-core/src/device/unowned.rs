//! What a lock stores so that it can change its owner, and while it has none (section 3.2).

use core::ops::Range;

use lock_crypto::{ClaimKey, Key, KeyEpoch, Label, LeafKeys, LockId, Suite};
use lock_proto::Profile;
use zeroize::Zeroizing;

use super::storage::{FORMAT, Identity, Standing, array, has_form, pin_key, put};
use crate::handshake::Spoken;

mod keys_field {
    //! `format[1] ‖ lock_id[16] ‖ key_epoch[4] ‖ k_pin[32]`
    use super::Range;
    pub(super) const LOCK_ID: Range<usize> = 1..17;
    pub(super) const EPOCH: Range<usize> = 17..21;
    pub(super) const K_PIN: Range<usize> = 21..53;
}

/// First byte of the keys of a lock without an owner. Its leaves follow from the claim key.
const FORMAT_OF_UNOWNED: u8 = 3;
/// The length of the keys of a lock without an owner, in bytes.
pub(super) const KEYS: usize = keys_field::K_PIN.end;
/// The length of the record of the claim key, in bytes: `format[1] ‖ claim key[32]`.
pub(super) const CLAIM: usize = 1 + ClaimKey::BYTES;

/// Whether keys are those of a lock without an owner.
pub(super) fn is_unowned(record: &[u8]) -> bool {
    record.first() == Some(&FORMAT_OF_UNOWNED)
}

/// The keys of a new lock without an owner.
pub(super) fn new<S: Suite>(
    profile: Spoken,
    key: &ClaimKey,
    lock_id: LockId,
    entropy: &[u8; 32],
) -> [u8; KEYS] {
    let leaves = leaves::<S>(key, lock_id);
    let k_pin = pin_key::<S>(entropy, leaves.leaf(Label::Hedge), lock_id);
    let (standing, key_epoch) = (Standing::Unowned, KeyEpoch::FIRST);
    let mut record = [0; KEYS];
    write(&Identity { standing, profile, lock_id, key_epoch, leaves, k_pin }, &mut record);
    record
}

pub(super) fn write(identity: &Identity, record: &mut [u8]) {
    put(record, 0..1, &[FORMAT_OF_UNOWNED]);
    put(record, keys_field::LOCK_ID, &identity.lock_id.0);
    put(record, keys_field::EPOCH, &identity.key_epoch.to_bytes());
    put(record, keys_field::K_PIN, identity.k_pin.expose());
}

/// Reads the keys of a lock without an owner where they stay.
#[inline(never)]
pub(super) fn load<S: Suite>(
    identity: &mut Identity,
    profile: Spoken,
    key: &ClaimKey,
    record: &[u8],
) -> Option<()> {
    if record.len() != KEYS {
        return None;
    }
    (identity.standing, identity.profile) = (Standing::Unowned, profile);
    identity.lock_id = LockId(array(record, keys_field::LOCK_ID)?);
    identity.key_epoch = KeyEpoch::new(u32::from_be_bytes(array(record, keys_field::EPOCH)?))?;
    key.load_unowned_leaves::<S>(identity.lock_id, &mut identity.leaves);
    drop(identity.leaves.take_log());
    identity.k_pin = Key::from_bytes(*Zeroizing::new(array(record, keys_field::K_PIN)?));
    Some(())
}

/// The same lock without an owner: it waits for the epoch after this one. `None` in a build that could not be claimed.
pub(super) fn without_owner<S: Suite>(identity: &Identity, key: &ClaimKey) -> Option<Identity> {
    Some(Identity {
        standing: Standing::Unowned,
        profile: Spoken::of(Profile::X)?,
        lock_id: identity.lock_id,
        // 2^32 owners are out of reach; the roots of two would differ all the same.
        key_epoch: identity.key_epoch.next().unwrap_or(identity.key_epoch),
        leaves: leaves::<S>(key, identity.lock_id),
        k_pin: Key::from_bytes(*identity.k_pin.expose()),
    })
}

fn leaves<S: Suite>(key: &ClaimKey, lock_id: LockId) -> LeafKeys {
    let mut leaves = key.unowned_leaves::<S>(lock_id);
    drop(leaves.take_log());
    leaves
}

pub(super) fn encode_claim(key: &ClaimKey) -> [u8; CLAIM] {
    let mut record = [0; CLAIM];
    put(&mut record, 0..1, &[FORMAT]);
    put(&mut record, 1..CLAIM, key.psk().expose());
    record
}

pub(super) fn decode_claim(record: &[u8]) -> Option<ClaimKey> {
    has_form(record, CLAIM)?;
    ClaimKey::from_bytes(&Zeroizing::new(array(record, 1..CLAIM)?)).ok()
}
