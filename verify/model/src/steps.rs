//! The steps of the world: which may be taken, and what they do.

use std::fmt;
use std::sync::Arc;

use lock_core::device::Input;
use lock_core::proto::{BoltPosition, Kind, Packet};

use crate::air::{About, Freshness, Sender};
use crate::cloud::{Ask, Refused, Talk, Told};
use crate::door::Code;
use crate::scenario::Scenario;
use crate::world::{Flash, LINKS, Offered, Storage, World};

/// One step. Packets are numbered as they stand among all that were sent, sorted by their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Whatever the lock asked for is done.
    CarryOut,
    Flash(Flash),
    Cut,
    /// The record is there, and the power goes.
    CutBehindWrite,
    RollBack,
    LinkUp(usize),
    /// The lock is asked for another Hello.
    AskHello(usize),
    /// The cloud answers a Hello.
    Answer(usize, Ask),
    /// The same with a bit of it flipped.
    AnswerAltered(usize, usize, Ask),
    /// It says something in a session.
    Say(usize, Ask),
    Seal(Ask),
    /// A packet comes to the lock on a link.
    Bring(usize, usize),
    Alter(usize, usize, usize),
    Reflect(usize, usize),
    /// A packet comes to the cloud, for a talk.
    Hear(usize, usize),
    HearAltered(usize, usize, usize),
    ReflectToCloud(usize, usize),
    HearSealed(usize),
    Restore,
    Die,
    Wait(u64),
    Arrive,
    Stall,
    Sense(BoltPosition),
    Enter(Code),
}

/// Where a bit is flipped: kind, what follows it, counter, payload, tag.
const PLACES: [usize; 5] = [1, 3, 9, 30, usize::MAX];

impl World {
    /// What may happen next.
    pub(crate) fn steps(&self, scenario: &Scenario, steps: &mut Vec<Step>) {
        if self.truth.breach.is_some() {
            return;
        }
        let may_wait = match &self.offered {
            None => true,
            Some(Offered::Persist { .. }) => {
                steps.push(Step::CarryOut);
                if self.left.faults > 0 {
                    steps.extend([Flash::Busy, Flash::Fails, Flash::Lies].map(Step::Flash));
                }
                if self.left.faults > 0 {
                    steps.push(Step::CutBehindWrite);
                }
                self.left.slow > 0
            }
            Some(Offered::Transmit { .. } | Offered::Motor(_)) => {
                steps.push(Step::CarryOut);
                false
            }
        };
        if self.left.faults > 0 {
            steps.push(Step::Cut);
        }
        if may_wait {
            self.relay_steps(steps);
            self.door_steps(scenario, steps);
        }
        if self.offered.is_none() {
            if self.left.rollbacks > 0 {
                steps.push(Step::RollBack);
            }
            self.forgeries(steps);
            self.cloud_steps(scenario, steps);
        }
    }

    fn relay_steps(&self, steps: &mut Vec<Step>) {
        for link in 0..LINKS {
            // Links are alike: the first comes up first.
            if self.left.links > 0 && (link == 0 || self.up[link - 1]) {
                steps.push(Step::LinkUp(link));
                if self.up[link] {
                    steps.push(Step::AskHello(link));
                }
            }
        }
        for (index, _, sent) in self.air.all() {
            if sent.sender == Sender::Cloud && (!self.is_void(index) || self.offered.is_none()) {
                let may_come = |link: &usize| self.left.hostile > 0 || !self.is_replay(index, *link);
                steps.extend(self.up_links().filter(may_come).map(|link| Step::Bring(index, link)));
            }
        }
    }

    /// Whether an honest relay would not bring the packet on this link, or not any more.
    fn is_replay(&self, packet: usize, link: usize) -> bool {
        let (_, sent) = self.air.nth(packet);
        sent.was_brought || sent.link.is_some_and(|meant| meant != link)
    }

    fn up_links(&self) -> impl Iterator<Item = usize> {
        (0..LINKS).filter(|link| self.up[*link])
    }

