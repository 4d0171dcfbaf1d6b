//! What two peers said in clear before a handshake, and who they are (section 4.1).

use crate::authenticated::Channel;
use crate::keys::{KeyEpoch, LockId};
use crate::parts::gather;
use crate::suite::Suite;

/// Length of a Hello packet, in bytes (section 1.2).
pub const HELLO: usize = 29;

const LABEL: &[u8] = b"lk1/prologue\0";

/// The part that a peer plays in a handshake (section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The service that authorises.
    Cloud,
    /// Whoever holds a ticket.
    Holder,
    /// Whoever claims an unowned lock.
    Claimer,
    /// The lock, which always responds.
    Lock,
}

impl Role {
    /// The role's byte in prologues and nonces.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Cloud => 0x01,
            Self::Holder => 0x02,
            Self::Claimer => 0x03,
            Self::Lock => 0x10,
        }
    }

    /// What a peer in this role speaks through in a live session.
    #[must_use]
    pub const fn channel(self) -> Channel {
        match self {
            Self::Cloud => Channel::LiveCloud,
            Self::Holder => Channel::LiveHolder,
            Self::Claimer => Channel::LiveClaim,
            Self::Lock => Channel::LiveLock,
        }
    }
}

/// Which pre-shared key a handshake uses (sections 1.3 and 4.1). It determines the initiator's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeySelector<'p> {
    /// The `session` leaf of the epoch in force.
    CloudCurrent,
    /// The `session` leaf of a prepared epoch.
    CloudPending,
    /// The key that follows from this ticket of 1 to 384 bytes.
    Ticket(&'p [u8]),
    /// The key that follows from the claim code.
    Claim,
}

impl<'p> KeySelector<'p> {
    /// The selector's byte on the wire.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::CloudCurrent => 0x00,
            Self::CloudPending => 0x01,
            Self::Ticket(_) => 0x02,
            Self::Claim => 0x03,
        }
    }

    /// The role of an initiator who uses it.
    #[must_use]
    pub const fn initiator(self) -> Role {
        match self {
            Self::CloudCurrent | Self::CloudPending => Role::Cloud,
            Self::Ticket(_) => Role::Holder,
            Self::Claim => Role::Claimer,
        }
    }

    /// The ticket; empty for the other selectors.
    #[must_use]
    pub const fn ticket(self) -> &'p [u8] {
        match self {
            Self::Ticket(ticket) => ticket,
            Self::CloudCurrent | Self::CloudPending | Self::Claim => &[],
        }
    }
}

/// Everything that both peers know or have said in clear. A handshake fails where they differ in a single bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Prologue<'p> {
    /// The lock's number.
    pub lock_id: LockId,
    /// The epoch of the pre-shared key.
    pub key_epoch: KeyEpoch,
    /// The whole Hello packet.
    pub hello: &'p [u8; HELLO],
    /// The protocol version that the initiator chose.
    pub version: u8,
    /// The pre-shared key that the initiator chose.
    pub selector: KeySelector<'p>,
}

impl Prologue<'_> {
    /// Hands the prologue's bytes to `absorb`, after `before`, as slices to be read as one.
    pub(crate) fn with_parts<T>(&self, before: &[u8], absorb: impl FnOnce(&[&[u8]]) -> T) -> T {
        let ticket = self.selector.ticket();
        // Ticket lengths beyond 16 bits cannot come from a packet; the ticket is last, so that no two prologues meet.
        let [high, low] = u16::try_from(ticket.len()).unwrap_or(u16::MAX).to_be_bytes();
        let epoch = self.key_epoch.to_bytes();
        let choice = [
            self.version,
            self.selector.initiator().byte(),
            Role::Lock.byte(),
            self.selector.byte(),
            high,
            low,
        ];
        absorb(&gather([
            before,
            LABEL,
            self.lock_id.as_bytes().as_slice(),
            &epoch,
            self.hello.as_slice(),
            &choice,
            ticket,
        ]))
    }

    /// SHA-256 of the prologue, for the initiator's nonce (section 3.4).
    pub(crate) fn hash<S: Suite>(&self) -> [u8; 32] {
        self.with_parts(&[], S::hash)
    }
}
