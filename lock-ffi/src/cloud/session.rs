//! A cloud's live session with its lock.
#![allow(unsafe_code)]

use lock_core::cloud::{CaughtUp, Connecting, FreshMarks, Numbers};
use lock_core::crypto::InitiatorHedge;
use lock_core::proto::{CommandId, Down, Opening, Packet, UnixMillis};

use super::request::Request;
use super::{Cloud, Held};
use crate::gate::{self, Output};
use crate::heard::HeardThat;
use crate::visit::{self, Ear, Greeting, Visit};
use crate::{LK_PACKET_MAX, Status, object};

/// Whether a hello is of this lock; it says nothing of who sent it now. `is_known` gets 1 or 0.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
/// `LK_STATUS_UNEXPECTED_PACKET`.
///
/// # Safety
/// `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `hello` must be valid for reads of `hello_length`
/// bytes and `is_known` for a write. None of them may overlap another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_cloud_recognises(
    cloud: *mut Cloud,
    hello: *const u8,
    hello_length: usize,
    is_known: *mut u8,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(cloud) }?;
        // SAFETY: the caller vouches for the hello and the output.
        let (hello, output) = unsafe { (gate::bytes(hello, hello_length)?, Output::new(is_known)?) };
        let Ok(Packet::Hello(hello)) = Packet::parse(hello) else { return Err(Status::UnexpectedPacket) };
        output.write(held.keys.recognises(&hello).into());
        Ok(())
    })
}

/// Answers the hello of the lock with a packet that carries a first request. The session before this one is over. `unix_ms` is the cloud's clock
/// now, which the lock may take as the time; 0 where it is not to be told. Numbers must be reserved: `lk_cloud_reserve`.
///
/// `packet` gets the packet and `packet_length` its length; `packet_capacity` must be at least `LK_PACKET_MAX`. `command` gets the number of
/// the command, 0 where it is a question.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
/// `LK_STATUS_BAD_LENGTH`, `LK_STATUS_BAD_VALUE`, `LK_STATUS_NOT_RESERVED`, `LK_STATUS_UNEXPECTED_PACKET`, `LK_STATUS_ANOTHER_LOCK`,
/// `LK_STATUS_ANOTHER_PROFILE`, `LK_STATUS_NO_COMMON_VERSION`, `LK_STATUS_OPEN_SESSION_FIRST`.
///
/// # Safety
/// `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `request` and `greeting` and what they point to must
/// be valid for reads, `packet` for writes of `packet_capacity` bytes, `packet_length` and `command` for a write. None of them may overlap
/// another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_cloud_connect(
    cloud: *mut Cloud,
    request: *const Request,
    greeting: *const Greeting,
    unix_ms: u64,
    packet: *mut u8,
    packet_capacity: usize,
    packet_length: *mut usize,
    command: *mut u64,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(cloud) }?;
        // SAFETY: the caller vouches for request and greeting.
        let (request, greeting) = unsafe { (gate::input(request)?, gate::input(greeting)?) };
        // SAFETY: the caller vouches for the hello.
        let (hello, delivery) = unsafe { greeting.read() }?;
        // SAFETY: the caller vouches for the outputs.
        let (outputs, command) =
            unsafe { (visit::outputs(packet, packet_capacity, packet_length)?, Output::new(command)?) };
        // SAFETY: the caller vouches for the digits.
        let (request, id, number) = unsafe { request.read(held) }?;
        let hedge = InitiatorHedge { attempt: held.attempts.next()?, entropy: greeting.entropy };
        let time = (unix_ms != 0).then_some(UnixMillis(unix_ms));
        let opening = Down { header: Opening { time }, request };
        let mut packet = [0; LK_PACKET_MAX];
        let (written, connecting) = Connecting::start(&held.keys, hello, &opening, &hedge, &mut packet)
            .map_err(visit::session_failure)?;
        visit::write(outputs, &packet, written)?;
        command.write(id);
        held.attempts.burn();
        held.took(&number);
        held.visit = Visit::Waiting(connecting, delivery);
        Ok(())
    })
}

