//! Wi-Fi, hub and internet.

use super::{Rule, weigh};
use crate::cause::Cause;
use crate::cause::Family::Network;
use crate::sign::Sign::*;
use crate::step::Helper::{self, Maker, Provider};
use crate::step::Step;

pub(super) static RULES: [Rule; 6] = [
    Rule {
        cause: Cause::WifiDown,
        family: Network,
        prior: -3,
        evidence: &[
            weigh(RadioTested, -2, 8),
            weigh(WifiUp, -22, 20),
            weigh(AppConnects, 3, 0),
            weigh(LostPower, 2, 0),
        ],
        cures: &[Step::RestartRouter],
        helper: Provider,
    },
    Rule {
        cause: Cause::HubDown,
        family: Network,
        prior: -4,
        evidence: &[
            weigh(RadioTested, -2, 8),
            weigh(HubUp, -22, 20),
            weigh(WifiUp, 2, -4),
            weigh(AppConnects, 3, 0),
            weigh(LostPower, 2, 0),
        ],
        cures: &[Step::RestartHub],
        helper: Maker,
    },
    Rule {
        cause: Cause::HubStale,
        family: Network,
        prior: -4,
        evidence: &[
            weigh(ShowsTruth, -15, 8),
            weigh(LockShowsTruth, 10, -14),
            weigh(BoltSensorGood, 3, -10),
            weigh(HubNear, 3, -3),
            weigh(DoorShown, 0, -8),
        ],
        cures: &[Step::RestartHub, Step::RePair],
        helper: Maker,
    },
    Rule {
        cause: Cause::HubFar,
        family: Network,
        prior: -6,
        evidence: &[
            weigh(RadioTested, -2, 5),
            weigh(HubNear, -14, 14),
            weigh(SignalStrong, -8, 6),
            weigh(ShowsTruth, -4, 4),
            weigh(LockShowsTruth, 4, -8),
            weigh(Intermittent, 4, -2),
        ],
        cures: &[Step::MoveHub],
        helper: Maker,
    },
    Rule {
        cause: Cause::WifiInsecure,
        family: Network,
        prior: -9,
        evidence: &[weigh(WifiSecured, -20, 28), weigh(NeedsCare, 8, 0)],
        cures: &[Step::SecureWifi],
        helper: Provider,
    },
    Rule {
        cause: Cause::NoRemoteMode,
        family: Network,
        prior: -6,
        evidence: &[weigh(InNoRemote, 24, -18), weigh(ModeRefused, 5, -1), weigh(AppConnects, 2, -4)],
        cures: &[Step::AllowRemote],
        helper: Helper::Owner,
    },
];
