//! A cloud that rotates a lock's keys while anything goes wrong: power at the lock, packets, its own process.
//!
//! Everything that happens on the way is an event with a number: an output of the lock, a packet, a moment of the cloud. A fault is the
//! number of an event: the power goes before that output, that packet is lost, the cloud dies at that moment. What the cloud has not
//! stored is gone then.

#![allow(dead_code, reason = "each test uses its part")]

use lock_core::cloud::{Committed, Connecting, LockKeys, NextRoot, Offer, Proof, Rotating, Session, Side};
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::crypto::{Authenticated, Delivery};
use lock_core::device::Input;
use lock_core::proto::{
    Action, Answer, BoltPosition, CloudShare, CommandId, Down, Opening, Outcome, Packet, Query, Reply,
    ReportBody, Request, UnixMillis,
};

use crate::pair::{EPOCH_MILLIS, LINK, Pair};

/// The root of the next epoch as it is stored.
pub(crate) struct Next {
    pub(crate) digest: [u8; 16],
    pub(crate) keys: LockKeys,
}

/// Something went wrong: the connection is gone.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken;

pub(crate) struct Owner {
    pub(crate) pair: Pair,
    /// Stored; `pair.keys` are those in force.
    pub(crate) next: Option<Next>,
    /// Stored: an attempt to prove was begun and not heard of.
    is_doubted: bool,
    /// Stored.
    next_command: u64,
    shares: u8,
    /// The numbers of the events to come that go wrong.
    pub(crate) faults: Vec<usize>,
    pub(crate) events: usize,
    /// Every packet that went down.
    pub(crate) down: Vec<Vec<u8>>,
}

impl Owner {
    pub(crate) fn of(pair: Pair) -> Self {
        Self {
            pair,
            next: None,
            is_doubted: false,
            next_command: 1,
            shares: 0,
            faults: Vec::new(),
            events: 0,
            down: Vec::new(),
        }
    }

    pub(crate) fn epoch(&self) -> u32 {
        self.pair.keys.key_epoch().number()
    }

    fn goes_wrong(&mut self) -> bool {
        self.events += 1;
        self.faults.contains(&self.events)
    }

    /// A moment at which the cloud may die.
    fn moment(&mut self) -> Result<(), Broken> {
        if self.goes_wrong() { Err(Broken) } else { Ok(()) }
    }

    pub(crate) fn input(&mut self, input: Input<'_>) -> Result<(), Broken> {
        self.pair.input(input);
        loop {
            let before = self.pair.did.len();
            if self.faults.contains(&(self.events + 1)) {
                self.events += 1;
                self.pair.cut_power(BoltPosition::Extended);
                return Err(Broken);
            }
            if !self.pair.step() {
                return Ok(());
            }
            self.events += self.pair.did.len() - before;
        }
    }

    fn deliver(&mut self, packet: &[u8]) -> Result<(), Broken> {
        self.down.push(packet.to_vec());
        if self.goes_wrong() {
            return Err(Broken);
        }
        self.input(Input::Packet { link: LINK, packet: &mut packet.to_vec() })
    }

    fn receive(&mut self) -> Result<Vec<u8>, Broken> {
        let packet = self.pair.up.pop_front().ok_or(Broken)?;
        if self.goes_wrong() { Err(Broken) } else { Ok(packet) }
    }

    pub(crate) fn hello(&mut self) -> Result<Vec<u8>, Broken> {
        self.pair.up.clear();
        // A lock rests after what failed.
        self.pair.wait(1_500);
        self.input(Input::LinkUp { link: LINK, delivery: Delivery::Ordered })?;
        self.receive()
    }

    pub(crate) fn side(&self, hello: &[u8]) -> Option<Side> {
        let Ok(Packet::Hello(hello)) = Packet::parse(hello) else { panic!("no Hello") };
        let keys = &self.pair.keys;
        match &self.next {
            Some(next) => Rotating { in_force: keys, next: &next.keys }.side(&hello),
            None => keys.recognises(&hello).then_some(Side::Before),
        }
    }

    pub(crate) fn opening(&mut self, request: Request) -> (Down<Opening>, InitiatorHedge) {
        self.pair.attempt += 1;
        let header = Opening { time: Some(UnixMillis(EPOCH_MILLIS + self.pair.world_millis)) };
        let hedge = InitiatorHedge { attempt: self.pair.attempt, entropy: self.pair.entropy };
        (Down { header, request }, hedge)
    }

    /// A session under the keys in force.
    pub(crate) fn session(
        &mut self,
        hello: &[u8],
        request: Request,
    ) -> Result<(Authenticated<Answer>, Session), Broken> {
        let (opening, hedge) = self.opening(request);
        let mut packet = [0; 128];
        let (length, connecting) =
            Connecting::start(&self.pair.keys, hello, &opening, &hedge, &mut packet).unwrap();
        self.deliver(&packet[..length])?;
        let mut message2 = self.receive()?;
        let now = self.pair.cloud_now();
        let (answer, marks, session) = connecting.finish(&mut message2, Delivery::Ordered, now).unwrap();
        self.learn(marks.marks().command.0);
        Ok((answer, session))
    }

    /// A session under the next keys.
    pub(crate) fn proving(&mut self, hello: &[u8]) -> Result<(Session, Proof), Broken> {
        let (opening, hedge) = self.opening(Request::Nothing);
        let mut packet = [0; 128];
        let next = self.next.as_ref().expect("a root is stored");
        let rotating = Rotating { in_force: &self.pair.keys, next: &next.keys };
        let (length, proving) = rotating.start(hello, &opening, &hedge, &mut packet).unwrap();
        self.deliver(&packet[..length])?;
        let mut message2 = self.receive()?;
        let now = self.pair.cloud_now();
        let (_, marks, session, proof) = proving.finish(&mut message2, Delivery::Ordered, now).unwrap();
        self.learn(marks.marks().command.0);
        Ok((session, proof))
    }

