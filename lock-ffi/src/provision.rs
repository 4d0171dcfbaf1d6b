//! What a blank chip is given at manufacture.
#![allow(unsafe_code)]

use lock_core::claimer::Claimer;
use lock_core::crypto::{ChipCrypto, Key, LockId, RootKey};
use lock_core::device;
use lock_core::label::ClaimCode;
use lock_core::state::Tables;
use zeroize::Zeroizing;

use crate::device::Room;
use crate::gate::{self, Output, OutputBytes};
use crate::{LK_RECORD_MAX, Status, words};

/// The record of a lock's keys.
pub const LK_TAG_KEYS: u8 = 0;
/// The record that lets a lock change its owner.
pub const LK_TAG_CLAIM: u8 = 19;

type KeysRecord = [u8; device::KEYS];

const _: () = {
    assert!(device::RecordTag::Keys.number() == LK_TAG_KEYS, "the header promises the number of the record");
    assert!(
        device::RecordTag::Claim.number() == LK_TAG_CLAIM,
        "the header promises the number of the record"
    );
};

/// Makes the record of the keys of a lock that has an owner from manufacture on: store it as `LK_TAG_KEYS`, and erase your copy.
/// `root` is 32 bytes of a good random source, registered at the cloud and kept nowhere else; `lock_id` is 16 bytes; `entropy` is 32 other
/// random bytes. `profile` is an `lk_profile`, registered so at the cloud too.
///
/// `record` gets the record and `record_length` its length; `record_capacity` must be at least `LK_RECORD_MAX`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED` (`record_length`), `LK_STATUS_BUFFER_TOO_SHORT`, `LK_STATUS_BAD_VALUE`,
/// `LK_STATUS_ROOT_REFUSED`, `LK_STATUS_PROFILE_NOT_IN_BUILD`.
///
/// # Safety
/// `root` and `entropy` must be valid for reads of 32 bytes, `lock_id` of 16; `record` must be valid for writes of `record_capacity` bytes,
/// and `record_length` for a write.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_provision_owned(
    root: *const u8,
    lock_id: *const u8,
    entropy: *const u8,
    profile: u8,
    record: *mut u8,
    record_capacity: usize,
    record_length: *mut usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for all three.
        let (root, lock_id, entropy) =
            unsafe { (root_key(root, lock_id)?, id(lock_id)?, gate::array_in_place(entropy)?) };
        // SAFETY: the caller vouches for the outputs.
        let (output, length) = unsafe { outputs(record, record_capacity, record_length) }?;
        let record = Zeroizing::new(match profile {
            by if by == words::Profile::S as u8 => device::provision::<ChipCrypto>(&root, lock_id, entropy),
            by if by == words::Profile::X as u8 => of_profile_x(&root, lock_id, entropy)?,
            _ => return Err(Status::BadValue),
        });
        output.write(record.as_slice())?;
        length.write(record.len());
        Ok(())
    })
}

/// The first secret of the log of such a lock, 32 bytes: format the log's flash with it, and erase your copy. A lock without a log needs
/// none.
///
/// `secret` gets it; `secret_capacity` must be at least 32.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_BUFFER_TOO_SHORT`, `LK_STATUS_ROOT_REFUSED`.
///
/// # Safety
/// `root` must be valid for reads of 32 bytes, `lock_id` of 16, `secret` for writes of `secret_capacity` bytes.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_provision_log(
    root: *const u8,
    lock_id: *const u8,
    secret: *mut u8,
    secret_capacity: usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for both.
        let (root, lock_id) = unsafe { (root_key(root, lock_id)?, id(lock_id)?) };
        // SAFETY: the caller vouches for the output.
        let output = unsafe { OutputBytes::new(secret, secret_capacity) }?;
        output.write(&*device::provision_log::<ChipCrypto>(&root, lock_id))
    })
}

/// Makes the record that lets a lock change its owner: store it as `LK_TAG_CLAIM`, and erase your copy. `code` is the 16 bytes that the label
/// carries, `maker_secret` the 32 bytes that the maker has registered for this lock.
///
/// `record` gets the record and `record_length` its length; `record_capacity` must be at least `LK_RECORD_MAX`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED` (`record_length`), `LK_STATUS_BUFFER_TOO_SHORT`,
/// `LK_STATUS_PROFILE_NOT_IN_BUILD`, `LK_STATUS_PART_NOT_IN_BUILD`.
///
/// # Safety
/// `code` and `lock_id` must be valid for reads of 16 bytes, `maker_secret` of 32; `record` must be valid for writes of `record_capacity`
/// bytes, and `record_length` for a write.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_provision_claim(
    code: *const u8,
    maker_secret: *const u8,
    lock_id: *const u8,
    record: *mut u8,
    record_capacity: usize,
    record_length: *mut usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for all three.
        let claimer = unsafe { claimer(code, maker_secret, lock_id) }?;
        // SAFETY: the caller vouches for the outputs.
        let (output, length) = unsafe { outputs(record, record_capacity, record_length) }?;
        can_be_claimed()?;
        let record =
            Zeroizing::new(device::provision_claim(claimer.key()).map_err(|_| Status::ProfileNotInBuild)?);
        output.write(record.as_slice())?;
        length.write(record.len());
        Ok(())
    })
}

