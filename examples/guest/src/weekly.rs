//! A window of each week, as people write it.

use lock_core::cloud::WeeklyWindow;
use lock_core::proto::{MinuteOfDay, Weekdays};

/// By their number in [`Weekdays`].
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Reads `mon,tue@08:00-12:00`. An end at or before the beginning is on the next day; 24:00 is an end.
pub(crate) fn window(text: &str) -> Result<WeeklyWindow, String> {
    let wrong = || format!("{text:?} is no window; write it as mon,tue@08:00-12:00 or daily@22:00-06:00");
    let (days, times) = text.split_once('@').ok_or_else(wrong)?;
    let (from, until) = times.split_once('-').ok_or_else(wrong)?;
    let days = weekdays(days).ok_or_else(wrong)?;
    let from = minute(from).filter(|from| *from < MinuteOfDay::END).ok_or_else(wrong)?;
    let until = minute(until).ok_or_else(wrong)?;
    let until = if until == MinuteOfDay::END { MinuteOfDay(0) } else { until };
    Ok(WeeklyWindow { days, from, until })
}

/// Writes a window for people.
pub(crate) fn words(window: WeeklyWindow) -> String {
    let WeeklyWindow { days, from, until } = window;
    let days = if days == Weekdays::ALL {
        "daily".to_owned()
    } else {
        let named = (0..).zip(DAYS).filter(|(number, _)| days.contains(*number));
        named.map(|(_, name)| name).collect::<Vec<_>>().join(",")
    };
    let next = if until <= from { " of the next day" } else { "" };
    format!("{days} from {} until {}{next}, by the lock's clock", clock(from), clock(until))
}

fn weekdays(text: &str) -> Option<Weekdays> {
    if text == "daily" {
        return Some(Weekdays::ALL);
    }
    text.split(',').try_fold(Weekdays(0), |days, name| {
        let number = DAYS.iter().position(|day| *day == name)?;
        Some(Weekdays(days.0 | 1 << number))
    })
}

fn minute(text: &str) -> Option<MinuteOfDay> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse::<u16>().ok() } else { None }
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let minute = MinuteOfDay(hours * 60 + minutes);
    (minutes < 60 && minute <= MinuteOfDay::END).then_some(minute)
}

fn clock(MinuteOfDay(minute): MinuteOfDay) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (u8, u16, u16) {
        let WeeklyWindow { days, from, until } = window(text).unwrap();
        (days.0, from.0, until.0)
    }

    #[test]
    fn windows_are_read_with_sunday_as_the_first_bit() {
        assert_eq!(read("mon,tue@08:00-12:00"), (0b110, 480, 720));
        assert_eq!(read("sun@00:00-24:00"), (1, 0, 0), "the whole day");
        assert_eq!(read("daily@22:00-06:00"), (0x7f, 1_320, 360));
    }

    #[test]
    fn what_is_no_window_is_refused() {
        for bad in [
            "",
            "mon",
            "mon@08:00",
            "@08:00-12:00",
            "mo@08:00-12:00",
            "mon,@08:00-12:00",
            "mon@8:00-12:00",
            "mon@24:00-12:00",
            "mon@08:60-12:00",
            "mon@08:00-24:01",
            "mon@+8:00-12:00",
        ] {
            assert!(window(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn windows_are_said_in_words() {
        let said = |text| words(window(text).unwrap());
        assert_eq!(said("tue,mon@08:00-12:00"), "mon,tue from 08:00 until 12:00, by the lock's clock");
        assert_eq!(
            said("daily@22:00-06:00"),
            "daily from 22:00 until 06:00 of the next day, by the lock's clock"
        );
    }
}
