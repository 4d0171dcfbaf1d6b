//! The keys of virtual keys (section 10): sealed root caveats, and a chain of tags that only grows narrower.
//!
//! ```text
//! cloud    seal_root                -> iv, sealed caveats, tag        ChainTag::root -> the secret of the link
//! holder   ChainTag::bind           where the key is bound to a phone
//!          ChainTag::narrow         for whoever gets a narrower key: no way leads back
//! both     ChainTag::psk            the pre-shared key of the handshake, whose prologue holds the whole ticket
//! lock     open_root, then the same chain over the blocks that came
//! ```
//!
//! A tag never travels to the lock: who holds it proves that by the handshake.

use crate::kdf::expand_key;
use crate::key::Key;
use crate::keys::{KeyEpoch, LockId};
use crate::parts::gather;
use crate::suite::{OpenError, Suite, TAG};
use core::fmt;
use core::marker::PhantomData;

/// Length of the initialisation vector of root caveats, in bytes.
pub const ROOT_IV: usize = 16;

const AD: &[u8] = b"lk1/ticket\0";
const IV: &[u8] = b"lk1/ticket-iv\0";
const HOLDER: &[u8] = b"lk1/holder\0";

/// Each step of the chain begins with a byte of its own.
mod step {
    pub(super) const ROOT: u8 = 0;
    pub(super) const BIND: u8 = 1;
    pub(super) const NARROW: u8 = 2;
    pub(super) const PSK: u8 = 3;
    pub(super) const USE: u8 = 4;
}

/// What identifies the lock and epoch for which a ticket is made.
#[derive(Clone, Copy, Debug)]
pub struct TicketScope<'k> {
    /// The lock.
    pub lock_id: LockId,
    /// The epoch of the leaves: a ticket dies with it.
    pub key_epoch: KeyEpoch,
    /// The `ticket-enc` leaf.
    pub encryption: &'k Key,
}

/// Seals root caveats in place: returns the initialisation vector and the tag.
///
/// The vector follows from the caveats and from 32 bytes of `entropy`: it repeats only for the same caveats, so that nothing is lost
/// where the random source is stuck.
#[must_use]
pub fn seal_root<S: Suite>(
    scope: &TicketScope<'_>,
    caveats: &mut [u8],
    entropy: &[u8; 32],
) -> ([u8; ROOT_IV], [u8; TAG]) {
    let mixed = S::hmac(scope.encryption.expose(), &[IV, entropy, caveats]);
    let mut iv = [0; ROOT_IV];
    iv.iter_mut().zip(mixed).for_each(|(to, from)| *to = from);
    let key = Key::from_bytes(S::hchacha20(scope.encryption.expose(), &iv));
    let tag = scope.with_associated_data(|data| S::seal(key.expose(), &[0; 12], data, caveats));
    (iv, tag)
}

/// Opens root caveats in place: only the cloud can have sealed them.
///
/// # Errors
/// [`OpenError`] for anything that the cloud has not sealed for this lock and epoch.
pub fn open_root<S: Suite>(
    scope: &TicketScope<'_>,
    iv: &[u8; ROOT_IV],
    caveats: &mut [u8],
    tag: &[u8; TAG],
) -> Result<(), OpenError> {
    let key = Key::from_bytes(S::hchacha20(scope.encryption.expose(), iv));
    scope.with_associated_data(|data| S::open(key.expose(), &[0; 12], data, caveats, tag))
}

impl TicketScope<'_> {
    fn with_associated_data<T>(&self, use_it: impl FnOnce(&[u8]) -> T) -> T {
        let mut data = [0; 11 + 16 + 4];
        let parts = AD.iter().chain(self.lock_id.as_bytes());
        let epoch = self.key_epoch.to_bytes();
        data.iter_mut().zip(parts.chain(&epoch)).for_each(|(to, from)| *to = *from);
        use_it(&data)
    }
}

/// What binds a key to a holder: the cloud puts it into the root caveats, the holder derives it from a secret of its own.
///
/// `secret` is 32 random bytes that the holder registered with the cloud. Each lock gets another value, so that none can pose as the
/// holder at a second one.
#[must_use]
pub fn holder_value<S: Suite>(secret: &Key, lock_id: LockId) -> Key {
    expand_key::<S, 2>(secret, [HOLDER, lock_id.as_bytes()])
}

/// A tag of the chain: whoever holds it holds the key as narrow as it is there.
pub struct ChainTag<S: Suite> {
    tag: Key,
    suite: PhantomData<S>,
}

impl<S: Suite> ChainTag<S> {
    /// Of the root caveats, under the `ticket` leaf.
    #[must_use]
    pub fn root(ticket: &Key, caveats: &[u8]) -> Self {
        Self::of(step::ROOT, ticket, caveats)
    }

    /// The tag of a link.
    #[must_use]
    pub const fn from_key(tag: Key) -> Self {
        Self { tag, suite: PhantomData }
    }

    /// The secret of a link.
    #[must_use]
    pub const fn expose(&self) -> &Key {
        &self.tag
    }

    /// Bound to a holder, with the value of [`holder_value`].
    #[must_use]
    pub fn bind(&self, value: &Key) -> Self {
        Self::of(step::BIND, &self.tag, value.expose())
    }

    /// Narrowed by a block of caveats, without its length.
    #[must_use]
    pub fn narrow(&self, block: &[u8]) -> Self {
        Self::of(step::NARROW, &self.tag, block)
    }

    /// The pre-shared key of a handshake.
    #[must_use]
    pub fn psk(&self) -> Key {
        Self::of(step::PSK, &self.tag, b"psk").tag
    }

    /// The number under which a lock remembers a use: the same for all keys that go back to this tag.
    #[must_use]
    pub fn use_id(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = *Self::of(step::USE, &self.tag, b"use").tag.expose();
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    fn of(step: u8, key: &Key, data: &[u8]) -> Self {
        Self::from_key(Key::from_bytes(S::hmac(key.expose(), &gather([[step].as_slice(), data]))))
    }
}

impl<S: Suite> fmt::Debug for ChainTag<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChainTag(..)")
    }
}
