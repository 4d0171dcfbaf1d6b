//! Passing a virtual key on: its link, and a narrower one for somebody else.
#![allow(unsafe_code)]

use lock_core::cloud::{Conditions as CoreConditions, Uses, WeeklyWindow};
use lock_core::crypto::ChipCrypto;
use lock_core::proto::{Caveat, Caveats, MinuteOfDay, Seconds, Ticket, TicketRights, UnixMillis, Weekdays};
use lock_core::virtual_key::{Binding, VirtualKey, VirtualKeyError};
use zeroize::Zeroizing;

use super::{Holder, KeyView, LK_LINK_MAX, link_failure};
use crate::gate::{self, Output, OutputBytes};
use crate::{LK_NEVER, Status, object};

/// What a virtual key says, or a narrower one for somebody else. Zero it first (`= {0}`): what is 0 is not said.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// Not before this moment, in Unix milliseconds.
    pub not_before_ms: u64,
    /// Not after this moment, in Unix milliseconds.
    pub not_after_ms: u64,
    /// The lock has heard its cloud within so many seconds.
    pub staleness_seconds: u32,
    /// Within a window of each week, by the lock's local clock: the first minute of it, 0 to 1,439.
    pub from_minute: u16,
    /// The first minute after it; at or before `from_minute` it is on the next day.
    pub until_minute: u16,
    /// The days on which the window begins: Sunday is bit 0. 0 for no window; minutes without a day are refused.
    pub days: u8,
    /// A sum of `lk_right`: no others.
    pub rights: u8,
    /// 1 for a key that opens once, for all who were given it; it needs a last moment.
    pub is_single_use: u8,
    /// 1 where `depth` counts; a depth without it is refused.
    pub has_depth: u8,
    /// How often it may be passed on further, 0 to 4.
    pub depth: u8,
}

impl Conditions {
    /// # Errors
    /// [`Status::BadValue`].
    pub(crate) fn read(&self) -> Result<CoreConditions, Status> {
        let rights = TicketRights(self.rights);
        if !TicketRights::ALL.contain(rights) {
            return Err(Status::BadValue);
        }
        Ok(CoreConditions {
            rights: (self.rights != 0).then_some(rights),
            not_before: moment(self.not_before_ms),
            not_after: moment(self.not_after_ms),
            weekly: self.window()?,
            uses: if gate::flag(self.is_single_use)? { Uses::Single } else { Uses::Many },
            depth: self.depth()?,
            staleness: (self.staleness_seconds != 0).then_some(Seconds(self.staleness_seconds)),
        })
    }

    fn window(&self) -> Result<Option<WeeklyWindow>, Status> {
        const MINUTES: u16 = 24 * 60;
        if self.days == 0 {
            // A window without its days would be no window, and the key wider than was meant.
            return if self.from_minute == 0 && self.until_minute == 0 {
                Ok(None)
            } else {
                Err(Status::BadValue)
            };
        }
        let days = Weekdays(self.days);
        if days.0 & !Weekdays::ALL.0 != 0 || self.from_minute >= MINUTES || self.until_minute >= MINUTES {
            return Err(Status::BadValue);
        }
        let (from, until) = (MinuteOfDay(self.from_minute), MinuteOfDay(self.until_minute));
        Ok(Some(WeeklyWindow { days, from, until }))
    }

    fn depth(&self) -> Result<Option<u8>, Status> {
        match (gate::flag(self.has_depth)?, usize::from(self.depth)) {
            (false, 0) => Ok(None),
            (true, 0..=Ticket::MAX_BLOCKS) => Ok(Some(self.depth)),
            (_, _) => Err(Status::BadValue),
        }
    }
}

fn moment(millis: u64) -> Option<UnixMillis> {
    (millis != 0).then_some(UnixMillis(millis))
}

/// The link of the key as it was passed on, to be kept as text. It is the key itself: erase it.
///
/// `link` gets it and `link_length` its length, without a zero at the end; `link_capacity` must be at least `LK_LINK_MAX`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`.
///
/// # Safety
/// `holder` must be valid for reads and writes, and be zeroed or started where it lies; `link` must be valid for writes of
/// `link_capacity` bytes and `link_length` for a write. None of them may overlap another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_holder_link(
    holder: *mut Holder,
    link: *mut u8,
    link_capacity: usize,
    link_length: *mut usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(holder) }?;
        // SAFETY: the caller vouches for the outputs.
        let outputs = unsafe { outputs(link, link_capacity, link_length) }?;
        write(&held.key, outputs)
    })
}

