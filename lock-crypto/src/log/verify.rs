//! Walking along a log with the first key of each epoch, and naming what does not fit.

use core::fmt;

use super::epochs::{FirstKey, Found, HandOver, LogGround, find};
use super::fault::{LogFault, Missing, Walked};
use super::{LogChain, LogHead, LogMac, entry_mac, fits, head_tag, next_key};
use crate::key::Key;
use crate::keys::KeyEpoch;
use crate::suite::Suite;

/// The most entries that may be missing at one place: a made-up index costs no more work than so many hashes.
pub const MAX_LOG_JUMP: u64 = 1 << 20;

/// Walks along a log: entries in order, then its head. It holds one key, and never looks back.
///
/// It goes on after a fault, so that each is named once. What it was given is authentic where it returned [`Walked::Right`].
///
/// Each key epoch has a chain of its own. Where an entry that is right says that an epoch begins, tell it by
/// [`hand_over`](Self::hand_over). `later` are the first keys of the epochs that may come. Where the entry that says so is missing, the
/// verifier finds the later chain by itself.
///
/// ```
/// use lock_crypto::{Key, KeyEpoch, LogChain, LogVerifier, RustCrypto};
///
/// let first_key = || Key::from_bytes(*b"the leaf `log` of this key epoch");
/// let mut lock = LogChain::begin(KeyEpoch::FIRST, first_key());
/// let before = lock.last();
/// let link = lock.link::<RustCrypto>(b"unlocked by the cloud");
/// let mac = link.mac();
/// lock.advance(link); // once MAC, body and next key are stored
///
/// let mut cloud = LogVerifier::begin(KeyEpoch::FIRST, first_key());
/// cloud.entry::<RustCrypto>(0, before, mac, b"unlocked by the cloud", &[])?;
/// let nonce = [7; 16];
/// cloud.head::<RustCrypto>(&lock.head::<RustCrypto>(&nonce, 0), &nonce, &[])?;
/// # Ok::<(), lock_crypto::LogFault>(())
/// ```
pub struct LogVerifier {
    /// Where the ground is not [`LogGround::Keyed`], its key is blank.
    chain: LogChain,
    ground: LogGround,
    /// A stretch that could not be verified and is over.
    unverified: Option<Missing>,
    /// What the MAC of the entry before may be: as it came, and as it should have been.
    before: [LogMac; 2],
    /// Whether the entry before is known to be right.
    is_anchored: bool,
    /// Missing and not explained: from the first such entry to the last.
    unexplained: Option<Missing>,
    /// Of this epoch.
    verified: u64,
    faults: u64,
}

impl LogVerifier {
    /// From the first key of an epoch.
    #[must_use]
    pub const fn begin(epoch: KeyEpoch, first_key: Key) -> Self {
        Self::from_chain(LogChain::begin(epoch, first_key))
    }

    /// From a position that was verified before.
    #[must_use]
    pub const fn from_chain(chain: LogChain) -> Self {
        Self::on(LogGround::Keyed, chain)
    }

    /// From an index on, where the first chain that is to be verified has not begun yet or begins somewhere behind: what came before it
    /// was not for whoever asks.
    #[must_use]
    pub const fn before_the_first(next: u64) -> Self {
        let chain = LogChain {
            epoch: KeyEpoch::FIRST,
            next,
            key: Key::from_bytes([0; Key::BYTES]),
            last: LogMac::NONE,
        };
        Self::on(LogGround::Start, chain)
    }

    /// From within an epoch whose key is lost, since the entry `since`.
    #[must_use]
    pub const fn without_key(epoch: KeyEpoch, next: u64, last: LogMac, since: u64) -> Self {
        let key = Key::from_bytes([0; Key::BYTES]);
        Self::on(LogGround::Lost { since }, LogChain { epoch, next, key, last })
    }

    const fn on(ground: LogGround, chain: LogChain) -> Self {
        let before = [chain.last; 2];
        let (unverified, unexplained) = (None, None);
        Self { chain, ground, unverified, before, is_anchored: true, unexplained, verified: 0, faults: 0 }
    }

