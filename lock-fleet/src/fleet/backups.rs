//! Backups of what locks keep of their credentials, whose digits the fleet has erased (section 11).

use lock_core::cloud::{pin_key_check, seal_backup};
use lock_core::crypto::{LockId, RustCrypto};
use lock_core::proto::{
    Action, Backup, BackupHead, BackupItem, Outcome, PinKey, Put, Query, Reason, Reply, Setting, UnixMillis,
};
use zeroize::Zeroizing;

use super::change::Change;
use super::{Fleet, FleetError, LiveAnswer, LiveSession, Task, random};
use crate::clock::Moment;
use crate::custody::{CustodyError, Purpose, Vault};
use crate::store::{BackupRow, CommandKind, CommandRow, CommandState, ItemRow, Store};

/// How many commands are read at a time.
const PAGE: usize = 1_000;

/// A backup that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupInfo {
    /// Its number, from 1.
    pub number: u32,
    /// When the lock was read.
    pub taken_at: UnixMillis,
    /// Who asked for it.
    pub by: String,
    /// How many credentials are in it.
    pub credentials: u16,
}

/// How far a backup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackingUp {
    /// So many slots of so many were read; ask again.
    Read {
        /// How many.
        read: u8,
        /// Of how many.
        slots: u8,
    },
    /// It is stored, under this number.
    Taken {
        /// The number.
        number: u32,
        /// How many credentials are in it.
        credentials: u16,
    },
    /// The lock keeps no credentials: there is nothing to store, and what was stored before stays.
    Nothing,
}

/// What was read in this session so far.
#[derive(Debug)]
pub(super) struct Gathering {
    by: String,
    key: Option<PinKey>,
    next: u8,
    items: Vec<BackupItem>,
}

/// What follows from an answer.
enum Gathered {
    Further { gathering: Gathering, slots: u8 },
    Whole { by: String, key: PinKey, items: Vec<BackupItem> },
}

impl Gathering {
    pub(super) const fn new(by: String) -> Self {
        Self { by, key: None, next: 0, items: Vec::new() }
    }

    pub(super) const fn query(&self) -> Query {
        Query::Secrets { first: self.next }
    }

    /// Takes an answer. One under another key than those before begins anew: the lock was reset in between.
    fn add(mut self, reply: Reply) -> Gathered {
        let Reply::Secrets { key, slots, first, secrets } = reply else {
            return Gathered::Further { gathering: self, slots: 0 };
        };
        if first != self.next || self.key.as_ref().is_some_and(|known| *known != key) {
            return Gathered::Further { gathering: Self::new(self.by), slots };
        }
        let check = pin_key_check::<RustCrypto>(&key);
        for (slot, kept) in (first..=u8::MAX).zip(secrets) {
            let Some(kept) = kept else { continue };
            let (put, user, kind, hash) = (Put::Set, kept.user, kept.kind, kept.hash);
            let setting = Setting::RestoreCredential { slot, put, user, kind, check, hash };
            self.items.push(BackupItem { version: kept.version, setting });
        }
        match first.checked_add(Reply::SECRETS as u8).filter(|next| *next < slots) {
            Some(next) => Gathered::Further { gathering: Self { key: Some(key), next, ..self }, slots },
            None => Gathered::Whole { by: self.by, key, items: self.items },
        }
    }
}

impl<S: Store> Fleet<S> {
    /// Takes what the lock said of its secrets in a session.
    pub(super) fn take_secrets(
        &mut self,
        session: &mut LiveSession,
        reply: Reply,
        now: Moment,
    ) -> Result<LiveAnswer, FleetError> {
        // An answer that nobody asked for teaches nothing.
        let Some(gathering) = session.gathering.take() else { return Ok(LiveAnswer::Connected) };
        let progress = match gathering.add(reply) {
            Gathered::Further { gathering, slots } => {
                let read = gathering.next;
                session.gathering = Some(gathering);
                BackingUp::Read { read, slots }
            }
            Gathered::Whole { items, .. } if items.is_empty() => BackingUp::Nothing,
            Gathered::Whole { by, key, items } => {
                self.change(session.lock(), now, |change| change.store_backup(&by, &key, &items))?
            }
        };
        Ok(LiveAnswer::BackedUp(progress))
    }

