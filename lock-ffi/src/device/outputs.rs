//! What a lock wants done, one thing at a time.
#![allow(unsafe_code)]

use lock_core::device::{LogWork, Output as Wanted};
use lock_core::proto::{Sound, Uptime};
use lock_core::state::{Colour, Drive, Indication, Tone, Work};

use super::Device;
use crate::gate::{self, Output, OutputBytes};
use crate::{LK_PACKET_MAX, Status, object, words};

/// Something to do, at once and before the next is asked for. What a task does not name is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Todo {
    /// Of the log: the entry.
    pub index: u64,
    /// How many bytes of the buffer it is about.
    pub length: usize,
    /// Names it in the answer, where one is expected.
    pub id: u32,
    /// Of the spare slot: from where on.
    pub offset: u32,
    /// Of the spare slot: how many bytes are to be erased or read.
    pub amount: u32,
    /// What it is about, as `code` says.
    pub argument: u32,
    /// An `lk_task`.
    pub task: u8,
    /// On which link.
    pub link: u8,
    /// Which record.
    pub tag: u8,
    /// Which order, indication, alarm or work.
    pub code: u8,
    /// Of a log's entry to be appended: what its flash keeps beside it until the next entry is there. Erase it afterwards.
    pub secret: [u8; 32],
    /// Of entries to be freed: how the payload of the last begins.
    pub mac: [u8; 16],
}

impl Todo {
    pub(super) const NOTHING: Self = Self {
        index: 0,
        length: 0,
        id: 0,
        offset: 0,
        amount: 0,
        argument: 0,
        task: words::Task::None as u8,
        link: 0,
        tag: 0,
        code: 0,
        secret: [0; 32],
        mac: [0; 16],
    };

    fn of(wanted: &Wanted<'_>) -> Self {
        let nothing = Self::NOTHING;
        match wanted {
            Wanted::Persist { id, tag, bytes } => Self {
                task: words::Task::Persist as u8,
                id: id.number(),
                tag: tag.number(),
                length: bytes.len(),
                ..nothing
            },
            Wanted::Transmit { link, packet } => {
                Self { task: words::Task::Transmit as u8, link: link.0, length: packet.len(), ..nothing }
            }
            Wanted::Motor(drive) => {
                Self { task: words::Task::Motor as u8, code: drive_word(*drive) as u8, ..nothing }
            }
            Wanted::Indicate(indication) => {
                let (word, argument) = indication_word(*indication);
                Self {
                    task: words::Task::Indicate as u8,
                    code: word as u8,
                    argument: argument.into(),
                    ..nothing
                }
            }
            Wanted::Alarm(alarm) => Self { task: words::Task::Alarm as u8, code: alarm.number(), ..nothing },
            Wanted::Close(link) => Self { task: words::Task::Close as u8, link: link.0, ..nothing },
            Wanted::Log(LogWork::Append { id, record }) => Self {
                task: words::Task::LogAppend as u8,
                id: id.number(),
                index: record.index,
                length: record.payload.len(),
                secret: *record.secret,
                ..nothing
            },
            Wanted::Log(LogWork::Read { id, index }) => {
                Self { task: words::Task::LogRead as u8, id: id.number(), index: *index, ..nothing }
            }
            Wanted::Log(LogWork::Acknowledge { id, index, mac }) => Self {
                task: words::Task::LogAcknowledge as u8,
                id: id.number(),
                index: *index,
                mac: *mac,
                ..nothing
            },
            Wanted::Update { work, bytes } => {
                let (word, offset, amount) = work_word(*work);
                Self {
                    task: words::Task::Update as u8,
                    code: word as u8,
                    offset,
                    amount,
                    length: bytes.len(),
                    ..nothing
                }
            }
        }
    }
}

/// The next thing to do. `todo` gets what, and `buffer` its bytes where it has any: a record, a packet, an entry or a piece of an image, of
/// `todo.length` bytes. Where there is nothing to do, or a record waits for its answer, `todo.task` is `LK_TASK_NONE`. Call it until then
/// after each input and each answer. `buffer_capacity` must be at least `LK_PACKET_MAX`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`, and nothing is taken
/// from the device then.
///
/// # Safety
/// `device` must be valid for reads and writes, and be zeroed or started where it lies; `buffer` must be valid for writes of
/// `buffer_capacity` bytes and `todo` for a write. None of them may overlap another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_device_poll(
    device: *mut Device,
    now_ms: u64,
    buffer: *mut u8,
    buffer_capacity: usize,
    todo: *mut Todo,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let device = unsafe { object::started(device) }?;
        // SAFETY: the caller vouches for the two outputs.
        let (place, todo) = unsafe { (OutputBytes::new(buffer, buffer_capacity)?, Output::new(todo)?) };
        place.holds(LK_PACKET_MAX)?;
        // SAFETY: not null and long enough, as just seen; the caller vouches for the bytes, which are written before they are read.
        let buffer = unsafe { place.first::<LK_PACKET_MAX>() };
        let wanted = device.poll_output(Uptime::from_millis(now_ms), buffer);
        todo.write(wanted.as_ref().map_or(Todo::NOTHING, Todo::of));
        Ok(())
    })
}

