//! A code that the cloud sets by a sealed message, through a phone that carries it twice.

use lock_core::proto::{Kind, PinDigits};
use lock_fleet::{ClientToken, ItemStanding, LiveRequest, QueueOptions, Task};

use super::Operation;
use crate::broken::{Broken, Held};
use crate::scene::{LOCK, Scene};

pub(super) struct Configuration;

const SLOT: u8 = 1;

impl Operation for Configuration {
    fn name(&self) -> &'static str {
        "configuration"
    }

    fn lead_up(&self, scene: &mut Scene<'_>) -> Held {
        scene.level()?;
        queue(scene, "the-code")
    }

    fn act(&self, scene: &mut Scene<'_>) -> Held {
        deliver(scene)
    }

    fn agree(&self, scene: &mut Scene<'_>) -> Held {
        scene.replug()?;
        let (mut session, _) = scene.session(LiveRequest::Nothing)?;
        deliver(scene)?;
        if standing(scene)? != Some(ItemStanding::Applied) {
            // Begun and cut short: whoever wants it asks again.
            queue(scene, "the-code-again")?;
            deliver(scene)?;
        }
        scene.compare(&mut session)
    }
}

fn queue(scene: &mut Scene<'_>, name: &str) -> Held {
    let digits = PinDigits::from_ascii(b"314159").map_err(|error| Broken::Host(format!("{error:?}")))?;
    let task = Task::SetPin { slot: SLOT, digits, user: None };
    let options = QueueOptions::new(ClientToken::new(name).map_err(Broken::host)?, "anna");
    let now = scene.service.now();
    scene.service.fleet().queue(LOCK, task, options, now).map(drop).map_err(Broken::host)
}

/// Carries what waits, and the receipts back.
fn deliver(scene: &mut Scene<'_>) -> Held {
    let now = scene.service.now();
    let outgoing = scene.service.fleet().sealed_for(LOCK, now).map_err(Broken::host)?;
    for packet in outgoing {
        scene.carry(&packet.packet)?;
        scene.packet_of(Kind::SealedUp)?;
    }
    let waits = scene.service.fleet().pending(LOCK).map_err(Broken::host)?;
    crate::broken::hold(waits == 0, || format!("{waits} sealed messages have no receipt"))
}

fn standing(scene: &mut Scene<'_>) -> Held<Option<ItemStanding>> {
    let items = scene.service.fleet().items(LOCK).map_err(Broken::host)?;
    let item = items
        .into_iter()
        .find(|item| (item.table, item.slot) == (lock_core::proto::Table::Credentials, SLOT));
    Ok(item.map(|item| item.standing))
}
