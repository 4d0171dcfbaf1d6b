//! Whom the owner lets in, and what they carry.

use lock_core::proto::{
    CredentialKind, CredentialRule, MinuteOfDay, PinDigits, Put, Secret, Setting, Span, TokenId, User,
    UserKind, UserStatus, Weekdays, Window,
};

use super::keys::mechanics;
use super::{Panel, PanelError};
use crate::hardware::Case;

/// All codes, for the view.
pub(super) const CODES: &str = "2580 family, 7301 weekdays 8-18, 4114 once, 9911 duress, 6060+G guard";

/// The code that opens at any time.
const FAMILY: &str = "2580";
/// The code of a guest, on weekdays from 8 to 18 by UTC.
const GUEST: &str = "7301";
/// The code that opens once.
const ONCE: &str = "4114";
/// The code that opens and raises a silent alarm.
const DURESS: &str = "9911";
/// The first of the two credentials of a guard; the second is a fob.
const GUARD: &str = "6060";

/// Each user at their slot.
const USERS: [User; 5] = [
    user(UserKind::WeekDay, CredentialRule::Single),
    user(UserKind::Unrestricted, CredentialRule::Single),
    user(UserKind::Disposable, CredentialRule::Single),
    user(UserKind::Forced, CredentialRule::Single),
    user(UserKind::Unrestricted, CredentialRule::Dual),
];

/// What somebody holds to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// The family's fob.
    Fob,
    /// A finger of the family.
    Finger,
    /// The fob of the guard, who needs a code too.
    GuardsFob,
    /// A fob of another house.
    OtherFob,
}

impl Token {
    /// What the reader says of it.
    pub(super) fn read(self) -> Result<(CredentialKind, TokenId), PanelError> {
        let (kind, id): (_, &[u8]) = match self {
            Self::Fob => (CredentialKind::Rfid, &[0x04, 0x51, 0xa2, 0x7c]),
            Self::Finger => (CredentialKind::Fingerprint, &[1]),
            Self::GuardsFob => (CredentialKind::Rfid, &[0x04, 0x9e, 0x33, 0x18]),
            Self::OtherFob => (CredentialKind::Rfid, &[0x04, 0xd0, 0x0d, 0x66]),
        };
        Ok((kind, TokenId::from_bytes(id)?))
    }
}

impl Panel {
    /// The owner says how the lock is driven, and who may open.
    pub(super) fn set_up(&mut self) -> Result<(), PanelError> {
        self.set_quietly(Setting::Mechanics(mechanics(Case::Deadbolt)))?;
        for (slot, user) in (0..).zip(USERS) {
            self.set_quietly(Setting::SetUser { slot, put: Put::Set, user })?;
        }
        let span =
            Span::Weekly { days: Weekdays(0x3e), from: MinuteOfDay(8 * 60), until: MinuteOfDay(18 * 60) };
        self.set_quietly(Setting::SetWindow { slot: 0, put: Put::Set, window: Window { user: 0, span } })?;
        let codes = [(None, FAMILY), (Some(0), GUEST), (Some(2), ONCE), (Some(3), DURESS), (Some(4), GUARD)];
        let mut credentials = Vec::new();
        for (user, code) in codes {
            let digits = PinDigits::from_ascii(code.as_bytes())?;
            credentials.push((user, CredentialKind::Pin, Secret::Pin(digits)));
        }
        for (user, token) in [(1, Token::Fob), (1, Token::Finger), (4, Token::GuardsFob)] {
            let (kind, id) = token.read()?;
            credentials.push((Some(user), kind, Secret::Token(id)));
        }
        for (slot, (user, kind, secret)) in (0..).zip(credentials) {
            self.set_quietly(Setting::SetCredential { slot, put: Put::Set, user, kind, secret })?;
        }
        Ok(())
    }
}

const fn user(kind: UserKind, rule: CredentialRule) -> User {
    User { kind, rule, status: UserStatus::Enabled, not_before: None, not_after: None }
}
