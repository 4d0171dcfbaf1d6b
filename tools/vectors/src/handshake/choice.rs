//! The key that an initiator uses (sections 1.3 and 4.1).

use lock_core::crypto::KeySelector;
use lock_core::proto::Selector;

/// What a peer uses for its key, with the ticket it owns.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    CloudCurrent,
    CloudPending,
    Ticket(Vec<u8>),
    Claim,
}

impl Choice {
    /// As the handshake knows it.
    pub(crate) fn selector(&self) -> KeySelector<'_> {
        match self {
            Self::CloudCurrent => KeySelector::CloudCurrent,
            Self::CloudPending => KeySelector::CloudPending,
            Self::Ticket(ticket) => KeySelector::Ticket(ticket),
            Self::Claim => KeySelector::Claim,
        }
    }

    /// As the packet knows it.
    pub(super) fn wire(&self) -> Selector {
        match self {
            Self::CloudCurrent => Selector::CloudCurrent,
            Self::CloudPending => Selector::CloudPending,
            Self::Ticket(_) => Selector::Ticket,
            Self::Claim => Selector::Claim,
        }
    }
}