    /// The same, where entries before the position were missing and not [explained](Self::unexplained).
    #[must_use]
    pub fn with_unexplained(self, missing: Option<Missing>) -> Self {
        Self { unexplained: missing, ..self }
    }

    /// Takes what is missing as lost: whoever calls this keeps it as a fault.
    pub fn give_up_unexplained(&mut self) {
        self.unexplained = None;
    }

    /// The position behind what was walked past, to go on from later. What is unexplained is not in it: keep it beside, for
    /// [`with_unexplained`](Self::with_unexplained). Its key is blank unless the [ground](Self::ground) is [`LogGround::Keyed`].
    #[must_use]
    pub const fn chain(&self) -> &LogChain {
        &self.chain
    }

    /// Whether it has the key of where it stands.
    #[must_use]
    pub const fn ground(&self) -> LogGround {
        self.ground
    }

    /// Entries that are missing and that nothing has explained yet: the range from the first such one to the last.
    #[must_use]
    pub const fn unexplained(&self) -> Option<Missing> {
        self.unexplained
    }

    /// A stretch of the log that could not be verified for want of its key and is over, told once.
    pub const fn take_unverified(&mut self) -> Option<Missing> {
        self.unverified.take()
    }

    /// Takes the next entry, as it was exported. `later` are the first keys of the epochs that may have begun since.
    ///
    /// # Errors
    /// `Reordered`, `TooFar`, `Edited`, `Forked`. The verifier goes on behind the entry, or stays where it was when the index is
    /// behind it or too far ahead.
    pub fn entry<S: Suite>(
        &mut self,
        index: u64,
        previous: LogMac,
        mac: LogMac,
        body: &[u8],
        later: &[FirstKey],
    ) -> Result<Walked, LogFault> {
        let result = self.walk::<S>(index, previous, mac, body, later);
        let count = if result.is_ok() { &mut self.verified } else { &mut self.faults };
        *count = count.saturating_add(1);
        result
    }

    /// The entry that was just verified says that `epoch` begins: what comes next is the first entry of its chain.
    pub fn hand_over(&mut self, epoch: KeyEpoch, later: &[FirstKey]) -> HandOver {
        if self.ground != LogGround::Keyed || epoch <= self.chain.epoch {
            return HandOver::NotLater;
        }
        self.chain.epoch = epoch;
        (self.verified, self.faults) = (0, 0);
        if let Some(first) = later.iter().find(|first| first.epoch == epoch) {
            self.chain.key = first.key.duplicate();
            HandOver::Continues
        } else {
            self.chain.key.erase();
            self.ground = LogGround::Lost { since: self.chain.next };
            HandOver::KeyLost
        }
    }

    fn walk<S: Suite>(
        &mut self,
        index: u64,
        previous: LogMac,
        mac: LogMac,
        body: &[u8],
        later: &[FirstKey],
    ) -> Result<Walked, LogFault> {
        let expected = self.chain.next;
        let Some(ahead) = index.checked_sub(expected) else {
            self.came_late(index);
            return Err(LogFault::Reordered { index, expected });
        };
        if ahead > MAX_LOG_JUMP && self.ground != LogGround::Start {
            return Err(LogFault::TooFar { index });
        }
        if self.ground == LogGround::Keyed {
            let key = key_after::<S>(&self.chain.key, ahead);
            let computed = entry_mac::<S>(&key, self.chain.epoch, index, previous, body);
            let is_right = fits(&mac.0, &computed.0);
            // Where a later one fits nothing, another chain may have begun before it.
            if is_right || ahead == 0 {
                return self.walk_on::<S>((index, ahead), previous, [mac, computed], &key);
            }
        }
        let is_right = |epoch, key: &Key| fits(&mac.0, &entry_mac::<S>(key, epoch, index, previous, body).0);
        if let Some(found) =
            self.most_ahead(ahead).and_then(|most| find::<S>(later, self.after(), most, is_right))
        {
            return Ok(self.enter::<S>(&found, index, mac));
        }
        match self.ground {
            // Nothing proves this index: the walk stays where it is.
            LogGround::Keyed | LogGround::Start => Err(LogFault::Edited { index }),
            LogGround::Lost { .. } => {
                (self.chain.next, self.chain.last) = (index.saturating_add(1), mac);
                Ok(Walked::Unverified)
            }
        }
    }

