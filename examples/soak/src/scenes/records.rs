//! A live session under attack.

use lock_core::crypto::Delivery;
use lock_core::proto::{Query, Request};
use lock_sim::controller::LINKS;

use crate::arena::{Arena, DELIVERIES, Stranded};
use crate::attack::{Attack, Outcome};

/// A session ends with the eighth record that fails: this many are tried in one.
const TRIES: u64 = 6;

impl Arena {
    pub(super) fn records_scene(&mut self, attack: Attack) -> Result<(), Stranded> {
        self.make_ready()?;
        for _ in 0..self.random.between(1, 4) {
            let link = self.random.place(LINKS);
            if !self.open_session(link, &Request::Nothing)? {
                continue;
            }
            let boot = self.boot();
            for _ in 0..self.random.between(1, TRIES) {
                let request = self.request();
                let Some(record) = self.in_session(link, &request) else { break };
                self.attack_record(attack, link, &record)?;
                let wait = self.random.below(1_500);
                self.pass(wait)?;
                if self.boot() != boot {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Mostly a command.
    fn request(&mut self) -> Request {
        if self.random.percent(25) {
            return Request::Query(Query::Status);
        }
        let action = self.action();
        self.command(action)
    }

    fn attack_record(&mut self, attack: Attack, link: usize, record: &[u8]) -> Result<(), Stranded> {
        match attack {
            Attack::FlipBit | Attack::Truncate | Attack::Splice => {
                if let Some(altered) = self.altered(attack, record) {
                    self.attack_in_vain(attack, link, &altered)?;
                }
                self.deliver(link, record).map(drop)
            }
            Attack::Replay => {
                self.deliver(link, record)?;
                self.attack_in_vain(attack, link, record)?;
                self.attack_in_vain(attack, (link + 1) % LINKS, record)
            }
            Attack::ReplayAfterReboot => {
                self.deliver(link, record)?;
                self.cut_power()?;
                self.open_session(link, &Request::Nothing)?;
                self.attack_in_vain(attack, link, record)
            }
            Attack::Delay => {
                let wait = self.random.below(9_000);
                self.pass(wait)?;
                self.attack(attack, link, record).map(drop)
            }
            Attack::Drop => {
                self.tally.count(attack, Outcome::Lost);
                Ok(())
            }
            Attack::Reorder => self.reorder(link, record),
            Attack::Reflect => {
                if let Some(packet) = self.last_up[link].clone() {
                    self.attack_in_vain(attack, link, &packet)?;
                }
                self.tell_cloud_as(attack, link, record);
                self.deliver(link, record).map(drop)
            }
            Attack::DowngradedHello => {
                // In a session a Hello says nothing any more; the relay alters the one for the next.
                let Some(hello) = self.fresh_hello(link)? else { return Ok(()) };
                let altered = self.downgraded(&hello);
                if let Ok(message1) = self.opening(link, &altered, &Request::Nothing) {
                    self.attack_in_vain(attack, link, &message1)
                } else {
                    self.tally.count(attack, Outcome::CloudRefused);
                    Ok(())
                }
            }
        }
    }

    /// The second of two records comes first.
    fn reorder(&mut self, link: usize, record: &[u8]) -> Result<(), Stranded> {
        let request = self.request();
        let is_command = matches!(request, Request::Command { .. });
        let Some(second) = self.in_session(link, &request) else { return Ok(()) };
        match DELIVERIES[link] {
            Delivery::Ordered => {
                // It is refused, and the first is still the one that is expected.
                self.attack_in_vain(Attack::Reorder, link, &second)?;
                self.attack(Attack::Reorder, link, record).map(drop)
            }
            Delivery::Datagram => {
                let early = self.attack(Attack::Reorder, link, &second)?;
                let late = self.attack(Attack::Reorder, link, record)?;
                let is_overtaken = is_command && early.has_answered;
                self.oracle.hold(!(is_overtaken && late.has_run), || {
                    "a command ran after a later one of its session had come".to_owned()
                });
                Ok(())
            }
        }
    }
}
