//! What can be asked of a lock.

use zeroize::Zeroize;

use crate::secret::PinKey;
use crate::wire::{Malformed, Reader};
use crate::{CloudShare, Manifest, Mode, Seconds, Setting, Table, wire};

/// The cloud's number for a command; grows with each command for a lock (section 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CommandId(pub u64);

/// What a peer asks of the lock in one message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Request {
    /// Only a session, or only the time.
    Nothing,
    /// Do something, at most once. Comes last in a message: an action of a newer version can still be refused by its id.
    Command {
        /// The number under which the lock remembers it.
        id: CommandId,
        /// What to do.
        action: Action,
    },
    /// Say something; changes nothing.
    Query(Query),
}

/// Something a lock does. Each is absolute: there is no toggle, so a repeat means the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Action {
    /// Throw the bolt.
    Lock,
    /// Withdraw the bolt.
    Unlock,
    /// Make version `version` of the configuration: the one before it with this setting changed.
    Configure {
        /// The number of the resulting configuration; must exceed the lock's.
        version: u32,
        /// The change, as an absolute value.
        setting: Setting,
    },
    /// Withdraw the bolt, and pull the latch back for as long as the setting says.
    Unlatch,
    /// Withdraw the bolt, and throw it again so much later, whatever the setting of the automatic relock.
    UnlockFor {
        /// How long: 1 s to one day.
        delay: Seconds,
    },
    /// Withdraw the bolt for somebody who leaves: throw it when the door was opened and closed, or after the setting's delay when
    /// nobody opens it.
    LockNGo,
    /// Put a mode in force.
    SetMode(Mode),
    /// Learn how long the bolt travels: out and back with the door closed.
    Calibrate,
    /// Try motor, sensors, radio and clock, and keep the result for the health report.
    SelfTest,
    /// Forget the wrong codes: a lockout ends at once.
    EndLockout,
    /// Kill all virtual keys that were issued in an earlier revocation epoch.
    RevokeTickets {
        /// The epoch in force from then on: not below the lock's.
        epoch: u32,
    },
    /// Kill one virtual key.
    DenyTicket {
        /// The revocation epoch in which it was issued, which is in force from then on where the lock's is lower.
        epoch: u32,
        /// Its number.
        serial: u64,
    },
    /// Prepare the next key epoch (section 3.7): in a session of the epoch in force alone. The same bytes again change nothing; others
    /// replace what was prepared.
    PrepareRotation {
        /// The key epoch to come: one above that in force.
        epoch: u32,
        /// The cloud's part of the next root.
        share: CloudShare,
    },
    /// Put the prepared key epoch in force: in a session of that epoch alone. Everything of the epoch before is dead from then on.
    CommitRotation {
        /// The prepared key epoch.
        epoch: u32,
    },
    /// Keep secrets under the key of a backup from now on. Only a lock that keeps none does, and only as a record of a session.
    AdoptPinKey(PinKey),
    /// The cloud has the log up to this entry, durably and verified: the lock may overwrite it.
    AcknowledgeLog {
        /// The key epoch of the log.
        key_epoch: u32,
        /// The entry.
        index: u64,
        /// Its MAC.
        mac: [u8; 16],
    },
    /// End the ownership: wipe what a factory reset wipes, and erase the keys. Afterwards the lock belongs to nobody.
    EndOwnership {
        /// The key epoch that ends: the lock's, so that nothing else is ended by mistake.
        key_epoch: u32,
    },
    /// Take a firmware image into the spare slot. The same manifest again changes nothing, so that the transfer resumes; another one
    /// begins from zero.
    OfferUpdate(Manifest),
    /// Start the verified image in the spare slot on trial (section 12).
    InstallUpdate {
        /// Its version: the image that is meant.
        version: u32,
        /// Within which time the new firmware has to prove itself: 10 s to one day.
        trial: Seconds,
    },
}

impl Action {
    /// Whether the action withdraws or throws the bolt at once.
    #[must_use]
    pub const fn is_motion(&self) -> bool {
        match self {
            Self::Lock
            | Self::Unlock
            | Self::Unlatch
            | Self::UnlockFor { .. }
            | Self::LockNGo
            | Self::Calibrate
            | Self::SelfTest => true,
            Self::Configure { .. }
            | Self::SetMode(_)
            | Self::EndLockout
            | Self::RevokeTickets { .. }
            | Self::DenyTicket { .. }
            | Self::PrepareRotation { .. }
            | Self::CommitRotation { .. }
            | Self::AdoptPinKey(_)
            | Self::AcknowledgeLog { .. }
            | Self::EndOwnership { .. }
            | Self::OfferUpdate(_)
            | Self::InstallUpdate { .. } => false,
        }
    }

    /// Whether the action is taken in a record of a session alone, whatever the profile: what it carries must stay secret (sections 3.7
    /// and 11).
    #[must_use]
    pub const fn needs_session(&self) -> bool {
        matches!(self, Self::PrepareRotation { .. } | Self::CommitRotation { .. } | Self::AdoptPinKey(_))
    }

