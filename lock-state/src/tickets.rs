//! What a lock remembers of virtual keys: which are revoked, and which single uses were made.

use core::ops::Range;

use lock_place::{Made, Place, emplace};
use lock_proto::{Reason, TicketState, UnixMillis};

use crate::{Grant, RecordError, SingleUse, UseOrigin};

/// Keys that are denied one by one.
const DENIED: usize = 12;
/// Single uses that are remembered until their time is over.
const USED: usize = 32;
/// How many of them may be of keys that a holder narrowed to one use: nobody can take the room from the keys of the cloud.
const USED_BY_HOLDERS: usize = 16;
/// The bit of a remembered number that says so.
const BY_HOLDER: u64 = 1;
const FORMAT: u8 = 1;

mod field {
    //! `format[1] ‖ epoch[4] ‖ denied[12 × 8] ‖ used[32 × (id[8] ‖ until[4])]`, big-endian; vacant places are zero and stand last.
    use super::{DENIED, Range, USED};
    pub(super) const EPOCH: Range<usize> = 1..5;
    pub(super) const DENIED_AT: usize = 5;
    pub(super) const USED_AT: usize = DENIED_AT + 8 * DENIED;
    pub(super) const END: usize = USED_AT + 12 * USED;
}

/// Revocation epoch, denied keys and single uses. It only grows stricter, but for uses whose time is certainly over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TicketBook {
    epoch: u32,
    denied: [u64; DENIED],
    used: [Used; USED],
}

/// A single use, until the last moment at which its key would count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(Rust, packed(4))]
struct Used {
    id: u64,
    /// In seconds since 1970, rounded up; 0 for a vacant place.
    until: u32,
}

/// The number under which a use is kept: its own, but for the last bit.
const fn kept(single_use: &SingleUse) -> u64 {
    match single_use.said_by {
        UseOrigin::Cloud => single_use.id & !BY_HOLDER,
        UseOrigin::Holder => single_use.id | BY_HOLDER,
    }
}

impl Default for TicketBook {
    fn default() -> Self {
        Self { epoch: 0, denied: [0; DENIED], used: [Used { id: 0, until: 0 }; USED] }
    }
}

