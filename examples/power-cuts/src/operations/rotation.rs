//! A rotation of the lock's keys, through all of its steps.

use lock_fleet::{LiveAnswer, LiveRequest, RotationProgress};

use super::Operation;
use crate::broken::{Broken, Held, hold};
use crate::scene::{LOCK, Progress, Scene};
use crate::worker::Kept;

pub(super) struct Rotation;

/// More than a rotation that was cut anywhere takes.
const CONNECTIONS: usize = 8;

impl Operation for Rotation {
    fn name(&self) -> &'static str {
        "rotation"
    }

    fn prepare(&self, scene: &mut Scene<'_>) -> Held<Kept> {
        let now = scene.service.now();
        scene.service.fleet().rotate_keys(LOCK, "anna", now).map_err(Broken::host)?;
        let (stored, all) = (first_leaves_stored(scene)?, scene.history.first_leaves.len());
        hold(stored == all, || {
            format!("{stored} of {all} keys that the lock was made with are in its flash")
        })?;
        Kept::of(scene)
    }

    fn act(&self, scene: &mut Scene<'_>) -> Held {
        rotate(scene)?;
        scene.progress = Progress::Ended;
        Ok(())
    }

    fn agree(&self, scene: &mut Scene<'_>) -> Held {
        if is_under_way(scene)? {
            hold(scene.progress != Progress::Ended, || "a rotation that was done is under way".into())?;
            scene.replug()?;
            rotate(scene)?;
        }
        let now = scene.service.now();
        let epoch = scene.service.fleet().rotation(LOCK, now).map_err(Broken::host)?.key_epoch;
        hold(epoch == 2, || format!("key epoch {epoch} is in force"))?;
        scene.settle()?;
        let stored = first_leaves_stored(scene)?;
        hold(stored == 0, || format!("{stored} keys of the epoch that is over are still in the flash"))
    }
}

/// How many of the keys that the lock was made with can be read from its flash.
fn first_leaves_stored(scene: &Scene<'_>) -> Held<usize> {
    let image = scene.tools().flash.image()?;
    Ok(scene.history.first_leaves.iter().filter(|leaf| image.holds(*leaf)).count())
}

fn is_under_way(scene: &mut Scene<'_>) -> Held<bool> {
    let now = scene.service.now();
    Ok(scene.service.fleet().rotation(LOCK, now).map_err(Broken::host)?.under_way.is_some())
}

fn rotate(scene: &mut Scene<'_>) -> Held {
    for _ in 0..CONNECTIONS {
        let (mut session, mut answer) = scene.session(LiveRequest::Rotate)?;
        while matches!(answer, LiveAnswer::Rotation(RotationProgress::GoesOn)) {
            answer = scene.ask(&mut session, LiveRequest::Rotate)?;
        }
        if !is_under_way(scene)? {
            return Ok(());
        }
        scene.replug()?;
    }
    Err(Broken::Wrong("the rotation does not come to its end".into()))
}
