//! What a wish comes to, told from what the cloud says. No socket and no clock: a pure machine.

use cloud::messages::relay::{EventView, ToPhone};
use cloud::messages::{Ending, OutcomeView};

use crate::{Command, Failure};

/// One wish on its way.
#[derive(Debug)]
pub struct Errand {
    command: Command,
    /// The command that the lock has begun.
    begun: Option<u64>,
    /// How many receipts of a delivery said anything but "done".
    undone: usize,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing is decided.
    GoesOn,
    /// The lock has to be asked for another Hello.
    NeedsHello,
    /// It is done; for people.
    Executed(String),
    /// It is not done.
    Failed(Failure),
}

impl Errand {
    /// A wish that was just sent.
    #[must_use]
    pub const fn new(command: Command) -> Self {
        Self { command, begun: None, undone: 0 }
    }

    /// Takes what the cloud said.
    pub fn handle(&mut self, said: &ToPhone) -> Progress {
        match (said, self.command) {
            (ToPhone::NeedHello, _) => Progress::NeedsHello,
            (ToPhone::Error { sentence }, _) => Progress::Failed(Failure::NotDone(sentence.clone())),
            (
                ToPhone::Result { command_id, outcome, .. },
                Command::Unlock | Command::Lock | Command::Release,
            ) => self.result(*command_id, outcome),
            (
                ToPhone::Event(EventView::Finished { command_id, outcome }),
                Command::Unlock | Command::Lock,
            ) if self.begun == Some(*command_id) => self.result(*command_id, outcome),
            (ToPhone::Status { .. }, Command::Status) => Progress::Executed("executed: status".to_owned()),
            (ToPhone::Health { .. }, Command::Health) => Progress::Executed("executed: health".to_owned()),
            (ToPhone::Updated { sentence, .. }, Command::Update) => {
                Progress::Executed(format!("executed: update; {sentence}"))
            }
            (ToPhone::Compared { .. }, Command::Compare) => {
                Progress::Executed("executed: compare".to_owned())
            }
            (ToPhone::BackedUp { .. }, Command::Backup) => Progress::Executed("executed: backup".to_owned()),
            (ToPhone::LogFetched { faults: 0, .. }, Command::Log) => {
                Progress::Executed("executed: log".to_owned())
            }
            (ToPhone::LogFetched { sentence, .. }, Command::Log) => {
                Progress::Failed(Failure::NotDone(sentence.clone()))
            }
            (ToPhone::Restored(_), Command::Restore) => Progress::Executed("executed: restore".to_owned()),
            (ToPhone::Rotated { .. }, Command::Rotate) => Progress::Executed("executed: rotate".to_owned()),
            (ToPhone::Claimed { .. }, Command::Claim) => Progress::Executed("executed: claim".to_owned()),
            (ToPhone::Receipt { outcome, .. }, Command::Deliver) => {
                self.undone += usize::from(!matches!(outcome.outcome, Ending::Done | Ending::Started));
                Progress::GoesOn
            }
            (ToPhone::Delivered { count, receipts, sentence }, Command::Deliver) => {
                if self.undone == 0 && receipts >= count {
                    Progress::Executed("executed: deliver".to_owned())
                } else {
                    Progress::Failed(Failure::NotDone(sentence.clone()))
                }
            }
            // Sealed messages may be handed over at any time, and a session tells what happens meanwhile: none of it is this wish's end.
            (
                ToPhone::Result { .. }
                | ToPhone::Status { .. }
                | ToPhone::Health { .. }
                | ToPhone::Compared { .. }
                | ToPhone::Updating { .. }
                | ToPhone::Updated { .. }
                | ToPhone::BackedUp { .. }
                | ToPhone::Restored(_)
                | ToPhone::Rotated { .. }
                | ToPhone::LogFetched { .. }
                | ToPhone::Claiming { .. }
                | ToPhone::Claimed { .. }
                | ToPhone::Event(_)
                | ToPhone::Delivering { .. }
                | ToPhone::Receipt { .. }
                | ToPhone::Delivered { .. },
                _,
            ) => Progress::GoesOn,
        }
    }

