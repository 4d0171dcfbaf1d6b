//! Moments and durations, as people write them.

use std::time::Duration;

use lock_core::proto::UnixMillis;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Milliseconds before this one are of 1973 or earlier: seconds that were taken for them.
const TOO_FEW: u64 = 100_000_000_000;

/// Reads a moment: RFC 3339, or Unix milliseconds.
pub(crate) fn moment(text: &str) -> Result<UnixMillis, String> {
    let wrong = || format!("{text:?} is no moment; write it as 2026-12-24T08:00:00Z or in Unix milliseconds");
    let millis = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_err(|_| wrong())?
    } else {
        let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| wrong())?;
        u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).map_err(|_| wrong())?
    };
    if millis < TOO_FEW {
        return Err(format!("{text} is long past; give Unix time in milliseconds, not in seconds"));
    }
    Ok(UnixMillis(millis))
}

/// Writes a moment, in UTC and to the second; one that no calendar has, in milliseconds.
pub(crate) fn words(UnixMillis(moment): UnixMillis) -> String {
    i64::try_from(moment / 1_000)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| format!("{moment} ms after 1970"))
}

/// Reads a duration: numbers, each with one of s, m, h, d, w behind it.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let seconds = seconds(text).filter(|seconds| *seconds > 0);
    let wrong = || format!("{text:?} is no time from now; write it as 2h, 1h30m or 3d");
    seconds.map(Duration::from_secs).ok_or_else(wrong)
}

fn seconds(text: &str) -> Option<u64> {
    let (mut all, mut rest) = (0_u64, text);
    while !rest.is_empty() {
        let (number, behind) = rest.split_at(rest.find(|letter: char| !letter.is_ascii_digit())?);
        let unit = behind.chars().next()?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        all = all.checked_add(number.parse::<u64>().ok()?.checked_mul(seconds)?)?;
        rest = behind.get(unit.len_utf8()..)?;
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_with_any_offset_and_as_milliseconds() {
        assert_eq!(moment("2026-01-01T00:00:00Z"), Ok(UnixMillis(1_767_225_600_000)));
        assert_eq!(moment("2026-01-01T01:30:00+01:30"), Ok(UnixMillis(1_767_225_600_000)));
        assert_eq!(moment("1767225600000"), Ok(UnixMillis(1_767_225_600_000)));
        assert_eq!(words(UnixMillis(1_767_225_600_999)), "2026-01-01T00:00:00Z");
        assert_eq!(words(UnixMillis(u64::MAX)), format!("{} ms after 1970", u64::MAX));
    }

    #[test]
    fn what_is_no_moment_and_seconds_are_refused() {
        for bad in
            ["", "tomorrow", "2026-01-01", "2026-02-30T00:00:00Z", "1767225600", "99999999999999999999"]
        {
            assert!(moment(bad).is_err(), "{bad}");
        }
        assert!(moment("99999999999").is_err());
        assert!(moment("100000000000").is_ok());
        assert!(moment("1767225600").unwrap_err().contains("milliseconds"));
    }

    #[test]
    fn durations_are_read_in_all_units() {
        for (text, seconds) in [("1s", 1), ("2h", 7_200), ("1h30m", 5_400), ("3d", 259_200), ("1w", 604_800)]
        {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for bad in
            ["", "0s", "2", "h", "2 h", "-2h", "2y", "2h3", "99999999999999999999s", "18446744073709551615w"]
        {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
