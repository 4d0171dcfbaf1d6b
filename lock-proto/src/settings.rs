//! What can be set in a lock, each as an absolute value.

use crate::numbered::numbered;
use crate::secret::{HashedSecret, PinDigits, PinKeyCheck, Secret};
use crate::wire::{Malformed, Reader};
use crate::{CodeSeries, CredentialKind, Holiday, Night, Seconds, User, Window, Zone, wire};

numbered! {
    /// What is expected in a slot that is set. Where it is something else the change is refused, and nothing is overwritten unseen.
    pub enum Put {
        /// The slot is vacant.
        Add,
        /// The slot is taken.
        Replace,
        /// Either: what is there is overwritten.
        Set,
    }
}

numbered! {
    /// The tables of a configuration.
    #[derive(PartialOrd, Ord)]
    pub enum Table {
        /// Settings that there are once; the slot is the number of the setting.
        Settings,
        /// Users.
        Users,
        /// Credentials.
        Credentials,
        /// Windows of users.
        Windows,
        /// Holidays.
        Holidays,
    }
}

numbered! {
    /// What the lock has of a spring latch.
    #[derive(Default)]
    pub enum Latch {
        /// The motor does not reach one.
        #[default]
        None,
        /// The motor pulls it back, and no sensor sees it.
        Unsensed,
        /// The motor pulls it back, and a sensor sees it.
        Sensed,
    }
}

/// How the mechanism is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Mechanics {
    /// What there is of a latch.
    pub latch: Latch,
    /// How long the latch is held back, in seconds: 1 to 30.
    pub latch_hold: u8,
    /// How long a door that nobody opens stays unlocked after lock'n'go, in seconds: 5 to 60.
    pub lock_n_go: u8,
    /// The bolt is thrown so long after the door was closed; 0 seconds for never, at most 1,800.
    pub lock_on_close: Seconds,
    /// An open door is ajar after so long; 0 seconds for never, at most one day.
    pub ajar_after: Seconds,
    /// Further attempts after a stall: 0 to 3.
    pub retries: u8,
}

impl Default for Mechanics {
    fn default() -> Self {
        Self {
            latch: Latch::None,
            latch_hold: 3,
            lock_n_go: 20,
            lock_on_close: Seconds(0),
            ajar_after: Seconds(0),
            retries: 2,
        }
    }
}

numbered! {
    /// What happens to the bolt when the battery becomes critical.
    #[derive(Default)]
    pub enum CriticalBattery {
        /// It stays as it is, and is no longer thrown: a locked door stays locked.
        #[default]
        FailSecure,
        /// It is withdrawn while there is charge for it, and stays withdrawn: nobody is locked in or out.
        FailSafe,
    }
}

numbered! {
    /// Whether the cloud may unlock while the bolt's position is unknown. Whoever stands at the door always may.
    #[derive(Default)]
    pub enum RemoteAtUnknown {
        /// It may not.
        #[default]
        Refuse,
        /// It may: the motor finds the position first.
        Permit,
    }
}

numbered! {
    /// What the light and the buzzer do.
    #[derive(Default)]
    pub enum Sound {
        /// Both.
        #[default]
        Normal,
        /// The light alone; alarms still sound.
        Quiet,
    }
}

/// What is done in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Policy {
    /// The wrong code at which codes are refused for the first time: 3 to 20.
    pub wrong_codes: u8,
    /// With a critical battery.
    pub critical_battery: CriticalBattery,
    /// With an unknown position.
    pub remote_at_unknown: RemoteAtUnknown,
    /// At the door.
    pub sound: Sound,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            wrong_codes: 5,
            critical_battery: CriticalBattery::FailSecure,
            remote_at_unknown: RemoteAtUnknown::Refuse,
            sound: Sound::Normal,
        }
    }
}

numbered! {
    /// Where the current comes from.
    #[derive(Default)]
    pub enum Supply {
        /// Alkaline cells of 1.5 V.
        #[default]
        Alkaline,
        /// Lithium iron disulphide cells of 1.5 V.
        Lithium,
        /// Nickel metal hydride cells of 1.2 V.
        NiMh,
        /// The mains.
        Mains,
    }
}

/// The power supply, as whoever installed it said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PowerSupply {
    /// What it is.
    pub supply: Supply,
    /// Cells in series: 1 to 8; for the mains 0.
    pub cells: u8,
}

impl Default for PowerSupply {
    fn default() -> Self {
        Self { supply: Supply::Alkaline, cells: 4 }
    }
}

