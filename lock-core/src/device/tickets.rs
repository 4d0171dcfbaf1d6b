//! Virtual keys at the door: the handshake of a holder, what the key yields, and what becomes of a holder's command (section 10).
//!
//! A holder's command needs no ledger. It is as fresh as the Hello or the record that brings it, and neither comes twice; after a power
//! cut the session that could ask for it is gone. What must not happen twice over all sessions, a single use, is in the book of tickets,
//! and durable before the bolt moves.

use lock_crypto::ticket::open_root;
use lock_crypto::{Authenticated, ChainTag, Key, KeySelector, Label, Suite, TicketScope};
use lock_proto::{
    Action, Caveat, Caveats, CommandId, Outcome, Query, Reason, Request, Ticket, TicketRights, Uptime,
};
use lock_state::{ActionKind, Ask, Decision, Deed, Grant, Order, Refusal, Source, Tables};
use zeroize::Zeroizing;

use super::command::{Timeliness, Via};
use super::links::Peer;
use super::steps::{Answering, Step};
use super::{Device, LinkId, RecordTag};

/// The lock's own numbers for commands of holders begin here: no cloud's number comes near.
const HOLDERS: u64 = 1 << 63;

/// What the holder on a link was granted, and the last command that came from there.
#[derive(Debug, Default)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Holding {
    grant: Option<Grant>,
    command: Option<Held>,
}

impl Holding {
    /// Reads what a ticket yields, whose holder has proven to be one.
    #[inline(never)]
    fn read<S: Suite>(&mut self, root: &[u8], ticket: &Ticket<'_>, chain: &Chain<S>) {
        self.grant = Grant::read(root, ticket.blocks(), |level| chain.use_id(level)).ok();
    }
}

