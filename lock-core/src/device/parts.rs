//! What a lock without a part does not do: asked here where requests, records, steps and answers are told apart, so that a compiler leaves
//! out all that lies behind them.

use lock_proto::{Action, Selector};
use lock_state::Parts;

use super::RecordTag;
use super::steps::{Answering, Step};

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

/// Whether such a step can come up in a lock with these parts.
pub(super) const fn does(parts: Parts, step: &Step) -> bool {
    match step {
        Step::Persist(_)
        | Step::Motor(_)
        | Step::Indicate(_)
        | Step::Alarms
        | Step::Obey(_)
        | Step::Commit(_)
        | Step::Wipe
        | Step::WipePage(_)
        | Step::ResetFinished
        | Step::Hello(_)
        | Step::Message2(..)
        | Step::Reply(..)
        | Step::Event(..)
        | Step::Sealed(..)
        | Step::Close(_) => true,
        Step::Check => parts.people,
        // A user's first use, or that of a code.
        Step::Admit => parts.people,
        Step::Revoked(_) | Step::HolderEvent(_) => parts.virtual_keys,
        Step::Acknowledge(_) => parts.log,
        Step::Prepared(_)
        | Step::Rotated(..)
        | Step::Adopt(_)
        | Step::UpdateStaged(_)
        | Step::EndOwnership(_)
        | Step::EraseKeys
        | Step::Own(_) => parts.life,
    }
}

/// What a lock with these parts answers: what it knows nothing of, it does not understand.
pub(super) const fn answers(parts: Parts, answering: Answering) -> Answering {
    let has = match answering {
        Answering::Nothing
        | Answering::Command { .. }
        | Answering::Settled { .. }
        | Answering::Status
        | Answering::Marks
        | Answering::Hint
        | Answering::Digest
        | Answering::Items { .. }
        | Answering::Health
        | Answering::NotUnderstood => true,
        Answering::Held { .. } | Answering::Tickets => parts.virtual_keys,
        Answering::Log => parts.log,
        Answering::Rotation
        | Answering::Secrets { .. }
        | Answering::Update
        | Answering::Wanted
        | Answering::Unowned
        | Answering::Claimed(_) => parts.life,
    };
    if has { answering } else { Answering::NotUnderstood }
}