    /// Walks past an entry of the chain at hand: its own MAC, and the one that it should have.
    fn walk_on<S: Suite>(
        &mut self,
        (index, ahead): (u64, u64),
        previous: LogMac,
        macs: [LogMac; 2],
        key: &Key,
    ) -> Result<Walked, LogFault> {
        let first = self.chain.next;
        let missing = ahead.checked_sub(1).map(|_| Missing { first, last: index.saturating_sub(1) });
        let follows = missing.is_some() || self.before.contains(&previous);
        let was_anchored = self.is_anchored || missing.is_some();
        if let Some(missing) = missing {
            self.miss(missing);
        }
        let [mac, computed] = macs;
        let is_right = fits(&mac.0, &computed.0);
        self.chain.next = index.saturating_add(1);
        self.chain.key = next_key::<S>(key);
        self.chain.last = mac;
        (self.before, self.is_anchored) = (macs, is_right);
        if !is_right {
            return Err(LogFault::Edited { index });
        }
        if follows || !was_anchored {
            Ok(Walked::Right { missing, begins: None })
        } else {
            Err(LogFault::Forked { index })
        }
    }

    /// How many entries of another chain may lie before one that is so far ahead: in a chain at hand the first entry that is missing is the
    /// one that says that it ends.
    const fn most_ahead(&self, ahead: u64) -> Option<u64> {
        match self.ground {
            LogGround::Keyed => ahead.checked_sub(1),
            LogGround::Start | LogGround::Lost { .. } => Some(ahead),
        }
    }

    /// A chain that is found is of a later epoch than this.
    const fn after(&self) -> Option<KeyEpoch> {
        match self.ground {
            LogGround::Keyed | LogGround::Lost { .. } => Some(self.chain.epoch),
            LogGround::Start => None,
        }
    }

    /// Walks past an entry of a chain that begins between where the walk stood and that entry.
    fn enter<S: Suite>(&mut self, found: &Found, index: u64, mac: LogMac) -> Walked {
        let begins = index.saturating_sub(found.steps);
        let first = match self.ground {
            LogGround::Keyed => self.chain.next,
            LogGround::Start | LogGround::Lost { .. } => begins,
        };
        let missing = (first < index).then_some(Missing { first, last: index.saturating_sub(1) });
        if let Some(missing) = missing {
            self.miss(missing);
        }
        self.stand_on_key(begins);
        let (epoch, next, key) = (found.epoch, index.saturating_add(1), next_key::<S>(&found.key));
        self.chain = LogChain { epoch, next, key, last: mac };
        (self.before, self.is_anchored, self.verified, self.faults) = ([mac; 2], true, 0, 0);
        Walked::Right { missing, begins: Some(begins) }
    }

    /// What had no key ends before this index.
    fn stand_on_key(&mut self, begins: u64) {
        let since = match self.ground {
            LogGround::Keyed => begins,
            LogGround::Start => self.chain.next,
            LogGround::Lost { since } => since,
        };
        let last = begins.checked_sub(1).filter(|last| since <= *last);
        self.unverified = last.map(|last| Missing { first: since, last });
        self.ground = LogGround::Keyed;
    }

    /// The entry that was just verified says that these were overwritten. Whether that explains all that was unexplained.
    pub fn explain(&mut self, overwritten: Missing) -> bool {
        let is_past = overwritten.last < self.chain.next;
        let explains =
            |missing: Missing| overwritten.first <= missing.first && missing.last <= overwritten.last;
        if is_past && self.unexplained.is_some_and(explains) {
            self.unexplained = None;
            true
        } else {
            false
        }
    }