/// A command of a holder.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
struct Held {
    /// The lock's number for it.
    inner: CommandId,
    /// The holder's, which counts in this session alone.
    id: CommandId,
    outcome: Outcome,
}

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    /// Tries the one key that follows from the ticket of a Message1. What fails anywhere is silent, like a wrong key of the cloud.
    #[inline(never)]
    pub(super) fn open_with_ticket<'p>(
        &mut self,
        link: LinkId,
        version: u8,
        ticket_bytes: &[u8],
        handshake: &'p mut [u8],
        holding: &mut Holding,
    ) -> Option<Authenticated<&'p [u8]>> {
        let ticket = Ticket::parse(ticket_bytes).ok()?;
        let mut root = Zeroizing::new([0; Ticket::MAX_ROOT]);
        let root = root.get_mut(..ticket.root.len())?;
        root.iter_mut().zip(ticket.root).for_each(|(to, from)| *to = *from);
        let leaves = &self.identity.leaves;
        let scope = TicketScope {
            lock_id: self.identity.lock_id,
            key_epoch: self.identity.key_epoch,
            encryption: leaves.leaf(Label::TicketEncryption),
        };
        open_root::<S>(&scope, ticket.iv, root, ticket.tag).ok()?;
        let chain = Chain::<S>::of(leaves.leaf(Label::Ticket), root, &ticket);
        let selector = KeySelector::Ticket(ticket_bytes);
        self.prepare(link, &chain.last()?.psk(), self.identity.key_epoch, version, selector)?;
        let payload = self.open_prepared(link, handshake)?;
        // Only now is it certain that each block is its maker's.
        holding.read(root, &ticket, &chain);
        Some(payload)
    }

    /// Takes a request of a holder.
    #[inline(never)]
    pub(super) fn holder_request(
        &mut self,
        via: Via,
        request: Authenticated<&Request>,
        timeliness: Timeliness,
        now: Uptime,
    ) {
        let (Via::Handshake(link) | Via::Session(link) | Via::Sealed(link)) = via;
        let answering = match *request.get() {
            Request::Nothing => Answering::Nothing,
            Request::Query(Query::Status) if self.may_see(link, now) => Answering::Status,
            Request::Query(Query::Command(id)) => Answering::Held { link, id: (*id).into(), repeat: true },
            Request::Query(
                Query::Status
                | Query::Marks(_)
                | Query::Digest
                | Query::Items { .. }
                | Query::Health
                | Query::Rotation
                | Query::Secrets { .. }
                | Query::Log { .. }
                | Query::Update
                | Query::Tickets,
            ) => Answering::NotUnderstood,
            Request::Command { id, action } => {
                let (id, deed) = (*id, Deed::of(action));
                if self.held(link, id).is_some() {
                    Answering::Held { link, id: id.into(), repeat: true }
                } else {
                    match self.holder_command(link, id, request.map(|_| deed), timeliness, now) {
                        Ok(()) => Answering::Held { link, id: id.into(), repeat: false },
                        Err(reason) => {
                            self.lock.count_refusal(reason);
                            self.note_refusal(reason, Source::VirtualKey, self.serial_on(link), now);
                            Answering::Settled {
                                id: id.into(),
                                outcome: Outcome::Refused(reason),
                                repeat: false,
                            }
                        }
                    }
                }
            }
        };
        self.answer(via, answering);
    }

    fn may_see(&mut self, link: LinkId, now: Uptime) -> bool {
        let grant = self.links.of(link).and_then(|state| state.holding.grant);
        grant.is_some_and(|grant| self.lock.may_see(&grant, &self.tickets, now).is_ok())
    }

    /// Judges the key anew for each command; notes a single use, durably, before the motor.
    #[inline(never)]
    fn holder_command(
        &mut self,
        link: LinkId,
        id: CommandId,
        deed: Authenticated<Option<Deed>>,
        timeliness: Timeliness,
        now: Uptime,
    ) -> Result<(), Reason> {
        let until = match timeliness {
            Timeliness::Until(until) => until,
            Timeliness::Not(reason) => return Err(reason),
        };
        let deed = deed.try_map(|deed| deed.ok_or(Reason::NotPermitted))?;
        let grant = self.links.of(link).and_then(|state| state.holding.grant).ok_or(Reason::InvalidTicket)?;
        if !is_within(*deed.get(), grant.rights) {
            return Err(Reason::NotPermitted);
        }
        let action = ActionKind::from(*deed.get());
        let ask = Ask { action, source: Source::VirtualKey };
        if let Decision::Deny(Refusal { reason, .. }) =
            self.lock.preview_grant(&ask, &grant, &self.tickets, now)
        {
            return Err(reason);
        }
        let inner = self.next_holder_command(link);
        let order = deed.map(|deed| Order { id: inner, deed, source: Source::VirtualKey });
        let act = self.steps.hold(order, until).ok_or(Reason::StorageBusy)?;
        if action.opens() {
            match self.tickets.take_use(&grant, self.lock.time_floor(now)) {
                Ok(true) => self.steps.push(Step::Persist(RecordTag::Tickets)),
                Ok(false) => {}
                Err(reason) => {
                    if let Step::Obey(held) = act {
                        let _ = self.steps.take_order(&held);
                    }
                    return Err(reason);
                }
            }
        }
        if let Some(state) = self.links.of(link) {
            state.holding.command = Some(Held { inner, id, outcome: Outcome::Started });
        }
        self.steps.push(act);
        Ok(())
    }

    fn next_holder_command(&mut self, link: LinkId) -> CommandId {
        self.holder_commands = self.holder_commands.wrapping_add(1);
        CommandId(HOLDERS | u64::from(self.holder_commands) << 8 | u64::from(link.0))
    }

    fn held(&mut self, link: LinkId, id: CommandId) -> Option<Held> {
        self.links.of(link)?.holding.command.filter(|held| held.id == id)
    }

    /// How it stands with a command of the holder on a link.
    pub(super) fn holder_outcome(&self, link: LinkId, id: CommandId) -> Outcome {
        let command = self.links.holding(link).and_then(|holding| holding.command);
        command.filter(|held| held.id == id).map_or(Outcome::NotExecuted, |held| held.outcome)
    }

    /// What the log names as the asker of an order: the command of the cloud, or the number of the key.
    pub(super) fn asked_by(&self, id: CommandId) -> Option<CommandId> {
        if !T::PARTS.virtual_keys || id.0 & HOLDERS == 0 {
            return Some(id);
        }
        let [.., link] = id.0.to_be_bytes();
        self.serial_on(LinkId(link))
    }

    /// The number of the key of the holder on a link.
    fn serial_on(&self, link: LinkId) -> Option<CommandId> {
        let grant = self.links.holding(link).and_then(|holding| holding.grant);
        grant.map(|grant| CommandId(grant.serial))
    }

    /// Notes how a holder's command ended and tells the holder who is still there. `false` for a command that is no holder's.
    pub(super) fn holder_finished(&mut self, inner: CommandId, outcome: Outcome) -> bool {
        if !T::PARTS.virtual_keys || inner.0 & HOLDERS == 0 {
            return false;
        }
        let [.., link] = inner.0.to_be_bytes();
        let link = LinkId(link);
        if let Some(state) = self.links.of(link)
            && let Some(held) = &mut state.holding.command
            && held.inner == inner
        {
            held.outcome = outcome;
            if !matches!(state.peer, Peer::Unknown) {
                self.steps.push(Step::HolderEvent(link));
            }
        }
        true
    }

    /// The end of the command of the holder on a link: its number and outcome.
    pub(super) fn holder_end(&self, link: LinkId) -> Option<(CommandId, Outcome)> {
        let held = self.links.holding(link)?.command?;
        (held.outcome != Outcome::Started).then_some((held.id, held.outcome))
    }

    /// Takes a revocation of the cloud, which is in force at once; its record follows.
    pub(super) fn revoke(&mut self, action: &Action) -> Result<(), Reason> {
        match action {
            Action::RevokeTickets { epoch } => self.tickets.raise_epoch(*epoch),
            Action::DenyTicket { epoch, serial } => self.tickets.deny(*epoch, *serial),
            Action::Lock
            | Action::Unlock
            | Action::Configure { .. }
            | Action::Unlatch
            | Action::UnlockFor { .. }
            | Action::LockNGo
            | Action::SetMode(_)
            | Action::Calibrate
            | Action::SelfTest
            | Action::EndLockout
            | Action::PrepareRotation { .. }
            | Action::CommitRotation { .. }
            | Action::AdoptPinKey(_)
            | Action::AcknowledgeLog { .. }
            | Action::EndOwnership { .. }
            | Action::OfferUpdate(_)
            | Action::InstallUpdate { .. } => Err(Reason::Unsupported),
        }
    }
}

