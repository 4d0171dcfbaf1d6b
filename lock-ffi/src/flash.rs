//! The flash of a C firmware: three functions of its driver.
#![allow(unsafe_code)]

use core::ffi::c_void;

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};

use crate::{Status, gate};

/// The driver of a NOR flash, for journal and log. Each function returns 0 when it is done: the cells hold it, and would after a power
/// cut; anything else is a failure. `offset` counts from the start of this region, and all offsets and lengths are multiples of
/// `lk_flash_unit`, those of `erase` of `lk_flash_sector`. An erased byte is 0xFF. No unit is programmed twice between two erases.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Flash {
    /// Handed to the functions as it is.
    pub context: *mut c_void,
    /// Reads `length` bytes.
    pub read:
        Option<unsafe extern "C" fn(context: *mut c_void, offset: u32, bytes: *mut u8, length: u32) -> i32>,
    /// Programs `length` bytes of erased flash.
    pub program:
        Option<unsafe extern "C" fn(context: *mut c_void, offset: u32, bytes: *const u8, length: u32) -> i32>,
    /// Erases `length` bytes.
    pub erase: Option<unsafe extern "C" fn(context: *mut c_void, offset: u32, length: u32) -> i32>,
    /// The size of the region, in bytes: 2 to 32 sectors.
    pub bytes: u32,
}

/// What is erased at once, in bytes. Where the chip's pages are smaller, let the driver erase several.
const SECTOR: u32 = geometry(option_env!("LK_FLASH_SECTOR"), 8_192);
/// What is programmed at once, in bytes.
const UNIT: u32 = geometry(option_env!("LK_FLASH_UNIT"), 8);

const _: () = {
    assert!(UNIT.is_power_of_two() && UNIT <= 64, "LK_FLASH_UNIT is 1, 2, 4, 8, 16, 32 or 64");
    assert!(
        SECTOR.is_multiple_of(UNIT) && SECTOR >= 1_024,
        "LK_FLASH_SECTOR is a multiple of the unit, and 1024 at least"
    );
};

/// The number that whoever builds the library has set, or what suits most chips.
const fn geometry(set: Option<&str>, usual: u32) -> u32 {
    match set {
        None => usual,
        Some(text) => match u32::from_str_radix(text, 10) {
            Ok(number) => number,
            Err(_) => 0,
        },
    }
}

/// What the library erases at once, in bytes: `LK_FLASH_SECTOR` of the environment when it was built, else 8,192.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn lk_flash_sector() -> u32 {
    SECTOR
}

/// What the library programs at once, in bytes: `LK_FLASH_UNIT` of the environment when it was built, else 8.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn lk_flash_unit() -> u32 {
    UNIT
}

/// The driver failed, or was asked for what is not there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DriverFailed;

impl NorFlashError for DriverFailed {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

type Read = unsafe extern "C" fn(*mut c_void, u32, *mut u8, u32) -> i32;
type Program = unsafe extern "C" fn(*mut c_void, u32, *const u8, u32) -> i32;
type Erase = unsafe extern "C" fn(*mut c_void, u32, u32) -> i32;

/// A driver whose functions are there.
#[derive(Debug)]
pub(crate) struct Driver {
    context: *mut c_void,
    read: Read,
    program: Program,
    erase: Erase,
    bytes: u32,
}

impl Driver {
    /// Takes a driver from C.
    ///
    /// # Errors
    /// [`Status::NullPointer`], also for a function that is null; [`Status::Misaligned`].
    ///
    /// # Safety
    /// If it is not null, `flash` is valid for a read, and its functions do what the structure says, for as long as the result lives.
    pub(crate) unsafe fn new(flash: *const Flash) -> Result<Self, Status> {
        // SAFETY: the caller vouches for the structure.
        let flash = unsafe { gate::input(flash) }?;
        Ok(Self {
            context: flash.context,
            read: flash.read.ok_or(Status::NullPointer)?,
            program: flash.program.ok_or(Status::NullPointer)?,
            erase: flash.erase.ok_or(Status::NullPointer)?,
            bytes: flash.bytes,
        })
    }

    fn holds(&self, offset: u32, length: usize) -> Result<u32, DriverFailed> {
        let length = u32::try_from(length).map_err(|_| DriverFailed)?;
        let is_inside = offset.checked_add(length).is_some_and(|end| end <= self.bytes);
        if is_inside { Ok(length) } else { Err(DriverFailed) }
    }
}

const fn done(answer: i32) -> Result<(), DriverFailed> {
    if answer == 0 { Ok(()) } else { Err(DriverFailed) }
}

impl ErrorType for Driver {
    type Error = DriverFailed;
}

impl ReadNorFlash for Driver {
    const READ_SIZE: usize = UNIT as usize;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), DriverFailed> {
        let length = self.holds(offset, bytes.len())?;
        // SAFETY: whoever gave the driver vouches for its functions; the bytes are as many as is said.
        done(unsafe { (self.read)(self.context, offset, bytes.as_mut_ptr(), length) })
    }

    fn capacity(&self) -> usize {
        self.bytes as usize
    }
}

impl NorFlash for Driver {
    const WRITE_SIZE: usize = UNIT as usize;
    const ERASE_SIZE: usize = SECTOR as usize;

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), DriverFailed> {
        let length = self.holds(offset, bytes.len())?;
        // SAFETY: as in `read`.
        done(unsafe { (self.program)(self.context, offset, bytes.as_ptr(), length) })
    }

    fn erase(&mut self, from: u32, to: u32) -> Result<(), DriverFailed> {
        let length = to.checked_sub(from).ok_or(DriverFailed)?;
        self.holds(from, length as usize)?;
        // SAFETY: as in `read`.
        done(unsafe { (self.erase)(self.context, from, length) })
    }
}
