//! Whoever listens to the lock while somebody plays with it.

use lock_core::device::LinkId;
use lock_core::proto::{Alarm, Millivolts, Mode, Seconds, Status, UnixMillis};

use super::{Lines, Shown, calendar, in_words};
use crate::controller::{Boundary, Fact, Harness, Verdict};
use crate::hardware::Moment;

/// A battery that changes by less is not told again, in millivolts: it is read each minute.
const BATTERY_STEP: u16 = 20;

/// Characters in a line of the log, besides the time.
const LOG_WIDTH: usize = 64;

/// Whether the cloud knows the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CloudClock {
    Right,
    Lost,
}

/// Keeps what the lock tells.
#[derive(Debug)]
pub(super) struct Party {
    pub(super) now: Moment,
    /// The cloud's clock when the panel began.
    unix_millis: u64,
    pub(super) log: Lines,
    pub(super) shown: Option<Shown>,
    /// What the owner heard and has not read, the newest first, and when.
    pub(super) alarms: Vec<(Alarm, Moment)>,
    clock: CloudClock,
    /// The voltage that was told last.
    battery: Option<Millivolts>,
    /// What the lock last said of what changes by the calendar and by time alone.
    watched: Watched,
}

/// What no fact of the run loop tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Watched {
    mode: Mode,
    lockout: Lockout,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Lockout {
    #[default]
    Ended,
    Lasts,
}

impl Party {
    pub(super) fn new(unix_millis: u64) -> Self {
        Self {
            now: Moment(0),
            unix_millis,
            log: Lines::default(),
            shown: None,
            alarms: Vec::new(),
            clock: CloudClock::Right,
            battery: None,
            watched: Watched::default(),
        }
    }

    /// The time that the cloud tells the lock.
    pub(super) const fn cloud_time(&self) -> Option<UnixMillis> {
        match self.clock {
            CloudClock::Right => Some(UnixMillis(self.unix_millis())),
            CloudClock::Lost => None,
        }
    }

    /// The cloud's clock is lost, or found again.
    pub(super) fn lose_or_find_the_time(&mut self) {
        let (clock, told) = match self.clock {
            CloudClock::Right => (CloudClock::Lost, "cloud: the clock is lost"),
            CloudClock::Lost => (CloudClock::Right, "cloud: the clock is right"),
        };
        self.clock = clock;
        self.tell(told);
    }

    /// The time as it is.
    pub(super) const fn unix_millis(&self) -> u64 {
        self.unix_millis.saturating_add(self.now.0)
    }

    /// Tells it in the log, a long line in several.
    pub(super) fn tell(&mut self, line: &str) {
        let mut begin = calendar::second(self.unix_millis());
        let mut rest = line;
        loop {
            let (first, after) = first_of(rest);
            self.log.push(format!("{begin} {first}"));
            if after.is_empty() {
                return;
            }
            (begin, rest) = (" ".repeat(begin.len()), after);
        }
    }

    /// Tells of another mode, and of the begin and end of a lockout.
    pub(super) fn watch(&mut self, status: &Status) {
        let lockout = if status.lockout == Seconds(0) { Lockout::Ended } else { Lockout::Lasts };
        let now = Watched { mode: status.mode.value, lockout };
        let before = std::mem::replace(&mut self.watched, now);
        if before.mode != now.mode {
            self.tell(&format!("mode: {:?}, by {:?}", now.mode, status.mode.cause));
        }
        match (before.lockout, lockout) {
            (Lockout::Ended, Lockout::Lasts) => self.tell(&format!("lockout: {} s", status.lockout.0)),
            (Lockout::Lasts, Lockout::Ended) => self.tell("lockout: over"),
            (Lockout::Ended, Lockout::Ended) | (Lockout::Lasts, Lockout::Lasts) => {}
        }
    }

    /// Whether the log has this voltage already, or nearly.
    fn is_told(&mut self, reading: Millivolts) -> bool {
        let is_told = self.battery.is_some_and(|told| told.0.abs_diff(reading.0) < BATTERY_STEP);
        if !is_told {
            self.battery = Some(reading);
        }
        is_told
    }
}

/// As many words as a line of the log takes, and those after them.
fn first_of(text: &str) -> (&str, &str) {
    let Some((end, _)) = text.char_indices().nth(LOG_WIDTH) else { return (text, "") };
    let fits = text.get(..end).and_then(|fits| fits.rfind(' ')).filter(|blank| *blank > 0);
    text.split_at_checked(fits.unwrap_or(end))
        .map_or((text, ""), |(first, after)| (first, after.trim_start()))
}

impl Harness for Party {
    fn transmit(&mut self, _link: LinkId, _packet: &[u8]) {}

    fn close(&mut self, _link: LinkId) {}

    fn note(&mut self, fact: &Fact) {
        if let Fact::Indicated(indication) = fact {
            self.shown = Some(Shown { indication: *indication, at: self.now });
        }
        if let Fact::Alarm(alarm) = fact {
            self.alarms.retain(|(other, _)| other != alarm);
            self.alarms.insert(0, (*alarm, self.now));
        }
        if let Fact::Battery(reading) = fact
            && self.is_told(*reading)
        {
            return;
        }
        if let Some(line) = in_words(fact) {
            self.tell(&line);
        }
    }

    fn boundary(&mut self, _boundary: Boundary) -> Verdict {
        Verdict::GoOn
    }
}