    /// The number of [`Self::Configure`] on the wire.
    const CONFIGURE: u32 = 2;
    /// The highest number, that of [`Self::InstallUpdate`].
    const HIGHEST: u32 = 18;
    /// The longest encoding, in bytes: that of a configuration.
    pub(crate) const LONGEST: usize = 1 + 5 + Setting::LONGEST;

    /// Whether an action of a newer version follows: its number, or that of its setting, is beyond the tables of section 7.1. What
    /// follows that number is the newer version's own.
    pub(crate) fn is_unknown(mut action: Reader<'_>) -> Result<bool, Malformed> {
        match action.number_up_to(u32::MAX)? {
            Self::CONFIGURE => {
                let _version = action.number_up_to(u32::MAX)?;
                Setting::is_unknown(action)
            }
            number => Ok(number > Self::HIGHEST),
        }
    }

    /// The longest result of [`Self::identity`], in bytes.
    pub const MAX_IDENTITY: usize = Self::LONGEST;

    /// The bytes that say which action this is, for the digest of section 6: its encoding, without the bytes of a secret and
    /// their length.
    #[must_use]
    pub fn identity<'b>(&self, buffer: &'b mut [u8; Self::MAX_IDENTITY]) -> &'b [u8] {
        let secret = match self {
            Self::Configure { setting, .. } => setting.secret_length(),
            Self::AdoptPinKey(key) => key.0.len(),
            Self::Lock
            | Self::Unlock
            | Self::Unlatch
            | Self::UnlockFor { .. }
            | Self::LockNGo
            | Self::SetMode(_)
            | Self::Calibrate
            | Self::SelfTest
            | Self::EndLockout
            | Self::RevokeTickets { .. }
            | Self::DenyTicket { .. }
            | Self::PrepareRotation { .. }
            | Self::CommitRotation { .. }
            | Self::AcknowledgeLog { .. }
            | Self::EndOwnership { .. }
            | Self::OfferUpdate(_)
            | Self::InstallUpdate { .. } => 0,
        };
        let whole = wire::write(self, buffer).unwrap_or_default();
        let length = whole.len().saturating_sub(secret);
        let (identity, secret) = whole.split_at_mut_checked(length).unwrap_or_default();
        secret.zeroize();
        identity
    }
}

const _: () = assert!(Manifest::LONGEST < Action::LONGEST, "no action is longer than a configuration");

/// A question to the lock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Query {
    /// The state of bolt, door, motor, battery, clock.
    Status,
    /// What became of a command.
    Command(CommandId),
    /// The lock's marks, in answer to this fresh nonce (section 5, resynchronisation).
    Marks([u8; 16]),
    /// One hash over all items of the configuration (section 6.1).
    Digest,
    /// The versions of the items in [`Reply::ITEMS`](crate::Reply::ITEMS) slots of a table.
    Items {
        /// The table.
        table: Table,
        /// The first slot.
        first: u8,
    },
    /// What a diagnosis needs.
    Health,
    /// The key epoch in force, and what is prepared. Never answered by a sealed message.
    Rotation,
    /// The key of the lock's secrets, and what it keeps in [`Reply::SECRETS`](crate::Reply::SECRETS) slots of credentials, for a
    /// backup. Answered in a live session alone.
    Secrets {
        /// The first slot.
        first: u8,
    },
    /// Where the log stands, and its entries.
    Log {
        /// The first entry that is wanted.
        from: u64,
        /// A fresh one of the cloud's, which the head covers.
        nonce: [u8; 16],
    },
    /// Where a firmware update stands.
    Update,
    /// Where the revocation of virtual keys stands.
    Tickets,
}

wire! {
    struct CommandId(id);
    enum Request {
        0 => Nothing,
        1 => Command { id, action },
        2 => Query(query),
    }
    enum Action {
        0 => Lock,
        1 => Unlock,
        2 => Configure { version, setting },
        3 => Unlatch,
        4 => UnlockFor { delay },
        5 => LockNGo,
        6 => SetMode(mode),
        7 => Calibrate,
        8 => SelfTest,
        9 => EndLockout,
        10 => RevokeTickets { epoch },
        11 => DenyTicket { epoch, serial },
        12 => PrepareRotation { epoch, share },
        13 => CommitRotation { epoch },
        14 => AdoptPinKey(key),
        15 => AcknowledgeLog { key_epoch, index, mac },
        16 => EndOwnership { key_epoch },
        17 => OfferUpdate(manifest),
        18 => InstallUpdate { version, trial },
    }
    enum Query {
        0 => Status,
        1 => Command(id),
        2 => Marks(nonce),
        3 => Digest,
        4 => Items { table, first },
        5 => Health,
        6 => Rotation,
        7 => Secrets { first },
        8 => Log { from, nonce },
        9 => Update,
        10 => Tickets,
    }
}
