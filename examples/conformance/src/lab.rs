//! What checks do with a lock: links, sessions, questions, silence, and what must hold all the time.

mod session;
mod witness;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use lock_core::crypto::HELLO;
use lock_core::proto::{Answer, Kind, Packet, Request, SealedReport};
use serde_json::{Value, json};
use soak::Random;

use crate::check::{Stop, ensure};
use crate::cloud::{Cloud, kind_of};
use crate::link::Link;
use crate::target::Target;

pub(crate) use session::Live;
pub(crate) use witness::Witness;

/// How long a lock may take to answer what it must answer.
const ANSWER: Duration = Duration::from_secs(4);
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
