//! The key encryption key: one file of 64 hexadecimal digits, readable by its owner only.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;

use lock_core::crypto::{Key, RustCrypto, Suite as _};
use zeroize::Zeroizing;

use super::CustodyError;

/// The digits of a key, and room to notice that a file holds more.
const DIGITS: usize = 64;
const LONGEST_FILE: u64 = 128;

/// Names a key without telling anything of it: the first 8 bytes of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 8]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// The key under which a fleet's secrets are stored. Wiped when dropped, never printed.
pub struct KeyEncryptionKey {
    key: Key,
    id: KeyId,
}

impl KeyEncryptionKey {
    /// Takes 32 random bytes.
    ///
    /// # Errors
    /// [`CustodyError::Blank`] for 32 equal bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, CustodyError> {
        let key = Key::from_bytes(bytes);
        let [first, ..] = bytes;
        if bytes.iter().all(|byte| *byte == first) {
            return Err(CustodyError::Blank);
        }
        let hash = RustCrypto::hash(&[b"lock-fleet/key-id\0", key.expose()]);
        let mut id = [0; 8];
        id.copy_from_slice(&hash[..8]);
        Ok(Self { key, id: KeyId(id) })
    }

    /// Reads a key file: 64 hexadecimal digits, and white space around them.
    ///
    /// # Errors
    /// [`CustodyError`] when it is missing, malformed, or readable by anybody but its owner.
    pub fn load(path: &Path) -> Result<Self, CustodyError> {
        let failed = |source| CustodyError::File { path: path.into(), source };
        let file = File::open(path).map_err(|source| {
            if source.kind() == ErrorKind::NotFound {
                CustodyError::Missing(path.into())
            } else {
                failed(source)
            }
        })?;
        refuse_exposed(path, &file)?;
        // Room for all that is read: growing would leave copies of the secret behind.
        let mut text = Zeroizing::new(Vec::with_capacity(LONGEST_FILE as usize));
        file.take(LONGEST_FILE).read_to_end(&mut text).map_err(failed)?;
        let malformed = || CustodyError::Malformed(path.into());
        let digits = text.trim_ascii();
        let mut bytes = Zeroizing::new([0; 32]);
        if digits.len() != DIGITS {
            return Err(malformed());
        }
        hex::decode_to_slice(digits, &mut *bytes).map_err(|_| malformed())?;
        Self::from_bytes(*bytes)
    }

    /// Makes a new key and writes it to a new file that only its owner can read.
    ///
    /// # Errors
    /// [`CustodyError::Exists`] when there is a file already; it is kept. [`CustodyError::File`], [`CustodyError::NoRandomness`].
    pub fn create(path: &Path) -> Result<Self, CustodyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *bytes).map_err(|_| CustodyError::NoRandomness)?;
        let key = Self::from_bytes(*bytes)?;
        let mut text = Zeroizing::new([0; DIGITS + 1]);
        let (digits, end) = text.split_at_mut(DIGITS);
        hex::encode_to_slice(*bytes, digits).map_err(|_| CustodyError::Malformed(path.into()))?;
        end.copy_from_slice(b"\n");
        let failed = |source| CustodyError::File { path: path.into(), source };
        let mut file = private_file(path).map_err(|source| {
            if source.kind() == ErrorKind::AlreadyExists {
                CustodyError::Exists(path.into())
            } else {
                failed(source)
            }
        })?;
        file.write_all(&*text).and_then(|()| file.sync_all()).map_err(failed)?;
        Ok(key)
    }

    /// The name of the key.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The secret, for the vault.
    pub(super) const fn expose(&self) -> &[u8; 32] {
        self.key.expose()
    }
}

impl fmt::Debug for KeyEncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyEncryptionKey({}, ..)", self.id)
    }
}

/// Creates a file that did not exist, for its owner only.
pub(crate) fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, file: &File) -> Result<(), CustodyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = file.metadata().map_err(|source| CustodyError::File { path: path.into(), source })?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(CustodyError::Exposed { path: path.into(), mode }) }
}

/// Where files have no permission bits, the folder's access rules are the operator's.
#[cfg(not(unix))]
fn refuse_exposed(_path: &Path, _file: &File) -> Result<(), CustodyError> {
    Ok(())
}
