//! What each key does.

use lock_core::proto::{
    Action, Celsius, CredentialKind, Millivolts, MinuteOfDay, Mode, Outcome, PinDigits, Put, Reply, Seconds,
    Secret, Setting, Span, UnixMillis, User, UserKind, Weekdays, Window,
};
use lock_core::state::{InsideButton, Observation, ResetButton, TamperContact};
use lock_diagnosis::texts::ENGLISH;
use lock_diagnosis::{Signs, diagnose};

use super::{Panel, PanelError, Wanted};
use crate::hardware::{Door, Gearing, Press, Side, Strike, Wiring};

/// The code that opens at any time.
pub(super) const FAMILY: &str = "2580";
/// The code of a guest, on weekdays from 8 to 18 by UTC.
pub(super) const GUEST: &str = "7301";

/// A press of `b` takes so much from the battery.
const STEP: u16 = 300;
const FRESH: Millivolts = Millivolts(6_300);

/// The keys and what they do, for the view: at the door, inside, hands, the world, the owner.
pub(super) const HELP: [(&str, &str); 5] = [
    ("keypad", "0-9 digits  Enter open  Backspace  t lock"),
    ("inside", "i unlock  o lock  g lock'n'go  p privacy  e self-test  f hold/release reset"),
    ("hands ", "d door  h thumb-turn"),
    (
        "world ",
        "j jam  c clutch  w sensor wire  v cover  b battery -0.3 V  n new cells  [ colder  ] warmer  k power cut",
    ),
    ("owner ", "u unlock  l lock  m mode  a auto-relock  r end lockout  y time  x diagnosis      q quit"),
];

impl Panel {
    /// The owner sets two codes and tells the time.
    pub(super) fn set_up(&mut self) -> Result<(), PanelError> {
        let user = User { kind: UserKind::WeekDay, ..User::default() };
        let span =
            Span::Weekly { days: Weekdays(0x3e), from: MinuteOfDay(8 * 60), until: MinuteOfDay(18 * 60) };
        let digits = |text: &str| PinDigits::from_ascii(text.as_bytes()).ok();
        if let (Some(family), Some(guest)) = (digits(FAMILY), digits(GUEST)) {
            self.set(Setting::pin(0, family))?;
            self.set(Setting::SetUser { slot: 0, put: Put::Set, user })?;
            self.set(Setting::SetWindow { slot: 0, put: Put::Set, window: Window { user: 0, span } })?;
            let (kind, secret) = (CredentialKind::Pin, Secret::Pin(guest));
            self.set(Setting::SetCredential { slot: 1, put: Put::Set, user: Some(0), kind, secret })?;
        }
        Ok(())
    }

    /// A key of the keyboard; `'\n'` ends a code, `'\u{8}'` takes a digit back.
    pub(crate) fn key(&mut self, key: char) -> Result<Wanted, PanelError> {
        match key {
            'q' => return Ok(Wanted::Quit),
            '0'..='9' if self.typed.len() < 10 => self.typed.push(key),
            '\n' => self.enter(),
            '\u{8}' => drop(self.typed.pop()),
            't' => self.press(Press::LockButton),
            'i' => self.press(Press::Inside(InsideButton::Unlock)),
            'o' => self.press(Press::Inside(InsideButton::Lock)),
            'g' => self.press(Press::Inside(InsideButton::LockNGo)),
            'e' => self.press(Press::Inside(InsideButton::SelfTest)),
            'p' => self.privacy(),
            'f' => self.reset_button(),
            'k' => self.cut_power()?,
            'd' | 'h' => self.hand(key),
            'j' | 'c' | 'w' | 'v' | 'b' | 'n' | '[' | ']' => self.change_world(key),
            'u' => self.order(Action::Unlock)?,
            'l' => self.order(Action::Lock)?,
            'm' => self.next_mode()?,
            'a' => self.relock()?,
            'r' => self.order(Action::EndLockout)?,
            'y' => self.tell_time()?,
            'x' => self.diagnose()?,
            _ => {}
        }
        self.step(self.party.now)?;
        Ok(Wanted::More)
    }

    fn privacy(&mut self) {
        let is_private = self.lock.as_ref().is_some_and(|lock| lock.status().mode.value == Mode::Privacy);
        let button = if is_private { InsideButton::PrivacyOff } else { InsideButton::PrivacyOn };
        self.press(Press::Inside(button));
    }

