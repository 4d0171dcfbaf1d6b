//! What a lock keeps across power cuts: plain records, each under a tag of its own.

use core::ops::Range;

use lock_crypto::hedge::LockHedge;
use lock_crypto::{CommandLedger, HighWaterMark, Key, KeyEpoch, LeafKeys, LockId, RootKey, Suite};
use lock_proto::{CommandId, Marks, Profile};
use lock_state::{Configuration, Saved, SavedUpdate, Tables, TicketBook, Upkeep, UsedCodes};
use zeroize::Zeroizing;

use super::log::turning::OWNERSHIP;
use super::rotation::ROTATION;
use super::{StoredLog, unowned};
use crate::handshake::Spoken;

/// The tag of a record; the newest committed record of a tag is its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordTag {
    /// Identity and leaf keys; written at manufacture, with a new PIN key at a factory reset, with the next epoch's leaves at a
    /// rotation and when the owner changes, and behind each of these two without the leaf `log`. A secret.
    Keys,
    /// The boot counter; written once a boot, before anything is sent.
    Boot,
    /// Mark, command ledger and deadlines; written before acting.
    Memory,
    /// The end of the reserved block of sealed-up counters.
    UpCeiling,
    /// Wear, travels and battery; written now and then.
    Upkeep,
    /// A page of the configuration, from 0; a change writes the one page that it is in.
    Page(u8),
    /// Revoked virtual keys and single uses.
    Tickets,
    /// Which offline codes that open once were used; written before one opens.
    Codes,
    /// What the next key epoch follows from; a secret.
    Rotation,
    /// What a change of owner takes; written at manufacture.
    Claim,
    /// How far a firmware update has come, and the highest rollback index that was confirmed.
    Update,
    /// From which entry of the log on the present owner is told; written at a claim, and when that entry is known.
    Ownership,
}

impl RecordTag {
    /// The most pages of a configuration.
    pub const PAGES: usize = 11;
    /// How many tags there are; each has a number below it.
    pub const COUNT: usize = 11 + Self::PAGES;
    /// The first number behind the pages.
    const FIRST_BEHIND: u8 = 5 + Self::PAGES as u8;
    const SECOND_BEHIND: u8 = Self::FIRST_BEHIND + 1;
    const THIRD_BEHIND: u8 = Self::SECOND_BEHIND + 1;
    const FOURTH_BEHIND: u8 = Self::THIRD_BEHIND + 1;
    const FIFTH_BEHIND: u8 = Self::FOURTH_BEHIND + 1;
    const SIXTH_BEHIND: u8 = Self::FIFTH_BEHIND + 1;
    /// The longest record of any tag, in bytes.
    pub const MAX_BYTES: usize = 512;

    /// The number under which it is stored. Never reused for another meaning.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Keys => 0,
            Self::Boot => 1,
            Self::Memory => 2,
            Self::UpCeiling => 3,
            Self::Upkeep => 4,
            Self::Page(page) => page.saturating_add(5),
            Self::Tickets => Self::FIRST_BEHIND,
            Self::Codes => Self::SECOND_BEHIND,
            Self::Rotation => Self::THIRD_BEHIND,
            Self::Claim => Self::FOURTH_BEHIND,
            Self::Update => Self::FIFTH_BEHIND,
            Self::Ownership => Self::SIXTH_BEHIND,
        }
    }

    /// The tag with this number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Keys),
            1 => Some(Self::Boot),
            2 => Some(Self::Memory),
            3 => Some(Self::UpCeiling),
            4 => Some(Self::Upkeep),
            page if page < Self::FIRST_BEHIND => Some(Self::Page(page.saturating_sub(5))),
            Self::FIRST_BEHIND => Some(Self::Tickets),
            Self::SECOND_BEHIND => Some(Self::Codes),
            Self::THIRD_BEHIND => Some(Self::Rotation),
            Self::FOURTH_BEHIND => Some(Self::Claim),
            Self::FIFTH_BEHIND => Some(Self::Update),
            Self::SIXTH_BEHIND => Some(Self::Ownership),
            _ => None,
        }
    }

    /// Whether its older values are secrets that must go from the flash when a newer one is there.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Keys | Self::Rotation)
    }

    /// All tags, in the order of their numbers.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).map_while(Self::from_number)
    }
}

