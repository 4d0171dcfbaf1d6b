//! Fetching a lock's log in a live session until it is level with the head, and only then acknowledging it (section 6.2).
//!
//! ```text
//! loop {
//!     let answer = ask(pull.query(nonce))          // a fresh nonce of yours, each time
//!     match pull.take(&answer, &nonce, &later, |pulled| ..)  // store every entry, fault and gap that it shows, and where it stands
//!         More   -> again
//!         Level  -> what was stored is durable: send pull.acknowledgement()
//!         Broken -> the lock's word does not hold: keep the fault, acknowledge nothing
//! }
//! ```

use lock_crypto::{FirstKey, KeyEpoch, LogFault, LogGround, LogHead, LogMac, Missing, RustCrypto, Suite};
use lock_proto::{Action, LogAnswer, Query};

use super::{Exported, LogReader, Read};

/// An entry that an answer brought.
#[derive(Clone, Copy, Debug)]
pub struct Pulled<'e> {
    /// The entry, as the lock gave it.
    pub entry: Exported<'e>,
    /// What the reader says of it.
    pub verdict: Result<Read, LogFault>,
}

/// Where a fetch stands after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum PullState {
    /// There are more: ask again.
    More,
    /// All is here, and the head is fresh.
    Level {
        /// Entries that the lock does not hold any more and says nothing of. Keep it as a fault: from here on the fetch goes on behind them.
        dropped: Option<Missing>,
    },
    /// The lock's word does not hold: keep the fault, and acknowledge nothing.
    Broken(LogFault),
}

/// A fetch of a lock's log.
#[derive(Debug)]
pub struct LogPull<S: Suite = RustCrypto> {
    reader: LogReader<S>,
    is_level: bool,
}

impl<S: Suite> LogPull<S> {
    /// Goes on from where a reader stands.
    #[must_use]
    pub const fn new(reader: LogReader<S>) -> Self {
        Self { reader, is_level: false }
    }

    /// The reader, whose position is to be stored with the entries.
    #[must_use]
    pub const fn reader(&self) -> &LogReader<S> {
        &self.reader
    }

    /// The next question. `nonce` is fresh for each.
    #[must_use]
    pub const fn query(&self, nonce: [u8; 16]) -> Query {
        Query::Log { from: self.reader.chain().next(), nonce }
    }

    /// A stretch that could not be verified for want of its key, and that ended with the head of the last answer; told once.
    pub const fn take_unverified(&mut self) -> Option<Missing> {
        self.reader.take_unverified()
    }

    /// Takes an answer: shows each entry with its verdict, in order, and says how it goes on. `later` are the first keys of the epochs
    /// that may have begun since. The numbers of an answer are a lock's word until a MAC proves them: they cost two walks along the keys at
    /// most, over 2^20 entries each, and as many for each later epoch.
    pub fn take(
        &mut self,
        answer: &LogAnswer,
        nonce: &[u8; 16],
        later: &[FirstKey],
        mut show: impl FnMut(Pulled<'_>),
    ) -> PullState {
        self.is_level = false;
        let before = self.reader.chain().next();
        if let Some(fault) = misplaced(answer, before) {
            return PullState::Broken(fault);
        }
        let mut previous = LogMac(answer.previous);
        let mut next = Some(answer.from);
        for paged in answer.entries.iter() {
            let Some(index) = next else { break };
            let entry = Exported { index, previous, mac: LogMac(paged.mac), body: paged.body };
            let verdict = self.reader.entry(&entry, later);
            show(Pulled { entry, verdict });
            if self.reader.chain().next() <= index {
                // Nothing proves its place, nor that of any behind it.
                break;
            }
            previous = entry.mac;
            next = index.checked_add(1);
        }
        let Some(epoch) = KeyEpoch::new(answer.key_epoch) else {
            return PullState::Broken(LogFault::NotFresh);
        };
        let head = LogHead {
            epoch,
            first: answer.first,
            next: answer.next,
            last: LogMac(answer.last_mac),
            tag: answer.tag,
        };
        match self.reader.head(&head, nonce, later) {
            Ok(()) => self.level(None),
            Err(LogFault::Dropped(missing)) => self.level(Some(missing)),
            Err(LogFault::Truncated(_) | LogFault::NoKey { .. }) if self.reader.chain().next() > before => {
                PullState::More
            }
            Err(fault) => PullState::Broken(fault),
        }
    }

    fn level(&mut self, dropped: Option<Missing>) -> PullState {
        self.is_level = true;
        if dropped.is_some() {
            self.reader.give_up_unexplained();
        }
        PullState::Level { dropped }
    }

    /// What tells the lock that the cloud has all of it, once the last answer was [`PullState::Level`] and what it showed is durable;
    /// `None` where there is nothing to acknowledge.
    #[must_use]
    pub fn acknowledgement(&self) -> Option<Action> {
        let chain = self.reader.chain();
        let is_level = self.is_level && self.reader.ground() == LogGround::Keyed;
        let index = chain.next().checked_sub(1).filter(|_| is_level)?;
        Some(Action::AcknowledgeLog { key_epoch: chain.epoch().number(), index, mac: chain.last().0 })
    }
}

/// What is wrong with where an answer begins, when this entry was asked for.
const fn misplaced(answer: &LogAnswer, asked: u64) -> Option<LogFault> {
    let LogAnswer { from, next, .. } = *answer;
    if next < asked {
        Some(LogFault::HeadBehind { next })
    } else if from < asked {
        Some(LogFault::Reordered { index: from, expected: asked })
    } else if from > next {
        Some(LogFault::TooFar { index: from })
    } else {
        None
    }
}
