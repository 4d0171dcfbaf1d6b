//! Whether a change may be made, and the exact reason why not.

use lock_crypto::{Key, SecretHash, Suite, pin_key_check};
use lock_proto::{
    CodeSeries, CodesSwitch, CredentialKind, Holiday, Mechanics, MinuteOfDay, Night, Policy, PowerSupply,
    Put, Reason, Seconds, Secret, Setting, Span, Supply, Table, User, UserKind, UtcOffset, Weekdays, Window,
    Zone,
};

use super::{Change, Configuration, Delta, Settings, Staged};
use crate::access::{Credential, Keep, StoredUser, TableSlot, Tables, Use};
use crate::relock::MAX_AUTO_RELOCK;

/// The longest wait of [`Mechanics::lock_on_close`].
const MAX_LOCK_ON_CLOSE: Seconds = Seconds(1_800);
/// The longest time after the first use, in minutes: two days.
const MAX_EXPIRING_MINUTES: u16 = 2_880;
/// The farthest from UTC, in minutes: 14 hours.
const MAX_OFFSET: u16 = 14 * 60;

impl<T: Tables> Configuration<T> {
    /// Checks a change and hashes its secret, without touching the configuration.
    ///
    /// # Errors
    /// `StaleConfiguration` unless its version exceeds the one in force; `Unsupported` for a setting of a part that the lock does without; `NoSuchSlot` beyond the room of the table; `Occupied` and
    /// `Vacant` where the slot is not as [`Put`] expects (clearing a vacant one is done); `InvalidArgument` for a value out of range; `NoSuchUser` for
    /// a credential or window of a user that is not there; `UserInUse` for clearing a user whom those still name; `Duplicate` for a
    /// secret that another slot holds; `AnotherPinKey` for a hash that was made under another key.
    pub(crate) fn check<S: Suite>(&self, change: &Change, k_pin: &Key) -> Result<Staged, Reason> {
        if change.version <= self.version() {
            return Err(Reason::StaleConfiguration);
        }
        let single = |settings| {
            let (_, number) = change.setting.item();
            Delta::Settings { settings, number }
        };
        let settings = self.settings;
        let delta = match &change.setting {
            Setting::AutoRelock(delay) => {
                valid(*delay <= MAX_AUTO_RELOCK)?;
                single(Settings { auto_relock: *delay, ..settings })
            }
            Setting::Mechanics(mechanics) => {
                valid(is_valid_mechanics(mechanics))?;
                single(Settings { mechanics: *mechanics, ..settings })
            }
            Setting::Policy(policy) => {
                valid(is_valid_policy(policy))?;
                single(Settings { policy: *policy, ..settings })
            }
            Setting::Night(night) => {
                valid(night.as_ref().is_none_or(is_valid_night))?;
                single(Settings { night: *night, ..settings })
            }
            Setting::Zone(zone) => {
                valid(is_valid_zone(zone))?;
                single(Settings { zone: *zone, ..settings })
            }
            Setting::PowerSupply(power_supply) => {
                valid(is_valid_supply(power_supply))?;
                single(Settings { power_supply: *power_supply, ..settings })
            }
            Setting::SetUser { slot, put, user } if T::PARTS.people => {
                expect(self.tables.users(), *slot, *put)?;
                valid(is_valid_user(user))?;
                Delta::User { slot: *slot, item: Some(StoredUser { user: *user, used: Use::Never }) }
            }
            Setting::SetWindow { slot, put, window } if T::PARTS.people => {
                expect(self.tables.windows(), *slot, *put)?;
                valid(is_valid_span(&window.span))?;
                self.known(window.user)?;
                Delta::Window { slot: *slot, item: Some(*window) }
            }
            Setting::SetHoliday { slot, put, holiday } if T::PARTS.people => {
                expect(self.tables.holidays(), *slot, *put)?;
                valid(holiday.from < holiday.until)?;
                Delta::Holiday { slot: *slot, item: Some(*holiday) }
            }
            Setting::SetCredential { slot, put, user, kind, secret } if T::PARTS.people => {
                expect(self.tables.credentials(), *slot, *put)?;
                user.map_or(Ok(()), |user| self.known(user))?;
                let hash = hash_of::<S>(k_pin, *kind, secret)?;
                self.credential_change(*slot, Credential { user: *user, kind: *kind, hash })?
            }
            Setting::RestoreCredential { slot, put, user, kind, check, hash } if T::PARTS.people => {
                expect(self.tables.credentials(), *slot, *put)?;
                user.map_or(Ok(()), |user| self.known(user))?;
                if pin_key_check::<S>(k_pin) != check.0 {
                    return Err(Reason::AnotherPinKey);
                }
                let hash = SecretHash::from_bytes(hash.0);
                self.credential_change(*slot, Credential { user: *user, kind: *kind, hash })?
            }
            Setting::Clear { table, slot } if T::PARTS.people => self.clear(*table, *slot)?,
            Setting::OfflineCodes(codes) if T::PARTS.people => {
                valid(is_valid_series(codes) && follows(codes, &settings.offline_codes))?;
                single(Settings { offline_codes: *codes, ..settings })
            }
            // Of a part that the lock does without.
            Setting::SetUser { .. }
            | Setting::SetWindow { .. }
            | Setting::SetHoliday { .. }
            | Setting::SetCredential { .. }
            | Setting::RestoreCredential { .. }
            | Setting::Clear { .. }
            | Setting::OfflineCodes(_) => return Err(Reason::Unsupported),
        };
        Ok(Staged { version: change.version, delta })
    }

