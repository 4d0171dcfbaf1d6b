//! The log of a lock as its cloud reads it, and as it hands it on to somebody else (protocol section 6.2).

mod pull;

use core::fmt;
use core::marker::PhantomData;

use lock_crypto::{
    KeyEpoch, LockId, LogChain, LogFault, LogHead, LogMac, LogVerifier, Missing, RustCrypto, Suite,
};
use lock_proto::{LogEntry, LogEvent};

pub use pull::{LogPull, PullState, Pulled};

/// An entry as it is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported<'e> {
    /// Its index.
    pub index: u64,
    /// The MAC of the entry before it.
    pub previous: LogMac,
    /// Its own.
    pub mac: LogMac,
    /// Its body, encoded.
    pub body: &'e [u8],
}

/// An entry that is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// What it says; `None` for an event of a newer version, which is authentic all the same.
    pub entry: Option<LogEntry>,
    /// Entries that are missing before it.
    pub missing: Option<Missing>,
    /// The explicit gap that explains all that was missing until now.
    pub gap: Option<Missing>,
}

/// Reads a log, entry by entry, and says what is wrong with it. It goes on after a fault, so that each is named.
///
/// ```
/// use lock_core::cloud::{Exported, LogReader};
/// use lock_core::crypto::{Key, KeyEpoch, LogChain, RustCrypto};
///
/// let first_key = || Key::from_bytes(*b"the leaf `log` of this key epoch");
/// let mut lock = LogChain::begin(KeyEpoch::FIRST, first_key());
/// let previous = lock.last();
/// let link = lock.link::<RustCrypto>(b"\x01\x64\x00\x01\x00\x00\x01"); // boot 1, 100 ms, no time, found at boot, PowerOn
/// let mac = link.mac();
/// lock.advance(link);
///
/// let mut cloud = <LogReader>::new(LogChain::begin(KeyEpoch::FIRST, first_key()));
/// let read = cloud.entry(&Exported { index: 0, previous, mac, body: b"\x01\x64\x00\x01\x00\x00\x01" })?;
/// assert_eq!(read.entry.map(|entry| entry.boot), Some(1));
/// let nonce = *b"drawn just now..";
/// cloud.head(&lock.head::<RustCrypto>(&nonce, 0), &nonce)?;
/// # Ok::<(), lock_core::crypto::LogFault>(())
/// ```
pub struct LogReader<S: Suite = RustCrypto> {
    verifier: LogVerifier,
    suite: PhantomData<fn() -> S>,
}

impl<S: Suite> LogReader<S> {
    /// From the first key of an epoch, or from behind what was read before.
    #[must_use]
    pub const fn new(from: LogChain) -> Self {
        Self { verifier: LogVerifier::from_chain(from), suite: PhantomData }
    }

    /// The same, where some entries before it were missing and not explained: the reader that stood there said so.
    #[must_use]
    pub fn with_unexplained(self, missing: Option<Missing>) -> Self {
        Self { verifier: self.verifier.with_unexplained(missing), ..self }
    }

    /// Takes what is missing as lost. Whoever calls this keeps it as a fault.
    pub(crate) fn give_up_unexplained(&mut self) {
        self.verifier.give_up_unexplained();
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// [`LogFault`]: what is wrong with it.
    pub fn entry(&mut self, exported: &Exported<'_>) -> Result<Read, LogFault> {
        let Exported { index, previous, mac, body } = *exported;
        let missing = self.verifier.entry::<S>(index, previous, mac, body)?;
        let entry = LogEntry::decode(body).ok();
        let gap = match entry {
            Some(LogEntry { event: LogEvent::Overwritten { first, last }, .. }) => {
                let overwritten = Missing { first, last };
                self.verifier.explain(overwritten).then_some(overwritten)
            }
            Some(_) | None => None,
        };
        Ok(Read { entry, missing, gap })
    }

    /// Ends with the head that answers `nonce`.
    ///
    /// # Errors
    /// [`LogFault`]: what is wrong with the log as a whole.
    pub fn head(&self, head: &LogHead, nonce: &[u8; 16]) -> Result<(), LogFault> {
        self.verifier.head::<S>(head, nonce)
    }

    /// Where it stands, to go on from later; only where nothing is [unexplained](Self::unexplained).
    #[must_use]
    pub const fn chain(&self) -> &LogChain {
        self.verifier.chain()
    }

    /// What is missing and not explained.
    #[must_use]
    pub const fn unexplained(&self) -> Option<Missing> {
        self.verifier.unexplained()
    }
}

impl<S: Suite> fmt::Debug for LogReader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LogReader").field(&self.verifier).finish()
    }
}

/// A line of an export file (protocol section 6.3): its display form is the line, without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportLine<'e> {
    /// The first: whose log it is, and where it begins.
    Begin {
        /// The lock.
        lock_id: LockId,
        /// The epoch of the log's first key.
        key_epoch: KeyEpoch,
        /// The index of the first entry that follows, or that would.
        next: u64,
        /// The MAC before it.
        previous: LogMac,
    },
    /// An entry.
    Entry(Exported<'e>),
    /// The last: the head, and the nonce that it answers.
    Head(LogHead, [u8; 16]),
}

impl fmt::Display for ExportLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin { lock_id, key_epoch, next, previous } => write!(
                f,
                r#"{{"lock_log":"1","lock_id":"{}","key_epoch":"{}","next":"{next}","previous":"{}"}}"#,
                Hex(&lock_id.0),
                key_epoch.number(),
                Hex(&previous.0),
            ),
            Self::Entry(Exported { index, previous, mac, body }) => write!(
                f,
                r#"{{"index":"{index}","previous":"{}","mac":"{}","body":"{}"}}"#,
                Hex(&previous.0),
                Hex(&mac.0),
                Hex(body),
            ),
            Self::Head(LogHead { epoch, first, next, last, tag }, nonce) => write!(
                f,
                r#"{{"nonce":"{}","head":{{"key_epoch":"{}","first":"{first}","next":"{next}","last":"{}","tag":"{}"}}}}"#,
                Hex(nonce),
                epoch.number(),
                Hex(&last.0),
                Hex(tag),
            ),
        }
    }
}

/// Bytes in hexadecimal.
struct Hex<'b>(&'b [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
