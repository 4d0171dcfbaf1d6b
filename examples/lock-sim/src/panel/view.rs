//! What a person sees: the door as it is, what the lock says of it, what happened, and the keys.

mod door;
mod says;

use lock_core::proto::{BoltPosition, Sound, Status};
use lock_core::state::{Colour, Indication};

use super::keys::HELP;
use super::people::CODES;
use super::{LIGHT_MILLIS, Panel, calendar};

/// How wide the left half is.
const HALF: usize = 38;
/// From so many rows on there is room for blank lines.
const ROOMY: usize = 30;
/// Lines of the log at least.
const LEAST_LOG: usize = 3;

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
    /// All lines, from the top, for a terminal with so many rows: what is left of them is the log's.
    pub(crate) fn lines(&self, rows: usize) -> Vec<Line> {
        let status = self.power.lock().map(crate::controller::Controller::status);
        let mut lines = vec![line(self.heading(status.as_ref()), Look::Title)];
        let (left, right) = (self.door(), self.says());
        for row in 0..left.len().max(right.len()) {
            let left = left.get(row).map_or("", String::as_str);
            let right = right.get(row).map_or("", String::as_str);
            lines.push(line(format!("{left:HALF$}{right}"), Look::Plain));
        }
        lines.push(line(self.faults(), Look::Plain));
        lines.push(self.keypad_light());

        let help = self.help();
        let blanks = if rows >= ROOMY { 2 } else { 0 };
        let room = rows.saturating_sub(lines.len() + help.len() + blanks).max(LEAST_LOG);
        let blank = || (blanks > 0).then(|| line("", Look::Plain));
        lines.extend(blank());
        let log = &self.party.log.0;
        for entry in log.iter().skip(log.len().saturating_sub(room)) {
            let look = if entry.contains("ALARM") { Look::Alarm } else { Look::Plain };
            lines.push(line(format!("  {entry}"), look));
        }
        lines.extend(blank());
        lines.extend(help);
        lines
    }

    /// The answer to the only question that people ask, and the time.
    fn heading(&self, status: Option<&Status>) -> String {
        let state = match status {
            None => "NO POWER   (the lock says nothing)",
            Some(status) if status.is_locked() => "LOCKED   (said on sensor evidence alone)",
            Some(status) if status.bolt.value == BoltPosition::Retracted => "UNLOCKED",
            Some(_) => "NOT LOCKED",
        };
        let now = self.party.unix_millis();
        format!("{state:44}{}, {} UTC", calendar::date(now), calendar::second(now))
    }

    /// What was typed, and the light at the door.
    fn keypad_light(&self) -> Line {
        let typed = "*".repeat(self.typed.len());
        let shown = self.party.shown.filter(|shown| self.party.now.since(shown.at) < LIGHT_MILLIS);
        let Some(shown) = shown else { return line(format!("typed     {typed:10}  light off"), Look::Plain) };
        let pattern = shown.indication.pattern(Sound::Normal);
        let what = if let Indication::Refused(reason) = shown.indication {
            format!("refused: {reason}")
        } else {
            format!("{:?}", shown.indication)
        };
        let light = format!("{:?} x{}, tone {:?}: {what}", pattern.colour, pattern.times, pattern.tone);
        line(format!("typed     {typed:10}  light {light}"), Look::Light(pattern.colour))
    }

    fn help(&self) -> Vec<Line> {
        let keys = HELP.iter().map(|(place, keys)| line(format!("{place}  {keys}"), Look::Faint));
        keys.chain([line(format!("codes   {CODES}"), Look::Faint)]).collect()
    }
}
