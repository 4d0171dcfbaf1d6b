//! The settings, users, credentials and schedules of a lock, under one version number, and a change to them that waits for its
//! record.
//!
//! The configuration is a set of items: each single setting, and each taken slot of the tables. Every item carries the version in
//! which it was set, so that cloud and lock find what differs by one hash (protocol section 6.1). It is stored in pages, each one
//! record of at most 512 bytes; a change touches one page, so that one record commits it.

mod check;
mod digest;
mod pages;
mod settings;
mod staged;

use lock_crypto::{SecretHash, find_secret};
use lock_place::{Made, Place, emplace};
use lock_proto::{Holiday, Setting, Table, UnixMillis};

use crate::access::{Credential, House, Item, Keep, StoredUser, TableSlot, Tables, Use};
use crate::schedule::UserRules;

pub(crate) use check::is_valid_span;
pub use digest::ItemDigest;
#[cfg(test)]
pub(crate) use pages::{Hashed, Stored};
pub use settings::Settings;
use staged::Delta;
pub(crate) use staged::Staged;

/// The configuration in force.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Configuration<T: Tables = House> {
    /// The highest version set in each page.
    page_versions: [u32; pages::MOST],
    settings: Settings,
    /// The version in which each single setting was set; 0 as made.
    setting_versions: [u32; Setting::SINGLE as usize],
    tables: T,
}

/// A change of one item, as it came out of an authenticated message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Change {
    /// The number of the resulting configuration; must exceed the one in force.
    pub version: u32,
    /// The item, as an absolute value.
    pub setting: Setting,
}

impl<T: Tables> Default for Configuration<T> {
    fn default() -> Self {
        lock_place::make(Self::as_made)
    }
}

impl<T: Tables> Configuration<T> {
    /// The default, where it stays.
    pub(crate) fn as_made(place: Place<'_, Self>) -> Made<'_, Self> {
        emplace!(place => Configuration {
            page_versions: [0; pages::MOST],
            settings: Settings::default(),
            setting_versions: [0; Setting::SINGLE as usize],
            tables <- T::vacant,
        })
    }

    /// The number of this configuration; 0 as made.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.page_versions.iter().copied().max().unwrap_or_default()
    }

    /// The single settings.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The tables.
    #[must_use]
    pub const fn tables(&self) -> &T {
        &self.tables
    }

    /// The user in a slot.
    #[must_use]
    pub fn user(&self, slot: u8) -> Option<StoredUser> {
        self.tables.users().get(usize::from(slot))?.item().map(|item| item.value)
    }

    /// The credential in a slot.
    #[must_use]
    pub fn credential(&self, slot: u8) -> Option<Credential> {
        self.tables.credentials().get(usize::from(slot))?.item().map(|item| item.value)
    }

    /// The holidays.
    pub fn holidays(&self) -> impl Iterator<Item = Holiday> {
        self.tables.holidays().iter().filter_map(TableSlot::item).map(|item| item.value)
    }

