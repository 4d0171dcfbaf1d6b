//! Secrets as they are stored: XChaCha20-Poly1305 under the key encryption key, bound to their row and purpose.
//!
//! ```text
//! format 0x01 [1] ‖ key id [8] ‖ nonce [24] ‖ ciphertext ‖ tag [16]
//! associated data: "lock-fleet/wrap\0" ‖ the first 9 bytes ‖ purpose [1] ‖ lock_id [16] ‖ number [8]
//! ```

use std::fmt;

use chacha20poly1305::{AeadInOut as _, KeyInit as _, XChaCha20Poly1305};
use lock_core::crypto::{KeyEpoch, LockId};
use lock_core::proto::CommandId;
use zeroize::Zeroizing;

use super::{CustodyError, KeyEncryptionKey, KeyId};

const FORMAT: u8 = 1;
const PREFIX: usize = 1 + 8;
const NONCE: usize = 24;
const TAG: usize = 16;
const LABEL: &[u8] = b"lock-fleet/wrap\0";
const CHECK: &[u8] = b"this key opens this database";

/// What a secret is for; a secret opens only where it was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Tells whether the key is the database's.
    Check,
    /// The root key of a lock's epoch.
    Root(LockId, KeyEpoch),
    /// What a command carries, such as the digits of a PIN.
    Digits(LockId, CommandId),
    /// The backup of a lock with this number.
    Backup(LockId, u32),
    /// The root key of a lock's next epoch, which is not in force.
    NextRoot(LockId, KeyEpoch),
    /// The first key of a lock's log, which began in this epoch.
    LogKey(LockId, KeyEpoch),
    /// What the maker registered for the label of a lock.
    MakerSecret(LockId),
    /// By what a lock is recognised while it has no owner.
    UnownedHandle(LockId),
    /// The key of the entry of a lock's log with this index.
    Log(LockId, u64),
}

impl Purpose {
    fn associated_data(self, prefix: &[u8; PREFIX]) -> Vec<u8> {
        let (code, lock, number) = match self {
            Self::Check => (0_u8, [0; 16], 0),
            Self::Root(lock, epoch) => (1, lock.0, u64::from(epoch.number())),
            Self::Digits(lock, command) => (2, lock.0, command.0),
            Self::Backup(lock, number) => (3, lock.0, u64::from(number)),
            Self::NextRoot(lock, epoch) => (4, lock.0, u64::from(epoch.number())),
            Self::MakerSecret(lock) => (5, lock.0, 0),
            Self::LogKey(lock, epoch) => (6, lock.0, u64::from(epoch.number())),
            Self::Log(lock, index) => (7, lock.0, index),
            Self::UnownedHandle(lock) => (8, lock.0, 0),
        };
        [LABEL, prefix, &[code], &lock, &number.to_be_bytes()].concat()
    }
}

/// Wraps and unwraps secrets.
pub(crate) struct Vault {
    kek: KeyEncryptionKey,
}

impl Vault {
    pub(crate) const fn new(kek: KeyEncryptionKey) -> Self {
        Self { kek }
    }

    /// Encrypts a secret for one row.
    pub(crate) fn wrap(&self, purpose: Purpose, secret: &[u8]) -> Result<Vec<u8>, CustodyError> {
        let prefix = self.prefix();
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| CustodyError::NoRandomness)?;
        let mut body = Zeroizing::new(secret.to_vec());
        let tag = self
            .cipher()
            .encrypt_inout_detached(
                (&nonce).into(),
                &purpose.associated_data(&prefix),
                body.as_mut_slice().into(),
            )
            .map_err(|_| CustodyError::Altered)?;
        Ok([prefix.as_slice(), &nonce, &body, &tag].concat())
    }

    /// Decrypts what [`Vault::wrap`] made for the same row.
    pub(crate) fn unwrap(
        &self,
        purpose: Purpose,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
        let (prefix, rest) = wrapped.split_first_chunk::<PREFIX>().ok_or(CustodyError::Altered)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE>().ok_or(CustodyError::Altered)?;
        let (body, tag) = rest.split_last_chunk::<TAG>().ok_or(CustodyError::Altered)?;
        let [format, key_id @ ..] = *prefix;
        if format != FORMAT {
            return Err(CustodyError::Altered);
        }
        if KeyId(key_id) != self.kek.id() {
            return Err(CustodyError::WrongKey { expected: KeyId(key_id), found: self.kek.id() });
        }
        let mut secret = Zeroizing::new(body.to_vec());
        self.cipher()
            .decrypt_inout_detached(
                nonce.into(),
                &purpose.associated_data(prefix),
                secret.as_mut_slice().into(),
                tag.into(),
            )
            .map_err(|_| CustodyError::Altered)?;
        Ok(secret)
    }

    /// The value that a database keeps to recognise its key.
    pub(crate) fn check_value(&self) -> Result<Vec<u8>, CustodyError> {
        self.wrap(Purpose::Check, CHECK)
    }

    /// Whether the key is the one that made `check`.
    pub(crate) fn verify_check(&self, check: &[u8]) -> Result<(), CustodyError> {
        if self.unwrap(Purpose::Check, check)?.as_slice() == CHECK {
            Ok(())
        } else {
            Err(CustodyError::Altered)
        }
    }

    fn prefix(&self) -> [u8; PREFIX] {
        let mut prefix = [FORMAT; PREFIX];
        prefix[1..].copy_from_slice(&self.kek.id().0);
        prefix
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.kek.expose().into())
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("kek", &self.kek).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: LockId = LockId([7; 16]);
    const ROOT: Purpose = Purpose::Root(LOCK, KeyEpoch::FIRST);

    fn vault(fill: u8) -> Vault {
        let mut bytes = [fill; 32];
        bytes[0] = 0;
        Vault::new(KeyEncryptionKey::from_bytes(bytes).unwrap())
    }

    #[test]
    fn a_secret_opens_only_under_its_key_row_and_purpose() {
        let wrapped = vault(1).wrap(ROOT, b"secret").unwrap();
        assert_eq!(vault(1).unwrap(ROOT, &wrapped).unwrap().as_slice(), b"secret");
        assert!(matches!(vault(2).unwrap(ROOT, &wrapped), Err(CustodyError::WrongKey { .. })));
        for other in [
            Purpose::Root(LockId([8; 16]), KeyEpoch::FIRST),
            Purpose::Root(LOCK, KeyEpoch::new(2).unwrap()),
            Purpose::Digits(LOCK, CommandId(1)),
            Purpose::Backup(LOCK, 1),
            Purpose::NextRoot(LOCK, KeyEpoch::FIRST),
            Purpose::LogKey(LOCK, KeyEpoch::FIRST),
            Purpose::Check,
        ] {
            assert!(matches!(vault(1).unwrap(other, &wrapped), Err(CustodyError::Altered)));
        }
    }

    #[test]
    fn every_altered_or_missing_byte_is_noticed() {
        let wrapped = vault(1).wrap(ROOT, b"secret").unwrap();
        for place in 0..wrapped.len() {
            let mut altered = wrapped.clone();
            altered[place] ^= 0x80;
            assert!(vault(1).unwrap(ROOT, &altered).is_err(), "byte {place}");
            assert!(vault(1).unwrap(ROOT, &wrapped[..place]).is_err(), "length {place}");
        }
    }

    #[test]
    fn no_secret_is_printed() {
        assert!(!format!("{:?}", vault(0x5a)).contains("5a5a"));
        assert!(!format!("{:?}", vault(0x5a)).contains("90, 90"));
    }
}
