//! The audit log as a chain of MACs whose key only goes forward (section 6.2), after Schneier and Kelsey.
//!
//! ```text
//! leaf `log` = k_0 ── next ──> k_1 ── next ──> k_2 ── next ──> ... k_n       each key is erased when the next is stored
//!               │               │               │                  │
//!   0 ──────> mac_0 ────────> mac_1 ────────> mac_2 ── ... ──> mac_(n-1) ──> head, over the asker's nonce
//!             entry 0         entry 1         entry 2
//! ```
//!
//! Whoever takes the lock's flash has `k_n`: entries from `n` on are his to make, those before it are not, and none of them can be
//! left out without a trace. The cloud keeps `k_0` of each epoch; [`LogVerifier`] walks the same way and says what does not fit.
//!
//! Each key epoch has a chain of its own, with the leaf `log` of that epoch as its first key. Indices go on. The last entry of the chain
//! before says which epoch begins; its MAC is under the chain before, and the key that is stored with it is the new leaf.

mod epochs;
mod fault;
mod verify;

use core::fmt;

use subtle::ConstantTimeEq;

use crate::key::{Key, is_blank};
use crate::keys::KeyEpoch;
use crate::parts::first;
use crate::suite::Suite;

pub use epochs::{FirstKey, HandOver, LogGround};
pub use fault::{LogFault, Missing, Walked};
pub use verify::{LogVerifier, MAX_LOG_JUMP};

/// The MAC of an entry. The last one stands for the whole log up to it. It is no secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogMac(pub [u8; 16]);

impl LogMac {
    /// Length in bytes.
    pub const BYTES: usize = 16;
    /// What stands before the first entry of an epoch.
    pub const NONE: Self = Self([0; 16]);
}

impl fmt::Debug for LogMac {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LogMac(")?;
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))?;
        formatter.write_str(")")
    }
}

/// Where a log stands: the key of the entry to come, its index, and the MAC before it.
///
/// It is not `Clone`: the lock has one, and the key of what was written is gone.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct LogChain {
    epoch: KeyEpoch,
    next: u64,
    key: Key,
    last: LogMac,
}

/// An entry that was made and is not stored yet: its MAC, and the key that is to be stored with it.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
#[must_use]
pub struct LogLink {
    index: u64,
    mac: LogMac,
    next_epoch: KeyEpoch,
    next_key: Key,
}

/// Where a log stands, proven to whoever drew the nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LogHead {
    /// The key epoch of the chain that the entry to come is of.
    pub epoch: KeyEpoch,
    /// The lowest index that the lock still holds; `next` where it holds none.
    pub first: u64,
    /// The index of the entry to come: how many there were.
    pub next: u64,
    /// The MAC of the last entry; [`LogMac::NONE`] before the first.
    pub last: LogMac,
    /// The first 16 bytes of an HMAC under the key of the entry to come.
    pub tag: [u8; 16],
}

/// Why a stored position cannot be gone on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error(
    "the stored key of the log is blank, so it was erased; the log of this epoch has ended, rotate the lock's keys"
)]
pub struct LogKeyErased;

impl LogChain {
    /// An empty log under the leaf `log` of an epoch. The caller erases what else it holds of that leaf.
    #[must_use]
    pub const fn begin(epoch: KeyEpoch, first_key: Key) -> Self {
        Self { epoch, next: 0, key: first_key, last: LogMac::NONE }
    }

    /// Goes on from what storage holds.
    ///
    /// # Errors
    /// [`LogKeyErased`] for a key whose bytes are all equal: erased or zero-programmed flash never becomes a key.
    pub fn resume(epoch: KeyEpoch, next: u64, key: Key, last: LogMac) -> Result<Self, LogKeyErased> {
        if is_blank(key.expose()) { Err(LogKeyErased) } else { Ok(Self { epoch, next, key, last }) }
    }

    /// The epoch of the first key.
    #[must_use]
    pub const fn epoch(&self) -> KeyEpoch {
        self.epoch
    }

    /// The index of the entry to come.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// The MAC of the last entry.
    #[must_use]
    pub const fn last(&self) -> LogMac {
        self.last
    }