    /// The backups of a lock that are kept, the newest first.
    ///
    /// # Errors
    /// [`FleetError::NoSuchLock`], [`FleetError::Store`].
    pub fn backups(&mut self, lock: LockId) -> Result<Vec<BackupInfo>, FleetError> {
        self.row(lock)?;
        let info = |row| {
            let BackupRow { number, taken_at, by, credentials, .. } = row;
            BackupInfo { number, taken_at, by, credentials }
        };
        Ok(self.store.backups(lock)?.into_iter().map(info).collect())
    }

    /// A backup as a file for its owner to keep, sealed under the lock's present keys (section 11): what is wanted of the lock, and the
    /// credentials that did not change since. Only this cloud opens it, and only until the keys are rotated.
    ///
    /// # Errors
    /// [`FleetError::NoBackup`], [`FleetError::OwnershipEnded`], [`FleetError::NoSuchLock`], [`FleetError::Custody`], [`FleetError::Store`].
    pub fn export_backup(&mut self, lock: LockId, by: &str, now: Moment) -> Result<Vec<u8>, FleetError> {
        let row = self.row(lock)?;
        let keys = self.keys(&row)?;
        let nonce = random()?;
        self.change(lock, now, |change| {
            change.row.check_owned()?;
            let newest = change.kept_backups()?.into_iter().next().ok_or(FleetError::NoBackup)?;
            let (tasks, _) = change.what_it_should_have()?;
            let version = change.row.state.configuration;
            let items: Vec<_> = tasks.iter().filter_map(|task| item(task, version)).collect();
            let room = 61 + BackupHead::MAX_BYTES + items.len() * BackupItem::MAX_BYTES;
            let mut file = vec![0; room];
            let length = seal_backup(&keys, nonce, newest.taken_at, newest.key, &items, &mut file)
                .map_err(|_| CustodyError::Altered)?;
            file.truncate(length);
            change.note(by, "export a backup", format!("backup {}, {} items", newest.number, items.len()));
            Ok(file)
        })
    }
}

fn item(task: &Task, version: u32) -> Option<BackupItem> {
    let action = task.kind(version).action(task.secret())?;
    if let Action::Configure { version, setting } = action {
        Some(BackupItem { version, setting })
    } else {
        None
    }
}

/// A backup that was opened.
pub(super) struct KeptBackup {
    pub(super) number: u32,
    taken_at: UnixMillis,
    pub(super) key: PinKey,
    items: Vec<BackupItem>,
}

impl KeptBackup {
    /// The task that puts the credential of a slot back; `None` where it holds none.
    fn task(&self, slot: u8) -> Option<(u32, Task)> {
        let item = self.items.iter().find(|item| item.setting.item().1 == slot)?;
        let Setting::RestoreCredential { user, kind, check, ref hash, .. } = item.setting else {
            return None;
        };
        let (backup, hash) = (self.number, hash.clone());
        Some((item.version, Task::RestoreCredential { slot, user, kind, backup, check, hash }))
    }
}

