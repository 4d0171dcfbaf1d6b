//! The writer of a lock's log: events go in as they happen, records for the flash come out when there is time (section 6.2).
//! How a running lock feeds it and stores its records is in [`keeping`].

pub(super) mod keeping;
mod sparing;
pub(super) mod telling;

use core::fmt;

use heapless::Deque;
use lock_crypto::{
    Key, KeyEpoch, Label, LeafKeys, LockId, LogChain, LogHead, LogKeyErased, LogLink, LogMac, RootKey, Suite,
};
use lock_proto::{LogEntry, LogEvent};
use zeroize::Zeroizing;

/// How many events wait at most for their record: those of an unlock, a jam and a boot together.
pub const MAX_WAITING: usize = 12;

/// The first key of a lock's log, for the log's flash at manufacture. The record that [`provision`](super::provision) makes does not hold it.
#[must_use]
pub fn provision_log<S: Suite>(root: &RootKey, lock_id: LockId) -> Zeroizing<[u8; Key::BYTES]> {
    let leaves = LeafKeys::expand::<S>(root, lock_id, KeyEpoch::FIRST);
    Zeroizing::new(*leaves.leaf(Label::Log).expose())
}

/// How the payload of a stored entry begins: its MAC, and the epoch of the key that is stored with it (section 6.2).
pub type LogBeginning = [u8; LogRecord::BEGINNING];

/// A record for the log's flash: the entry, and the key of the one after it, to be stored as one.
#[derive(PartialEq, Eq)]
pub struct LogRecord<'b> {
    /// The index that the entry gets.
    pub index: u64,
    /// The key of the next entry: what the flash erases once the next record is there.
    pub secret: Zeroizing<[u8; Key::BYTES]>,
    /// `MAC[16] ‖ epoch of the key of the next entry[4] ‖ body`; at most [`LogRecord::MAX_BYTES`].
    pub payload: &'b [u8],
}

impl LogRecord<'_> {
    /// What stands before the body, in bytes.
    pub const BEGINNING: usize = LogMac::BYTES + 4;
    /// The longest payload, in bytes.
    pub const MAX_BYTES: usize = Self::BEGINNING + LogEntry::MAX_BYTES;
}

impl fmt::Debug for LogRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogRecord").field("index", &self.index).field("length", &self.payload.len()).finish()
    }
}

/// Whose turn it is to be stored.
#[derive(Clone, Copy, Debug)]
enum Turn {
    /// What the flash gave up, as far as it was known then.
    Gap(LogEvent),
    /// The event at the front of the queue.
    Waiting,
    /// So many events were lost.
    Lost(u32),
}

/// The log of a running lock. It never delays anything: events wait here, and where they find no room they are counted.
///
/// ```text
/// book.note(entry);                                   // as it happens: the motor first, its entry behind it
/// while let Some(record) = book.record::<S>(&mut buffer) {
///     match ring.append(&record.secret, record.payload) {
///         Ok(_)  -> book.stored()
///         Err(_) -> book.failed(), and try again when the flash is ready
///     }
/// }
/// ```
pub struct LogBook {
    chain: LogChain,
    waiting: Deque<LogEntry, MAX_WAITING>,
    /// The first event that found no room, and how many there were since.
    lost: Option<(LogEntry, u32)>,
    /// What the flash gave up and no entry says yet.
    gap: Option<LogEntry>,
    storing: Option<(LogLink, Turn)>,
}

impl LogBook {
    /// Goes on from what the log's flash holds: the index of the entry to come, its secret, and how the payload of the last entry
    /// begins; zero bytes where there is none yet, and then the first epoch. The caller erases its copy of the secret.
    ///
    /// # Errors
    /// [`LogKeyErased`]: the secret is blank. Work on without a log, and report it.
    pub fn resume(
        next: u64,
        secret: &[u8; Key::BYTES],
        beginning: &LogBeginning,
    ) -> Result<Self, LogKeyErased> {
        let (last, epoch) = split(beginning);
        let epoch = epoch.unwrap_or(KeyEpoch::FIRST);
        let chain = LogChain::resume(epoch, next, Key::from_bytes(*secret), last)?;
        Ok(Self { chain, waiting: Deque::new(), lost: None, gap: None, storing: None })
    }

