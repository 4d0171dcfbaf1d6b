//! The key of the lock's secrets: told for a backup, and taken from one (section 11).

use lock_crypto::{Key, Suite};
use lock_proto::{Action, CommandId, MAX_PACKET, Outcome, PinKey, Reason, Reply};
use lock_state::Tables;

use super::command::Via;
use super::output::PersistFailure;
use super::rotation::Certainty;
use super::steps::Step;
use super::{Device, RecordTag};

impl<S: Suite, const LINKS: usize, T: Tables> Device<S, LINKS, T> {
    /// What the lock keeps of its credentials, for a backup.
    pub(super) fn secrets(&self, first: u8) -> Reply {
        let configuration = self.lock.configuration();
        let slots = u8::try_from(configuration.tables().credentials().len()).unwrap_or(u8::MAX);
        let key = PinKey(*self.identity.k_pin.expose());
        Reply::Secrets { key, slots, first, secrets: configuration.secrets(first) }
    }

    /// Holds the key of a backup until its record is durable.
    pub(super) fn plan_adoption(&mut self, id: CommandId, via: Via, action: &Action) -> Result<Step, Reason> {
        let Action::AdoptPinKey(key) = action else { return Err(Reason::Unsupported) };
        if !matches!(via, Via::Session(_)) {
            return Err(Reason::SessionNeeded);
        }
        self.lock.may_adopt_pin_key()?;
        if self.adopting.is_some() {
            return Err(Reason::StorageBusy);
        }
        self.keys_are_certain()?;
        let key = Key::from_bytes(key.0);
        if key.is_blank() {
            return Err(Reason::InvalidArgument);
        }
        self.adopting = Some(key);
        Ok(Step::Adopt(id.into()))
    }

    /// The record of the keys: those of a new owner or with the adopted one where this is the record that it waits for, else those in force.
    pub(super) fn keys_record(&self, buffer: &mut [u8; MAX_PACKET]) -> Option<usize> {
        if let Some(incoming) = self.claims.incoming().filter(|_| self.is_claimed()) {
            return incoming.record::<S>(&self.identity, buffer);
        }
        let is_adopted = self.steps.any_of_this_input(|step| matches!(step, Step::Adopt(_)));
        self.identity.encode(self.adopting.as_ref().filter(|_| is_adopted), buffer)
    }

    /// The record is durable.
    #[inline(never)]
    pub(super) fn adopted(&mut self, id: CommandId) {
        if let Some(key) = self.adopting.take() {
            self.identity.k_pin = key;
            self.finish(id, Outcome::Done);
            self.save();
        }
    }

    /// The record is not durable. It may be there all the same: one with the key in force has the last word, if it can be written. Until
    /// then no secret is hashed: the next boot may find another key.
    pub(super) fn not_adopted(
        &mut self,
        id: CommandId,
        reason: Reason,
        failed: RecordTag,
        why: PersistFailure,
    ) {
        self.adopting = None;
        self.finish(id, Outcome::Refused(reason));
        if failed == RecordTag::Keys && why == PersistFailure::Fault {
            self.steps.push_first(Step::Persist(RecordTag::Keys));
            self.rotation.keys_written(Certainty::Doubtful);
        }
    }
}
