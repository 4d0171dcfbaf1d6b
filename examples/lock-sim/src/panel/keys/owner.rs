//! What the owner orders and sets, from afar.

use lock_core::proto::{
    Action, ClockFact, Holiday, Latch, Mechanics, Mode, Outcome, PowerSupply, Put, Reply, Request, Seconds,
    Setting, Supply, Table, UnixMillis,
};
use lock_diagnosis::texts::ENGLISH;
use lock_diagnosis::{Finding, Signs, diagnose};

use super::super::{Panel, PanelError, Power, calendar};
use crate::hardware::Case;
use crate::owner::AskError;

/// The relock delay that `a` sets.
const RELOCK: Seconds = Seconds(10);
/// An open door is ajar after so long.
const AJAR_AFTER: Seconds = Seconds(30);
/// Findings that a diagnosis tells at most.
const FINDINGS: usize = 3;

/// The setting for a lock with or without a latch.
pub(in super::super) fn mechanics(case: Case) -> Mechanics {
    let latch = match case {
        Case::WithLatch => Latch::Sensed,
        Case::Deadbolt => Latch::None,
    };
    Mechanics { latch, ajar_after: AJAR_AFTER, ..Mechanics::default() }
}

impl Panel {
    pub(super) fn owner(&mut self, key: char) -> Result<(), PanelError> {
        match key {
            'u' => self.order("unlock", Action::Unlock),
            'U' => self.order("unlatch", Action::Unlatch),
            'l' => self.order("lock", Action::Lock),
            'm' => self.next_mode(),
            'H' => self.holiday(),
            'a' => self.relock(),
            'r' => self.order("end lockout", Action::EndLockout),
            'L' => self.latch(),
            'B' => self.supply(),
            'y' => self.tell_time(),
            'x' => self.diagnose(),
            _ => {
                self.party.alarms.clear();
                Ok(())
            }
        }
    }

    fn next_mode(&mut self) -> Result<(), PanelError> {
        let mode = self.power.lock().map(|lock| lock.status().mode.value).unwrap_or_default();
        let next = match mode {
            Mode::Normal => Mode::Vacation,
            Mode::Vacation => Mode::NoRemote,
            Mode::NoRemote => Mode::Passage,
            Mode::Privacy | Mode::Passage => Mode::Normal,
        };
        self.order(&format!("mode {next:?}"), Action::SetMode(next))
    }

    /// Today, until midnight by UTC, is a holiday in vacation mode; or no day is one.
    fn holiday(&mut self) -> Result<(), PanelError> {
        let today = self.party.unix_millis();
        let is_ahead = self.power.lock().is_some_and(|lock| {
            lock.device().lock().configuration().holidays().any(|holiday| today < holiday.until.0)
        });
        if is_ahead {
            return self.set("no holiday", Setting::Clear { table: Table::Holidays, slot: 0 });
        }
        let Some(now) = self.party.cloud_time() else {
            self.party.tell("owner: which day is it? The cloud's clock is lost");
            return Ok(());
        };
        let (from, until) = calendar::day_of(now.0);
        let holiday =
            Holiday { from: UnixMillis(from), until: UnixMillis(until), mode: Some(Mode::Vacation) };
        self.set("holiday until midnight", Setting::SetHoliday { slot: 0, put: Put::Set, holiday })
    }

    fn relock(&mut self) -> Result<(), PanelError> {
        let set = self.settings().map(|settings| settings.auto_relock).unwrap_or_default();
        let next = if set == Seconds(0) { RELOCK } else { Seconds(0) };
        self.set(&format!("auto-relock after {} s", next.0), Setting::AutoRelock(next))
    }

    /// Another case is put into the door, and the owner says so to the lock.
    fn latch(&mut self) -> Result<(), PanelError> {
        let Some(world) = self.world() else { return Ok(()) };
        let case = match world.snapshot().case {
            Case::WithLatch => Case::Deadbolt,
            Case::Deadbolt => Case::WithLatch,
        };
        world.set_case(case);
        let mechanics = mechanics(case);
        self.set(&format!("latch {:?}", mechanics.latch), Setting::Mechanics(mechanics))
    }

    fn supply(&mut self) -> Result<(), PanelError> {
        let set = self.settings().map(|settings| settings.power_supply.supply).unwrap_or_default();
        let (supply, cells) = match set {
            Supply::Alkaline => (Supply::Lithium, 4),
            Supply::Lithium => (Supply::NiMh, 4),
            Supply::NiMh => (Supply::Mains, 0),
            Supply::Mains => (Supply::Alkaline, 4),
        };
        self.set(&format!("supply {supply:?}"), Setting::PowerSupply(PowerSupply { supply, cells }))
    }