/// Whether a deed does no more than the kind of action that it is judged as. A time of the holder's choice is within no key: the door would
/// stand unlocked past the end of the key, and past the owner's relock.
const fn is_within(deed: Deed, rights: TicketRights) -> bool {
    match deed {
        Deed::UnlockFor(_) => false,
        Deed::LockNGo => rights.contain(TicketRights::LOCK),
        Deed::Lock
        | Deed::Unlock
        | Deed::Unlatch
        | Deed::SetMode(_)
        | Deed::Calibrate
        | Deed::SelfTest
        | Deed::EndLockout => true,
    }
}

/// The tags from the root to the last block; erased when it goes.
struct Chain<S: Suite>([Option<ChainTag<S>>; 1 + Ticket::MAX_BLOCKS]);

impl<S: Suite> Chain<S> {
    #[inline(never)]
    fn of(key: &Key, root: &[u8], ticket: &Ticket<'_>) -> Self {
        let root_tag = ChainTag::root(key, root);
        let mut last = match holder_of(root) {
            Some(value) => root_tag.bind(&value),
            None => root_tag,
        };
        let mut tags = [const { None }; 1 + Ticket::MAX_BLOCKS];
        let mut blocks = ticket.blocks();
        for place in &mut tags {
            let next = blocks.next().map(|block| last.narrow(block));
            let Some(next) = next else {
                *place = Some(last);
                break;
            };
            *place = Some(core::mem::replace(&mut last, next));
        }
        Self(tags)
    }

    fn last(&self) -> Option<&ChainTag<S>> {
        self.0.iter().rev().flatten().next()
    }

    fn use_id(&self, level: usize) -> Option<u64> {
        self.0.get(level)?.as_ref().map(ChainTag::use_id)
    }
}

/// The holder that the cloud has bound a key to. What stands behind an unknown caveat is not looked at: the key is refused by name once
/// its holder has proven to be one.
fn holder_of(root: &[u8]) -> Option<Key> {
    Caveats::of(root).find_map(|caveat| match caveat {
        Ok(Caveat::Holder(value)) => Some(Key::from_bytes(value)),
        Ok(_) | Err(_) => None,
    })
}
