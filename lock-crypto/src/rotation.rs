//! The root of the next key epoch, from what both sides give to it (section 3.7).

use crate::kdf::{expand_key, extract};
use crate::key::{Key, RootKey};
use crate::keys::{KeyEpoch, LockId};
use crate::parts::first;
use crate::suite::Suite;
use zeroize::Zeroizing;

/// Length of each side's share, in bytes.
pub const SHARE: usize = 32;

/// The root of the epoch `next`, which both sides compute alike:
/// `HKDF-Expand(HKDF-Extract(rotate leaf, cloud's share ‖ lock's share), "lk1/rotation" ‖ 0x00 ‖ lock_id ‖ next, 32)`.
///
/// `rotate` is the leaf of the epoch in force. Who knows that leaf and misses one share knows nothing of the result.
#[must_use]
pub fn next_root<S: Suite>(
    rotate: &Key,
    cloud: &[u8; SHARE],
    lock: &[u8; SHARE],
    lock_id: LockId,
    next: KeyEpoch,
) -> RootKey {
    let mut shares = Zeroizing::new([0; 2 * SHARE]);
    shares.iter_mut().zip(cloud.iter().chain(lock)).for_each(|(to, from)| *to = *from);
    let mixed = extract::<S>(rotate.expose(), shares.as_slice());
    RootKey::derived(expand_key::<S, 3>(&mixed, [b"lk1/rotation\0", lock_id.as_bytes(), &next.to_bytes()]))
}

/// By which a lock says with which share of its cloud it prepared: the first 16 bytes of SHA-256(`"lk1/rotation-share" ‖ 0x00 ‖ share`).
#[must_use]
pub fn share_digest<S: Suite>(cloud: &[u8; SHARE]) -> [u8; 16] {
    first(S::hash(&[b"lk1/rotation-share\0", cloud]))
}