/// The greatest length in bytes of each record that a lock with such tables may write, in the order of the tags: what storage must
/// have room for at once.
pub fn record_lengths<T: Tables>() -> impl Iterator<Item = usize> {
    let pages = (0..=u8::MAX).take(Configuration::<T>::PAGES).map(Configuration::<T>::longest_page);
    let first = [KEYS, NUMBER, MAX_MEMORY, NUMBER, Upkeep::MAX_BYTES];
    let last =
        [TicketBook::BYTES, UsedCodes::BYTES, ROTATION, unowned::CLAIM, SavedUpdate::MAX_BYTES, OWNERSHIP];
    first.into_iter().chain(pages).chain(last)
}

/// What storage held at boot. All but the keys may be absent in a lock that has never run; the memory must be there once the boot
/// counter is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stored<'s> {
    records: [Option<&'s [u8]>; RecordTag::COUNT],
    log: Option<StoredLog<'s>>,
}

impl<'s> Stored<'s> {
    /// The same with this record. A tag that is no tag of a lock changes nothing.
    #[must_use]
    pub fn with(mut self, tag: RecordTag, record: &'s [u8]) -> Self {
        if let Some(place) = self.records.get_mut(usize::from(tag.number())) {
            *place = Some(record);
        }
        self
    }

    /// The same with what the log's flash holds. A lock that is given none keeps no log.
    #[must_use]
    pub const fn with_log(mut self, log: StoredLog<'s>) -> Self {
        self.log = Some(log);
        self
    }

    pub(crate) const fn log(&self) -> Option<&StoredLog<'s>> {
        self.log.as_ref()
    }

    pub(crate) fn of(&self, tag: RecordTag) -> Option<&'s [u8]> {
        self.records.get(usize::from(tag.number())).copied().flatten()
    }
}

/// Where a boot reads what storage holds: a journal, or what was read of one.
pub trait Records {
    /// The newest committed record of a tag, in `buffer` or wherever it is; `None` where none was ever written.
    ///
    /// # Errors
    /// [`BootError::Unreadable`]. A record that is there and cannot be read must not count as one that was never written.
    fn read<'r>(
        &'r mut self,
        tag: RecordTag,
        buffer: &'r mut [u8; RecordTag::MAX_BYTES],
    ) -> Result<Option<&'r [u8]>, BootError>;
}

impl Records for Stored<'_> {
    fn read<'r>(
        &'r mut self,
        tag: RecordTag,
        _: &'r mut [u8; RecordTag::MAX_BYTES],
    ) -> Result<Option<&'r [u8]>, BootError> {
        Ok(self.of(tag))
    }
}

/// Why a lock cannot start from what is stored. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BootError {
    /// No keys: the lock was never provisioned.
    #[error("the lock has no keys; provision it first")]
    NotProvisioned,
    /// A record is there and cannot be read.
    #[error(
        "the stored {0:?} record is damaged or of another version; the lock keeps it untouched, call for service"
    )]
    Damaged(RecordTag),
    /// A record that the lock has written is gone: without it the lock would not know what it has done.
    #[error("the stored {0:?} record is gone; the lock refuses to start without it, call for service")]
    Missing(RecordTag),
    /// Storage could not read a record, or not say whether it is there.
    #[error("the {0:?} record cannot be read from storage; start again, and call for service if it stays so")]
    Unreadable(RecordTag),
    /// A record of a part that this lock does without, or of more slots than it has room for: passed over, it would outlive a factory reset.
    #[error(
        "storage holds the {0:?} record, which this firmware has no part or room for; install a firmware that has it"
    )]
    PartNotInBuild(RecordTag),
    /// The boot counter is at its end.
    #[error("the boot counter is used up; the lock must be replaced")]
    BootsExhausted,
    /// The lock was provisioned for profile X, and this build knows profile S alone.
    #[error("the lock was provisioned for profile X; install a firmware with the feature x25519")]
    ProfileNotInBuild,
}

