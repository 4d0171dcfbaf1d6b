//! The steps as data: one row each.

use super::{Risk, Rung, Step, StopIf};
use crate::place::Place;
use crate::sign::Seen::{self, No, Yes};
use crate::sign::Sign;

/// What is known of a step.
pub(super) struct Row {
    pub(super) rung: Rung,
    pub(super) risk: Risk,
    pub(super) stop_if: StopIf,
    pub(super) place: Place,
    pub(super) opens: bool,
    pub(super) shows: Option<Sign>,
    pub(super) mends: bool,
    pub(super) makes_so: &'static [(Sign, Seen)],
    pub(super) only_if: Option<(Sign, Seen)>,
}

/// A step on this rung that risks nothing and can be done anywhere.
const fn on(rung: Rung, stop_if: StopIf) -> Row {
    Row {
        rung,
        risk: Risk::None,
        stop_if,
        place: Place::Anywhere,
        opens: false,
        shows: None,
        mends: true,
        makes_so: &[],
        only_if: None,
    }
}

const POWER: Row = on(Rung::Power, StopIf::CellsHot).inside();
const KEY: Row = on(Rung::PhysicalKey, StopIf::NeedsForce);
const ALIGNMENT: Row = on(Rung::Alignment, StopIf::NeedsForce);
const ACCESS: Row = on(Rung::Access, StopIf::Uneasy);
const CONNECTION: Row = on(Rung::Connection, StopIf::Uneasy);
const UPDATE: Row = on(Rung::Update, StopIf::Uneasy);
const POWER_CYCLE: Row = on(Rung::PowerCycle, StopIf::Uneasy);
const RESET: Row = on(Rung::FactoryReset, StopIf::OnlyWayIn).inside();
const DISMANTLE: Row = on(Rung::Dismantle, StopIf::NeedsForce).inside();

impl Row {
    const fn risks(self, risk: Risk) -> Self {
        Self { risk, ..self }
    }

    const fn stops_if(self, stop_if: StopIf) -> Self {
        Self { stop_if, ..self }
    }

    /// Its outcome says whether `sign` is so.
    const fn shows(self, sign: Sign) -> Self {
        Self { shows: Some(sign), ..self }
    }

    /// The same, and it mends nothing.
    const fn tests(self, sign: Sign) -> Self {
        Self { shows: Some(sign), mends: false, ..self }
    }

    const fn inside(self) -> Self {
        Self { place: Place::Inside, ..self }
    }

    const fn anywhere(self) -> Self {
        Self { place: Place::Anywhere, ..self }
    }

    /// Only for who is locked out.
    const fn outside(self) -> Self {
        Self { place: Place::Outside, ..self }
    }

    /// Whoever is locked out gets in by it.
    const fn opens(self) -> Self {
        Self { opens: true, ..self }
    }

    /// It makes sense only where that is known.
    const fn only_if(self, sign: Sign, seen: Seen) -> Self {
        Self { only_if: Some((sign, seen)), ..self }
    }

    const fn makes(self, makes_so: &'static [(Sign, Seen)]) -> Self {
        Self { makes_so, ..self }
    }
}

