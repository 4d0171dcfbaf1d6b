//! What a person sees: the door as it is, what the lock says of it, what happened, and the keys.

use lock_core::proto::Sound;
use lock_core::proto::{BoltPosition, Cause, ClockFact, LatchPosition, Status};
use lock_core::state::{Colour, Indication};

use super::keys::{FAMILY, GUEST, HELP};
use super::{LIGHT_MILLIS, Panel};
use crate::hardware::{Door, Gearing, Strike, THROW, Wiring, World};

/// How wide the left half is.
const HALF: usize = 44;
/// Segments of a gauge.
const GAUGE: usize = 16;

/// One line, and how it is to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) look: Look,
}

/// How a line looks where there are colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Plain,
    Title,
    Light(Colour),
    Alarm,
    Faint,
}

fn line(text: impl Into<String>, look: Look) -> Line {
    Line { text: text.into(), look }
}

impl Panel {
    /// All lines, from the top.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let Some(lock) = &self.lock else { return vec![line("no power", Look::Alarm)] };
        let (world, status) = (lock.world(), lock.status());
        let mut lines = vec![line(heading(&status), Look::Title)];
        let (left, right) = (self.door(world), Self::says(&status));
        for row in 0..left.len().max(right.len()) {
            let left = left.get(row).map_or("", String::as_str);
            let right = right.get(row).map_or("", String::as_str);
            lines.push(line(format!("{left:HALF$}{right}"), Look::Plain));
        }
        lines.push(self.light());
        lines.push(line("", Look::Plain));
        for entry in &self.party.log.0 {
            let look = if entry.contains("ALARM") { Look::Alarm } else { Look::Plain };
            lines.push(line(format!("  {entry}"), look));
        }
        lines.push(line("", Look::Plain));
        lines.extend(HELP.iter().map(|(who, keys)| line(format!("{who}  {keys}"), Look::Faint)));
        lines.push(line(
            format!("codes   {FAMILY} family, {GUEST} guest on weekdays from 8 to 18 UTC"),
            Look::Faint,
        ));
        lines
    }

    /// The physical truth.
    fn door(&self, world: &World) -> Vec<String> {
        let (truth, now) = (world.truth(), world.snapshot());
        let thrown = f64::from(truth.bolt_micrometres) / 1_000.0;
        let mut lines = vec!["THE DOOR, AS IT IS".to_owned()];
        lines.extend(picture(truth.door, truth.bolt_micrometres));
        lines.push(format!(
            "bolt      {} {thrown:4.1} mm",
            gauge(truth.bolt_micrometres.into(), THROW.into())
        ));
        lines.push(format!("motor     {}", if truth.motor_runs_now { "runs" } else { "rests" }));
        let volts = world.battery_sensor().0;
        lines.push(format!("battery   {} {volts} mV", gauge(u64::from(volts.saturating_sub(3_000)), 3_300)));
        lines.push(format!("weather   {} degrees", now.celsius));
        let faults = [
            (now.strike == Strike::Misaligned, "strike misaligned"),
            (now.gearing == Gearing::Slipping, "clutch slips"),
            (now.wiring == Wiring::Broken, "sensor wire cut"),
            (self.reset_is_held, "reset button held"),
        ];
        let faults: Vec<_> = faults.into_iter().filter_map(|(is_so, name)| is_so.then_some(name)).collect();
        lines.push(format!(
            "faults    {}",
            if faults.is_empty() { "none".to_owned() } else { faults.join(", ") }
        ));
        lines.push(format!("typed     {}", "*".repeat(self.typed.len())));
        lines
    }

    /// What the lock says of itself.
    fn says(status: &Status) -> Vec<String> {
        let bolt = if status.bolt.value == BoltPosition::Unknown {
            "position unknown".to_owned()
        } else {
            format!("{:?}", status.bolt.value)
        };
        let latch = if status.latch.value == LatchPosition::Unknown {
            String::new()
        } else {
            format!(", latch {:?}", status.latch.value)
        };
        let clock = match status.clock {
            ClockFact::Unset => "not set".to_owned(),
            ClockFact::Floor => "lost; not earlier than it was".to_owned(),
            ClockFact::Trusted { error_ms } => format!("known to {error_ms} ms"),
        };
        let battery = match status.battery {
            None => "not read".to_owned(),
            Some(battery) => match battery.percent {
                Some(percent) => format!("{percent} %, {} mV", battery.resting.0),
                None => format!("{} mV, of unknown kind", battery.resting.0),
            },
        };
        let relock = status.relock_in.map_or_else(|| "no".to_owned(), |left| format!("in {} s", left.0));
        let lockout = if status.lockout.0 == 0 { "no".to_owned() } else { format!("{} s", status.lockout.0) };
        vec![
            "WHAT THE LOCK SAYS".to_owned(),
            format!("bolt      {bolt}, {}, {} s ago{latch}", by(status.bolt.cause), status.bolt.age.0),
            format!("motion    {:?}", status.motion),
            format!("asked for {:?}", status.target.value),
            format!("door      {:?}", status.door.value),
            format!("fault     {:?}", status.fault.value),
            format!("mode      {:?}", status.mode.value),
            format!("battery   {battery}"),
            format!("clock     {clock}"),
            format!("relock    {relock}"),
            format!("lockout   {lockout}"),
            format!("settings  version {}", status.configuration),
        ]
    }

    /// The light at the door.
    fn light(&self) -> Line {
        let shown = self.party.shown.filter(|shown| self.party.now.since(shown.at) < LIGHT_MILLIS);
        match shown {
            None => line("light     off", Look::Plain),
            Some(shown) => {
                let pattern = shown.indication.pattern(Sound::Normal);
                let what = if let Indication::Refused(reason) = shown.indication {
                    format!("refused: {reason}")
                } else {
                    format!("{:?}", shown.indication)
                };
                let text = format!(
                    "light     {:?} x{}, tone {:?}: {what}",
                    pattern.colour, pattern.times, pattern.tone
                );
                line(text, Look::Light(pattern.colour))
            }
        }
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

/// Who made a fact so, in few words.
fn by(cause: Cause) -> String {
    match cause {
        Cause::Credential { kind, slot, .. } => format!("by {kind:?} {slot}"),
        Cause::Manual => "by hand".to_owned(),
        Cause::Unknown
        | Cause::Boot
        | Cause::RemoteLive
        | Cause::RemoteSealed
        | Cause::VirtualKey
        | Cause::AutoRelock
        | Cause::Mechanism
        | Cause::Button
        | Cause::Schedule
        | Cause::Battery
        | Cause::Reset => format!("by {cause:?}"),
    }
}

/// The answer to the only question that people ask.
fn heading(status: &Status) -> String {
    let state = if status.is_locked() {
        "LOCKED"
    } else if status.bolt.value == BoltPosition::Retracted {
        "UNLOCKED"
    } else {
        "NOT LOCKED"
    };
    format!("{state}   (said on sensor evidence alone)")
}

fn gauge(value: u64, whole: u64) -> String {
    let full = usize::try_from(value * GAUGE as u64 / whole.max(1)).unwrap_or(GAUGE).min(GAUGE);
    format!("[{}{}]", "#".repeat(full), ".".repeat(GAUGE - full))
}
