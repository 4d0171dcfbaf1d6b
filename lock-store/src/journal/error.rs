//! What can go wrong, each with what to do next.

use thiserror::Error;

/// The flash does not suit a journal. A mistake of the integrator, found at the first start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GeometryError {
    /// Read or write size is no power of two, or greater than [`MAX_UNIT`](crate::MAX_UNIT).
    #[error(
        "read size {read} and write size {write} must be powers of two of at most 64: use another flash driver"
    )]
    Unit {
        /// `READ_SIZE` of the driver, bytes.
        read: usize,
        /// `WRITE_SIZE` of the driver, bytes.
        write: usize,
    },
    /// An erase sector is no multiple of the write size, or cannot hold the longest record.
    #[error(
        "an erase sector of {erase} bytes does not do: use whole write units and at least {smallest} bytes"
    )]
    SectorSize {
        /// `ERASE_SIZE` of the driver, bytes.
        erase: usize,
        /// Smallest size that works with this write size, bytes.
        smallest: u32,
    },
    /// The capacity is not a whole number of erase sectors, or exceeds 32 bits.
    #[error(
        "{capacity} bytes are no whole number of {erase}-byte sectors under 4 GiB: correct the flash region"
    )]
    Capacity {
        /// `capacity()` of the driver, bytes.
        capacity: usize,
        /// `ERASE_SIZE` of the driver, bytes.
        erase: usize,
    },
    /// Fewer than 2 or more than [`MAX_SECTORS`](crate::MAX_SECTORS) sectors.
    #[error("{sectors} sectors do not do: give the journal 2 to 32 of them")]
    SectorCount {
        /// Number of erase sectors in the region.
        sectors: u32,
    },
}

/// Something committed that does not read back as it was written, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the journal is damaged at byte {offset} of sector {sector} ({damage}): refuse remote access and recover with someone present"
)]
pub struct Corruption {
    /// Erase sector, counted from 0.
    pub sector: u32,
    /// Byte offset in that sector.
    pub offset: u32,
    /// What is wrong there.
    pub damage: Damage,
}

/// Kinds of damage to committed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Damage {
    /// The flash is not blank, yet no sector holds a journal.
    #[error("no sector holds the journal")]
    NoLiveSector,
    /// A sector says that a newer one took over, and there is none.
    #[error("the newest sector is missing after the closed one")]
    SuccessorMissing,
    /// Two sectors claim the same sequence number.
    #[error("two sectors claim the same sequence number")]
    DuplicateSequence,
    /// The sector in use lost one of its marks.
    #[error("the sector's own marks are damaged")]
    SectorMarks,
    /// A committed record's tag or length is damaged.
    #[error("the header of a committed record is damaged")]
    RecordHeader,
    /// A committed record's checksum does not fit.
    #[error("a committed record does not fit its checksum")]
    RecordChecksum,
    /// A record's commit mark is damaged although later records follow.
    #[error("the commit mark of a record is damaged")]
    RecordMark,
    /// A record that was there when the sector went live is gone.
    #[error("a committed record is missing")]
    RecordMissing,
}

/// Why [`Journal::format`](crate::Journal::format) failed. Nothing is lost by calling it again.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FormatError<E> {
    /// The flash does not suit a journal.
    #[error(transparent)]
    Geometry(#[from] GeometryError),
    /// Erased or programmed bytes did not read back as they should.
    #[error("the flash does not hold what was written: format again, and replace the chip if it repeats")]
    Fault,
    /// The flash driver failed.
    #[error("the flash driver failed with {0:?}: check it, then format again")]
    Flash(E),
}