impl Step {
    pub(super) const fn row(self) -> Row {
        match self {
            Self::ReplaceCells => POWER.makes(&[(Sign::CellsNew, Yes)]),
            Self::UseRightCells => POWER.makes(&[(Sign::CellsNew, Yes), (Sign::CellsOfRightType, Yes)]),
            Self::PlaceCells => POWER.makes(&[(Sign::CellsRightWay, Yes)]),
            Self::CleanContacts => POWER.makes(&[(Sign::ContactsClean, Yes)]),
            Self::WarmCells => POWER,
            Self::FeedFromOutside => POWER.outside().opens().tests(Sign::WakesWhenFed),
            Self::PlugIn => POWER.stops_if(StopIf::Uneasy).makes(&[(Sign::MainsPresent, Yes)]),
            Self::CheckWires => {
                POWER.risks(Risk::LiveWire).stops_if(StopIf::CannotSwitchOff).makes(&[(Sign::WiresFirm, Yes)])
            }
            Self::ReplaceKeypadCell => POWER.anywhere().makes(&[(Sign::KeypadCellGood, Yes)]),
            Self::UseKey => KEY.opens().tests(Sign::KeyTurns),
            Self::AskAnother => KEY.outside().opens().stops_if(StopIf::Uneasy).tests(Sign::OtherCodeOpens),
            Self::LubricateCylinder => KEY.shows(Sign::KeyTurns).only_if(Sign::KeyTurns, No),
            Self::ShutDoor => ALIGNMENT.stops_if(StopIf::OnlyWayIn).makes(&[(Sign::DoorShut, Yes)]),
            Self::PressDoor => ALIGNMENT.opens().tests(Sign::FreeWhenPressed),
            Self::ClearStrike => {
                ALIGNMENT.inside().stops_if(StopIf::Uneasy).makes(&[(Sign::StrikeClear, Yes)])
            }
            Self::AdjustStrike => ALIGNMENT.inside().risks(Risk::ShutsOut),
            Self::ShimHinges => ALIGNMENT.inside().risks(Risk::ShutsOut).makes(&[(Sign::GapEven, Yes)]),
            Self::LoosenScrews => ALIGNMENT.inside().shows(Sign::FreeWhenLoosened).risks(Risk::ShutsOut),
            Self::RemountLock => ALIGNMENT.inside().risks(Risk::ShutsOut).makes(&[(Sign::MountedFirm, Yes)]),
            Self::ThawLock => ALIGNMENT,
            Self::Calibrate => ALIGNMENT.inside().risks(Risk::ShutsOut).makes(&[(Sign::Calibrated, Yes)]),
            Self::SetUpDoorSensor => ALIGNMENT.inside().stops_if(StopIf::Uneasy),
            Self::CloseCover => {
                ALIGNMENT.inside().stops_if(StopIf::Uneasy).makes(&[(Sign::CoverClosed, Yes)])
            }
            Self::CheckCode => ACCESS,
            Self::ResetCode => ACCESS,
            Self::WaitLockout => ACCESS.makes(&[(Sign::InLockout, No)]),
            Self::EnableUser => ACCESS,
            Self::ChangeSchedule => ACCESS,
            Self::LeaveVacation => ACCESS.makes(&[(Sign::InVacation, No)]),
            // Whoever is outside rings the bell.
            Self::LeavePrivacy => ACCESS.makes(&[(Sign::InPrivacy, No)]),
            Self::AllowRemote => ACCESS.makes(&[(Sign::InNoRemote, No)]),
            Self::SyncClock => ACCESS.makes(&[(Sign::ClockTrusted, Yes)]),
            Self::RecoverMasterCode => ACCESS.makes(&[(Sign::MasterCodeKnown, Yes)]),
            Self::GrantRight => ACCESS,
            Self::TurnSoundOn => ACCESS.makes(&[(Sign::SoundOn, Yes)]),
            Self::BluetoothOn => CONNECTION.makes(&[(Sign::BluetoothOn, Yes)]),
            Self::LocationOn => CONNECTION.makes(&[(Sign::LocationOn, Yes)]),
            Self::UpdateApp => CONNECTION.makes(&[(Sign::AppCurrent, Yes)]),
            Self::PairPhone => CONNECTION.risks(Risk::LosesPairing).makes(&[(Sign::Paired, Yes)]),
            Self::MoveCloser => CONNECTION.shows(Sign::ConnectsClose),
            Self::MoveRadios => CONNECTION.inside().makes(&[(Sign::RadiosNear, No)]),
            Self::RestartPhone => CONNECTION,
            Self::ReinstallApp => CONNECTION.risks(Risk::LosesPairing),
            Self::RestartRouter => CONNECTION.inside(),
            Self::RestartHub => CONNECTION.inside(),
            Self::MoveHub => CONNECTION.inside().makes(&[(Sign::HubNear, Yes)]),
            Self::SecureWifi => CONNECTION.inside().makes(&[(Sign::WifiSecured, Yes)]),
            Self::UpdateFirmware => UPDATE.makes(&[(Sign::FirmwareCurrent, Yes)]),
            Self::RetryUpdate => UPDATE.inside(),
            Self::PowerCycle => POWER_CYCLE.inside(),
            Self::RePair => POWER_CYCLE.risks(Risk::LosesPairing),
            Self::FactoryReset => RESET.risks(Risk::LosesSettings),
            Self::OpenLock => DISMANTLE.risks(Risk::EndsWarranty),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_stand_in_the_order_of_the_ladder() {
        assert!(Step::ALL.is_sorted_by_key(|step| step.rung()));
    }

    #[test]
    fn what_is_erased_is_said_and_comes_after_all_that_erases_nothing() {
        for step in Step::ALL {
            assert_eq!(step.risk() == Risk::LosesSettings, step.rung() == Rung::FactoryReset, "{step:?}");
        }
    }

    #[test]
    fn whoever_is_locked_out_can_take_each_way_in_and_it_mends_nothing() {
        for step in Step::ALL.into_iter().filter(|step| step.is_way_in()) {
            assert!(step.is_test() && step.place() != Place::Inside && step.shows().is_some(), "{step:?}");
        }
        for step in Step::ALL.into_iter().filter(|step| step.place() == Place::Outside) {
            assert!(step.is_way_in(), "{step:?} is for nobody who can get in");
        }
    }
}
