//! A virtual key that was issued. Its link is kept nowhere: who has lost it gets another key.

use lock_core::cloud::Conditions;
use lock_core::crypto::KeyEpoch;
use lock_core::proto::{CommandId, UnixMillis};
use lock_core::virtual_key::Binding;

/// One virtual key as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketRow {
    /// Its number, by which it can be denied.
    pub serial: u64,
    /// The epoch of the root key that it was made with: with any other it is dead.
    pub key_epoch: KeyEpoch,
    /// The revocation epoch that it was issued in.
    pub epoch: u32,
    /// Whom or what it is for, as its issuer says.
    pub label: String,
    /// Who issued it.
    pub by: String,
    /// When.
    pub issued_at: UnixMillis,
    /// What it yields to its first holder.
    pub conditions: Conditions,
    /// Whether it is bound to its holder.
    pub binding: Binding,
    /// Its revocation, if one was asked for.
    pub revoked: Option<TicketRevocation>,
}

/// That a virtual key is to be dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketRevocation {
    /// The command that carries it.
    pub command: CommandId,
    /// When it was asked for.
    pub at: UnixMillis,
}
