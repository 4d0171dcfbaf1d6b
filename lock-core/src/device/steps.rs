//! What the device still has to do, in order. A step behind a persist waits until the record is durable.
//!
//! Nothing is lost for want of room: each step weighs as much as it and all that follows from it may ever take, an input is
//! taken only when the whole queue and its own worst case fit, and a step leads to no more than it weighed. So the sum of the
//! weights never exceeds the capacity, and it is never below the number of steps.

use heapless::Deque;
use lock_crypto::Authenticated;
use lock_place::{Made, Place, emplace};
use lock_proto::{CommandId, Outcome, Table, Uptime};
use lock_state::{Drive, Indication, Order};

use super::{LinkId, MAX_LINKS, RecordTag};

/// Room for all weights: a few commands that wait behind a slow flash, and what the mechanism does meanwhile.
const CAPACITY: usize = 82;
/// The most steps that effects of the lock make: motor, indication, alarms, their reports, the report of a change, the ends of two
/// commands, a save, the upkeep.
pub(crate) const EFFECTS: usize = 9;
/// What a comparison makes: effects, and at most the record of a use and the admission behind it, or the begin of a reset.
pub(crate) const CHECK: usize = EFFECTS + 1 + EFFECTS;
/// What a page of a reset makes: its record and all pages after it; behind the last the records of upkeep, tickets, used codes and an update, those
/// of erased keys and of a rotation, and the end.
const fn wipe_page(page: u8) -> usize {
    RecordTag::PAGES.saturating_sub(page as usize) + 6 + EFFECTS
}
/// What a reset makes: effects, the new PIN key, the pages.
pub(crate) const WIPE: usize = EFFECTS + 1 + wipe_page(0);
/// What a command that only stores something makes: its end, a save, and a record that takes a failed one back.
const STORED: usize = 3;
/// What putting a configuration in force makes: the command's end, and effects: a holiday that is in force at once may open, and end
/// another command.
const COMMITMENT: usize = 1 + EFFECTS;
/// What a step of a rotation makes: the command's end, a save, the record of what is prepared, the end of each link.
const ROTATION: usize = 3 + MAX_LINKS;
/// All that sensors, motor and time can add while nothing is asked for, since what waits already is not added again: an order to
/// the motor, two indications, alarms, their reports and those that are half told, the report of a change and one that is half told, the end of the one
/// command that runs, a save, the upkeep, and the end of each link.
const UNASKED: usize = 11 + MAX_LINKS;
/// Kept free by what is asked for, so that those inputs are always taken.
const RESERVE: usize = UNASKED + EFFECTS + 1;

/// The number of a command, without alignment: most steps are a few bytes and such a number, and there is room for many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
#[repr(Rust, packed)]
pub(crate) struct Id(u64);

impl Id {
    pub(crate) const fn get(self) -> CommandId {
        CommandId(self.0)
    }
}

impl From<CommandId> for Id {
    fn from(CommandId(number): CommandId) -> Self {
        Self(number)
    }
}

/// One thing to do.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) enum Step {
    /// Write a record; nothing behind it happens until it is durable.
    Persist(RecordTag),
    /// Order the motor.
    Motor(Drive),
    /// Show or sound something.
    Indicate(Indication),
    /// Tell the host of the alarms that were raised.
    Alarms,
    /// Let the lock obey a command whose number is durable, if that is not too late by then.
    Obey(HeldOrder),
    /// Put the staged configuration in force: its record is durable.
    Commit(Id),
    /// A revocation of virtual keys is durable.
    Revoked(Id),
    /// What prepares the next key epoch is durable.
    Prepared(Id),
    /// The keys of the next epoch are durable: what the session on this link asked for.
    Rotated(Id, LinkId),
    /// Keep secrets under the key of a backup: its record is durable.
    Adopt(Id),
    /// Free what the cloud has of the log: the command's id is durable.
    Acknowledge(Id),
    /// What a command wants of the update is durable.
    UpdateStaged(Id),
    /// Compare what was presented: its attempt is durable.
    Check,
    /// Let somebody in whose use is durable.
    Admit,
    /// Wipe what a reset wipes: that it began is durable.
    Wipe,
    /// Store a page of the wiped configuration.
    WipePage(u8),
    /// The reset is durable.
    ResetFinished,
    /// Answer that the ownership ends, and then begin: that it ends is durable.
    EndOwnership(Id),
    /// Erase the owner's keys: all else is stored as wiped.
    EraseKeys,
    /// Take the keys of a new owner, which are durable, and tell the claimer on a link.
    Own(LinkId),
    /// Greet on a link.
    Hello(LinkId),
    /// Finish a handshake, with the reply.
    Message2(LinkId, Answering),
    /// Reply in a live session.
    Reply(LinkId, Answering),
    /// Report to the cloud in each live session, from this link on.
    Event(LinkId, Reporting),
    /// Tell the holder on a link how its command ended.
    HolderEvent(LinkId),
    /// Reply to a sealed message on the link that brought it.
    Sealed(LinkId, Answering),
    /// Give up a link.
    Close(LinkId),
}