/// How to show and sound an indication.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// How long light and tone are on, in milliseconds.
    pub on_ms: u16,
    /// How long they are off in between, in milliseconds.
    pub off_ms: u16,
    /// How often: 1 to 20.
    pub times: u8,
    /// An `lk_colour`.
    pub colour: u8,
    /// An `lk_tone`.
    pub tone: u8,
}

/// The pattern for an indication, told apart by colour, by rhythm and by tone. `is_quiet` 1 silences all but the siren.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_BAD_VALUE`.
///
/// # Safety
/// `pattern` must be valid for a write.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_indication_pattern(
    indication: u8,
    is_quiet: u8,
    pattern: *mut Pattern,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the output.
        let output = unsafe { Output::new(pattern) }?;
        let sound = match is_quiet {
            0 => Sound::Normal,
            1 => Sound::Quiet,
            _ => return Err(Status::BadValue),
        };
        let known = Indication::EACH.into_iter().find(|known| indication_word(*known).0 as u8 == indication);
        let pattern = known.ok_or(Status::BadValue)?.pattern(sound);
        let colour = match pattern.colour {
            Colour::Green => words::Colour::Green,
            Colour::Red => words::Colour::Red,
            Colour::Amber => words::Colour::Amber,
            Colour::Blue => words::Colour::Blue,
        };
        let tone = match pattern.tone {
            Tone::Silent => words::Tone::Silent,
            Tone::Low => words::Tone::Low,
            Tone::High => words::Tone::High,
        };
        output.write(Pattern {
            on_ms: pattern.on_ms,
            off_ms: pattern.off_ms,
            times: pattern.times,
            colour: colour as u8,
            tone: tone as u8,
        });
        Ok(())
    })
}

pub(crate) const fn indication_word(indication: Indication) -> (words::Indication, u8) {
    match indication {
        Indication::Accepted => (words::Indication::Accepted, 0),
        Indication::OneMore => (words::Indication::OneMore, 0),
        Indication::Refused(reason) => (words::Indication::Refused, reason.number()),
        Indication::Jammed => (words::Indication::Jammed, 0),
        Indication::LockedOut => (words::Indication::LockedOut, 0),
        Indication::BatteryLow => (words::Indication::BatteryLow, 0),
        Indication::DoorAjar => (words::Indication::DoorAjar, 0),
        Indication::Siren => (words::Indication::Siren, 0),
        Indication::Mode(mode) => (words::Indication::Mode, mode.number()),
        Indication::ResetIn(seconds) => (words::Indication::ResetIn, seconds),
        Indication::ResetCancelled => (words::Indication::ResetCancelled, 0),
        Indication::ResetDone => (words::Indication::ResetDone, 0),
        Indication::UnownedIn(seconds) => (words::Indication::UnownedIn, seconds),
        Indication::Unowned => (words::Indication::Unowned, 0),
        Indication::TestPassed => (words::Indication::TestPassed, 0),
        Indication::TestFailed => (words::Indication::TestFailed, 0),
    }
}

pub(crate) const fn drive_word(drive: Drive) -> words::Drive {
    match drive {
        Drive::Extend => words::Drive::Extend,
        Drive::Retract => words::Drive::Retract,
        Drive::PullLatch => words::Drive::PullLatch,
        Drive::ReleaseLatch => words::Drive::ReleaseLatch,
        Drive::Stop => words::Drive::Stop,
    }
}

const fn work_word(work: Work) -> (words::Work, u32, u32) {
    match work {
        Work::Erase { offset, length } => (words::Work::Erase, offset, length),
        Work::Write { offset } => (words::Work::Write, offset, 0),
        Work::Read { offset, length } => (words::Work::Read, offset, length),
        Work::MarkPending => (words::Work::MarkPending, 0, 0),
        Work::Confirm => (words::Work::Confirm, 0, 0),
        Work::Restart => (words::Work::Restart, 0, 0),
    }
}
