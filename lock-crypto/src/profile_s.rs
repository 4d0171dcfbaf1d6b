//! Profile S: a handshake of two messages from a pre-shared key and two nonces (section 4.3).
//!
//! Each step consumes the one before it, so that none is skipped, repeated or gone back to:
//!
//! ```text
//! lock    Responder::prepare  -> Prepared    when its Hello goes out
//! peer    Initiator::start    -> AwaitMessage2, Message1
//! lock    Prepared::open      -> Opened, payload 1          a Message1 burns the Hello, valid or not
//!         .. the motor runs ..
//! lock    Opened::reply       -> SessionKeys, Message2
//! peer    AwaitMessage2::finish -> SessionKeys, payload 2
//! ```
//!
//! A message is here what follows the clear fields of its packet: `nonce[16] ‖ ciphertext ‖ tag[16]`.
//! There is no forward secrecy within a key epoch.

use crate::authenticated::{Authenticated, Channel};
use crate::handshake::{Arrival, Room, opaque};
use crate::hedge::{InitiatorHedge, LockHedge, NONCE, message1_nonce, message2_nonce};
use crate::key::Key;
use crate::prologue::{Prologue, Role};
use crate::record::SessionKeys;
use crate::suite::{OpenError, RustCrypto, Suite, TAG};
use crate::symmetric::SymmetricState;
use core::marker::PhantomData;

pub use crate::handshake::BufferTooSmall;

/// The protocol name of section 4.3.
const NAME: &[u8] = b"LK1_S_NNpsk0_ChaChaPoly_SHA256";

/// What a handshake message adds to its payload, in bytes: nonce and tag.
pub const OVERHEAD: usize = NONCE + TAG;

/// The peer that starts: a cloud, the holder of a ticket, or a claimer.
#[derive(Debug)]
pub struct Initiator<S: Suite = RustCrypto> {
    suite: PhantomData<S>,
}

impl<S: Suite> Initiator<S> {
    /// Writes Message1 to the start of `out`; returns its length, which is that of `payload` and [`OVERHEAD`].
    ///
    /// `hedge.attempt` is reserved in storage for this call alone (section 3.4).
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
        let mut state = mixed::<S>(psk, prologue);
        let nonce = message1_nonce::<S>(psk, prologue, payload, hedge);
        let length = seal_message(&mut state, &nonce, payload, out)?;
        Ok((length, AwaitMessage2 { state }))
    }
}

/// An initiator that has sent Message1.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct AwaitMessage2<S: Suite = RustCrypto> {
    state: SymmetricState<S>,
}

impl<S: Suite> AwaitMessage2<S> {
    /// Opens Message2 in place: the payload of the lock and the keys of the session.
    ///
    /// # Errors
    /// [`OpenError`]: the message is not from this lock, in answer to this Message1; start again with a fresh Hello. The
    /// buffer holds no plaintext; with [`RustCrypto`] it is as it was.
    pub fn finish(mut self, message: &mut [u8]) -> Result<(Authenticated<&[u8]>, SessionKeys), OpenError> {
        let payload = open_message(&mut self.state, message)?;
        let (down, up) = self.state.split();
        let keys = SessionKeys::new(down, up, Role::Lock.channel());
        Ok((Authenticated::new(payload, Role::Lock.channel()), keys))
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
        Prepared { state: mixed(psk, prologue), psk: psk.duplicate(), channel }
    }
}

/// A lock that has sent its Hello: 11 hash compressions from the key of a Message1.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Prepared<S: Suite = RustCrypto> {
    state: SymmetricState<S>,
    psk: Key,
    channel: Channel,
}

impl<S: Suite> Prepared<S> {
    /// Opens Message1 in place. It takes `self`: the first Message1 burns the Hello, valid or not (section 1.2).
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
        Ok(Authenticated::new(open_message(&mut self.state, message)?, self.channel))
    }

    /// What answers the Message1 that was opened; `None` where none was.
    #[must_use]
    pub fn into_opened(self) -> Option<Opened<S>> {
        let Self { state, psk, channel } = self;
        state.has_payload().then_some(Opened { state, psk, channel })
    }
}

/// A lock that has opened Message1 and not yet answered: it acts first and keeps this in its link until then.
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Opened<S: Suite = RustCrypto> {
    state: SymmetricState<S>,
    psk: Key,
    channel: Channel,
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
    /// [`BufferTooSmall`]; then `out` is as it was and the handshake is over.
    #[inline(never)]
    pub fn reply(
        mut self,
        hedge: &LockHedge,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<(usize, SessionKeys), BufferTooSmall> {
        let nonce = message2_nonce::<S>(&self.psk, self.state.handshake_hash(), payload, hedge);
        let length = seal_message(&mut self.state, &nonce, payload, out)?;
        Ok((length, self.keys()))
    }

    /// Where [`reply_in_place`](Self::reply_in_place) takes the payload from: so many bytes from the start of `out`.
    pub const PAYLOAD: usize = NONCE;

    /// The same of a payload of `length` bytes that stands in `out` already, at [`PAYLOAD`](Self::PAYLOAD): a small chip need not hold it twice.
    ///
    /// # Errors
    /// [`BufferTooSmall`]; then `out` is as it was and the handshake is over.
    #[inline(never)]
    pub fn reply_in_place(
        mut self,
        hedge: &LockHedge,
        length: usize,
        out: &mut [u8],
    ) -> Result<(usize, SessionKeys), BufferTooSmall> {
        let mut room = Room::find(length, out)?;
        let nonce = message2_nonce::<S>(&self.psk, self.state.handshake_hash(), room.payload(), hedge);
        self.state.mix_share(&nonce);
        let length = room.seal(&mut self.state, &nonce);
        Ok((length, self.keys()))
    }

    fn keys(self) -> SessionKeys {
        let (down, up) = self.state.split();
        SessionKeys::new(up, down, self.channel)
    }
}

/// The first two lines of section 4.3.
fn mixed<S: Suite>(psk: &Key, prologue: &Prologue<'_>) -> SymmetricState<S> {
    let mut state = SymmetricState::initialize(NAME, prologue, psk);
    state.mix_key(prologue.hello);
    state
}

/// MixHash(nonce), MixKey(nonce), EncryptAndHash(payload), written as `nonce ‖ ciphertext ‖ tag`.
fn seal_message<S: Suite>(
    state: &mut SymmetricState<S>,
    nonce: &[u8; NONCE],
    payload: &[u8],
    out: &mut [u8],
) -> Result<usize, BufferTooSmall> {
    let room = Room::find(payload.len(), out)?;
    state.mix_share(nonce);
    Ok(room.fill(state, nonce, payload))
}

/// MixHash(nonce), MixKey(nonce), DecryptAndHash(payload) of `nonce ‖ ciphertext ‖ tag`.
fn open_message<'m, S: Suite>(
    state: &mut SymmetricState<S>,
    message: &'m mut [u8],
) -> Result<&'m [u8], OpenError> {
    let arrival = Arrival::<NONCE>::split(message)?;
    state.mix_share(&arrival.share);
    arrival.open(state)
}

opaque!(AwaitMessage2 Prepared Opened);
