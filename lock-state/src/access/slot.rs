//! What a slot takes. A table is as large as its longest item times its room, so each item is kept in as few bytes as it may need.

use core::fmt;

use lock_crypto::SecretHash;
use lock_proto::{
    CredentialKind, CredentialRule, Holiday, MinuteOfDay, Mode, Span, UnixMillis, User, UserKind, UserStatus,
    Weekdays, Window,
};

use super::{Credential, Item, StoredUser, Use};

/// A slot of a table: vacant, or an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TableSlot<V: Keep>(Option<V::Kept>);

/// An item that a table has slots for.
pub trait Keep: Sized {
    /// How it is kept.
    type Kept: fmt::Debug;
    /// Keeps it.
    fn keep(item: Item<Self>) -> Self::Kept;
    /// What was kept.
    fn kept(kept: &Self::Kept) -> Item<Self>;
}

impl<V: Keep> TableSlot<V> {
    /// Nothing is in it.
    pub const VACANT: Self = Self(None);

    /// What is in it.
    #[must_use]
    pub fn item(&self) -> Option<Item<V>> {
        self.0.as_ref().map(V::kept)
    }

    /// Whether nothing is in it.
    #[must_use]
    pub const fn is_vacant(&self) -> bool {
        self.0.is_none()
    }
}

impl<V: Keep> From<Option<Item<V>>> for TableSlot<V> {
    fn from(item: Option<Item<V>>) -> Self {
        Self(item.map(V::keep))
    }
}

impl TableSlot<Credential> {
    /// The hash of the credential in it.
    pub(crate) const fn hash(&self) -> Option<&SecretHash> {
        match &self.0 {
            Some(kept) => Some(&kept.hash),
            None => None,
        }
    }
}

impl TableSlot<Window> {
    /// Whether it holds a window of this user: most are others', and need not be read in full.
    pub(crate) fn is_of(&self, user: u8) -> bool {
        self.0.as_ref().is_some_and(|kept| kept.user == user)
    }
}

/// A user, and whether they were here. What is absent is zero, and `marks` say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(Rust, packed(4))]
pub struct KeptUser {
    version: u32,
    not_before: u64,
    not_after: u64,
    used_at: u64,
    kind: UserKind,
    rule: CredentialRule,
    marks: u8,
}

mod mark {
    pub(super) const NOT_BEFORE: u8 = 1;
    pub(super) const NOT_AFTER: u8 = 2;
    pub(super) const USED: u8 = 4;
    pub(super) const USED_AT: u8 = 8;
    pub(super) const DISABLED: u8 = 16;
}

impl Keep for StoredUser {
    type Kept = KeptUser;

    fn keep(Item { version, value: Self { user, used } }: Item<Self>) -> KeptUser {
        let (use_marks, used_at) = match used {
            Use::Never => (0, 0),
            Use::At(moment) => (mark::USED | mark::USED_AT, moment.0),
            Use::AtUnknown => (mark::USED, 0),
        };
        let marks = if user.not_before.is_some() { mark::NOT_BEFORE } else { 0 }
            | if user.not_after.is_some() { mark::NOT_AFTER } else { 0 }
            | if user.status == UserStatus::Disabled { mark::DISABLED } else { 0 }
            | use_marks;
        KeptUser {
            version,
            not_before: user.not_before.unwrap_or_default().0,
            not_after: user.not_after.unwrap_or_default().0,
            used_at,
            kind: user.kind,
            rule: user.rule,
            marks,
        }
    }

    fn kept(kept: &KeptUser) -> Item<Self> {
        let has = |mark| kept.marks & mark != 0;
        let user = User {
            kind: kept.kind,
            status: if has(mark::DISABLED) { UserStatus::Disabled } else { UserStatus::Enabled },
            rule: kept.rule,
            not_before: has(mark::NOT_BEFORE).then_some(UnixMillis(kept.not_before)),
            not_after: has(mark::NOT_AFTER).then_some(UnixMillis(kept.not_after)),
        };
        let used = match (has(mark::USED), has(mark::USED_AT)) {
            (false, _) => Use::Never,
            (true, true) => Use::At(UnixMillis(kept.used_at)),
            (true, false) => Use::AtUnknown,
        };
        Item { version: kept.version, value: Self { user, used } }
    }
}

/// A credential. No table has a slot 255 ([`Tables::ROOM`](super::Tables::ROOM)): as a user it stands for nobody in particular.
#[derive(Clone, Debug)]
#[cfg_attr(lock_model, derive(PartialEq, Eq, Hash))]
pub struct KeptCredential {
    version: [u8; 4],
    user: u8,
    kind: CredentialKind,
    hash: SecretHash,
}

const NOBODY: u8 = u8::MAX;

impl Keep for Credential {
    type Kept = KeptCredential;

    fn keep(Item { version, value }: Item<Self>) -> KeptCredential {
        let user = value.user.unwrap_or(NOBODY);
        KeptCredential { version: version.to_ne_bytes(), user, kind: value.kind, hash: value.hash }
    }

    fn kept(kept: &KeptCredential) -> Item<Self> {
        let user = (kept.user != NOBODY).then_some(kept.user);
        let value = Self { user, kind: kept.kind, hash: kept.hash.clone() };
        Item { version: u32::from_ne_bytes(kept.version), value }
    }
}

/// A window. One of each week has its days in `from`, above the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(Rust, packed(2))]
pub struct KeptWindow {
    version: u32,
    from: u64,
    until: u64,
    user: u8,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Form {
    Weekly,
    Dates,
}

impl Keep for Window {
    type Kept = KeptWindow;