/// Whether a lock belongs to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(lock_model, derive(Hash))]
pub(crate) enum Standing {
    Owned,
    /// Its leaves are those that follow from the claim key, and its epoch is the one that a claim begins.
    Unowned,
}

/// The keys of a lock and whom they belong to.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Identity {
    pub(crate) standing: Standing,
    pub(crate) profile: Spoken,
    pub(crate) lock_id: LockId,
    pub(crate) key_epoch: KeyEpoch,
    pub(crate) leaves: LeafKeys,
    pub(crate) k_pin: Key,
}

mod keys_field {
    //! `format[1] ‖ lock_id[16] ‖ key_epoch[4] ‖ leaves[352] ‖ k_pin[32]`
    use super::{LeafKeys, Range};
    pub(super) const LOCK_ID: Range<usize> = 1..17;
    pub(super) const EPOCH: Range<usize> = 17..21;
    pub(super) const LEAVES: Range<usize> = 21..21 + LeafKeys::BYTES;
    pub(super) const K_PIN: Range<usize> = LEAVES.end..LEAVES.end + 32;
}

/// First byte of each record: its layout.
pub(crate) const FORMAT: u8 = 1;
/// First byte of the keys of a lock with profile X; otherwise they are laid out alike. A firmware that knows no profile X refuses
/// them, instead of greeting as a lock of profile S.
const FORMAT_OF_X: u8 = 2;

/// The length of the record of the keys, in bytes.
pub const KEYS: usize = keys_field::K_PIN.end;

/// The record that makes a blank chip a lock of profile S: identity, leaf keys and the lock's own PIN key. Wiped by the caller after
/// it is stored. The first key of the log is not in it: see [`provision_log`](super::provision_log).
#[must_use]
pub fn provision<S: Suite>(root: &RootKey, lock_id: LockId, entropy: &[u8; 32]) -> [u8; KEYS] {
    new_keys::<S>(Spoken::S, root, lock_id, entropy)
}

/// The same for a lock of profile X. Its cloud must register it so, too: the profile is fixed from then on.
#[cfg(feature = "x25519")]
#[must_use]
pub fn provision_x<S: Suite>(root: &RootKey, lock_id: LockId, entropy: &[u8; 32]) -> [u8; KEYS] {
    new_keys::<S>(Spoken::X, root, lock_id, entropy)
}

fn new_keys<S: Suite>(profile: Spoken, root: &RootKey, lock_id: LockId, entropy: &[u8; 32]) -> [u8; KEYS] {
    let mut leaves = LeafKeys::expand::<S>(root, lock_id, KeyEpoch::FIRST);
    drop(leaves.take_log());
    let k_pin = pin_key::<S>(entropy, leaves.leaf(lock_crypto::Label::Hedge), lock_id);
    let (standing, key_epoch) = (Standing::Owned, KeyEpoch::FIRST);
    let identity = Identity { standing, profile, lock_id, key_epoch, leaves, k_pin };
    let mut record = [0; KEYS];
    identity.write(KeyEpoch::FIRST, &identity.leaves, &mut record);
    record
}

/// The lock's own PIN key: as random as the entropy, and never the same for two locks.
pub(crate) fn pin_key<S: Suite>(entropy: &[u8], hedge: &Key, lock_id: LockId) -> Key {
    let mut k_pin = Zeroizing::new([0; 32]);
    let mixed = lock_crypto::extract::<S>(entropy, hedge.expose());
    lock_crypto::expand::<S, _, _>(&mixed, [b"lk1/pin-key\0", &lock_id.0], &mut k_pin);
    Key::from_bytes(*k_pin)
}

