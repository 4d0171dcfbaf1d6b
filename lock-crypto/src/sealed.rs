//! Messages sealed for a peer that is not reached now (section 5).
//!
//! ```text
//! packet = prefix[2] ‖ key epoch[4] ‖ counter[8] ‖ random[16] ‖ ciphertext ‖ tag[16]      associated data = the first 30 bytes
//! ```
//!
//! This is XChaCha20-Poly1305 with the nonce `counter ‖ random`: unique as long as either of the two is sound. Opening
//! proves who sealed a message, not that it is new: judge its counter next, with a [`HighWaterMark`](crate::HighWaterMark).

use crate::authenticated::{Authenticated, Channel};
use crate::key::Key;
use crate::keys::{KeyEpoch, Label, LeafKeys};
use crate::parts::split_packet;
use crate::profile_s::BufferTooSmall;
use crate::suite::{OpenError, Suite, TAG};

/// Length of a sealed packet's header, in bytes.
pub const SEALED_HEADER: usize = 30;

/// Which way a sealed message goes. It decides the key, so that a message never opens on the side that sealed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the cloud to the lock, under the leaf `command-down`.
    Down,
    /// From the lock to the cloud, under the leaf `event-up`.
    Up,
}

impl Direction {
    /// The label of the leaf that seals this way.
    #[must_use]
    pub const fn label(self) -> Label {
        match self {
            Self::Down => Label::CommandDown,
            Self::Up => Label::EventUp,
        }
    }

    /// Who provably seals this way.
    #[must_use]
    pub const fn channel(self) -> Channel {
        match self {
            Self::Down => Channel::SealedCloud,
            Self::Up => Channel::SealedLock,
        }
    }
}

/// The clear fields of a sealed packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SealedHeader {
    /// The packet's format and kind.
    pub prefix: [u8; 2],
    /// The epoch of the leaf.
    pub key_epoch: KeyEpoch,
    /// A number that its sender took durably for this message alone.
    pub counter: u64,
    /// 16 bytes from a random source; a lock draws them with
    /// [`sealed_up_random`](crate::hedge::sealed_up_random).
    pub random: [u8; 16],
}

/// A sealed message that was opened. All of it is authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedMessage<'p> {
    /// Its number in its direction and epoch.
    pub counter: u64,
    /// The decrypted body.
    pub body: &'p [u8],
}

/// Seals the body that stands at `packet[30..30 + body_length]` in place and writes header and tag around it.
///
/// `leaves` are those of `header.key_epoch`. Returns the packet's length, `30 + body_length + 16`.
///
/// # Errors
/// [`BufferTooSmall`]; then `packet` is as it was, and the counter stays taken.
pub fn seal_sealed<S: Suite>(
    leaves: &LeafKeys,
    direction: Direction,
    header: &SealedHeader,
    packet: &mut [u8],
    body_length: usize,
) -> Result<usize, BufferTooSmall> {
    let needed = body_length.saturating_add(SEALED_HEADER + TAG);
    let Some((head, body, tag)) = packet.get_mut(..needed).and_then(split_packet::<SEALED_HEADER>) else {
        return Err(BufferTooSmall { needed });
    };
    *head = header.to_bytes();
    let (subkey, nonce) = subkey_and_nonce::<S>(leaves.leaf(direction.label()), head);
    *tag = S::seal(subkey.expose(), &nonce, head, body);
    Ok(needed)
}

/// Opens a sealed packet in place.
///
/// `leaves` are those of the epoch that the packet names.
///
/// # Errors
/// [`OpenError`]: not sealed for this lock, epoch and direction, or not whole. The packet then holds no plaintext, and with
/// [`RustCrypto`](crate::RustCrypto) it is as it was.
pub fn open_sealed<'p, S: Suite>(
    leaves: &LeafKeys,
    direction: Direction,
    packet: &'p mut [u8],
) -> Result<Authenticated<SealedMessage<'p>>, OpenError> {
    let (head, body, tag) = split_packet::<SEALED_HEADER>(packet).ok_or(OpenError)?;
    let (subkey, nonce) = subkey_and_nonce::<S>(leaves.leaf(direction.label()), head);
    S::open(subkey.expose(), &nonce, head, body, tag)?;
    let [_, _, _, _, _, _, fields @ ..] = head;
    let [a, b, c, d, e, f, g, h, ..] = *fields;
    let counter = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    Ok(Authenticated::new(SealedMessage { counter, body }, direction.channel()))
}

impl SealedHeader {
    /// The 30 bytes on the wire.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; SEALED_HEADER] {
        let mut bytes = [0; SEALED_HEADER];
        let fields = self.prefix.into_iter().chain(self.key_epoch.to_bytes());
        let fields = fields.chain(self.counter.to_be_bytes()).chain(self.random);
        bytes.iter_mut().zip(fields).for_each(|(to, from)| *to = from);
        bytes
    }
}

/// `HChaCha20(leaf, counter ‖ random[0..8])` and `0x00000000 ‖ random[8..16]`.
fn subkey_and_nonce<S: Suite>(leaf: &Key, header: &[u8; SEALED_HEADER]) -> (Key, [u8; 12]) {
    let [_, _, _, _, _, _, input @ .., a, b, c, d, e, f, g, h] = header;
    let subkey = Key::take(&mut S::hchacha20(leaf.expose(), input));
    (subkey, [0, 0, 0, 0, *a, *b, *c, *d, *e, *f, *g, *h])
}
