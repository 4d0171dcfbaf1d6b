//! The physical truth, whatever the lock believes.

use lock_core::proto::LatchPosition;

use super::super::Panel;
use super::Room;
use crate::hardware::{Case, Cover, Door, Gearing, Strike, THROW, Wiring, World};

/// Segments of a gauge.
const GAUGE: usize = 10;
/// What the gauge of the battery calls empty and full, in millivolts.
const EMPTY: u16 = 2_000;
const FULL: u16 = 6_300;

impl Panel {
    /// The door, its bolt, motor and battery.
    pub(super) fn door(&self, room: Room) -> Vec<String> {
        let Some(world) = self.power.world() else { return Vec::new() };
        let (truth, now) = (world.truth(), world.snapshot());
        let [top, above, bolt, below, bottom] = picture(truth.door, truth.bolt_micrometres);
        let mut lines = match room {
            Room::Wide => vec![top, above, bolt, below, bottom],
            Room::Tight => vec![above, bolt, below],
        };
        let thrown = f64::from(truth.bolt_micrometres) / 1_000.0;
        let motor = if truth.motor_runs_now { "runs" } else { "rests" };
        let bolt = gauge(truth.bolt_micrometres.into(), THROW.into());
        lines.push(format!("bolt      {bolt} {thrown:4.1} mm"));
        lines.push(format!("motor     {motor}, {}, {}", latch(world, now.case), cover(now.cover)));
        let volts = world.battery_sensor().0;
        let charge = gauge(u64::from(volts.saturating_sub(EMPTY)), u64::from(FULL - EMPTY));
        lines.push(format!("battery   {charge} {volts} mV"));
        lines.push(format!("cells     {:?}, {} degrees", self.cells, now.celsius));
        lines
    }

    /// What is out of order, on one line.
    pub(super) fn faults(&self) -> String {
        let Some(world) = self.power.world() else { return String::new() };
        let now = world.snapshot();
        let faults = [
            (now.strike == Strike::Misaligned, "strike misaligned"),
            (now.gearing == Gearing::Slipping, "clutch slips"),
            (now.wiring == Wiring::Broken, "bolt wire cut"),
            (now.door_wiring == Wiring::Broken, "door wire cut"),
            (self.party.cloud_time().is_none(), "cloud clock lost"),
            (self.reset_is_held, "reset held"),
        ];
        let faults: Vec<_> = faults.into_iter().filter_map(|(is_so, name)| is_so.then_some(name)).collect();
        format!("faults    {}", if faults.is_empty() { "none".to_owned() } else { faults.join(", ") })
    }
}

const fn latch(world: &World, case: Case) -> &'static str {
    match (world.latch_sensor(), case) {
        (_, Case::Deadbolt) => "no latch",
        (LatchPosition::Held, Case::WithLatch) => "latch in",
        (LatchPosition::Engaged | LatchPosition::Unknown, Case::WithLatch) => "latch out",
    }
}

const fn cover(cover: Cover) -> &'static str {
    match cover {
        Cover::NoContact => "no cover",
        Cover::Mounted => "cover on",
        Cover::Off => "cover off",
    }
}

/// The door's edge and the frame, from above to below, with the bolt between them.
fn picture(door: Door, bolt_micrometres: u32) -> [String; 5] {
    let segments = (bolt_micrometres as usize * 5 + THROW as usize / 2) / THROW as usize;
    let bolt = "=".repeat(segments);
    match door {
        Door::Closed => [
            "  +-----------+     ##".to_owned(),
            "  |           |     ##".to_owned(),
            format!("  |         o |{bolt:<5}##"),
            "  |           |     ##".to_owned(),
            "  +-----------+     ##".to_owned(),
        ],
        Door::Open => [
            "  +---._            ##".to_owned(),
            "  |     |           ##".to_owned(),
            format!("  |   o |{bolt:<5}      ##"),
            "  |     |           ##".to_owned(),
            "  `---._|           ##".to_owned(),
        ],
    }
}

fn gauge(value: u64, whole: u64) -> String {
    let full = usize::try_from((value * GAUGE as u64 + whole / 2) / whole.max(1)).unwrap_or(GAUGE).min(GAUGE);
    format!("[{}{}]", "#".repeat(full), ".".repeat(GAUGE - full))
}