/// A new PIN key from a draw that never comes twice, whatever the random source does.
pub(crate) fn new_pin_key<S: Suite>(draw: &LockHedge, hedge: &Key, lock_id: LockId) -> Key {
    let mut fresh = Zeroizing::new([0; 48]);
    put(fresh.as_mut_slice(), 0..32, &draw.entropy);
    put(fresh.as_mut_slice(), 32..40, &draw.boot.to_be_bytes());
    put(fresh.as_mut_slice(), 40..48, &draw.count.to_be_bytes());
    pin_key::<S>(fresh.as_slice(), hedge, lock_id)
}

impl Identity {
    fn write(&self, key_epoch: KeyEpoch, leaves: &LeafKeys, record: &mut [u8]) {
        let format = match self.profile.profile() {
            Profile::S => FORMAT,
            Profile::X => FORMAT_OF_X,
        };
        put(record, 0..1, &[format]);
        put(record, keys_field::LOCK_ID, &self.lock_id.0);
        put(record, keys_field::EPOCH, &key_epoch.to_bytes());
        put(record, keys_field::LEAVES, Zeroizing::new(leaves.to_bytes()).as_slice());
        put(record, keys_field::K_PIN, self.k_pin.expose());
    }

    /// The record, with this PIN key in place of its own where there is one.
    pub(crate) fn encode(&self, adopting: Option<&Key>, out: &mut [u8]) -> Option<usize> {
        if self.standing == Standing::Unowned {
            unowned::write(self, out.get_mut(..unowned::KEYS)?);
            return Some(unowned::KEYS);
        }
        let length = self.encode_with(self.key_epoch, &self.leaves, out)?;
        if let Some(k_pin) = adopting {
            put(out, keys_field::K_PIN, k_pin.expose());
        }
        Some(length)
    }

    /// The record of the same lock in another key epoch. It holds the first key of that epoch's log.
    pub(crate) fn encode_with(
        &self,
        key_epoch: KeyEpoch,
        leaves: &LeafKeys,
        out: &mut [u8],
    ) -> Option<usize> {
        let record = out.get_mut(..KEYS)?;
        self.write(key_epoch, leaves, record);
        Some(record.len())
    }

    /// Erases the keys.
    #[inline(never)]
    pub(crate) fn wipe(&mut self) {
        self.leaves.wipe();
        self.k_pin = Key::from_bytes([0; 32]);
    }

    /// Of no lock: what a device has until its keys are read.
    pub(crate) const fn blank() -> Self {
        Self {
            standing: Standing::Owned,
            profile: Spoken::S,
            lock_id: LockId([0; 16]),
            key_epoch: KeyEpoch::FIRST,
            leaves: LeafKeys::blank(),
            k_pin: Key::from_bytes([0; 32]),
        }
    }

    /// Reads the record where the identity stays. What fails leaves keys behind: [`Self::wipe`] them.
    ///
    /// # Errors
    /// [`BootError::ProfileNotInBuild`], and [`BootError::Damaged`] for all else that is no record of keys.
    pub(crate) fn load(&mut self, record: &[u8]) -> Result<(), BootError> {
        let profile = match record.first() {
            Some(&FORMAT) => Profile::S,
            Some(&FORMAT_OF_X) => Profile::X,
            Some(_) | None => return Err(BootError::Damaged(RecordTag::Keys)),
        };
        let profile = Spoken::of(profile).ok_or(BootError::ProfileNotInBuild)?;
        self.read(profile, record).ok_or(BootError::Damaged(RecordTag::Keys))
    }

    fn read(&mut self, profile: Spoken, record: &[u8]) -> Option<()> {
        if record.len() != KEYS {
            return None;
        }
        (self.standing, self.profile) = (Standing::Owned, profile);
        self.lock_id = LockId(array(record, keys_field::LOCK_ID)?);
        self.key_epoch = KeyEpoch::new(u32::from_be_bytes(array(record, keys_field::EPOCH)?))?;
        self.leaves.load_without_log(record.get(keys_field::LEAVES)?.try_into().ok()?).ok()?;
        self.k_pin = Key::from_bytes(*Zeroizing::new(array(record, keys_field::K_PIN)?));
        Some(())
    }
}

