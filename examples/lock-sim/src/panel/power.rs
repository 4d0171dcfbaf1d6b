//! The lock's power, and the time that passes for it.

use lock_core::proto::BootReason;

use super::{Flash, Panel, PanelError};
use crate::controller::Controller;
use crate::hardware::World;

/// Whether the lock has power.
pub(super) enum Power {
    /// It runs.
    On(Box<Controller<Flash>>),
    /// It does not: the world goes on around it.
    Off { flash: Flash, world: Box<World> },
    /// It is taken or given at this moment, and nobody looks.
    Changes,
}

impl Power {
    pub(super) const fn lock(&self) -> Option<&Controller<Flash>> {
        match self {
            Self::On(lock) => Some(lock),
            Self::Off { .. } | Self::Changes => None,
        }
    }

    pub(super) const fn world(&self) -> Option<&World> {
        match self {
            Self::On(lock) => Some(lock.world()),
            Self::Off { world, .. } => Some(world),
            Self::Changes => None,
        }
    }
}

impl Panel {
    pub(super) fn world(&mut self) -> Option<&mut World> {
        match &mut self.power {
            Power::On(lock) => Some(lock.world_mut()),
            Power::Off { world, .. } => Some(world),
            Power::Changes => None,
        }
    }

    /// Goes from one thing that happens to the next, so that each has its own moment, and a supply that fails takes the lock with it
    /// before its firmware senses anything more.
    pub(super) fn catch_up(&mut self) -> Result<(), PanelError> {
        let until = self.now.plus(self.ahead);
        if let Power::On(lock) = &mut self.power {
            // What was pressed begins now.
            lock.step(lock.world().now(), &mut self.party)?;
        }
        loop {
            match &mut self.power {
                Power::On(lock) => {
                    let next = lock.next_wake().filter(|next| *next < until).unwrap_or(until);
                    let at = next.max(lock.world().now());
                    self.party.now = at;
                    lock.world_mut().advance(at);
                    if lock.world_mut().take_brown_out() {
                        self.brown_out()?;
                        self.sense()?;
                    } else {
                        lock.step(at, &mut self.party)?;
                        self.party.watch(&lock.status());
                        if at >= until {
                            return Ok(());
                        }
                    }
                }
                Power::Off { world, .. } if world.can_start() => {
                    self.party.tell("power is back; the lock starts");
                    self.turn_on()?;
                    self.sense()?;
                }
                Power::Off { world, .. } => {
                    self.party.now = until;
                    world.advance(until);
                    return Ok(());
                }
                Power::Changes => return Ok(()),
            }
        }
    }

    /// A lock that has just started looks at its sensors: only then does it know when to wake.
    fn sense(&mut self) -> Result<(), PanelError> {
        if let Power::On(lock) = &mut self.power {
            lock.step(lock.world().now(), &mut self.party)?;
        }
        Ok(())
    }

    /// The power goes and comes back at once.
    pub(super) fn cut_power(&mut self) -> Result<(), PanelError> {
        match self.power {
            Power::On(_) => self.party.tell("power cut; the lock starts again"),
            Power::Off { .. } | Power::Changes => self.party.tell("there is no power to cut"),
        }
        self.restart(BootReason::PowerOn)
    }

    /// The supply fell below what the lock runs with. Where it recovers without the load the lock starts again; else it is dead.
    fn brown_out(&mut self) -> Result<(), PanelError> {
        if self.power.world().is_some_and(World::can_start) {
            self.party.tell("brown-out under the motor; the lock starts again");
            return self.restart(BootReason::BrownOut);
        }
        self.party.tell("brown-out; the lock is dead until it gets new cells");
        self.forget();
        self.power = match std::mem::replace(&mut self.power, Power::Changes) {
            Power::On(lock) => {
                let (flash, world) = lock.lose_power();
                Power::Off { flash, world: Box::new(world) }
            }
            same @ (Power::Off { .. } | Power::Changes) => same,
        };
        Ok(())
    }

    fn restart(&mut self, reason: BootReason) -> Result<(), PanelError> {
        self.forget();
        let random = (self.random)()?;
        self.power = match std::mem::replace(&mut self.power, Power::Changes) {
            Power::On(lock) => Power::On(Box::new(lock.reboot(reason, random)?)),
            same @ (Power::Off { .. } | Power::Changes) => same,
        };
        Ok(())
    }

    fn turn_on(&mut self) -> Result<(), PanelError> {
        let random = (self.random)()?;
        self.power = match std::mem::replace(&mut self.power, Power::Changes) {
            Power::Off { flash, mut world } => {
                // That the old cells were too weak is past.
                world.take_brown_out();
                Power::On(Box::new(Controller::boot(flash, *world, random)?))
            }
            same @ (Power::On(_) | Power::Changes) => same,
        };
        Ok(())
    }

    /// What is lost with the power: the digits that were typed, the light.
    fn forget(&mut self) {
        self.typed.clear();
        self.party.shown = None;
    }
}
