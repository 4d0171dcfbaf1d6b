//! What a command carries under lock and key: erased once the command is over.

use lock_core::proto::{HashedSecret, PinDigits, PinKey, PinKeyCheck, Secret, TokenId};
use zeroize::Zeroizing;

use super::CommandKind;

/// The secret part of a command. Never printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CommandSecret {
    /// What is shown to the lock.
    Shown(Secret),
    /// What a lock keeps of that, from a backup, and under which key.
    Kept {
        /// The key.
        check: PinKeyCheck,
        /// What it keeps.
        hash: HashedSecret,
    },
    /// The key of a backup.
    Key(PinKey),
}

impl CommandSecret {
    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::Shown(secret) => secret.as_bytes().to_vec(),
            Self::Kept { check, hash } => [check.0.as_slice(), &hash.0].concat(),
            Self::Key(key) => key.0.to_vec(),
        })
    }

    /// Reads the secret of such a command.
    pub(crate) fn read(kind: CommandKind, bytes: &[u8]) -> Option<Self> {
        if let CommandKind::AdoptPinKey { .. } = kind {
            return Some(Self::Key(PinKey(bytes.try_into().ok()?)));
        }
        if let CommandKind::RestoreCredential { .. } = kind {
            let (check, hash) = bytes.split_first_chunk()?;
            let hash = HashedSecret(hash.try_into().ok()?);
            return Some(Self::Kept { check: PinKeyCheck(*check), hash });
        }
        let is_token = matches!(kind, CommandKind::SetCredential { kind, .. } if !kind.is_pin());
        Some(Self::Shown(if is_token {
            Secret::Token(TokenId::from_bytes(bytes).ok()?)
        } else {
            Secret::Pin(PinDigits::from_ascii(bytes).ok()?)
        }))
    }
}