    /// The key of the entry to come, for storage only.
    #[must_use]
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// The same log from a later entry on, for whoever is to judge no earlier one; the MAC before it is not known here. `None` for an earlier
    /// entry, or one more than [`MAX_LOG_JUMP`] ahead.
    #[must_use]
    pub fn at<S: Suite>(self, index: u64) -> Option<Self> {
        let ahead = index.checked_sub(self.next).filter(|ahead| *ahead <= MAX_LOG_JUMP)?;
        let key = verify::key_after::<S>(&self.key, ahead);
        let last = if ahead == 0 { self.last } else { LogMac::NONE };
        Some(Self { epoch: self.epoch, next: index, key, last })
    }

    /// Makes the next entry. Nothing advances: store MAC, body and key together, and then [`advance`](Self::advance). Where that
    /// failed, make it again: the index is the same.
    pub fn link<S: Suite>(&self, body: &[u8]) -> LogLink {
        LogLink {
            index: self.next,
            mac: entry_mac::<S>(&self.key, self.epoch, self.next, self.last, body),
            next_epoch: self.epoch,
            next_key: next_key::<S>(&self.key),
        }
    }

    /// Makes the last entry of this chain, which says that `epoch` begins: the next one is the first of a chain under `first_key`, the
    /// leaf `log` of that epoch. Otherwise as [`link`](Self::link).
    pub fn link_to_epoch<S: Suite>(&self, body: &[u8], epoch: KeyEpoch, first_key: &Key) -> LogLink {
        LogLink { next_epoch: epoch, next_key: first_key.duplicate(), ..self.link::<S>(body) }
    }

    /// The entry is stored: the key that made it is erased here. One made at another place changes nothing.
    pub fn advance(&mut self, link: LogLink) {
        if let Some(next) = self.next.checked_add(1)
            && link.index == self.next
        {
            *self = Self { epoch: link.next_epoch, next, key: link.next_key, last: link.mac };
        }
    }

    /// Proves where the log stands to whoever drew `nonce`. `first` is the lowest index that is still held.
    #[must_use]
    pub fn head<S: Suite>(&self, nonce: &[u8; 16], first: u64) -> LogHead {
        let mut head = LogHead { epoch: self.epoch, first, next: self.next, last: self.last, tag: [0; 16] };
        head.tag = head_tag::<S>(&self.key, &head, nonce);
        head
    }
}

impl fmt::Debug for LogChain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LogChain")
            .field("epoch", &self.epoch)
            .field("next", &self.next)
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}

impl LogLink {
    /// The index of the entry.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The MAC of the entry.
    #[must_use]
    pub const fn mac(&self) -> LogMac {
        self.mac
    }

    /// The epoch of the entry after it.
    #[must_use]
    pub const fn next_epoch(&self) -> KeyEpoch {
        self.next_epoch
    }

    /// The key of the entry after it, to be stored in one record with it.
    #[must_use]
    pub const fn next_key(&self) -> &Key {
        &self.next_key
    }
}

/// The first 16 bytes of `HMAC(k_i, "lk1/log-entry" ‖ 0x00 ‖ key_epoch ‖ index ‖ previous ‖ body)`.
fn entry_mac<S: Suite>(key: &Key, epoch: KeyEpoch, index: u64, previous: LogMac, body: &[u8]) -> LogMac {
    let (epoch, index) = (epoch.to_bytes(), index.to_be_bytes());
    let parts: [&[u8]; 5] = [b"lk1/log-entry\0", &epoch, &index, &previous.0, body];
    LogMac(first(S::hmac(key.expose(), &parts)))
}

/// `HMAC(k_i, "lk1/log-next" ‖ 0x00)`.
fn next_key<S: Suite>(key: &Key) -> Key {
    Key::take(&mut S::hmac(key.expose(), &[b"lk1/log-next\0"]))
}

/// The first 16 bytes of `HMAC(k_n, "lk1/log-head" ‖ 0x00 ‖ key_epoch ‖ nonce ‖ first ‖ next ‖ last)`.
fn head_tag<S: Suite>(key: &Key, head: &LogHead, nonce: &[u8; 16]) -> [u8; 16] {
    let (epoch, from, next) = (head.epoch.to_bytes(), head.first.to_be_bytes(), head.next.to_be_bytes());
    let parts: [&[u8]; 6] = [b"lk1/log-head\0", &epoch, nonce, &from, &next, &head.last.0];
    first(S::hmac(key.expose(), &parts))
}

/// Compares in constant time.
fn fits(found: &[u8; 16], computed: &[u8; 16]) -> bool {
    found.ct_eq(computed).into()
}
