//! What a firmware may ask of its lock.
#![allow(unsafe_code)]

use lock_core::proto::{Seconds, Status as DoorStatus, Uptime};

use super::Device;
use crate::gate::{self, Output};
use crate::{Status, object};

/// A moment that never comes: nothing is planned.
pub const LK_NEVER: u64 = u64::MAX;

/// The truth about the door. "Locked" is said on the evidence of a sensor alone.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// The number of this boot, from 1; 0 where it was not said.
    pub boot: u64,
    /// The version of the configuration in force; 0 as made.
    pub configuration: u32,
    /// Seconds until codes are accepted again; 0 when they are.
    pub lockout_seconds: u32,
    /// Seconds until the bolt is thrown by itself, where that is planned.
    pub relock_seconds: u32,
    /// 1 where the bolt is to be thrown by itself, else 0.
    pub is_relock_planned: u8,
    /// 1 where the door may be called locked, else 0.
    pub is_locked: u8,
    /// An `lk_bolt`.
    pub bolt: u8,
    /// An `lk_latch`.
    pub latch: u8,
    /// An `lk_door_state`.
    pub door: u8,
    /// What the motor does, an `lk_motion`.
    pub motion: u8,
    /// What is wrong with the mechanism, an `lk_fault`.
    pub fault: u8,
    /// The mode in force, an `lk_mode`.
    pub mode: u8,
}

impl Report {
    pub(crate) fn of(boot: u64, status: &DoorStatus) -> Self {
        Self {
            boot,
            configuration: status.configuration,
            lockout_seconds: status.lockout.0,
            relock_seconds: status.relock_in.map_or(0, |Seconds(seconds)| seconds),
            is_relock_planned: status.relock_in.is_some().into(),
            is_locked: status.is_locked().into(),
            bolt: status.bolt.value.number(),
            latch: status.latch.value.number(),
            door: status.door.value.number(),
            motion: status.motion.number(),
            fault: status.fault.value.number(),
            mode: status.mode.value.number(),
        }
    }
}

/// How the lock stands now.
///
/// `report` gets it.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies; `report` must be valid for a write.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_report(device: *mut Device, now_ms: u64, report: *mut Report) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let device = unsafe { object::started(device) }?;
        // SAFETY: the caller vouches for the output.
        let output = unsafe { Output::new(report) }?;
        let status = device.status(Uptime::from_millis(now_ms));
        output.write(Report::of(device.boot_number(), &status));
        Ok(())
    })
}

/// When to call `lk_device_tick` at the latest; `at_ms` gets it, and `LK_NEVER` where nothing is planned.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies; `at_ms` must be valid for a write.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_timeout(device: *mut Device, at_ms: *mut u64) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let device = unsafe { object::started(device) }?;
        // SAFETY: the caller vouches for the output.
        let output = unsafe { Output::new(at_ms) }?;
        output.write(device.poll_timeout().map_or(LK_NEVER, Uptime::as_millis));
        Ok(())
    })
}
