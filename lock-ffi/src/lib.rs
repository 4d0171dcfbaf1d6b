//! The C interface of the lock core. C programs include `lock-ffi/include/lock.h`, which is made from this crate, and
//! link the static library that
//!
//! ```text
//! cargo rustc --release -p lock-ffi --crate-type staticlib
//! ```
//!
//! makes; with `--target thumbv6m-none-eabi --features panic-handler` it is one for a bare Cortex-M0.
//!
//! # Conventions
//! Said once, true of every function:
//! - **Result.** [`Status`] 0 is success and nothing else is 0. A failure is negative, its number is never reused, and
//!   [`lk_status_text`] says in one sentence what to do.
//! - **Arguments.** The object first, inputs next, outputs last. Lengths and capacities are in bytes.
//! - **Pointers.** Every pointer is checked: a null one is refused, also where the length is 0.
//! - **Failure.** Outputs and objects are as they were before a call that failed. A device, a journal and a log that could not be started are
//!   not started, and nothing is left of what was there: a start that fails wipes its storage; a journal and a log may remember where they read, and what failed in the chip.
//! - **Memory.** The caller owns all of it. Nothing is allocated, freed or kept.
//! - **Objects.** The caller gives the storage (for example a static variable) and starts it with the object's `init`.
//!   The header's size and the library's are compared there. An object that was moved or copied is none any more,
//!   since it would repeat numbers; it may not be used by two threads at once. Two objects are independent.
//!
//! ```
//! use lock_ffi::{LK_FRAME_MAX, Status, lk_frame_encode};
//!
//! let packet = [1_u8, 1];
//! let (mut frame, mut length) = ([0_u8; LK_FRAME_MAX], 0);
//! // SAFETY: each pointer is valid for the length that stands beside it.
//! let status = unsafe {
//!     lk_frame_encode(packet.as_ptr(), packet.len(), frame.as_mut_ptr(), frame.len(), &mut length)
//! };
//! assert_eq!((status, &frame[..length]), (Status::Ok, &[3_u8, 1, 1, 0][..]));
//! ```
#![no_std]
#![deny(unsafe_code, unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::unreachable
    )
)]

// On a host std brings the panic handler; no function here uses std.
#[cfg(not(target_os = "none"))]
extern crate std;

mod cloud;
mod deframer;
mod device;
mod flash;
mod frame;
mod gate;
mod heard;
mod holder;
mod journal;
mod log;
mod object;
mod packet;
#[cfg(all(any(feature = "panic-handler", feature = "no-panic"), target_os = "none"))]
mod panic_handler;
mod provision;
mod reserve;
mod status;
mod version;
mod visit;
mod wipe;
pub mod words;

pub use cloud::issue::{NewKey, lk_cloud_issue};
pub use cloud::request::Request;
pub use cloud::sealed::{SealedTime, lk_cloud_open, lk_cloud_seal};
pub use cloud::session::{
    lk_cloud_ask, lk_cloud_connect, lk_cloud_leave, lk_cloud_receive, lk_cloud_recognises,
};
pub use cloud::{
    Cloud, CloudLock, LK_CLOUD_RECORD, LK_CLOUD_SIZE, lk_cloud_forget, lk_cloud_init, lk_cloud_reserve,
    lk_cloud_reserved, lk_cloud_size,
};
pub use deframer::{Deframer, LK_DEFRAMER_SIZE, lk_deframer_init, lk_deframer_push, lk_deframer_size};
pub use device::answers::{
    LogPayload, lk_device_answer_log, lk_device_answer_update, lk_device_persist_failed, lk_device_persisted,
};
pub use device::inputs::{
    Power, lk_device_link_down, lk_device_link_up, lk_device_log_held, lk_device_observe, lk_device_present,
    lk_device_press_inside, lk_device_press_outside, lk_device_press_reset, lk_device_receive,
    lk_device_sense_bolt, lk_device_sense_door, lk_device_sense_latch, lk_device_sense_power,
    lk_device_sense_stall, lk_device_stir, lk_device_tick,
};
pub use device::outputs::{Pattern, Todo, lk_device_poll, lk_indication_pattern};
pub use device::report::{LK_NEVER, Report, lk_device_report, lk_device_timeout};
pub use device::{
    Boot, Device, LK_DEVICE_LINKS, LK_DEVICE_SIZE_CORE, LK_DEVICE_SIZE_KEYS, LK_LOG_BEGINNING, LK_RECORD_MAX,
    LK_RECORD_TAGS, Record, RunningFirmware, StartOfLog, lk_device_boot, lk_device_size,
};
pub use flash::{Flash, lk_flash_sector, lk_flash_unit};
pub use frame::{LK_FRAME_MAX, lk_frame_encode};
pub use heard::HeardThat;
pub use holder::asking::{
    lk_holder_ask, lk_holder_connect, lk_holder_leave, lk_holder_receive, lk_holder_recognises,
};
pub use holder::narrow::{Conditions, lk_holder_link, lk_holder_narrow};
pub use holder::relay::{
    LK_HELLO, LK_RELAY_SIZE, Relay, lk_relay_from_cloud, lk_relay_from_lock, lk_relay_init, lk_relay_size,
    lk_relay_take_hello,
};
pub use holder::{
    Holder, KeyView, LK_HOLDER_SIZE, LK_KEY_MAX, LK_LINK_MAX, lk_holder_forget, lk_holder_init,
    lk_holder_load, lk_holder_reserve, lk_holder_reserved, lk_holder_save, lk_holder_size, lk_holder_view,
};
pub use journal::{
    Journal, LK_JOURNAL_SIZE, lk_journal_append, lk_journal_format, lk_journal_has_room, lk_journal_mount,
    lk_journal_needs_work, lk_journal_read, lk_journal_size, lk_journal_work,
};
pub use log::{
    LK_LOG_ENTRY_MAX, LK_LOG_SIZE, Log, lk_log_acknowledge, lk_log_append, lk_log_format, lk_log_mount,
    lk_log_needs_work, lk_log_read, lk_log_size, lk_log_start, lk_log_work,
};
pub use packet::{Kind, LK_PACKET_MAX, lk_packet_hello_request, lk_packet_kind};
pub use provision::{
    LK_TAG_CLAIM, LK_TAG_KEYS, lk_provision_claim, lk_provision_log, lk_provision_owned,
    lk_provision_unowned, lk_provision_unowned_log,
};
pub use reserve::LK_RESERVE_MAX;
pub use status::{Status, lk_status_text};
pub use version::{LK_ABI_VERSION, lk_abi_version};
pub use visit::Greeting;
pub use wipe::lk_wipe;
