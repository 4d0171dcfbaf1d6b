//! What the light and the buzzer say to those at the door.

use lock_proto::{Mode, Reason, Sound};

/// Something to show and to sound. Coarse: it tells nobody which codes or rights exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Indication {
    /// The code, key or button was accepted.
    Accepted,
    /// One more credential is awaited.
    OneMore,
    /// It was not accepted, and why as far as the person may know and can help it.
    Refused(Reason),
    /// The bolt did not reach its end.
    Jammed,
    /// Too many wrong codes: codes are refused for now.
    LockedOut,
    /// The battery needs replacing.
    BatteryLow,
    /// The door has been open for too long.
    DoorAjar,
    /// Somebody tampers with the door or the lock.
    Siren,
    /// A mode is in force now.
    Mode(Mode),
    /// The reset button is held: so many seconds until it resets; at 0 release it.
    ResetIn(u8),
    /// The reset was called off, or the button was held for too long.
    ResetCancelled,
    /// The lock is as made.
    ResetDone,
    /// The reset button is held for the second time: so many seconds until the lock belongs to nobody; at 0 release it.
    UnownedIn(u8),
    /// The lock belongs to nobody.
    Unowned,
    /// The calibration or self-test passed.
    TestPassed,
    /// The calibration or self-test failed.
    TestFailed,
}

/// A colour of the light.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Colour {
    /// Done, or go on.
    Green,
    /// Not done.
    Red,
    /// Look after it.
    Amber,
    /// Working.
    Blue,
}

/// A tone of the buzzer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    /// None.
    Silent,
    /// Low.
    Low,
    /// High.
    High,
}

/// One light and tone, so many times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// The light.
    pub colour: Colour,
    /// The tone that sounds with it.
    pub tone: Tone,
    /// How often: 1 to 20.
    pub times: u8,
    /// How long light and tone are on, in milliseconds.
    pub on_ms: u16,
    /// How long they are off in between, in milliseconds.
    pub off_ms: u16,
}

impl Indication {
    /// One of each sort. What it is about changes nothing of its pattern.
    pub const EACH: [Self; 16] = [
        Self::Accepted,
        Self::OneMore,
        Self::Refused(Reason::WrongCode),
        Self::Jammed,
        Self::LockedOut,
        Self::BatteryLow,
        Self::DoorAjar,
        Self::Siren,
        Self::Mode(Mode::Privacy),
        Self::ResetIn(3),
        Self::ResetCancelled,
        Self::ResetDone,
        Self::UnownedIn(3),
        Self::Unowned,
        Self::TestPassed,
        Self::TestFailed,
    ];

    /// The pattern for it. Told apart by colour, by rhythm and by tone: no meaning hangs on one of them alone.
    ///
    /// [`Sound::Quiet`] silences all but the siren.
    #[must_use]
    pub const fn pattern(self, sound: Sound) -> Pattern {
        let (colour, tone, times, on_ms, off_ms) = match self {
            Self::Accepted => (Colour::Green, Tone::High, 1, 400, 0),
            Self::OneMore => (Colour::Blue, Tone::High, 2, 150, 150),
            Self::Refused(_) => (Colour::Red, Tone::Low, 3, 150, 150),
            Self::Jammed => (Colour::Red, Tone::Low, 5, 400, 200),
            Self::LockedOut => (Colour::Red, Tone::Low, 1, 2_000, 0),
            Self::BatteryLow => (Colour::Amber, Tone::Low, 4, 100, 400),
            Self::DoorAjar => (Colour::Amber, Tone::High, 10, 200, 800),
            Self::Siren => (Colour::Red, Tone::High, 20, 500, 100),
            Self::Mode(_) => (Colour::Blue, Tone::High, 1, 800, 0),
            Self::ResetIn(_) => (Colour::Amber, Tone::High, 1, 100, 0),
            Self::ResetCancelled => (Colour::Amber, Tone::Low, 2, 600, 200),
            Self::ResetDone => (Colour::Green, Tone::High, 3, 600, 200),
            Self::UnownedIn(_) => (Colour::Red, Tone::High, 2, 100, 100),
            Self::Unowned => (Colour::Blue, Tone::High, 5, 600, 200),
            Self::TestPassed => (Colour::Green, Tone::High, 2, 200, 200),
            Self::TestFailed => (Colour::Red, Tone::Low, 2, 800, 200),
        };
        let tone = match (sound, self) {
            (Sound::Normal, _) | (Sound::Quiet, Self::Siren) => tone,
            (Sound::Quiet, _) => Tone::Silent,
        };
        Pattern { colour, tone, times, on_ms, off_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_indications_look_alike_even_without_colour_and_sound() {
        for (number, one) in Indication::EACH.iter().enumerate() {
            for other in &Indication::EACH[number + 1..] {
                let rhythm = |indication: &Indication| {
                    let pattern = indication.pattern(Sound::Quiet);
                    (pattern.times, pattern.on_ms, pattern.off_ms)
                };
                assert_ne!(rhythm(one), rhythm(other), "{one:?} and {other:?}");
            }
        }
    }

    #[test]
    fn quiet_silences_all_but_the_siren() {
        for indication in Indication::EACH {
            let is_silent = indication.pattern(Sound::Quiet).tone == Tone::Silent;
            assert_eq!(is_silent, indication != Indication::Siren);
        }
    }
}