    fn credential_change(&self, slot: u8, credential: Credential) -> Result<Delta, Reason> {
        if self.position(&credential.hash).is_some_and(|other| other != usize::from(slot)) {
            return Err(Reason::Duplicate);
        }
        Ok(Delta::Credential { slot, item: Some(credential) })
    }

    fn clear(&self, table: Table, slot: u8) -> Result<Delta, Reason> {
        match table {
            Table::Settings => Err(Reason::InvalidArgument),
            Table::Users => {
                expect(self.tables.users(), slot, Put::Set)?;
                if self.is_named(slot) {
                    Err(Reason::UserInUse)
                } else {
                    Ok(Delta::User { slot, item: None })
                }
            }
            Table::Credentials => {
                expect(self.tables.credentials(), slot, Put::Set)?;
                Ok(Delta::Credential { slot, item: None })
            }
            Table::Windows => {
                expect(self.tables.windows(), slot, Put::Set)?;
                Ok(Delta::Window { slot, item: None })
            }
            Table::Holidays => {
                expect(self.tables.holidays(), slot, Put::Set)?;
                Ok(Delta::Holiday { slot, item: None })
            }
        }
    }

    fn known(&self, user: u8) -> Result<(), Reason> {
        if self.user(user).is_some() { Ok(()) } else { Err(Reason::NoSuchUser) }
    }

    /// Whether a credential or a window belongs to this user: the next user in the slot must not inherit it.
    fn is_named(&self, user: u8) -> bool {
        self.tables.credentials().iter().filter_map(TableSlot::item).any(|item| item.value.user == Some(user))
            || self.tables.windows().iter().filter_map(TableSlot::item).any(|item| item.value.user == user)
    }
}

fn valid(is_valid: bool) -> Result<(), Reason> {
    if is_valid { Ok(()) } else { Err(Reason::InvalidArgument) }
}

fn expect<V: Keep>(slots: &[TableSlot<V>], slot: u8, put: Put) -> Result<(), Reason> {
    match (slots.get(usize::from(slot)).map(TableSlot::is_vacant), put) {
        (None, _) => Err(Reason::NoSuchSlot),
        (Some(false), Put::Add) => Err(Reason::Occupied),
        (Some(true), Put::Replace) => Err(Reason::Vacant),
        (Some(true), Put::Add | Put::Set) | (Some(false), Put::Replace | Put::Set) => Ok(()),
    }
}

/// Both kinds of PIN share one space of digits, so that one keypad can tell them apart.
fn hash_of<S: Suite>(k_pin: &Key, kind: CredentialKind, secret: &Secret) -> Result<SecretHash, Reason> {
    match (kind, secret) {
        (CredentialKind::ProgrammingPin | CredentialKind::Pin, Secret::Pin(digits)) => {
            Ok(SecretHash::of_pin::<S>(k_pin, digits.as_ascii()))
        }
        (CredentialKind::ProgrammingPin | CredentialKind::Pin, Secret::Token(_)) => {
            Err(Reason::InvalidArgument)
        }
        (_, Secret::Token(id)) => Ok(SecretHash::of_token::<S>(k_pin, kind.number(), id.as_bytes())),
        (_, Secret::Pin(_)) => Err(Reason::InvalidArgument),
    }
}