/// A reply, made when it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub(crate) enum Answering {
    Nothing,
    /// How it stands with a command when the reply leaves.
    Command {
        id: Id,
        repeat: bool,
    },
    /// A command that was not begun or has long ended.
    Settled {
        id: Id,
        outcome: Outcome,
        repeat: bool,
    },
    /// A command of the holder on a link.
    Held {
        link: LinkId,
        id: Id,
        repeat: bool,
    },
    Status,
    /// As the last question on its link wants them.
    Marks,
    /// Sealed only: marks unasked.
    Hint,
    Digest,
    Items {
        table: Table,
        first: u8,
    },
    Health,
    Rotation,
    Secrets {
        first: u8,
    },
    /// As the last question on its link wants it.
    Log,
    Update,
    /// To a chunk.
    Wanted,
    Tickets,
    NotUnderstood,
    /// What a claimer has to know.
    Unowned,
    /// What became of a claim.
    Claimed(Outcome),
}

/// An event, made when it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub(crate) enum Reporting {
    Changed,
    Finished {
        id: Id,
        outcome: Outcome,
    },
    /// Those that were raised and not told yet, one after the other.
    Alarms,
    Update,
}

impl Step {
    /// The room that it and what follows from it may take.
    const fn weight(&self) -> usize {
        match self {
            // The end of an ownership: its command's end, the stop of the motor, a save.
            Self::Obey(_) | Self::Admit | Self::ResetFinished | Self::EndOwnership(_) => EFFECTS,
            // The keys, the record of a rotation, and the end.
            Self::EraseKeys => 2 + EFFECTS,
            // The answer, and a record that takes a failed one back.
            Self::Own(_) => 2,
            Self::Check => CHECK,
            Self::Commit(_) => COMMITMENT,
            Self::Revoked(_) | Self::Adopt(_) | Self::Acknowledge(_) | Self::UpdateStaged(_) => STORED,
            Self::Prepared(_) | Self::Rotated(..) => ROTATION,
            Self::Wipe => WIPE,
            Self::WipePage(page) => wipe_page(*page),
            Self::Persist(_)
            | Self::Motor(_)
            | Self::Indicate(_)
            | Self::Alarms
            | Self::Hello(_)
            | Self::Message2(..)
            | Self::Reply(..)
            | Self::Event(..)
            | Self::HolderEvent(_)
            | Self::Sealed(..)
            | Self::Close(_) => 1,
        }
    }

