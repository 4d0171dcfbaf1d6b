//! The tables of who may open: slots, with as much room as the firmware's type says.

mod slot;

use core::fmt;

use lock_crypto::SecretHash;
use lock_place::{Made, Place, emplace};
use lock_proto::{CredentialKind, Holiday, UnixMillis, User, Window};

use crate::parts::Parts;

pub use slot::{Keep, TableSlot};

/// Something in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Item<V> {
    /// The version of the configuration in which it was set.
    pub version: u32,
    /// What it is.
    pub value: V,
}

/// Whether a user was here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Use {
    /// Not yet.
    #[default]
    Never,
    /// For the first time at this moment, by the earliest bound of the clock.
    At(UnixMillis),
    /// At a moment when the lock did not know the time.
    AtUnknown,
}

/// A user, and what the lock remembers of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StoredUser {
    /// The user.
    pub user: User,
    /// Whether they were here; kept for users whose kind asks for it.
    pub used: Use,
}

/// A credential: what kind it is, whose, and the keyed hash of what is shown.
#[derive(Clone, Debug)]
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
pub struct Credential {
    /// The slot of its user; `None` for one that opens at any time and belongs to nobody in particular.
    pub user: Option<u8>,
    /// Its kind.
    pub kind: CredentialKind,
    /// The hash.
    pub hash: SecretHash,
}

#[cfg(not(lock_model))]
/// What tables must be able to do; a model checker asks for more.
pub trait State: fmt::Debug {}
#[cfg(not(lock_model))]
impl<S: fmt::Debug> State for S {}
#[cfg(lock_model)]
/// What tables must be able to do.
pub trait State: fmt::Debug + Clone + Eq + core::hash::Hash {}
#[cfg(lock_model)]
impl<S: fmt::Debug + Clone + Eq + core::hash::Hash> State for S {}

/// Room for users, credentials, windows and holidays. [`Slots`] is the one that every lock needs.
pub trait Tables: State + Default {
    /// Makes them, with nothing in any slot.
    fn vacant(place: Place<'_, Self>) -> Made<'_, Self>;
    /// The users, by slot.
    fn users(&self) -> &[TableSlot<StoredUser>];
    /// The same, to change.
    fn users_mut(&mut self) -> &mut [TableSlot<StoredUser>];
    /// The credentials, by slot.
    fn credentials(&self) -> &[TableSlot<Credential>];
    /// The same, to change.
    fn credentials_mut(&mut self) -> &mut [TableSlot<Credential>];
    /// The windows, by slot.
    fn windows(&self) -> &[TableSlot<Window>];
    /// The same, to change.
    fn windows_mut(&mut self) -> &mut [TableSlot<Window>];
    /// The holidays, by slot.
    fn holidays(&self) -> &[TableSlot<Holiday>];
    /// The same, to change.
    fn holidays_mut(&mut self) -> &mut [TableSlot<Holiday>];
    /// How many users, credentials, windows and holidays there is room for: the lengths of the slices, each at most 255.
    const ROOM: [usize; 4];
    /// What the lock does: everything, but for [`Reduced`](crate::Reduced).
    const PARTS: Parts = Parts::ALL;
}

/// Tables with room for so many users, credentials, windows and holidays; each number may be 0, and then costs nothing.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub struct Slots<const USERS: usize, const CREDENTIALS: usize, const WINDOWS: usize, const HOLIDAYS: usize> {
    users: [TableSlot<StoredUser>; USERS],
    credentials: [TableSlot<Credential>; CREDENTIALS],
    windows: [TableSlot<Window>; WINDOWS],
    holidays: [TableSlot<Holiday>; HOLIDAYS],
}

/// Room for a house: 20 users, 40 credentials, 40 windows, 8 holidays.
pub type House = Slots<20, 40, 40, 8>;
/// Sixteen codes that open at any time, and nothing else.
pub type CodesOnly = Slots<0, 16, 0, 0>;

impl<const USERS: usize, const CREDENTIALS: usize, const WINDOWS: usize, const HOLIDAYS: usize> Default
    for Slots<USERS, CREDENTIALS, WINDOWS, HOLIDAYS>
{
    fn default() -> Self {
        lock_place::make(Self::vacant)
    }
}

impl<const USERS: usize, const CREDENTIALS: usize, const WINDOWS: usize, const HOLIDAYS: usize> Tables
    for Slots<USERS, CREDENTIALS, WINDOWS, HOLIDAYS>
{
    const ROOM: [usize; 4] = [USERS, CREDENTIALS, WINDOWS, HOLIDAYS];

    fn vacant(place: Place<'_, Self>) -> Made<'_, Self> {
        const {
            let longest = u8::MAX as usize;
            assert!(
                USERS <= longest && CREDENTIALS <= longest && WINDOWS <= longest && HOLIDAYS <= longest,
                "slots are numbered by one byte"
            );
        }
        emplace!(place => Slots {
            users <- |slots| slots.fill(|| TableSlot::VACANT),
            credentials <- |slots| slots.fill(|| TableSlot::VACANT),
            windows <- |slots| slots.fill(|| TableSlot::VACANT),
            holidays <- |slots| slots.fill(|| TableSlot::VACANT),
        })
    }

    fn users(&self) -> &[TableSlot<StoredUser>] {
        &self.users
    }

    fn users_mut(&mut self) -> &mut [TableSlot<StoredUser>] {
        &mut self.users
    }

    fn credentials(&self) -> &[TableSlot<Credential>] {
        &self.credentials
    }

    fn credentials_mut(&mut self) -> &mut [TableSlot<Credential>] {
        &mut self.credentials
    }

    fn windows(&self) -> &[TableSlot<Window>] {
        &self.windows
    }

    fn windows_mut(&mut self) -> &mut [TableSlot<Window>] {
        &mut self.windows
    }

    fn holidays(&self) -> &[TableSlot<Holiday>] {
        &self.holidays
    }

    fn holidays_mut(&mut self) -> &mut [TableSlot<Holiday>] {
        &mut self.holidays
    }
}
