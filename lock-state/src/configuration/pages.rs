//! The configuration as records: pages of slots, each with the highest version that was set in it.
//!
//! ```text
//! page 0        format 3 ‖ version[4] ‖ versions of the single settings[7 × 4] ‖ settings
//! other pages   format 3 ‖ version[4] ‖ slots[1] ‖ for each slot: 0, or 1 ‖ version[4] ‖ item
//! ```
//!
//! The slots of a table fill as many pages as their longest items need. Numbers are big-endian; settings and items are as in section 7. Every page has one
//! encoding.

use lock_crypto::SecretHash;
use lock_proto::wire::{Malformed, Reader, Wire, Writer};
use lock_proto::{CredentialKind, Holiday, Setting, UnixMillis, User, Window, wire};

use super::check::{is_valid_holiday, is_valid_stored_credential, is_valid_stored_user, is_valid_window};
use super::{Configuration, Delta, Settings, Staged};
use crate::RecordError;
use crate::access::{Credential, Item, Keep, StoredUser, TableSlot, Tables, Use};

/// The most pages that a configuration has.
pub(super) const MOST: usize = 16;
const FORMAT: u8 = 3;
const VACANT: u8 = 0;
const TAKEN: u8 = 1;
/// The longest page.
const LONGEST: usize = 512;
/// Format, version, number of slots.
const HEAD: usize = 1 + 4 + 1;
/// Mark and version of a taken slot.
const SLOT_HEAD: usize = 1 + 4;
/// The longest items: user, credential, window, holiday.
const LONGEST_ITEMS: [usize; 4] =
    [(1 + 2) + 1 + 1 + 11 + 11 + (1 + 10), 2 + 1 + SecretHash::BYTES, 1 + 1 + 10 + 10, 10 + 10 + 2];

/// The longest single settings together, with every transition of the local clock.
const LONGEST_SETTINGS: usize = 80 + (1 + 5 + 4);

/// How a table lies in pages.
#[derive(Clone, Copy)]
struct Lay {
    first_page: usize,
    per_page: usize,
}

/// How many slots of each table fit in a page.
const PER_PAGE: [usize; 4] = {
    let [user, credential, window, holiday] = LONGEST_ITEMS;
    [fitting(user), fitting(credential), fitting(window), fitting(holiday)]
};

const fn fitting(longest: usize) -> usize {
    (LONGEST - HEAD) / (SLOT_HEAD + longest)
}

impl<T: Tables> Configuration<T> {
    /// How many pages there are.
    pub const PAGES: usize = {
        let pages = Self::LAYS.1;
        assert!(pages <= MOST, "fewer users, credentials, windows or holidays: they need more than 16 pages");
        pages
    };

    /// Whether there is a page besides that of the settings.
    const HAS_TABLES: bool = Self::LAYS.1 > 1;

    /// How users, credentials, windows and holidays lie, and the first page behind them.
    const LAYS: ([Lay; 4], usize) = {
        let [users, credentials, windows, holidays] = T::ROOM;
        let [user, credential, window, holiday] = PER_PAGE;
        let first = 1;
        let second = first + users.div_ceil(user);
        let third = second + credentials.div_ceil(credential);
        let fourth = third + windows.div_ceil(window);
        let lays = [
            Lay { first_page: first, per_page: user },
            Lay { first_page: second, per_page: credential },
            Lay { first_page: third, per_page: window },
            Lay { first_page: fourth, per_page: holiday },
        ];
        (lays, fourth + holidays.div_ceil(holiday))
    };

    /// The greatest length of the record of a page, in bytes; 0 for a page that there is not.
    #[must_use]
    pub fn longest_page(page: u8) -> usize {
        if page == 0 {
            return 1 + 4 + Setting::SINGLE as usize * 4 + LONGEST_SETTINGS;
        }
        let Some((table, _, count)) = Self::slots_of(page.into()) else { return 0 };
        let longest = LONGEST_ITEMS.get(table).copied().unwrap_or_default();
        HEAD + count * (SLOT_HEAD + longest)
    }

    /// The page that a change is in.
    pub(crate) fn page_of(staged: &Staged) -> u8 {
        let [users, credentials, windows, holidays] = Self::LAYS.0;
        let (lay, slot) = match &staged.delta {
            Delta::Settings { .. } => return 0,
            Delta::User { slot, .. } | Delta::Spent { slot, .. } => (users, slot),
            Delta::Credential { slot, .. } => (credentials, slot),
            Delta::Window { slot, .. } => (windows, slot),
            Delta::Holiday { slot, .. } => (holidays, slot),
        };
        let behind = usize::from(*slot).checked_div(lay.per_page).unwrap_or(usize::MAX);
        u8::try_from(lay.first_page.saturating_add(behind)).unwrap_or(u8::MAX)
    }

    /// The table and the first of its slots that a page holds; `None` for the page of the settings and beyond the last.
    fn slots_of(page: usize) -> Option<(usize, usize, usize)> {
        let tables = Self::LAYS.0.into_iter().zip(T::ROOM).zip(0_usize..);
        let ((lay, room), table) = tables.filter(|((lay, _), _)| page >= lay.first_page).last()?;
        let first = (page - lay.first_page) * lay.per_page;
        (first < room).then(|| (table, first, lay.per_page.min(room - first)))
    }

