//! A session with the lock: records, questions, commands to their end.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use lock_core::crypto::Session;
use lock_core::proto::{
    Action, CommandId, Event, Kind, Motion, Outcome, Packet, Query, Reply, Report, ReportBody, Request,
    Status, Uptime,
};
use serde_json::Value;

use super::{ANSWER, Lab};
use crate::check::{Stop, ensure};
use crate::cloud::live_body;
use crate::link::Link;

/// Of a record that is to be valid: less than the 5,000 ms that a lock accepts.
const VALIDITY_MILLIS: u64 = 4_000;

/// A session with the lock.
pub(crate) struct Live {
    pub(crate) link: Link,
    pub(super) session: Session,
    /// The lock's clock when it last spoke, and when we heard it.
    pub(super) heard: (Uptime, Instant),
    pub(super) events: VecDeque<Event>,
}

/// Where the bolt is and what was last wanted of it, as far as the lock says and the bench sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signs {
    bolt: String,
    target: String,
    motor_runs: Option<u64>,
}

impl Lab {
    /// Sends any bytes as the body of a record.
    pub(crate) fn sealed_record(&mut self, live: &mut Live, body: &[u8]) -> Vec<u8> {
        let mut packet = [&[0; 10], body, &[0; 16]].concat();
        live.session
            .seal_record(Kind::Record.prefix(), &mut packet, body.len())
            .expect("a session of a check is far from its limits");
        packet
    }

    /// The body of a request that is valid now.
    pub(crate) fn body(live: &Live, request: &Request) -> Vec<u8> {
        live_body(live.lock_clock().plus_millis(VALIDITY_MILLIS), request)
    }

    /// The record of a request that is valid now.
    pub(crate) fn record(&mut self, live: &mut Live, request: &Request) -> Vec<u8> {
        let body = Self::body(live, request);
        self.sealed_record(live, &body)
    }

    /// The next report of the session.
    pub(crate) fn report(&mut self, live: &mut Live, within: Duration) -> Result<Option<Report>, Stop> {
        let end = Instant::now() + within;
        loop {
            let Some(packet) = live.link.receive(end.saturating_duration_since(Instant::now())) else {
                return Ok(None);
            };
            let Ok(Packet::Record(_)) = Packet::parse(&packet) else {
                // A link that rests, a Hello that was asked for: nothing of the session.
                continue;
            };
            let mut packet = packet;
            let opened = live.session.open_record(&mut packet).map(|body| body.into_inner().to_vec());
            let body = opened
                .map_err(|error| Stop::Failed(format!("a record of the lock does not open: {error}")))?;
            let report = Report::decode(&body).map_err(|_| {
                Stop::Failed(format!("a record of the lock says nothing readable: {}", hex::encode(&body)))
            })?;
            ensure(report.uptime >= live.heard.0, || "the lock's uptime went back in a session".to_owned())?;
            live.heard = (report.uptime, Instant::now());
            return Ok(Some(report));
        }
    }

    /// The reply to what was sent; events that come before it are kept.
    pub(crate) fn reply(&mut self, live: &mut Live) -> Result<Reply, Stop> {
        self.reply_within(live, ANSWER)?.ok_or_else(|| {
            Stop::Failed(format!("a record that must be answered was not, within {} s", ANSWER.as_secs()))
        })
    }

    pub(crate) fn reply_within(&mut self, live: &mut Live, within: Duration) -> Result<Option<Reply>, Stop> {
        let end = Instant::now() + within;
        while let Some(report) = self.report(live, end.saturating_duration_since(Instant::now()))? {
            match report.body {
                ReportBody::Reply(reply) => return Ok(Some(reply)),
                ReportBody::Event(event) => live.events.push_back(event),
            }
        }
        Ok(None)
    }

    /// Asks in a session.
    pub(crate) fn ask(&mut self, live: &mut Live, request: &Request) -> Result<Reply, Stop> {
        let packet = self.record(live, request);
        live.link.send(&packet);
        self.reply(live)
    }

