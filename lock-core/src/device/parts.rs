//! What a lock without a part does not take. Where steps, records and answers are told apart, each arm of a part asks for it by itself
//! (`if T::PARTS.life`): a compiler for small code leaves out what lies behind such an arm, and not what lies behind a question before the
//! match.

use lock_proto::{Action, Selector};
use lock_state::Parts;

use super::RecordTag;

/// Whether a lock with these parts takes such a command.
pub(super) const fn takes(parts: Parts, action: &Action) -> bool {
    match action {
        Action::Lock
        | Action::Unlock
        | Action::Unlatch
        | Action::UnlockFor { .. }
        | Action::LockNGo
        | Action::SetMode(_)
        | Action::Calibrate
        | Action::SelfTest => true,
        Action::Configure { setting, .. } => parts.has(setting),
        Action::EndLockout => parts.people,
        Action::RevokeTickets { .. } | Action::DenyTicket { .. } => parts.virtual_keys,
        Action::AcknowledgeLog { .. } => parts.log,
        Action::PrepareRotation { .. }
        | Action::CommitRotation { .. }
        | Action::AdoptPinKey(_)
        | Action::EndOwnership { .. }
        | Action::OfferUpdate(_)
        | Action::InstallUpdate { .. } => parts.life,
    }
}

/// Whether a lock with these parts has keys for such a handshake.
pub(super) const fn meets(parts: Parts, selector: Selector) -> bool {
    match selector {
        Selector::CloudCurrent => true,
        Selector::Ticket => parts.virtual_keys,
        Selector::CloudPending | Selector::Claim => parts.life,
    }
}

/// Whether a lock with these parts keeps such a record.
pub(super) const fn keeps(parts: Parts, tag: RecordTag) -> bool {
    match tag {
        RecordTag::Keys
        | RecordTag::Boot
        | RecordTag::Memory
        | RecordTag::UpCeiling
        | RecordTag::Upkeep
        | RecordTag::Page(0) => true,
        RecordTag::Page(_) | RecordTag::Codes => parts.people,
        RecordTag::Tickets => parts.virtual_keys,
        RecordTag::Rotation | RecordTag::Claim | RecordTag::Update => parts.life,
        RecordTag::Ownership => parts.life && parts.log,
    }
}