    fn door_steps(&self, scenario: &Scenario, steps: &mut Vec<Step>) {
        if self.moving.is_some() {
            steps.push(Step::Arrive);
            if self.left.stalls > 0 {
                steps.push(Step::Stall);
            }
        }
        if self.left.waits > 0 {
            steps.extend(scenario.waits.iter().map(|millis| Step::Wait(*millis)));
        }
        if self.left.codes > 0 {
            steps.extend(scenario.codes.iter().map(|code| Step::Enter(*code)));
        }
        if self.left.senses > 0 {
            steps.extend(scenario.senses.iter().map(|position| Step::Sense(*position)));
        }
    }

    /// What a lock and a cloud must refuse.
    fn forgeries(&self, steps: &mut Vec<Step>) {
        for (index, packet, sent) in self.air.all() {
            let places = PLACES.map(|place| place.min(packet.len() - 1));
            let talks = || (0..self.cloud.talks.len()).filter(|talk| self.cloud.talks[*talk] != Talk::Over);
            let for_talks = matches!(sent.kind, Kind::Message2 | Kind::Record);
            if self.left.hostile > 0 && sent.sender == Sender::Cloud {
                for link in self.up_links() {
                    steps.extend(places.map(|place| Step::Alter(index, place, link)));
                }
            }
            if self.left.hostile > 0 && sent.sender == Sender::Lock && for_talks {
                for talk in talks() {
                    steps.extend(places.map(|place| Step::HearAltered(index, place, talk)));
                }
            }
            if self.left.hostile > 0 && sent.sender == Sender::Lock {
                self.up_links().for_each(|link| steps.push(Step::Reflect(index, link)));
            }
            if self.left.hostile > 0 && sent.sender == Sender::Cloud {
                talks().for_each(|talk| steps.push(Step::ReflectToCloud(index, talk)));
            }
        }
    }

    fn cloud_steps(&self, scenario: &Scenario, steps: &mut Vec<Step>) {
        // What it hears matters where it says something in a session, or has numbers to catch up with.
        let listens =
            self.left.records > 0 || self.cloud.restored > 0 || scenario.live.contains(&Ask::Commit);
        for (index, _, sent) in self.air.all().filter(|(_, _, sent)| sent.sender == Sender::Lock) {
            let may_come = !sent.was_brought || self.left.hostile > 0;
            match sent.kind {
                Kind::Hello if self.left.handshakes > 0 => {
                    self.asks(scenario, scenario.opening, |ask| steps.push(Step::Answer(index, ask)));
                    if self.left.hostile > 0 {
                        for place in [2, 3, 4, 5, 13] {
                            steps.push(Step::AnswerAltered(index, place, Ask::Nothing));
                        }
                    }
                }
                Kind::Message2 | Kind::Record if may_come && listens => self.hearers(index, steps),
                // A receipt changes nothing that the cloud does next.
                Kind::SealedUp if may_come && self.cloud.asks_for_marks() => {
                    steps.push(Step::HearSealed(index))
                }
                _ => {}
            }
        }
        if self.left.records > 0 {
            for talk in 0..self.cloud.talks.len() {
                if matches!(self.cloud.talks[talk], Talk::Live(_)) {
                    self.asks(scenario, scenario.live, |ask| {
                        if self.cloud.would_say(talk, ask) {
                            steps.push(Step::Say(talk, ask));
                        }
                    });
                }
            }
        }
        if self.left.seals > 0 {
            self.asks(scenario, scenario.sealed, |ask| steps.push(Step::Seal(ask)));
        }
        if self.left.restores > 0 {
            steps.push(Step::Restore);
        }
        if self.left.deaths > 0 {
            steps.push(Step::Die);
        }
    }

    fn hearers(&self, packet: usize, steps: &mut Vec<Step>) {
        let (_, sent) = self.air.nth(packet);
        for (talk, state) in self.cloud.talks.iter().enumerate() {
            let is_meant = match state {
                Talk::Connecting(_) | Talk::Proving(_) => sent.kind == Kind::Message2,
                Talk::Live(_) => sent.kind == Kind::Record,
                Talk::Over => false,
            };
            let is_there = sent.link == Some(self.cloud.places[talk].link);
            if is_meant && (is_there || self.left.hostile > 0) {
                steps.push(Step::Hear(packet, talk));
            }
        }
    }

