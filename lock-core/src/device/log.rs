//! The writer of a lock's log: events go in as they happen, records for the flash come out when there is time (section 6.2).

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

/// A record for the log's flash: the entry, and the key of the one after it, to be stored as one.
pub struct LogRecord<'b> {
    /// The index that the entry gets.
    pub index: u64,
    /// The key of the next entry: what the flash erases once the next record is there.
    pub secret: Zeroizing<[u8; Key::BYTES]>,
    /// `MAC[16] ‖ body`; at most [`LogRecord::MAX_BYTES`].
    pub payload: &'b [u8],
}

impl LogRecord<'_> {
    /// The longest payload, in bytes.
    pub const MAX_BYTES: usize = LogMac::BYTES + LogEntry::MAX_BYTES;
}

impl fmt::Debug for LogRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogRecord").field("index", &self.index).field("length", &self.payload.len()).finish()
    }
}

/// What the record that is being stored says.
#[derive(Debug)]
enum Storing {
    /// The event at the front of the queue.
    Waiting(LogLink),
    /// So many events were lost.
    Lost(LogLink, u32),
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
    storing: Option<Storing>,
}

impl LogBook {
    /// Goes on from what the log's flash holds: the index of the entry to come, its secret, and how the payload of the last entry
    /// begins; zero bytes where there is none yet. The caller erases its copy of the secret.
    ///
    /// # Errors
    /// [`LogKeyErased`]: the secret is blank. Work on without a log, and report it.
    pub fn resume(
        epoch: KeyEpoch,
        next: u64,
        secret: &[u8; Key::BYTES],
        last: [u8; LogMac::BYTES],
    ) -> Result<Self, LogKeyErased> {
        let chain = LogChain::resume(epoch, next, Key::from_bytes(*secret), LogMac(last))?;
        Ok(Self { chain, waiting: Deque::new(), lost: None, storing: None })
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

    /// Whether there is something to store.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        !self.waiting.is_empty() || self.lost.is_some()
    }

    /// The next record to store; `None` when there is none. It is answered by [`stored`](Self::stored) or
    /// [`failed`](Self::failed); asked again before, it is made again.
    pub fn record<'b, S: Suite>(
        &mut self,
        buffer: &'b mut [u8; LogRecord::MAX_BYTES],
    ) -> Option<LogRecord<'b>> {
        let lost =
            || self.lost.map(|(first, count)| (LogEntry { event: LogEvent::Lost(count), ..first }, count));
        let (entry, lost) = match self.waiting.front() {
            Some(entry) => (*entry, None),
            None => lost().map(|(entry, count)| (entry, Some(count)))?,
        };
        let (mac, rest) = buffer.split_first_chunk_mut()?;
        let length = {
            let body = entry.encode(rest).ok()?;
            let link = self.chain.link::<S>(body);
            *mac = link.mac().0;
            self.storing = Some(match lost {
                None => Storing::Waiting(link),
                Some(count) => Storing::Lost(link, count),
            });
            LogMac::BYTES.saturating_add(body.len())
        };
        let (Storing::Waiting(link) | Storing::Lost(link, _)) = self.storing.as_ref()?;
        let (index, secret) = (link.index(), Zeroizing::new(*link.next_key().expose()));
        Some(LogRecord { index, secret, payload: buffer.get(..length)? })
    }

    /// The record is durable: the key that made its MAC is gone.
    pub fn stored(&mut self) {
        match self.storing.take() {
            None => {}
            Some(Storing::Waiting(link)) => {
                self.chain.advance(link);
                self.waiting.pop_front();
            }
            Some(Storing::Lost(link, told)) => {
                self.chain.advance(link);
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

const _: () =
    assert!(size_of::<LogBook>() <= 1_536, "the log's queue is a small part of a small chip's memory");
