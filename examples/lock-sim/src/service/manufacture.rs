//! What happens to a lock once, in the factory.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use lock_core::claimer::Claimer;
use lock_core::crypto::{Key, LockId, RootKey, RustCrypto};
use lock_core::device;
use lock_core::label::ClaimCode;
use lock_core::proto::Profile;
use lock_store::host::{Durability, OpenError};
use lock_store::{LogRing, ZeroInPlace};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::arguments::MakeImage;
use super::{Failure, Flash, LOG, LOG_SECTORS, LogFlash, SECTORS};
use crate::controller::{self, LogRegion, ProvisionError};
use crate::loader::{self, Image};

/// What the maker knows of a lock: for its provisioning, its label and its cloud. All hexadecimal but the label.
#[derive(Serialize, Deserialize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// 16 bytes, public.
    lock_id: String,
    /// 32 bytes, secret; absent for a lock that is made without an owner.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    root: String,
    /// The profile of its live sessions: "S" or "X".
    #[serde(default)]
    #[zeroize(skip)]
    profile: Profile,
    /// The text of the label (section 3.2), secret until the lock has an owner.
    label: String,
    /// 32 bytes that are registered for the label; absent where nothing is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    maker_secret: String,
}

/// Whether a lock is made for an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    Owned,
    Unowned,
}

/// Draws a lock and writes what the maker knows of it.
pub(super) fn manufacture(out: &Path, profile: Profile, made: Made) -> Result<LockId, Failure> {
    let lock_id = LockId(random()?);
    let root = match made {
        Made::Owned => {
            let mut root: [u8; RootKey::BYTES] = random()?;
            let checked = RootKey::from_bytes::<RustCrypto>(root, lock_id);
            root.zeroize();
            hex::encode(checked?.expose())
        }
        Made::Unowned => String::new(),
    };
    let mut maker_secret: [u8; Key::BYTES] = random()?;
    let mut label = [0; ClaimCode::TEXT_BYTES];
    let keys = Keys {
        lock_id: hex::encode(lock_id.as_bytes()),
        root,
        profile,
        label: ClaimCode::from_bytes(random()?).to_text::<RustCrypto>(&mut label).to_owned(),
        maker_secret: hex::encode(maker_secret),
    };
    label.zeroize();
    maker_secret.zeroize();
    let mut json =
        serde_json::to_vec_pretty(&keys).map_err(|error| Failure::KeysFile(out.into(), error.to_string()))?;
    json.push(b'\n');
    let written = create(out, &json);
    json.zeroize();
    written.map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            Failure::Exists(out.into())
        } else {
            Failure::File(out.into(), error)
        }
    })?;
    Ok(lock_id)
}

/// Makes a flash file that is a lock, or none: the finished file gets its name in one step, and only where there is none.
pub(super) fn provision(flash: &Path, keys: &Path) -> Result<LockId, Failure> {
    let lot = read_keys(keys)?;
    let lock_id = lot.claimer.lock_id();
    if flash.exists() {
        return Err(Failure::FlashExists(flash.into()));
    }
    let unfinished = beside(flash, &format!(".{}.new", std::process::id()));
    let made = fill(&unfinished, &lot).and_then(|()| {
        fs::hard_link(&unfinished, flash).map_err(|error| {
            if error.kind() == io::ErrorKind::AlreadyExists {
                Failure::FlashExists(flash.into())
            } else {
                Failure::File(flash.into(), error)
            }
        })
    });
    let removed = fs::remove_file(&unfinished);
    made?;
    let log = beside(flash, LOG);
    if !log.exists() {
        // Without an owner it begins in a chain that nobody is told of.
        let secret = match &lot.owner {
            Some((_, root)) => device::provision_log::<RustCrypto>(root, lock_id),
            None => device::provision_unowned_log::<RustCrypto>(lot.claimer.key(), lock_id),
        };
        make_log(&log, &secret)?;
    }
    removed.map_err(|error| Failure::File(unfinished, error))?;
    Ok(lock_id)
}

/// What one lock is made of.
struct Lot {
    owner: Option<(Profile, RootKey)>,
    claimer: Claimer,
}

fn fill(path: &Path, lot: &Lot) -> Result<(), Failure> {
    let flash = Flash::create(path, SECTORS).map_err(|error| Failure::Flash(path.into(), error))?;
    private(path).map_err(|error| Failure::File(path.into(), error))?;
    let owner = lot.owner.as_ref().map(|(profile, root)| (*profile, root));
    controller::provision_claimable(owner, flash, &lot.claimer, &random()?)
        .map_err(|error| Failure::Provision(path.into(), error))
}

