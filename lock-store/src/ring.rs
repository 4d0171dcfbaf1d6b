//! The log ring: numbered entries, each with the secret of the one after it, of which only the newest is kept.

use core::marker::PhantomData;

use embedded_storage::nor_flash::NorFlash;

use crate::journal::error::FormatError;
use crate::journal::layout::MIN_SECTORS;
use crate::journal::medium::Medium;

pub use erasure::{SecretErasure, UntilErase, ZeroInPlace};
pub use error::{AcknowledgeError, LogAppendError, LogDamage, LogIdleError, LogMountError, LogReadError};
pub use idle::LogIdleStep;

use layout::RingLayout;
use record::{Kind, Life, Place};

mod append;
mod erasure;
mod error;
mod idle;
mod layout;
mod mount;
mod read;
mod record;
mod scan;

/// Length of an entry's secret, in bytes.
pub const SECRET: usize = 32;
/// Longest payload of an entry, in bytes.
pub const MAX_ENTRY: usize = 256;
/// Of each entry the ring keeps how its payload begins until the next one is gone, in bytes: room for a MAC, and for the epoch of the
/// secret beside it.
pub const BEGINNING: usize = 20;
/// The payload for which [`LogHeld::capacity`] is reckoned, in bytes.
pub const TYPICAL_ENTRY: usize = 64;

/// A ring of numbered entries on NOR flash.
///
/// An entry is a payload of up to [`MAX_ENTRY`] bytes, and in one record with it the secret that the next entry will need: both
/// are there after a cut, or neither. When an entry is committed, the secret before it is erased, as `E` says. What
/// was [acknowledged](Self::acknowledge) makes room; where nothing was, the oldest sector is given up in [`idle_work`](Self::idle_work),
/// and [`held`](Self::held) shows the gap.
///
/// RAM: about 240 bytes beside the flash driver, and buffers of 64 bytes on the stack during a call. Every call does bounded work: an
/// `append` programs one record (in a new sector also its head and its secret), closes a sector at most, and zeroes one
/// secret or two; a `read` goes through one sector at most, and from the entry read before it on where it can.
#[derive(Debug)]
pub struct LogRing<F, E = ZeroInPlace> {
    medium: Medium<F>,
    layout: RingLayout,
    newest: Life,
    tail: Tail,
    /// The index of the entry to come.
    next: u64,
    /// Entries below this are the cloud's.
    acknowledged: u64,
    /// The oldest sector that holds entries.
    oldest: Life,
    /// The index of its first.
    first: u64,
    /// The index behind its last.
    oldest_end: u64,
    /// Where the newest secret is.
    key: Place,
    /// Secrets that are superseded and not known to be erased.
    spent: [Option<Place>; 3],
    /// One that a failed append left; it may be the newest to a mount until the next append succeeds.
    failed: Option<Place>,
    /// The sector before the newest is still to be closed.
    unclosed: Option<u32>,
    ahead: Ahead,
    /// Where the entry after the one read last is.
    cursor: Option<Cursor>,
    erasure: PhantomData<fn() -> E>,
}

/// Where the next record goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tail {
    /// At this offset of the newest sector.
    Open(u32),
    /// Into another sector: what follows the last record here is not provably blank.
    Sealed,
}

/// The sector that comes after the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ahead {
    /// Provably erased.
    Ready,
    /// Holds the oldest entries.
    Held,
    /// To be erased: it holds nothing that counts.
    Stale,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cursor {
    /// The index of the next entry from here on.
    index: u64,
    life: Life,
    offset: u32,
    /// The index behind the last entry of the sector.
    end: u64,
}

/// What a ring holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHeld {
    /// The index of the oldest entry that can be read; `next` where there is none.
    pub first: u64,
    /// The index of the entry to come.
    pub next: u64,
    /// Entries below this were acknowledged. Where it is below `first`, those between were overwritten, and nobody has them.
    pub acknowledged: u64,
    /// How many entries of [`TYPICAL_ENTRY`] bytes are held at least.
    pub capacity: u32,
}

impl LogHeld {
    /// Entries that are held and not acknowledged.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.next.saturating_sub(self.first.max(self.acknowledged))
    }

    /// The entries that were overwritten before anybody acknowledged them: the first and the last.
    #[must_use]
    pub fn overwritten(&self) -> Option<(u64, u64)> {
        let last = self.first.checked_sub(1)?;
        (self.acknowledged <= last).then_some((self.acknowledged, last))
    }
}

impl<F: NorFlash, E: SecretErasure<F>> LogRing<F, E> {
    /// Erases the whole flash and starts an empty log with the secret that its first entry needs. For manufacture alone: nothing in
    /// this crate calls it.
    ///
    /// # Errors
    /// [`FormatError`]: the flash does not suit, does not hold what is written, or its driver fails.
    pub fn format(flash: F, secret: &[u8; SECRET]) -> Result<Self, FormatError<F::Error>> {
        let mut medium = Medium::new(flash)?;
        let layout = RingLayout::new(medium.layout());
        for sector in 0..layout.sectors() {
            medium.prepare(sector)?;
        }
        let life = Life { sector: 0, sequence: 1 };
        let ring = Self::opened(medium, layout, life);
        ring.begin(secret)
    }

    /// Finds what a flash holds. Writes nothing.
    ///
    /// An entry whose append was cut is there or not, and stays so.
    ///
    /// # Errors
    /// [`LogMountError`]: blank, corrupt, unsuited, or the driver fails. A lock works on without its log, and says so.
    pub fn mount(flash: F) -> Result<Self, LogMountError<F::Error>> {
        let mut medium = Medium::new(flash)?;
        let layout = RingLayout::new(medium.layout());
        mount::recover(&mut medium, layout)?.into_ring(medium, layout)
    }

    /// What is held, from RAM.
    pub fn held(&self) -> LogHeld {
        let records =
            self.layout.capacity().checked_div(self.layout.record_size(Kind::Entry, TYPICAL_ENTRY as u16));
        let sectors = self.layout.sectors().saturating_sub(MIN_SECTORS - 1);
        LogHeld {
            first: self.first,
            next: self.next,
            acknowledged: self.acknowledged,
            capacity: sectors.saturating_mul(records.unwrap_or(0)),
        }
    }

    /// Gives the flash back.
    pub fn into_flash(self) -> F {
        self.medium.into_flash()
    }

    fn opened(medium: Medium<F>, layout: RingLayout, life: Life) -> Self {
        let nowhere = Place { life, offset: 0 };
        Self {
            medium,
            layout,
            newest: life,
            tail: Tail::Sealed,
            next: 0,
            acknowledged: 0,
            oldest: life,
            first: 0,
            oldest_end: 0,
            key: nowhere,
            spent: [None; 3],
            failed: None,
            unclosed: None,
            ahead: Ahead::Ready,
            cursor: None,
            erasure: PhantomData,
        }
    }

    /// The life of the sector after this one, all taking turns.
    fn after(&self, life: Life) -> Option<Life> {
        Some(self.layout.life(life.sequence.checked_add(1)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_takes_at_most_240_bytes_of_ram() {
        assert!(size_of::<LogRing<()>>() <= 240, "{} bytes", size_of::<LogRing<()>>());
    }
}
