//! What must hold over a whole run: what never repeats, and what never goes back.

use std::collections::HashSet;

use lock_core::proto::{Answer, Marks};

/// What was seen of a lock over the whole run: what must never repeat, and never go back.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    nonces: HashSet<Vec<u8>>,
    up_counters: HashSet<u64>,
    pub(crate) marks: Option<Marks>,
    pub(crate) boot: u64,
    /// What broke one of these, in the order in which it was seen.
    pub(crate) breaches: Vec<String>,
    pub(crate) hellos: u64,
    pub(crate) answers: u64,
}

impl Witness {
    pub(super) fn nonce(&mut self, what: &str, nonce: &[u8]) {
        if !self.nonces.insert(nonce.to_vec()) {
            self.breaches.push(format!("the nonce of a {what} came twice: {}", hex::encode(nonce)));
        }
    }

    pub(super) fn answer(&mut self, answer: &Answer) {
        self.answers += 1;
        if answer.boot < self.boot {
            self.breaches.push(format!("the boot counter went back from {} to {}", self.boot, answer.boot));
        }
        self.boot = self.boot.max(answer.boot);
        if let Some(told) = self.marks
            && (answer.marks.down < told.down || answer.marks.command < told.command)
        {
            self.breaches.push(format!("marks went back from {told:?} to {:?}", answer.marks));
        }
        self.marks = Some(answer.marks);
    }

    pub(super) fn sealed_up(&mut self, packet: &[u8]) {
        self.nonce("SealedUp", packet.get(6..30).unwrap_or_default());
        let counter = packet.get(6..14).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes);
        if !self.up_counters.insert(counter) {
            self.breaches.push(format!("the number {counter} of a SealedUp came twice"));
        }
    }

    /// How many sealed messages came.
    pub(crate) fn up_counters(&self) -> usize {
        self.up_counters.len()
    }

    /// Another lock, which knows nothing of the one before. Nonces of two locks with the same keys may not be compared: both begin anew.
    pub(super) fn forget(&mut self) {
        let breaches = std::mem::take(&mut self.breaches);
        *self = Self { breaches, hellos: self.hellos, answers: self.answers, ..Self::default() };
    }
}