/// One absolute value of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Setting {
    /// Throw the bolt by itself so long after it was withdrawn; 0 seconds means never.
    AutoRelock(Seconds),
    /// How the mechanism is driven.
    Mechanics(Mechanics),
    /// What is done in doubt.
    Policy(Policy),
    /// The night; `None` for no such thing.
    Night(Option<Night>),
    /// The local clock.
    Zone(Zone),
    /// The power supply.
    PowerSupply(PowerSupply),
    /// The user in this slot.
    SetUser {
        /// The slot, from 0.
        slot: u8,
        /// What is expected there.
        put: Put,
        /// The user.
        user: User,
    },
    /// The window in this slot.
    SetWindow {
        /// The slot, from 0.
        slot: u8,
        /// What is expected there.
        put: Put,
        /// The window.
        window: Window,
    },
    /// The holiday in this slot.
    SetHoliday {
        /// The slot, from 0.
        slot: u8,
        /// What is expected there.
        put: Put,
        /// The holiday.
        holiday: Holiday,
    },
    /// The credential in this slot. What it is comes last: it stands in no digest.
    SetCredential {
        /// The slot, from 0.
        slot: u8,
        /// What is expected there.
        put: Put,
        /// The slot of its user; `None` for a credential that opens at any time and belongs to nobody in particular.
        user: Option<u8>,
        /// Its kind; a PIN code for the two kinds of PIN, an identifier for all others.
        kind: CredentialKind,
        /// What is presented.
        secret: Secret,
    },
    /// Nothing in this slot. A user that credentials or windows still name is not cleared.
    Clear {
        /// The table; not [`Table::Settings`].
        table: Table,
        /// The slot, from 0.
        slot: u8,
    },
    /// Which offline codes the lock takes. Its epoch is never lowered.
    OfflineCodes(CodeSeries),
    /// The credential in this slot, from a backup. The hash comes last: it stands in no digest.
    RestoreCredential {
        /// The slot, from 0.
        slot: u8,
        /// What is expected there.
        put: Put,
        /// The slot of its user; `None` for a credential that belongs to nobody in particular.
        user: Option<u8>,
        /// Its kind.
        kind: CredentialKind,
        /// The key under which it was hashed: the lock's own, or no code would match.
        check: PinKeyCheck,
        /// What the lock keeps of it.
        hash: HashedSecret,
    },
}

impl Setting {
    /// The highest number on the wire, that of [`Self::RestoreCredential`].
    const HIGHEST: u32 = 12;
    /// How many settings there are once: those of [`Table::Settings`].
    pub const SINGLE: u8 = 7;
    /// The longest encoding, in bytes: that of a zone.
    pub(crate) const LONGEST: usize = 1 + 3 + Zone::TRANSITIONS * (1 + 10 + 3);

    /// A PIN code that opens at any time and belongs to nobody in particular, in this slot, whatever is there.
    #[must_use]
    pub const fn pin(slot: u8, digits: PinDigits) -> Self {
        let kind = CredentialKind::Pin;
        Self::SetCredential { slot, put: Put::Set, user: None, kind, secret: Secret::Pin(digits) }
    }

    /// No credential in this slot.
    #[must_use]
    pub const fn clear_credential(slot: u8) -> Self {
        Self::Clear { table: Table::Credentials, slot }
    }

    /// The table and slot of the item that it sets or clears.
    #[must_use]
    pub const fn item(&self) -> (Table, u8) {
        match self {
            Self::AutoRelock(_) => (Table::Settings, 0),
            Self::Mechanics(_) => (Table::Settings, 1),
            Self::Policy(_) => (Table::Settings, 2),
            Self::Night(_) => (Table::Settings, 3),
            Self::Zone(_) => (Table::Settings, 4),
            Self::PowerSupply(_) => (Table::Settings, 5),
            Self::SetUser { slot, .. } => (Table::Users, *slot),
            Self::SetWindow { slot, .. } => (Table::Windows, *slot),
            Self::SetHoliday { slot, .. } => (Table::Holidays, *slot),
            Self::SetCredential { slot, .. } | Self::RestoreCredential { slot, .. } => {
                (Table::Credentials, *slot)
            }
            Self::Clear { table, slot } => (*table, *slot),
            Self::OfflineCodes(_) => (Table::Settings, 6),
        }
    }

    /// How many bytes of its encoding, at the end, are a secret or a hash of one.
    pub(crate) fn secret_length(&self) -> usize {
        match self {
            Self::SetCredential { secret, .. } => secret.as_bytes().len().saturating_add(1),
            Self::RestoreCredential { hash, .. } => hash.0.len(),
            Self::AutoRelock(_)
            | Self::Mechanics(_)
            | Self::Policy(_)
            | Self::Night(_)
            | Self::Zone(_)
            | Self::PowerSupply(_)
            | Self::SetUser { .. }
            | Self::SetWindow { .. }
            | Self::SetHoliday { .. }
            | Self::Clear { .. }
            | Self::OfflineCodes(_) => 0,
        }
    }

    /// Whether a setting of a newer version follows, by its number.
    pub(crate) fn is_unknown(mut setting: Reader<'_>) -> Result<bool, Malformed> {
        Ok(setting.number_up_to(u32::MAX)? > Self::HIGHEST)
    }
}

wire! {
    struct Mechanics { latch, latch_hold, lock_n_go, lock_on_close, ajar_after, retries }
    struct Policy { wrong_codes, critical_battery, remote_at_unknown, sound }
    struct PowerSupply { supply, cells }
    enum Setting {
        0 => AutoRelock(delay),
        1 => Mechanics(mechanics),
        2 => Policy(policy),
        3 => Night(night),
        4 => Zone(zone),
        5 => PowerSupply(supply),
        6 => SetUser { slot, put, user },
        7 => SetWindow { slot, put, window },
        8 => SetHoliday { slot, put, holiday },
        9 => SetCredential { slot, put, user, kind, secret },
        10 => Clear { table, slot },
        11 => OfflineCodes(series),
        12 => RestoreCredential { slot, put, user, kind, check, hash },
    }
}
