//! An order after whose records the journal moves to its next sector, and erases the one before.

use lock_core::proto::{Outcome, Seconds};
use lock_fleet::{LiveRequest, Task};

use super::Operation;
use crate::broken::{Broken, Held, hold};
use crate::scene::Scene;
use crate::worker::Kept;

pub(super) struct PageSwitch;

const NAME: &str = "the-switch";
/// Sectors are full long before.
const ORDERS: u32 = 200;

impl Operation for PageSwitch {
    fn name(&self) -> &'static str {
        "page-switch"
    }

    /// Fills the sector, boot by boot and order by order, until it is an order after which the records move, and not the boot before it.
    fn prepare(&self, scene: &mut Scene<'_>) -> Held<Kept> {
        for number in (0..ORDERS).step_by(2) {
            let kept = Kept::of(scene)?;
            let before = sector(scene)?;
            scene.power_up(0)?;
            scene.level()?;
            scene.settle()?;
            let booted = sector(scene)?;
            act(scene, 10 + number, &format!("filling-{number}"))?;
            if booted == before && sector(scene)? > booted {
                return Ok(kept);
            }
            scene.replug()?;
            act(scene, 11 + number, &format!("filling-{}", number + 1))?;
        }
        Err(Broken::Host(format!("{ORDERS} orders fill no sector")))
    }

    fn lead_up(&self, scene: &mut Scene<'_>) -> Held {
        scene.level()
    }

    fn act(&self, scene: &mut Scene<'_>) -> Held {
        let before = sector(scene)?;
        act(scene, 5, NAME)?;
        hold(sector(scene)? > before, || "the records have not moved to another sector".into())
    }

    fn agree(&self, scene: &mut Scene<'_>) -> Held {
        scene.replug()?;
        let outcome = scene.order(Task::AutoRelock(Seconds(5)), NAME)?;
        if outcome == Outcome::Interrupted {
            scene.replug()?;
            act(scene, 5, "the-switch-again")?;
        } else {
            hold(outcome == Outcome::Done, || format!("the order is {outcome:?}"))?;
        }
        scene.replug()?;
        let (mut session, _) = scene.session(LiveRequest::Nothing)?;
        scene.compare(&mut session)
    }
}

/// An order, and the idle work behind it.
fn act(scene: &mut Scene<'_>, seconds: u32, name: &str) -> Held {
    let outcome = scene.order(Task::AutoRelock(Seconds(seconds)), name)?;
    hold(outcome == Outcome::Done, || format!("the order is {outcome:?}"))?;
    scene.settle()
}

/// The sequence number of the sector that holds the records.
fn sector(scene: &Scene<'_>) -> Held<u32> {
    Ok(scene.tools().flash.image()?.journal())
}