    /// Ends the walk with the head that answers `nonce`.
    ///
    /// # Errors
    /// The first of `HeadBehind`, `TooFar`, `NoKey`, `WrongKey`, `NotFresh`, `Truncated`, `Dropped` that holds.
    pub fn head<S: Suite>(
        &mut self,
        head: &LogHead,
        nonce: &[u8; 16],
        later: &[FirstKey],
    ) -> Result<(), LogFault> {
        let Some(ahead) = head.next.checked_sub(self.chain.next) else {
            return Err(LogFault::HeadBehind { next: head.next });
        };
        if ahead > MAX_LOG_JUMP && self.ground != LogGround::Start {
            return Err(LogFault::TooFar { index: head.next });
        }
        if self.ground != LogGround::Keyed || head.epoch != self.chain.epoch {
            self.head_of_later::<S>(head, ahead, nonce, later)?;
        } else if !fits(&head.tag, &head_tag::<S>(&key_after::<S>(&self.chain.key, ahead), head, nonce)) {
            return Err(self.unfit_head());
        }
        if let Some(last) = head.next.checked_sub(1).filter(|last| self.chain.next <= *last) {
            return Err(LogFault::Truncated(Missing { first: self.chain.next, last }));
        }
        match self.unexplained {
            Some(missing) => Err(LogFault::Dropped(missing)),
            None if self.before.contains(&head.last) || !self.is_anchored => Ok(()),
            None => Err(LogFault::Edited { index: head.next.saturating_sub(1) }),
        }
    }

    /// Judges the tag of a head of another chain than the one at hand. Where that chain has no entry yet, the walk stands at its beginning
    /// then.
    fn head_of_later<S: Suite>(
        &mut self,
        head: &LogHead,
        ahead: u64,
        nonce: &[u8; 16],
        later: &[FirstKey],
    ) -> Result<(), LogFault> {
        if self.ground != LogGround::Keyed && later.iter().all(|first| first.epoch != head.epoch) {
            return Err(LogFault::NoKey { epoch: head.epoch });
        }
        let is_right =
            |epoch, key: &Key| epoch == head.epoch && fits(&head.tag, &head_tag::<S>(key, head, nonce));
        let most = self.most_ahead(ahead).ok_or_else(|| self.unfit_head())?;
        let found = find::<S>(later, self.after(), most, is_right).ok_or_else(|| self.unfit_head())?;
        let is_begun = match self.ground {
            LogGround::Keyed => false,
            LogGround::Start => found.steps == 0,
            LogGround::Lost { .. } => ahead == 0,
        };
        if is_begun {
            self.stand_on_key(head.next);
            self.chain = LogChain { epoch: found.epoch, next: head.next, key: found.key, last: head.last };
            (self.before, self.is_anchored) = ([head.last; 2], true);
        }
        Ok(())
    }

    const fn unfit_head(&self) -> LogFault {
        if self.verified == 0 && self.faults > 0 { LogFault::WrongKey } else { LogFault::NotFresh }
    }

    fn miss(&mut self, missing: Missing) {
        let first = self.unexplained.map_or(missing.first, |before| before.first);
        self.unexplained = Some(Missing { first, last: missing.last });
    }

    /// An entry that was missing is only late: what is named is its order. Those inside a longer range stay missing.
    fn came_late(&mut self, index: u64) {
        let Some(Missing { first, last }) = self.unexplained else { return };
        self.unexplained = match (index == first, index == last) {
            (true, true) => None,
            (true, false) => Some(Missing { first: first.saturating_add(1), last }),
            (false, true) => Some(Missing { first, last: last.saturating_sub(1) }),
            (false, false) => Some(Missing { first, last }),
        };
    }
}

impl fmt::Debug for LogVerifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LogVerifier")
            .field("chain", &self.chain)
            .field("ground", &self.ground)
            .field("unexplained", &self.unexplained)
            .field("verified", &self.verified)
            .finish_non_exhaustive()
    }
}

/// The key `steps` entries later.
pub(super) fn key_after<S: Suite>(key: &Key, steps: u64) -> Key {
    (0..steps).fold(key.duplicate(), |key, _| next_key::<S>(&key))
}