/// Makes a narrower key for somebody else, without asking anybody: it can never do more than this one, and never be widened again. Whoever
/// has its link has it. A lock refuses one that was passed on more often than the key allows: that is sealed and not known here.
///
/// `link` gets its link and `link_length` the length, without a zero at the end; `link_capacity` must be at least `LK_LINK_MAX`.
///
/// Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
/// `LK_STATUS_BAD_VALUE`, `LK_STATUS_HOLDER_NEEDED`, `LK_STATUS_TOO_DEEP`, `LK_STATUS_NOTHING_NARROWED`.
///
/// # Safety
/// `holder` must be valid for reads and writes, and be zeroed or started where it lies; `conditions` must be valid for a read, `link` for
/// writes of `link_capacity` bytes and `link_length` for a write. None of them may overlap another.
// SAFETY: no other symbol of the program has this name; the prefix `lk_` is ours.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn lk_holder_narrow(
    holder: *mut Holder,
    conditions: *const Conditions,
    link: *mut u8,
    link_capacity: usize,
    link_length: *mut usize,
) -> Status {
    gate::status(|| {
        // SAFETY: the caller vouches for the storage.
        let held = unsafe { object::started(holder) }?;
        // SAFETY: the caller vouches for the conditions.
        let conditions = unsafe { gate::input(conditions) }?.read()?;
        // SAFETY: the caller vouches for the outputs.
        let outputs = unsafe { outputs(link, link_capacity, link_length) }?;
        let narrowed = held.key.narrow(&conditions).map_err(|error| match error {
            VirtualKeyError::NotBound => Status::HolderNeeded,
            VirtualKeyError::TooDeep => Status::TooDeep,
            VirtualKeyError::NothingNarrowed => Status::NothingNarrowed,
            VirtualKeyError::Caveats(_) | VirtualKeyError::Session(_) => Status::BadValue,
        })?;
        write(&narrowed, outputs)
    })
}

/// Writes the link of a key.
pub(crate) fn write(
    key: &VirtualKey<ChipCrypto>,
    (link, length): (OutputBytes, Output<usize>),
) -> Result<(), Status> {
    let mut letters = Zeroizing::new([0; LK_LINK_MAX]);
    let letters = key.to_link(letters.as_mut_slice()).map_err(link_failure)?;
    link.write(letters.as_bytes())?;
    length.write(letters.len());
    Ok(())
}

/// # Safety
/// Both are null or valid for writes, of `capacity` bytes and of a length.
pub(crate) unsafe fn outputs(
    link: *mut u8,
    capacity: usize,
    length: *mut usize,
) -> Result<(OutputBytes, Output<usize>), Status> {
    // SAFETY: as the caller vouches.
    let (output, length) = unsafe { (OutputBytes::new(link, capacity)?, Output::new(length)?) };
    output.holds(LK_LINK_MAX)?;
    Ok((output, length))
}

/// What can be read of a key: the blocks that narrow it are in clear.
pub(super) fn view(key: &VirtualKey<ChipCrypto>) -> KeyView {
    let mut view = KeyView {
        not_before_ms: 0,
        not_after_ms: LK_NEVER,
        lock_id: key.lock_id().0,
        needs_holder: (key.binding() == Binding::Needed).into(),
        times_narrowed: 0,
        rights: TicketRights::ALL.0,
        has_weekly_window: 0,
        is_single_use: 0,
    };
    let Ok(ticket) = Ticket::parse(key.ticket()) else { return view };
    for block in ticket.blocks() {
        view.times_narrowed = view.times_narrowed.saturating_add(1);
        for caveat in Caveats::of(block).map_while(Result::ok) {
            view.narrow(&caveat);
        }
    }
    view
}

impl KeyView {
    fn narrow(&mut self, caveat: &Caveat) {
        match *caveat {
            Caveat::Rights(rights) => self.rights &= rights.0,
            Caveat::NotBefore(UnixMillis(first)) => self.not_before_ms = self.not_before_ms.max(first),
            Caveat::NotAfter(UnixMillis(last)) => self.not_after_ms = self.not_after_ms.min(last),
            Caveat::Weekly { .. } => self.has_weekly_window = 1,
            Caveat::SingleUse => self.is_single_use = 1,
            Caveat::Depth(_)
            | Caveat::Staleness(_)
            | Caveat::Serial(_)
            | Caveat::Issued(_)
            | Caveat::Epoch(_)
            | Caveat::Holder(_) => {}
        }
    }
}
