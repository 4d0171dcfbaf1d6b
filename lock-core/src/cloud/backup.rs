//! Backups, as a cloud makes and reads them (section 11).

use lock_crypto::{BACKUP_HEADER, BackupHeader, LockId, Suite, open_backup as open, seal_backup as seal};
use lock_proto::{Backup, BackupHead, BackupItem, PinKey, PinKeyCheck, UnixMillis};
use zeroize::Zeroize;

use super::LockKeys;

/// Why a backup was not made or not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackupError {
    /// The buffer is too short, or there are more than 65,535 items.
    #[error("the backup does not fit; give it a larger buffer")]
    TooLong,
    /// Not a backup.
    #[error("this is no backup of a lock; choose the file that was exported")]
    NotABackup,
    /// Of another lock.
    #[error("this backup is of lock {0:?}; open it with that lock's keys")]
    AnotherLock(LockId),
    /// Of another key epoch.
    #[error(
        "this backup was sealed in key epoch {0}, whose keys are gone after a rotation; export a new one"
    )]
    AnotherEpoch(u32),
    /// Altered, or not sealed by this cloud.
    #[error("the backup was altered or is damaged; use another copy")]
    Refused,
    /// From a newer version.
    #[error("the backup holds something that this version does not know; update the cloud")]
    NotUnderstood,
}

/// By this a lock knows that a hash was made under `key` (section 3.5).
#[must_use]
pub fn pin_key_check<S: Suite>(key: &PinKey) -> PinKeyCheck {
    PinKeyCheck(lock_crypto::pin_key_check::<S>(&lock_crypto::Key::from_bytes(key.0)))
}

/// Seals a backup into `file` and returns its length: 61 bytes, [`BackupHead::MAX_BYTES`] and [`BackupItem::MAX_BYTES`] for each item
/// suffice. `nonce` is 24 fresh random bytes.
///
/// # Errors
/// [`BackupError::TooLong`]; `file` is wiped then.
pub fn seal_backup<S: Suite>(
    keys: &LockKeys<S>,
    nonce: [u8; 24],
    taken_at: UnixMillis,
    key: PinKey,
    items: &[BackupItem],
    file: &mut [u8],
) -> Result<usize, BackupError> {
    let written = write(taken_at, key, items, file).and_then(|length| {
        let header = BackupHeader { lock_id: keys.lock_id, key_epoch: keys.key_epoch, nonce };
        seal::<S>(&keys.leaves, &header, file, length).ok()
    });
    // The key of all codes is in it: what was not sealed does not stay.
    written.ok_or_else(|| {
        file.zeroize();
        BackupError::TooLong
    })
}

fn write(taken_at: UnixMillis, key: PinKey, items: &[BackupItem], file: &mut [u8]) -> Option<usize> {
    let mut rest = file.get_mut(BACKUP_HEADER..)?;
    let whole = rest.len();
    let head = BackupHead { taken_at, key, items: u16::try_from(items.len()).ok()? };
    let length = head.encode(rest).ok()?.len();
    rest = rest.get_mut(length..)?;
    for item in items {
        let length = item.encode(rest).ok()?.len();
        rest = rest.get_mut(length..)?;
    }
    whole.checked_sub(rest.len())
}

/// Opens a backup in place. The caller wipes `file` when it has read the items.
///
/// # Errors
/// [`BackupError`]; `file` holds no plaintext then, but for [`BackupError::NotUnderstood`].
pub fn open_backup<'f, S: Suite>(keys: &LockKeys<S>, file: &'f mut [u8]) -> Result<Backup<'f>, BackupError> {
    let header = BackupHeader::of(file).ok_or(BackupError::NotABackup)?;
    if header.lock_id != keys.lock_id {
        return Err(BackupError::AnotherLock(header.lock_id));
    }
    if header.key_epoch != keys.key_epoch {
        return Err(BackupError::AnotherEpoch(header.key_epoch.number()));
    }
    let body = open::<S>(&keys.leaves, file).map_err(|_| BackupError::Refused)?;
    Backup::decode(body).map_err(|_| BackupError::NotUnderstood)
}
