//! What checks do with a lock: links, sessions, questions, silence, and what must hold all the time.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use lock_core::crypto::{HELLO, Session};
use lock_core::proto::{
    Action, Answer, CommandId, Event, Kind, Marks, Motion, Outcome, Packet, Query, Reply, Report, ReportBody,
    Request, SealedReport, Status, Uptime,
};
use serde_json::{Value, json};
use soak::Random;

use crate::check::{Stop, ensure};
use crate::cloud::{Cloud, kind_of, live_body};
use crate::link::Link;
use crate::target::Target;

/// How long a lock may take to answer what it must answer.
const ANSWER: Duration = Duration::from_secs(4);
/// Of a record that is to be valid: less than the 5,000 ms that a lock accepts.
const VALIDITY_MILLIS: u64 = 4_000;

/// What was seen of a lock over the whole run: what must never repeat, and never go back.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    nonces: HashSet<Vec<u8>>,
    up_counters: HashSet<u64>,
    pub(crate) marks: Option<Marks>,
    pub(crate) boot: u64,
    /// What broke one of these, in the order in which it was seen.
    pub(crate) breaches: Vec<String>,
    pub(crate) hellos: u64,
    pub(crate) answers: u64,
}

impl Witness {
    fn nonce(&mut self, what: &str, nonce: &[u8]) {
        if !self.nonces.insert(nonce.to_vec()) {
            self.breaches.push(format!("the nonce of a {what} came twice: {}", hex::encode(nonce)));
        }
    }

    fn answer(&mut self, answer: &Answer) {
        self.answers += 1;
        if answer.boot < self.boot {
            self.breaches.push(format!("the boot counter went back from {} to {}", self.boot, answer.boot));
        }
        self.boot = self.boot.max(answer.boot);
        if let Some(told) = self.marks
            && (answer.marks.down < told.down || answer.marks.command < told.command)
        {
            self.breaches.push(format!("marks went back from {told:?} to {:?}", answer.marks));
        }
        self.marks = Some(answer.marks);
    }

    fn sealed_up(&mut self, packet: &[u8]) {
        self.nonce("SealedUp", packet.get(6..30).unwrap_or_default());
        let counter = packet.get(6..14).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes);
        if !self.up_counters.insert(counter) {
            self.breaches.push(format!("the number {counter} of a SealedUp came twice"));
        }
    }

    /// How many sealed messages came.
    pub(crate) fn up_counters(&self) -> usize {
        self.up_counters.len()
    }

    /// Another lock, which knows nothing of the one before. Nonces of two locks with the same keys may not be compared: both begin anew.
    fn forget(&mut self) {
        let breaches = std::mem::take(&mut self.breaches);
        *self = Self { breaches, hellos: self.hellos, answers: self.answers, ..Self::default() };
    }
}

/// The lock under test and its honest cloud, in the hands of a check.
pub(crate) struct Lab {
    pub(crate) target: Target,
    pub(crate) cloud: Cloud,
    pub(crate) random: Random,
    pub(crate) witness: Witness,
    pub(crate) mutations: u32,
    pub(crate) cuts: u32,
    pub(crate) deadline: Instant,
}

/// A session with the lock.
pub(crate) struct Live {
    pub(crate) link: Link,
    session: Session,
    /// The lock's clock when it last spoke, and when we heard it.
    heard: (Uptime, Instant),
    events: VecDeque<Event>,
}

/// Where the bolt is and what was last wanted of it, as far as the lock says and the bench sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signs {
    bolt: String,
    target: String,
    motor_runs: Option<u64>,
}

