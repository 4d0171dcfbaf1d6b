//! What can go wrong with a log, each with what to do next.

use thiserror::Error;

use crate::journal::error::{GeometryError, WriteError};

/// Something committed that does not read back as it was written, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the log is damaged at byte {offset} of sector {sector}: work on without it, and report it")]
pub struct LogDamage {
    /// Erase sector, counted from 0.
    pub sector: u32,
    /// Byte offset in that sector.
    pub offset: u32,
}

/// Why [`LogRing::mount`](crate::LogRing::mount) failed. The flash is left as it was found.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LogMountError<E> {
    /// The flash does not suit a log.
    #[error(transparent)]
    Geometry(#[from] GeometryError),
    /// Every byte is erased: the log was never formatted.
    #[error("the log's flash is blank: format it, at manufacture only")]
    Unformatted,
    /// Committed bytes are damaged, or the newest secret is gone.
    #[error(transparent)]
    Damaged(#[from] LogDamage),
    /// The flash driver failed.
    #[error("the flash driver failed with {0:?}: check it, then mount again")]
    Flash(E),
}

/// Why [`LogRing::read`](crate::LogRing::read) failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LogReadError<E> {
    /// The buffer is shorter than the payload. The caller's mistake.
    #[error("the buffer is too short: give at least {needed} bytes")]
    BufferTooSmall {
        /// Length of the payload, bytes.
        needed: usize,
    },
    /// The entry went bad. Those after it can be read.
    #[error(transparent)]
    Damaged(#[from] LogDamage),
    /// The flash driver failed.
    #[error("the flash driver failed with {0:?}: check it, then read again")]
    Flash(E),
}

/// Why [`LogRing::append`](crate::LogRing::append) failed.
///
/// After `Busy` and `TooLong` nothing was written. After `Fault` and `Flash` the next mount tells whether the entry is there; until
/// then it is not, and the next append has its index.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LogAppendError<E> {
    /// No room is left and no erased sector is at hand.
    #[error("no erased sector is at hand: run idle_work, then append again")]
    Busy,
    /// The payload is longer than [`MAX_ENTRY`](crate::MAX_ENTRY). The caller's mistake.
    #[error("the entry has {length} bytes: 256 is the most")]
    TooLong {
        /// Length of the payload, bytes.
        length: usize,
    },
    /// What was programmed did not read back.
    #[error("the flash does not hold what was written: append again, and report the chip if it repeats")]
    Fault,
    /// The flash driver failed.
    #[error("the flash driver failed with {0:?}: check it, then append again")]
    Flash(E),
}

/// Why [`LogRing::acknowledge`](crate::LogRing::acknowledge) failed. Nothing was freed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AcknowledgeError<E> {
    /// The entry is not held, or does not begin like that.
    #[error("the acknowledgement is not of an entry that is held: verify the log anew from its head")]
    Mismatch,
    /// No room is left for the record, and no erased sector is at hand.
    #[error("no erased sector is at hand: run idle_work, then acknowledge again")]
    Busy,
    /// What was programmed did not read back, or the entry went bad.
    #[error("the flash does not hold what was written: acknowledge again, and report the chip if it repeats")]
    Fault,
    /// The flash driver failed.
    #[error("the flash driver failed with {0:?}: check it, then acknowledge again")]
    Flash(E),
}

/// Why [`LogRing::idle_work`](crate::LogRing::idle_work) failed. No entry is lost; calling again retries.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LogIdleError<E> {
    /// Erased or programmed bytes did not read back as they should.
    #[error(
        "the flash does not hold what was written: run idle_work again, and report the chip if it repeats"
    )]
    Fault,
    /// The head of a sector that holds entries went bad.
    #[error(transparent)]
    Damaged(#[from] LogDamage),
    /// The flash driver failed.
    #[error("the flash driver failed with {0:?}: check it, then run idle_work again")]
    Flash(E),
}

macro_rules! from_write_error {
    ($($error:ident),+) => {
        $(impl<E> From<WriteError<E>> for $error<E> {
            fn from(error: WriteError<E>) -> Self {
                match error {
                    WriteError::Fault => Self::Fault,
                    WriteError::Flash(error) => Self::Flash(error),
                }
            }
        })+
    };
}

from_write_error!(LogAppendError, AcknowledgeError, LogIdleError);
