//! Commands for a lock that is not reached now.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use lock_fleet::proto::{CommandId, CredentialKind, Mode, PinDigits, Seconds, Secret, TokenId, UnixMillis};
use lock_fleet::{Command, CommandState, FleetError, QueueOptions, SingleSetting, Task};
use zeroize::Zeroizing;

use super::request::{Body, Caller, lock_id, number};
use super::{Refusal, made};
use crate::Right;
use crate::log::fact;
use crate::messages::{Candour, CommandStage, CommandView, NewCommand, OutcomeView, Wish};
use crate::service::Service;
use crate::wish_name;

/// A lock refuses a sealed unlock that is older (section 5, age).
const LONGEST_MOTION: u32 = 60;

/// Thirty days.
const LONGEST_SETTING: u32 = 30 * 24 * 3_600;

/// `POST /v1/locks/{lock}/commands`: needs the right of the action.
pub(super) async fn queue(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path(lock): Path<String>,
    Body(new): Body<NewCommand>,
) -> Result<(StatusCode, Json<CommandView>), Refusal> {
    let lock = lock_id(&lock)?;
    service
        .blocking(move |service| {
            let rights = service.require(&who, lock, right_for(&new.action))?;
            let options = QueueOptions::new(wish_name::of(&who, &new.client_token)?, &who.name);
            let options = match validity(&new)? {
                Some(seconds) => {
                    options.not_after(UnixMillis(service.now().unix.0 + u64::from(seconds) * 1_000))
                }
                None => options,
            };
            let task = task(&new.action)?;
            let command = service.fleet(|fleet, now| {
                let id = fleet.queue(lock, task, options, now)?;
                fleet.command(lock, id)
            })?;
            let line = fact("queued")
                .with("by", &who.name)
                .with("lock", hex::encode(lock.0))
                .with("action", new.action.name());
            service.write(line.with("command", command.id.0));
            // Nobody may be listening; then it waits.
            let _ = service.queued().send(lock);
            Ok(made(view(&command, candour(rights.allow(Right::Status)))))
        })
        .await?
}

/// `GET /v1/locks/{lock}/commands/{command}`: needs `status`, or to have asked for it. A command of an earlier ownership is for the admin.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Caller(who): Caller,
    Path((lock, command)): Path<(String, String)>,
) -> Result<Json<CommandView>, Refusal> {
    let (lock, id) = (lock_id(&lock)?, CommandId(number(&command)?));
    service
        .blocking(move |service| {
            let rights = service.access().rights(&who, lock)?;
            if rights.are_empty() {
                return Err(Refusal::no_right(Right::Status));
            }
            if id < service.access().seen_from(&who, lock)?.command {
                return Err(FleetError::NoSuchCommand(id).into());
            }
            let command = service.fleet(|fleet, _| fleet.command(lock, id))?;
            if !rights.allow(Right::Status) && command.by != who.name {
                return Err(Refusal::no_right(Right::Status));
            }
            Ok(Json(view(&command, candour(rights.allow(Right::Status)))))
        })
        .await?
}

const fn right_for(wish: &Wish) -> Right {
    match wish {
        Wish::Lock => Right::Lock,
        Wish::Unlock => Right::Unlock,
        Wish::AutoRelock { .. }
        | Wish::SetPin { .. }
        | Wish::ClearPin { .. }
        | Wish::SetMode { .. }
        | Wish::EndLockout
        | Wish::SetUser { .. }
        | Wish::SetWindow { .. }
        | Wish::SetToken { .. }
        | Wish::SetHoliday { .. }
        | Wish::SetZone { .. }
        | Wish::SetNight { .. }
        | Wish::SetMechanics { .. }
        | Wish::SetPolicy { .. }
        | Wish::SetPowerSupply { .. }
        | Wish::Clear { .. } => Right::Configure,
    }
}

fn task(wish: &Wish) -> Result<Task, Refusal> {
    Ok(match wish {
        Wish::Lock => Task::Lock,
        Wish::Unlock => Task::Unlock,
        Wish::AutoRelock { seconds } => Task::AutoRelock(Seconds(*seconds)),
        Wish::SetPin { slot, digits, user, programming } => {
            let digits = PinDigits::from_ascii(digits.as_bytes())
                .map_err(|error| Refusal::malformed(format!("{error}; correct it")))?;
            if *programming {
                let (kind, secret) = (CredentialKind::ProgrammingPin, Secret::Pin(digits));
                Task::SetCredential { slot: *slot, user: *user, kind, secret }
            } else {
                Task::SetPin { slot: *slot, digits, user: *user }
            }
        }
        Wish::SetToken { slot, kind, id, user } => token(*slot, *kind, id, *user)?,
        Wish::SetHoliday { slot, holiday } => Task::SetHoliday { slot: *slot, holiday: *holiday },
        Wish::SetZone { zone } => Task::Set(SingleSetting::Zone(*zone)),
        Wish::SetNight { night } => Task::Set(SingleSetting::Night(*night)),
        Wish::SetMechanics { mechanics } => Task::Set(SingleSetting::Mechanics(*mechanics)),
        Wish::SetPolicy { policy } => Task::Set(SingleSetting::Policy(*policy)),
        Wish::SetPowerSupply { power_supply } => Task::Set(SingleSetting::PowerSupply(*power_supply)),
        Wish::ClearPin { slot } => Task::ClearPin { slot: *slot },
        Wish::SetMode { mode } => Task::SetMode(*mode),
        Wish::EndLockout => Task::EndLockout,
        Wish::SetUser { slot, user } => Task::SetUser { slot: *slot, user: *user },
        Wish::SetWindow { slot, window } => Task::SetWindow { slot: *slot, window: *window },
        Wish::Clear { table, slot } => Task::Clear { table: *table, slot: *slot },
    })
}

