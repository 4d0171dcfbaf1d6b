//! The one kind of error of the stored records of this crate.

use lock_proto::wire::Malformed;

/// Why a record was not written or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RecordError {
    /// The buffer is shorter than the record.
    #[error("the buffer is too short for this record; give it MAX_BYTES of the record's type")]
    BufferTooShort,
    /// Not a record of this kind, or not in its one canonical encoding.
    #[error(
        "the stored record is not one of this firmware; load an older valid one or start from the default"
    )]
    Malformed,
    /// There is no staged change to write.
    #[error("no configuration change is staged; stage one before asking for its record")]
    NothingStaged,
}

impl From<Malformed> for RecordError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}
