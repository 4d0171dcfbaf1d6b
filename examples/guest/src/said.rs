//! What the lock said in the end, and what it means for the holder of a key.

use cloud::messages::{Candour, OutcomeView, door_sentence};
use lock_core::proto::{Event, Outcome, Reason, Reply, ReportBody, Status};

use crate::arguments::Wish;

/// The end of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Of a command.
    Outcome(Outcome),
    /// Where bolt and door are.
    Status(Status),
    /// The lock does not answer that to this key.
    NotShown,
}

/// How far a visit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing is decided.
    GoesOn,
    /// The lock has begun.
    Begun,
    /// This is the end.
    Ended(Said),
}

impl Progress {
    /// What the answer to the request means.
    pub(crate) const fn of_reply(reply: &Reply) -> Self {
        match reply {
            Reply::Command { outcome: Outcome::Started, .. } => Self::Begun,
            Reply::Command { outcome, .. } => Self::Ended(Said::Outcome(*outcome)),
            Reply::Status(status) => Self::Ended(Said::Status(*status)),
            Reply::NotUnderstood => Self::Ended(Said::NotShown),
            Reply::Nothing
            | Reply::Marks { .. }
            | Reply::Digest { .. }
            | Reply::Items { .. }
            | Reply::Health(_)
            | Reply::Rotation { .. }
            | Reply::Secrets { .. }
            | Reply::Log(_)
            | Reply::Unowned { .. }
            | Reply::Claimed(_)
            | Reply::Update(_)
            | Reply::Wanted(_)
            | Reply::Tickets(_) => Self::GoesOn,
        }
    }

    /// What a later report means. Changes of the door and alarms are no end.
    pub(crate) fn of_report(report: &ReportBody) -> Self {
        match report {
            ReportBody::Reply(reply) => Self::of_reply(reply),
            ReportBody::Event(Event::Finished { id, outcome }) if *id == Wish::ID => {
                Self::Ended(Said::Outcome(*outcome))
            }
            ReportBody::Event(
                Event::Finished { .. } | Event::Changed(_) | Event::Alarm(_) | Event::Update(_),
            ) => Self::GoesOn,
        }
    }
}

impl Said {
    /// Whether what was wished has been done.
    pub(crate) const fn is_done(&self) -> bool {
        matches!(self, Self::Outcome(Outcome::Done) | Self::Status(_))
    }

    /// For people.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Outcome(outcome) => view(*outcome).sentence,
            Self::Status(status) => door_sentence(status).to_owned(),
            Self::NotShown => {
                "the lock does not show its status to this key: the key lacks the right, or is not valid now; ask who gave it to you"
                    .to_owned()
            }
        }
    }
}

/// The outcome as the service says it, with a holder's advice where there is one.
pub(crate) fn view(outcome: Outcome) -> OutcomeView {
    let mut view = OutcomeView::new(outcome, Candour::Full);
    if let Outcome::Refused(reason) = outcome
        && let Some((_, advice)) = FOR_HOLDERS.iter().find(|(known, _)| *known == reason)
    {
        view.sentence = format!("refused: {advice}");
    }
    view
}

/// Where the usual sentence of a reason speaks to the owner, or of users: what it means to who has no more than a key.
const FOR_HOLDERS: [(Reason, &str); 8] = [
    (Reason::NotPermitted, "this key does not allow that; ask who gave it to you for one that does"),
    (
        Reason::ClockNotTrusted,
        "the lock does not know the time, and this key is limited in time; ask the owner to connect the lock to the cloud once",
    ),
    (
        Reason::OutsideValidity,
        "this key is not valid yet or has ended; ask who gave it to you for another one",
    ),
    (
        Reason::OutsideSchedule,
        "this key does not open at this hour; come within its hours, 'guest show' says some of them",
    ),
    (
        Reason::TicketStale,
        "the lock has not heard its cloud for too long for this key; ask the owner to connect it once",
    ),
    (Reason::AlreadyUsed, "this key was for one use and is used; ask who gave it to you for a new one"),
    (
        Reason::TicketsFull,
        "the lock has no room to note another single use; ask the owner for a key without that limit",
    ),
    (
        Reason::InvalidTicket,
        "the lock does not take the conditions of this key: it was passed on more often than its owner allows, or says what the lock \
         does not understand; ask for a new one",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_reason_that_a_key_can_meet_sends_its_holder_to_the_owners_tools() {
        for reason in [
            Reason::TicketRevoked,
            Reason::NotPermitted,
            Reason::ClockNotTrusted,
            Reason::OutsideValidity,
            Reason::OutsideSchedule,
            Reason::TicketStale,
            Reason::AlreadyUsed,
            Reason::TicketsFull,
            Reason::InvalidTicket,
        ] {
            let view = view(Outcome::Refused(reason));
            assert_eq!(view.reason, Some(reason));
            assert!(view.sentence.contains(" key"), "{}", view.sentence);
            for foreign in ["user", "epoch", "issue", "session"] {
                assert!(!view.sentence.contains(foreign), "{}", view.sentence);
            }
        }
        assert_eq!(
            view(Outcome::Refused(Reason::DoorOpen)).sentence,
            "refused: the door is open; close it first"
        );
    }

    #[test]
    fn the_end_of_somebody_elses_command_is_not_ours() {
        let finished = |id| ReportBody::Event(Event::Finished { id, outcome: Outcome::Done });
        let mut other = Wish::ID;
        other.0 += 1;
        assert_eq!(Progress::of_report(&finished(other)), Progress::GoesOn);
        assert_eq!(Progress::of_report(&finished(Wish::ID)), Progress::Ended(Said::Outcome(Outcome::Done)));
    }
}