fn token(slot: u8, kind: CredentialKind, id: &str, user: Option<u8>) -> Result<Task, Refusal> {
    let malformed = || Refusal::malformed("what a reader reads has 1 to 16 bytes in hex digits; correct it");
    if kind.is_pin() {
        return Err(Refusal::malformed("a PIN code has digits; set it with `set_pin`"));
    }
    let bytes = Zeroizing::new(hex::decode(id).map_err(|_| malformed())?);
    let secret = Secret::Token(TokenId::from_bytes(&bytes).map_err(|_| malformed())?);
    Ok(Task::SetCredential { slot, user, kind, secret })
}

/// For how many seconds a command may be executed; `None` for a setting that does not expire.
fn validity(new: &NewCommand) -> Result<Option<u32>, Refusal> {
    let (longest, kind) = match new.action {
        Wish::Lock | Wish::Unlock => (LONGEST_MOTION, "motion"),
        Wish::EndLockout => (LONGEST_MOTION, "end of a lockout"),
        // A door that is free is as good as one that was unlocked.
        Wish::SetMode { mode: Mode::Passage } => (LONGEST_MOTION, "passage mode"),
        Wish::AutoRelock { .. }
        | Wish::SetPin { .. }
        | Wish::ClearPin { .. }
        | Wish::SetMode { .. }
        | Wish::SetUser { .. }
        | Wish::SetWindow { .. }
        | Wish::SetToken { .. }
        | Wish::SetHoliday { .. }
        | Wish::SetZone { .. }
        | Wish::SetNight { .. }
        | Wish::SetMechanics { .. }
        | Wish::SetPolicy { .. }
        | Wish::SetPowerSupply { .. }
        | Wish::Clear { .. } => (LONGEST_SETTING, "setting"),
    };
    match (new.valid_for_seconds, kind) {
        (None, _) if longest == LONGEST_MOTION => Ok(Some(LONGEST_MOTION)),
        (None, _) => Ok(None),
        (Some(seconds), _) if (1..=longest).contains(&seconds) => Ok(Some(seconds)),
        (Some(_), _) => Err(Refusal::malformed(format!(
            "a {kind} is valid for 1 to {longest} s; choose `valid_for_seconds` in between"
        ))),
    }
}

const fn candour(may_see_status: bool) -> Candour {
    if may_see_status { Candour::Full } else { Candour::Coarse }
}

/// For somebody who may configure the lock.
pub(super) fn full_view(command: &Command) -> CommandView {
    view(command, Candour::Full)
}

fn view(command: &Command, candour: Candour) -> CommandView {
    let (stage, outcome) = match command.state {
        CommandState::Queued => (CommandStage::Queued, None),
        CommandState::Sealed => (CommandStage::Sealed, None),
        CommandState::HandedOver => (CommandStage::HandedOver, None),
        CommandState::Started => (CommandStage::Started, None),
        CommandState::Settled(outcome) => (CommandStage::Settled, Some(OutcomeView::new(outcome, candour))),
        CommandState::Expired => (CommandStage::Withdrawn, None),
        CommandState::Unexecuted => (CommandStage::NeverExecuted, None),
        CommandState::Replaced { .. } => (CommandStage::Replaced, None),
        CommandState::Unknown => (CommandStage::Unknown, None),
    };
    let sentence =
        outcome.as_ref().map_or_else(|| command.state.to_string(), |outcome| outcome.sentence.clone());
    CommandView {
        command_id: command.id.0,
        action: action_name(command).to_owned(),
        stage,
        outcome,
        sentence,
    }
}

const fn action_name(command: &Command) -> &'static str {
    use lock_fleet::CommandKind;
    match command.kind {
        CommandKind::Lock => "lock",
        CommandKind::Unlock => "unlock",
        CommandKind::AutoRelock { .. } => "auto_relock",
        CommandKind::SetPin { .. } => "set_pin",
        CommandKind::ClearPin { .. } => "clear_pin",
        CommandKind::SetMode(_) => "set_mode",
        CommandKind::EndLockout => "end_lockout",
        CommandKind::SetUser { .. } => "set_user",
        CommandKind::SetWindow { .. } => "set_window",
        CommandKind::SetCredential { kind, .. } => {
            if kind.is_pin() {
                "set_pin"
            } else {
                "set_token"
            }
        }
        CommandKind::SetHoliday { .. } => "set_holiday",
        CommandKind::Set { setting, .. } => match setting {
            SingleSetting::Mechanics(_) => "set_mechanics",
            SingleSetting::Policy(_) => "set_policy",
            SingleSetting::Night(_) => "set_night",
            SingleSetting::Zone(_) => "set_zone",
            SingleSetting::PowerSupply(_) => "set_power_supply",
        },
        CommandKind::Clear { .. } => "clear",
        CommandKind::OfflineCodes { .. } => "offline_codes",
        CommandKind::RevokeTickets { .. } => "revoke_virtual_keys",
        CommandKind::DenyTicket { .. } => "revoke_virtual_key",
        CommandKind::RestoreCredential { .. } => "restore_credential",
        CommandKind::AdoptPinKey { .. } => "adopt_backup",
        CommandKind::AcknowledgeLog { .. } => "acknowledge_log",
        CommandKind::EndOwnership { .. } => "end_ownership",
        CommandKind::OfferUpdate(_) => "offer_firmware",
        CommandKind::InstallUpdate { .. } => "install_firmware",
    }
}
