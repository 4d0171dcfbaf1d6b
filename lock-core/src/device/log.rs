//! The writer of a lock's log: events go in as they happen, records for the flash come out when there is time (section 6.2).
//! How a running lock feeds it and stores its records is in [`keeping`].

pub(super) mod keeping;
mod noted;
mod sparing;
pub(super) mod telling;
pub(super) mod turning;

use core::fmt;

use heapless::Deque;
use lock_crypto::{
    ClaimKey, FirstKey, Key, KeyEpoch, Label, LeafKeys, LockId, LogChain, LogHead, LogKeyErased, LogLink,
    LogMac, RootKey, Suite,
};
use lock_proto::{LogEntry, LogEvent};
use zeroize::Zeroizing;

use noted::{Brief, Noted};

/// How many events wait at most for their record: those of an unlock, a jam and a boot together.
pub const MAX_WAITING: usize = 12;

/// The first key of a lock's log, for the log's flash at manufacture. The record that [`provision`](super::provision) makes does not hold it.
#[must_use]
pub fn provision_log<S: Suite>(root: &RootKey, lock_id: LockId) -> Zeroizing<[u8; Key::BYTES]> {
    let leaves = LeafKeys::expand::<S>(root, lock_id, KeyEpoch::FIRST);
    Zeroizing::new(*leaves.leaf(Label::Log).expose())
}

/// The same for a lock that is made without an owner: its log begins in a chain that nobody is told of, and each claim begins one.
#[must_use]
pub fn provision_unowned_log<S: Suite>(key: &ClaimKey, lock_id: LockId) -> Zeroizing<[u8; Key::BYTES]> {
    Zeroizing::new(*key.unowned_leaves::<S>(lock_id).leaf(Label::Log).expose())
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
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
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
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq))]
pub struct LogBook {
    chain: LogChain,
    /// Two places are kept for the entry that begins a key epoch, and one before it that says what was lost.
    waiting: Deque<Noted, { MAX_WAITING + 2 }>,
    /// The boot of all that wait.
    boot: u64,
    /// The first event that found no room, and how many there were since.
    lost: Option<(Noted, u32)>,
    /// What the flash gave up and no entry says yet.
    gap: Option<LogEntry>,
    storing: Option<(LogLink, Turn)>,
    /// The key epoch that an entry which waits begins.
    begins: Option<FirstKey>,
}

