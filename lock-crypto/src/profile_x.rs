//! Profile X: `Noise_NNpsk0_25519_ChaChaPoly_SHA256`, byte for byte (section 4.4; Noise revision 34), with the prologue of section 4.1.
//!
//! The steps are those of [profile S](crate::profile_s), with an ephemeral key in the place of each nonce:
//!
//! ```text
//! lock    Responder::prepare  -> Prepared    when its Hello goes out
//! peer    Initiator::start    -> AwaitMessage2, Message1        -> psk, e
//! lock    Prepared::open      -> Opened, payload 1
//!         .. the motor runs ..
//! lock    Opened::reply       -> SessionKeys, Message2          <- e, ee
//! peer    AwaitMessage2::finish -> SessionKeys, payload 2
//! ```
//!
//! A message is here what follows the clear fields of its packet: `ephemeral[32] ‖ ciphertext ‖ tag[16]`. From Message2 on
//! nobody who learns the pre-shared key later can read what was said; what Message1 carries has no such protection.

#[cfg(test)]
mod public_vectors;

use crate::authenticated::{Authenticated, Channel};
use crate::handshake::{Arrival, Room, opaque};
use crate::hedge::{InitiatorHedge, LockHedge, message1_ephemeral, message2_ephemeral};
use crate::key::Key;
use crate::prologue::{Prologue, Role};
use crate::record::SessionKeys;
use crate::suite::{OpenError, RustCrypto, Suite, TAG};
use crate::symmetric::SymmetricState;
use crate::x25519::{EphemeralSecret, PUBLIC};
use core::marker::PhantomData;
use zeroize::Zeroize;

pub use crate::handshake::BufferTooSmall;

const NAME: &[u8] = b"Noise_NNpsk0_25519_ChaChaPoly_SHA256";

/// What a handshake message adds to its payload, in bytes: ephemeral key and tag.
pub const OVERHEAD: usize = PUBLIC + TAG;

/// Why there is no Message2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ReplyError {
    /// The caller's mistake.
    #[error(transparent)]
    BufferTooSmall(#[from] BufferTooSmall),
    /// The shared secret would be zero, whatever this side does: the peer's ephemeral key is none.
    #[error("the peer's ephemeral key makes no secret; answer nothing and close the link")]
    NoSecret,
}

/// The peer that starts: a cloud, the holder of a ticket, or a claimer.
#[derive(Debug)]
pub struct Initiator<S: Suite = RustCrypto> {
    suite: PhantomData<S>,
}

impl<S: Suite> Initiator<S> {
    /// Writes Message1 to the start of `out`; returns its length, which is that of `payload` and [`OVERHEAD`].
    ///
    /// `hedge.attempt` is reserved in storage for this call alone (section 3.4). The payload must not be a configuration:
    /// whoever learns `psk` later can read it.
    ///
    /// # Errors
    /// [`BufferTooSmall`]; then `out` is as it was.
    pub fn start(
        psk: &Key,
        prologue: &Prologue<'_>,
        hedge: &InitiatorHedge,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<(usize, AwaitMessage2<S>), BufferTooSmall> {
        let ephemeral = EphemeralSecret::new(message1_ephemeral::<S>(psk, prologue, payload, hedge));
        message1(mixed(psk, prologue), ephemeral, payload, out)
    }
}

/// An initiator that has sent Message1.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct AwaitMessage2<S: Suite = RustCrypto> {
    state: SymmetricState<S>,
    ephemeral: EphemeralSecret,
}

impl<S: Suite> AwaitMessage2<S> {
    /// Opens Message2 in place: the payload of the lock and the keys of the session.
    ///
    /// # Errors
    /// [`OpenError`]: the message is not from this lock, in answer to this Message1, or its ephemeral key makes no secret; start
    /// again with a fresh Hello. The buffer holds no plaintext; with [`RustCrypto`] it is as it was.
    pub fn finish(self, message: &mut [u8]) -> Result<(Authenticated<&[u8]>, SessionKeys), OpenError> {
        let (payload, state) = self.read(message)?;
        let (down, up) = state.split();
        let keys = SessionKeys::new(down, up, Role::Lock.channel());
        Ok((Authenticated::new(payload, Role::Lock.channel()), keys))
    }

    /// e, ee, DecryptAndHash(payload).
    fn read(mut self, message: &mut [u8]) -> Result<(&[u8], SymmetricState<S>), OpenError> {
        let arrival = Arrival::<PUBLIC>::split(message)?;
        let shared = self.ephemeral.agree(&arrival.share).ok_or(OpenError)?;
        self.state.mix_share(&arrival.share);
        self.state.mix_key(shared.expose());
        Ok((arrival.open(&mut self.state)?, self.state))
    }
}

/// The lock's side.
#[derive(Debug)]
pub struct Responder<S: Suite = RustCrypto> {
    suite: PhantomData<S>,
}

impl<S: Suite> Responder<S> {
    /// Runs all that does not depend on Message1, while the lock sends its Hello.
    ///
    /// The prologue names the version and the selector that the lock expects. For a Message1 that chose others, prepare
    /// again with its own: the Hello stays the same.
    #[must_use]
    pub fn prepare(psk: &Key, prologue: &Prologue<'_>) -> Prepared<S> {
        let channel = prologue.selector.initiator().channel();
        Prepared { state: mixed(psk, prologue), psk: psk.duplicate(), channel, theirs: None }
    }
}

