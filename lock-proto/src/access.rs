//! Who may open the door, when, and with what: the vocabulary of users, credentials, schedules and modes.

use crate::numbered::numbered;
use crate::{Seconds, UnixMillis, wire};

numbered! {
    /// Which ways to operate the lock are open. The numbers are those of Matter's OperatingModeEnum.
    #[derive(Default)]
    pub enum Mode {
        /// Every way, as the rights say.
        #[default]
        Normal,
        /// Nobody is there: remote operation and programming users only.
        Vacation,
        /// Somebody inside wants to be alone: nothing from outside opens; the inside does, and ends it.
        Privacy,
        /// No remote operation; everything at the door as the rights say.
        NoRemote,
        /// The door is free: the bolt stays withdrawn, and nothing throws it until the mode changes.
        Passage,
    }
}

numbered! {
    /// What a credential is.
    pub enum CredentialKind {
        /// A PIN code that may also change settings at the keypad.
        ProgrammingPin,
        /// A PIN code.
        Pin,
        /// An RFID or NFC token, by its identifier.
        Rfid,
        /// A fingerprint, by the number that the sensor's module gave its template.
        Fingerprint,
        /// A finger vein pattern, by the number of its template.
        FingerVein,
        /// A face, by the number of its template.
        Face,
        /// A key fob, by its identifier.
        Fob,
        /// A virtual key on a phone, by its identifier.
        VirtualKey,
    }
}

impl CredentialKind {
    /// Whether digits are typed for it.
    #[must_use]
    pub const fn is_pin(self) -> bool {
        matches!(self, Self::ProgrammingPin | Self::Pin)
    }
}

/// When a user may open. The numbers 0 to 9 are those of Matter's UserTypeEnum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum UserKind {
    /// At any time.
    #[default]
    Unrestricted,
    /// Within one of the user's [`Span::Dates`].
    YearDay,
    /// Within one of the user's [`Span::Weekly`].
    WeekDay,
    /// At any time, and may change settings at the keypad.
    Programming,
    /// Never: the credential is recognised and reported.
    NonAccess,
    /// At any time, and raises a silent alarm.
    Forced,
    /// Once.
    Disposable,
    /// For so many minutes after the first use.
    Expiring {
        /// Minutes, 1 to 2,880.
        minutes: u16,
    },
    /// Within one of the user's windows of either form.
    ScheduleRestricted,
    /// By virtual key and through the cloud only: nothing at the keypad or reader.
    RemoteOnly,
    /// While a holiday is in force.
    Holiday,
}

numbered! {
    /// Whether a user counts.
    #[derive(Default)]
    pub enum UserStatus {
        /// As the kind says.
        #[default]
        Enabled,
        /// Not at all, until enabled again.
        Disabled,
    }
}

numbered! {
    /// How many different credentials a user presents, one after the other.
    #[derive(Default)]
    pub enum CredentialRule {
        /// One.
        #[default]
        Single,
        /// Two.
        Dual,
        /// Three.
        Tri,
    }
}

/// A user of the lock. Names are the cloud's: the lock knows numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct User {
    /// When the user may open.
    pub kind: UserKind,
    /// Whether the user counts at all.
    pub status: UserStatus,
    /// How many credentials it takes.
    pub rule: CredentialRule,
    /// Not before this moment; `None` for no such bound.
    pub not_before: Option<UnixMillis>,
    /// Not after this moment; `None` for no such bound.
    pub not_after: Option<UnixMillis>,
}

/// Days of the week: Sunday is bit 0, Saturday bit 6.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Weekdays(pub u8);

impl Weekdays {
    /// Every day.
    pub const ALL: Self = Self(0x7f);

    /// Whether `day` is among them; 0 is Sunday.
    #[must_use]
    pub const fn contains(self, day: u8) -> bool {
        day < 7 && self.0 & (1 << day) != 0
    }
}

/// A time of day, in minutes since midnight: 0 to 1,439.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MinuteOfDay(pub u16);

impl MinuteOfDay {
    /// The first minute that no day has.
    pub const END: Self = Self(24 * 60);
}

/// A span of time in which a right holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Span {
    /// Each week, by the local clock.
    Weekly {
        /// The days on which it begins.
        days: Weekdays,
        /// When it begins.
        from: MinuteOfDay,
        /// The first minute after it; at or before `from` it is on the next day.
        until: MinuteOfDay,
    },
    /// Once.
    Dates {
        /// The first moment.
        from: UnixMillis,
        /// The first moment after it.
        until: UnixMillis,
    },
}

/// A span for one user. A user may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Window {
    /// The slot of the user.
    pub user: u8,
    /// When.
    pub span: Span,
}

/// A holiday: days on which users of kind [`UserKind::Holiday`] may open, and which may change the mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Holiday {
    /// The first moment.
    pub from: UnixMillis,
    /// The first moment after it.
    pub until: UnixMillis,
    /// The mode that is in force meanwhile; `None` leaves it as it is.
    pub mode: Option<Mode>,
}

/// A distance of the local clock from UTC, in minutes, east positive: −840 to 840.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UtcOffset(pub i16);

/// A change of the local clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Transition {
    /// The first moment at which it counts.
    pub at: UnixMillis,
    /// The distance from then on.
    pub offset: UtcOffset,
}

/// The local clock: its distance from UTC and the next changes, as the cloud sends them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Zone {
    /// The distance before the first transition.
    pub offset: UtcOffset,
    /// The next changes, in order of their moments; vacant places at the end.
    pub transitions: [Option<Transition>; Self::TRANSITIONS],
}

impl Zone {
    /// How many changes are known ahead: two years of daylight saving.
    pub const TRANSITIONS: usize = 4;
}

/// The night: the bolt is thrown when it begins, and relocks sooner while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Night {
    /// When it begins, by the local clock.
    pub from: MinuteOfDay,
    /// The first minute after it; at or before `from` it is on the next day.
    pub until: MinuteOfDay,
    /// The relock delay meanwhile; 0 seconds leaves the delay of the day.
    pub relock: Seconds,
}

wire! {
    enum UserKind {
        0 => Unrestricted,
        1 => YearDay,
        2 => WeekDay,
        3 => Programming,
        4 => NonAccess,
        5 => Forced,
        6 => Disposable,
        7 => Expiring { minutes },
        8 => ScheduleRestricted,
        9 => RemoteOnly,
        10 => Holiday,
    }
    struct User { kind, status, rule, not_before, not_after }
    struct Weekdays(days);
    struct MinuteOfDay(minute);
    enum Span {
        0 => Weekly { days, from, until },
        1 => Dates { from, until },
    }
    struct Window { user, span }
    struct Holiday { from, until, mode }
    struct UtcOffset(minutes);
    struct Transition { at, offset }
    struct Zone { offset, transitions }
    struct Night { from, until, relock }
}