    fn set(&mut self, what: &str, setting: Setting) -> Result<(), PanelError> {
        let reply = self.reply_to_setting(setting)?;
        self.tell_reply(what, reply);
        Ok(())
    }

    /// Tells a refusal alone.
    pub(in super::super) fn set_quietly(&mut self, setting: Setting) -> Result<(), PanelError> {
        let reply = self.reply_to_setting(setting)?;
        if !matches!(reply, Some(Reply::Command { outcome: Outcome::Done, .. })) {
            self.tell_reply("set-up", reply);
        }
        Ok(())
    }

    fn reply_to_setting(&mut self, setting: Setting) -> Result<Option<Reply>, PanelError> {
        self.owner.time = self.party.cloud_time();
        let Power::On(lock) = &mut self.power else {
            self.hear_nothing();
            return Ok(None);
        };
        let asked = self.owner.set(lock, setting, &mut self.party);
        self.hear(asked)
    }

    fn order(&mut self, what: &str, action: Action) -> Result<(), PanelError> {
        self.owner.time = self.party.cloud_time();
        let Power::On(lock) = &mut self.power else {
            self.hear_nothing();
            return Ok(());
        };
        let asked = self.owner.order(lock, action, &mut self.party);
        let reply = self.hear(asked)?;
        self.tell_reply(what, reply);
        Ok(())
    }

    fn tell_time(&mut self) -> Result<(), PanelError> {
        self.owner.time = self.party.cloud_time();
        let Power::On(lock) = &mut self.power else {
            self.hear_nothing();
            return Ok(());
        };
        let asked = self.owner.ask(lock, Request::Nothing, &mut self.party);
        if self.hear(asked)?.is_none() {
            return Ok(());
        }
        let clock = self.power.lock().map(|lock| lock.status().clock).unwrap_or_default();
        self.party.tell(match (self.owner.time, clock) {
            (None, _) => "owner: does not know the time either",
            (Some(_), ClockFact::Trusted { .. }) => "owner: told the time",
            (Some(_), ClockFact::Unset | ClockFact::Floor) => {
                "owner: told the time; the lock wants it once more"
            }
        });
        Ok(())
    }

    fn tell_reply(&mut self, what: &str, reply: Option<Reply>) {
        let told = match reply {
            None => return,
            Some(Reply::Command { outcome: Outcome::Refused(reason), .. }) => format!("refused, {reason}"),
            Some(Reply::Command { outcome, .. }) => format!("{outcome:?}"),
            Some(other) => format!("{other:?}"),
        };
        self.party.tell(&format!("owner: {what}: {told}"));
    }

    fn diagnose(&mut self) -> Result<(), PanelError> {
        // Who asks why the clock is lost does not set it by asking.
        self.owner.time = None;
        let Power::On(lock) = &mut self.power else {
            self.hear_nothing();
            return Ok(());
        };
        let asked = self.owner.health(lock, &mut self.party);
        let Some(report) = self.hear(asked)? else { return Ok(()) };
        let findings = diagnose(&Signs::from_report(&report));
        if findings.is_empty() {
            self.party.tell(&format!("diagnosis: {}", ENGLISH.nothing_found));
        }
        for finding in findings.iter().take(FINDINGS) {
            let name = (ENGLISH.cause)(finding.cause()).name;
            self.party.tell(&format!("diagnosis: {name} ({})", (ENGLISH.confidence)(finding.confidence())));
        }
        if let Some(step) = findings.first().and_then(Finding::next_step) {
            self.party.tell(&format!("  next: {}", (ENGLISH.step)(step).act));
        }
        Ok(())
    }

    /// A lock that does not answer is told of; one that has stopped ends the panel.
    fn hear<T>(&mut self, asked: Result<T, AskError>) -> Result<Option<T>, PanelError> {
        match asked {
            Ok(answer) => Ok(Some(answer)),
            Err(AskError::Step(error)) => Err(error.into()),
            Err(error @ (AskError::Session(_) | AskError::Silent)) => {
                self.party.tell(&format!("owner: {error}"));
                Ok(None)
            }
        }
    }

    fn hear_nothing(&mut self) {
        self.party.tell(&format!("owner: {}", AskError::Silent));
    }
}
