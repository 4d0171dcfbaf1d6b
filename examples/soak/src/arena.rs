//! Lock, cloud, relay and oracle in one virtual time. Every step gives the lock one thing and lets the oracle judge what follows.

mod carry;
mod power;

use std::collections::HashSet;

use lock_core::crypto::{Delivery, LockId, RootKey, RootKeyError, RustCrypto};
use lock_core::device::LinkId;
use lock_core::proto::{Kind, Motion, Packet, Status};
use lock_core::state::Drive;
use lock_sim::controller::{LINKS, StepError};
use lock_sim::hardware::{Moment, Truth, World};

use crate::attack::{Attack, Outcome, Tally};
use crate::cloud::{Cloud, Said};
use crate::lock::{Deeds, Lock, SharedFlash};
use crate::oracle::{Observed, Oracle, Stimulus};
use crate::random::Random;

pub use power::{Cut, Reboots};

/// How each link delivers: one of either kind.
pub(crate) const DELIVERIES: [Delivery; LINKS] = [Delivery::Ordered, Delivery::Datagram];
/// Packets that the relay remembers.
const ARCHIVE: usize = 512;

/// Why a run could not go on: a failure in itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stranded(pub(crate) String);

/// A packet that the relay recorded on its way down.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) packet: Vec<u8>,
    /// The boot that it was meant for.
    pub(crate) boot: u64,
}

/// What came of a packet that was given to the lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reaction {
    pub(crate) has_run: bool,
    pub(crate) has_answered: bool,
    pub(crate) was_cut: bool,
}

impl Reaction {
    pub(crate) fn outcome(self) -> Outcome {
        if self.was_cut {
            Outcome::PowerCut
        } else if self.has_run {
            Outcome::InTime
        } else if self.has_answered {
            Outcome::Answered
        } else {
            Outcome::Silence
        }
    }
}

/// How packets of the lock travel to the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upward {
    Honest,
    Hostile,
}

/// Everything in one run.
#[derive(Debug)]
pub(crate) struct Arena {
    pub(crate) random: Random,
    pub(crate) now: Moment,
    pub(crate) cloud: Cloud,
    pub(crate) oracle: Oracle,
    pub(crate) tally: Tally,
    pub(crate) reboots: Reboots,
    pub(crate) upward: Upward,
    /// The lock's own random source is broken.
    pub(crate) is_lock_entropy_stuck: bool,
    pub(crate) archive: Vec<Recorded>,
    /// Every packet that the lock was given.
    brought: HashSet<Vec<u8>>,
    /// What the cloud has believed since a scene last looked.
    pub(crate) heard: Vec<Said>,
    /// The last packet of the lock on each link.
    pub(crate) last_up: [Option<Vec<u8>>; LINKS],
    lock: Option<Lock>,
    flash: SharedFlash,
    hellos: [Option<Vec<u8>>; LINKS],
    is_up: [bool; LINKS],
    boot: u64,
}

impl Arena {
    /// A new lock, registered at a new cloud, with power.
    pub(crate) fn new(seed: u64) -> Result<Self, Stranded> {
        let mut random = Random::from_seed(seed);
        let lock_id = LockId(random.bytes());
        let stranded = |error: String| Stranded(format!("the lock was not made: {error}"));
        let root = RootKey::from_bytes::<RustCrypto>(random.bytes(), lock_id)
            .map_err(|error: RootKeyError| stranded(error.to_string()))?;
        let flash = Lock::provision(&root, lock_id).map_err(|error| stranded(error.to_string()))?;
        let cloud = Cloud::new(&root, lock_id, DELIVERIES, Random::from_seed(random.next()));
        let mut arena = Self {
            random,
            now: Moment(1_000),
            cloud,
            oracle: Oracle::default(),
            tally: Tally::default(),
            reboots: Reboots::default(),
            upward: Upward::Honest,
            is_lock_entropy_stuck: false,
            archive: Vec::new(),
            brought: HashSet::new(),
            heard: Vec::new(),
            last_up: [const { None }; LINKS],
            lock: None,
            flash,
            hellos: [const { None }; LINKS],
            is_up: [false; LINKS],
            boot: 0,
        };
        arena.power_up(World::new(arena.now), None, arena.now)?;
        Ok(arena)
    }

    pub(crate) fn lock(&mut self) -> &mut Lock {
        self.lock.as_mut().expect("the lock has power between two steps")
    }

    pub(crate) fn status(&mut self) -> Status {
        self.lock().controller().status()
    }

    pub(crate) fn truth(&mut self) -> Truth {
        self.lock().controller().world().truth()
    }

    /// The number of this boot, as the relay counts.
    pub(crate) const fn boot(&self) -> u64 {
        self.boot
    }

