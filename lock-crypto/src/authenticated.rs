//! The token that a message was opened: what only a proven peer may cause takes one.

/// Who provably made the bytes, and over which path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// The cloud, in a live session.
    LiveCloud,
    /// The holder of a virtual key, in a live session.
    LiveHolder,
    /// Whoever claims an unowned lock, in a live session.
    LiveClaim,
    /// The cloud, in a message sealed for later.
    SealedCloud,
    /// The lock, in a live session.
    LiveLock,
    /// The lock, in a message sealed for later.
    SealedLock,
}

/// A value that came out of a message whose tag was checked.
///
/// Only opening makes one, so that a path from raw bytes to the bolt does not compile:
///
/// ```compile_fail
/// let forged = lock_crypto::Authenticated { value: b"unlock", channel: lock_crypto::Channel::LiveCloud };
/// ```
/// ```compile_fail
/// let forged = lock_crypto::Authenticated::new(b"unlock", lock_crypto::Channel::LiveCloud);
/// ```
/// It cannot be copied, so that nobody acts on one message twice by mistake. That a message is new is for the counters, and that
/// a command runs once for the [`CommandLedger`](crate::CommandLedger), to say:
/// ```compile_fail
/// fn twice(message: lock_crypto::Authenticated<u8>) -> (u8, u8) {
///     (message.clone().into_inner(), message.into_inner())
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Clone, Hash))]
#[must_use]
pub struct Authenticated<T> {
    value: T,
    channel: Channel,
}

impl<T> Authenticated<T> {
    /// For the functions of this crate that have just checked a tag.
    pub(crate) const fn new(value: T, channel: Channel) -> Self {
        Self { value, channel }
    }

    /// Who provably made it.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    /// The value.
    #[must_use]
    pub const fn get(&self) -> &T {
        &self.value
    }

    /// The proof for a part of the message, while the rest is still needed.
    pub const fn as_ref(&self) -> Authenticated<&T> {
        Authenticated { value: &self.value, channel: self.channel }
    }

    /// The value without the proof.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Carries the proof over to what the bytes mean. `decode` makes its result from them and from nothing else.
    pub fn map<U>(self, decode: impl FnOnce(T) -> U) -> Authenticated<U> {
        Authenticated { value: decode(self.value), channel: self.channel }
    }

    /// Carries the proof over where the decoding may fail.
    ///
    /// # Errors
    /// The error of `decode`.
    pub fn try_map<U, E>(self, decode: impl FnOnce(T) -> Result<U, E>) -> Result<Authenticated<U>, E> {
        Ok(Authenticated { value: decode(self.value)?, channel: self.channel })
    }
}
