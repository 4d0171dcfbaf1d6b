//! A handshake under attack.

use lock_core::proto::{BoltPosition, Request};
use lock_sim::controller::LINKS;
use lock_sim::hardware::Side;

use crate::arena::{Arena, Stranded};
use crate::attack::{Attack, Outcome};

impl Arena {
    pub(super) fn live_scene(&mut self, attack: Attack) -> Result<(), Stranded> {
        self.make_ready()?;
        for _ in 0..self.random.between(4, 12) {
            let link = self.random.place(LINKS);
            let Some(hello) = self.fresh_hello(link)? else { continue };
            let action = self.action();
            let request = self.command(action);
            if attack == Attack::DowngradedHello {
                self.downgrade(link, &hello, &request)?;
            } else if let Ok(message1) = self.opening(link, &hello, &request) {
                self.attack_message1(attack, link, &hello, &message1, &request)?;
            }
        }
        Ok(())
    }

    fn downgrade(&mut self, link: usize, hello: &[u8], request: &Request) -> Result<(), Stranded> {
        let altered = self.downgraded(hello);
        match self.opening(link, &altered, request) {
            Ok(message1) => self.attack_in_vain(Attack::DowngradedHello, link, &message1),
            Err(_) => {
                self.tally.count(Attack::DowngradedHello, Outcome::CloudRefused);
                Ok(())
            }
        }
    }

    fn attack_message1(
        &mut self,
        attack: Attack,
        link: usize,
        hello: &[u8],
        message1: &[u8],
        request: &Request,
    ) -> Result<(), Stranded> {
        match attack {
            Attack::FlipBit | Attack::Truncate | Attack::Splice => match self.altered(attack, message1) {
                Some(altered) => self.attack_in_vain(attack, link, &altered),
                None => Ok(()),
            },
            Attack::Replay => {
                self.deliver(link, message1)?;
                for _ in 0..self.random.between(1, 4) {
                    let wait = self.random.below(3_000);
                    self.pass(wait)?;
                    let other = self.random.place(LINKS);
                    self.attack_in_vain(attack, other, message1)?;
                }
                self.retry(link, request)
            }
            Attack::ReplayAfterReboot => {
                self.deliver(link, message1)?;
                self.cut_power()?;
                for _ in 0..self.random.between(1, 4) {
                    self.fresh_hello(link)?;
                    self.attack_in_vain(attack, link, message1)?;
                }
                Ok(())
            }
            Attack::Delay => {
                let wait = if self.random.percent(40) { 4_900 } else { 14_000 };
                let wait = self.random.below(wait);
                self.pass(wait)?;
                self.attack(attack, link, message1).map(drop)
            }
            Attack::Drop => {
                self.tally.count(attack, Outcome::Lost);
                Ok(())
            }
            Attack::Reorder => {
                let Some(newer) = self.fresh_hello(link)? else { return Ok(()) };
                let action = self.action();
                let request = self.command(action);
                let Ok(second) = self.opening(link, &newer, &request) else { return Ok(()) };
                self.deliver(link, &second)?;
                self.attack_in_vain(attack, link, message1)
            }
            Attack::Reflect => {
                self.attack_in_vain(attack, link, hello)?;
                self.tell_cloud_as(attack, link, message1);
                match self.last_up[link].clone() {
                    Some(packet) => self.attack_in_vain(attack, link, &packet),
                    None => Ok(()),
                }
            }
            Attack::DowngradedHello => Ok(()),
        }
    }

    /// Somebody turns the bolt back, and the cloud, which heard nothing, sends the same command again: nothing moves.
    pub(super) fn retry(&mut self, link: usize, request: &Request) -> Result<(), Stranded> {
        self.pass(2_000)?;
        let back = if self.truth().bolt == BoltPosition::Extended { Side::Withdrawn } else { Side::Thrown };
        self.turn(back)?;
        if self.random.percent(50) {
            self.open_session(link, request)?;
        } else {
            let packet = self.sealed(request, None);
            self.deliver(link, &packet)?;
        }
        Ok(())
    }
}
