//! What to tell whoever helps: one export, as text and, through serde, as JSON.

mod date;
mod mishap;

use core::fmt;

use lock_proto::{BootReason, Fault, Health, PowerSupply, RefusalKind, Supply, UpdateState};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::cause::Cause;
use crate::check::Check;
use crate::dialogue::{Dialogue, Turn};
use crate::sign::{Seen, Sign};
use crate::step::{Helper, Outcome, Step, StopIf};
use crate::texts::Texts;

use date::Date;
use mishap::Detail;

pub use mishap::Mishap;

/// What the app or a person knows of the lock besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct About<'a> {
    /// The model, as on the label.
    pub model: Option<&'a str>,
    /// Its maker.
    pub maker: Option<&'a str>,
    /// The lock's firmware, where the report does not say it.
    pub firmware: Option<&'a str>,
    /// The app's version.
    pub app: Option<&'a str>,
    /// What cells are in, where the report does not say it.
    pub battery: Option<&'a str>,
    /// When they were put in, where the report does not say it.
    pub battery_replaced: Option<&'a str>,
}

/// The export. [`Display`](fmt::Display) is its text, [`Serialize`] its data. It holds no code and no key, as the report does not.
#[derive(Clone, Copy, Debug)]
pub struct Capture<'a> {
    /// Which lock.
    pub about: About<'a>,
    /// What it says of itself.
    pub report: Option<&'a Health>,
    /// What was asked and tried.
    pub dialogue: &'a Dialogue,
    /// The language of the text.
    pub texts: &'a Texts,
}

impl Capture<'_> {
    fn supply(&self) -> Option<PowerSupply> {
        self.report.map(|report| report.power.supply)
    }

    fn firmware_version(&self) -> Option<u32> {
        self.report.map(|report| report.firmware.version).filter(|version| *version != 0)
    }

    fn replaced_at(&self) -> Option<Date> {
        self.report.and_then(|report| report.power.replaced_at).map(Date::of)
    }

    /// What went wrong by the lock's own account: what, and how often or how.
    fn errors(&self) -> impl Iterator<Item = (Mishap, Detail)> + '_ {
        let report = self.report;
        let fault = report.map(|report| report.status.fault.value).filter(|fault| *fault != Fault::None);
        let update =
            report.map(|report| report.firmware.update).filter(|update| *update != UpdateState::None);
        let boot = report
            .map(|report| report.boots.reason)
            .filter(|reason| matches!(reason, BootReason::BrownOut | BootReason::Watchdog));
        let counted = |mishap, count: Option<u32>| {
            count.filter(|count| *count > 0).map(|count| (mishap, Detail::Times(count)))
        };
        let counts = [
            counted(Mishap::Stalls, report.map(|report| report.motor.stalls.into())),
            counted(Mishap::Timeouts, report.map(|report| report.motor.timeouts.into())),
            counted(Mishap::BrownOuts, report.map(|report| report.boots.brown_outs.into())),
            counted(Mishap::Watchdogs, report.map(|report| report.boots.watchdogs.into())),
            counted(Mishap::LinkDrops, report.map(|report| report.radio.link_drops.into())),
            counted(Mishap::BadPackets, report.map(|report| report.radio.bad_packets.into())),
        ];
        let refusals = RefusalKind::ALL.into_iter().filter_map(move |kind| {
            let count = report.map_or(0, |report| report.refusals_of(kind));
            (count > 0).then_some((Mishap::of(kind), Detail::Times(count.into())))
        });
        let named = [
            fault.map(|fault| (Mishap::Fault, Detail::Fault(fault))),
            update.map(|update| (Mishap::Update, Detail::Update(update))),
            boot.map(|reason| (Mishap::Boot, Detail::Boot(reason))),
        ];
        named.into_iter().flatten().chain(counts.into_iter().flatten()).chain(refusals)
    }
}

impl fmt::Display for Capture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (labels, about) = (&self.texts.labels, &self.about);
        writeln!(f, "{}", labels.title)?;
        self.line(f, labels.model, about.model)?;
        self.line(f, labels.maker, about.maker)?;
        match (about.firmware, self.firmware_version()) {
            (_, Some(version)) => writeln!(f, "  {}: {version}", labels.firmware)?,
            (said, None) => self.line(f, labels.firmware, said)?,
        }
        self.line(f, labels.app, about.app)?;
        let signs = self.dialogue.signs();
        for (label, sign) in [(labels.keypad_lit, Sign::KeypadLit), (labels.key_turns, Sign::KeyTurns)] {
            let seen = signs.seen(sign).map(|seen| match seen {
                Seen::Yes => labels.yes,
                Seen::No => labels.no,
            });
            self.line(f, label, seen)?;
        }
        match (about.battery, self.report) {
            (_, Some(report)) => writeln!(f, "  {}: {}", labels.battery, Supplied(report, self.texts))?,
            (said, None) => self.line(f, labels.battery, said)?,
        }
        match (about.battery_replaced, self.replaced_at()) {
            (_, Some(date)) => writeln!(f, "  {}: {date}", labels.replaced)?,
            (said, None) => self.line(f, labels.replaced, said)?,
        }
        self.write_lists(f)
    }
}