impl Lab {
    /// How long a silence lasts.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_millis(self.target.description.patience_ms)
    }

    /// How long a motion may take.
    pub(crate) fn travel(&self) -> Duration {
        Duration::from_millis(self.target.description.travel_ms)
    }

    /// A new lock in place of this one.
    pub(crate) fn renew(&mut self) -> Result<(), Stop> {
        self.target.renew()?;
        self.witness.forget();
        let (lock_id, root) = self.target.description.identity().map_err(Stop::Broken)?;
        self.cloud = Cloud::new(lock_id, &root, self.target.description.profile());
        Ok(())
    }

    /// The power goes and comes again.
    pub(crate) fn reboot(&mut self) -> Result<(), Stop> {
        self.target.cut_power();
        self.target.give_power()
    }

    /// A link with a fresh Hello.
    pub(crate) fn greeted(&mut self) -> Result<(Link, [u8; HELLO]), Stop> {
        let serial = self.target.is_serial();
        let end = Instant::now() + Duration::from_secs(8);
        loop {
            let link = self.target.connect()?;
            match link.greeting(serial) {
                Ok(hello) => {
                    self.saw_hello(&hello);
                    return Ok((link, hello));
                }
                // Another link of ours is about to be noticed as gone.
                Err(Stop::Broken(_)) if Instant::now() < end => std::thread::sleep(Duration::from_millis(20)),
                Err(stop) => return Err(stop),
            }
        }
    }

    /// A second Hello on a link that has one.
    pub(crate) fn greeted_again(&mut self, link: &Link) -> Result<[u8; HELLO], Stop> {
        std::thread::sleep(crate::link::HELLO_EVERY);
        link.send(&Packet::HELLO_REQUEST);
        let hello = link.receive(ANSWER).as_deref().and_then(crate::link::hello_of);
        let hello = hello.ok_or_else(|| Stop::Broken("a HelloRequest got no Hello".to_owned()))?;
        self.saw_hello(&hello);
        Ok(hello)
    }

    pub(crate) fn saw_hello(&mut self, hello: &[u8; HELLO]) {
        self.witness.hellos += 1;
        self.witness.nonce("Hello", &hello[13..]);
    }

    /// Takes the answer to a Message1 of ours.
    pub(crate) fn finish(
        &mut self,
        link: Link,
        waiting: crate::cloud::Waiting,
    ) -> Result<(Live, Answer), Stop> {
        let end = Instant::now() + ANSWER;
        while let Some(packet) = link.receive(end.saturating_duration_since(Instant::now())) {
            // What an earlier session has left, or a sealed message.
            if !packet.starts_with(&Kind::Message2.prefix()) {
                continue;
            }
            self.witness.nonce("Message2", packet.get(2..18).unwrap_or_default());
            let (answer, session) = waiting.finish(&packet).ok_or_else(|| {
                Stop::Failed("a Message2 came that does not open, or says nothing readable".to_owned())
            })?;
            self.witness.answer(&answer);
            self.cloud.catch_up(&answer);
            let live =
                Live { link, session, heard: (answer.uptime, Instant::now()), events: VecDeque::new() };
            return Ok((live, answer));
        }
        Err(Stop::Failed("an honest Message1 got no Message2".to_owned()))
    }

    /// An honest handshake with this request in it.
    pub(crate) fn open(&mut self, request: &Request) -> Result<(Live, Answer), Stop> {
        let (link, hello) = self.greeted()?;
        let (message1, waiting) = self.cloud.message1(&hello, request, &mut self.random);
        link.send(&message1);
        self.finish(link, waiting)
    }

    /// A session and nothing else.
    pub(crate) fn live(&mut self) -> Result<Live, Stop> {
        Ok(self.open(&Request::Nothing)?.0)
    }

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

    /// What the bench sees, where there is one.
    pub(crate) fn look(&mut self) -> Result<Option<Value>, Stop> {
        if !self.target.description.can("look") {
            return Ok(None);
        }
        self.target.bench()?.say(&json!({ "look": true })).map(Some)
    }

    /// Waits for a silence on a link; what breaks it is told.
    pub(crate) fn silence(&mut self, link: &Link, after: &str) -> Result<(), Stop> {
        match link.receive(self.patience()) {
            None => Ok(()),
            Some(packet) => Err(Stop::Failed(format!(
                "after {after}: {} of {} bytes came where silence is the rule",
                kind_of(&packet),
                packet.len()
            ))),
        }
    }

    /// The sealed messages of the lock that come until it is silent.
    pub(crate) fn sealed_up(&mut self, link: &Link, first: Duration) -> Result<Vec<SealedReport>, Stop> {
        let (mut reports, mut others) = (Vec::new(), Vec::new());
        let (mut patience, mut end) = (first, Instant::now() + first);
        while let Some(packet) = link.receive(end.saturating_duration_since(Instant::now()).min(patience)) {
            if !packet.starts_with(&Kind::SealedUp.prefix()) {
                others.push(packet);
                continue;
            }
            patience = self.patience();
            end = Instant::now() + patience;
            self.witness.sealed_up(&packet);
            let opened = self.cloud.open(&packet);
            let (_, report) = opened.ok_or_else(|| {
                Stop::Failed("a SealedUp came that does not open, or says nothing readable".to_owned())
            })?;
            reports.push(report);
        }
        link.give_back(others);
        Ok(reports)
    }

    /// Delivers a sealed packet, and takes the one answer that it must get.
    pub(crate) fn deliver(&mut self, link: &Link, packet: &[u8]) -> Result<SealedReport, Stop> {
        link.send(packet);
        let mut reports = self.sealed_up(link, ANSWER)?;
        ensure(!reports.is_empty(), || "a sealed message that must be answered was not".to_owned())?;
        Ok(reports.remove(0))
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
