//! The holder's role: a virtual key in a phone or a key fob, which opens a lock while no cloud is there.
#![allow(unsafe_code)]

use core::mem::{MaybeUninit, size_of};

use lock_core::crypto::{ChipCrypto, Key};
use lock_core::virtual_key::{LINK_BYTES, LINK_LETTERS, LinkError, VirtualKey};
use zeroize::Zeroizing;

use crate::Status;
use crate::gate::{self, Output, OutputBytes};
use crate::object::{self, Storage};
use crate::reserve::Reserve;
use crate::visit::Visit;

pub(crate) mod asking;
pub(crate) mod narrow;
pub(crate) mod relay;

/// The size of an `lk_holder`, in bytes, with head-room for later versions.
pub const LK_HOLDER_SIZE: usize = 2_048;

/// The longest link of a virtual key, in letters; no zero ends it.
pub const LK_LINK_MAX: usize = 763;

/// The longest record of a virtual key, in bytes.
pub const LK_KEY_MAX: usize = 474;

const _: () = {
    assert!(size_of::<Holder>() == LK_HOLDER_SIZE, "the header promises the size of the storage");
    assert!(LK_LINK_MAX == LINK_LETTERS, "the header promises the longest link");
    assert!(LK_KEY_MAX == LINK_BYTES, "the header promises the longest record of a key");
    assert!(LK_KEY_MAX <= crate::LK_RECORD_MAX, "a journal holds a key");
};

/// A virtual key with its holder, and a visit to its lock. Storage for the caller to declare; what is in it is the library's. Declare it
/// zeroed (`= {0}`, or static), and start it with `lk_holder_init` or `lk_holder_load`.
#[repr(C)]
#[derive(Debug)]
pub struct Holder {
    /// The library's.
    opaque: [MaybeUninit<u64>; 256],
}

pub(crate) struct Held {
    key: VirtualKey<ChipCrypto>,
    /// The numbers of its handshakes.
    attempts: Reserve,
    visit: Visit,
    /// The number of the last command in this visit; a lock counts a holder's commands for each visit anew.
    command: u64,
}

// SAFETY: `repr(C)`, and words that may be anything.
unsafe impl Storage for Holder {
    type Held = Held;
    const MAGIC: u64 = 0x6C6B_0501_B83D_57E9;
}

impl Holder {
    /// Storage that nobody started yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { opaque: [MaybeUninit::new(0); 256] }
    }
}

impl Default for Holder {
    fn default() -> Self {
        Self::new()
    }
}

/// The size of an `lk_holder` that the library was built with, in bytes. `lk_holder_init` compares it too.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn lk_holder_size() -> usize {
    LK_HOLDER_SIZE
}

/// Starts a holder with a virtual key as it was passed on: whatever is in the storage is overwritten. `size` is `sizeof(lk_holder)`, so that
/// a header of another version is noticed before it does harm. `link` is the text, in any case, with spaces and line ends anywhere; it is
/// the key itself: erase it. `secret` is the 32 bytes that the holder has registered with the cloud, and null where there are none. `stored` is the
/// number that was stored last after `lk_holder_reserve` for this key, and 0 for a key that was never used.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_BAD_LENGTH`, `LK_STATUS_NOT_A_LINK`,
/// `LK_STATUS_KEY_DAMAGED`, `LK_STATUS_KEY_NEWER`.
///
/// # Safety
/// `holder` must be valid for writes of `size` bytes, `link` for reads of `link_length` bytes, and `secret` null or valid for reads of 32
/// bytes, both outside `holder`.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_holder_init(
    holder: *mut Holder,
    size: usize,
    link: *const u8,
    link_length: usize,
    secret: *const u8,
    stored: u64,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the link.
        let link = unsafe { gate::bytes(link, link_length) }?;
        // SAFETY: the caller vouches for storage and secret.
        unsafe {
            start(holder, size, secret, stored, || {
                let link = core::str::from_utf8(link).map_err(|_| Status::NotALink)?;
                VirtualKey::from_link(link).map_err(link_failure)
            })
        }
    })
}

/// The same with what `lk_holder_save` wrote.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_BAD_LENGTH`, `LK_STATUS_KEY_DAMAGED`,
/// `LK_STATUS_KEY_NEWER`.
///
/// # Safety
/// `holder` must be valid for writes of `size` bytes, `record` for reads of `record_length` bytes, and `secret` null or valid for reads of
/// 32 bytes, both outside `holder`.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_holder_load(
    holder: *mut Holder,
    size: usize,
    record: *const u8,
    record_length: usize,
    secret: *const u8,
    stored: u64,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the record.
        let record = unsafe { gate::bytes(record, record_length) }?;
        // SAFETY: the caller vouches for storage and secret.
        unsafe {
            start(holder, size, secret, stored, || VirtualKey::from_bytes(record).map_err(link_failure))
        }
    })
}