    /// Whether the step depends on a record that failed. Live replies do not: they say what the ledger says, and that is a refusal
    /// by then. A sealed reply outlives this boot: it needs the mark and ledger that it speaks of, and a counter of its own.
    fn depends_on(&self, failed: RecordTag) -> bool {
        match self {
            Self::Check
            | Self::Acknowledge(_)
            | Self::Persist(RecordTag::Page(_) | RecordTag::Ownership | RecordTag::Update) => {
                failed == RecordTag::Memory
            }
            Self::Persist(RecordTag::Keys) => matches!(failed, RecordTag::Memory | RecordTag::Ownership),
            Self::UpdateStaged(_) => matches!(failed, RecordTag::Memory | RecordTag::Update),
            Self::Obey(_) | Self::Revoked(_) => matches!(failed, RecordTag::Memory | RecordTag::Tickets),
            Self::Commit(_) => matches!(failed, RecordTag::Memory | RecordTag::Page(_)),
            Self::Prepared(_) => matches!(failed, RecordTag::Memory | RecordTag::Rotation),
            Self::Rotated(..) | Self::Adopt(_) => matches!(failed, RecordTag::Memory | RecordTag::Keys),
            Self::Admit => matches!(failed, RecordTag::Memory | RecordTag::Page(_) | RecordTag::Codes),
            // One record that fails interrupts it: it is written again a little later, or by the next boot.
            Self::Wipe | Self::WipePage(_) | Self::EraseKeys | Self::ResetFinished => true,
            Self::EndOwnership(_) => failed == RecordTag::Memory,
            Self::Own(_) => matches!(failed, RecordTag::Memory | RecordTag::Ownership | RecordTag::Keys),
            Self::Hello(_) => matches!(failed, RecordTag::Boot | RecordTag::Memory),
            Self::Persist(RecordTag::Boot) => failed == RecordTag::Memory,
            Self::Sealed(..) => {
                matches!(failed, RecordTag::Boot | RecordTag::Memory | RecordTag::UpCeiling)
            }
            Self::Persist(_)
            | Self::Motor(_)
            | Self::Indicate(_)
            | Self::Alarms
            | Self::Message2(..)
            | Self::Reply(..)
            | Self::Event(..)
            | Self::HolderEvent(_)
            | Self::Close(_) => false,
        }
    }

    /// Whether what it sends is said under keys.
    const fn speaks(&self) -> bool {
        matches!(self, Self::Message2(..) | Self::Reply(..) | Self::Sealed(..) | Self::HolderEvent(_))
    }

    /// The link that it writes to.
    const fn link(&self) -> Option<LinkId> {
        match self {
            Self::Hello(link)
            | Self::Message2(link, _)
            | Self::Reply(link, _)
            | Self::Sealed(link, _)
            | Self::HolderEvent(link)
            | Self::Close(link) => Some(*link),
            Self::Persist(_)
            | Self::Motor(_)
            | Self::Indicate(_)
            | Self::Alarms
            | Self::Obey(_)
            | Self::Commit(_)
            | Self::Revoked(_)
            | Self::Prepared(_)
            | Self::Rotated(..)
            | Self::Adopt(_)
            | Self::Acknowledge(_)
            | Self::UpdateStaged(_)
            | Self::Check
            | Self::Admit
            | Self::Wipe
            | Self::WipePage(_)
            | Self::ResetFinished
            | Self::EndOwnership(_)
            | Self::EraseKeys
            // It happens whether or not the link is still there.
            | Self::Own(_)
            | Self::Event(..) => None,
        }
    }
}

/// The room that an input needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub(crate) enum Claim {
    /// It leaves the reserve alone.
    Ordinary(usize),
    /// It may use all there is.
    Urgent(usize),
}

/// The steps of one input: they fail together. A number is given anew when no step of its input waits any more, and none waits for a record;
/// there are more numbers than that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub(crate) struct Group(u8);

const _: () = assert!(CAPACITY + 1 < u8::MAX as usize, "there is always a number that is free");

/// What a lock has been through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub(crate) enum Life {
    New,
    Known,
    /// A reset was interrupted.
    Resetting,
}

/// An order whose number is on its way to storage, and until when the motor must have begun. Few wait at a time: their weights leave
/// no room for more.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Waiting {
    pub(crate) order: Authenticated<Order>,
    pub(crate) until: Uptime,
}

/// Where an order is held: out of the queue, which would otherwise be as wide as the largest order.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct HeldOrder(u8);

/// The most orders that wait.
const ORDERS: usize = 4;
/// What a packet claims: see [`Input::claim`](super::Input).
pub(crate) const PACKET: usize = EFFECTS + 2 + COMMITMENT + 1;
const _: () = assert!((CAPACITY - RESERVE - PACKET) / EFFECTS < ORDERS, "an order that is taken has a place");

/// Steps with the input that they stem from.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq))]
pub(crate) struct Steps {
    queue: Deque<(Group, Step), CAPACITY>,
    orders: [Option<Waiting>; ORDERS],
    /// The input that is being handled, or that the last step stemmed from.
    current: Group,
    last_input: Group,
    /// The input of which a record is on its way to storage, or was last.
    written: Group,
    /// What the input or step at hand may still add.
    allowance: usize,
}

