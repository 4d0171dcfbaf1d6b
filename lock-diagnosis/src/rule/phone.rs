//! The phone, its app and its radio.

use super::{Rule, weigh};
use crate::cause::Cause;
use crate::cause::Family::Phone;
use crate::sign::Sign::*;
use crate::step::Helper::Maker;
use crate::step::Step;

pub(super) static RULES: [Rule; 7] = [
    Rule {
        cause: Cause::BluetoothOff,
        family: Phone,
        prior: 0,
        evidence: &[
            weigh(BluetoothOn, -22, 20),
            weigh(OtherPhoneConnects, 5, -6),
            weigh(ConnectsClose, -10, 2),
        ],
        cures: &[Step::BluetoothOn],
        helper: Maker,
    },
    Rule {
        cause: Cause::LocationOff,
        family: Phone,
        prior: -4,
        evidence: &[
            weigh(LocationOn, -22, 22),
            weigh(OtherPhoneConnects, 5, -6),
            weigh(ConnectsClose, -10, 2),
        ],
        cures: &[Step::LocationOn],
        helper: Maker,
    },
    Rule {
        cause: Cause::AppOutdated,
        family: Phone,
        prior: -5,
        evidence: &[
            weigh(AppCurrent, -20, 22),
            weigh(OtherPhoneConnects, 5, -4),
            weigh(ConnectsClose, -6, 2),
        ],
        cures: &[Step::UpdateApp],
        helper: Maker,
    },
    Rule {
        cause: Cause::NotPaired,
        family: Phone,
        prior: -4,
        evidence: &[weigh(Paired, -20, 22), weigh(OtherPhoneConnects, 5, -4), weigh(ConnectsClose, -12, 3)],
        cures: &[Step::PairPhone],
        helper: Maker,
    },
    Rule {
        cause: Cause::OutOfRange,
        family: Phone,
        prior: -3,
        evidence: &[
            weigh(ConnectsClose, 16, -14),
            weigh(SignalStrong, -10, 10),
            weigh(OtherPhoneConnects, -3, 0),
            weigh(RadiosNear, -3, 3),
            weigh(LinkDrops, 3, -1),
        ],
        cures: &[Step::MoveCloser],
        helper: Maker,
    },
    Rule {
        cause: Cause::Interference,
        family: Phone,
        prior: -6,
        evidence: &[
            weigh(RadiosNear, 12, -10),
            weigh(LinkDrops, 10, -3),
            weigh(SignalStrong, 2, 0),
            weigh(Intermittent, 5, -2),
            weigh(ConnectsClose, 2, 0),
            weigh(AppConnects, 10, -1),
        ],
        cures: &[Step::MoveRadios],
        helper: Maker,
    },
    Rule {
        cause: Cause::PhoneStuck,
        family: Phone,
        prior: -7,
        evidence: &[
            weigh(OtherPhoneConnects, 12, -12),
            weigh(BluetoothOn, 3, -10),
            weigh(LocationOn, 2, -8),
            weigh(AppCurrent, 2, -6),
            weigh(Paired, 3, -8),
            weigh(ConnectsClose, -12, 3),
        ],
        cures: &[Step::RestartPhone, Step::ReinstallApp],
        helper: Maker,
    },
];
