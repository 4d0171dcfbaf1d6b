//! A backup, sealed for whoever keeps it (section 11): only the cloud that made it opens it, and only for the lock that it is of.
//!
//! ```text
//! file = 0x01 ‖ lock_id[16] ‖ key epoch[4] ‖ nonce[24] ‖ ciphertext ‖ tag[16]      associated data = "lk1/backup" ‖ 0x00 ‖ the first 45 bytes
//! ```
//!
//! This is XChaCha20-Poly1305 under the leaf `backup`, with a nonce that is random alone: a cloud seals few of them.

use crate::key::Key;
use crate::keys::{KeyEpoch, Label, LeafKeys, LockId};
use crate::parts::split_packet;
use crate::profile_s::BufferTooSmall;
use crate::suite::{OpenError, Suite, TAG};

/// Length of a backup's header, in bytes.
pub const BACKUP_HEADER: usize = 1 + 16 + 4 + 24;
const FORMAT: u8 = 1;
const LABEL: &[u8; 11] = b"lk1/backup\0";

/// The clear fields of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BackupHeader {
    /// The lock that it is of.
    pub lock_id: LockId,
    /// The epoch of the leaf.
    pub key_epoch: KeyEpoch,
    /// 24 bytes from a random source.
    pub nonce: [u8; 24],
}

impl BackupHeader {
    /// Reads the header of a file; `None` for what is no backup.
    #[must_use]
    pub fn of(file: &[u8]) -> Option<Self> {
        let ([format, header @ ..], _) = file.split_first_chunk::<BACKUP_HEADER>()?;
        let (lock_id, rest) = header.split_first_chunk()?;
        let (key_epoch, nonce) = rest.split_first_chunk()?;
        let key_epoch = KeyEpoch::new(u32::from_be_bytes(*key_epoch))?;
        let is_backup = *format == FORMAT && file.len() >= BACKUP_HEADER + TAG;
        is_backup.then_some(Self { lock_id: LockId(*lock_id), key_epoch, nonce: nonce.try_into().ok()? })
    }

    fn to_bytes(self) -> [u8; BACKUP_HEADER] {
        let mut bytes = [FORMAT; BACKUP_HEADER];
        let fields = self.lock_id.0.into_iter().chain(self.key_epoch.to_bytes()).chain(self.nonce);
        bytes.iter_mut().skip(1).zip(fields).for_each(|(to, from)| *to = from);
        bytes
    }
}

/// Seals the body that stands at `file[45..45 + body_length]` in place and writes header and tag around it.
///
/// `leaves` are those of the header's lock and epoch. Returns the file's length, `45 + body_length + 16`.
///
/// # Errors
/// [`BufferTooSmall`]; then `file` is as it was.
pub fn seal_backup<S: Suite>(
    leaves: &LeafKeys,
    header: &BackupHeader,
    file: &mut [u8],
    body_length: usize,
) -> Result<usize, BufferTooSmall> {
    let needed = body_length.saturating_add(BACKUP_HEADER + TAG);
    let Some((head, body, tag)) = file.get_mut(..needed).and_then(split_packet::<BACKUP_HEADER>) else {
        return Err(BufferTooSmall { needed });
    };
    *head = header.to_bytes();
    let (subkey, nonce) = subkey_and_nonce::<S>(leaves.leaf(Label::Backup), &header.nonce);
    *tag = S::seal(subkey.expose(), &nonce, &associated_data(head), body);
    Ok(needed)
}

/// Opens a backup in place, with the leaves of the lock and epoch that it names.
///
/// # Errors
/// [`OpenError`]: not sealed under these leaves, or not whole. The file then holds no plaintext.
pub fn open_backup<'f, S: Suite>(leaves: &LeafKeys, file: &'f mut [u8]) -> Result<&'f mut [u8], OpenError> {
    let header = BackupHeader::of(file).ok_or(OpenError)?;
    let (head, body, tag) = split_packet::<BACKUP_HEADER>(file).ok_or(OpenError)?;
    let (subkey, nonce) = subkey_and_nonce::<S>(leaves.leaf(Label::Backup), &header.nonce);
    S::open(subkey.expose(), &nonce, &associated_data(head), body, tag)?;
    Ok(body)
}

fn associated_data(head: &[u8; BACKUP_HEADER]) -> [u8; LABEL.len() + BACKUP_HEADER] {
    let mut bytes = [0; LABEL.len() + BACKUP_HEADER];
    bytes.iter_mut().zip(LABEL.iter().chain(head)).for_each(|(to, from)| *to = *from);
    bytes
}

/// `HChaCha20(leaf, nonce[0..16])` and `0x00000000 ‖ nonce[16..24]`.
fn subkey_and_nonce<S: Suite>(leaf: &Key, nonce: &[u8; 24]) -> (Key, [u8; 12]) {
    let [input @ .., a, b, c, d, e, f, g, h] = nonce;
    let subkey = Key::take(&mut S::hchacha20(leaf.expose(), input));
    (subkey, [0, 0, 0, 0, *a, *b, *c, *d, *e, *f, *g, *h])
}
