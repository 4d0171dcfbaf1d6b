//! What a virtual key yields: its caveats taken together, each one narrower than all before it (protocol section 10).
//!
//! Pure, for the lock, the cloud and the holder's preview alike.

use lock_proto::{
    Caveat, Caveats, MinuteOfDay, Reason, Seconds, Span, Ticket, TicketRights, UnixMillis, Weekdays, Zone,
};

use crate::configuration::is_valid_span;
use crate::schedule::{holds, next_start};
use crate::tickets::TicketBook;
use crate::{ActionKind, ClockReading, Refusal};

/// A root and its blocks.
const LEVELS: usize = 1 + Ticket::MAX_BLOCKS;

/// All that a virtual key says, as one rule. Made by [`Grant::read`] alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Grant {
    /// The number of the key.
    pub serial: u64,
    /// When it was issued.
    pub issued: UnixMillis,
    /// The revocation epoch in which it was issued.
    pub epoch: u32,
    /// What the holder may do.
    pub rights: TicketRights,
    /// Not before this moment: the latest that any block says.
    pub not_before: Option<UnixMillis>,
    /// Not after this moment: the earliest that any block says.
    pub not_after: Option<UnixMillis>,
    /// The longest time since the lock has heard its cloud: the shortest that any block says.
    pub staleness: Option<Seconds>,
    /// The single use that it is, where it is one.
    pub single_use: Option<SingleUse>,
    /// How many blocks narrow it.
    pub blocks: u8,
    weekly: [Option<Weekly>; LEVELS],
}

/// That a key opens once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SingleUse {
    /// The number under which the use is remembered.
    pub id: u64,
    /// Until then it has to be: the end of all keys that share it.
    pub until: UnixMillis,
    /// Who said so.
    pub said_by: UseOrigin,
}

/// Who made a key one for a single use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UseOrigin {
    /// The cloud, when it issued the key.
    Cloud,
    /// A holder, who narrowed it.
    Holder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Weekly {
    days: Weekdays,
    from: MinuteOfDay,
    until: MinuteOfDay,
}

impl Weekly {
    const fn span(self) -> Span {
        Span::Weekly { days: self.days, from: self.from, until: self.until }
    }
}

/// Where a virtual key is judged.
#[derive(Clone, Copy, Debug)]
pub struct GrantSituation<'s> {
    /// Between which bounds the true time lies.
    pub clock: ClockReading,
    /// The local clock.
    pub zone: &'s Zone,
    /// The newest time that the cloud has told; 0 for none.
    pub cloud_heard: UnixMillis,
    /// What is revoked and used.
    pub book: &'s TicketBook,
}

