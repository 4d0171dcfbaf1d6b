//! NOR flash on a host, in a file or in memory: the same rules for both, and power that fails on demand.
//!
//! [`SimulatedFlash`] keeps the rules of a strict chip: programming works on whole units of erased bytes and never
//! twice on one unit; erasing works on whole sectors; a sector whose erase was cut must be erased again before it is
//! programmed. [`MemoryFlash`] and [`FileFlash`] differ only in where the bytes are.

pub use cells::{Cells, Memory};
pub use file::{Durability, FileCells, OpenError};
pub use flash::{Counters, HostFlashError, SimulatedFlash};
pub use power::{EraseDamage, ProgramDamage};

mod cells;
mod file;
mod flash;
mod power;

/// A NOR flash in memory: cheap to clone, for tests that cut the power at every byte. Sizes are bytes.
pub type MemoryFlash<const WRITE: usize = 4, const ERASE: usize = 4096> =
    SimulatedFlash<Memory, WRITE, ERASE>;

/// A NOR flash in a file that one process at a time may open. Sizes are bytes.
///
/// Each program and erase reaches the file before the call returns: killing the process loses nothing. See
/// [`Durability`] for the host's own power.
pub type FileFlash<const WRITE: usize = 4, const ERASE: usize = 4096> =
    SimulatedFlash<FileCells, WRITE, ERASE>;

/// The same as [`MemoryFlash`] for a chip whose units may be programmed again to clear more bits.
pub type RewritableMemory<const WRITE: usize = 4, const ERASE: usize = 4096> =
    SimulatedFlash<Memory, WRITE, ERASE, true>;

/// The same as [`FileFlash`] for a chip whose units may be programmed again to clear more bits.
pub type RewritableFile<const WRITE: usize = 4, const ERASE: usize = 4096> =
    SimulatedFlash<FileCells, WRITE, ERASE, true>;
