//! A wrong code at the keypad: it counts, and once.

use super::{Codes, Operation};
use crate::broken::{Broken, Held, hold};
use crate::scene::{LIMIT, Progress, Scene, WRONG_CODE};

pub(super) struct Code;

impl Operation for Code {
    fn name(&self) -> &'static str {
        "code"
    }

    fn codes(&self) -> Codes {
        Codes::Taken
    }

    fn act(&self, scene: &mut Scene<'_>) -> Held {
        let light = scene.enter(WRONG_CODE)?;
        hold(light == "light: refused", || format!("the first wrong code: {light}"))?;
        scene.progress = Progress::Answered;
        Ok(())
    }

    fn agree(&self, scene: &mut Scene<'_>) -> Held {
        let left = wrong_codes_left(scene)?;
        let is_counted = left == LIMIT - 1;
        match scene.progress {
            Progress::Answered | Progress::Ended => {
                hold(is_counted, || format!("{left} wrong codes were left behind one that was answered"))
            }
            Progress::Nothing => {
                hold(is_counted || left == LIMIT, || format!("{left} wrong codes were left"))
            }
        }
    }
}

/// How many wrong codes it takes until codes are locked out.
fn wrong_codes_left(scene: &mut Scene<'_>) -> Held<u32> {
    for tries in 1..=LIMIT + 1 {
        if scene.enter(WRONG_CODE)? == "light: locked out" {
            return Ok(tries);
        }
    }
    Err(Broken::Wrong(format!("{} wrong codes lock nothing out", LIMIT + 1)))
}
