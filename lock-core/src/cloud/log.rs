//! The log of a lock as its cloud reads it, and as it hands it on to somebody else (protocol section 6.2).

mod pull;

use core::fmt;
use core::marker::PhantomData;

use lock_crypto::{
    FirstKey, KeyEpoch, LockId, LogChain, LogFault, LogGround, LogHead, LogMac, LogVerifier, Missing,
    RustCrypto, Suite, Walked,
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

/// An entry in which nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// What it says; `None` for an event of a newer version, which is authentic all the same.
    pub entry: Option<LogEntry>,
    /// The key epoch of its key.
    pub epoch: KeyEpoch,
    /// Whether it is right. Otherwise the key of its epoch is not here, and what it says is the word of whoever brought it.
    pub is_verified: bool,
    /// Where the chain of that epoch begins, if that was found with it: the entry that says so is missing, or is not for whoever asks.
    pub begins: Option<u64>,
    /// A stretch before it that could not be verified for want of its key, and that ends with it.
    pub unverified: Option<Missing>,
    /// Entries that are missing before it.
    pub missing: Option<Missing>,
    /// The explicit gap that explains all that was missing until now.
    pub gap: Option<Missing>,
}

/// Reads a log, entry by entry, and says what is wrong with it. It goes on after a fault, so that each is named.
///
/// Where an entry says that a key epoch begins, it goes on under the first key of that epoch, if it is among the `later` ones that it is
/// given; otherwise it says from where to where it could not verify, and goes on with the next epoch whose key it has.
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
/// let read = cloud.entry(&Exported { index: 0, previous, mac, body: b"\x01\x64\x00\x01\x00\x00\x01" }, &[])?;
/// assert_eq!(read.entry.map(|entry| entry.boot), Some(1));
/// let nonce = *b"drawn just now..";
/// cloud.head(&lock.head::<RustCrypto>(&nonce, 0), &nonce, &[])?;
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
        Self::with(LogVerifier::from_chain(from))
    }

    /// From before the first entry that this reader is to be told: the first chain whose key is among the later ones.
    #[must_use]
    pub const fn before_the_first(next: u64) -> Self {
        Self::with(LogVerifier::before_the_first(next))
    }

    /// From within an epoch whose key is lost, since the entry `since`.
    #[must_use]
    pub const fn without_key(epoch: KeyEpoch, next: u64, last: LogMac, since: u64) -> Self {
        Self::with(LogVerifier::without_key(epoch, next, last, since))
    }

    const fn with(verifier: LogVerifier) -> Self {
        Self { verifier, suite: PhantomData }
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

    /// Takes the next entry. `later` are the first keys of the epochs that may have begun since.
    ///
    /// # Errors
    /// [`LogFault`]: what is wrong with it.
    pub fn entry(&mut self, exported: &Exported<'_>, later: &[FirstKey]) -> Result<Read, LogFault> {
        let Exported { index, previous, mac, body } = *exported;
        let walked = self.verifier.entry::<S>(index, previous, mac, body, later)?;
        let entry = LogEntry::decode(body).ok();
        let epoch = self.verifier.chain().epoch();
        let unverified = self.verifier.take_unverified();
        let (is_verified, missing, begins) = match walked {
            Walked::Right { missing, begins } => (true, missing, begins),
            Walked::Unverified => (false, None, None),
        };
        let gap = entry.filter(|_| is_verified).and_then(|entry| self.heed(&entry, later));
        Ok(Read { entry, epoch, is_verified, begins, unverified, missing, gap })
    }

    /// Does what an entry that is right says of the log itself; the gap that it explains.
    fn heed(&mut self, entry: &LogEntry, later: &[FirstKey]) -> Option<Missing> {
        if let LogEvent::Overwritten { first, last } = entry.event {
            let overwritten = Missing { first, last };
            return self.verifier.explain(overwritten).then_some(overwritten);
        }
        if let LogEvent::KeyEpoch(number) = entry.event
            && let Some(epoch) = KeyEpoch::new(number)
        {
            // Whether the key is there is told by the ground.
            let _ = self.verifier.hand_over(epoch, later);
        }
        None
    }

    /// Ends with the head that answers `nonce`.
    ///
    /// # Errors
    /// [`LogFault`]: what is wrong with the log as a whole.
    pub fn head(&mut self, head: &LogHead, nonce: &[u8; 16], later: &[FirstKey]) -> Result<(), LogFault> {
        self.verifier.head::<S>(head, nonce, later)
    }

    /// A stretch that could not be verified for want of its key, and that ended with the head; told once.
    pub const fn take_unverified(&mut self) -> Option<Missing> {
        self.verifier.take_unverified()
    }

    /// Whether it has the key of where it stands.
    #[must_use]
    pub const fn ground(&self) -> LogGround {
        self.verifier.ground()
    }

    /// Where it stands, to go on from later; only where nothing is [unexplained](Self::unexplained), and its key is here
    /// ([`LogGround::Keyed`]).
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
        /// The key epoch of the first entry.
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
