//! What each key does: here those at the lock itself.

mod hands;
mod owner;

use lock_core::proto::{Mode, PinDigits};
use lock_core::state::{InsideButton, ResetButton};

use super::people::Token;
use super::{Panel, PanelError, Power, Wanted};
use crate::hardware::Press;

pub(super) use hands::Cells;
pub(super) use owner::mechanics;

const HOUR_MILLIS: u64 = 3_600_000;
const DAY_MILLIS: u64 = 24 * HOUR_MILLIS;
/// Digits that a keypad takes.
const MAX_DIGITS: usize = PinDigits::MAX;

/// The keys and what they do, for the view, by place. Each line fits a terminal of 80 columns.
pub(super) const HELP: [(&str, &str); 8] = [
    ("keypad", "0-9 Enter Backspace  t lock  R fob  F finger  G guard's fob  X other fob"),
    ("inside", "i unlock  o lock  g lock'n'go  p privacy  e self-test  f reset button"),
    ("hands ", "d door  D break in  h thumb-turn  v cover  n new cells  N other cells"),
    ("world ", "j jam  c clutch  w bolt wire  W door wire  b drain 0.3 V  k power cut"),
    ("      ", "[ colder  ] warmer  . hour on  > day on  C cloud's clock lost/right"),
    ("owner ", "u unlock  U unlatch  l lock  m mode  H holiday  a auto-relock"),
    ("      ", "L latch fitted/removed  B kind of cells  r end lockout  y time"),
    ("      ", "z read alarms  x diagnosis  q quit"),
];

impl Panel {
    /// A key of the keyboard; `'\n'` ends a code, `'\u{8}'` takes a digit back.
    pub(crate) fn key(&mut self, key: char) -> Result<Wanted, PanelError> {
        match key {
            'q' => return Ok(Wanted::Quit),
            '0'..='9' | '\n' | '\u{8}' | 't' | 'R' | 'F' | 'G' | 'X' => self.keypad(key)?,
            'i' | 'o' | 'g' | 'e' | 'p' | 'f' => self.inside(key),
            'd' | 'D' | 'h' | 'v' | 'n' | 'N' => self.hand(key),
            'j' | 'c' | 'w' | 'W' | 'b' | '[' | ']' => self.change_world(key),
            'k' => self.cut_power()?,
            '.' => self.jump(HOUR_MILLIS),
            '>' => self.jump(DAY_MILLIS),
            'C' => self.party.lose_or_find_the_time(),
            'u' | 'U' | 'l' | 'm' | 'H' | 'a' | 'r' | 'L' | 'B' | 'z' | 'y' | 'x' => self.owner(key)?,
            _ => {}
        }
        self.catch_up()?;
        Ok(Wanted::More)
    }

    fn keypad(&mut self, key: char) -> Result<(), PanelError> {
        match key {
            '0'..='9' if self.power.lock().is_none() => {}
            '\n' if self.power.lock().is_none() => self.party.tell("no power; the keypad is dead"),
            '0'..='9' if self.typed.len() < MAX_DIGITS => self.typed.push(key),
            '\n' => self.enter(),
            '\u{8}' => drop(self.typed.pop()),
            't' => self.press(Press::LockButton),
            'R' => self.hold_to_reader(Token::Fob)?,
            'F' => self.hold_to_reader(Token::Finger)?,
            'G' => self.hold_to_reader(Token::GuardsFob)?,
            'X' => self.hold_to_reader(Token::OtherFob)?,
            _ => {}
        }
        Ok(())
    }

    /// Ends the code that was typed.
    fn enter(&mut self) {
        match PinDigits::from_ascii(self.typed.as_bytes()) {
            Ok(digits) => self.press(Press::Code(digits)),
            Err(error) => self.party.tell(&error.to_string()),
        }
        self.typed.clear();
    }

    fn hold_to_reader(&mut self, token: Token) -> Result<(), PanelError> {
        let (kind, id) = token.read()?;
        self.press(Press::Token(kind, id));
        Ok(())
    }

    fn inside(&mut self, key: char) {
        let button = match key {
            'i' => InsideButton::Unlock,
            'o' => InsideButton::Lock,
            'g' => InsideButton::LockNGo,
            'e' => InsideButton::SelfTest,
            'p' if self.is_private() => InsideButton::PrivacyOff,
            'p' => InsideButton::PrivacyOn,
            _ => return self.reset_button(),
        };
        self.press(Press::Inside(button));
    }

    fn is_private(&self) -> bool {
        self.power.lock().is_some_and(|lock| lock.status().mode.value == Mode::Privacy)
    }

    fn reset_button(&mut self) {
        self.reset_is_held = !self.reset_is_held;
        let button = if self.reset_is_held { ResetButton::Pressed } else { ResetButton::Released };
        self.press(Press::Reset(button));
    }

    /// Without power a press does nothing.
    fn press(&mut self, press: Press) {
        match &mut self.power {
            Power::On(lock) => lock.world_mut().press(press),
            Power::Off { .. } | Power::Changes => self.party.tell("no power; the lock does not react"),
        }
    }
}
