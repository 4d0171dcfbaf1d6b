//! Sensors, and what people see, hear and touch.

use super::{Rule, weigh};
use crate::cause::Cause;
use crate::cause::Family::Parts;
use crate::sign::Sign::*;
use crate::step::Helper::{Locksmith, Maker};
use crate::step::Step;

pub(super) static RULES: [Rule; 10] = [
    Rule {
        cause: Cause::BoltSensorFaulty,
        family: Parts,
        prior: -7,
        evidence: &[
            weigh(BoltSensorGood, -20, 26),
            weigh(LockShowsTruth, -12, 11),
            weigh(HandTurnShown, 0, -3),
            weigh(ShowsTruth, -8, 4),
        ],
        cures: &[Step::Calibrate, Step::PowerCycle],
        helper: Maker,
    },
    Rule {
        cause: Cause::TurnSensorFaulty,
        family: Parts,
        prior: -7,
        evidence: &[
            weigh(TurnSensorGood, -20, 26),
            weigh(HandTurnShown, -14, 14),
            weigh(LockShowsTruth, -4, 3),
            weigh(ShowsTruth, -6, 3),
        ],
        cures: &[Step::Calibrate],
        helper: Maker,
    },
    Rule {
        cause: Cause::DoorSensorFaulty,
        family: Parts,
        prior: -7,
        evidence: &[
            weigh(DoorSensorTested, -8, 14),
            weigh(DoorSensorGood, -20, 24),
            weigh(DoorShown, -14, 11),
            weigh(NewlyInstalled, -6, 3),
            weigh(ShowsTruth, -6, 3),
        ],
        cures: &[Step::SetUpDoorSensor, Step::PowerCycle],
        helper: Maker,
    },
    Rule {
        cause: Cause::DoorSensorNotSetUp,
        family: Parts,
        prior: -8,
        evidence: &[
            weigh(DoorSensorTested, -3, 8),
            weigh(DoorShown, -12, 11),
            weigh(NewlyInstalled, 9, -6),
            weigh(DoorSensorGood, 2, -4),
            weigh(ShowsTruth, -6, 3),
        ],
        cures: &[Step::SetUpDoorSensor],
        helper: Maker,
    },
    Rule {
        cause: Cause::LightFaulty,
        family: Parts,
        prior: -7,
        evidence: &[
            weigh(LightGood, -20, 26),
            weigh(PartsWork, -12, 8),
            weigh(KeypadGood, 2, -2),
            weigh(BuzzerGood, 3, -2),
        ],
        cures: &[Step::PowerCycle],
        helper: Maker,
    },
    Rule {
        cause: Cause::BuzzerFaulty,
        family: Parts,
        prior: -7,
        evidence: &[
            weigh(BuzzerGood, -20, 24),
            weigh(PartsWork, -12, 8),
            weigh(SoundOn, 3, -14),
            weigh(LightGood, 3, -2),
        ],
        cures: &[Step::PowerCycle],
        helper: Maker,
    },
    Rule {
        cause: Cause::Muted,
        family: Parts,
        prior: -6,
        evidence: &[weigh(SoundOn, -22, 20), weigh(PartsWork, -12, 8), weigh(BuzzerGood, -4, 3)],
        cures: &[Step::TurnSoundOn],
        helper: Maker,
    },
    Rule {
        cause: Cause::KeypadFaulty,
        family: Parts,
        prior: -7,
        evidence: &[
            weigh(KeypadGood, -18, 24),
            weigh(PartsWork, -12, 8),
            weigh(KeypadLit, -3, 3),
            weigh(KeypadOpens, -15, 9),
            weigh(KeypadCellGood, 2, -16),
            weigh(AppConnects, 4, -4),
        ],
        cures: &[Step::PowerCycle],
        helper: Maker,
    },
    Rule {
        cause: Cause::KeypadCellEmpty,
        family: Parts,
        prior: -7,
        evidence: &[
            weigh(KeypadCellGood, -22, 22),
            weigh(PartsWork, -12, 8),
            weigh(KeypadGood, -8, 4),
            weigh(KeypadOpens, -8, 7),
            weigh(KeypadLit, -5, 4),
            weigh(AppConnects, 3, -4),
        ],
        cures: &[Step::ReplaceKeypadCell],
        helper: Maker,
    },
    Rule {
        cause: Cause::CoverOff,
        family: Parts,
        prior: -6,
        evidence: &[weigh(CoverClosed, -20, 24), weigh(PartsWork, -12, 8), weigh(NewlyInstalled, 1, -1)],
        cures: &[Step::CloseCover],
        helper: Locksmith,
    },
];
