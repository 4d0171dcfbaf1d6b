//! An entry of the log alone: the button inside locks what is locked.

use super::Operation;
use crate::broken::Held;
use crate::scene::Scene;

pub(super) struct LogAppend;

impl Operation for LogAppend {
    fn name(&self) -> &'static str {
        "log"
    }

    fn act(&self, scene: &mut Scene<'_>) -> Held {
        scene.say("l")
    }

    fn agree(&self, _scene: &mut Scene<'_>) -> Held {
        Ok(())
    }
}
