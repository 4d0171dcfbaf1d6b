//! What a lock tells the holder of a virtual key (section 10.3): the first choices of what it tells a cloud. A key fob need not read health
//! reports and logs, which are a third of its program otherwise.

use crate::body::{self, DecodeError};
use crate::{Alarm, CommandId, Marks, Outcome, Status, Uptime, wire};

/// The body of Message2, as a holder reads it: [`Answer`](crate::Answer).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HolderAnswer {
    /// The lock's clock when it answered.
    pub uptime: Uptime,
    /// The lock's boot counter.
    pub boot: u64,
    /// Zeros: a holder is told no counters.
    pub marks: Marks,
    /// To the request in Message1.
    pub reply: HolderReply,
}

/// A record of the lock, as a holder reads it: [`Report`](crate::Report).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HolderReport {
    /// The lock's clock when it spoke.
    pub uptime: Uptime,
    /// What it says.
    pub body: HolderBody,
}

/// An answer or an event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum HolderBody {
    /// To a request in a record.
    Reply(HolderReply),
    /// Unasked.
    Event(HolderEvent),
}

/// The first choices of [`Reply`](crate::Reply).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum HolderReply {
    /// To a request for nothing.
    Nothing,
    /// To a command, or to a query about one.
    Command {
        /// Which.
        id: CommandId,
        /// What became of it.
        outcome: Outcome,
        /// True when the lock had begun it before this message came, so that this message moved nothing.
        repeat: bool,
    },
    /// To a query for the status.
    Status(Status),
    /// To a query for the marks, which a holder has no use for.
    Marks {
        /// The nonce of the query.
        nonce: [u8; 16],
        /// The lock's marks.
        marks: Marks,
    },
    /// To an authentic message that cannot be understood, or that asks for what a holder is not told.
    NotUnderstood,
}

/// The first choices of [`Event`](crate::Event).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum HolderEvent {
    /// A fact changed.
    Changed(Status),
    /// A command that had started has ended.
    Finished {
        /// Which.
        id: CommandId,
        /// How.
        outcome: Outcome,
    },
    /// People should hear about this.
    Alarm(Alarm),
}

impl HolderAnswer {
    /// Reads a whole body.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] for anything that is not one.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        body::decode(bytes)
    }
}

impl HolderReport {
    /// Reads a whole body.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] for anything that is not one.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        body::decode(bytes)
    }
}

wire! {
    struct HolderAnswer { uptime, boot, marks, reply }
    struct HolderReport { uptime, body }
    enum HolderBody {
        0 => Reply(reply),
        1 => Event(event),
    }
    enum HolderReply {
        0 => Nothing,
        1 => Command { id, outcome, repeat },
        2 => Status(status),
        3 => Marks { nonce, marks },
        4 => NotUnderstood,
    }
    enum HolderEvent {
        0 => Changed(status),
        1 => Finished { id, outcome },
        2 => Alarm(alarm),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Answer, Event, Reason, Reply, Report, ReportBody, TicketState};

    const UPTIME: Uptime = Uptime::from_millis(300);
    const ID: CommandId = CommandId(900);

    fn answered(reply: Reply) -> Result<HolderAnswer, DecodeError> {
        let mut buffer = [0; Answer::MAX_BYTES];
        let answer = Answer { uptime: UPTIME, boot: 7, marks: Marks::default(), reply };
        HolderAnswer::decode(answer.encode(&mut buffer).unwrap())
    }

    fn reported(body: ReportBody) -> Result<HolderBody, DecodeError> {
        let mut buffer = [0; Report::MAX_BYTES];
        let report = Report { uptime: UPTIME, body };
        let read = HolderReport::decode(report.encode(&mut buffer).unwrap())?;
        assert_eq!(read.uptime, UPTIME);
        Ok(read.body)
    }

    #[test]
    fn a_holder_reads_each_reply_that_it_gets_as_a_cloud_does() {
        let outcome = Outcome::Refused(Reason::TicketStale);
        let marks = Marks { down: 5, command: ID };
        for (reply, read) in [
            (Reply::Nothing, HolderReply::Nothing),
            (
                Reply::Command { id: ID, outcome, repeat: true },
                HolderReply::Command { id: ID, outcome, repeat: true },
            ),
            (Reply::Status(Status::default()), HolderReply::Status(Status::default())),
            (Reply::Marks { nonce: [3; 16], marks }, HolderReply::Marks { nonce: [3; 16], marks }),
            (Reply::NotUnderstood, HolderReply::NotUnderstood),
        ] {
            let expected =
                HolderAnswer { uptime: UPTIME, boot: 7, marks: Marks::default(), reply: read.clone() };
            assert_eq!(answered(reply.clone()), Ok(expected));
            assert_eq!(reported(ReportBody::Reply(reply)), Ok(HolderBody::Reply(read)));
        }
    }

    #[test]
    fn a_holder_reads_each_event_that_it_gets_as_a_cloud_does() {
        for (event, read) in [
            (Event::Changed(Status::default()), HolderEvent::Changed(Status::default())),
            (
                Event::Finished { id: ID, outcome: Outcome::Jammed },
                HolderEvent::Finished { id: ID, outcome: Outcome::Jammed },
            ),
            (Event::Alarm(Alarm::Jammed), HolderEvent::Alarm(Alarm::Jammed)),
        ] {
            assert_eq!(reported(ReportBody::Event(event)), Ok(HolderBody::Event(read)));
        }
    }

    #[test]
    fn what_a_holder_is_never_told_is_malformed_for_it() {
        for reply in [
            Reply::Digest { version: 1, digest: [0; 16] },
            Reply::Tickets(TicketState { epoch: 1, denied: 0 }),
            Reply::Wanted(3),
        ] {
            assert_eq!(answered(reply.clone()), Err(DecodeError::Malformed));
            assert_eq!(reported(ReportBody::Reply(reply)), Err(DecodeError::Malformed));
        }
    }
}