/// Asks for something more in the session. A command is valid for four seconds. `now_ms` is the caller's own monotonic clock.
///
/// `packet` gets the packet and `packet_length` its length; `packet_capacity` must be at least `LK_PACKET_MAX`. `command` gets the number of
/// the command, 0 where it is a question.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
/// `LK_STATUS_BAD_LENGTH`, `LK_STATUS_BAD_VALUE`, `LK_STATUS_NOT_RESERVED`, `LK_STATUS_NO_SESSION` (also one that is over: an hour
/// old, or used up).
///
/// # Safety
/// `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `request` and what it points to must be valid for
/// reads, `packet` for writes of `packet_capacity` bytes, `packet_length` and `command` for a write. None of them may overlap another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_cloud_ask(
    cloud: *mut Cloud,
    request: *const Request,
    now_ms: u64,
    packet: *mut u8,
    packet_capacity: usize,
    packet_length: *mut usize,
    command: *mut u64,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(cloud) }?;
        // SAFETY: the caller vouches for the request.
        let request = unsafe { gate::input(request) }?;
        // SAFETY: the caller vouches for the outputs.
        let (outputs, command) =
            unsafe { (visit::outputs(packet, packet_capacity, packet_length)?, Output::new(command)?) };
        // SAFETY: the caller vouches for the digits.
        let (request, id, number) = unsafe { request.read(held) }?;
        let mut packet = [0; LK_PACKET_MAX];
        let written = held.visit.request(request, now_ms, &mut packet)?;
        visit::write(outputs, &packet, written)?;
        command.write(id);
        held.took(&number);
        Ok(())
    })
}

/// A whole packet came from the lock in a handshake or session. It is decrypted in place. Bytes that prove nothing are `LK_HEARD_NOISE`: that is
/// success, too. `now_ms` is the caller's own monotonic clock.
///
/// `heard` gets what the lock told. Where `was_behind` is 1, the caller's record is older than the truth: reserve and store anew before anything
/// else, and ask again, under new numbers, what was issued and has no outcome yet.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`; the packet is as it
/// was then.
///
/// # Safety
/// `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `packet` must be valid for reads and writes of
/// `packet_length` bytes and `heard` for a write. None of them may overlap another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_cloud_receive(
    cloud: *mut Cloud,
    packet: *mut u8,
    packet_length: usize,
    now_ms: u64,
    heard: *mut HeardThat,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(cloud) }?;
        // SAFETY: the caller vouches for packet and output.
        let (packet, output) = unsafe { (gate::bytes_mut(packet, packet_length)?, Output::new(heard)?) };
        let (heard, marks) = held.visit.hear(&Ear::CLOUD, packet, now_ms);
        let was_behind = marks.map_or(CaughtUp::Level, |marks| held.catch_up(marks));
        output.write(HeardThat { was_behind: u8::from(was_behind == CaughtUp::WasBehind), ..heard });
        Ok(())
    })
}

/// The session is over: its keys are erased, those of the lock stay.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
///
/// # Safety
/// `cloud` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_cloud_leave(cloud: *mut Cloud) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        unsafe { object::started(cloud) }?.visit = Visit::Away;
        Ok(())
    })
}

impl Held {
    /// Gives out no number that the lock has seen.
    fn catch_up(&mut self, marks: FreshMarks) -> CaughtUp {
        let mut numbers = Numbers {
            next_down: self.downs.used().saturating_add(1),
            next_command: CommandId(self.commands.used().saturating_add(1)),
        };
        let caught_up = numbers.catch_up(marks);
        self.downs.skip(numbers.next_down.saturating_sub(1));
        self.commands.skip(numbers.next_command.0.saturating_sub(1));
        caught_up
    }
}