    fn keep(Item { version, value: Self { user, span } }: Item<Self>) -> KeptWindow {
        let (form, from, until) = match span {
            Span::Weekly { days, from, until } => {
                (Form::Weekly, u64::from(days.0) << u16::BITS | u64::from(from.0), until.0.into())
            }
            Span::Dates { from, until } => (Form::Dates, from.0, until.0),
        };
        KeptWindow { version, from, until, user, form }
    }

    fn kept(&KeptWindow { version, from, until, user, form }: &KeptWindow) -> Item<Self> {
        let span = match form {
            Form::Weekly => Span::Weekly {
                days: Weekdays((from >> u16::BITS) as u8),
                from: MinuteOfDay(from as u16),
                until: MinuteOfDay(until as u16),
            },
            Form::Dates => Span::Dates { from: UnixMillis(from), until: UnixMillis(until) },
        };
        Item { version, value: Self { user, span } }
    }
}

/// A holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(Rust, packed(2))]
pub struct KeptHoliday {
    version: u32,
    from: u64,
    until: u64,
    mode: Option<Mode>,
}

impl Keep for Holiday {
    type Kept = KeptHoliday;

    fn keep(Item { version, value: Self { from, until, mode } }: Item<Self>) -> KeptHoliday {
        KeptHoliday { version, from: from.0, until: until.0, mode }
    }

    fn kept(&KeptHoliday { version, from, until, mode }: &KeptHoliday) -> Item<Self> {
        Item { version, value: Self { from: UnixMillis(from), until: UnixMillis(until), mode } }
    }
}

const _: () = {
    assert!(size_of::<TableSlot<StoredUser>>() == 36);
    assert!(size_of::<TableSlot<Credential>>() == 22);
    assert!(size_of::<TableSlot<Window>>() == 22);
    assert!(size_of::<TableSlot<Holiday>>() == 22);
};

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENTS: [UnixMillis; 3] = [UnixMillis(0), UnixMillis(1_770_000_000_000), UnixMillis(u64::MAX)];
    const VERSIONS: [u32; 3] = [0, 1, u32::MAX];

    fn comes_back<V: Keep + Copy + PartialEq + fmt::Debug>(value: V) {
        for version in VERSIONS {
            let item = Some(Item { version, value });
            let slot = TableSlot::from(item);
            assert_eq!((slot.item(), slot.is_vacant()), (item, false));
        }
    }

    #[test]
    fn a_vacant_slot_holds_nothing() {
        assert!(TableSlot::<Window>::VACANT.is_vacant());
        assert_eq!(TableSlot::<Window>::VACANT.item(), None);
        assert_eq!(TableSlot::<Window>::from(None), TableSlot::VACANT);
    }

    #[test]
    fn each_user_comes_back_as_it_was() {
        let bounds = || core::iter::once(None).chain(MOMENTS.map(Some));
        let uses = || [Use::Never, Use::AtUnknown].into_iter().chain(MOMENTS.map(Use::At));
        let kinds = [UserKind::Unrestricted, UserKind::Holiday]
            .into_iter()
            .chain([0, 1, 2_880, u16::MAX].map(|minutes| UserKind::Expiring { minutes }));
        for kind in kinds {
            for (status, rule) in
                UserStatus::ALL.into_iter().flat_map(|status| CredentialRule::ALL.map(|rule| (status, rule)))
            {
                for (not_before, not_after) in
                    bounds().flat_map(|first| bounds().map(move |last| (first, last)))
                {
                    let user = User { kind, status, rule, not_before, not_after };
                    uses().for_each(|used| comes_back(StoredUser { user, used }));
                }
            }
        }
    }

    #[test]
    fn each_credential_comes_back_as_it_was() {
        for kind in CredentialKind::ALL {
            for user in [None, Some(0), Some(254)] {
                let hash = SecretHash::from_bytes(core::array::from_fn(|at| at as u8));
                let slot = TableSlot::from(Some(Item { version: 7, value: Credential { user, kind, hash } }));
                assert_eq!(slot.hash().map(SecretHash::expose).map(|hash| hash[15]), Some(15));
                let Item { version, value } = slot.item().unwrap();
                assert_eq!((version, value.user, value.kind), (7, user, kind));
                assert_eq!(value.hash.expose(), slot.hash().unwrap().expose());
            }
        }
    }

    #[test]
    fn each_window_comes_back_as_it_was() {
        for user in [0, 19, u8::MAX] {
            for from in MOMENTS {
                MOMENTS.iter().for_each(|until| {
                    comes_back(Window { user, span: Span::Dates { from, until: *until } });
                });
            }
            for days in [1, 0x55, 0x7f, u8::MAX].map(Weekdays) {
                for (from, until) in [(0, 0), (0, 1_439), (1_439, 0), (u16::MAX, u16::MAX)] {
                    let (from, until) = (MinuteOfDay(from), MinuteOfDay(until));
                    comes_back(Window { user, span: Span::Weekly { days, from, until } });
                }
            }
        }
    }

    #[test]
    fn each_holiday_comes_back_as_it_was() {
        for mode in core::iter::once(None).chain(Mode::ALL.map(Some)) {
            for from in MOMENTS {
                MOMENTS.iter().for_each(|until| comes_back(Holiday { from, until: *until, mode }));
            }
        }
    }
}