impl TicketBook {
    /// One in which nothing was noted yet, where it stays.
    pub fn empty(place: Place<'_, Self>) -> Made<'_, Self> {
        emplace!(place => TicketBook {
            epoch: 0,
            denied <- |denied| denied.fill(|| 0),
            used <- |used| used.fill(Used::default),
        })
    }

    /// The length of a record, in bytes.
    pub const BYTES: usize = field::END;

    /// The revocation epoch: keys that were issued in an earlier one are dead.
    #[must_use]
    pub const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// What the cloud is told.
    #[must_use]
    pub fn state(&self) -> TicketState {
        let denied = self.denied.iter().filter(|serial| **serial != 0).count();
        TicketState { epoch: self.epoch, denied: u8::try_from(denied).unwrap_or(u8::MAX) }
    }

    /// Whether the key is revoked. One of a later epoch counts once the lock was told of that epoch, and not before: a lock that was reset
    /// in between must not take it.
    #[must_use]
    pub fn is_revoked(&self, grant: &Grant) -> bool {
        grant.epoch != self.epoch || self.denied.contains(&grant.serial)
    }

    /// Kills all keys of earlier epochs. Those that were denied or used are among them, so that there is room again.
    ///
    /// # Errors
    /// `InvalidArgument` for an epoch below the one in force: a revocation is never taken back.
    pub fn raise_epoch(&mut self, epoch: u32) -> Result<(), Reason> {
        if epoch < self.epoch {
            return Err(Reason::InvalidArgument);
        }
        if epoch > self.epoch {
            self.epoch = epoch;
            self.denied.fill(0);
            self.used.fill(Used::default());
        }
        Ok(())
    }

    /// Kills one key that was issued in this epoch; one of an earlier epoch is dead. A later epoch is in force from then on, so that raising
    /// it afterwards does not empty the list.
    ///
    /// # Errors
    /// `TicketsFull` where there is no room: the epoch has to be raised. `InvalidArgument` for number 0, which is no key.
    pub fn deny(&mut self, epoch: u32, serial: u64) -> Result<(), Reason> {
        if serial == 0 {
            return Err(Reason::InvalidArgument);
        }
        if epoch < self.epoch {
            return Ok(());
        }
        self.raise_epoch(epoch)?;
        if self.denied.contains(&serial) {
            return Ok(());
        }
        let vacant = self.denied.iter_mut().find(|place| **place == 0).ok_or(Reason::TicketsFull)?;
        *vacant = serial;
        Ok(())
    }

    /// Whether a single use could be made now; nothing is noted.
    ///
    /// # Errors
    /// `AlreadyUsed`; `TicketsFull` where as many uses wait for their time to pass as there is room for.
    pub fn may_use(&self, grant: &Grant, floor: UnixMillis) -> Result<(), Reason> {
        let Some(single_use) = grant.single_use else { return Ok(()) };
        let id = kept(&single_use);
        if self.used.iter().any(|used| used.until != 0 && used.id == id) {
            return Err(Reason::AlreadyUsed);
        }
        let counts = |used: &&Used| !used.is_over(floor);
        let (all, by_holders) = (
            self.used.iter().filter(counts).count(),
            self.used.iter().filter(counts).filter(|used| used.id & BY_HOLDER != 0).count(),
        );
        let is_full =
            all >= USED || (single_use.said_by == UseOrigin::Holder && by_holders >= USED_BY_HOLDERS);
        if is_full { Err(Reason::TicketsFull) } else { Ok(()) }
    }

    /// Notes a single use. The caller makes the record durable before the bolt moves. `floor` is a moment that has certainly passed:
    /// uses whose time was over before it are forgotten. Returns whether there was something to note.
    ///
    /// # Errors
    /// Those of [`Self::may_use`].
    pub fn take_use(&mut self, grant: &Grant, floor: UnixMillis) -> Result<bool, Reason> {
        self.may_use(grant, floor)?;
        let Some(single_use) = grant.single_use else { return Ok(false) };
        let id = kept(&single_use);
        let until = u32::try_from(single_use.until.0.div_ceil(1_000)).unwrap_or(u32::MAX).max(1);
        for used in &mut self.used {
            if used.is_over(floor) {
                *used = Used::default();
            }
        }
        let vacant = self.used.iter_mut().find(|used| used.until == 0).ok_or(Reason::TicketsFull)?;
        *vacant = Used { id, until };
        self.sort_used();
        Ok(true)
    }

    /// Vacant places stand last: one state has one record. An insertion into what is mostly sorted; what the library brings is larger, and can
    /// panic.
    fn sort_used(&mut self) {
        let order = |used: &Used| (used.until == 0, used.until, used.id);
        for sorted in 1..=self.used.len() {
            let mut rest = self.used.get_mut(..sorted).unwrap_or_default();
            while let [.., left, right] = rest
                && order(left) > order(right)
            {
                core::mem::swap(left, right);
                let length = rest.len() - 1;
                rest = rest.get_mut(..length).unwrap_or_default();
            }
        }
    }

    /// Writes the record and returns its length.
    ///
    /// # Errors
    /// [`RecordError::BufferTooShort`]; [`TicketBook::BYTES`] suffice.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, RecordError> {
        let record: &mut [u8; field::END] = out.first_chunk_mut().ok_or(RecordError::BufferTooShort)?;
        let denied = self.denied.iter().flat_map(|serial| serial.to_be_bytes());
        let used = self
            .used
            .iter()
            .flat_map(|used| used.id.to_be_bytes().into_iter().chain(used.until.to_be_bytes()));
        let bytes = [FORMAT].into_iter().chain(self.epoch.to_be_bytes()).chain(denied).chain(used);
        record.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        Ok(field::END)
    }

    /// Reads a whole record.
    ///
    /// # Errors
    /// [`RecordError::Malformed`] for anything that [`encode`](Self::encode) does not write.
    pub fn decode(record: &[u8]) -> Result<Self, RecordError> {
        let mut book = Self::default();
        book.load(record)?;
        Ok(book)
    }

    /// The same, in place.
    ///
    /// # Errors
    /// As of [`decode`](Self::decode); what was there is gone then.
    pub fn load(&mut self, record: &[u8]) -> Result<(), RecordError> {
        if record.len() != field::END || record.first() != Some(&FORMAT) {
            return Err(RecordError::Malformed);
        }
        self.epoch = u32::from_be_bytes(array(record, field::EPOCH)?);
        for (place, serial) in (field::DENIED_AT..).step_by(8).zip(&mut self.denied) {
            *serial = u64::from_be_bytes(array(record, place..place + 8)?);
        }
        for (place, used) in (field::USED_AT..).step_by(12).zip(&mut self.used) {
            used.id = u64::from_be_bytes(array(record, place..place + 8)?);
            used.until = u32::from_be_bytes(array(record, place + 8..place + 12)?);
        }
        if self.is_canonical() { Ok(()) } else { Err(RecordError::Malformed) }
    }

    fn is_canonical(&self) -> bool {
        let vacant_last = self.denied.iter().skip_while(|serial| **serial != 0).all(|serial| *serial == 0);
        let in_order = self.used.is_sorted_by_key(|used| (used.until == 0, used.until, used.id));
        vacant_last && in_order && self.used.iter().all(|used| used.until != 0 || used.id == 0)
    }
}

impl Used {
    fn is_over(&self, floor: UnixMillis) -> bool {
        self.until == 0 || UnixMillis(u64::from(self.until).saturating_mul(1_000)) < floor
    }
}

fn array<const N: usize>(record: &[u8], range: Range<usize>) -> Result<[u8; N], RecordError> {
    record.get(range).and_then(|bytes| bytes.try_into().ok()).ok_or(RecordError::Malformed)
}

const _: () = assert!(TicketBook::BYTES <= 512, "the book is one record");
