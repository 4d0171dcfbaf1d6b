//! What the device still has to do, in order. A step behind a persist waits until the record is durable.

use heapless::Deque;
use lock_crypto::Authenticated;
use lock_proto::{Alarm, CommandId, Outcome, PinDigits};
use lock_state::{Drive, Indication, Order};

use super::{LinkId, RecordTag};

/// Room for the steps of any one input beside those of others that wait behind a slow flash.
const CAPACITY: usize = 32;
/// The most steps that one input makes, counting what follows from them.
const WORST_INPUT: usize = 12;

/// One thing to do.
#[derive(Debug)]
pub(crate) enum Step {
    /// Write a record; nothing behind it happens until it is durable.
    Persist(RecordTag),
    /// Order the motor.
    Motor(Drive),
    /// Show or sound something.
    Indicate(Indication),
    /// Tell the host of an alarm.
    Alarm(Alarm),
    /// Let the deadbolt obey a command whose number is durable.
    Obey(Authenticated<Order>),
    /// Put the staged configuration in force: its record is durable.
    Commit(CommandId),
    /// Compare a code whose attempt is durable.
    CheckCode(PinDigits),
    /// Greet on a link.
    Hello(LinkId),
    /// Finish a handshake, with the reply.
    Message2(LinkId, Answering),
    /// Reply in a live session.
    Reply(LinkId, Answering),
    /// Report to the cloud in each live session, from this link on.
    Event(LinkId, Reporting),
    /// Reply to a sealed message on the link that brought it.
    Sealed(LinkId, Answering),
    /// Give up a link.
    Close(LinkId),
}

/// A reply, made when it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answering {
    Nothing,
    /// How it stands with a command when the reply leaves.
    Command {
        id: CommandId,
        repeat: bool,
    },
    /// A command that was not begun or has long ended.
    Settled {
        id: CommandId,
        outcome: Outcome,
        repeat: bool,
    },
    Status,
    Marks {
        nonce: [u8; 16],
    },
    /// Sealed only: marks unasked.
    Hint,
    NotUnderstood,
}

/// An event, made when it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reporting {
    Changed,
    Finished { id: CommandId, outcome: Outcome },
    Alarm(Alarm),
}

impl Step {
    /// Whether the step depends on a record that failed. Replies do not: they say what the ledger says, and that is a refusal
    /// by then. A sealed reply needs a reserved counter of its own.
    fn depends_on(&self, failed: RecordTag) -> bool {
        match self {
            Self::Message2(..) | Self::Reply(..) | Self::Event(..) | Self::Close(_) | Self::Alarm(_) => false,
            Self::Sealed(..) => failed == RecordTag::UpCeiling,
            Self::Persist(_)
            | Self::Motor(_)
            | Self::Indicate(_)
            | Self::Obey(_)
            | Self::Commit(_)
            | Self::CheckCode(_)
            | Self::Hello(_) => true,
        }
    }
}

/// The steps of one input: they fail together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Group(u8);

/// Steps with the input that they stem from.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    queue: Deque<(Group, Step), CAPACITY>,
    current: Group,
}

impl Steps {
    /// Starts the group of a new input; `None` when the queue has no room for the worst one.
    pub(crate) fn begin_input(&mut self) -> Option<()> {
        (CAPACITY - self.queue.len() >= WORST_INPUT)
            .then(|| self.current = Group(self.current.0.wrapping_add(1)))
    }

    /// Takes the next step; what it leads to belongs to its group.
    pub(crate) fn pop(&mut self) -> Option<(Group, Step)> {
        let (group, step) = self.queue.pop_front()?;
        self.current = group;
        Some((group, step))
    }

    /// Puts a step last.
    pub(crate) fn push(&mut self, step: Step) {
        let pushed = self.queue.push_back((self.current, step));
        debug_assert!(pushed.is_ok(), "WORST_INPUT is too small");
    }

    /// Puts a step before all others.
    pub(crate) fn push_first(&mut self, step: Step) {
        let pushed = self.queue.push_front((self.current, step));
        debug_assert!(pushed.is_ok(), "WORST_INPUT is too small");
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
        self.retain(|_, step| !matches!(step, Step::Motor(_)));
    }

    /// Drops what was to be sent on a link that is gone.
    pub(crate) fn drop_link(&mut self, gone: LinkId) {
        self.retain(|_, step| step.link() != Some(gone));
    }

    fn retain(&mut self, keep: impl Fn(Group, &Step) -> bool) {
        for _ in 0..self.queue.len() {
            if let Some((group, step)) = self.queue.pop_front()
                && keep(group, &step)
            {
                // One was just taken out: there is room.
                let _ = self.queue.push_back((group, step));
            }
        }
    }
}

impl Step {
    /// The link that it writes to.
    fn link(&self) -> Option<LinkId> {
        match self {
            Self::Hello(link)
            | Self::Message2(link, _)
            | Self::Reply(link, _)
            | Self::Sealed(link, _)
            | Self::Close(link) => Some(*link),
            Self::Persist(_)
            | Self::Motor(_)
            | Self::Indicate(_)
            | Self::Alarm(_)
            | Self::Obey(_)
            | Self::Commit(_)
            | Self::CheckCode(_)
            | Self::Event(..) => None,
        }
    }
}