/// `heapless` has none for a queue.
#[cfg(lock_model)]
impl core::hash::Hash for LogBook {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        let Self { chain, waiting, boot, lost, gap, storing, begins } = self;
        waiting.len().hash(state);
        waiting.iter().for_each(|entry| entry.hash(state));
        (chain, boot, lost, gap, storing, begins).hash(state);
    }
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
        let waiting = Deque::new();
        Ok(Self { chain, waiting, boot: 0, lost: None, gap: None, storing: None, begins: None })
    }

    /// Takes an event of this boot. Where [`MAX_WAITING`] wait already it is counted as lost, and so is each one after it until those before
    /// it are stored: the order holds. One that says `Overwritten` is [taken](Self::overwritten) before all that waits.
    #[inline(never)]
    pub fn note(&mut self, entry: LogEntry) {
        let Some(noted) = Noted::of(&entry) else { return self.overwritten(entry) };
        self.boot = entry.boot;
        if let Some((_, count)) = &mut self.lost {
            *count = count.saturating_add(1);
        } else if self.waiting.len() >= MAX_WAITING {
            self.lost = Some((noted, 1));
        } else {
            // There is room, as was just seen.
            let _ = self.waiting.push_back(noted);
        }
    }

    /// Takes the entry that says which key epoch begins, and the first key of its chain. It comes behind all that happened before, and is the
    /// last entry of the chain at hand. An earlier one that waits begins nothing any more.
    pub fn begin_epoch(&mut self, entry: LogEntry, first: FirstKey) {
        for place in 0..self.waiting.len() {
            let is_being_stored = place == 0 && matches!(self.storing, Some((_, Turn::Waiting)));
            if let Some(waiting) = self.waiting.pop_front()
                && (is_being_stored || !waiting.begins_epoch())
            {
                // One was just taken out: there is room.
                let _ = self.waiting.push_back(waiting);
            }
        }
        self.tell_lost();
        // There are two places more than events are let in. Were there none, the next boot would find it still to be done.
        self.boot = entry.boot;
        if let Some(noted) = Noted::of(&entry) {
            let _ = self.waiting.push_back(noted);
        }
        self.begins = Some(first);
    }

    /// What was lost until now is told before what comes.
    fn tell_lost(&mut self) {
        let Some((first, count)) = self.lost.take() else { return };
        let being_told = match self.storing {
            Some((_, Turn::Lost(told))) => told.min(count),
            Some((_, Turn::Gap(_) | Turn::Waiting)) | None => 0,
        };
        self.lost = (being_told > 0).then_some((first, being_told));
        let left = count.saturating_sub(being_told);
        let is_last_being_stored =
            self.waiting.len() == 1 && matches!(self.storing, Some((_, Turn::Waiting)));
        if let Some(last) = self.waiting.back_mut().filter(|_| !is_last_being_stored)
            && let Brief::Lost(before) = last.event
        {
            *last = last.saying(Brief::Lost(before.saturating_add(left)));
        } else if left > 0 {
            let _ = self.waiting.push_back(first.saying(Brief::Lost(left)));
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
        let link = match self.begins.as_ref().filter(|first| entry.event == event_of(first.epoch)) {
            Some(first) => self.chain.link_to_epoch::<S>(body, first.epoch, &first.key),
            None => self.chain.link::<S>(body),
        };
        (*mac, *epoch) = (link.mac().0, link.next_epoch().to_bytes());
        let length = LogRecord::BEGINNING.saturating_add(body.len());
        let (index, secret) = (link.index(), Zeroizing::new(*link.next_key().expose()));
        self.storing = Some((link, turn));
        Some(LogRecord { index, secret, payload: buffer.get(..length)? })
    }

    fn next_entry(&mut self) -> Option<(LogEntry, Turn)> {
        if let Some(gap) = self.gap {
            return Some((gap, Turn::Gap(gap.event)));
        }
        // One that was being stored, and failed, when a later epoch began.
        let begins = self.begins.as_ref().map(|first| Brief::KeyEpoch(first.epoch.number()));
        while let Some(front) = self.waiting.front()
            && front.begins_epoch()
            && Some(front.event) != begins
        {
            self.waiting.pop_front();
        }
        if let Some(entry) = self.waiting.front() {
            return Some((entry.entry(self.boot), Turn::Waiting));
        }
        let (first, count) = self.lost?;
        Some((first.saying(Brief::Lost(count)).entry(self.boot), Turn::Lost(count)))
    }

    /// The record is durable: the key that made its MAC is gone. Says whether a key epoch began with it: then the leaf `log` that it was
    /// given is here, and must go from everywhere else before the next record is made.
    pub fn stored(&mut self) -> Appended {
        let Some((link, turn)) = self.storing.take() else { return Appended::Entry };
        self.chain.advance(link);
        match turn {
            Turn::Gap(told) => self.gap = self.gap.filter(|gap| gap.event != told),
            Turn::Waiting => {
                if self.waiting.pop_front().is_some_and(|entry| entry.begins_epoch()) {
                    self.begins = self.begins.take().filter(|first| first.epoch != self.chain.epoch());
                    return Appended::Epoch;
                }
            }
            Turn::Lost(told) => {
                self.lost = self.lost.and_then(|(first, count)| match count.saturating_sub(told) {
                    0 => None,
                    left => Some((first, left)),
                });
            }
        }
        Appended::Entry
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

    /// The epoch of the chain at hand: of the key of the entry to come.
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

/// What was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// An entry.
    Entry,
    /// The entry with which a key epoch begins.
    Epoch,
}

const fn event_of(epoch: KeyEpoch) -> LogEvent {
    LogEvent::KeyEpoch(epoch.number())
}

/// The MAC of a stored entry, and the epoch of the key beside it; `None` for the zero bytes before the first entry.
fn split(beginning: &LogBeginning) -> (LogMac, Option<KeyEpoch>) {
    let (mac, epoch) = beginning.split_first_chunk().unwrap_or((&[0; LogMac::BYTES], &[]));
    let epoch = epoch.first_chunk().and_then(|epoch| KeyEpoch::new(u32::from_be_bytes(*epoch)));
    (LogMac(*mac), epoch)
}

const _: () =
    assert!(size_of::<LogBook>() <= 1_024, "the log's queue is a small part of a small chip's memory");
