//! What whoever tests the board may ask: a line of digits is a code at the keypad, `u` and `l` are the button inside, `o` the one outside,
//! `p` plugs the phone's cable in anew, `n` asks how many packets came, `i` to be told when nothing is left to be stored, `s` how deep the
//! stack was.

use lock_core::device::Input;
use lock_core::proto::PinDigits;
use lock_core::state::InsideButton;
use zeroize::Zeroize;

/// What a line means.
pub(crate) enum Asked {
    Input(Input<'static>),
    Stack,
    Replug,
    Packets,
    Idle,
    Unknown,
}

/// A line that arrives byte by byte. Wiped at its end, since it may be a code.
pub(crate) struct Line {
    bytes: [u8; 16],
    length: usize,
}

impl Line {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; 16], length: 0 }
    }

    /// Takes a byte; what was asked when the byte ends a line. Bytes that are too many are dropped.
    pub(crate) fn push(&mut self, byte: u8) -> Option<Asked> {
        if byte == b'\n' {
            let asked = self.read();
            self.bytes.zeroize();
            self.length = 0;
            return Some(asked);
        }
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
        None
    }

    fn read(&self) -> Asked {
        match self.bytes.get(..self.length).unwrap_or_default() {
            b"u" => Asked::Input(Input::InsideButton(InsideButton::Unlock)),
            b"l" => Asked::Input(Input::InsideButton(InsideButton::Lock)),
            b"o" => Asked::Input(Input::OutsideButton),
            b"p" => Asked::Replug,
            b"n" => Asked::Packets,
            b"i" => Asked::Idle,
            b"s" => Asked::Stack,
            digits => {
                PinDigits::from_ascii(digits).map_or(Asked::Unknown, |code| Asked::Input(Input::code(code)))
            }
        }
    }
}
