#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::unreachable
    )
)]
//! Device storage that survives power cuts: small records on NOR flash, plain records in, plain records out.
//!
//! A lock loses power without warning, and what it acts on next depends on what it remembers: which commands ran, which
//! counters were used, how many wrong codes were tried. [`Journal`] keeps such records so that after `Ok` every later
//! boot finds them, wherever the power was cut, and cut again during the recovery. A record that was being written is
//! there or not; a committed record that went bad is an error and never an older value. No heap, no unsafe code, no
//! clock; any flash that implements `embedded_storage`'s `NorFlash`, and no word of it is ever programmed twice.
//!
//! # The bytes
//! The flash is 2 to 32 erase sectors, all laid out alike. Integers are little-endian, checksums CRC-32C. Every part
//! starts at a multiple of the *unit*, the larger of the flash's read and write sizes, and is filled up to it with `FF`;
//! a *word* is 8 bytes so filled up.
//!
//! ```text
//! sector   | ready | opened | live | closed | record | record | ... blank ... | ready |
//! bytes    | word  | word   | word | word   |        |        |                | word  |
//!
//! ready    "lkREADY1"                       the erase ended; at both ends, so that half an erase never passes for one
//! opened   sequence u32, check u32          check over "open", layout, sequence; layout = unit << 24 ^ sector size, u32
//! live     end u32, check u32               all copies are in, up to this offset; check over "live", sequence, end
//! closed   "lkCLOSED"                       the sector with the next sequence number took over
//!
//! record   | mark | tag u8 | header check u8 | length u16 | checksum u32 | payload, 0 to 512 bytes | fill |
//! bytes    | word | 8 bytes of header and the payload, filled up together to the unit                     |
//!
//! mark     "lkRECORD", programmed last: committed
//! checksum over sequence u32, offset of the record in its sector u32, tag, length, payload
//! header check   the lowest byte of the same checksum without a payload
//! ```
//!
//! *Append*: header and payload are programmed and compared with what then reads back, then the mark likewise. A record
//! whose mark was begun is whole; one without a mark is ignored, and nothing is written behind it.
//!
//! *Switch*, when a sector is full: into a sector erased before go `opened`, a copy of the newest record of each tag
//! (the new record in place of its tag's old one) and `live`; then the old sector gets `closed`; then the append returns
//! `Ok`. Until `closed` is begun the old sector holds all that was acknowledged, and a mount uses the new one only if
//! every byte of it is right; from then on the new sector is the only truth.
//!
//! *Erase*: only in [`Journal::idle_work`], so that an actuation never waits for it. An erase that was cut leaves a
//! sector without both `ready` marks, which is erased again whatever it reads as.
//!
//! *Forgetting*: a value that another replaced stays on the flash until its sector is erased. [`Journal::forget_older`] has that done in the
//! next idle work, by a switch and an erase, on every flash. Zero bytes over the old value would be a record that no longer fits its checksum.
//!
//! # The log
//! [`LogRing`] keeps numbered entries in a flash region of its own, of 2 to 32 sectors, under the same rules. A sector begins and ends with
//! `ready` as above; sectors take turns, so that the number says which one it is.
//!
//! ```text
//! sector   | ready | opened | closed | head | record | record | ... blank ... | ready |
//! opened   number u32, check u32            check over "ring", layout, number
//! closed   "lkCLOSED"                       the sector with the next number took over
//!
//! record   | mark | kind u8, header check u8, length u16, checksum u32 | secret [32], check u32 | payload | fill |
//! kind     0 head (index of the first entry u64, acknowledged u64, 20 bytes that the payload before began with), 1 entry, 2 acknowledged (u64), 3 secret alone, behind each head; 0 and 2 have none
//! check    of the secret, over "next", number, offset, secret
//! ```
//!
//! *Append*: one record holds an entry and the secret that the next one needs, so that a cut leaves both or neither. The checksum leaves the
//! secret out: once the record is committed, zero bytes are programmed over the secret before it, in place, and read back ([`ZeroInPlace`]). That
//! takes a flash whose units may be programmed again to clear bits (`MultiwriteNorFlash`). Where they may not, as with error correction, a
//! superseded secret stays until its sector is erased ([`UntilErase`]). What a cut prevents is
//! done before the next append; a copy of the secret in a sector whose opening was cut goes with its erase, in idle work.
//!
//! *Full*: the oldest sector is erased in [`LogRing::idle_work`] alone, early when all of it was acknowledged, else when the newest has no room for two of the
//! longest entries. [`LogHeld::overwritten`] then says which entries nobody has.
//!
//! # What the flash driver must do
//! Return from `write` and `erase` when the flash is done; and for a unit whose error correction fails, as after a cut,
//! return what the cells hold instead of an error: the checksums are here.
//!
//! # Example
//! ```
//! # #[cfg(feature = "host")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use lock_store::{Journal, host::MemoryFlash};
//!
//! const MARK: u8 = 3;
//! let mut flash = MemoryFlash::<4, 4096>::new(2);
//! Journal::format(&mut flash)?; // once, at manufacture
//!
//! let mut journal = Journal::mount(&mut flash)?;
//! journal.append(MARK, &41_u64.to_le_bytes())?;
//! journal.append(MARK, &42_u64.to_le_bytes())?; // on the flash, and compared, when this returns
//! while journal.needs_idle_work() {
//!     journal.idle_work()?; // when nobody waits at the door
//! }
//!
//! let mut mark = [0; 8];
//! let mut journal = Journal::mount(&mut flash)?; // the next boot
//! assert_eq!(journal.read(MARK, &mut mark)?, Some(8));
//! assert_eq!(u64::from_le_bytes(mark), 42);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "host"))]
//! # fn main() {}
//! ```

#[cfg(feature = "host")]
extern crate std;

#[cfg(feature = "host")]
pub mod host;
mod journal;
mod ring;

pub use journal::{
    AppendError, Corruption, Damage, FormatError, GeometryError, IdleError, IdleStep, Journal, MAX_PAYLOAD,
    MAX_SECTORS, MAX_UNIT, MIN_SECTORS, MountError, ReadError, TAGS,
};
pub use ring::{
    AcknowledgeError, BEGINNING, LogAppendError, LogDamage, LogHeld, LogIdleError, LogIdleStep,
    LogMountError, LogReadError, LogRing, MAX_ENTRY, SECRET, SecretErasure, TYPICAL_ENTRY, UntilErase,
    ZeroInPlace,
};
