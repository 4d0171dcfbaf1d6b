//! The button inside: out and in again, its log entries included.

use super::Operation;
use crate::broken::Held;
use crate::scene::Scene;

pub(super) struct Button;

impl Operation for Button {
    fn name(&self) -> &'static str {
        "button"
    }

    fn act(&self, scene: &mut Scene<'_>) -> Held {
        press(scene, "u", "bolt retracted")?;
        press(scene, "l", "bolt extended")
    }

    fn agree(&self, scene: &mut Scene<'_>) -> Held {
        // Wherever a cut left the bolt, the button brings it home.
        press(scene, "l", "bolt extended")?;
        self.act(scene)
    }
}

/// Presses a button, and waits until the sensor has seen the bolt there and the motor rests.
fn press(scene: &mut Scene<'_>, button: &str, end: &str) -> Held {
    let is_there = scene.history.bolt == end;
    scene.say(button)?;
    while scene.history.bolt != end {
        scene.wait_for("bolt ")?;
    }
    if is_there { Ok(()) } else { scene.wait_for("motor stops").map(drop) }
}
