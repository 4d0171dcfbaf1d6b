//! The factory reset, record by record: that it began, a new PIN key, each page of the wiped configuration, wear without what was
//! learned, the raised revocation epoch, where the ownership ends the erased keys, and that it is done. Cut anywhere, the next boot does it again from the first.

use lock_crypto::{Label, Suite};
use lock_proto::Uptime;
use lock_state::{Configuration, Tables, Wiping};

use super::steps::Step;
use super::{Device, RecordTag, storage};

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    pub(super) fn wipe(&mut self, now: Uptime) {
        let draw = self.nonces.draw();
        let hedge = self.identity.leaves.leaf(Label::Hedge);
        self.identity.k_pin = storage::new_pin_key::<S>(&draw, hedge, self.identity.lock_id);
        // Virtual keys die with the users: nothing that was issued before opens the door of whoever lives there next.
        let _ = self.tickets.raise_epoch(self.tickets.epoch().saturating_add(1));
        let effects = self.lock.wipe(now);
        self.follow(effects, now);
        self.steps.push(Step::Persist(RecordTag::Keys));
        self.steps.push(Step::WipePage(0));
    }

    pub(super) fn wipe_page(&mut self, page: u8) {
        if usize::from(page) < Configuration::<T>::PAGES {
            self.steps.push(Step::Persist(RecordTag::Page(page)));
            self.steps.push(Step::WipePage(page.saturating_add(1)));
        } else {
            self.steps.push(Step::Persist(RecordTag::Upkeep));
            self.steps.push(Step::Persist(RecordTag::Tickets));
            self.steps.push(match self.lock.wiping() {
                Wiping::EndOfOwnership => Step::EraseKeys,
                Wiping::Reset | Wiping::Nothing => Step::ResetFinished,
            });
        }
    }
}
