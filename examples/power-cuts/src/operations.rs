//! What a lock is at when the power goes.

mod configuration;
mod door;
mod keypad;
mod log;
mod page_switch;
mod rotation;
mod unlock;
mod update;

use crate::broken::Held;
use crate::scene::Scene;
use crate::worker::Kept;

/// Whether codes are locked out when it begins: no cut may end that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codes {
    Taken,
    LockedOut,
}

/// One thing that a lock does, and what must be so after it, wherever the power went.
pub(crate) trait Operation: Sync {
    fn name(&self) -> &'static str;

    fn codes(&self) -> Codes {
        Codes::LockedOut
    }

    /// Done once, with the power on: the lock that each cut begins with.
    fn prepare(&self, scene: &mut Scene<'_>) -> Held<Kept> {
        Kept::of(scene)
    }

    /// Done each time, with the power on, before the first store that may be the last.
    fn lead_up(&self, _scene: &mut Scene<'_>) -> Held {
        Ok(())
    }

    /// The operation. The power may go at each store; what was seen of it before is left in `scene.progress`.
    fn act(&self, scene: &mut Scene<'_>) -> Held;

    /// After the restart: what there is must fit what was seen, and the operation can be brought to its end.
    fn agree(&self, scene: &mut Scene<'_>) -> Held;
}

/// The start itself: it begins with the power off.
pub(crate) const BOOT: &str = "boot";

struct Boot;

impl Operation for Boot {
    fn name(&self) -> &'static str {
        BOOT
    }

    fn act(&self, scene: &mut Scene<'_>) -> Held {
        scene.started()
    }

    fn agree(&self, _scene: &mut Scene<'_>) -> Held {
        Ok(())
    }
}

/// All of them, in the order in which they are run.
pub(crate) static ALL: [&dyn Operation; 9] = [
    &keypad::Code,
    &door::Button,
    &Boot,
    &unlock::Unlock,
    &configuration::Configuration,
    &log::LogAppend,
    &page_switch::PageSwitch,
    &rotation::Rotation,
    &update::FirmwareUpdate,
];

/// The operation of this name.
pub(crate) fn named(name: &str) -> Option<&'static dyn Operation> {
    ALL.into_iter().find(|operation| operation.name() == name)
}