/// Makes the log's flash beside that of the journal. It holds the first key of the log, and nothing else does.
fn make_log(path: &Path, secret: &[u8; 32]) -> Result<(), Failure> {
    let flash = LogFlash::create(path, LOG_SECTORS).map_err(|error| Failure::Flash(path.into(), error))?;
    private(path).map_err(|error| Failure::File(path.into(), error))?;
    LogRing::<_, ZeroInPlace>::format(flash, secret)
        .map(drop)
        .map_err(|error| Failure::Provision(path.into(), ProvisionError::Format(error)))
}

/// Opens the log's flash of a lock; `None` where it has none, or one that went bad: it works on without a log.
pub(super) fn open_log(flash: &Path) -> Result<Option<Box<dyn LogRegion>>, Failure> {
    let path = beside(flash, LOG);
    match LogFlash::open(&path, LOG_SECTORS) {
        Ok(flash) => {
            let ring = LogRing::<_, ZeroInPlace>::mount(flash.surviving(Durability::ProcessDeath)).ok();
            Ok(ring.map(|ring| Box::new(ring) as Box<dyn LogRegion>))
        }
        Err(OpenError::Missing) => Ok(None),
        Err(error) => Err(Failure::Flash(path, error)),
    }
}

/// Opens the flash of a lock. The simulator's power cuts end the process; the host's own power is not its subject.
pub(super) fn open_flash(path: &Path) -> Result<Flash, Failure> {
    match Flash::open(path, SECTORS) {
        Ok(flash) => Ok(flash.surviving(Durability::ProcessDeath)),
        Err(OpenError::Missing) => Err(Failure::NoFlash(path.into())),
        Err(error) => Err(Failure::Flash(path.into(), error)),
    }
}

/// So many bytes of the host's random source.
pub(super) fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Failure::Entropy)?;
    Ok(bytes)
}

/// The path with `suffix` behind its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn read_keys(path: &Path) -> Result<Lot, Failure> {
    let wrong = |why: String| Failure::KeysFile(path.into(), why);
    let mut json = fs::read(path).map_err(|error| Failure::File(path.into(), error))?;
    let keys: Result<Keys, _> = serde_json::from_slice(&json);
    json.zeroize();
    let keys = keys.map_err(|error| wrong(error.to_string()))?;
    let mut lock_id = [0; 16];
    hex::decode_to_slice(&keys.lock_id, &mut lock_id).map_err(|error| wrong(format!("lock_id: {error}")))?;
    let lock_id = LockId(lock_id);
    let secret = |name: &str, text: &str| {
        let mut bytes = Zeroizing::new([0; 32]);
        let read = hex::decode_to_slice(text, bytes.as_mut());
        read.map(|()| bytes).map_err(|error| wrong(format!("{name}: {error}")))
    };
    let code =
        ClaimCode::from_text::<RustCrypto>(&keys.label).map_err(|error| wrong(format!("label: {error}")))?;
    let owner = if keys.root.is_empty() {
        None
    } else {
        let root = secret("root", &keys.root)?;
        Some((keys.profile, RootKey::from_bytes::<RustCrypto>(*root, lock_id)?))
    };
    let maker = if keys.maker_secret.is_empty() {
        None
    } else {
        Some(Key::from_bytes(*secret("maker_secret", &keys.maker_secret)?))
    };
    Ok(Lot { owner, claimer: Claimer::of(&code, maker.as_ref(), lock_id) })
}

/// Makes a firmware image whose body follows from its version.
pub(super) fn image(arguments: &MakeImage) -> Result<(), Failure> {
    let MakeImage { ref out, model, version, rollback_index, bytes } = *arguments;
    let body: Vec<u8> =
        (0..).take(bytes.saturating_sub(52)).map(|place: u32| filler(place, version)).collect();
    let made = loader::build(Image { model, version, rollback_index }, &body);
    create(out, &made).map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            Failure::Exists(out.clone())
        } else {
            Failure::File(out.clone(), error)
        }
    })?;
    println!("made version={version} rollback_index={rollback_index} bytes={}", made.len());
    Ok(())
}

/// Bytes that look like none of their neighbours.
const fn filler(place: u32, version: u32) -> u8 {
    let mixed = place.wrapping_add(version).wrapping_mul(0x9e37_79b1);
    (mixed >> 24) as u8
}

/// Writes a new file that only its owner may read.
fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Takes a file from everybody but its owner.
fn private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
