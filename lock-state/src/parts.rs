//! What a firmware's type leaves out, so that it is not in its flash.

use lock_place::{Made, Place, emplace};
use lock_proto::{Holiday, Setting, Window};

use crate::access::{Credential, House, Slots, StoredUser, TableSlot, Tables};

/// What a lock does beyond its mechanism, the orders of its cloud, and the settings of both. Of a part that is left out, all that a peer
/// asks for is refused as `Unsupported`, or not understood, as it is by a lock of an older version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Users, credentials, keypads and readers, schedules, offline codes.
    pub people: bool,
    /// Virtual keys.
    pub virtual_keys: bool,
    /// The audit log.
    pub log: bool,
    /// What a lock needs in the long run: rotation of its keys, another owner, a restored backup, new firmware.
    pub life: bool,
}

impl Parts {
    /// Everything.
    pub const ALL: Self = Self { people: true, virtual_keys: true, log: true, life: true };

    /// Whether a lock with these parts has this setting.
    #[must_use]
    pub const fn has(self, setting: &Setting) -> bool {
        match setting {
            Setting::AutoRelock(_)
            | Setting::Mechanics(_)
            | Setting::Policy(_)
            | Setting::Night(_)
            | Setting::Zone(_)
            | Setting::PowerSupply(_) => true,
            Setting::SetUser { .. }
            | Setting::SetWindow { .. }
            | Setting::SetHoliday { .. }
            | Setting::SetCredential { .. }
            | Setting::RestoreCredential { .. }
            | Setting::Clear { .. }
            | Setting::OfflineCodes(_) => self.people,
        }
    }
}

/// A mechanism that its cloud opens, by sessions and by sealed messages, and nothing else.
pub type CloudOnly = Reduced<Slots<0, 0, 0, 0>, false, false, false, false>;
/// A house with its people, virtual keys and log, whose keys, owner and firmware are for good.
pub type ForGood = Reduced<House, true, true, true, false>;

/// The tables `T`, in a lock that has only these parts: people, virtual keys, log, life.
#[derive(Debug, Default)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Reduced<T: Tables, const PEOPLE: bool, const VIRTUAL_KEYS: bool, const LOG: bool, const LIFE: bool>
{
    tables: T,
}

impl<T: Tables, const PEOPLE: bool, const VIRTUAL_KEYS: bool, const LOG: bool, const LIFE: bool> Tables
    for Reduced<T, PEOPLE, VIRTUAL_KEYS, LOG, LIFE>
{
    const ROOM: [usize; 4] = T::ROOM;
    const PARTS: Parts = Parts { people: PEOPLE, virtual_keys: VIRTUAL_KEYS, log: LOG, life: LIFE };

    fn vacant(place: Place<'_, Self>) -> Made<'_, Self> {
        emplace!(place => Reduced { tables <- T::vacant })
    }

    fn users(&self) -> &[TableSlot<StoredUser>] {
        self.tables.users()
    }

    fn users_mut(&mut self) -> &mut [TableSlot<StoredUser>] {
        self.tables.users_mut()
    }

    fn credentials(&self) -> &[TableSlot<Credential>] {
        self.tables.credentials()
    }

    fn credentials_mut(&mut self) -> &mut [TableSlot<Credential>] {
        self.tables.credentials_mut()
    }

    fn windows(&self) -> &[TableSlot<Window>] {
        self.tables.windows()
    }

    fn windows_mut(&mut self) -> &mut [TableSlot<Window>] {
        self.tables.windows_mut()
    }

    fn holidays(&self) -> &[TableSlot<Holiday>] {
        self.tables.holidays()
    }

    fn holidays_mut(&mut self) -> &mut [TableSlot<Holiday>] {
        self.tables.holidays_mut()
    }
}
