//! Store and forward under attack.

use lock_core::proto::{Action, Request, UnixMillis};
use lock_sim::controller::LINKS;

use crate::arena::{Arena, Stranded};
use crate::attack::{Attack, Outcome};
use crate::cloud::true_time;

impl Arena {
    pub(super) fn sealed_scene(&mut self, attack: Attack) -> Result<(), Stranded> {
        self.make_ready()?;
        // Most of the time the lock knows the time.
        if self.random.percent(80) {
            self.open_session(0, &Request::Nothing)?;
        }
        for _ in 0..self.random.between(4, 14) {
            let link = self.random.place(LINKS);
            let action = self.action();
            let request = self.command(action);
            let expiry = self.expiry();
            let packet = self.sealed(&request, expiry);
            self.attack_sealed(attack, link, &packet, &request)?;
            let wait = self.random.below(2_500);
            self.pass(wait)?;
        }
        Ok(())
    }

    fn expiry(&mut self) -> Option<UnixMillis> {
        let lasts = self.random.between(1_000, 120_000);
        self.random.percent(30).then(|| true_time(self.now).plus_millis(lasts))
    }

    fn attack_sealed(
        &mut self,
        attack: Attack,
        link: usize,
        packet: &[u8],
        request: &Request,
    ) -> Result<(), Stranded> {
        match attack {
            Attack::FlipBit | Attack::Truncate | Attack::Splice => {
                if let Some(altered) = self.altered(attack, packet) {
                    self.attack_in_vain(attack, link, &altered)?;
                }
                self.deliver(link, packet).map(drop)
            }
            Attack::Replay => {
                self.deliver(link, packet)?;
                for _ in 0..self.random.between(1, 3) {
                    let wait = self.random.below(1_800);
                    self.pass(wait)?;
                    self.attack(attack, link, packet)?;
                }
                if self.random.percent(20) { self.retry(link, request) } else { Ok(()) }
            }
            Attack::ReplayAfterReboot => {
                self.deliver(link, packet)?;
                self.cut_power()?;
                self.open_session(link, &Request::Nothing)?;
                self.attack(attack, link, packet).map(drop)
            }
            Attack::Delay => {
                let wait = if self.random.percent(50) { 50_000 } else { 150_000 };
                let wait = self.random.below(wait);
                self.pass(wait)?;
                self.attack(attack, link, packet).map(drop)
            }
            Attack::Drop => {
                self.tally.count(attack, Outcome::Lost);
                Ok(())
            }
            Attack::Reorder => {
                let action = match request {
                    Request::Command { action: Action::Lock, .. } => Action::Unlock,
                    Request::Command { .. } | Request::Nothing | Request::Query(_) => Action::Lock,
                };
                let request = self.command(action);
                let second = self.sealed(&request, None);
                self.attack(attack, link, &second)?;
                self.pass(2_000)?;
                self.attack(attack, link, packet).map(drop)
            }
            Attack::Reflect => {
                self.tell_cloud_as(attack, link, packet);
                self.deliver(link, packet)?;
                match self.last_up[link].clone() {
                    Some(packet) => self.attack_in_vain(attack, link, &packet),
                    None => Ok(()),
                }
            }
            Attack::DowngradedHello => {
                self.deliver(link, packet)?;
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
}