impl Grant {
    /// Reads the caveats of a root and of the blocks behind it. `use_id` gives the number of a use at a level: 0 for the root, then the
    /// blocks.
    ///
    /// # Errors
    /// `InvalidTicket` for a caveat that is unknown, out of order, or not the speaker's to say; for a root without serial, moment, epoch
    /// or rights; for more blocks than a caveat allows; for a use that no moment ends which was said up to there.
    pub fn read<'b>(
        root: &[u8],
        blocks: impl Iterator<Item = &'b [u8]>,
        use_id: impl Fn(usize) -> Option<u64>,
    ) -> Result<Self, Reason> {
        let mut grant = Self {
            serial: 0,
            issued: UnixMillis(0),
            epoch: 0,
            rights: TicketRights::ALL,
            not_before: None,
            not_after: None,
            staleness: None,
            single_use: None,
            blocks: 0,
            weekly: [None; LEVELS],
        };
        let mut said = 0_u32;
        // A root without a depth is not to be passed on.
        let mut depth_left = 0;
        for caveat in Caveats::of(root) {
            let caveat = caveat.map_err(|_| Reason::InvalidTicket)?;
            said |= 1 << caveat.number();
            grant.narrow(&caveat, 0, &mut depth_left, &use_id)?;
        }
        let needed = [
            Caveat::Serial(0),
            Caveat::Issued(UnixMillis(0)),
            Caveat::Epoch(0),
            Caveat::Rights(TicketRights(0)),
        ];
        if grant.serial == 0 || needed.iter().any(|caveat| said & (1 << caveat.number()) == 0) {
            return Err(Reason::InvalidTicket);
        }
        for (level, block) in (1..).zip(blocks) {
            if depth_left == 0 || level >= LEVELS {
                return Err(Reason::InvalidTicket);
            }
            depth_left = depth_left.saturating_sub(1);
            grant.blocks = grant.blocks.saturating_add(1);
            for caveat in Caveats::of(block) {
                let caveat = caveat.map_err(|_| Reason::InvalidTicket)?;
                if caveat.is_root_only() {
                    return Err(Reason::InvalidTicket);
                }
                grant.narrow(&caveat, level, &mut depth_left, &use_id)?;
            }
        }
        Ok(grant)
    }

    fn narrow(
        &mut self,
        caveat: &Caveat,
        level: usize,
        depth_left: &mut u8,
        use_id: &impl Fn(usize) -> Option<u64>,
    ) -> Result<(), Reason> {
        match *caveat {
            Caveat::Serial(serial) => self.serial = serial,
            Caveat::Issued(issued) => self.issued = issued,
            Caveat::Epoch(epoch) => self.epoch = epoch,
            // The chain of tags holds it.
            Caveat::Holder(_) => {}
            Caveat::Rights(rights) if TicketRights::ALL.contain(rights) => {
                self.rights = self.rights.and(rights);
            }
            Caveat::Rights(_) => return Err(Reason::InvalidTicket),
            Caveat::NotBefore(first) => self.not_before = self.not_before.max(Some(first)),
            Caveat::NotAfter(last) => {
                self.not_after = Some(self.not_after.map_or(last, |before| before.min(last)));
            }
            Caveat::Weekly { days, from, until } => {
                let weekly = Weekly { days, from, until };
                if !is_valid_span(&weekly.span()) {
                    return Err(Reason::InvalidTicket);
                }
                *self.weekly.get_mut(level).ok_or(Reason::InvalidTicket)? = Some(weekly);
            }
            // The first use stands for all that follow, and its end is the end that was said up to there: whoever narrows it can neither
            // make a second one of it nor have it forgotten earlier. A block's NotAfter stands before its SingleUse.
            Caveat::SingleUse if self.single_use.is_none() => {
                let id = use_id(level).ok_or(Reason::InvalidTicket)?;
                let until = self.not_after.ok_or(Reason::InvalidTicket)?;
                let said_by = if level == 0 { UseOrigin::Cloud } else { UseOrigin::Holder };
                self.single_use = Some(SingleUse { id, until, said_by });
            }
            Caveat::SingleUse => {}
            Caveat::Depth(most) => {
                *depth_left =
                    if level == 0 { most.min(Ticket::MAX_BLOCKS as u8) } else { (*depth_left).min(most) };
            }
            Caveat::Staleness(longest) => {
                self.staleness = Some(self.staleness.map_or(longest, |before| before.min(longest)));
            }
        }
        Ok(())
    }

    /// The right that an action needs; `None` for what no virtual key ever does.
    #[must_use]
    pub const fn needed(action: ActionKind) -> Option<TicketRights> {
        match action {
            ActionKind::Lock => Some(TicketRights::LOCK),
            ActionKind::Unlock => Some(TicketRights::UNLOCK),
            // The bolt is withdrawn before the latch is pulled.
            ActionKind::Unlatch => Some(TicketRights::UNLATCH.or(TicketRights::UNLOCK)),
            ActionKind::SetMode(_)
            | ActionKind::Exercise
            | ActionKind::EndLockout
            | ActionKind::Configure
            | ActionKind::EndOwnership
            | ActionKind::InstallUpdate => None,
        }
    }

    /// Whether the key may be used for something that needs `right`, now and here. Each condition holds for every moment between the two
    /// bounds of the clock, or it does not hold.
    ///
    /// # Errors
    /// `TicketRevoked`; `NotPermitted`; `ClockNotTrusted` for a key that is limited in time while the clock is not trusted;
    /// `OutsideValidity`, `OutsideSchedule` with the next moment; `TicketStale`.
    pub fn admits(&self, right: TicketRights, situation: &GrantSituation<'_>) -> Result<(), Refusal> {
        if situation.book.is_revoked(self) {
            return Err(Reason::TicketRevoked.into());
        }
        if !self.rights.contain(right) {
            return Err(Reason::NotPermitted.into());
        }
        if !self.is_limited_in_time() {
            return Ok(());
        }
        let ClockReading::Trusted { earliest, latest } = situation.clock else {
            return Err(Reason::ClockNotTrusted.into());
        };
        if self.not_after.is_some_and(|last| latest > last) {
            return Err(Reason::OutsideValidity.into());
        }
        if self.not_before.is_some_and(|first| earliest < first) {
            let next_at = self.next(situation.zone, latest);
            return Err(Refusal { reason: Reason::OutsideValidity, retry_after: None, next_at });
        }
        if !self.windows().all(|window| holds(&window, situation.zone, earliest, latest)) {
            let next_at = self.next(situation.zone, latest);
            return Err(Refusal { reason: Reason::OutsideSchedule, retry_after: None, next_at });
        }
        let is_stale = |longest: Seconds| {
            let heard = situation.cloud_heard;
            heard == UnixMillis(0) || latest.millis_since(heard) > longest.as_millis()
        };
        if self.staleness.is_some_and(is_stale) { Err(Reason::TicketStale.into()) } else { Ok(()) }
    }

    const fn is_limited_in_time(&self) -> bool {
        let [a, b, c, d, e] = &self.weekly;
        let weekly = a.is_some() || b.is_some() || c.is_some() || d.is_some() || e.is_some();
        weekly || self.not_before.is_some() || self.not_after.is_some() || self.staleness.is_some()
    }

    fn windows(&self) -> impl Iterator<Item = Span> {
        self.weekly.iter().flatten().map(|weekly| weekly.span())
    }

    /// The next moment at which dates and windows all hold, as far as one look ahead finds it; `None` where there is none.
    fn next(&self, zone: &Zone, latest: UnixMillis) -> Option<UnixMillis> {
        let mut at = self.not_before.map_or(latest, |first| first.max(latest));
        // Each window moves it on; after as many rounds as there are windows it stands, or they hardly ever meet.
        for _ in 0..=LEVELS {
            let next = self.windows().try_fold(at, |at, window| next_start(&window, zone, at))?;
            if self.windows().all(|window| holds(&window, zone, next, next)) {
                return self.not_after.is_none_or(|last| next <= last).then_some(next);
            }
            at = next;
        }
        None
    }
}