fn is_valid_mechanics(mechanics: &Mechanics) -> bool {
    (1..=30).contains(&mechanics.latch_hold)
        && (5..=60).contains(&mechanics.lock_n_go)
        && mechanics.lock_on_close <= MAX_LOCK_ON_CLOSE
        && mechanics.ajar_after <= MAX_AUTO_RELOCK
        && mechanics.retries <= 3
}

fn is_valid_policy(policy: &Policy) -> bool {
    (3..=20).contains(&policy.wrong_codes)
}

fn is_valid_night(night: &Night) -> bool {
    is_minute(night.from) && is_minute(night.until) && night.relock <= MAX_AUTO_RELOCK
}

fn is_minute(minute: MinuteOfDay) -> bool {
    minute < MinuteOfDay::END
}

fn is_valid_zone(zone: &Zone) -> bool {
    let is_offset = |offset: UtcOffset| offset.0.unsigned_abs() <= MAX_OFFSET;
    let known = zone.transitions.iter().flatten();
    let vacant_last = zone.transitions.iter().skip_while(|place| place.is_some()).all(Option::is_none);
    let in_order = known.clone().zip(known.clone().skip(1)).all(|(first, second)| first.at < second.at);
    is_offset(zone.offset) && known.clone().all(|next| is_offset(next.offset)) && vacant_last && in_order
}

fn is_valid_supply(supply: &PowerSupply) -> bool {
    match supply.supply {
        Supply::Mains => supply.cells == 0,
        Supply::Alkaline | Supply::Lithium | Supply::NiMh => (1..=8).contains(&supply.cells),
    }
}

/// As made, and after a reset, a series has no begin, and nothing is taken.
fn is_valid_series(codes: &CodeSeries) -> bool {
    codes.epoch > 0 && (1..=CodeSeries::LATEST).contains(&codes.since)
}

/// The epoch is never lowered, and one that has begun does not begin at another time: no code would be what it was.
fn follows(codes: &CodeSeries, before: &CodeSeries) -> bool {
    codes.epoch > before.epoch || (codes.epoch, codes.since) == (before.epoch, before.since)
}

fn is_valid_user(user: &User) -> bool {
    let kind = if let UserKind::Expiring { minutes } = user.kind {
        (1..=MAX_EXPIRING_MINUTES).contains(&minutes)
    } else {
        true
    };
    let dates = match (user.not_before, user.not_after) {
        (Some(first), Some(last)) => first <= last,
        _ => true,
    };
    kind && dates
}

pub(crate) fn is_valid_span(span: &Span) -> bool {
    match span {
        Span::Weekly { days, from, until } => {
            days.0 != 0 && days.0 & !Weekdays::ALL.0 == 0 && is_minute(*from) && is_minute(*until)
        }
        Span::Dates { from, until } => from < until,
    }
}

/// What a record may hold is what a change may set.
impl Settings {
    pub(super) fn is_valid(&self) -> bool {
        self.auto_relock <= MAX_AUTO_RELOCK
            && is_valid_mechanics(&self.mechanics)
            && is_valid_policy(&self.policy)
            && self.night.as_ref().is_none_or(is_valid_night)
            && is_valid_zone(&self.zone)
            && is_valid_supply(&self.power_supply)
            && (is_valid_series(&self.offline_codes)
                || (self.offline_codes.switch, self.offline_codes.since) == (CodesSwitch::Off, 0))
    }
}

pub(super) fn is_valid_stored_user(user: &StoredUser) -> bool {
    is_valid_user(&user.user)
}

/// No table has a slot 255: what is kept of a credential says with it that it belongs to nobody in particular.
pub(super) fn is_valid_stored_credential(credential: &Credential) -> bool {
    credential.user != Some(u8::MAX)
}

pub(super) fn is_valid_window(window: &Window) -> bool {
    is_valid_span(&window.span)
}

pub(super) fn is_valid_holiday(holiday: &Holiday) -> bool {
    holiday.from < holiday.until
}

#[cfg(test)]
mod tests;
