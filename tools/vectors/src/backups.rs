//! Section 11: backups as they leave a cloud.

use anyhow::ensure;
use lock_core::cloud::{BackupError, LockKeys, open_backup, pin_key_check, seal_backup};
use lock_core::crypto::{RootKey, RustCrypto};
use lock_core::proto::{
    BackupItem, CredentialKind, HashedSecret, PinKey, Put, Seconds, Setting, Span, UnixMillis, User,
    Weekdays, Window,
};

use crate::bodies::readable;
use crate::case::{Case, Fields, File, refusal};
use crate::world::{Keys, LOCK_ID, NOW, OTHER_LOCK_ID, entropy};

pub(crate) fn file() -> anyhow::Result<File> {
    let cases = [sealed()?, refused()?].concat();
    File::new(
        "backups.json",
        "11",
        "Backups under the leaf of this root, lock and epoch. `body` is what `fields` say, as in section 7; `file` is that sealed with `nonce`. \
         `file` and `error`: to be refused with these keys.",
        cases,
    )
}

fn nonce() -> [u8; 24] {
    core::array::from_fn(|place| 0xc0 + place as u8)
}

fn keys(keys: &Keys) -> anyhow::Result<LockKeys> {
    let root = RootKey::from_bytes::<RustCrypto>(keys.root, keys.lock_id)?;
    Ok(LockKeys::expand(&root, keys.lock_id, keys.key_epoch))
}

fn pin_key() -> PinKey {
    PinKey(entropy("the PIN key of a backup"))
}

fn house() -> Vec<BackupItem> {
    let window = Window {
        user: 2,
        span: Span::Weekly {
            days: Weekdays(0b0011_1110),
            from: lock_core::proto::MinuteOfDay(480),
            until: lock_core::proto::MinuteOfDay(1_080),
        },
    };
    let credential = Setting::RestoreCredential {
        slot: 0,
        put: Put::Set,
        user: Some(2),
        kind: CredentialKind::Pin,
        check: pin_key_check::<RustCrypto>(&pin_key()),
        hash: HashedSecret(*b"a hash of 16 b.."),
    };
    vec![
        BackupItem { version: 1, setting: Setting::AutoRelock(Seconds(30)) },
        BackupItem {
            version: 2,
            setting: Setting::SetUser { slot: 2, put: Put::Set, user: User::default() },
        },
        BackupItem { version: 300, setting: Setting::SetWindow { slot: 0, put: Put::Set, window } },
        BackupItem { version: u32::MAX, setting: credential },
    ]
}

fn made(keys: &LockKeys, items: &[BackupItem]) -> anyhow::Result<Vec<u8>> {
    let mut file = [0; 1_024];
    let length = seal_backup(keys, nonce(), UnixMillis(NOW), pin_key(), items, &mut file)?;
    Ok(file[..length].to_vec())
}

fn sealed() -> anyhow::Result<Vec<Case>> {
    let of = Keys::first()?;
    let cloud = keys(&of)?;
    let lists = [("nothing", "The key alone.", Vec::new()), ("a house", "One item of most tables.", house())];
    let cases = lists.into_iter().map(|(name, description, items)| {
        let file = made(&cloud, &items)?;
        let mut copy = file.clone();
        let backup = open_backup(&cloud, &mut copy)?;
        ensure!(backup.items().eq(items.iter().cloned()), "{name}: it is not read as it was written");
        let said = serde_json::json!({ "taken_at": NOW, "key": backup.head.key, "items": items });
        let body = copy[45..copy.len() - 16].to_vec();
        let fields = of.fields().hex("nonce", nonce()).plain("fields", readable(said));
        Ok(Case::new(format!("backup of {name}"), description)
            .with(fields.hex("body", body).hex("file", file)))
    });
    cases.collect()
}

fn refused() -> anyhow::Result<Vec<Case>> {
    let of = Keys::first()?;
    let cloud = keys(&of)?;
    let file = made(&cloud, &house())?;
    let altered = |place: usize| {
        let mut file = file.clone();
        file[place] ^= 1;
        file
    };
    let files = [
        ("of another format", "Its first byte.", altered(0)),
        ("of another lock", "Sealed for it.", made(&keys(&Keys::of(OTHER_LOCK_ID, 1)?)?, &house())?),
        ("of another epoch", "Sealed in it.", made(&keys(&Keys::of(LOCK_ID, 2)?)?, &house())?),
        ("with another nonce", "One bit of it.", altered(30)),
        ("that was altered", "One bit of the body.", altered(60)),
        ("cut short", "The last byte is missing.", file[..file.len() - 1].to_vec()),
        ("too short", "No room for a tag.", file[..60].to_vec()),
    ];
    let cases = files.map(|(name, description, file)| {
        let error = refusal(open_backup(&cloud, &mut file.clone()).map(|_| ()).map_err(Named));
        let fields: Fields = of.fields().hex("file", file).text("error", error?);
        Ok(Case::new(format!("backup {name}"), description).with(fields))
    });
    cases.into_iter().collect()
}

/// The name of an error, without what it holds.
struct Named(BackupError);

impl std::fmt::Debug for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            BackupError::NotABackup => "NotABackup",
            BackupError::AnotherLock(_) => "AnotherLock",
            BackupError::AnotherEpoch(_) => "AnotherEpoch",
            BackupError::Refused => "Forged",
            BackupError::NotUnderstood => "Malformed",
            BackupError::TooLong => "TooLong",
        })
    }
}