/// Why [`Journal::mount`](crate::Journal::mount) failed. The flash is left as it was found.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MountError<E> {
    /// The flash does not suit a journal.
    #[error(transparent)]
    Geometry(#[from] GeometryError),
    /// No sector was ever live and no byte of a record is there: the journal was never formatted, or its format was cut.
    #[error("the flash is blank: format it, at manufacture only")]
    Unformatted,
    /// Committed bytes are damaged. No older value is offered in their place.
    #[error(transparent)]
    Corrupt(#[from] Corruption),
    /// The flash driver failed.
    #[error("the flash driver failed with {0:?}: check it, then mount again")]
    Flash(E),
}

/// Why [`Journal::read`](crate::Journal::read) failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError<E> {
    /// The tag is not in `0..24`. The caller's mistake.
    #[error("tag {tag} does not exist: use 0 to 23")]
    UnknownTag {
        /// The tag that was asked for.
        tag: u8,
    },
    /// The buffer is shorter than the payload. The caller's mistake; nothing was written to it.
    #[error("the buffer is too short: give at least {needed} bytes")]
    BufferTooSmall {
        /// Length of the payload, bytes.
        needed: usize,
    },
    /// The record went bad since mount. The part of the buffer that held its payload is zeroed.
    #[error(transparent)]
    Corrupt(#[from] Corruption),
    /// The flash driver failed.
    #[error("the flash driver failed with {0:?}: check it, then read again")]
    Flash(E),
}

/// Why [`Journal::append`](crate::Journal::append) failed.
///
/// After `Busy`, `Full`, `TooLong` and `UnknownTag` nothing was written. After `Fault`, `Corrupt` and `Flash` the tag
/// holds the old payload or the new one, which of them the next mount tells: numbers in it count as used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AppendError<E> {
    /// No room is left and no erased sector is at hand.
    #[error("no erased sector is at hand: run idle_work, then append again")]
    Busy,
    /// The newest records of all tags, with this one, exceed a sector.
    #[error("the newest records of all tags exceed a sector: use larger erase sectors or shorter records")]
    Full,
    /// The payload is longer than [`MAX_PAYLOAD`](crate::MAX_PAYLOAD). The caller's mistake.
    #[error("the payload has {length} bytes: 512 is the most")]
    TooLong {
        /// Length of the payload, bytes.
        length: usize,
    },
    /// The tag is not in `0..24`. The caller's mistake.
    #[error("tag {tag} does not exist: use 0 to 23")]
    UnknownTag {
        /// The tag that was given.
        tag: u8,
    },
    /// What was programmed did not read back. The next append moves to another sector.
    #[error("the flash does not hold what was written: append again, and report the chip if it repeats")]
    Fault,
    /// The record of another tag went bad and cannot be carried into the next sector.
    #[error(transparent)]
    Corrupt(Corruption),
    /// The flash driver failed.
    #[error("the flash driver failed with {0:?}: check it, then append again")]
    Flash(E),
}

/// Why [`Journal::idle_work`](crate::Journal::idle_work) failed. No committed record is lost; calling again retries.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IdleError<E> {
    /// Erased or programmed bytes did not read back as they should.
    #[error(
        "the flash does not hold what was written: run idle_work again, and report the chip if it repeats"
    )]
    Fault,
    /// A record went bad and cannot be carried into the next sector.
    #[error(transparent)]
    Corrupt(Corruption),
    /// The flash driver failed.
    #[error("the flash driver failed with {0:?}: check it, then run idle_work again")]
    Flash(E),
}

impl<E> From<IdleError<E>> for AppendError<E> {
    fn from(error: IdleError<E>) -> Self {
        match error {
            IdleError::Fault => Self::Fault,
            IdleError::Corrupt(corruption) => Self::Corrupt(corruption),
            IdleError::Flash(error) => Self::Flash(error),
        }
    }
}

/// A program or erase step that went wrong.
#[derive(Debug)]
pub(crate) enum WriteError<E> {
    /// The bytes did not read back.
    Fault,
    /// The driver failed.
    Flash(E),
}

impl<E> From<WriteError<E>> for IdleError<E> {
    fn from(error: WriteError<E>) -> Self {
        match error {
            WriteError::Fault => Self::Fault,
            WriteError::Flash(error) => Self::Flash(error),
        }
    }
}

impl<E> From<WriteError<E>> for FormatError<E> {
    fn from(error: WriteError<E>) -> Self {
        match error {
            WriteError::Fault => Self::Fault,
            WriteError::Flash(error) => Self::Flash(error),
        }
    }
}
