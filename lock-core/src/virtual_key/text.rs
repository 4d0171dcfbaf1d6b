//! A virtual key as a text, for messages and QR codes: `LKT1` and letters of Crockford's base 32, upper case (section 10.4).
//!
//! ```text
//! bytes = format[1] ‖ flags[1] ‖ lock_id[16] ‖ key_epoch[4] ‖ handle key[32] ‖ tag[32] ‖ ticket ‖ check[4]
//! check = the first 4 bytes of SHA-256("lk1/link" ‖ 0x00 ‖ all bytes before it)
//! ```
//!
//! Upper case letters and digits are what QR codes hold in the least room.

use lock_crypto::{ChainTag, Key, KeyEpoch, LockId, Suite};
use lock_proto::{Profile, Ticket};
use zeroize::Zeroizing;

use super::{Binding, VirtualKey};

const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PREFIX: &[u8; 4] = b"LKT1";
const FORMAT: u8 = 1;
/// The flag of a key that its holder has to bind.
const NEEDS_HOLDER: u8 = 1;
/// The flag of a lock of profile X.
const PROFILE_X: u8 = 2;
const HEAD: usize = 1 + 1 + 16 + 4 + 32 + 32;
const CHECK: usize = 4;

/// The longest link, in bytes before it is written in letters.
pub const LINK_BYTES: usize = HEAD + Ticket::MAX_BYTES + CHECK;
/// The longest link, in letters.
pub const LINK_LETTERS: usize = PREFIX.len() + (LINK_BYTES * 8).div_ceil(5);

/// Why a text is not the link of a virtual key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Something else.
    #[error("this is not the link of a virtual key; it begins with LKT1")]
    NotALink,
    /// Cut, mistyped or altered.
    #[error("the link is not complete or was altered; copy all of it again")]
    Damaged,
    /// Of a version that is not known here.
    #[error("this link is of a newer version; update the app")]
    Newer,
    /// The buffer is too short.
    #[error("the link does not fit; give it LINK_LETTERS bytes")]
    TooLong,
}

