//! What a holder says and hears at the door.
#![allow(unsafe_code)]

use lock_core::crypto::InitiatorHedge;
use lock_core::proto::{Action, CommandId, Packet, Query, Request};
use lock_core::virtual_key::{Binding, VirtualKeyError};

use super::Holder;
use crate::gate::{self, Output};
use crate::heard::HeardThat;
use crate::visit::{self, Ear, Greeting, Visit};
use crate::{LK_PACKET_MAX, Status, object, words};

/// Whether a hello is of the key's lock; it says nothing of who sent it now. `is_known` gets 1 or 0.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
/// `LK_STATUS_UNEXPECTED_PACKET`.
///
/// # Safety
/// `holder` must be valid for reads and writes, and be zeroed or started where it lies; `hello` must be valid for reads of `hello_length`
/// bytes and `is_known` for a write. None of them may overlap another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_holder_recognises(
    holder: *mut Holder,
    hello: *const u8,
    hello_length: usize,
    is_known: *mut u8,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(holder) }?;
        // SAFETY: the caller vouches for the hello and the output.
        let (hello, output) = unsafe { (gate::bytes(hello, hello_length)?, Output::new(is_known)?) };
        let Ok(Packet::Hello(hello)) = Packet::parse(hello) else { return Err(Status::UnexpectedPacket) };
        output.write(held.key.recognises(&hello).into());
        Ok(())
    })
}

/// Answers the hello of the lock with the packet that proves the key and asks for something: `ask` is an `lk_ask` below 16. The visit before
/// this one is over. What the lock answers goes to `lk_holder_receive`; a lock that does not take the key is silent. A number must be
/// reserved: `lk_holder_reserve`. Uses about 4 KiB of stack on a Cortex-M0.
///
/// `packet` gets the packet and `packet_length` its length; `packet_capacity` must be at least `LK_PACKET_MAX`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
/// `LK_STATUS_BAD_LENGTH`, `LK_STATUS_BAD_VALUE`, `LK_STATUS_NOT_PENDING` (an outcome is asked for, and there was no command),
/// `LK_STATUS_HOLDER_NEEDED`, `LK_STATUS_NOT_RESERVED`, `LK_STATUS_UNEXPECTED_PACKET`, `LK_STATUS_ANOTHER_LOCK`,
/// `LK_STATUS_ANOTHER_PROFILE`, `LK_STATUS_NO_COMMON_VERSION`, `LK_STATUS_PROFILE_NOT_IN_BUILD`.
///
/// # Safety
/// `holder` must be valid for reads and writes, and be zeroed or started where it lies; `greeting` and its hello must be valid for reads,
/// `packet` for writes of `packet_capacity` bytes and `packet_length` for a write. None of them may overlap another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_holder_connect(
    holder: *mut Holder,
    ask: u8,
    greeting: *const Greeting,
    packet: *mut u8,
    packet_capacity: usize,
    packet_length: *mut usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(holder) }?;
        // SAFETY: the caller vouches for the greeting.
        let greeting = unsafe { gate::input(greeting) }?;
        // SAFETY: the caller vouches for its hello.
        let (hello, delivery) = unsafe { greeting.read() }?;
        // SAFETY: the caller vouches for the outputs.
        let outputs = unsafe { visit::outputs(packet, packet_capacity, packet_length) }?;
        let (request, command) = request(ask, 0)?;
        if held.key.binding() == Binding::Needed {
            return Err(Status::HolderNeeded);
        }
        let hedge = InitiatorHedge { attempt: held.attempts.next()?, entropy: greeting.entropy };
        let mut packet = [0; LK_PACKET_MAX];
        let (written, connecting) =
            held.key.connect(hello, request, &hedge, &mut packet).map_err(connect_failure)?;
        visit::write(outputs, &packet, written)?;
        held.attempts.burn();
        held.visit = Visit::Waiting(connecting, delivery);
        held.command = command;
        Ok(())
    })
}

