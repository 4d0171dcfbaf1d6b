//! The cloud's role for one lock, for a back end in C.
#![allow(unsafe_code)]

use core::mem::{MaybeUninit, size_of};

use lock_core::cloud::LockKeys;
use lock_core::crypto::{ChipCrypto, KeyEpoch, LockId, RootKey};
use lock_core::proto::Profile;

use crate::gate::{self, Output, OutputBytes};
use crate::object::{self, Storage};
use crate::reserve::Reserve;
use crate::visit::Visit;
use crate::{Status, words};

pub(crate) mod issue;
pub(crate) mod request;
pub(crate) mod sealed;
pub(crate) mod session;

/// The size of an `lk_cloud`, in bytes, with head-room for later versions.
pub const LK_CLOUD_SIZE: usize = 2_048;

/// The length of a cloud's record, in bytes.
pub const LK_CLOUD_RECORD: usize = 29;

const _: () = assert!(size_of::<Cloud>() == LK_CLOUD_SIZE, "the header promises the size of the storage");

/// A cloud's end for one lock: its keys, the numbers that it gives out, and a session. Storage for the caller to declare; what is in it is the
/// library's. Declare it zeroed (`= {0}`, or static), and start it with `lk_cloud_init`.
///
/// In C there are sessions, sealed messages and the issue of virtual keys. For Rust alone, in lock-core and lock-fleet, are what needs a
/// database or long talks: custody of the root keys, rotation, claims, backups, the verification of logs, firmware updates and the
/// comparison of whole configurations.
#[repr(C)]
#[derive(Debug)]
pub struct Cloud {
    /// The library's.
    opaque: [MaybeUninit<u64>; 256],
}

pub(crate) struct Held {
    keys: LockKeys<ChipCrypto>,
    attempts: Reserve,
    commands: Reserve,
    /// The counters of sealed messages.
    downs: Reserve,
    visit: Visit,
}

// SAFETY: `repr(C)`, and words that may be anything.
unsafe impl Storage for Cloud {
    type Held = Held;
    const MAGIC: u64 = 0x6C6B_0701_8E5B_D3C7;
}

impl Cloud {
    /// Storage that nobody started yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { opaque: [MaybeUninit::new(0); 256] }
    }
}

impl Default for Cloud {
    fn default() -> Self {
        Self::new()
    }
}

/// The lock that a cloud speaks with.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CloudLock {
    /// Its root key. Erase it afterwards.
    pub root: [u8; 32],
    /// Its id.
    pub lock_id: [u8; 16],
    /// The epoch of the root key, from 1.
    pub key_epoch: u32,
    /// An `lk_profile`, as it is registered.
    pub profile: u8,
}

/// The size of an `lk_cloud` that the library was built with, in bytes. `lk_cloud_init` compares it too.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn lk_cloud_size() -> usize {
    LK_CLOUD_SIZE
}

/// Starts a cloud's end for a lock: whatever is in the storage is overwritten. `size` is `sizeof(lk_cloud)`. `record` is what was stored last
/// after `lk_cloud_reserve` for this lock and key epoch; null only for a lock that was never spoken to. There is one end for a lock at a time.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_BAD_LENGTH`, `LK_STATUS_BAD_VALUE`
/// (`key_epoch`, `profile`), `LK_STATUS_ROOT_REFUSED`, `LK_STATUS_PROFILE_NOT_IN_BUILD`, `LK_STATUS_RECORD_DAMAGED` (also of another epoch).
///
/// # Safety
/// `cloud` must be valid for writes of `size` bytes, `lock` for a read, and `record` null or valid for reads of `record_length` bytes, all
/// outside `cloud`.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_cloud_init(
    cloud: *mut Cloud,
    size: usize,
    lock: *const CloudLock,
    record: *const u8,
    record_length: usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the lock.
        let lock = unsafe { gate::input(lock) }?;
        let keys = keys(lock)?;
        let numbers = if record.is_null() {
            if record_length != 0 {
                return Err(Status::BadLength);
            }
            Numbers { attempts: 0, commands: 0, downs: 0 }
        } else {
            // SAFETY: the caller vouches for the record.
            Numbers::decode(unsafe { gate::bytes(record, record_length) }?, keys.key_epoch())?
        };
        // SAFETY: the caller vouches for `size` bytes.
        unsafe {
            object::start(cloud, size, |place| {
                place.write(Held {
                    keys,
                    attempts: Reserve::after(numbers.attempts),
                    commands: Reserve::after(numbers.commands),
                    downs: Reserve::after(numbers.downs),
                    visit: Visit::Away,
                });
                Ok(())
            })
        }
    })
}