    fn asks(&self, scenario: &Scenario, asks: &[Ask], mut take: impl FnMut(Ask)) {
        for ask in asks {
            if self.left.commands > 0 || !matches!(ask, Ask::New(_)) {
                take(*ask);
            }
        }
        if scenario.again && asks.iter().any(|ask| matches!(ask, Ask::New(_))) {
            self.cloud.issued.keys().for_each(|id| take(Ask::Again(*id)));
        }
    }

    /// Whether a lock must not answer a packet, whenever it comes.
    fn is_void(&self, packet: usize) -> bool {
        let (_, sent) = self.air.nth(packet);
        let is_live = matches!(sent.kind, Kind::Message1 | Kind::Record);
        sent.is_tainted || sent.is_old && is_live || sent.epoch < self.truth.epoch
    }

    /// Takes a step; false where it changes nothing.
    pub(crate) fn take(&mut self, step: Step, copy: &Storage) -> bool {
        if self.offered.is_some()
            && !matches!(step, Step::CarryOut | Step::Flash(_) | Step::Cut | Step::CutBehindWrite)
        {
            self.left.slow -= 1;
        }
        match step {
            Step::CarryOut => self.carry_out(Flash::Works),
            Step::Flash(flash) => {
                self.left.faults -= 1;
                self.carry_out(flash);
            }
            Step::Cut => {
                self.left.faults -= 1;
                self.cut();
            }
            Step::CutBehindWrite => {
                self.left.faults -= 1;
                self.cut_behind_write();
            }
            Step::RollBack => {
                self.left.rollbacks -= 1;
                self.roll_back(copy);
            }
            Step::LinkUp(link) => {
                self.left.links -= 1;
                self.link_up(link);
            }
            Step::AskHello(link) => {
                self.left.links -= 1;
                self.packet(link, &Packet::HELLO_REQUEST);
            }
            Step::Answer(hello, ask) => {
                self.left.handshakes -= 1;
                let (hello, sent) = self.air.nth(hello);
                let (hello, link) = (hello.clone(), sent.link.unwrap_or_default());
                return self.answer(&hello, link, ask, false);
            }
            Step::AnswerAltered(hello, place, ask) => {
                (self.left.handshakes, self.left.hostile) = (self.left.handshakes - 1, self.left.hostile - 1);
                let (hello, sent) = self.air.nth(hello);
                let (hello, link) = (altered(hello, place), sent.link.unwrap_or_default());
                return self.answer(&hello, link, ask, true);
            }
            Step::Say(talk, ask) => {
                self.left.records -= 1;
                self.pay(ask);
                let Some(packet) = self.cloud.say(talk, ask, self.clock) else { return false };
                self.say_it(talk, packet, false);
            }
            Step::Seal(ask) => {
                self.left.seals -= 1;
                self.truth.unanswered += u8::from(ask == Ask::Marks);
                self.pay(ask);
                let Some(packet) = self.cloud.seal(ask, self.clock) else { return false };
                let epoch = self.cloud.keys.key_epoch().number();
                self.sent(0, packet, About { epoch, link: None, is_tainted: false });
            }
            Step::Bring(packet, link) => self.bring(packet, link),
            Step::Alter(packet, place, link) => {
                self.left.hostile -= 1;
                let packet = altered(self.air.nth(packet).0, place);
                self.silently(link, &packet);
            }
            Step::Reflect(packet, link) => {
                self.left.hostile -= 1;
                let packet = self.air.nth(packet).0.clone();
                self.silently(link, &packet);
            }
            Step::Hear(packet, talk) => {
                let is_first = !self.air.nth(packet).1.was_brought;
                self.count_replay(packet);
                let packet = self.air.nth(packet).0.clone();
                match self.cloud.hear(talk, &packet, self.clock) {
                    Ok(()) => {}
                    // What does not open comes as a replay, or altered.
                    Err(Refused) if is_first => return false,
                    Err(Refused) => {}
                }
            }
            Step::HearAltered(packet, place, talk) => {
                self.left.hostile -= 1;
                let packet = altered(self.air.nth(packet).0, place);
                self.cloud_refuses(talk, &packet);
            }
            Step::ReflectToCloud(packet, talk) => {
                self.left.hostile -= 1;
                let packet = self.air.nth(packet).0.clone();
                self.cloud_refuses(talk, &packet);
            }
            Step::HearSealed(packet) => {
                self.count_replay(packet);
                let packet = self.air.nth(packet).0.clone();
                return self.cloud.hear_sealed(&packet) == Ok(Told::Marks);
            }
            Step::Restore => {
                self.left.restores -= 1;
                self.cloud.restore();
            }
            Step::Die => {
                self.left.deaths -= 1;
                self.cloud.die();
            }
            Step::Wait(millis) => {
                self.left.waits -= 1;
                self.wait(millis);
            }
            Step::Arrive => self.arrive(),
            Step::Stall => {
                self.left.stalls -= 1;
                self.moving = None;
                self.input(Input::MotorStalled);
            }
            Step::Sense(position) => {
                self.left.senses -= 1;
                self.sense(position);
            }
            Step::Enter(code) => {
                self.left.codes -= 1;
                self.enter(code);
            }
        }
        true
    }