impl Capture<'_> {
    fn line(&self, f: &mut fmt::Formatter<'_>, label: &str, value: Option<&str>) -> fmt::Result {
        writeln!(f, "  {label}: {}", value.unwrap_or(self.texts.labels.unknown))
    }

    fn write_lists(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (labels, texts, signs) = (&self.texts.labels, self.texts, self.dialogue.signs());
        writeln!(f, "  {}:", labels.errors)?;
        list(f, labels.none, self.errors(), |f, (mishap, detail)| {
            write!(f, "{}: ", (texts.mishap)(mishap))?;
            detail.write(f, texts)
        })?;
        writeln!(f, "  {}:", labels.signs)?;
        list(f, labels.none, signs.known(), |f, (sign, seen)| {
            f.write_str((texts.sign)(sign, seen))?;
            match signs.origin(sign) {
                Some(origin) => write!(f, " ({})", (texts.origin)(origin)),
                None => Ok(()),
            }
        })?;
        writeln!(f, "  {}:", labels.tried)?;
        list(f, labels.none, self.dialogue.steps(), |f, (step, outcome)| {
            write!(f, "{} ({})", (texts.step)(step).act, (texts.outcome)(outcome))?;
            match outcome {
                Outcome::Stopped => write!(f, " {}", (texts.stop_if)(step.stop_if())),
                Outcome::Good | Outcome::Bad | Outcome::NotDone => Ok(()),
            }
        })?;
        writeln!(f, "  {}:", labels.checks)?;
        let checks =
            Check::ALL.into_iter().filter_map(|check| Some((check, self.dialogue.check_result(check)?)));
        list(f, labels.none, checks, |f, (check, result)| {
            write!(f, "{} ({})", (texts.check)(check), (texts.check_result)(result))
        })?;
        writeln!(f, "  {}:", labels.findings)?;
        let findings = self.dialogue.findings();
        list(f, labels.none, findings.iter(), |f, finding| {
            let name = (texts.cause)(finding.cause()).name;
            write!(f, "{name} ({})", (texts.confidence)(finding.confidence()))
        })?;
        match self.end() {
            Some(End { call, .. }) => writeln!(f, "  {}: {}", labels.call, (texts.helper)(call)),
            None => Ok(()),
        }
    }

    /// How the talk ended where somebody has to be called.
    fn end(&self) -> Option<End> {
        match self.dialogue.turn() {
            Turn::Refer { helper, cause } => Some(End { call: helper, cause, stopped: None }),
            Turn::Stop { step, helper, cause } => {
                Some(End { call: helper, cause, stopped: Some((step, step.stop_if())) })
            }
            Turn::Ask(_) | Turn::Advise { .. } | Turn::Check(_) | Turn::Solved { .. } => None,
        }
    }
}

/// Whom to call, for what, and which step was stopped for which reason.
#[derive(Serialize)]
struct End {
    call: Helper,
    cause: Cause,
    stopped: Option<(Step, StopIf)>,
}

/// Writes a list, one item a line, or what stands for an empty one.
fn list<T>(
    f: &mut fmt::Formatter<'_>,
    empty: &str,
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    let mut items = items.peekable();
    if items.peek().is_none() {
        return writeln!(f, "    {empty}");
    }
    for item in items {
        f.write_str("    ")?;
        write(f, item)?;
        writeln!(f)?;
    }
    Ok(())
}

/// The supply as it was set, and what was measured.
struct Supplied<'a>(&'a Health, &'a Texts);

impl fmt::Display for Supplied<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (power, texts) = (&self.0.power, self.1);
        let supply = (texts.supply)(power.supply.supply);
        match power.supply.supply {
            Supply::Mains => f.write_str(supply)?,
            Supply::Alkaline | Supply::Lithium | Supply::NiMh => {
                write!(f, "{} x {supply}", power.supply.cells)?;
            }
        }
        let (resting, loaded) = (texts.labels.resting, texts.labels.loaded);
        for (word, voltage) in [(resting, power.resting), (loaded, power.loaded)] {
            if let Some(voltage) = voltage {
                write!(f, ", {word} {} mV", voltage.0)?;
            }
        }
        if let Some(percent) = power.percent {
            write!(f, ", {percent} %")?;
        }
        if let Some(temperature) = power.temperature {
            write!(f, ", {} °C", temperature.0)?;
        }
        Ok(())
    }
}

impl Serialize for Capture<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let signs = self.dialogue.signs();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("about", &self.about)?;
        map.serialize_entry("firmware_version", &self.firmware_version())?;
        map.serialize_entry("keypad_lit", &signs.seen(Sign::KeypadLit))?;
        map.serialize_entry("key_turns", &signs.seen(Sign::KeyTurns))?;
        map.serialize_entry("battery_supply", &self.supply())?;
        map.serialize_entry("battery_replaced_at", &self.report.and_then(|report| report.power.replaced_at))?;
        map.serialize_entry("errors", &Map(|| self.errors().map(|(mishap, detail)| (mishap.key(), detail))))?;
        map.serialize_entry(
            "signs",
            &Map(|| signs.known().map(|(sign, seen)| (sign, (seen, signs.origin(sign))))),
        )?;
        map.serialize_entry("tried", &List(|| self.dialogue.steps()))?;
        let checks = || Check::ALL.into_iter().map(|check| (check, self.dialogue.check_result(check)));
        map.serialize_entry("checks", &Map(checks))?;
        let findings = self.dialogue.findings();
        let found =
            || findings.iter().map(|finding| (finding.cause(), finding.confidence(), finding.weight()));
        map.serialize_entry("findings", &List(found))?;
        map.serialize_entry("end", &self.end())?;
        map.serialize_entry("report", &self.report)?;
        map.end()
    }
}

/// What an iterator gives, as a list.
struct List<F>(F);

impl<T: Serialize, I: Iterator<Item = T>, F: Fn() -> I> Serialize for List<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// What an iterator gives, as a map.
struct Map<F>(F);

impl<K: Serialize, V: Serialize, I: Iterator<Item = (K, V)>, F: Fn() -> I> Serialize for Map<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map((self.0)())
    }
}