/// Asks for something more in the session: `ask` is an `lk_ask` below 16. `now_ms` is the holder's own monotonic clock.
///
/// `packet` gets the packet and `packet_length` its length; `packet_capacity` must be at least `LK_PACKET_MAX`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
/// `LK_STATUS_BAD_VALUE`, `LK_STATUS_NOT_PENDING` (an outcome is asked for, and there was no command), `LK_STATUS_NO_SESSION` (also one that is over: an hour
/// old, or used up).
///
/// # Safety
/// `holder` must be valid for reads and writes, and be zeroed or started where it lies; `packet` must be valid for writes of
/// `packet_capacity` bytes and `packet_length` for a write. None of them may overlap another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_holder_ask(
    holder: *mut Holder,
    ask: u8,
    now_ms: u64,
    packet: *mut u8,
    packet_capacity: usize,
    packet_length: *mut usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(holder) }?;
        // SAFETY: the caller vouches for the outputs.
        let outputs = unsafe { visit::outputs(packet, packet_capacity, packet_length) }?;
        let (request, command) = request(ask, held.command)?;
        let mut packet = [0; LK_PACKET_MAX];
        let written = held.visit.request(request, now_ms, &mut packet)?;
        visit::write(outputs, &packet, written)?;
        held.command = command;
        Ok(())
    })
}

/// A whole packet came from the lock, unframed and reassembled. It is decrypted in place. Bytes that prove nothing are `LK_HEARD_NOISE`: that
/// is success, too. `now_ms` is the holder's own monotonic clock.
///
/// `heard` gets what the lock told.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`; the packet is as it
/// was then.
///
/// # Safety
/// `holder` must be valid for reads and writes, and be zeroed or started where it lies; `packet` must be valid for reads and writes of
/// `packet_length` bytes and `heard` for a write. None of them may overlap another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_holder_receive(
    holder: *mut Holder,
    packet: *mut u8,
    packet_length: usize,
    now_ms: u64,
    heard: *mut HeardThat,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(holder) }?;
        // SAFETY: the caller vouches for packet and output.
        let (packet, output) = unsafe { (gate::bytes_mut(packet, packet_length)?, Output::new(heard)?) };
        let (heard, _marks) = held.visit.hear(&Ear::HOLDER, packet, now_ms);
        output.write(heard);
        Ok(())
    })
}

/// The visit is over: its session and its keys are erased, the virtual key stays.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
///
/// # Safety
/// `holder` must be valid for reads and writes, and be zeroed or started where it lies.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_holder_leave(holder: *mut Holder) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(holder) }?;
        held.visit = Visit::Away;
        held.command = 0;
        Ok(())
    })
}

/// The request, and the number of the last command once it was sent.
fn request(ask: u8, last: u64) -> Result<(Request, u64), Status> {
    let next = last.saturating_add(1);
    let command = |action| Ok((Request::Command { id: CommandId(next), action }, next));
    match ask {
        ask if ask == words::Ask::Nothing as u8 => Ok((Request::Nothing, last)),
        ask if ask == words::Ask::Lock as u8 => command(Action::Lock),
        ask if ask == words::Ask::Unlock as u8 => command(Action::Unlock),
        ask if ask == words::Ask::Unlatch as u8 => command(Action::Unlatch),
        ask if ask == words::Ask::LockNGo as u8 => command(Action::LockNGo),
        ask if ask == words::Ask::Status as u8 => Ok((Request::Query(Query::Status), last)),
        ask if ask == words::Ask::Outcome as u8 && last == 0 => Err(Status::NotPending),
        ask if ask == words::Ask::Outcome as u8 => {
            Ok((Request::Query(Query::Command(CommandId(last))), last))
        }
        _ => Err(Status::BadValue),
    }
}

const fn connect_failure(error: VirtualKeyError) -> Status {
    match error {
        VirtualKeyError::NotBound => Status::HolderNeeded,
        VirtualKeyError::TooDeep => Status::TooDeep,
        VirtualKeyError::NothingNarrowed => Status::NothingNarrowed,
        VirtualKeyError::Caveats(_) => Status::BadValue,
        VirtualKeyError::Session(error) => visit::session_failure(error),
    }
}