    /// Lets time pass, from one thing that happens to the next.
    pub(crate) fn pass(&mut self, millis: u64) -> Result<(), Stranded> {
        // What people changed is sensed before time goes on: a step's packets are all of one moment.
        self.touch(&Stimulus::Time)?;
        let until = self.now.plus(millis);
        while self.now < until {
            let boot = self.boot;
            let next = self.lock().controller().next_wake().filter(|next| *next < until).unwrap_or(until);
            self.step(&Stimulus::Time, next.max(self.now.plus(1)))?;
            if self.boot != boot {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Somebody does something to the lock that it notices at once.
    pub(crate) fn touch(&mut self, stimulus: &Stimulus) -> Result<Reaction, Stranded> {
        let now = self.now;
        self.step(stimulus, now)
    }

    /// Brings a link up, anew where it was up, and returns the lock's Hello; `None` when the power failed.
    pub(crate) fn link_up(&mut self, link: usize) -> Result<Option<Vec<u8>>, Stranded> {
        self.hellos[link] = None;
        self.lock().controller_mut().link_up(LinkId(link as u8), DELIVERIES[link]);
        let reaction = self.touch(&Stimulus::Link)?;
        self.is_up[link] = !reaction.was_cut;
        Ok(self.hellos[link].clone())
    }

    /// Asks for a fresh Hello, on a link that may have been closed; `None` when the power failed.
    pub(crate) fn fresh_hello(&mut self, link: usize) -> Result<Option<Vec<u8>>, Stranded> {
        self.pass(1_001)?;
        if !self.is_up[link] {
            return self.link_up(link);
        }
        self.hellos[link] = None;
        let reaction = self.deliver(link, &Packet::HELLO_REQUEST)?;
        if self.hellos[link].is_none() && !reaction.was_cut {
            return self.link_up(link);
        }
        Ok(self.hellos[link].clone())
    }

    /// Gives the lock a packet, whoever made it.
    pub(crate) fn deliver(&mut self, link: usize, packet: &[u8]) -> Result<Reaction, Stranded> {
        if !self.is_up[link] && self.link_up(link)?.is_none() {
            return Ok(Reaction { was_cut: true, ..Reaction::default() });
        }
        self.brought.insert(packet.to_vec());
        self.lock().controller_mut().receive(LinkId(link as u8), packet.to_vec());
        self.touch(&Stimulus::Packet(packet.to_vec()))
    }

    /// A hostile packet for the lock.
    pub(crate) fn attack(
        &mut self,
        attack: Attack,
        link: usize,
        packet: &[u8],
    ) -> Result<Reaction, Stranded> {
        // What was dropped or held back before comes for the first time: that is no replay.
        let is_replay = matches!(attack, Attack::Replay | Attack::ReplayAfterReboot);
        let attack = if is_replay && !self.brought.contains(packet) { Attack::Delay } else { attack };
        let reaction = self.deliver(link, packet)?;
        self.tally.count(attack, reaction.outcome());
        Ok(reaction)
    }

    /// One step of the lock, judged.
    fn step(&mut self, stimulus: &Stimulus, until: Moment) -> Result<Reaction, Stranded> {
        let motion = self.status().motion;
        let is_retried = matches!(motion, Motion::Relieving | Motion::Pausing);
        let (deeds, stepped) = self.lock().step(until);
        self.now = until;
        let truth = self.truth();
        let was_cut = stepped.is_err();
        let configuration = if was_cut { None } else { Some(self.status().configuration) };
        let has_sent = |kind| deeds.sent.iter().any(|(_, packet)| is_kind(packet, kind));
        let observed = Observed {
            drives: deeds.drives.clone(),
            configuration,
            door: truth.door,
            was_extending: motion == Motion::Extending || deeds.drives.contains(&Drive::Extend) || is_retried,
            was_trying: motion != Motion::Still,
            answered_handshake: has_sent(Kind::Message2),
            answered_sealed: has_sent(Kind::SealedUp),
            memories: deeds.memories,
            memories_before_motor: deeds.memories_before_motor,
        };
        let has_run = self.oracle.judge(stimulus, &observed, self.now);
        let reaction = Reaction { has_run, has_answered: !deeds.sent.is_empty(), was_cut };
        self.follow(deeds, &truth)?;
        match stepped {
            Ok(()) => {
                let (status, truth) = (self.status(), self.truth());
                self.oracle.lock_claims(&status, &truth);
            }
            Err(StepError::PowerCut(_)) => self.reboot(Some(stimulus))?,
            Err(error @ (StepError::TimerStuck(_) | StepError::InputRefused | StepError::Restart)) => {
                self.oracle.hold(false, || error.to_string());
                self.reboot(Some(stimulus))?;
            }
        }
        Ok(reaction)
    }

    fn follow(&mut self, deeds: Deeds, truth: &Truth) -> Result<(), Stranded> {
        for link in deeds.closed {
            self.is_up[usize::from(link.0)] = false;
        }
        for (link, packet) in deeds.sent {
            let link = usize::from(link.0);
            self.oracle.lock_sent(link, &packet, truth, self.now);
            if packet.starts_with(&Kind::Hello.prefix()) {
                self.hellos[link] = Some(packet.clone());
            } else {
                self.carry_up(link, &packet);
            }
            self.last_up[link] = Some(packet);
        }
        Ok(())
    }
}

fn is_kind(packet: &[u8], kind: Kind) -> bool {
    Packet::parse(packet).is_ok_and(|packet| packet.kind() == kind)
}
