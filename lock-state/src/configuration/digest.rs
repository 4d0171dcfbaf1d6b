//! One hash over all items, by which cloud and lock find out whether they agree (protocol section 6.1).

use core::marker::PhantomData;

use lock_crypto::{RustCrypto, Suite};
use lock_proto::{HashedSecret, KeptSecret, Reply, Table};

use super::Configuration;
use crate::access::{Credential, Tables};

/// Takes the items in the order of table and slot. It covers where an item is and in which version it was set, and nothing of what
/// it says: no secret, nor a hash of one.
#[derive(Clone, Debug)]
pub struct ItemDigest<S: Suite = RustCrypto> {
    digest: [u8; 16],
    suite: PhantomData<S>,
}

impl<S: Suite> Default for ItemDigest<S> {
    fn default() -> Self {
        Self { digest: [0; 16], suite: PhantomData }
    }
}

impl<S: Suite> ItemDigest<S> {
    /// Takes the next item. One with version 0 was never set, and is passed over.
    pub fn add(&mut self, table: Table, slot: u8, version: u32) {
        if version == 0 {
            return;
        }
        let hash = S::hash(&[b"lk1/items\0", &self.digest, &[table.number(), slot], &version.to_be_bytes()]);
        if let Some(first) = hash.first_chunk() {
            self.digest = *first;
        }
    }

    /// The hash over all items that were taken; 16 zero bytes for none.
    #[must_use]
    pub const fn finish(self) -> [u8; 16] {
        self.digest
    }
}

impl<T: Tables> Configuration<T> {
    /// What is kept in the slots of credentials from `first` on, for a backup (protocol section 11).
    #[must_use]
    pub fn secrets(&self, first: u8) -> [Option<KeptSecret>; Reply::SECRETS] {
        let mut slots = self.tables.credentials().iter().skip(usize::from(first));
        core::array::from_fn(|_| {
            let item = slots.next()?.item()?;
            let Credential { user, kind, ref hash } = item.value;
            Some(KeptSecret { version: item.version, user, kind, hash: HashedSecret(*hash.expose()) })
        })
    }

    /// The hash over all items.
    #[must_use]
    pub fn digest<S: Suite>(&self) -> [u8; 16] {
        let mut digest = ItemDigest::<S>::default();
        for table in Table::ALL {
            for slot in 0..=u8::MAX {
                digest.add(table, slot, self.item_version(table, slot.into()));
            }
        }
        digest.finish()
    }
}