    fn result(&mut self, command_id: u64, outcome: &OutcomeView) -> Progress {
        match outcome.outcome {
            Ending::Started => {
                self.begun = Some(command_id);
                Progress::GoesOn
            }
            Ending::Done => Progress::Executed(format!("executed: {}", self.command.name())),
            Ending::Refused
            | Ending::Jammed
            | Ending::TimedOut
            | Ending::Superseded
            | Ending::Interrupted
            | Ending::NotExecuted => Progress::Failed(Failure::NotDone(outcome.sentence.clone())),
        }
    }

    /// What it means that nothing was heard for `seconds`.
    #[must_use]
    pub const fn timed_out(&self, seconds: u64) -> Failure {
        match (self.begun, self.command) {
            (Some(_), _) => Failure::NoEndSeen(seconds),
            (None, Command::Claim) => Failure::ClaimUnfinished(seconds),
            (None, _) => Failure::TimedOut(seconds),
        }
    }
}

#[cfg(test)]
mod tests {
    use cloud::messages::Candour;
    use lock_core::proto::{Outcome, Reason};

    use super::*;

    fn view(outcome: Outcome) -> OutcomeView {
        OutcomeView::new(outcome, Candour::Full)
    }

    fn result(command_id: u64, outcome: Outcome) -> ToPhone {
        ToPhone::Result { command_id, repeat: false, outcome: view(outcome) }
    }

    fn finished(command_id: u64, outcome: Outcome) -> ToPhone {
        ToPhone::Event(EventView::Finished { command_id, outcome: view(outcome) })
    }

    #[test]
    fn an_unlock_is_executed_only_when_the_sensor_saw_its_end() {
        let mut errand = Errand::new(Command::Unlock);
        assert_eq!(errand.handle(&result(7, Outcome::Started)), Progress::GoesOn);
        assert_eq!(errand.timed_out(30), Failure::NoEndSeen(30));
        assert_eq!(errand.handle(&finished(6, Outcome::Done)), Progress::GoesOn);
        assert!(matches!(errand.handle(&finished(7, Outcome::Done)), Progress::Executed(_)));
    }

    #[test]
    fn a_jam_and_a_refusal_are_failures_that_say_why() {
        let mut errand = Errand::new(Command::Unlock);
        errand.handle(&result(7, Outcome::Started));
        assert!(matches!(errand.handle(&finished(7, Outcome::Jammed)), Progress::Failed(_)));
        let Progress::Failed(failure) =
            Errand::new(Command::Lock).handle(&result(8, Outcome::Refused(Reason::DoorOpen)))
        else {
            panic!("a refusal is a failure");
        };
        assert!(failure.to_string().contains("the door is open"), "{failure}");
    }

    #[test]
    fn an_end_that_was_not_begun_here_is_not_this_wishs_end() {
        let mut errand = Errand::new(Command::Unlock);
        assert_eq!(errand.handle(&finished(7, Outcome::Done)), Progress::GoesOn);
        assert_eq!(errand.timed_out(30), Failure::TimedOut(30));
    }

    #[test]
    fn a_delivery_is_executed_when_each_message_got_its_receipt_of_success() {
        let delivered = |count, receipts| ToPhone::Delivered { count, receipts, sentence: "x".into() };
        let receipt = |outcome| ToPhone::Receipt { command_id: 1, outcome: view(outcome) };
        let mut errand = Errand::new(Command::Deliver);
        errand.handle(&receipt(Outcome::Done));
        assert!(matches!(errand.handle(&delivered(1, 1)), Progress::Executed(_)));
        let mut refused = Errand::new(Command::Deliver);
        refused.handle(&receipt(Outcome::Refused(Reason::Expired)));
        assert!(matches!(refused.handle(&delivered(1, 1)), Progress::Failed(_)));
        assert!(matches!(Errand::new(Command::Deliver).handle(&delivered(2, 1)), Progress::Failed(_)));
        assert!(matches!(Errand::new(Command::Deliver).handle(&delivered(0, 0)), Progress::Executed(_)));
    }
}
