//! Virtual keys as bytes: a sealed root and up to four blocks of caveats that narrow it (section 10).
//!
//! ```text
//! ticket  = format[1] ‖ n[1] ‖ iv[16] ‖ sealed root caveats[n] ‖ tag[16] ‖ blocks
//! block   = length[1] ‖ caveats[length]
//! caveats = each as in section 7, by growing number, none twice
//! ```
//!
//! The parts are cut here without looking into them. What a block says is read once the handshake has proven that its maker had the
//! right to say it: [`Caveats`] then takes one caveat after the other, and refuses what it does not know.

use crate::wire::{Reader, Wire};
use crate::{MinuteOfDay, Seconds, UnixMillis, Weekdays, wire};

/// What the holder of a virtual key may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TicketRights(pub u8);

impl TicketRights {
    /// Throw the bolt.
    pub const LOCK: Self = Self(1);
    /// Withdraw the bolt.
    pub const UNLOCK: Self = Self(2);
    /// Pull the latch.
    pub const UNLATCH: Self = Self(4);
    /// See the status.
    pub const STATUS: Self = Self(8);
    /// Everything.
    pub const ALL: Self = Self(15);

    /// Whether all of `others` are among them.
    #[must_use]
    pub const fn contain(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Those that are in both.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// Those that are in either.
    #[must_use]
    pub const fn or(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }
}

/// One condition of a virtual key. The numbers are the wire's: new ones go to the end, and a lock refuses those that it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Caveat {
    /// Root only: the number of the key, from 1, by which it can be denied.
    Serial(u64),
    /// Root only: when it was issued, by the cloud's clock.
    Issued(UnixMillis),
    /// Root only: the revocation epoch in which it was issued.
    Epoch(u32),
    /// Root only: the key is bound to a holder, by this value (section 10.2).
    Holder([u8; 32]),
    /// No other rights.
    Rights(TicketRights),
    /// Not before this moment.
    NotBefore(UnixMillis),
    /// Not after this moment.
    NotAfter(UnixMillis),
    /// Within this window of each week, by the lock's local clock.
    Weekly {
        /// The days on which it begins.
        days: Weekdays,
        /// When it begins.
        from: MinuteOfDay,
        /// The first minute after it; at or before `from` it is on the next day.
        until: MinuteOfDay,
    },
    /// It opens once, for all who were given a key that goes back to this block.
    SingleUse,
    /// At most so many blocks follow.
    Depth(u8),
    /// The lock has heard its cloud within this time.
    Staleness(Seconds),
}

impl Caveat {
    /// The longest encoding, in bytes.
    pub const MAX_BYTES: usize = 1 + 32;

    /// The number on the wire.
    #[must_use]
    pub const fn number(&self) -> u8 {
        match self {
            Self::Serial(_) => 0,
            Self::Issued(_) => 1,
            Self::Epoch(_) => 2,
            Self::Holder(_) => 3,
            Self::Rights(_) => 4,
            Self::NotBefore(_) => 5,
            Self::NotAfter(_) => 6,
            Self::Weekly { .. } => 7,
            Self::SingleUse => 8,
            Self::Depth(_) => 9,
            Self::Staleness(_) => 10,
        }
    }

    /// Whether only the cloud may say it.
    #[must_use]
    pub const fn is_root_only(&self) -> bool {
        matches!(self, Self::Serial(_) | Self::Issued(_) | Self::Epoch(_) | Self::Holder(_))
    }
}

/// Why caveats are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CaveatError {
    /// A caveat of a newer version, or bytes that are none.
    #[error(
        "this virtual key has a condition that is not understood here; update the lock or issue a simpler key"
    )]
    Unknown,
    /// Twice, or before one with a lower number.
    #[error("the conditions of this virtual key are not in order; issue it anew")]
    OutOfOrder,
    /// The block does not hold it.
    #[error("these conditions do not fit into a virtual key; use fewer")]
    TooLong,
}

/// The caveats of a block, one after the other; after an error nothing more comes.
#[derive(Clone, Copy, Debug)]
pub struct Caveats<'b> {
    rest: &'b [u8],
    last: Option<u8>,
}

impl<'b> Caveats<'b> {
    /// Of these bytes.
    #[must_use]
    pub const fn of(block: &'b [u8]) -> Self {
        Self { rest: block, last: None }
    }
}

impl Iterator for Caveats<'_> {
    type Item = Result<Caveat, CaveatError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let mut input = Reader::of(self.rest);
        let Ok(caveat) = Caveat::read(&mut input) else {
            self.rest = &[];
            return Some(Err(CaveatError::Unknown));
        };
        if self.last.is_some_and(|last| last >= caveat.number()) {
            self.rest = &[];
            return Some(Err(CaveatError::OutOfOrder));
        }
        (self.rest, self.last) = (input.rest(), Some(caveat.number()));
        Some(Ok(caveat))
    }
}