/// A lock that has sent its Hello.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Prepared<S: Suite = RustCrypto> {
    state: SymmetricState<S>,
    psk: Key,
    channel: Channel,
    /// The ephemeral key of a Message1 that was opened.
    theirs: Option<[u8; PUBLIC]>,
}

impl<S: Suite> Prepared<S> {
    /// Opens Message1 in place, with hashing alone: the curve waits until the motor runs. It takes `self`: the first Message1
    /// burns the Hello, valid or not (section 1.2).
    ///
    /// # Errors
    /// [`OpenError`]: answer nothing. The buffer holds no plaintext; with [`RustCrypto`] it is as it was.
    pub fn open(mut self, message: &mut [u8]) -> Result<(Authenticated<&[u8]>, Opened<S>), OpenError> {
        let payload = self.open_in_place(message)?;
        Ok((payload, self.into_opened().ok_or(OpenError)?))
    }

    /// The same where this stays, for a small stack: [`Self::into_opened`] goes on. A second Message1 never opens.
    ///
    /// # Errors
    /// As of [`Self::open`].
    pub fn open_in_place<'m>(&mut self, message: &'m mut [u8]) -> Result<Authenticated<&'m [u8]>, OpenError> {
        let arrival = Arrival::<PUBLIC>::split(message)?;
        let theirs = arrival.share;
        self.state.mix_share(&theirs);
        let payload = arrival.open(&mut self.state)?;
        self.theirs = Some(theirs);
        Ok(Authenticated::new(payload, self.channel))
    }

    /// What answers the Message1 that was opened; `None` where none was.
    #[must_use]
    pub fn into_opened(self) -> Option<Opened<S>> {
        let Self { state, psk, channel, theirs } = self;
        Some(Opened { state, psk, channel, theirs: theirs? })
    }
}

/// A lock that has opened Message1 and not yet answered: it acts first and keeps this in its link until then.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Opened<S: Suite = RustCrypto> {
    state: SymmetricState<S>,
    psk: Key,
    channel: Channel,
    theirs: [u8; PUBLIC],
}

impl<S: Suite> Opened<S> {
    /// Who provably sent Message1.
    #[must_use]
    pub const fn peer(&self) -> Channel {
        self.channel
    }

    /// Writes Message2 to the start of `out`; returns its length, which is that of `payload` and [`OVERHEAD`], and the keys.
    ///
    /// # Errors
    /// [`ReplyError`]; then `out` is as it was and the handshake is over.
    #[inline(never)]
    pub fn reply(
        mut self,
        hedge: &LockHedge,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<(usize, SessionKeys), ReplyError> {
        let hash = self.state.handshake_hash();
        let ephemeral = EphemeralSecret::new(message2_ephemeral::<S>(&self.psk, hash, payload, hedge));
        let length = self.write(ephemeral, payload, out)?;
        Ok((length, self.keys()))
    }

    /// Where [`reply_in_place`](Self::reply_in_place) takes the payload from: so many bytes from the start of `out`.
    pub const PAYLOAD: usize = 32;

    /// The same of a payload of `length` bytes that stands in `out` already, at [`PAYLOAD`](Self::PAYLOAD): a small chip need not hold it twice.
    ///
    /// # Errors
    /// [`ReplyError`]; then the payload is erased and the handshake is over.
    #[inline(never)]
    pub fn reply_in_place(
        mut self,
        hedge: &LockHedge,
        length: usize,
        out: &mut [u8],
    ) -> Result<(usize, SessionKeys), ReplyError> {
        let mut room = Room::find(length, out)?;
        let hash = self.state.handshake_hash();
        let ephemeral = EphemeralSecret::new(message2_ephemeral::<S>(&self.psk, hash, room.payload(), hedge));
        match self.mix(ephemeral) {
            Ok(public) => {
                let length = room.seal(&mut self.state, &public);
                Ok((length, self.keys()))
            }
            Err(why) => {
                room.payload().zeroize();
                Err(why)
            }
        }
    }

    /// e, ee, EncryptAndHash(payload).
    #[inline]
    fn write(
        &mut self,
        ephemeral: EphemeralSecret,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, ReplyError> {
        let room = Room::find(payload.len(), out)?;
        let public = self.mix(ephemeral)?;
        Ok(room.fill(&mut self.state, &public, payload))
    }

    /// e, ee.
    #[inline]
    fn mix(&mut self, ephemeral: EphemeralSecret) -> Result<[u8; 32], ReplyError> {
        let public = ephemeral.public();
        let shared = ephemeral.agree(&self.theirs).ok_or(ReplyError::NoSecret)?;
        self.state.mix_share(&public);
        self.state.mix_key(shared.expose());
        Ok(public)
    }

    fn keys(self) -> SessionKeys {
        let (down, up) = self.state.split();
        SessionKeys::new(up, down, self.channel)
    }
}

/// InitializeSymmetric(name), MixHash(prologue), psk.
fn mixed<S: Suite>(psk: &Key, prologue: &Prologue<'_>) -> SymmetricState<S> {
    SymmetricState::initialize(NAME, prologue, psk)
}

/// e, EncryptAndHash(payload).
fn message1<S: Suite>(
    mut state: SymmetricState<S>,
    ephemeral: EphemeralSecret,
    payload: &[u8],
    out: &mut [u8],
) -> Result<(usize, AwaitMessage2<S>), BufferTooSmall> {
    let room = Room::find(payload.len(), out)?;
    let public = ephemeral.public();
    state.mix_share(&public);
    Ok((room.fill(&mut state, &public, payload), AwaitMessage2 { state, ephemeral }))
}

opaque!(AwaitMessage2 Prepared Opened);