impl<S: Suite> VirtualKey<S> {
    /// Writes the link; [`LINK_LETTERS`] bytes suffice. It is the key itself: the caller erases the text.
    ///
    /// # Errors
    /// [`LinkError::TooLong`].
    pub fn to_link<'t>(&self, text: &'t mut [u8]) -> Result<&'t str, LinkError> {
        let mut bytes = Zeroizing::new([0; LINK_BYTES]);
        let bytes = self.to_bytes(bytes.as_mut_slice())?;
        let letters = PREFIX.len() + (bytes.len() * 8).div_ceil(5);
        let text = text.get_mut(..letters).ok_or(LinkError::TooLong)?;
        let (prefix, body) = text.split_at_mut_checked(PREFIX.len()).ok_or(LinkError::TooLong)?;
        prefix.iter_mut().zip(PREFIX).for_each(|(to, from)| *to = *from);
        write_letters(bytes, body);
        core::str::from_utf8(text).map_err(|_| LinkError::TooLong)
    }

    /// Writes what the letters of the link stand for, for a storage that holds bytes; [`LINK_BYTES`] suffice. It is the key itself, too.
    ///
    /// # Errors
    /// [`LinkError::TooLong`].
    pub fn to_bytes<'b>(&self, bytes: &'b mut [u8]) -> Result<&'b [u8], LinkError> {
        let bound = if self.binding == Binding::Needed { NEEDS_HOLDER } else { 0 };
        let profile = if self.profile == Profile::X { PROFILE_X } else { 0 };
        let flags = bound | profile;
        let parts: [&[u8]; 6] = [
            &[FORMAT, flags],
            &self.lock_id.0,
            &self.key_epoch.to_bytes(),
            self.handle.expose(),
            self.tag.expose().expose(),
            self.ticket(),
        ];
        let length = HEAD + self.ticket().len();
        let bytes = bytes.get_mut(..length + CHECK).ok_or(LinkError::TooLong)?;
        bytes.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        let (said, rest) = bytes.split_at_mut_checked(length).ok_or(LinkError::TooLong)?;
        rest.iter_mut().zip(check::<S>(said)).for_each(|(to, from)| *to = from);
        Ok(bytes)
    }

    /// Reads a link, in any case, with `-`, spaces and line ends anywhere.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn from_link(text: &str) -> Result<Self, LinkError> {
        let mut letters = text.bytes().filter(|byte| !matches!(byte, b'-' | b' ' | b'\r' | b'\n' | b'\t'));
        for expected in PREFIX {
            if letters.next().is_none_or(|letter| letter.to_ascii_uppercase() != *expected) {
                return Err(LinkError::NotALink);
            }
        }
        let mut bytes = Zeroizing::new([0; LINK_BYTES]);
        let length = read_letters(letters, bytes.as_mut_slice())?;
        Self::from_bytes(bytes.get(..length).ok_or(LinkError::Damaged)?)
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// [`LinkError::Damaged`], [`LinkError::Newer`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LinkError> {
        let (said, sum) = bytes.split_last_chunk::<CHECK>().ok_or(LinkError::Damaged)?;
        if check::<S>(said) != *sum {
            return Err(LinkError::Damaged);
        }
        let ([format, flags], rest) = said.split_first_chunk().ok_or(LinkError::Damaged)?;
        if *format != FORMAT || *flags & !(NEEDS_HOLDER | PROFILE_X) != 0 {
            return Err(LinkError::Newer);
        }
        let (lock_id, rest) = rest.split_first_chunk().ok_or(LinkError::Damaged)?;
        let (epoch, rest) = rest.split_first_chunk().ok_or(LinkError::Damaged)?;
        let (handle, rest) = rest.split_first_chunk().ok_or(LinkError::Damaged)?;
        let (tag, ticket) = rest.split_first_chunk().ok_or(LinkError::Damaged)?;
        Ticket::parse(ticket).map_err(|_| LinkError::Damaged)?;
        let mut key = Self {
            lock_id: LockId(*lock_id),
            key_epoch: KeyEpoch::new(u32::from_be_bytes(*epoch)).ok_or(LinkError::Damaged)?,
            profile: if *flags & PROFILE_X == 0 { Profile::S } else { Profile::X },
            handle: Key::from_bytes(*handle),
            binding: if *flags & NEEDS_HOLDER == 0 { Binding::None } else { Binding::Needed },
            tag: ChainTag::from_key(Key::from_bytes(*tag)),
            ticket: Zeroizing::new([0; Ticket::MAX_BYTES]),
            length: 0,
        };
        key.append(ticket).map_err(|_| LinkError::Damaged)?;
        Ok(key)
    }
}

fn check<S: Suite>(said: &[u8]) -> [u8; CHECK] {
    let [a, b, c, d, ..] = S::hash(&[b"lk1/link\0", said]);
    [a, b, c, d]
}

/// Five bits a letter, most significant first; the last one is filled up with zero bits.
fn write_letters(bytes: &[u8], letters: &mut [u8]) {
    let (mut held, mut bits) = (0_u32, 0_u32);
    let mut bytes = bytes.iter();
    for letter in letters {
        if bits < 5 {
            held = held << 8 | u32::from(bytes.next().copied().unwrap_or_default());
            bits += 8;
        }
        bits -= 5;
        *letter = LETTERS.get((held >> bits & 31) as usize).copied().unwrap_or(b'0');
        held &= (1 << bits) - 1;
    }
}

fn read_letters(letters: impl Iterator<Item = u8>, out: &mut [u8]) -> Result<usize, LinkError> {
    let (mut held, mut bits, mut length) = (0_u32, 0_u32, 0_usize);
    for letter in letters {
        let letter = match letter.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            other => other,
        };
        let value = LETTERS.iter().position(|known| *known == letter).ok_or(LinkError::Damaged)?;
        held = held << 5 | u32::try_from(value).unwrap_or_default();
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            *out.get_mut(length).ok_or(LinkError::Damaged)? = u8::try_from(held >> bits).unwrap_or_default();
            held &= (1 << bits) - 1;
            length += 1;
        }
    }
    if held == 0 && bits < 5 { Ok(length) } else { Err(LinkError::Damaged) }
}