    /// Takes an event. Where [`MAX_WAITING`] wait already it is counted as lost, and so is each one after it until those before it are
    /// stored: the order holds.
    pub fn note(&mut self, entry: LogEntry) {
        if let Some((_, count)) = &mut self.lost {
            *count = count.saturating_add(1);
        } else if let Err(entry) = self.waiting.push_back(entry) {
            self.lost = Some((entry, 1));
        }
    }

    /// Takes what the flash gave up before anybody had it: an entry that says `Overwritten`. It goes before all that waits, and a newer
    /// one takes its place, since it says all that this one says.
    pub fn overwritten(&mut self, gap: LogEntry) {
        self.gap = Some(gap);
    }

    /// Whether there is something to store.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        !self.waiting.is_empty() || self.lost.is_some() || self.gap.is_some()
    }

    /// The next record to store; `None` when there is none. It is answered by [`stored`](Self::stored) or
    /// [`failed`](Self::failed); asked again before, it is made again.
    pub fn record<'b, S: Suite>(
        &mut self,
        buffer: &'b mut [u8; LogRecord::MAX_BYTES],
    ) -> Option<LogRecord<'b>> {
        let (entry, turn) = self.next_entry()?;
        let (mac, rest) = buffer.split_first_chunk_mut()?;
        let (epoch, rest) = rest.split_first_chunk_mut()?;
        let body = entry.encode(rest).ok()?;
        let link = self.chain.link::<S>(body);
        (*mac, *epoch) = (link.mac().0, self.chain.epoch().to_bytes());
        let length = LogRecord::BEGINNING.saturating_add(body.len());
        let (index, secret) = (link.index(), Zeroizing::new(*link.next_key().expose()));
        self.storing = Some((link, turn));
        Some(LogRecord { index, secret, payload: buffer.get(..length)? })
    }

    fn next_entry(&self) -> Option<(LogEntry, Turn)> {
        if let Some(gap) = self.gap {
            return Some((gap, Turn::Gap(gap.event)));
        }
        if let Some(entry) = self.waiting.front() {
            return Some((*entry, Turn::Waiting));
        }
        let (first, count) = self.lost?;
        Some((LogEntry { event: LogEvent::Lost(count), ..first }, Turn::Lost(count)))
    }

    /// The record is durable: the key that made its MAC is gone.
    pub fn stored(&mut self) {
        let Some((link, turn)) = self.storing.take() else { return };
        self.chain.advance(link);
        match turn {
            Turn::Gap(told) => self.gap = self.gap.filter(|gap| gap.event != told),
            Turn::Waiting => {
                self.waiting.pop_front();
            }
            Turn::Lost(told) => {
                self.lost = self.lost.and_then(|(first, count)| match count.saturating_sub(told) {
                    0 => None,
                    left => Some((first, left)),
                });
            }
        }
    }

    /// The record is not durable: it is made again, with the same index.
    pub fn failed(&mut self) {
        self.storing = None;
    }

    /// Proves where the log stands to whoever drew `nonce`; `first` is the lowest index that the flash still holds. What waits is not in it.
    #[must_use]
    pub fn head<S: Suite>(&self, nonce: &[u8; 16], first: u64) -> LogHead {
        self.chain.head::<S>(nonce, first)
    }

    /// The epoch of the key of the entry to come.
    #[must_use]
    pub const fn epoch(&self) -> KeyEpoch {
        self.chain.epoch()
    }

    /// The index of the entry to come.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.chain.next()
    }
}

impl fmt::Debug for LogBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogBook")
            .field("chain", &self.chain)
            .field("waiting", &self.waiting.len())
            .field("lost", &self.lost.map(|(_, count)| count))
            .finish_non_exhaustive()
    }
}

/// The MAC of a stored entry, and the epoch of the key beside it; `None` for the zero bytes before the first entry.
fn split(beginning: &LogBeginning) -> (LogMac, Option<KeyEpoch>) {
    let (mac, epoch) = beginning.split_first_chunk().unwrap_or((&[0; LogMac::BYTES], &[]));
    let epoch = epoch.first_chunk().and_then(|epoch| KeyEpoch::new(u32::from_be_bytes(*epoch)));
    (LogMac(*mac), epoch)
}

const _: () =
    assert!(size_of::<LogBook>() <= 1_536, "the log's queue is a small part of a small chip's memory");