fn keys(lock: &CloudLock) -> Result<LockKeys<ChipCrypto>, Status> {
    let lock_id = LockId(lock.lock_id);
    let root = RootKey::from_bytes::<ChipCrypto>(lock.root, lock_id).map_err(|_| Status::RootRefused)?;
    let key_epoch = KeyEpoch::new(lock.key_epoch).ok_or(Status::BadValue)?;
    let profile = match lock.profile {
        by if by == words::Profile::S as u8 => Profile::S,
        by if by == words::Profile::X as u8 && cfg!(feature = "x25519") => Profile::X,
        by if by == words::Profile::X as u8 => return Err(Status::ProfileNotInBuild),
        _ => return Err(Status::BadValue),
    };
    Ok(LockKeys::expand(&root, lock_id, key_epoch).with_profile(profile))
}

/// Erases the keys of a lock and its session: the storage is as nobody has started it.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
///
/// # Safety
/// `cloud` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_cloud_forget(cloud: *mut Cloud) -> Status {
    // SAFETY: the caller vouches for the storage.
    gate::status(|| unsafe { object::end(cloud) })
}

/// What is to be stored before the next messages: `record` gets it, of `LK_CLOUD_RECORD` bytes. Store it durably in place of the one before, then call
/// `lk_cloud_reserved` with what was stored; `more` handshakes, commands and sealed messages can follow, 1 to `LK_RESERVE_MAX` each. What was not used
/// is lost with a restart, and nothing else is.
///
/// `record_length` gets its length; `record_capacity` must be at least `LK_CLOUD_RECORD`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
/// `LK_STATUS_BAD_VALUE`, `LK_STATUS_NUMBERS_EXHAUSTED`.
///
/// # Safety
/// `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `record` must be valid for writes of
/// `record_capacity` bytes and `record_length` for a write. None of them may overlap another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_cloud_reserve(
    cloud: *mut Cloud,
    more: u32,
    record: *mut u8,
    record_capacity: usize,
    record_length: *mut usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(cloud) }?;
        // SAFETY: the caller vouches for the outputs.
        let (output, length) =
            unsafe { (OutputBytes::new(record, record_capacity)?, Output::new(record_length)?) };
        output.holds(LK_CLOUD_RECORD)?;
        // All three or none are asked for.
        for reserve in [&held.attempts, &held.commands, &held.downs] {
            let _ = reserve.last_of(more)?;
        }
        let numbers = Numbers {
            attempts: held.attempts.ask(more)?,
            commands: held.commands.ask(more)?,
            downs: held.downs.ask(more)?,
        };
        output.write(&numbers.encode(held.keys.key_epoch()))?;
        length.write(LK_CLOUD_RECORD);
        Ok(())
    })
}

/// The record that `lk_cloud_reserve` gave is durable.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
/// `LK_STATUS_RECORD_DAMAGED`, `LK_STATUS_NOT_PENDING` (it was not given).
///
/// # Safety
/// `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `record` must be valid for reads of
/// `record_length` bytes outside it.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_cloud_reserved(
    cloud: *mut Cloud,
    record: *const u8,
    record_length: usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(cloud) }?;
        // SAFETY: the caller vouches for the record.
        let record = unsafe { gate::bytes(record, record_length) }?;
        let numbers = Numbers::decode(record, held.keys.key_epoch())?;
        let all = [
            (&mut held.attempts, numbers.attempts),
            (&mut held.commands, numbers.commands),
            (&mut held.downs, numbers.downs),
        ];
        if all.iter().any(|(reserve, number)| !reserve.has_asked(*number)) {
            return Err(Status::NotPending);
        }
        for (reserve, number) in all {
            reserve.grant(number)?;
        }
        Ok(())
    })
}

/// The numbers that may be in use.
struct Numbers {
    attempts: u64,
    commands: u64,
    downs: u64,
}

impl Numbers {
    const FORMAT: u8 = 1;

    /// `format[1] ‖ key_epoch[4] ‖ attempts[8] ‖ commands[8] ‖ downs[8]`, big-endian.
    fn encode(&self, key_epoch: KeyEpoch) -> [u8; LK_CLOUD_RECORD] {
        let mut record = [0; LK_CLOUD_RECORD];
        let numbers = [self.attempts, self.commands, self.downs].map(u64::to_be_bytes);
        let bytes =
            [Self::FORMAT].into_iter().chain(key_epoch.to_bytes()).chain(numbers.into_iter().flatten());
        record.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        record
    }

    fn decode(record: &[u8], epoch: KeyEpoch) -> Result<Self, Status> {
        let damaged = Status::RecordDamaged;
        let record: &[u8; LK_CLOUD_RECORD] = record.try_into().map_err(|_| Status::BadLength)?;
        let (head, numbers) = record.split_first_chunk::<5>().ok_or(damaged)?;
        let [format, key_epoch @ ..] = head;
        let ([attempts, commands, downs], []) = numbers.as_chunks::<8>() else { return Err(damaged) };
        if *format != Self::FORMAT || *key_epoch != epoch.to_bytes() {
            return Err(damaged);
        }
        Ok(Self {
            attempts: u64::from_be_bytes(*attempts),
            commands: u64::from_be_bytes(*commands),
            downs: u64::from_be_bytes(*downs),
        })
    }
}
