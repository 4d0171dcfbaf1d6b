//! Messages for a lock that is not reached now, and what it sends back the same way.
#![allow(unsafe_code)]

use lock_core::cloud::{open_up, seal_down};
use lock_core::proto::{Down, Packet, Sealed, SealedReport, UnixMillis};

use super::request::Request;
use super::{Cloud, Held};
use crate::gate::{self, Output};
use crate::heard::HeardThat;
use crate::{LK_PACKET_MAX, Status, object, visit, words};

/// When a sealed message counts.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SealedTime {
    /// The cloud's clock when the command was issued, in Unix milliseconds.
    pub issued_ms: u64,
    /// After this moment it must not be done, in Unix milliseconds; 0 where it does not expire.
    pub not_after_ms: u64,
    /// Random bytes. A nonce repeats only where they and the record of the numbers repeat.
    pub random: [u8; 16],
}

/// Seals a request for a lock that is not reached now. A number of its own is burned for it, whatever becomes of the packet: reserve with
/// `lk_cloud_reserve`. What the lock says of it comes sealed, too.
///
/// `packet` gets the packet and `packet_length` its length; `packet_capacity` must be at least `LK_PACKET_MAX`. `command` gets the number of
/// the command, 0 where it is a question.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
/// `LK_STATUS_BAD_LENGTH`, `LK_STATUS_BAD_VALUE`, `LK_STATUS_NOT_RESERVED`.
///
/// # Safety
/// `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `request` and what it points to and `time` must be
/// valid for reads, `packet` for writes of `packet_capacity` bytes, `packet_length` and `command` for a write. None of them may overlap
/// another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_cloud_seal(
    cloud: *mut Cloud,
    request: *const Request,
    time: *const SealedTime,
    packet: *mut u8,
    packet_capacity: usize,
    packet_length: *mut usize,
    command: *mut u64,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(cloud) }?;
        // SAFETY: the caller vouches for request and time.
        let (request, time) = unsafe { (gate::input(request)?, gate::input(time)?) };
        // SAFETY: the caller vouches for the outputs.
        let (outputs, command) =
            unsafe { (visit::outputs(packet, packet_capacity, packet_length)?, Output::new(command)?) };
        // SAFETY: the caller vouches for the digits.
        let (request, id, number) = unsafe { request.read(held) }?;
        let not_after = (time.not_after_ms != 0).then_some(UnixMillis(time.not_after_ms));
        let header = Sealed { issued_at: UnixMillis(time.issued_ms), not_after };
        let mut packet = [0; LK_PACKET_MAX];
        let counter = held.downs.next()?;
        let written = seal_down(&held.keys, counter, time.random, &Down { header, request }, &mut packet)
            .map_err(|_| Status::BufferTooShort)?;
        visit::write(outputs, &packet, written)?;
        command.write(id);
        held.downs.burn();
        held.took(&number);
        Ok(())
    })
}

/// Opens a sealed packet of the lock in place. Bytes that prove nothing are `LK_HEARD_NOISE`: that is success, too.
///
/// `heard` gets what the lock told. Where `was_behind` is 1, the lock says that it has seen numbers which this cloud does not remember giving
/// out, so that it does not take what is sealed: connect, which catches up. Anybody may have played that again; it changes nothing here.
///
/// `counter` gets the number of the message, from 0; of noise it is no number. Act on each number once for this lock and key epoch, in any
/// order, and store durably which ones you have seen.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
/// `LK_STATUS_UNEXPECTED_PACKET`; the packet is as it was then.
///
/// # Safety
/// `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `packet` must be valid for reads and writes of
/// `packet_length` bytes, `counter` and `heard` for a write. None of them may overlap another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_cloud_open(
    cloud: *mut Cloud,
    packet: *mut u8,
    packet_length: usize,
    counter: *mut u64,
    heard: *mut HeardThat,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(cloud) }?;
        // SAFETY: the caller vouches for the packet.
        let packet = unsafe { gate::bytes_mut(packet, packet_length) }?;
        // SAFETY: the caller vouches for the outputs.
        let (counter, output) = unsafe { (Output::new(counter)?, Output::new(heard)?) };
        let Ok(Packet::SealedUp(_)) = Packet::parse(packet) else { return Err(Status::UnexpectedPacket) };
        let (number, heard) = match open_up(&held.keys, packet) {
            Ok(opened) => (opened.counter, held.told(opened.report.get())),
            Err(_) => (0, HeardThat::only(words::Heard::Noise)),
        };
        counter.write(number);
        output.write(heard);
        Ok(())
    })
}

impl Held {
    fn told(&self, report: &SealedReport) -> HeardThat {
        match report {
            SealedReport::Receipt { id, outcome, configuration } => {
                let heard = HeardThat::outcome(*id, *outcome, false);
                let report = crate::Report { configuration: *configuration, ..heard.report };
                HeardThat { report, ..heard }
            }
            SealedReport::Status { boot, status } => HeardThat::status(status, *boot),
            SealedReport::MarksHint { marks } => {
                let is_ahead = marks.down > self.downs.used() || marks.command.0 > self.commands.used();
                HeardThat { was_behind: is_ahead.into(), ..HeardThat::only(words::Heard::Other) }
            }
            SealedReport::MarksAnswer { .. }
            | SealedReport::Digest { .. }
            | SealedReport::Items { .. }
            | SealedReport::Health { .. }
            | SealedReport::Log(_)
            | SealedReport::Update(_)
            | SealedReport::Tickets(_) => HeardThat::only(words::Heard::Other),
        }
    }
}
