//! What a cloud asks of a lock.
#![allow(unsafe_code)]

use lock_core::proto::{
    Action, CommandId, CredentialKind, Mode, PinDigits, Put, Query, Request as CoreRequest, Seconds, Secret,
    Setting, Table,
};

use super::Held;
use crate::{Status, gate, words};

/// What a cloud asks of a lock. Zero it first (`= {0}`): what `ask` does not name is not looked at.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Of a command: 0 for a new one; the number that it was given, where it is asked once more: it is not done twice. Of `LK_ASK_OUTCOME`: the command.
    pub command: u64,
    /// Of `LK_ASK_DENY_KEY`: the number of the key.
    pub serial: u64,
    /// Of `LK_ASK_SET_PIN`: the code, 4 to 10 ASCII digits.
    pub digits: *const u8,
    /// How many.
    pub digits_length: usize,
    /// Of `LK_ASK_REVOKE_KEYS` and `LK_ASK_DENY_KEY`: the revocation epoch.
    pub epoch: u32,
    /// Of a setting: the number of the resulting configuration, which exceeds the lock's.
    pub version: u32,
    /// Of `LK_ASK_UNLOCK_FOR` and `LK_ASK_SET_RELOCK`: how long, in seconds.
    pub seconds: u32,
    /// An `lk_ask`.
    pub ask: u8,
    /// Of `LK_ASK_SET_MODE`: an `lk_mode`.
    pub mode: u8,
    /// Of `LK_ASK_SET_PIN` and `LK_ASK_CLEAR_PIN`: the slot of the credential, from 0.
    pub slot: u8,
}

/// Which number a request takes.
pub(super) enum Number {
    /// None: it is a question, or the number was given before.
    None,
    /// The next.
    Next,
}

impl Request {
    /// The request, with the number of its command, 0 where it is none.
    ///
    /// # Safety
    /// The digits are null or valid for reads.
    pub(super) unsafe fn read(&self, held: &Held) -> Result<(CoreRequest, u64, Number), Status> {
        if let Some(question) = self.question()? {
            return Ok((question, 0, Number::None));
        }
        // SAFETY: as the caller vouches.
        let action = unsafe { self.action() }?;
        let (id, number) = match self.command {
            0 => (held.commands.next()?, Number::Next),
            known if held.commands.has_used(known) => (known, Number::None),
            _ => return Err(Status::BadValue),
        };
        Ok((CoreRequest::Command { id: CommandId(id), action }, id, number))
    }

    fn question(&self) -> Result<Option<CoreRequest>, Status> {
        Ok(match self.ask {
            ask if ask == words::Ask::Nothing as u8 => Some(CoreRequest::Nothing),
            ask if ask == words::Ask::Status as u8 => Some(CoreRequest::Query(Query::Status)),
            ask if ask == words::Ask::Outcome as u8 && self.command == 0 => return Err(Status::BadValue),
            ask if ask == words::Ask::Outcome as u8 => {
                Some(CoreRequest::Query(Query::Command(CommandId(self.command))))
            }
            _ => None,
        })
    }

    /// # Safety
    /// The digits are null or valid for reads.
    unsafe fn action(&self) -> Result<Action, Status> {
        let seconds = Seconds(self.seconds);
        let configure = |setting| Ok(Action::Configure { version: self.version, setting });
        match self.ask {
            ask if ask == words::Ask::Lock as u8 => Ok(Action::Lock),
            ask if ask == words::Ask::Unlock as u8 => Ok(Action::Unlock),
            ask if ask == words::Ask::Unlatch as u8 => Ok(Action::Unlatch),
            ask if ask == words::Ask::LockNGo as u8 => Ok(Action::LockNGo),
            ask if ask == words::Ask::UnlockFor as u8 => Ok(Action::UnlockFor { delay: seconds }),
            ask if ask == words::Ask::SetMode as u8 => {
                Mode::from_number(self.mode).map(Action::SetMode).ok_or(Status::BadValue)
            }
            ask if ask == words::Ask::Calibrate as u8 => Ok(Action::Calibrate),
            ask if ask == words::Ask::SelfTest as u8 => Ok(Action::SelfTest),
            ask if ask == words::Ask::EndLockout as u8 => Ok(Action::EndLockout),
            ask if ask == words::Ask::RevokeKeys as u8 => Ok(Action::RevokeTickets { epoch: self.epoch }),
            ask if ask == words::Ask::DenyKey as u8 => {
                Ok(Action::DenyTicket { epoch: self.epoch, serial: self.serial })
            }
            ask if ask == words::Ask::SetRelock as u8 => configure(Setting::AutoRelock(seconds)),
            // SAFETY: as the caller vouches.
            ask if ask == words::Ask::SetPin as u8 => configure(unsafe { self.pin() }?),
            ask if ask == words::Ask::ClearPin as u8 => {
                configure(Setting::Clear { table: Table::Credentials, slot: self.slot })
            }
            _ => Err(Status::BadValue),
        }
    }

    /// # Safety
    /// The digits are null or valid for reads.
    unsafe fn pin(&self) -> Result<Setting, Status> {
        // SAFETY: as the caller vouches.
        let digits = unsafe { gate::bytes(self.digits, self.digits_length) }?;
        let digits = PinDigits::from_ascii(digits).map_err(|_| Status::BadValue)?;
        Ok(Setting::SetCredential {
            slot: self.slot,
            put: Put::Set,
            user: None,
            kind: CredentialKind::Pin,
            secret: Secret::Pin(digits),
        })
    }
}

impl Held {
    /// Burns the number that a request took.
    pub(super) fn took(&mut self, number: &Number) {
        match number {
            Number::None => {}
            Number::Next => self.commands.burn(),
        }
    }
}