    fn pay(&mut self, ask: Ask) {
        if matches!(ask, Ask::New(_)) {
            self.left.commands -= 1;
        }
    }

    fn answer(&mut self, hello: &[u8], link: usize, ask: Ask, is_tainted: bool) -> bool {
        self.pay(ask);
        let Some((talk, packet)) = self.cloud.answer((hello, link), ask, self.clock) else { return false };
        self.say_it(talk, packet, is_tainted);
        true
    }

    pub(crate) fn say_it(&mut self, talk: usize, packet: Arc<[u8]>, is_tainted: bool) {
        let crate::cloud::Place { epoch, link } = self.cloud.places[talk];
        self.sent(talk as u8, packet, About { epoch, link: Some(link), is_tainted });
    }

    /// A packet of the cloud is in the relay's hands. Property 2.
    fn sent(&mut self, session: u8, packet: Arc<[u8]>, about: About) {
        let is_restored = self.cloud.restored > 0;
        let is_fresh = match self.air.take_from_cloud(session, packet, about) {
            Freshness::Fresh => true,
            // A database that was put back gives the same numbers out again; the random part keeps them apart.
            Freshness::CounterAgain => is_restored,
            Freshness::Repeated => false,
        };
        self.must(is_fresh, 2, "the cloud used a nonce twice under one key");
    }

    fn count_replay(&mut self, packet: usize) {
        if self.air.nth(packet).1.was_brought {
            self.left.hostile -= 1;
        }
        self.air.brought(packet);
    }

    fn bring(&mut self, packet: usize, link: usize) {
        if self.is_replay(packet, link) {
            self.left.hostile -= 1;
        }
        self.air.brought(packet);
        let bytes = self.air.nth(packet).0.clone();
        if self.is_void(packet) {
            self.silently(link, &bytes);
        } else {
            self.packet(link, &bytes);
        }
    }

    /// A step in words.
    pub(crate) fn words(&self, step: Step) -> impl fmt::Display {
        let packet = |index: usize| {
            let (packet, sent) = self.air.nth(index);
            let again = if sent.was_brought { ", again" } else { "" };
            format!("{:?} of the {:?} ({} bytes, no. {index}{again})", sent.kind, sent.sender, packet.len())
        };
        match step {
            Step::CarryOut => match &self.offered {
                Some(Offered::Persist { tag, .. }) => format!("the record {tag:?} becomes durable"),
                Some(Offered::Transmit { link, packet }) => {
                    format!("the lock sends {:?} on link {link}", crate::air::kind(packet))
                }
                Some(Offered::Motor(drive)) => format!("the motor is ordered to {drive:?}"),
                None => "nothing".to_owned(),
            },
            Step::Bring(index, link) => format!("{} comes to the lock on link {link}", packet(index)),
            Step::Alter(index, place, link) => {
                format!(
                    "{} comes to the lock on link {link} with a bit of byte {place} flipped",
                    packet(index)
                )
            }
            Step::Reflect(index, link) => format!("{} comes back to the lock on link {link}", packet(index)),
            Step::Hear(index, talk) => format!("{} comes to the cloud in talk {talk}", packet(index)),
            Step::Answer(index, ask) => format!("the cloud answers {} with {ask:?}", packet(index)),
            other => format!("{other:?}"),
        }
    }
}

fn altered(packet: &[u8], place: usize) -> Vec<u8> {
    let mut packet = packet.to_vec();
    packet[place] ^= 1;
    packet
}