    fn learn(&mut self, command: u64) {
        self.next_command = self.next_command.max(command + 1);
    }

    /// Asks in a session; the reply, whatever else is said before it.
    pub(crate) fn ask(
        &mut self,
        session: &mut Session,
        request: Request,
    ) -> Result<Authenticated<Reply>, Broken> {
        let mut packet = [0; 512];
        let length = session.request(request, self.pair.cloud_now(), &mut packet).unwrap();
        self.deliver(&packet[..length])?;
        loop {
            let mut packet = self.receive()?;
            let report = session.open(&mut packet, self.pair.cloud_now()).unwrap();
            let reply = report.try_map(|report| match report.body {
                ReportBody::Reply(reply) => Ok(reply),
                ReportBody::Event(_) => Err(()),
            });
            if let Ok(reply) = reply {
                return Ok(reply);
            }
        }
    }

    pub(crate) fn command(
        &mut self,
        session: &mut Session,
        action: Action,
    ) -> Result<Authenticated<Outcome>, Broken> {
        let id = CommandId(self.next_command);
        self.next_command += 1;
        let reply = self.ask(session, Request::Command { id, action })?;
        Ok(reply.map(|reply| {
            let Reply::Command { id: of, outcome, .. } = reply else { panic!("{reply:?}") };
            assert_eq!(of, id);
            outcome
        }))
    }

    pub(crate) fn offer(&mut self) -> Offer {
        self.shares += 1;
        Offer::new(&self.pair.keys, CloudShare::new([self.shares; 32])).unwrap()
    }

    /// One connection: whatever comes next of the rotation.
    pub(crate) fn go_on(&mut self) -> Result<(), Broken> {
        let hello = self.hello()?;
        self.moment()?;
        let side = self.side(&hello).expect("the cloud has the keys of the epoch that the lock greets under");
        match (side, self.next.is_some()) {
            (Side::Before, false) => self.prepare(&hello),
            (Side::Before, true) if self.is_doubted => self.look(&hello),
            (Side::Before | Side::After, _) => self.prove(&hello),
        }
    }

    fn prepare(&mut self, hello: &[u8]) -> Result<(), Broken> {
        let (_, mut session) = self.session(hello, Request::Nothing)?;
        let offer = self.offer();
        self.moment()?;
        let outcome = self.command(&mut session, offer.action())?;
        if *outcome.get() != Outcome::Done {
            return Err(Broken);
        }
        let reply = self.ask(&mut session, Request::Query(Query::Rotation))?;
        let NextRoot { epoch, digest, root } = offer.agree(&self.pair.keys, &reply).unwrap();
        self.moment()?;
        let keys = LockKeys::expand(&root, self.pair.keys.lock_id(), epoch);
        self.next = Some(Next { digest, keys: keys.with_profile(self.pair.keys.profile()) });
        self.moment()
    }

    /// An earlier attempt to prove was not heard of: does the lock still hold what is stored?
    fn look(&mut self, hello: &[u8]) -> Result<(), Broken> {
        let (answer, _) = self.session(hello, Request::Query(Query::Rotation))?;
        let digest = self.next.as_ref().expect("a root is stored").digest;
        let reply = answer.map(|answer| answer.reply);
        if !NextRoot::is_held(digest, self.pair.keys.key_epoch(), &reply).unwrap() {
            self.next = None;
        }
        self.is_doubted = false;
        self.moment()
    }

    fn prove(&mut self, hello: &[u8]) -> Result<(), Broken> {
        self.is_doubted = true;
        self.moment()?;
        let (mut session, proof) = self.proving(hello)?;
        self.is_doubted = false;
        self.moment()?;
        let committed = match proof {
            Proof::Committed(committed) => committed,
            Proof::Proven(proven) => {
                let outcome = self.command(&mut session, proven.action())?;
                proven.answered(&outcome).map_err(|_| Broken)?
            }
        };
        self.moment()?;
        self.put_in_force(&committed);
        self.moment()
    }

    pub(crate) fn put_in_force(&mut self, committed: &Committed) {
        let Next { keys, .. } = self.next.take().expect("a root is stored");
        assert_eq!(keys.key_epoch(), committed.epoch());
        self.pair.keys = keys;
    }

    /// The lock obeys its cloud under the epoch that it greets under.
    pub(crate) fn is_reached(&mut self) -> bool {
        let faults = core::mem::take(&mut self.faults);
        let hello = self.hello().unwrap();
        let reached = match self.side(&hello) {
            Some(Side::Before) => self.session(&hello, Request::Query(Query::Status)).is_ok(),
            Some(Side::After) => matches!(self.proving(&hello), Ok((_, Proof::Committed(_)))),
            None => false,
        };
        self.faults = faults;
        reached
    }

    /// Goes on until the rotation is over, whatever goes wrong on the way; lock and cloud reach each other in between.
    pub(crate) fn rotate(&mut self) {
        let wanted = self.epoch() + 1;
        for _ in 0..12 {
            if self.go_on().is_err() {
                self.pair.input(Input::LinkDown { link: LINK });
                self.pair.run();
                assert!(self.is_reached(), "lock and cloud share no epoch any more");
            }
            if self.epoch() == wanted {
                return;
            }
        }
        panic!("the rotation does not come to an end");
    }
}

/// Whose Hello it is, by the keys.
pub(crate) fn greets_under(hello: &[u8], keys: &LockKeys) -> bool {
    let Ok(Packet::Hello(hello)) = Packet::parse(hello) else { panic!("no Hello") };
    keys.recognises(&hello)
}
