//! What people do to the door, and what else may happen to it.

use lock_core::proto::{Celsius, Millivolts};

use super::super::Panel;
use crate::hardware::{Cover, Door, Gearing, Side, Strike, THROW, Wiring, World};

/// `b` takes so much from the battery.
const DRAINED: Millivolts = Millivolts(300);
/// `[` and `]` change the temperature by so many degrees.
const WARMER: i8 = 5;

/// Four cells of a kind. The world's cells sag like alkaline ones, whatever their kind; only their voltages tell them apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) enum Cells {
    /// 1.5 V.
    #[default]
    Alkaline,
    /// Iron disulphide, 1.5 V.
    Lithium,
    /// 1.2 V.
    NiMh,
}

impl Cells {
    /// What four new ones show at rest.
    const fn fresh(self) -> Millivolts {
        match self {
            Self::Alkaline => Millivolts(6_300),
            Self::Lithium => Millivolts(7_160),
            Self::NiMh => Millivolts(5_400),
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::Alkaline => Self::Lithium,
            Self::Lithium => Self::NiMh,
            Self::NiMh => Self::Alkaline,
        }
    }
}

impl Panel {
    pub(super) fn hand(&mut self, key: char) {
        match key {
            'd' => self.by_hand(|world| {
                let door = match world.truth().door {
                    Door::Open => Door::Closed,
                    Door::Closed => Door::Open,
                };
                world.move_door(door).map_err(|why| why.to_string())
            }),
            'D' => self.by_hand(|world| match world.truth().door {
                Door::Open => Err("the door is open already; close it first".to_owned()),
                Door::Closed => {
                    world.break_open();
                    Ok(())
                }
            }),
            'h' => self.by_hand(|world| {
                let is_in = world.truth().bolt_micrometres < THROW / 2;
                let side = if is_in { Side::Thrown } else { Side::Withdrawn };
                world.turn(side).map_err(|why| why.to_string())
            }),
            'v' => self.by_hand(|world| {
                world.set_cover(match world.snapshot().cover {
                    Cover::Off => Cover::Mounted,
                    Cover::Mounted | Cover::NoContact => Cover::Off,
                });
                Ok(())
            }),
            'N' => {
                self.cells = self.cells.next();
                self.put_in_cells();
            }
            _ => self.put_in_cells(),
        }
    }

    fn put_in_cells(&mut self) {
        let cells = self.cells;
        self.party.tell(&format!("hands: four new cells, {cells:?}"));
        self.by_hand(|world| {
            world.replace_battery(cells.fresh());
            Ok(())
        });
    }

    fn by_hand(&mut self, act: impl FnOnce(&mut World) -> Result<(), String>) {
        if let Some(Err(why)) = self.world().map(act) {
            self.party.tell(&why);
        }
    }

    pub(super) fn change_world(&mut self, key: char) {
        let Some(world) = self.world() else { return };
        let now = world.snapshot();
        match key {
            'j' => world.set_strike(match now.strike {
                Strike::Aligned => Strike::Misaligned,
                Strike::Misaligned => Strike::Aligned,
            }),
            'c' => world.set_gearing(match now.gearing {
                Gearing::Whole => Gearing::Slipping,
                Gearing::Slipping => Gearing::Whole,
            }),
            'w' => world.set_wiring(other(now.wiring)),
            'W' => world.set_door_wiring(other(now.door_wiring)),
            'b' => world.drain(DRAINED),
            '[' => world.set_temperature(Celsius(now.celsius.saturating_sub(WARMER))),
            _ => world.set_temperature(Celsius(now.celsius.saturating_add(WARMER))),
        }
    }
}

const fn other(wiring: Wiring) -> Wiring {
    match wiring {
        Wiring::Whole => Wiring::Broken,
        Wiring::Broken => Wiring::Whole,
    }
}
