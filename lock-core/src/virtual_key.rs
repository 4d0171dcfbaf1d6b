//! A virtual key in its holder's hands (section 10): kept and passed on as a text, narrowed without asking anybody, used at the door.
//!
//! ```text
//! cloud    LockKeys::issue ──> link ──> holder    VirtualKey::from_link, bind
//!                                         ├── connect   at the door: a handshake with the lock, no cloud needed
//!                                         └── narrow ──> link ──> guest, who can do less and never more
//! ```
//!
//! Whoever has the link of a key that is bound to no holder has the key. A link that was narrowed from a bound key is such a one.

mod text;

use core::fmt;

use lock_crypto::{
    ChainTag, InitiatorHedge, Key, KeyEpoch, KeySelector, Label, LockId, Prologue, RustCrypto, Suite,
};
use lock_proto::{
    CaveatError, Down, Hello, Opening, Packet, Profile, Request, Selector, Ticket, encode_caveats,
};
use zeroize::Zeroizing;

use crate::cloud::{Conditions, Connecting, LockKeys, SessionError, Uses};

pub use text::{LINK_BYTES, LINK_LETTERS, LinkError};

/// Whether a key still has to be bound to its holder before it is worth anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binding {
    /// No: whoever has it can use it.
    None,
    /// Yes: its holder calls [`VirtualKey::bind`].
    Needed,
}

/// A virtual key: the ticket that a lock reads, and the secret that proves it. Not `Clone`, prints as `VirtualKey(..)`, erased when
/// dropped.
pub struct VirtualKey<S: Suite = RustCrypto> {
    lock_id: LockId,
    key_epoch: KeyEpoch,
    /// The profile that the lock is registered with: no other is spoken with it, whatever its Hello says.
    profile: Profile,
    handle: Key,
    binding: Binding,
    tag: ChainTag<S>,
    ticket: Zeroizing<[u8; Ticket::MAX_BYTES]>,
    length: usize,
}

