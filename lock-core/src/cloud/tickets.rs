//! Issuing virtual keys (section 10).

use lock_crypto::ticket::seal_root;
use lock_crypto::{ChainTag, Key, Label, Suite, TicketScope};
use lock_proto::{
    Caveat, CaveatError, Caveats, MinuteOfDay, Seconds, Ticket, TicketRights, UnixMillis, Weekdays,
    encode_caveats,
};
use zeroize::Zeroizing;

use super::LockKeys;
use crate::virtual_key::VirtualKey;

/// A window of each week, by the lock's local clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WeeklyWindow {
    /// The days on which it begins.
    pub days: Weekdays,
    /// When it begins.
    pub from: MinuteOfDay,
    /// The first minute after it; at or before `from` it is on the next day.
    pub until: MinuteOfDay,
}

impl WeeklyWindow {
    /// Whether a lock takes it.
    const fn is_valid(&self) -> bool {
        let is_day = self.days.0 != 0 && self.days.0 & !Weekdays::ALL.0 == 0;
        is_day && self.from.0 < MINUTES && self.until.0 < MINUTES
    }
}

/// Minutes of a day.
const MINUTES: u16 = 24 * 60;

/// How often a virtual key opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Uses {
    /// As often as its other conditions hold.
    #[default]
    Many,
    /// Once, for all who were given it; it needs a last moment.
    Single,
}

/// What a virtual key, or one that is narrowed, says besides whom it is from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Conditions {
    /// No other rights; `None` narrows nothing.
    pub rights: Option<TicketRights>,
    /// Not before this moment.
    pub not_before: Option<UnixMillis>,
    /// Not after this moment.
    pub not_after: Option<UnixMillis>,
    /// Within this window of each week.
    pub weekly: Option<WeeklyWindow>,
    /// Whether it opens once.
    pub uses: Uses,
    /// How often it may be narrowed further and passed on: at most four times; `None` for a new key means never.
    pub depth: Option<u8>,
    /// The lock must have heard its cloud within this time: the bound of a revocation.
    pub staleness: Option<Seconds>,
}

impl Conditions {
    /// The caveats, in their order.
    pub(crate) fn caveats(&self) -> impl Iterator<Item = Caveat> {
        let weekly =
            self.weekly.map(|WeeklyWindow { days, from, until }| Caveat::Weekly { days, from, until });
        [
            self.rights.map(Caveat::Rights),
            self.not_before.map(Caveat::NotBefore),
            self.not_after.map(Caveat::NotAfter),
            weekly,
            (self.uses == Uses::Single).then_some(Caveat::SingleUse),
            self.depth.map(Caveat::Depth),
            self.staleness.map(Caveat::Staleness),
        ]
        .into_iter()
        .flatten()
    }

    /// Writes them as the bytes of a block (section 10.1), to be kept beside a key that was issued; [`Ticket::MAX_BLOCK`] bytes suffice.
    ///
    /// # Errors
    /// [`CaveatError::TooLong`] for a shorter `out`.
    pub fn encode<'o>(&self, out: &'o mut [u8]) -> Result<&'o mut [u8], CaveatError> {
        encode_caveats(self.caveats(), out)
    }

    /// Reads a block: what [`encode`](Self::encode) wrote, or what the holder of a key says in one that is narrowed.
    ///
    /// # Errors
    /// [`CaveatError::Unknown`], also for a caveat that only the root of a key has, and [`CaveatError::OutOfOrder`].
    pub fn decode(block: &[u8]) -> Result<Self, CaveatError> {
        let mut conditions = Self::default();
        for caveat in Caveats::of(block) {
            match caveat? {
                Caveat::Rights(rights) => conditions.rights = Some(rights),
                Caveat::NotBefore(first) => conditions.not_before = Some(first),
                Caveat::NotAfter(last) => conditions.not_after = Some(last),
                Caveat::Weekly { days, from, until } => {
                    conditions.weekly = Some(WeeklyWindow { days, from, until });
                }
                Caveat::SingleUse => conditions.uses = Uses::Single,
                Caveat::Depth(depth) => conditions.depth = Some(depth),
                Caveat::Staleness(longest) => conditions.staleness = Some(longest),
                Caveat::Serial(_) | Caveat::Issued(_) | Caveat::Epoch(_) | Caveat::Holder(_) => {
                    return Err(CaveatError::Unknown);
                }
            }
        }
        Ok(conditions)
    }
}