    pub(crate) fn status(&mut self, live: &mut Live) -> Result<Status, Stop> {
        let reply = self.ask(live, &Request::Query(Query::Status))?;
        let Reply::Status(status) = reply else {
            return Err(Stop::Failed(format!("the query Status is answered by {reply:?}")));
        };
        Ok(status)
    }

    /// Gives a command, and takes what the lock says of it at once.
    pub(crate) fn order(
        &mut self,
        live: &mut Live,
        id: CommandId,
        action: Action,
    ) -> Result<(Outcome, bool), Stop> {
        let reply = self.ask(live, &Request::Command { id, action })?;
        if let Reply::Command { id: answered, outcome, repeat } = reply
            && answered == id
        {
            return Ok((outcome, repeat));
        }
        Err(Stop::Failed(format!("the command {} is answered by {reply:?}", id.0)))
    }

    /// How a command that was begun ends.
    pub(crate) fn outcome(&mut self, live: &mut Live, id: CommandId) -> Result<Outcome, Stop> {
        let end = Instant::now() + self.travel() + ANSWER;
        loop {
            let finished = live.events.iter().find_map(|event| match event {
                Event::Finished { id: ended, outcome } if *ended == id => Some(*outcome),
                Event::Finished { .. } | Event::Changed(_) | Event::Alarm(_) | Event::Update(_) => None,
            });
            if let Some(outcome) = finished {
                return Ok(outcome);
            }
            match self.report(live, end.saturating_duration_since(Instant::now()))? {
                Some(Report { body: ReportBody::Event(event), .. }) => live.events.push_back(event),
                Some(Report { body: ReportBody::Reply(_), .. }) => {}
                None => return Err(Stop::Failed(format!("the end of command {} was never told", id.0))),
            }
        }
    }

    /// A command that is carried out to its end.
    pub(crate) fn carry_out(
        &mut self,
        live: &mut Live,
        action: Action,
    ) -> Result<(CommandId, Outcome), Stop> {
        let id = self.cloud.command();
        let (outcome, _) = self.order(live, id, action)?;
        let outcome = if outcome == Outcome::Started { self.outcome(live, id)? } else { outcome };
        Ok((id, outcome))
    }

    /// Brings the bolt to an end with an honest command, where it is not there already.
    pub(crate) fn bring(&mut self, live: &mut Live, action: &Action) -> Result<(), Stop> {
        let (_, outcome) = self.carry_out(live, action.clone())?;
        self.rest(live)?;
        ensure(outcome == Outcome::Done, || {
            format!("an honest {action:?} ends with {outcome:?}, not with Done")
        })
    }

    /// Waits until nothing moves.
    pub(crate) fn rest(&mut self, live: &mut Live) -> Result<Status, Stop> {
        let end = Instant::now() + self.travel() + ANSWER;
        loop {
            let status = self.status(live)?;
            if status.motion == Motion::Still {
                return Ok(status);
            }
            ensure(Instant::now() < end, || format!("the bolt never came to rest: {:?}", status.motion))?;
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// What would change if the lock did something.
    pub(crate) fn signs(&mut self, live: &mut Live) -> Result<Signs, Stop> {
        let status = self.status(live)?;
        let motor_runs = self.look()?.and_then(|seen| seen.get("motor_runs").and_then(Value::as_u64));
        Ok(Signs {
            bolt: format!("{:?} since {}", status.bolt.value, status.bolt.sequence),
            target: format!("{:?} since {}", status.target.value, status.target.sequence),
            motor_runs,
        })
    }
}

impl Signs {
    /// Whether the bolt is where it was, whatever was wanted since.
    pub(crate) fn same_bolt(&self, other: &Self) -> bool {
        self.bolt == other.bolt
    }
}

impl Live {
    /// The lock's clock now, as far as we can tell.
    pub(crate) fn lock_clock(&self) -> Uptime {
        self.heard.0.plus_millis(u64::try_from(self.heard.1.elapsed().as_millis()).unwrap_or(0))
    }
}
