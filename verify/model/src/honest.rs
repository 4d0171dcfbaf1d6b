//! The relay becomes honest: what lock and cloud do then, step by step and without choice. Wherever a search has come to, they must
//! agree again.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use lock_core::proto::{Action, BoltPosition, CommandId, Kind, Outcome, Request};

use crate::air::kind;
use crate::cloud::{Ask, Deed};
use crate::world::{Flash, Offered, World};

/// Why they do not agree.
pub(crate) type Disagreement = &'static str;

/// A link that carries everything, once and in order.
pub(crate) struct Honest<'w> {
    world: &'w mut World,
    sent: Vec<Arc<[u8]>>,
}

const LINK: usize = 0;
/// A lock rests after what failed.
const PATIENCE: u64 = 1_500;

impl<'w> Honest<'w> {
    pub(crate) fn with(world: &'w mut World) -> Self {
        Self { world, sent: Vec::new() }
    }

    /// The flash works, the bolt arrives, and what the lock says is kept for the cloud.
    fn settle(&mut self) {
        while let Some(offered) = &self.world.offered {
            if let Offered::Transmit { link: LINK, packet } = offered {
                self.sent.push(packet.clone());
            }
            self.world.carry_out(Flash::Works);
        }
    }

    fn arrive(&mut self) {
        for _ in 0..4 {
            self.settle();
            self.world.arrive();
        }
        self.settle();
    }

    fn take(&mut self, wanted: Kind) -> Result<Arc<[u8]>, Disagreement> {
        let place = self.sent.iter().position(|packet| kind(packet) == wanted);
        place.map(|place| self.sent.remove(place)).ok_or("the lock does not answer")
    }

    /// A session, whatever was before: its number.
    pub(crate) fn connect(&mut self) -> Result<usize, Disagreement> {
        self.arrive();
        self.world.wait(PATIENCE);
        self.settle();
        self.sent.clear();
        self.world.link_up(LINK);
        self.settle();
        let hello = self.take(Kind::Hello)?;
        let clock = self.world.clock;
        let answer = self.world.cloud.answer((&hello, LINK), Ask::Rotation, clock);
        let (talk, packet) = answer.ok_or("the cloud has no key for the lock")?;
        self.bring(talk, packet)?;
        Ok(talk)
    }

    fn bring(&mut self, talk: usize, packet: Arc<[u8]>) -> Result<(), Disagreement> {
        self.world.say_it(talk, packet.clone(), false);
        self.world.packet(LINK, &packet);
        self.settle();
        for packet in core::mem::take(&mut self.sent) {
            let heard = self.world.cloud.hear(talk, &packet, self.world.clock);
            heard.map_err(|_| "the cloud does not believe the lock")?;
        }
        Ok(())
    }

    fn say(&mut self, talk: usize, ask: Ask) -> Result<(), Disagreement> {
        let packet =
            self.world.cloud.say(talk, ask, self.world.clock).ok_or("the cloud has nothing to say")?;
        self.bring(talk, packet)
    }

    /// A command in a session, and what the lock says of it.
    pub(crate) fn command(&mut self, talk: usize, action: Action) -> Result<(), Disagreement> {
        let Request::Command { id, .. } = self.world.cloud.command(action) else { unreachable!() };
        self.say(talk, Ask::Again(id.0))?;
        self.settle();
        let _ = self.world.cloud.outcomes.get(&id.0).ok_or("the lock says nothing of a command")?;
        Ok(())
    }

    /// They agree: a session opens, and a command moves the bolt once.
    fn agree(&mut self) -> Result<(), Disagreement> {
        let talk = self.connect()?;
        if self.world.is_cloud_behind() {
            return Err("the cloud stays behind the lock");
        }
        let deed = match self.world.bolt {
            BoltPosition::Retracted => Deed::Lock,
            _ => Deed::Unlock,
        };
        let CommandId(id) = self.world.cloud.numbers.next_command;
        self.say(talk, Ask::New(deed))?;
        self.arrive();
        let outcome = self.world.cloud.outcomes.get(&id);
        let is_obeyed = matches!(outcome, Some(Outcome::Started | Outcome::Done));
        if !is_obeyed {
            return Err("the lock does not obey");
        }
        Ok(())
    }

    /// The next epoch is agreed, in a session that goes on.
    pub(crate) fn prepare(&mut self) -> Result<(), Disagreement> {
        let talk = self.connect()?;
        self.say(talk, Ask::Prepare)?;
        self.say(talk, Ask::Rotation)
    }

    /// A rotation that was begun comes to its end.
    fn rotate(&mut self) -> Result<(), Disagreement> {
        for _ in 0..6 {
            if self.world.cloud.keys.key_epoch().number() == 2 {
                return Ok(());
            }
            let talk = self.connect()?;
            if self.world.cloud.is_proven(talk) {
                self.say(talk, Ask::Commit)?;
            } else if self.world.cloud.next.is_none() && self.world.cloud.keys.key_epoch().number() == 1 {
                self.say(talk, Ask::Prepare)?;
                self.say(talk, Ask::Rotation)?;
            }
        }
        Err("the rotation does not come to its end")
    }
}

impl World {
    /// All that decides whether they agree: neither packets nor talks, which an honest relay begins anew.
    pub(crate) fn hash_what_agrees<H: Hasher>(&self, hasher: &mut H) {
        (&self.lock, &self.storage, self.now, self.clock, self.bolt, self.moving).hash(hasher);
        self.cloud.hash_what_is_stored(hasher);
    }

    /// What keeps lock and cloud from agreeing, however honest the relay becomes now.
    pub(crate) fn disagreement(&self, rotates: bool) -> Option<Disagreement> {
        let mut world = self.clone();
        let mut honest = Honest::with(&mut world);
        let agreed = if rotates { honest.rotate() } else { Ok(()) };
        let agreed = agreed.and_then(|()| honest.agree());
        agreed.err().or(world.truth.breach.map(|breach| breach.what))
    }
}
