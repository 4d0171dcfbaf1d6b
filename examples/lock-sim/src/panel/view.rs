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
/// From so many rows on there is room.
const WIDE: usize = 30;
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

/// Whether there is room for blank lines and a whole door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    Tight,
    Wide,
}

impl Room {
    const fn of(rows: usize) -> Self {
        if rows >= WIDE { Self::Wide } else { Self::Tight }
    }
}

fn line(text: impl Into<String>, look: Look) -> Line {
    Line { text: text.into(), look }
}

impl Panel {
    /// All lines, from the top, for a terminal with so many rows: what is left of them is the log's.
    pub(crate) fn lines(&self, rows: usize) -> Vec<Line> {
        let status = self.power.lock().map(crate::controller::Controller::status);
        let mut lines = vec![line(self.heading(status.as_ref()), Look::Title)];
        let room = Room::of(rows);
        let (left, right) = (self.door(room), self.says(room));
        for row in 0..left.len().max(right.len()) {
            let left = left.get(row).map_or("", String::as_str);
            let right = right.get(row).map_or("", String::as_str);
            lines.push(line(format!("{left:HALF$}{right}"), Look::Plain));
        }
        lines.push(line(self.faults(), Look::Plain));
        lines.push(self.alarms());
        lines.push(self.keypad_light());

        let help = self.help();
        let blanks: &[Line] = match room {
            Room::Tight => &[],
            Room::Wide => &[line("", Look::Plain)],
        };
        let left = rows.saturating_sub(lines.len() + help.len() + 2 * blanks.len()).max(LEAST_LOG);
        lines.extend_from_slice(blanks);
        let log = &self.party.log.0;
        for entry in log.iter().skip(log.len().saturating_sub(left)) {
            let look = if entry.contains("ALARM") { Look::Alarm } else { Look::Plain };
            lines.push(line(format!("  {entry}"), look));
        }
        lines.extend_from_slice(blanks);
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
            // What to do about it is in the log.
            let reason = reason.to_string();
            format!("refused: {}", reason.split(';').next().unwrap_or_default())
        } else {
            format!("{:?}", shown.indication)
        };
        let light = format!("{:?} x{}, {:?}: {what}", pattern.colour, pattern.times, pattern.tone);
        line(format!("typed     {typed:10}  light {light}"), Look::Light(pattern.colour))
    }

    fn help(&self) -> Vec<Line> {
        let keys = HELP.iter().map(|(place, keys)| line(format!("{place}  {keys}"), Look::Faint));
        keys.chain([line(format!("codes   {CODES}"), Look::Faint)]).collect()
    }
}
