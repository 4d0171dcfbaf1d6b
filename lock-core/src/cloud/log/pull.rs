//! Fetching a lock's log in a live session until it is level with the head, and only then acknowledging it (section 6.2).
//!
//! ```text
//! loop {
//!     let answer = ask(pull.query(nonce))          // a fresh nonce of yours, each time
//!     match pull.take(&answer, &nonce, |pulled| ..)  // store every entry, fault and gap that it shows, and where it stands
//!         More   -> again
//!         Level  -> what was stored is durable: send pull.acknowledgement()
//!         Broken -> the lock's word does not hold: keep the fault, acknowledge nothing
//! }
//! ```

use lock_crypto::{KeyEpoch, LogFault, LogHead, LogMac, Missing, RustCrypto, Suite};
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

    /// Takes an answer: shows each entry with its verdict, in order, and says how it goes on.
    pub fn take(
        &mut self,
        answer: &LogAnswer,
        nonce: &[u8; 16],
        mut show: impl FnMut(Pulled<'_>),
    ) -> PullState {
        self.is_level = false;
        let before = self.reader.chain().next();
        let mut previous = LogMac(answer.previous);
        for (index, paged) in (answer.from..).zip(answer.entries.iter()) {
            let entry = Exported { index, previous, mac: LogMac(paged.mac), body: paged.body };
            previous = entry.mac;
            show(Pulled { entry, verdict: self.reader.entry(&entry) });
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
        match self.reader.head(&head, nonce) {
            Ok(()) => self.level(None),
            Err(LogFault::Dropped(missing)) => self.level(Some(missing)),
            Err(LogFault::Truncated(_)) if self.reader.chain().next() > before => PullState::More,
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
        let index = chain.next().checked_sub(1).filter(|_| self.is_level)?;
        Some(Action::AcknowledgeLog { key_epoch: chain.epoch().number(), index, mac: chain.last().0 })
    }
}
