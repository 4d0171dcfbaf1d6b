//! Battery.

use lock_core::proto::{BootReason, Celsius, Millivolts};
use lock_diagnosis::{Cause, Confidence, Step};

use super::Case;
use crate::Rig;

pub(super) const CASES: [Case; 6] = [
    Case {
        name: "sim-weak-cells",
        fault: "four cells with 4.2 V together, and the button outside is pressed",
        inject: |_| {
            let mut rig = Rig::with_cells(Millivolts(4_200));
            rig.wait(61_000);
            rig.lock_by_button();
            rig
        },
        cause: Cause::WeakCells,
        confidence: Confidence::Likely,
        step: Some(Step::ReplaceCells),
    },
    Case {
        name: "sim-critical-cells",
        fault: "four cells with 3.6 V together, and the button outside is pressed",
        inject: |_| {
            let mut rig = Rig::with_cells(Millivolts(3_600));
            rig.wait(61_000);
            rig.lock_by_button();
            rig
        },
        cause: Cause::WeakCells,
        confidence: Confidence::Certain,
        step: Some(Step::ReplaceCells),
    },
    Case {
        name: "sim-cold-cells",
        fault: "-15 degrees Celsius, cells with 4.7 V together, and the button outside is pressed",
        inject: |_| {
            let mut rig = Rig::with_cells(Millivolts(4_700));
            rig.lock.world_mut().set_temperature(Celsius(-15));
            rig.wait(61_000);
            rig.lock_by_button();
            rig
        },
        cause: Cause::ColdCells,
        confidence: Confidence::Likely,
        step: Some(Step::WarmCells),
    },
    Case {
        name: "sim-wrong-cells",
        fault: "lithium cells with 7.1 V together in a lock that is set to alkaline ones",
        inject: |mut rig| {
            rig.lock.world_mut().replace_battery(Millivolts(7_100));
            rig.wait(125_000);
            rig
        },
        cause: Cause::WrongCells,
        confidence: Confidence::Certain,
        step: Some(Step::UseRightCells),
    },
    Case {
        name: "sim-brown-out",
        fault: "four cells with 4.0 V together; the button outside is pressed, and the chip restarts",
        inject: |_| {
            let mut rig = Rig::with_cells(Millivolts(4_000));
            rig.wait(61_000);
            rig.lock_by_button();
            let mut rig = rig.reboot(BootReason::BrownOut);
            rig.wait(61_000);
            rig.lock_by_button();
            rig
        },
        cause: Cause::WeakCells,
        confidence: Confidence::Likely,
        step: Some(Step::ReplaceCells),
    },
    Case {
        name: "sim-fast-drain",
        fault: "after a week in which all is well, a leak takes a tenth of a volt a day",
        inject: |mut rig| {
            rig.days(7);
            rig.lock.world_mut().set_leak(2);
            rig.days(3);
            rig
        },
        cause: Cause::FastDrain,
        confidence: Confidence::Likely,
        step: Some(Step::UseRightCells),
    },
];
