//! What a lock tells of its log in one answer: where it stands, and entries in a row (section 7.3).

use core::fmt;

use crate::wire;
use crate::wire::{Malformed, Reader, Wire, Writer};

/// The answer to a query for the log: a head over the nonce of the query, and the entries from one on, as many as fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LogAnswer {
    /// The key epoch of the key under which the head is.
    pub key_epoch: u32,
    /// The lowest index that the lock still holds; `next` where it holds none.
    pub first: u64,
    /// The index of the entry to come.
    pub next: u64,
    /// The MAC of the last entry.
    pub last_mac: [u8; 16],
    /// The tag of the head, over the nonce of the query (section 6.2).
    pub tag: [u8; 16],
    /// The index of the first of the entries: the one that was asked for, or the first after it that can be read.
    pub from: u64,
    /// The MAC before that entry.
    pub previous: [u8; 16],
    /// The entries.
    pub entries: LogPage,
}

impl LogAnswer {
    /// The longest encoding, in bytes.
    pub(crate) const LONGEST: usize = 5 + 10 + 10 + 16 + 16 + 10 + 16 + 2 + LogPage::MAX_BYTES;
}

/// Entries that follow each other: of each `MAC[16] ‖ length of the body[1] ‖ body`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogPage {
    length: u16,
    bytes: [u8; Self::MAX_BYTES],
}

/// An entry on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PagedEntry<'p> {
    /// Its MAC.
    pub mac: [u8; 16],
    /// Its body, encoded.
    pub body: &'p [u8],
}

impl LogPage {
    /// Room for entries, in bytes: what an answer leaves of a packet.
    pub const MAX_BYTES: usize = 336;
    /// No entry.
    pub const EMPTY: Self = Self { length: 0, bytes: [0; Self::MAX_BYTES] };

    /// The same page with one more entry; `None` where it has no room for it, or no entry is so long (or empty).
    #[must_use]
    pub fn with(mut self, mac: [u8; 16], body: &[u8]) -> Option<Self> {
        let room = self.bytes.get_mut(usize::from(self.length)..)?;
        let length = u8::try_from(body.len()).ok().filter(|length| *length > 0)?;
        let parts = mac.iter().chain(core::iter::once(&length)).chain(body);
        let size = mac.len().checked_add(1)?.checked_add(body.len())?;
        room.get_mut(..size)?.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
        self.length = self.length.checked_add(u16::try_from(size).ok()?)?;
        Some(self)
    }

    /// The entries, in order.
    pub fn iter(&self) -> impl Iterator<Item = PagedEntry<'_>> {
        let mut rest = self.as_bytes();
        core::iter::from_fn(move || {
            let (entry, behind) = split(rest)?;
            rest = behind;
            Some(entry)
        })
    }

    /// Whether it has no entry.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }

    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = split(rest)?.1;
        }
        let mut page = Self { length: u16::try_from(bytes.len()).ok()?, ..Self::EMPTY };
        page.bytes.get_mut(..bytes.len())?.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Some(page)
    }
}

fn split(bytes: &[u8]) -> Option<(PagedEntry<'_>, &[u8])> {
    let (mac, rest) = bytes.split_first_chunk()?;
    let (length, rest) = rest.split_first().filter(|(length, _)| **length > 0)?;
    let (body, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((PagedEntry { mac: *mac, body }, rest))
}

impl fmt::Debug for LogPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

wire! {
    struct LogAnswer { key_epoch, first, next, last_mac, tag, from, previous, entries }
}

impl Wire for LogPage {
    fn write(&self, out: &mut Writer<'_>) {
        out.byte_string(self.as_bytes());
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Self::of(input.byte_string()?).ok_or(Malformed)
    }
}
