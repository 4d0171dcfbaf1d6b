//! The factory reset, record by record: that it began, a new PIN key, each page of the wiped configuration, wear without what was
//! learned, the raised revocation epoch, where the ownership ends the used codes, the update that nobody asked for any more and the erased keys, and that it is done. Cut anywhere, the next boot does it again from the first.
//!
//! A record that fails is written again a second later, until it is durable: the lock is of no use before. Only where the first one
//! fails, nothing has begun, and the reset is cancelled.

use lock_crypto::{Label, Suite};
use lock_proto::Uptime;
use lock_state::{Configuration, Tables, TicketBook, Wiping};

use super::steps::{Claim, Step, WIPE};
use super::{Device, RecordTag, storage};

/// So long until a record that failed is written again, in milliseconds.
const RETRY_MILLIS: u64 = 1_000;

/// What of a reset waits until nothing else does.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
pub(super) struct Owed {
    from: Stage,
    /// Not before this; `None` where that has passed.
    not_before: Option<Uptime>,
}

/// Where a reset goes on.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
enum Stage {
    /// From the first: nothing is wiped yet.
    Wipe,
    /// The record of the new PIN key.
    PinKey,
    /// A page.
    Page(u8),
    /// What follows the last page.
    Rest,
    /// The keys of the owner.
    EraseKeys,
}

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    /// The reset begins when nothing else waits.
    pub(super) const fn owe_wipe(&mut self) {
        self.owed = Some(Owed { from: Stage::Wipe, not_before: None });
    }

    /// Time has passed.
    pub(super) fn wake_owed(&mut self, now: Uptime) {
        if let Some(owed) = &mut self.owed {
            owed.not_before = owed.not_before.filter(|at| now < *at);
        }
    }

    /// When a record that failed is written again.
    pub(super) fn owed_at(&self) -> Option<Uptime> {
        self.owed.and_then(|owed| owed.not_before)
    }

    /// Goes on with a reset, as nothing else waits; `None` where there is nothing to go on with yet.
    pub(super) fn begin_owed(&mut self) -> Option<()> {
        let Owed { from, .. } = self.owed.take_if(|owed| owed.not_before.is_none())?;
        self.steps.begin_input(Claim::Urgent(WIPE))?;
        match from {
            Stage::Wipe => self.steps.push(Step::Wipe),
            Stage::PinKey => self.store_pin_key(),
            Stage::Page(page) => self.wipe_page(page),
            Stage::Rest => self.store_rest(),
            Stage::EraseKeys => self.steps.push(Step::EraseKeys),
        }
        Some(())
    }

    /// A record failed before this step of a reset.
    pub(super) fn reset_interrupted(&mut self, step: &Step, failed: RecordTag, now: Uptime) {
        let is_first = matches!(step, Step::Wipe);
        if is_first && failed == RecordTag::Memory {
            // It never began. The record may be there all the same: the one that follows has the last word.
            let effects = self.lock.cancel_reset(now);
            return self.follow(effects, now);
        }
        let from = if is_first {
            Stage::Wipe
        } else if let Step::WipePage(page) = step {
            page.checked_sub(1).map_or(Stage::PinKey, Stage::Page)
        } else if matches!(step, Step::EraseKeys) || self.lock.wiping() == Wiping::Reset {
            Stage::Rest
        } else {
            Stage::EraseKeys
        };
        self.owed = Some(Owed { from, not_before: Some(now.plus_millis(RETRY_MILLIS)) });
    }

    #[inline(never)]
    pub(super) fn wipe(&mut self, now: Uptime) {
        let draw = self.nonces.draw();
        let hedge = self.identity.leaves.leaf(Label::Hedge);
        self.identity.k_pin = storage::new_pin_key::<S>(&draw, hedge, self.identity.lock_id);
        // Virtual keys die with the users: nothing that was issued before opens the door of whoever lives there next. Those of an owner
        // who leaves die with the owner's keys, and the epochs of the next one begin anew.
        match self.lock.wiping() {
            Wiping::EndOfOwnership => {
                self.tickets = TicketBook::default();
                if T::PARTS.life {
                    self.update.forget();
                }
            }
            Wiping::Reset | Wiping::Nothing => {
                let _ = self.tickets.raise_epoch(self.tickets.epoch().saturating_add(1));
            }
        }
        let effects = self.lock.wipe(now);
        self.follow(effects, now);
        self.store_pin_key();
    }

    fn store_pin_key(&mut self) {
        self.steps.push(Step::Persist(RecordTag::Keys));
        self.steps.push(Step::WipePage(0));
    }

    pub(super) fn wipe_page(&mut self, page: u8) {
        if usize::from(page) < Configuration::<T>::PAGES {
            self.steps.push(Step::Persist(RecordTag::Page(page)));
            self.steps.push(Step::WipePage(page.saturating_add(1)));
        } else {
            self.store_rest();
        }
    }

    fn store_rest(&mut self) {
        self.steps.push(Step::Persist(RecordTag::Upkeep));
        self.steps.push(Step::Persist(RecordTag::Tickets));
        match self.lock.wiping() {
            Wiping::EndOfOwnership => {
                self.steps.push(Step::Persist(RecordTag::Codes));
                self.steps.push(Step::Persist(RecordTag::Update));
                self.steps.push(Step::EraseKeys);
            }
            Wiping::Reset | Wiping::Nothing => self.steps.push(Step::ResetFinished),
        }
    }
}
