//! The electronics as a whole, and the program that runs on them.

use super::{Rule, weigh};
use crate::cause::Cause;
use crate::cause::Family::{Electronics, Firmware};
use crate::sign::Sign::*;
use crate::step::Helper::Maker;
use crate::step::Step;

pub(super) static RULES: [Rule; 6] = [
    Rule {
        cause: Cause::ControllerFaulty,
        family: Electronics,
        prior: -11,
        evidence: &[
            weigh(WakesWhenFed, -14, 6),
            weigh(Wakes, -4, 6),
            weigh(KeypadLit, -2, 2),
            weigh(MotorHeard, -2, 3),
            weigh(CellsNew, 7, -4),
            weigh(CellsOfRightType, 3, -6),
            weigh(CellsRightWay, 2, -8),
            weigh(ContactsClean, 2, -6),
            weigh(WiresFirm, 2, -6),
            weigh(CellsGood, 2, -1),
            weigh(WatchdogFired, 4, -1),
            weigh(AppConnects, -5, 3),
        ],
        cures: &[Step::UseKey, Step::PowerCycle, Step::RePair, Step::FactoryReset],
        helper: Maker,
    },
    Rule {
        cause: Cause::LockHung,
        family: Electronics,
        prior: -7,
        evidence: &[
            weigh(WakesWhenFed, -8, 3),
            weigh(WatchdogFired, 18, -2),
            weigh(Wakes, 0, 3),
            weigh(CellsNew, 4, -3),
            weigh(CellsGood, 2, -2),
            weigh(CellsOfRightType, 2, -6),
            weigh(CellsRightWay, 2, -8),
            weigh(ContactsClean, 2, -6),
            weigh(WiresFirm, 2, -6),
            weigh(AppConnects, -4, 3),
            weigh(MotorHeard, -4, 2),
            weigh(Intermittent, 3, 0),
        ],
        cures: &[Step::UseKey, Step::PowerCycle, Step::RePair, Step::FactoryReset],
        helper: Maker,
    },
    Rule {
        cause: Cause::RadioFaulty,
        family: Electronics,
        prior: -11,
        evidence: &[
            weigh(RadioTested, -8, 7),
            weigh(AppConnects, -14, 8),
            weigh(ConnectsClose, -14, 7),
            weigh(OtherPhoneConnects, -14, 9),
            weigh(BluetoothOn, 3, -12),
            weigh(BoltFollows, 8, -3),
            weigh(Wakes, 1, -8),
            weigh(LinkDrops, 3, 0),
            weigh(Intermittent, -6, 1),
            weigh(ShowsTruth, -3, 3),
        ],
        cures: &[Step::PowerCycle, Step::RePair],
        helper: Maker,
    },
    Rule {
        cause: Cause::FirmwareOutdated,
        family: Firmware,
        prior: -7,
        evidence: &[
            weigh(FirmwareCurrent, -20, 24),
            weigh(NeedsCare, 8, 0),
            weigh(Intermittent, 4, -1),
            weigh(BoltFollows, 3, -4),
            weigh(AppConnects, 0, 3),
            weigh(OtherPhoneConnects, -4, 4),
            weigh(UpdateFailed, -4, 0),
            weigh(WatchdogFired, 3, 0),
            weigh(Wakes, 0, -10),
        ],
        cures: &[Step::UpdateFirmware],
        helper: Maker,
    },
    Rule {
        cause: Cause::UpdateFailed,
        family: Firmware,
        prior: -7,
        evidence: &[weigh(UpdateFailed, 26, -12), weigh(NeedsCare, 8, 0), weigh(Wakes, 0, -4)],
        cures: &[Step::RetryUpdate, Step::PowerCycle],
        helper: Maker,
    },
    Rule {
        cause: Cause::UpdateInterrupted,
        family: Firmware,
        prior: -7,
        evidence: &[
            weigh(UpdateUnfinished, 24, -14),
            weigh(NeedsCare, 8, 0),
            weigh(UpdateFailed, -4, 0),
            weigh(LostPower, 3, 0),
        ],
        cures: &[Step::RetryUpdate, Step::PowerCycle],
        helper: Maker,
    },
];