impl<S: Store> Change<'_, S> {
    fn store_backup(
        &mut self,
        by: &str,
        key: &PinKey,
        items: &[BackupItem],
    ) -> Result<BackingUp, FleetError> {
        let lock = self.lock();
        let newest = self.store.backups(lock)?.first().map_or(0, |row| row.number);
        let number = newest.checked_add(1).ok_or(FleetError::VersionsExhausted)?;
        let credentials = u16::try_from(items.len()).unwrap_or(u16::MAX);
        let taken_at = self.now.unix;
        let mut body = Zeroizing::new(vec![0; BackupHead::MAX_BYTES + items.len() * BackupItem::MAX_BYTES]);
        let head = BackupHead { taken_at, key: key.clone(), items: credentials };
        let mut length = head.encode(&mut body).map_err(|_| CustodyError::Altered)?.len();
        for item in items {
            let room = body.get_mut(length..).unwrap_or_default();
            length += item.encode(room).map_err(|_| CustodyError::Altered)?.len();
        }
        let wrapped = self.vault.wrap(Purpose::Backup(lock, number), &body[..length])?;
        self.put_backup(BackupRow { number, taken_at, by: by.into(), credentials, wrapped });
        self.note(by, "take a backup", format!("backup {number}, {credentials} credentials"));
        Ok(BackingUp::Taken { number, credentials })
    }

    /// The backups that are kept, opened, the newest first: those under the key of the newest, which is the one that a lock is given.
    pub(super) fn kept_backups(&mut self) -> Result<Vec<KeptBackup>, FleetError> {
        let lock = self.lock();
        let mut backups = kept_backups(self.store, self.vault, lock)?;
        let key = backups.first().map(|newest| newest.key.clone());
        backups.retain(|backup| Some(&backup.key) == key.as_ref());
        Ok(backups)
    }

    /// Whether the lock said of this credential that it was saved under another key, and has taken no other key since.
    pub(super) fn has_another_key(&mut self, row: &ItemRow) -> Result<bool, FleetError> {
        let wanted = row.wanted.map(|id| self.command(id)).transpose()?.flatten();
        let refused = CommandState::Settled(Outcome::Refused(Reason::AnotherPinKey));
        let Some(refused) = wanted.filter(|command| command.state == refused) else { return Ok(false) };
        let (lock, mut after) = (self.lock(), refused.id);
        loop {
            let page = self.store.commands(lock, after, PAGE)?;
            let is_adoption = |row: &CommandRow| matches!(row.kind, CommandKind::AdoptPinKey { .. });
            let done = CommandState::Settled(Outcome::Done);
            if page.iter().any(|row| is_adoption(row) && row.state == done) {
                return Ok(false);
            }
            match page.last() {
                Some(last) if page.len() == PAGE => after = last.id,
                Some(_) | None => return Ok(true),
            }
        }
    }

    /// The task that puts a credential back as it was last done; `None` where no backup holds just that.
    pub(super) fn backed_up_task(
        &mut self,
        backups: &[KeptBackup],
        row: &ItemRow,
    ) -> Result<Option<Task>, FleetError> {
        let applied = row.applied.map(|id| self.command(id)).transpose()?.flatten();
        let restored_from = applied.and_then(|command| {
            if let CommandKind::RestoreCredential { backup, .. } = command.kind { Some(backup) } else { None }
        });
        Ok(backups.iter().find_map(|backup| {
            let (version, task) = backup.task(row.slot)?;
            let is_as_it_was = version == row.made || restored_from == Some(backup.number);
            is_as_it_was.then_some(task)
        }))
    }
}

pub(super) fn kept_backups<S: Store>(
    store: &mut S,
    vault: &Vault,
    lock: LockId,
) -> Result<Vec<KeptBackup>, FleetError> {
    let open = |row: BackupRow| {
        let body = vault.unwrap(Purpose::Backup(lock, row.number), &row.wrapped)?;
        let backup = Backup::decode(&body).map_err(|_| CustodyError::Altered)?;
        let items = backup.items().collect();
        let BackupHead { taken_at, key, .. } = backup.head;
        Ok(KeptBackup { number: row.number, taken_at, key, items })
    };
    store.backups(lock)?.into_iter().map(open).collect()
}

#[cfg(test)]
mod tests {
    use lock_core::proto::{CredentialKind, HashedSecret, KeptSecret};

    use super::*;

    fn answer(key: u8, first: u8, taken: &[usize]) -> Reply {
        let kept = |slot| KeptSecret {
            version: 3,
            user: None,
            kind: CredentialKind::Pin,
            hash: HashedSecret([slot; 16]),
        };
        let secrets = core::array::from_fn(|place| taken.contains(&place).then(|| kept(place as u8)));
        Reply::Secrets { key: PinKey([key; 32]), slots: 20, first, secrets }
    }

    fn further(gathered: Gathered) -> Gathering {
        match gathered {
            Gathered::Further { gathering, .. } => gathering,
            Gathered::Whole { .. } => panic!("there is more to read"),
        }
    }

    #[test]
    fn a_backup_reads_all_slots_and_knows_where_each_credential_was() {
        let gathering = further(Gathering::new("anna".into()).add(answer(1, 0, &[0, 7])));
        let gathering = further(gathering.add(answer(1, 8, &[])));
        let Gathered::Whole { key, items, .. } = gathering.add(answer(1, 16, &[3])) else {
            panic!("that was all")
        };
        let slots: Vec<_> = items.iter().map(|item| item.setting.item().1).collect();
        assert_eq!((slots.as_slice(), key), ([0, 7, 19].as_slice(), PinKey([1; 32])));
    }

    #[test]
    fn a_reset_in_the_midst_mixes_no_keys_and_an_answer_to_another_question_adds_nothing() {
        let gathering = further(Gathering::new("anna".into()).add(answer(1, 0, &[0])));
        let anew = further(gathering.add(answer(2, 8, &[0])));
        assert_eq!((anew.next, anew.items.len(), anew.by.as_str()), (0, 0, "anna"), "another key");
        let gathering = further(anew.add(answer(2, 0, &[0])));
        let anew = further(gathering.add(answer(2, 0, &[0])));
        assert_eq!((anew.next, anew.items.len()), (0, 0), "the same slots twice");
    }
}