/// Writes caveats as the bytes of a block, without its length.
///
/// # Errors
/// [`CaveatError::OutOfOrder`], [`CaveatError::TooLong`] where `out` does not hold them.
pub fn encode_caveats(
    caveats: impl IntoIterator<Item = Caveat>,
    out: &mut [u8],
) -> Result<&mut [u8], CaveatError> {
    let (mut length, mut last) = (0, None);
    for caveat in caveats {
        if last.is_some_and(|last| last >= caveat.number()) {
            return Err(CaveatError::OutOfOrder);
        }
        last = Some(caveat.number());
        let rest = out.get_mut(length..).ok_or(CaveatError::TooLong)?;
        length += wire::write(&caveat, rest).ok_or(CaveatError::TooLong)?.len();
    }
    out.get_mut(..length).ok_or(CaveatError::TooLong)
}

/// Bytes that are no ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("these bytes are no virtual key of this version; take the link again as it was sent")]
pub struct TicketError;

/// A ticket, cut into its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket<'t> {
    /// The synthetic initialisation vector of the root.
    pub iv: &'t [u8; 16],
    /// The sealed root caveats.
    pub root: &'t [u8],
    /// Their tag.
    pub tag: &'t [u8; 16],
    blocks: &'t [u8],
}

impl<'t> Ticket<'t> {
    /// The first byte.
    pub const FORMAT: u8 = 1;
    /// The longest ticket, in bytes.
    pub const MAX_BYTES: usize = 384;
    /// The longest root caveats, in bytes.
    pub const MAX_ROOT: usize = 11 + 11 + 6 + 33 + Self::MAX_BLOCK;
    /// The longest block, in bytes, without its length.
    pub const MAX_BLOCK: usize = 2 + 11 + 11 + 8 + 1 + 2 + 6;
    /// The most blocks behind the root.
    pub const MAX_BLOCKS: usize = 4;
    /// Where the sealed root begins.
    pub const ROOT: usize = 2 + 16;
    /// What the root takes besides its caveats: format, length, initialisation vector, tag.
    pub const ROOT_OVERHEAD: usize = Self::ROOT + 16;

    /// Cuts a ticket into its parts.
    ///
    /// # Errors
    /// [`TicketError`] for another format, lengths that do not add up, an empty or overlong block, or more than four.
    pub fn parse(bytes: &'t [u8]) -> Result<Self, TicketError> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(TicketError);
        }
        let ([format, length], rest) = bytes.split_first_chunk().ok_or(TicketError)?;
        let (iv, rest) = rest.split_first_chunk().ok_or(TicketError)?;
        let (root, rest) = rest.split_at_checked(usize::from(*length)).ok_or(TicketError)?;
        let (tag, blocks) = rest.split_first_chunk().ok_or(TicketError)?;
        if *format != Self::FORMAT || root.is_empty() || root.len() > Self::MAX_ROOT {
            return Err(TicketError);
        }
        let ticket = Self { iv, root, tag, blocks };
        let mut rest = blocks;
        let mut count = 0;
        while !rest.is_empty() {
            let (length, behind) = rest.split_first().ok_or(TicketError)?;
            let (block, behind) = behind.split_at_checked(usize::from(*length)).ok_or(TicketError)?;
            count += 1;
            if block.is_empty() || block.len() > Self::MAX_BLOCK || count > Self::MAX_BLOCKS {
                return Err(TicketError);
            }
            rest = behind;
        }
        Ok(ticket)
    }

    /// The blocks behind the root, in their order.
    #[must_use]
    pub const fn blocks(&self) -> Blocks<'t> {
        Blocks(self.blocks)
    }
}

const _: () = assert!(
    Ticket::ROOT_OVERHEAD + Ticket::MAX_ROOT + Ticket::MAX_BLOCKS * (1 + Ticket::MAX_BLOCK)
        <= Ticket::MAX_BYTES,
    "the longest ticket fits"
);

/// The blocks of a parsed ticket.
#[derive(Clone, Copy, Debug)]
pub struct Blocks<'t>(&'t [u8]);

impl<'t> Iterator for Blocks<'t> {
    type Item = &'t [u8];

    fn next(&mut self) -> Option<&'t [u8]> {
        let (length, rest) = self.0.split_first()?;
        let (block, rest) = rest.split_at_checked(usize::from(*length))?;
        self.0 = rest;
        Some(block)
    }
}

wire! {
    struct TicketRights(rights);
    enum Caveat {
        0 => Serial(serial),
        1 => Issued(moment),
        2 => Epoch(epoch),
        3 => Holder(binding),
        4 => Rights(rights),
        5 => NotBefore(moment),
        6 => NotAfter(moment),
        7 => Weekly { days, from, until },
        8 => SingleUse,
        9 => Depth(blocks),
        10 => Staleness(longest),
    }
}
