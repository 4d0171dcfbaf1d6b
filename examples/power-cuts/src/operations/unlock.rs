//! The cloud withdraws the bolt through the phone.

use lock_core::proto::Outcome;
use lock_fleet::Task;

use super::Operation;
use crate::broken::{Broken, Held, hold};
use crate::scene::{Progress, Scene};

pub(super) struct Unlock;

const NAME: &str = "the-unlock";

impl Operation for Unlock {
    fn name(&self) -> &'static str {
        "unlock"
    }

    fn lead_up(&self, scene: &mut Scene<'_>) -> Held {
        scene.level()
    }

    fn act(&self, scene: &mut Scene<'_>) -> Held {
        let outcome = scene.order(Task::Unlock, NAME)?;
        hold(outcome == Outcome::Done, || format!("the unlock is {outcome:?}"))
    }

    fn agree(&self, scene: &mut Scene<'_>) -> Held {
        let was_answered = scene.progress != Progress::Nothing;
        scene.replug()?;
        let outcome = scene.order(Task::Unlock, NAME)?;
        scene.settle()?;
        let runs = scene.history.runs.retracts;
        hold(runs <= 1, || format!("the motor ran {runs} times for one command"))?;
        hold(runs == 1 || !was_answered, || "the lock said that it opens, and the motor never ran".into())?;
        match outcome {
            Outcome::Done => hold(runs == 1, || "it is done, and the motor never ran".into())?,
            Outcome::Interrupted => {}
            Outcome::Started
            | Outcome::Refused(_)
            | Outcome::Jammed
            | Outcome::TimedOut
            | Outcome::Superseded
            | Outcome::NotExecuted => return Err(Broken::Wrong(format!("the unlock is {outcome:?}"))),
        }
        scene.replug()?;
        let outcome = scene.order(Task::Lock, "the-next-order")?;
        hold(outcome == Outcome::Done, || format!("the next order is {outcome:?}"))
    }
}
