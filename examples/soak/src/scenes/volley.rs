//! Everything that was ever recorded, again, in any order.

use lock_sim::controller::LINKS;

use super::is_message1;
use crate::arena::{Arena, Stranded};
use crate::attack::Attack;

impl Arena {
    pub(super) fn volley_scene(&mut self) -> Result<(), Stranded> {
        for _ in 0..self.random.between(20, 80) {
            if self.archive.is_empty() {
                return Ok(());
            }
            let recorded = self.archive[self.random.place(self.archive.len())].clone();
            let link = self.random.place(LINKS);
            // A first message is worth nothing without a Hello that it could burn.
            if is_message1(&recorded.packet) && self.random.percent(60) {
                self.fresh_hello(link)?;
            }
            let is_old = recorded.boot != self.boot();
            let attack = if is_old { Attack::ReplayAfterReboot } else { Attack::Replay };
            self.attack(attack, link, &recorded.packet)?;
            let wait = self.random.below(400);
            self.pass(wait)?;
        }
        Ok(())
    }
}