    /// What the decision needs of a user; `None` for a vacant slot.
    #[must_use]
    pub fn user_rules(&self, slot: u8) -> Option<UserRules<'_>> {
        let StoredUser { user, used } = self.user(slot)?;
        Some(UserRules {
            slot,
            user,
            used,
            windows: self.tables.windows(),
            holidays: self.tables.holidays(),
            zone: &self.settings.zone,
        })
    }

    /// The slot and the credential with this hash. Every slot is compared, whether or not one matches.
    #[must_use]
    pub fn find(&self, shown: &SecretHash) -> Option<(u8, Credential)> {
        let slot = u8::try_from(self.position(shown)?).ok()?;
        Some((slot, self.credential(slot)?))
    }

    fn position(&self, shown: &SecretHash) -> Option<usize> {
        find_secret(shown, self.tables.credentials().iter().map(TableSlot::hash))
    }

    /// The mark of a user's first use, which waits for its record; `None` for a vacant slot. It changes no version.
    pub(crate) fn spend(&self, slot: u8, at: Option<UnixMillis>) -> Option<Staged> {
        let item = self.tables.users().get(usize::from(slot))?.item()?;
        let used = at.map_or(Use::AtUnknown, Use::At);
        let user = StoredUser { used, ..item.value };
        Some(Staged { version: item.version, delta: Delta::Spent { slot, user } })
    }

    /// Makes everything as it was made. The version grows by one: what was configured before stays in the past. So
    /// does the code epoch: offline codes of before open nothing, whatever is configured next.
    pub(crate) fn wipe(&mut self) {
        let version = self.version().saturating_add(1);
        let epoch = self.settings.offline_codes.epoch.saturating_add(1);
        self.reset();
        self.page_versions = [version; pages::MOST];
        self.settings.offline_codes.epoch = epoch;
    }

    /// Makes everything as it was made, in place: the tables are large, and a stack is small.
    pub(crate) fn reset(&mut self) {
        self.page_versions = [0; pages::MOST];
        self.settings = Settings::default();
        self.setting_versions = [0; Setting::SINGLE as usize];
        vacate(self.tables.users_mut());
        vacate(self.tables.credentials_mut());
        vacate(self.tables.windows_mut());
        vacate(self.tables.holidays_mut());
    }

    /// Applies a checked change.
    pub(crate) fn apply(&mut self, staged: Staged) {
        let page = usize::from(Self::page_of(&staged));
        let Staged { version, delta } = staged;
        if let Some(highest) = self.page_versions.get_mut(page)
            && !matches!(delta, Delta::Spent { .. })
        {
            *highest = version;
        }
        match delta {
            Delta::Settings { settings, number } => {
                self.settings = settings;
                if let Some(set_in) = self.setting_versions.get_mut(usize::from(number)) {
                    *set_in = version;
                }
            }
            Delta::User { slot, item } => put(self.tables.users_mut(), slot, item, version),
            Delta::Spent { slot, user } => put(self.tables.users_mut(), slot, Some(user), version),
            Delta::Credential { slot, item } => put(self.tables.credentials_mut(), slot, item, version),
            Delta::Window { slot, item } => put(self.tables.windows_mut(), slot, item, version),
            Delta::Holiday { slot, item } => put(self.tables.holidays_mut(), slot, item, version),
        }
    }

    /// For each of 16 slots from `first` on the version in which it was set; 0 where it is vacant or there is no such slot. For
    /// [`Table::Settings`] the slots are the settings' numbers.
    #[must_use]
    pub fn item_versions(&self, table: Table, first: u8) -> [u32; 16] {
        let mut versions = [0; 16];
        for (version, slot) in versions.iter_mut().zip(usize::from(first)..) {
            *version = self.item_version(table, slot);
        }
        versions
    }

    fn item_version(&self, table: Table, slot: usize) -> u32 {
        let of_slot = match table {
            Table::Settings => return self.setting_versions.get(slot).copied().unwrap_or_default(),
            Table::Users => version_in(self.tables.users(), slot),
            Table::Credentials => version_in(self.tables.credentials(), slot),
            Table::Windows => version_in(self.tables.windows(), slot),
            Table::Holidays => version_in(self.tables.holidays(), slot),
        };
        of_slot.unwrap_or_default()
    }
}

fn version_in<V: Keep>(slots: &[TableSlot<V>], slot: usize) -> Option<u32> {
    slots.get(slot)?.item().map(|item| item.version)
}

fn vacate<V: Keep>(slots: &mut [TableSlot<V>]) {
    for slot in slots {
        *slot = TableSlot::VACANT;
    }
}

fn put<V: Keep>(slots: &mut [TableSlot<V>], slot: u8, value: Option<V>, version: u32) {
    if let Some(place) = slots.get_mut(usize::from(slot)) {
        *place = value.map(|value| Item { version, value }).into();
    }
}