/// `heapless` has none for a queue.
#[cfg(lock_model)]
impl core::hash::Hash for Steps {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        let Self { queue, orders, current, last_input, written, allowance } = self;
        queue.len().hash(state);
        queue.iter().for_each(|step| step.hash(state));
        (orders, current, last_input, written, allowance).hash(state);
    }
}

impl Steps {
    /// Nothing to do.
    pub(crate) fn none(place: Place<'_, Self>) -> Made<'_, Self> {
        emplace!(place => Steps {
            queue: Deque::new(),
            orders <- |orders| orders.fill(|| None),
            current: Group::default(),
            last_input: Group::default(),
            written: Group::default(),
            allowance: 0,
        })
    }

    /// Adds the steps of a boot; a new lock has no memory record, and writes one before its first boot counter. There is room for one more
    /// record.
    pub(crate) fn begin_boot(&mut self, life: Life) {
        self.allowance = 2 + WIPE;
        if life == Life::New {
            self.push(Step::Persist(RecordTag::Memory));
        }
        self.push(Step::Persist(RecordTag::Boot));
        if life == Life::Resetting {
            self.push(Step::Wipe);
        }
    }

    /// Starts the group of a new input; `None` when its worst case does not fit.
    pub(crate) fn begin_input(&mut self, claim: Claim) -> Option<()> {
        let (needed, kept_free) = match claim {
            Claim::Ordinary(needed) => (needed, RESERVE),
            Claim::Urgent(needed) => (needed, 0),
        };
        let taken: usize = self.queue.iter().map(|(_, step)| step.weight()).sum();
        if needed > 0 && taken + needed + kept_free > CAPACITY {
            return None;
        }
        self.begin(needed);
        Some(())
    }

    /// What the update leads to, which has its turn when nothing else waits: so there is room for it.
    pub(crate) fn begin_idle(&mut self, needed: usize) {
        self.begin(needed);
    }

    fn begin(&mut self, needed: usize) {
        self.last_input = self.free_group();
        (self.current, self.allowance) = (self.last_input, needed);
    }

    /// The next number that neither a step nor a record has.
    fn free_group(&self) -> Group {
        let numbers = (1..=u8::MAX).map(|further| Group(self.last_input.0.wrapping_add(further)));
        let is_free =
            |free: &Group| *free != self.written && self.queue.iter().all(|(group, _)| group != free);
        numbers.into_iter().find(is_free).unwrap_or_default()
    }

    /// A record of this input is on its way to storage.
    pub(crate) const fn writes(&mut self, group: Group) {
        self.written = group;
    }

    /// The input of which the record is that was last on its way to storage.
    pub(crate) const fn written(&self) -> Group {
        self.written
    }

    /// Holds an order until its step comes; `None` where no place is left.
    pub(crate) fn hold(&mut self, order: Authenticated<Order>, until: Uptime) -> Option<Step> {
        let vacant = self.orders.iter().position(Option::is_none)?;
        *self.orders.get_mut(vacant)? = Some(Waiting { order, until });
        Some(Step::Obey(HeldOrder(u8::try_from(vacant).ok()?)))
    }

    /// Gives the order of a step back.
    pub(crate) fn take_order(&mut self, HeldOrder(place): &HeldOrder) -> Option<Waiting> {
        self.orders.get_mut(usize::from(*place))?.take()
    }

    /// Takes the next step; what it leads to belongs to its group.
    pub(crate) fn pop(&mut self) -> Option<(Group, Step)> {
        let (group, step) = self.queue.pop_front()?;
        (self.current, self.allowance) = (group, step.weight());
        Some((group, step))
    }

    /// The input that the step at hand stems from.
    pub(crate) const fn current(&self) -> Group {
        self.current
    }

    /// Puts a step last.
    pub(crate) fn push(&mut self, step: Step) {
        self.spend(&step);
        // There is room, as said above. Were there none, what comes behind a step that found none would find none either: no step
        // is ever without the record that it waits for.
        let _ = self.queue.push_back((self.current, step));
    }

    /// Puts a step before all others.
    pub(crate) fn push_first(&mut self, step: Step) {
        self.spend(&step);
        let _ = self.queue.push_front((self.current, step));
    }

    /// Tests find the input or step that leads to more than it claimed, whether or not there was room.
    fn spend(&mut self, step: &Step) {
        debug_assert!(step.weight() <= self.allowance, "more steps than were claimed: {step:?}");
        self.allowance = self.allowance.saturating_sub(step.weight());
    }

    /// Puts a step last that says or does the same once as twice, unless it waits already.
    pub(crate) fn push_once(&mut self, step: Step) {
        let waits = self.any(|waiting| match (waiting, &step) {
            (Step::Persist(waiting), Step::Persist(step)) => waiting == step,
            (Step::Alarms, Step::Alarms) => true,
            (Step::Hello(waiting), Step::Hello(step)) => waiting == step,
            (Step::Event(from, waiting), Step::Event(step_from, step)) => {
                from == step_from && waiting == step
            }
            _ => false,
        });
        if !waits {
            self.push(step);
        }
    }

    /// Shows this; where two wait to be shown already, instead of the last of them: the newest says how things stand.
    pub(crate) fn indicate(&mut self, indication: Indication) {
        let is_indication = |step: &Step| matches!(step, Step::Indicate(_));
        let waiting = self.queue.iter().filter(|(_, step)| is_indication(step)).count();
        let mut last = self.queue.iter_mut().rev().filter(|(_, step)| is_indication(step));
        match last.next() {
            Some((_, last)) if waiting >= 2 => *last = Step::Indicate(indication),
            Some(_) | None => self.push(Step::Indicate(indication)),
        }
    }

    /// Whether a step like this waits already.
    pub(crate) fn any(&self, is_like: impl Fn(&Step) -> bool) -> bool {
        self.queue.iter().any(|(_, step)| is_like(step))
    }

    /// Whether a step like this waits for the input being handled.
    pub(crate) fn any_of_this_input(&self, is_like: impl Fn(&Step) -> bool) -> bool {
        self.queue.iter().any(|(group, step)| *group == self.current && is_like(step))
    }

    /// Takes out a step of the group that waited for a record which was not written; `None` when no more is left.
    pub(crate) fn take_dependent(&mut self, group: Group, failed: RecordTag) -> Option<Step> {
        let mut taken = None;
        for _ in 0..self.queue.len() {
            match self.queue.pop_front() {
                Some((of, step)) if taken.is_none() && of == group && step.depends_on(failed) => {
                    (self.current, self.allowance) = (group, step.weight());
                    taken = Some(step);
                }
                Some(kept) => {
                    // One was just taken out: there is room.
                    let _ = self.queue.push_back(kept);
                }
                None => {}
            }
        }
        taken
    }

    /// Drops orders to the motor that were not given yet.
    pub(crate) fn drop_motor(&mut self) {
        self.retain(|step| !matches!(step, Step::Motor(_)));
    }

    /// Drops what was to be sent on a link that is gone.
    pub(crate) fn drop_link(&mut self, gone: LinkId) {
        self.retain(|step| step.link() != Some(gone));
    }

    /// Drops what was to be said in the handshake or session that another replaces.
    pub(crate) fn drop_session(&mut self, of: LinkId) {
        self.retain(|step| !matches!(step, Step::Message2(link, _) | Step::Reply(link, _) if *link == of));
    }

    /// Drops what was to be said under keys that are gone, but for a session that outlives them.
    pub(crate) fn drop_said(&mut self, but: Option<LinkId>) {
        self.retain(|step| match step.link() {
            Some(link) if step.speaks() => but == Some(link) && !matches!(step, Step::Sealed(..)),
            Some(_) | None => true,
        });
    }

    fn retain(&mut self, keep: impl Fn(&Step) -> bool) {
        for _ in 0..self.queue.len() {
            if let Some((group, step)) = self.queue.pop_front()
                && keep(&step)
            {
                // One was just taken out: there is room.
                let _ = self.queue.push_back((group, step));
            }
        }
    }
}

const _: () = assert!(size_of::<Steps>() <= 1_536, "the queue is a small part of a small chip's memory");