/// # Safety
/// If it is not null, `holder` is valid for writes of `size` bytes; `secret` is null or valid for reads of 32 bytes.
unsafe fn start(
    holder: *mut Holder,
    size: usize,
    secret: *const u8,
    stored: u64,
    key: impl FnOnce() -> Result<VirtualKey<ChipCrypto>, Status>,
) -> Result<(), Status> {
    // Before the storage is touched: what is no key leaves the holder as it was.
    let _ = object::room(holder, size)?;
    // SAFETY: the caller vouches for it where it is not null.
    let secret = unsafe { gate::optional(secret.cast::<[u8; 32]>()) }?.map(|bytes| Key::from_bytes(*bytes));
    let key = match &secret {
        Some(secret) => key()?.bind(secret),
        None => key()?,
    };
    // SAFETY: as the caller vouches.
    unsafe {
        object::start(holder, size, |place| {
            place.write(Held { key, attempts: Reserve::after(stored), visit: Visit::Away, command: 0 });
            Ok(())
        })
    }
}

/// Erases a key and the visit to its lock: the storage is as nobody has started it.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
///
/// # Safety
/// `holder` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_holder_forget(holder: *mut Holder) -> Status {
    // SAFETY: the caller vouches for the storage.
    gate::status(|| unsafe { object::end(holder) })
}

/// Writes the key for `lk_holder_load`: a key that is bound and was started with its holder's secret can be used without it from then on.
/// It is the key itself: store it where nobody else reads, and erase your copy.
///
/// `record` gets it and `record_length` its length; `record_capacity` must be at least `LK_KEY_MAX`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`.
///
/// # Safety
/// `holder` must be valid for reads and writes, and be zeroed or started where it lies; `record` must be valid for writes of
/// `record_capacity` bytes and `record_length` for a write. None of them may overlap another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_holder_save(
    holder: *mut Holder,
    record: *mut u8,
    record_capacity: usize,
    record_length: *mut usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(holder) }?;
        // SAFETY: the caller vouches for the outputs.
        let (output, length) =
            unsafe { (OutputBytes::new(record, record_capacity)?, Output::new(record_length)?) };
        output.holds(LK_KEY_MAX)?;
        let mut bytes = Zeroizing::new([0; LK_KEY_MAX]);
        let bytes = held.key.to_bytes(bytes.as_mut_slice()).map_err(link_failure)?;
        output.write(bytes)?;
        length.write(bytes.len());
        Ok(())
    })
}

/// What is to be stored before the next handshakes: `number` gets it. Store it so that it survives a power cut, read it back, then call
/// `lk_holder_reserved` with it; `more` handshakes can follow, 1 to `LK_RESERVE_MAX`. What was not used is lost with a restart, and nothing else is.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`,
/// `LK_STATUS_NUMBERS_EXHAUSTED`.
///
/// # Safety
/// `holder` must be valid for reads and writes, and be zeroed or started where it lies; `number` must be valid for a write.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_holder_reserve(holder: *mut Holder, more: u32, number: *mut u64) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(holder) }?;
        // SAFETY: the caller vouches for the output.
        let output = unsafe { Output::new(number) }?;
        output.write(held.attempts.ask(more)?);
        Ok(())
    })
}

/// The number that `lk_holder_reserve` gave is durable.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_NOT_PENDING` (it was not given).
///
/// # Safety
/// `holder` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_holder_reserved(holder: *mut Holder, number: u64) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        unsafe { object::started(holder) }?.attempts.grant(number)
    })
}

/// What can be read of a virtual key away from its lock.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyView {
    /// Not before this moment, in Unix milliseconds; 0 where no holder said one.
    pub not_before_ms: u64,
    /// Not after this moment, in Unix milliseconds; `LK_NEVER` where no holder said one.
    pub not_after_ms: u64,
    /// The lock that it is for.
    pub lock_id: [u8; 16],
    /// 1 where its holder's secret is still needed, else 0.
    pub needs_holder: u8,
    /// How often it was narrowed and passed on.
    pub times_narrowed: u8,
    /// The sum of the `lk_right` that all holders left.
    pub rights: u8,
    /// 1 where a holder said a weekly window, else 0.
    pub has_weekly_window: u8,
    /// 1 where a holder said that it opens once, else 0.
    pub is_single_use: u8,
}

/// What can be read of a key: for which lock it is, and what its holders said when they passed it on. What the cloud allows is sealed for the lock:
/// a key may allow less than this says, and never more.
///
/// `view` gets it.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
///
/// # Safety
/// `holder` must be valid for reads and writes, and be zeroed or started where it lies; `view` must be valid for a write.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_holder_view(holder: *mut Holder, view: *mut KeyView) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(holder) }?;
        // SAFETY: the caller vouches for the output.
        let output = unsafe { Output::new(view) }?;
        output.write(narrow::view(&held.key));
        Ok(())
    })
}

pub(crate) const fn link_failure(error: LinkError) -> Status {
    match error {
        LinkError::NotALink => Status::NotALink,
        LinkError::Damaged => Status::KeyDamaged,
        LinkError::Newer => Status::KeyNewer,
        LinkError::TooLong => Status::BufferTooShort,
    }
}
