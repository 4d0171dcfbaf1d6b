//! Bolt, motor, door.

use lock_core::proto::Action;
use lock_core::state::InsideButton;
use lock_diagnosis::{Cause, Confidence, Step};
use lock_sim::hardware::{Door, Gearing, Press, Strike, Wear};

use super::Case;

pub(super) const CASES: [Case; 6] = [
    Case {
        name: "sim-misaligned-strike",
        fault: "the strike is misaligned, and the button outside is pressed",
        inject: |mut rig| {
            rig.lock.world_mut().set_strike(Strike::Misaligned);
            rig.lock_by_button();
            rig
        },
        cause: Cause::StrikeMisaligned,
        confidence: Confidence::Likely,
        step: Some(Step::PressDoor),
    },
    Case {
        name: "sim-slipping-clutch",
        fault: "the clutch slips, and the button outside is pressed",
        inject: |mut rig| {
            rig.lock.world_mut().set_gearing(Gearing::Slipping);
            rig.lock_by_button();
            rig
        },
        cause: Cause::ClutchFailed,
        confidence: Confidence::Certain,
        step: Some(Step::OpenLock),
    },
    Case {
        name: "sim-worn-gears",
        fault: "the lock is calibrated, its gears wear, and the button outside is pressed",
        inject: |mut rig| {
            rig.order(Action::Calibrate);
            rig.lock.world_mut().set_wear(Wear::Heavy);
            rig.lock_by_button();
            rig
        },
        cause: Cause::GearsWorn,
        confidence: Confidence::Likely,
        step: Some(Step::OpenLock),
    },
    Case {
        name: "sim-not-calibrated",
        fault: "something stands in the bolt's way while the lock calibrates, and is taken away",
        inject: |mut rig| {
            rig.lock.world_mut().set_strike(Strike::Misaligned);
            rig.order(Action::Calibrate);
            rig.lock.world_mut().set_strike(Strike::Aligned);
            rig.code("482915");
            rig.wait(20_000);
            rig
        },
        cause: Cause::NotCalibrated,
        confidence: Confidence::Possible,
        step: Some(Step::Calibrate),
    },
    Case {
        name: "sim-door-not-shut",
        fault: "the door stands open, and the owner orders it locked",
        inject: |mut rig| {
            rig.lock.world_mut().move_door(Door::Open).expect("the bolt is withdrawn");
            rig.wait(1_000);
            rig.order(Action::Lock);
            rig
        },
        cause: Cause::DoorNotShut,
        confidence: Confidence::Likely,
        step: Some(Step::ShutDoor),
    },
    Case {
        name: "sim-self-test-jammed",
        fault: "the strike is misaligned while the self-test runs",
        inject: |mut rig| {
            rig.lock.world_mut().set_strike(Strike::Misaligned);
            rig.lock.world_mut().press(Press::Inside(InsideButton::SelfTest));
            rig.wait(60_000);
            rig
        },
        cause: Cause::StrikeMisaligned,
        confidence: Confidence::Likely,
        step: Some(Step::PressDoor),
    },
];