/// The length of a number on its own: the boot counter, the ceiling of sealed-up counters.
const NUMBER: usize = 1 + 8;

pub(crate) fn encode_number(number: u64, out: &mut [u8]) -> Option<usize> {
    let record = out.get_mut(..NUMBER)?;
    put(record, 0..1, &[FORMAT]);
    put(record, 1..NUMBER, &number.to_be_bytes());
    Some(NUMBER)
}

pub(crate) fn decode_number(record: &[u8]) -> Option<u64> {
    has_form(record, NUMBER)?;
    Some(u64::from_be_bytes(array(record, 1..NUMBER)?))
}

/// What must be durable before the lock acts.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Memory {
    /// Highest sealed-down counter accepted in this key epoch.
    pub(crate) down_mark: HighWaterMark,
    /// Which commands began, and how they ended.
    pub(crate) ledger: CommandLedger,
    /// Lockout, relock remainder and clock floor.
    pub(crate) saved: Saved,
}

mod memory_field {
    //! `format[1] ‖ down_mark[8] ‖ length of saved[1] ‖ saved ‖ ledger`
    use super::Range;
    pub(super) const DOWN_MARK: Range<usize> = 1..9;
    pub(super) const SAVED_LENGTH: usize = 9;
    pub(super) const SAVED: usize = 10;
}

/// The longest memory record, in bytes.
pub(crate) const MAX_MEMORY: usize = memory_field::SAVED + Saved::MAX_BYTES + CommandLedger::BYTES;
const _: () = assert!(MAX_MEMORY <= 256, "an actuation programs one flash page at most");

impl Memory {
    pub(crate) fn new() -> Self {
        Self {
            down_mark: HighWaterMark::from_persisted(0),
            ledger: CommandLedger::new(),
            saved: Saved::default(),
        }
    }

    /// The highest numbers that were taken.
    pub(crate) const fn marks(&self) -> Marks {
        Marks { down: self.down_mark.value(), command: CommandId(self.ledger.highest()) }
    }

    pub(crate) fn encode(&self, out: &mut [u8]) -> Option<usize> {
        put(out, 0..1, &[FORMAT]);
        put(out, memory_field::DOWN_MARK, &self.down_mark.value().to_be_bytes());
        let saved = self.saved.encode(out.get_mut(memory_field::SAVED..)?).ok()?;
        put(out, memory_field::SAVED_LENGTH..memory_field::SAVED, &[u8::try_from(saved).ok()?]);
        let ledger = memory_field::SAVED + saved;
        *out.get_mut(ledger..)?.first_chunk_mut()? = self.ledger.encode();
        Some(ledger + CommandLedger::BYTES)
    }

    /// Reads a record; `None` for one that [`encode`](Self::encode) does not write, and then some of it may have been taken.
    #[inline(never)]
    pub(crate) fn load(&mut self, record: &[u8]) -> Option<()> {
        if record.first() != Some(&FORMAT) {
            return None;
        }
        let saved = usize::from(*record.get(memory_field::SAVED_LENGTH)?);
        let (saved, ledger) = record.get(memory_field::SAVED..)?.split_at_checked(saved)?;
        let down_mark = u64::from_be_bytes(array(record, memory_field::DOWN_MARK)?);
        self.down_mark = HighWaterMark::from_persisted(down_mark);
        self.ledger = CommandLedger::decode(ledger).ok()?;
        self.saved = Saved::decode(saved).ok()?;
        Some(())
    }
}

pub(crate) fn has_form(record: &[u8], length: usize) -> Option<()> {
    (record.len() == length && record.first() == Some(&FORMAT)).then_some(())
}

pub(super) fn array<const N: usize>(record: &[u8], range: Range<usize>) -> Option<[u8; N]> {
    record.get(range)?.try_into().ok()
}

/// Writes `bytes` at `range`; what does not fit is the caller's check of the length to notice.
pub(super) fn put(record: &mut [u8], range: Range<usize>, bytes: &[u8]) {
    if let Some(field) = record.get_mut(range) {
        field.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    }
}