/// Makes the record of the keys of a lock that is made without an owner, beside that of `lk_provision_claim`: store it as `LK_TAG_KEYS`,
/// and erase your copy. `entropy` is 32 random bytes.
///
/// `record` gets the record and `record_length` its length; `record_capacity` must be at least `LK_RECORD_MAX`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED` (`record_length`), `LK_STATUS_BUFFER_TOO_SHORT`,
/// `LK_STATUS_PROFILE_NOT_IN_BUILD`, `LK_STATUS_PART_NOT_IN_BUILD`.
///
/// # Safety
/// `code` and `lock_id` must be valid for reads of 16 bytes, `maker_secret` and `entropy` of 32; `record` must be valid for writes of
/// `record_capacity` bytes, and `record_length` for a write.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_provision_unowned(
    code: *const u8,
    maker_secret: *const u8,
    lock_id: *const u8,
    entropy: *const u8,
    record: *mut u8,
    record_capacity: usize,
    record_length: *mut usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for all of them.
        let (claimer, lock_id, entropy) =
            unsafe { (claimer(code, maker_secret, lock_id)?, id(lock_id)?, gate::array_in_place(entropy)?) };
        // SAFETY: the caller vouches for the outputs.
        let (output, length) = unsafe { outputs(record, record_capacity, record_length) }?;
        can_be_claimed()?;
        let record = device::provision_unowned::<ChipCrypto>(claimer.key(), lock_id, entropy)
            .map_err(|_| Status::ProfileNotInBuild)?;
        let record = Zeroizing::new(record);
        output.write(record.as_slice())?;
        length.write(record.len());
        Ok(())
    })
}

/// The first secret of the log of such a lock, 32 bytes: format the log's flash with it, and erase your copy. Nobody is told what is written
/// under it: each claim begins the log of an owner. A lock without a log needs none.
///
/// `secret` gets it; `secret_capacity` must be at least 32.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_BUFFER_TOO_SHORT`.
///
/// # Safety
/// `code` and `lock_id` must be valid for reads of 16 bytes, `maker_secret` of 32; `secret` must be valid for writes of `secret_capacity`
/// bytes.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_provision_unowned_log(
    code: *const u8,
    maker_secret: *const u8,
    lock_id: *const u8,
    secret: *mut u8,
    secret_capacity: usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for all three.
        let (claimer, lock_id) = unsafe { (claimer(code, maker_secret, lock_id)?, id(lock_id)?) };
        // SAFETY: the caller vouches for the output.
        let output = unsafe { OutputBytes::new(secret, secret_capacity) }?;
        output.write(&*device::provision_unowned_log::<ChipCrypto>(claimer.key(), lock_id))
    })
}

/// A lock of a library that could not change its owner would refuse to start with what lets it. This library's own features decide, since
/// another crate of the same build may ask the core for profile X.
const fn can_be_claimed() -> Result<(), Status> {
    match (Room::PARTS.life, cfg!(feature = "x25519")) {
        (true, true) => Ok(()),
        (true, false) => Err(Status::ProfileNotInBuild),
        (false, _) => Err(Status::PartNotInBuild),
    }
}

#[cfg(feature = "x25519")]
fn of_profile_x(root: &RootKey, lock_id: LockId, entropy: &[u8; 32]) -> Result<KeysRecord, Status> {
    Ok(device::provision_x::<ChipCrypto>(root, lock_id, entropy))
}

#[cfg(not(feature = "x25519"))]
const fn of_profile_x(_: &RootKey, _: LockId, _: &[u8; 32]) -> Result<KeysRecord, Status> {
    Err(Status::ProfileNotInBuild)
}

/// # Safety
/// Both are null or valid for reads, of 32 and 16 bytes.
unsafe fn root_key(root: *const u8, lock_id: *const u8) -> Result<RootKey, Status> {
    // SAFETY: as the caller vouches.
    let (root, lock_id) = unsafe { (gate::array(root)?, id(lock_id)?) };
    RootKey::from_bytes::<ChipCrypto>(root, lock_id).map_err(|_| Status::RootRefused)
}

/// # Safety
/// It is null or valid for reads of 16 bytes.
unsafe fn id(lock_id: *const u8) -> Result<LockId, Status> {
    // SAFETY: as the caller vouches.
    unsafe { gate::array(lock_id) }.map(LockId)
}

/// # Safety
/// All are null or valid for reads, of 16, 32 and 16 bytes.
unsafe fn claimer(
    code: *const u8,
    maker_secret: *const u8,
    lock_id: *const u8,
) -> Result<Claimer<ChipCrypto>, Status> {
    // SAFETY: as the caller vouches.
    let (code, secret, lock_id) = unsafe { (gate::array(code)?, gate::array(maker_secret)?, id(lock_id)?) };
    Ok(Claimer::of(&ClaimCode::from_bytes(code), Some(&Key::from_bytes(secret)), lock_id))
}

/// # Safety
/// Both are null or valid for writes, of `capacity` bytes and of a length.
unsafe fn outputs(
    record: *mut u8,
    capacity: usize,
    length: *mut usize,
) -> Result<(OutputBytes, Output<usize>), Status> {
    // SAFETY: as the caller vouches.
    let (output, length) = unsafe { (OutputBytes::new(record, capacity)?, Output::new(length)?) };
    output.holds(LK_RECORD_MAX)?;
    Ok((output, length))
}