    fn reset_button(&mut self) {
        self.reset_is_held = !self.reset_is_held;
        let button = if self.reset_is_held { ResetButton::Pressed } else { ResetButton::Released };
        self.press(Press::Reset(button));
    }

    fn hand(&mut self, key: char) {
        let Some(world) = self.world() else { return };
        let done = if key == 'd' {
            let door = match world.truth().door {
                Door::Open => Door::Closed,
                Door::Closed => Door::Open,
            };
            world.move_door(door).map_err(|error| error.to_string())
        } else {
            let is_in = world.truth().bolt_micrometres < crate::hardware::THROW / 2;
            world.turn(if is_in { Side::Thrown } else { Side::Withdrawn }).map_err(|error| error.to_string())
        };
        if let Err(why) = done {
            self.party.tell(&why);
        }
    }

    fn change_world(&mut self, key: char) {
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
            'w' => world.set_wiring(match now.wiring {
                Wiring::Whole => Wiring::Broken,
                Wiring::Broken => Wiring::Whole,
            }),
            'v' => {
                world.observe(Observation::Tamper(TamperContact::Open));
                world.observe(Observation::Tamper(TamperContact::Closed));
            }
            'b' => world.replace_battery(Millivolts(world.battery_sensor().0.saturating_sub(STEP))),
            'n' => world.replace_battery(FRESH),
            '[' => world.set_temperature(Celsius(now.celsius.saturating_sub(5))),
            _ => world.set_temperature(Celsius(now.celsius.saturating_add(5))),
        }
    }

    fn next_mode(&mut self) -> Result<(), PanelError> {
        let mode = self.lock.as_ref().map(|lock| lock.status().mode.value).unwrap_or_default();
        self.order(Action::SetMode(match mode {
            Mode::Normal => Mode::Vacation,
            Mode::Vacation => Mode::NoRemote,
            Mode::NoRemote => Mode::Passage,
            Mode::Privacy | Mode::Passage => Mode::Normal,
        }))
    }

    fn relock(&mut self) -> Result<(), PanelError> {
        self.relock_seconds = if self.relock_seconds == 0 { 10 } else { 0 };
        self.set(Setting::AutoRelock(Seconds(self.relock_seconds)))
    }

    fn set(&mut self, setting: Setting) -> Result<(), PanelError> {
        self.owner.time = Some(UnixMillis(self.party.unix_millis()));
        let Some(lock) = &mut self.lock else { return Ok(()) };
        let reply = self.owner.set(lock, setting, &mut self.party)?;
        self.tell_reply(&reply);
        Ok(())
    }

    fn order(&mut self, action: Action) -> Result<(), PanelError> {
        self.owner.time = Some(UnixMillis(self.party.unix_millis()));
        let Some(lock) = &mut self.lock else { return Ok(()) };
        let reply = self.owner.order(lock, action, &mut self.party)?;
        self.tell_reply(&reply);
        Ok(())
    }

    fn tell_time(&mut self) -> Result<(), PanelError> {
        self.owner.time = Some(UnixMillis(self.party.unix_millis()));
        let Some(lock) = &mut self.lock else { return Ok(()) };
        self.owner.ask(lock, lock_core::proto::Request::Nothing, &mut self.party)?;
        self.party.tell("owner: told the time");
        Ok(())
    }

    fn tell_reply(&mut self, reply: &Reply) {
        let told = if let Reply::Command { outcome: Outcome::Refused(reason), .. } = reply {
            format!("owner: refused, {reason}")
        } else if let Reply::Command { outcome, .. } = reply {
            format!("owner: {outcome:?}")
        } else {
            format!("owner: {reply:?}")
        };
        self.party.tell(&told);
    }

    fn diagnose(&mut self) -> Result<(), PanelError> {
        // Who asks why the clock is lost does not set it by asking.
        self.owner.time = None;
        let Some(lock) = &mut self.lock else { return Ok(()) };
        let report = self.owner.health(lock, &mut self.party)?;
        let findings = diagnose(&Signs::from_report(&report));
        if findings.is_empty() {
            self.party.tell(&format!("diagnosis: {}", ENGLISH.nothing_found));
        }
        for finding in findings.iter().take(3) {
            let name = (ENGLISH.cause)(finding.cause()).name;
            self.party.tell(&format!("diagnosis: {name} ({})", (ENGLISH.confidence)(finding.confidence())));
        }
        if let Some(step) = findings.first().and_then(lock_diagnosis::Finding::next_step) {
            self.party.tell(&format!("  next: {}", (ENGLISH.step)(step).act));
        }
        Ok(())
    }
}