    /// Writes the record of a page as it is, or as it will be once `staged` is applied, and returns its length in bytes: at most
    /// 512.
    ///
    /// # Errors
    /// [`RecordError::BufferTooShort`]; [`RecordError::Malformed`] for a page that there is not.
    pub(crate) fn encode_with(
        &self,
        page: u8,
        staged: Option<&Staged>,
        out: &mut [u8],
    ) -> Result<usize, RecordError> {
        let staged = staged.filter(|staged| Self::page_of(staged) == page);
        let page = usize::from(page);
        let mut record = Writer::of(out);
        let version = match staged {
            Some(Staged { version, delta }) if !matches!(delta, Delta::Spent { .. }) => *version,
            _ => self.page_versions.get(page).copied().ok_or(RecordError::Malformed)?,
        };
        record.byte(FORMAT);
        record.bytes(&version.to_be_bytes());
        if page == 0 {
            self.encode_settings(staged, &mut record);
        } else if Self::HAS_TABLES {
            let (table, first, count) = Self::slots_of(page).ok_or(RecordError::Malformed)?;
            record.byte(u8::try_from(count).unwrap_or(u8::MAX));
            for slot in first..first + count {
                self.encode_slot(table, slot, staged, &mut record);
            }
        } else {
            return Err(RecordError::Malformed);
        }
        record.written().map(|written| written.len()).ok_or(RecordError::BufferTooShort)
    }

    /// Writes the record of a page and returns its length in bytes: at most 512.
    ///
    /// # Errors
    /// [`RecordError::BufferTooShort`]; [`RecordError::Malformed`] for a page that there is not.
    pub fn encode_page(&self, page: u8, out: &mut [u8]) -> Result<usize, RecordError> {
        self.encode_with(page, None, out)
    }

    fn encode_settings(&self, staged: Option<&Staged>, record: &mut Writer<'_>) {
        let (settings, changed) = match staged {
            Some(Staged { version, delta: Delta::Settings { settings, number } }) => {
                (settings, Some((usize::from(*number), *version)))
            }
            _ => (&self.settings, None),
        };
        for (number, version) in self.setting_versions.iter().enumerate() {
            let version = changed.filter(|(changed, _)| *changed == number).map_or(*version, |(_, new)| new);
            record.bytes(&version.to_be_bytes());
        }
        settings.write(record);
    }

    fn encode_slot(&self, table: usize, slot: usize, staged: Option<&Staged>, record: &mut Writer<'_>) {
        // The staged item where this is its slot; what is there otherwise.
        let (version, delta) = match staged {
            Some(Staged { version, delta }) if delta.slot() == Some(slot) => (*version, Some(delta)),
            _ => (0, None),
        };
        match delta {
            Some(Delta::User { item, .. }) => {
                return write_slot(record, item.as_ref().map(|user| (version, Stored::from(user))));
            }
            Some(Delta::Spent { user, .. }) => {
                return write_slot(record, Some((version, Stored::from(user))));
            }
            Some(Delta::Credential { item, .. }) => {
                return write_slot(record, item.as_ref().map(|of| (version, Hashed::from(of))));
            }
            Some(Delta::Window { item, .. }) => return write_slot(record, item.map(|item| (version, item))),
            Some(Delta::Holiday { item, .. }) => return write_slot(record, item.map(|item| (version, item))),
            Some(Delta::Settings { .. }) | None => {}
        }
        match table {
            0 => write_slot(
                record,
                taken(self.tables.users(), slot).map(|item| (item.version, Stored::from(&item.value))),
            ),
            1 => write_slot(
                record,
                taken(self.tables.credentials(), slot).map(|item| (item.version, Hashed::from(&item.value))),
            ),
            2 => {
                write_slot(record, taken(self.tables.windows(), slot).map(|item| (item.version, item.value)));
            }
            _ => {
                write_slot(
                    record,
                    taken(self.tables.holidays(), slot).map(|item| (item.version, item.value)),
                );
            }
        }
    }

    /// Takes what a record says of a page.
    ///
    /// # Errors
    /// [`RecordError::Malformed`] for anything that [`encode_page`](Self::encode_page) does not write for such tables; what was there
    /// of the page is then gone.
    pub fn load_page(&mut self, page: u8, bytes: &[u8]) -> Result<(), RecordError> {
        let mut record = Reader::of(bytes);
        valid(record.byte()? == FORMAT)?;
        let version = read_version(&mut record)?;
        let highest = self.page_versions.get_mut(usize::from(page)).ok_or(RecordError::Malformed)?;
        *highest = version;
        if page == 0 {
            for set_in in &mut self.setting_versions {
                *set_in = read_version(&mut record)?;
            }
            self.settings = Settings::read(&mut record)?;
            valid(self.settings.is_valid())?;
        } else if Self::HAS_TABLES {
            let (table, first, count) = Self::slots_of(page.into()).ok_or(RecordError::Malformed)?;
            valid(usize::from(record.byte()?) == count)?;
            for slot in first..first + count {
                self.load_slot(table, slot, &mut record)?;
            }
        } else {
            return Err(RecordError::Malformed);
        }
        Ok(record.end()?)
    }