/// Why a virtual key is not narrowed or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VirtualKeyError {
    /// It is bound to a holder, who has not bound it yet.
    #[error("this virtual key belongs to one phone; open its link there, where its secret is")]
    NotBound,
    /// As many blocks as a lock follows are there.
    #[error("this virtual key was passed on four times; ask its first holder for another one")]
    TooDeep,
    /// Nothing was said.
    #[error("a key that is passed on has at least one condition; set one")]
    NothingNarrowed,
    /// The conditions do not fit.
    #[error(transparent)]
    Caveats(#[from] CaveatError),
    /// The handshake.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl<S: Suite> VirtualKey<S> {
    /// A new key of the cloud.
    pub(crate) fn new(
        keys: &LockKeys<S>,
        iv: &[u8; 16],
        root: &[u8],
        seal: &[u8; 16],
        tag: ChainTag<S>,
        is_bound: bool,
    ) -> Result<Self, CaveatError> {
        let mut key = Self {
            lock_id: keys.lock_id(),
            key_epoch: keys.key_epoch(),
            profile: keys.profile(),
            handle: Key::from_bytes(*keys.leaf(Label::Handle).expose()),
            binding: if is_bound { Binding::Needed } else { Binding::None },
            tag,
            ticket: Zeroizing::new([0; Ticket::MAX_BYTES]),
            length: 0,
        };
        let head = [Ticket::FORMAT, u8::try_from(root.len()).map_err(|_| CaveatError::TooLong)?];
        for part in [head.as_slice(), iv, root, seal] {
            key.append(part)?;
        }
        Ok(key)
    }

    /// The lock that it is for.
    #[must_use]
    pub const fn lock_id(&self) -> LockId {
        self.lock_id
    }

    /// Whether its holder still has to bind it.
    #[must_use]
    pub const fn binding(&self) -> Binding {
        self.binding
    }

    /// The ticket, as it goes to the lock: at most 384 bytes, and no secret.
    #[must_use]
    pub fn ticket(&self) -> &[u8] {
        self.ticket.get(..self.length).unwrap_or_default()
    }

    /// Whether this lock made the Hello. It says nothing of who sent it now.
    #[must_use]
    pub fn recognises(&self, hello: &Hello) -> bool {
        lock_crypto::handle::<S>(&self.handle, &hello.nonce) == hello.handle
    }

    /// Binds the key to its holder, whose 32 bytes are the secret that was registered with the cloud. A key that needs none stays as it is.
    #[must_use]
    pub fn bind(mut self, secret: &Key) -> Self {
        if self.binding == Binding::Needed {
            self.tag = self.tag.bind(&lock_crypto::holder_value::<S>(secret, self.lock_id));
            self.binding = Binding::None;
        }
        self
    }

    /// A narrower key, for somebody else: it can never do more than this one, and never be widened again.
    ///
    /// # Errors
    /// [`VirtualKeyError::NotBound`], [`VirtualKeyError::TooDeep`], [`VirtualKeyError::NothingNarrowed`]. That a lock will refuse a block
    /// beyond the depth which an earlier one allows is not known here: the root is sealed.
    pub fn narrow(&self, conditions: &Conditions) -> Result<Self, VirtualKeyError> {
        if self.binding == Binding::Needed {
            return Err(VirtualKeyError::NotBound);
        }
        if *conditions == Conditions::default()
            || (conditions.uses == Uses::Many && conditions.caveats().next().is_none())
        {
            return Err(VirtualKeyError::NothingNarrowed);
        }
        let blocks = Ticket::parse(self.ticket()).map_or(0, |ticket| ticket.blocks().count());
        if blocks >= Ticket::MAX_BLOCKS {
            return Err(VirtualKeyError::TooDeep);
        }
        let mut block = [0; Ticket::MAX_BLOCK];
        let block = encode_caveats(conditions.caveats(), &mut block)?;
        let mut narrowed = Self {
            lock_id: self.lock_id,
            key_epoch: self.key_epoch,
            profile: self.profile,
            handle: Key::from_bytes(*self.handle.expose()),
            binding: Binding::None,
            tag: self.tag.narrow(block),
            ticket: self.ticket.clone(),
            length: self.length,
        };
        narrowed.append(&[u8::try_from(block.len()).map_err(|_| CaveatError::TooLong)?])?;
        narrowed.append(block)?;
        Ok(narrowed)
    }

    /// Answers the Hello of the lock with a Message1 that carries a first request, written to `out` (512 bytes suffice). Returns the
    /// packet's length. The holder's clock is no clock: it is not told.
    ///
    /// `hedge.attempt` is reserved in storage for this handshake alone (section 3.4). The marks that the answer brings are zero.
    ///
    /// # Errors
    /// [`VirtualKeyError`]: nothing must be sent.
    pub fn connect(
        &self,
        hello_packet: &[u8],
        request: Request,
        hedge: &InitiatorHedge,
        out: &mut [u8],
    ) -> Result<(usize, Connecting<S>), VirtualKeyError> {
        if self.binding == Binding::Needed {
            return Err(VirtualKeyError::NotBound);
        }
        let Ok(Packet::Hello(hello)) = Packet::parse(hello_packet) else {
            return Err(SessionError::UnexpectedPacket.into());
        };
        if !self.recognises(&hello) {
            return Err(SessionError::AnotherLock.into());
        }
        let hello_packet: &[u8; Hello::BYTES] =
            hello_packet.try_into().map_err(|_| SessionError::UnexpectedPacket)?;
        let (version, profile) = crate::cloud::spoken_with(&hello, self.profile)?;
        let prologue = Prologue {
            lock_id: self.lock_id,
            key_epoch: self.key_epoch,
            hello: hello_packet,
            version,
            selector: KeySelector::Ticket(self.ticket()),
        };
        let opening = Down { header: Opening { time: None }, request };
        let connecting = Connecting::start_with(
            profile,
            (&self.tag.psk(), &prologue),
            Selector::Ticket,
            &opening,
            hedge,
            out,
        )?;
        Ok(connecting)
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), CaveatError> {
        let end = self.length.saturating_add(bytes.len());
        let place = self.ticket.get_mut(self.length..end).ok_or(CaveatError::TooLong)?;
        place.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        self.length = end;
        Ok(())
    }
}

impl<S: Suite> fmt::Debug for VirtualKey<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VirtualKey(..)")
    }
}
