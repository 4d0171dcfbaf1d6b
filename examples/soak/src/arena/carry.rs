//! The relay's hands: what it remembers, alters, and brings to the cloud.

use lock_core::proto::Outcome as CommandOutcome;

use super::{ARCHIVE, Arena, Recorded, Upward};
use crate::attack::{Attack, Outcome};

impl Arena {
    /// The relay sees a packet on its way down.
    pub(crate) fn record(&mut self, packet: &[u8]) {
        let recorded = Recorded { packet: packet.to_vec(), boot: self.boot() };
        if self.archive.len() < ARCHIVE {
            self.archive.push(recorded);
        } else {
            let place = self.random.place(ARCHIVE);
            self.archive[place] = recorded;
        }
    }

    /// A packet with one bit flipped.
    pub(crate) fn flipped(&mut self, packet: &[u8]) -> Vec<u8> {
        let mut altered = packet.to_vec();
        let place = self.random.place(packet.len());
        altered[place] ^= 1 << self.random.below(8);
        altered
    }

    /// A packet without its end.
    pub(crate) fn truncated(&mut self, packet: &[u8]) -> Vec<u8> {
        packet[..self.random.place(packet.len())].to_vec()
    }

    /// The start of one packet and the end of another that was recorded.
    pub(crate) fn spliced(&mut self, packet: &[u8]) -> Vec<u8> {
        let other = match self.archive.len() {
            0 => self.random.bytes::<64>().to_vec(),
            length => self.archive[self.random.place(length)].packet.clone(),
        };
        // Often at the seam between a header and what is sealed.
        let seam = self.random.one_of(&[2, 6, 10, 22, 30]);
        let cut = if self.random.percent(50) { seam } else { self.random.place(packet.len()) };
        let mut joined = packet[..cut.min(packet.len())].to_vec();
        joined.extend_from_slice(&other[cut.min(other.len())..]);
        joined.truncate(lock_core::proto::MAX_PACKET);
        joined
    }

    /// A packet altered in the way of one attack; `None` for attacks that alter nothing, and where chance gave the same bytes.
    pub(crate) fn altered(&mut self, attack: Attack, packet: &[u8]) -> Option<Vec<u8>> {
        let altered = match attack {
            Attack::FlipBit => self.flipped(packet),
            Attack::Truncate => self.truncated(packet),
            Attack::Splice => self.spliced(packet),
            Attack::Replay
            | Attack::ReplayAfterReboot
            | Attack::Delay
            | Attack::Drop
            | Attack::Reorder
            | Attack::Reflect
            | Attack::DowngradedHello => return None,
        };
        // What chance made genuine again is a replay, and counts elsewhere.
        let is_genuine = altered == packet || self.archive.iter().any(|recorded| recorded.packet == altered);
        (!is_genuine).then_some(altered)
    }

    /// A Hello that promises something else.
    pub(crate) fn downgraded(&mut self, hello: &[u8]) -> Vec<u8> {
        const VERSIONS_AND_PROFILE: [usize; 3] = [2, 3, 4];
        let mut altered = hello.to_vec();
        let place = self.random.one_of(&VERSIONS_AND_PROFILE);
        let before = altered[place];
        while altered[place] == before {
            altered[place] = self.random.below(4) as u8;
        }
        altered
    }

    /// Brings a packet of the lock to the cloud, or plays with it.
    pub(super) fn carry_up(&mut self, link: usize, packet: &[u8]) {
        if self.upward == Upward::Honest || self.random.percent(50) {
            self.tell_cloud(link, packet);
            return;
        }
        let attack = self.random.one_of(&[
            Attack::FlipBit,
            Attack::Truncate,
            Attack::Splice,
            Attack::Replay,
            Attack::Drop,
            Attack::Reflect,
        ]);
        if let Some(altered) = self.altered(attack, packet) {
            self.tell_cloud_as(attack, link, &altered);
        }
        match attack {
            Attack::Drop => {
                self.tally.count(attack, Outcome::Lost);
                return;
            }
            Attack::Reflect => {
                // What the relay brought down last comes back instead.
                if let Some(recorded) = self.archive.last().cloned() {
                    self.tell_cloud_as(attack, link, &recorded.packet);
                }
            }
            Attack::Replay
            | Attack::ReplayAfterReboot
            | Attack::Delay
            | Attack::Reorder
            | Attack::Splice
            | Attack::Truncate
            | Attack::FlipBit
            | Attack::DowngradedHello => {}
        }
        self.tell_cloud(link, packet);
        if attack == Attack::Replay {
            self.tell_cloud_as(attack, link, packet);
        }
    }

    /// A hostile packet for the cloud.
    pub(crate) fn tell_cloud_as(&mut self, attack: Attack, link: usize, packet: &[u8]) {
        let outcome =
            if self.tell_cloud(link, packet) { Outcome::CloudAccepted } else { Outcome::CloudRefused };
        self.tally.count(attack, outcome);
        let is_innocent = outcome == Outcome::CloudRefused || attack == Attack::Delay;
        self.oracle.hold(is_innocent, || format!("the cloud believes a packet after the attack '{attack}'"));
    }

    /// Gives the cloud a packet; true when it believes it.
    pub(crate) fn tell_cloud(&mut self, link: usize, packet: &[u8]) -> bool {
        let Some(said) = self.cloud.hear(link, packet.to_vec(), self.now) else { return false };
        self.oracle.cloud_believes(packet, said.status());
        if let Some((id, CommandOutcome::Done)) = said.outcome() {
            self.oracle.cloud_hears_done(id);
        }
        self.heard.push(said);
        true
    }
}