    fn load_slot(&mut self, table: usize, slot: usize, record: &mut Reader<'_>) -> Result<(), RecordError> {
        match table {
            0 => {
                let item = read_slot::<Stored>(record)?
                    .map(|item| Item { version: item.version, value: item.value.into() });
                valid(item.as_ref().is_none_or(|item: &Item<StoredUser>| is_valid_stored_user(&item.value)))?;
                set(self.tables.users_mut(), slot, item)
            }
            1 => {
                let item = read_slot::<Hashed>(record)?
                    .map(|item| Item { version: item.version, value: item.value.into() });
                valid(
                    item.as_ref()
                        .is_none_or(|item: &Item<Credential>| is_valid_stored_credential(&item.value)),
                )?;
                set(self.tables.credentials_mut(), slot, item)
            }
            2 => {
                let item = read_slot::<Window>(record)?;
                valid(item.as_ref().is_none_or(|item| is_valid_window(&item.value)))?;
                set(self.tables.windows_mut(), slot, item)
            }
            _ => {
                let item = read_slot::<Holiday>(record)?;
                valid(item.as_ref().is_none_or(|item| is_valid_holiday(&item.value)))?;
                set(self.tables.holidays_mut(), slot, item)
            }
        }
    }
}

impl Delta {
    fn slot(&self) -> Option<usize> {
        match self {
            Self::Settings { .. } => None,
            Self::User { slot, .. }
            | Self::Spent { slot, .. }
            | Self::Credential { slot, .. }
            | Self::Window { slot, .. }
            | Self::Holiday { slot, .. } => Some(usize::from(*slot)),
        }
    }
}

fn taken<V: Keep>(slots: &[TableSlot<V>], slot: usize) -> Option<Item<V>> {
    slots.get(slot)?.item()
}

fn set<V: Keep>(slots: &mut [TableSlot<V>], slot: usize, item: Option<Item<V>>) -> Result<(), RecordError> {
    *slots.get_mut(slot).ok_or(RecordError::Malformed)? = item.into();
    Ok(())
}

const fn valid(is_valid: bool) -> Result<(), RecordError> {
    if is_valid { Ok(()) } else { Err(RecordError::Malformed) }
}

/// A user as it is stored.
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Stored {
    user: User,
    used: StoredUse,
}

#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum StoredUse {
    Never,
    At(UnixMillis),
    AtUnknown,
}

impl From<&StoredUser> for Stored {
    fn from(stored: &StoredUser) -> Self {
        let used = match stored.used {
            Use::Never => StoredUse::Never,
            Use::At(moment) => StoredUse::At(moment),
            Use::AtUnknown => StoredUse::AtUnknown,
        };
        Self { user: stored.user, used }
    }
}

impl From<Stored> for StoredUser {
    fn from(stored: Stored) -> Self {
        let used = match stored.used {
            StoredUse::Never => Use::Never,
            StoredUse::At(moment) => Use::At(moment),
            StoredUse::AtUnknown => Use::AtUnknown,
        };
        Self { user: stored.user, used }
    }
}

/// A credential as it is stored.
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Hashed {
    user: Option<u8>,
    kind: CredentialKind,
    hash: [u8; SecretHash::BYTES],
}

impl From<&Credential> for Hashed {
    fn from(credential: &Credential) -> Self {
        Self { user: credential.user, kind: credential.kind, hash: *credential.hash.expose() }
    }
}

impl From<Hashed> for Credential {
    fn from(stored: Hashed) -> Self {
        Self { user: stored.user, kind: stored.kind, hash: SecretHash::from_bytes(stored.hash) }
    }
}

wire! {
    struct Stored { user, used }
    enum StoredUse {
        0 => Never,
        1 => At(moment),
        2 => AtUnknown,
    }
    struct Hashed { user, kind, hash }
}

fn write_slot<V: Wire>(out: &mut Writer<'_>, item: Option<(u32, V)>) {
    let Some((version, value)) = item else { return out.byte(VACANT) };
    out.byte(TAKEN);
    out.bytes(&version.to_be_bytes());
    value.write(out);
}

fn read_slot<V: Wire>(record: &mut Reader<'_>) -> Result<Option<Item<V>>, Malformed> {
    match record.byte()? {
        VACANT => Ok(None),
        TAKEN => Ok(Some(Item { version: read_version(record)?, value: V::read(record)? })),
        _ => Err(Malformed),
    }
}

fn read_version(record: &mut Reader<'_>) -> Result<u32, Malformed> {
    <[u8; 4]>::read(record).map(u32::from_be_bytes)
}

const _: () =
    assert!(1 + 4 + Setting::SINGLE as usize * 4 + LONGEST_SETTINGS <= LONGEST, "the settings are one page");
