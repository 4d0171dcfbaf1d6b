//! Codes, users, modes and the clock.

use super::{Rule, weigh};
use crate::cause::Cause;
use crate::cause::Family::Access;
use crate::sign::Sign::*;
use crate::step::Helper::{Locksmith, Maker, Owner};
use crate::step::Step;

pub(super) static RULES: [Rule; 9] = [
    Rule {
        cause: Cause::WrongCode,
        family: Access,
        prior: 0,
        evidence: &[
            weigh(WrongCodesCounted, 10, -8),
            weigh(OtherCodeOpens, 5, -3),
            weigh(InLockout, -2, 0),
            weigh(OpensAtOtherHours, -12, 1),
            weigh(InVacation, -6, 1),
            weigh(InPrivacy, -6, 1),
            weigh(ClockTrusted, 0, -2),
        ],
        cures: &[Step::CheckCode, Step::ResetCode],
        helper: Locksmith,
    },
    Rule {
        cause: Cause::CodeDisabled,
        family: Access,
        prior: -5,
        evidence: &[
            weigh(UserRefused, 20, -8),
            weigh(OtherCodeOpens, 7, -7),
            weigh(OpensAtOtherHours, -12, 3),
            weigh(WrongCodesCounted, -3, 1),
        ],
        cures: &[Step::EnableUser, Step::ResetCode],
        helper: Owner,
    },
    Rule {
        cause: Cause::OutsideSchedule,
        family: Access,
        prior: -5,
        evidence: &[
            weigh(ScheduleRefused, 20, -8),
            weigh(OpensAtOtherHours, 16, -9),
            weigh(OtherCodeOpens, 5, -5),
            weigh(WrongCodesCounted, -3, 1),
            weigh(ClockTrusted, 1, -6),
        ],
        cures: &[Step::ChangeSchedule],
        helper: Owner,
    },
    Rule {
        cause: Cause::LockedOut,
        family: Access,
        prior: -4,
        evidence: &[
            weigh(InLockout, 24, -16),
            weigh(WrongCodesCounted, 4, -4),
            weigh(OtherCodeOpens, -12, 5),
        ],
        cures: &[Step::WaitLockout],
        helper: Locksmith,
    },
    Rule {
        cause: Cause::VacationMode,
        family: Access,
        prior: -6,
        evidence: &[weigh(InVacation, 22, -18), weigh(ModeRefused, 6, -1), weigh(OtherCodeOpens, -4, 3)],
        cures: &[Step::LeaveVacation],
        helper: Owner,
    },
    Rule {
        cause: Cause::PrivacyMode,
        family: Access,
        prior: -6,
        evidence: &[weigh(InPrivacy, 22, -18), weigh(ModeRefused, 6, -1), weigh(OtherCodeOpens, -4, 3)],
        cures: &[Step::LeavePrivacy],
        helper: Owner,
    },
    Rule {
        cause: Cause::ClockLost,
        family: Access,
        prior: -6,
        evidence: &[
            weigh(ClockTested, -2, 5),
            weigh(ClockTrusted, -14, 10),
            weigh(ClockRefused, 14, -4),
            weigh(LostPower, 12, -6),
            weigh(OtherCodeOpens, 3, -3),
            weigh(ScheduleRefused, -3, 0),
        ],
        cures: &[Step::SyncClock],
        helper: Owner,
    },
    Rule {
        cause: Cause::MasterCodeForgotten,
        family: Access,
        prior: -8,
        evidence: &[weigh(MasterCodeKnown, -20, 28), weigh(NeedsCare, 8, -4)],
        cures: &[Step::RecoverMasterCode, Step::FactoryReset],
        helper: Maker,
    },
    Rule {
        cause: Cause::NoRight,
        family: Access,
        prior: -8,
        evidence: &[
            weigh(RightsRefused, 28, -8),
            weigh(OtherPhoneConnects, 3, -3),
            weigh(CodeRefused, -4, 2),
        ],
        cures: &[Step::GrantRight],
        helper: Owner,
    },
];