/// A virtual key that is issued for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NewTicket {
    /// Its number, from 1, used once for this lock and key epoch: by it the key can be denied.
    pub serial: u64,
    /// The cloud's clock now.
    pub issued: UnixMillis,
    /// The revocation epoch that the lock is told, or is to be told.
    pub epoch: u32,
    /// What it yields. `rights` of `None` stands for lock, unlock and status.
    pub conditions: Conditions,
}

/// Why a virtual key is not issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// Number 0 is no key.
    #[error("the number of a virtual key is 1 or more; take the next one")]
    NoSerial,
    /// A single use that no moment ends would have to be remembered for ever.
    #[error("a key for one use needs a last moment; set `not_after`")]
    SingleUseWithoutEnd,
    /// Deeper than a lock follows.
    #[error("a key can be passed on at most four times; lower `depth`")]
    TooDeep,
    /// Nothing could be done with it.
    #[error(
        "a key yields at least one right, and the latch only together with unlocking; name the rights again"
    )]
    NoSuchRights,
    /// A lock refuses such a window.
    #[error(
        "a weekly window has at least one day, and begins and ends at a minute from 0 to 1439; midnight is 0"
    )]
    NoSuchWindow,
    /// The conditions do not fit.
    #[error(transparent)]
    Caveats(#[from] CaveatError),
}

impl<S: Suite> LockKeys<S> {
    /// Issues a virtual key. `holder` is the secret that the holder registered, where the key is to be bound to it: a link that is stolen
    /// on its way is then worth nothing. `entropy` is 32 random bytes; if the source is broken, nothing is lost.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn issue(
        &self,
        new: &NewTicket,
        holder: Option<&Key>,
        entropy: &[u8; 32],
    ) -> Result<VirtualKey<S>, IssueError> {
        let conditions = &new.conditions;
        if new.serial == 0 {
            return Err(IssueError::NoSerial);
        }
        if conditions.uses == Uses::Single && conditions.not_after.is_none() {
            return Err(IssueError::SingleUseWithoutEnd);
        }
        if conditions.depth.is_some_and(|depth| usize::from(depth) > Ticket::MAX_BLOCKS) {
            return Err(IssueError::TooDeep);
        }
        if let Some(rights) = conditions.rights {
            let is_latch_alone =
                rights.contain(TicketRights::UNLATCH) && !rights.contain(TicketRights::UNLOCK);
            if rights == TicketRights(0) || is_latch_alone || !TicketRights::ALL.contain(rights) {
                return Err(IssueError::NoSuchRights);
            }
        }
        if conditions.weekly.is_some_and(|weekly| !weekly.is_valid()) {
            return Err(IssueError::NoSuchWindow);
        }
        let value = holder.map(|secret| lock_crypto::holder_value::<S>(secret, self.lock_id));
        let usual = TicketRights::LOCK.or(TicketRights::UNLOCK).or(TicketRights::STATUS);
        let said = Conditions { rights: conditions.rights.or(Some(usual)), ..*conditions };
        let head = [Caveat::Serial(new.serial), Caveat::Issued(new.issued), Caveat::Epoch(new.epoch)];
        let bound = value.as_ref().map(|value| Caveat::Holder(*value.expose()));
        let mut root = Zeroizing::new([0; Ticket::MAX_ROOT]);
        let root = encode_caveats(head.into_iter().chain(bound).chain(said.caveats()), root.as_mut_slice())?;
        let tag = ChainTag::<S>::root(self.leaves.leaf(Label::Ticket), root);
        let scope = TicketScope {
            lock_id: self.lock_id,
            key_epoch: self.key_epoch,
            encryption: self.leaves.leaf(Label::TicketEncryption),
        };
        let (iv, seal) = seal_root::<S>(&scope, root, entropy);
        Ok(VirtualKey::new(self, &iv, root, &seal, tag, value.is_some())?)
    }
}
