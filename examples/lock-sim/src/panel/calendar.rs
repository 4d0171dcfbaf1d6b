//! Dates and times of day by UTC, as people write them.

const DAY_MILLIS: u64 = 24 * 3_600_000;
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The first and the last moment of the day that `unix_millis` is in; the last is the first of the next.
pub(super) const fn day_of(unix_millis: u64) -> (u64, u64) {
    let from = unix_millis - unix_millis % DAY_MILLIS;
    (from, from.saturating_add(DAY_MILLIS))
}

/// `15 Jan 2026`.
pub(super) fn date(unix_millis: u64) -> String {
    let (year, month, day) = civil(unix_millis / DAY_MILLIS);
    format!("{day} {} {year}", MONTHS.get(month).unwrap_or(&""))
}

/// `Thu 10:00`.
pub(super) fn minute(unix_millis: u64) -> String {
    let minutes = unix_millis % DAY_MILLIS / 60_000;
    format!("{} {:02}:{:02}", weekday(unix_millis), minutes / 60, minutes % 60)
}

/// `Thu 10:00:02`.
pub(super) fn second(unix_millis: u64) -> String {
    format!("{}:{:02}", minute(unix_millis), unix_millis / 1_000 % 60)
}

fn weekday(unix_millis: u64) -> &'static str {
    let days = usize::try_from(unix_millis / DAY_MILLIS % 7).unwrap_or(0);
    WEEKDAYS.get(days).unwrap_or(&"")
}

/// Year, month from 0, and day from 1 of the day that is `days` after 1 January 1970.
///
/// After Howard Hinnant, "chrono-compatible low-level date algorithms": years begin in March, and 400 of them are an era.
fn civil(days: u64) -> (u64, usize, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12;
    let year = year_of_era + era * 400 + u64::from(month < 2);
    (year, usize::try_from(month).unwrap_or(0), day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_named_as_on_a_wall_calendar() {
        assert_eq!(date(0), "1 Jan 1970");
        assert_eq!(date(1_709_164_800_000), "29 Feb 2024");
        assert_eq!(date(1_709_251_199_999), "29 Feb 2024");
        assert_eq!(date(1_709_251_200_000), "1 Mar 2024");
        assert_eq!(date(1_768_471_202_500), "15 Jan 2026");
        assert_eq!(second(1_768_471_202_500), "Thu 10:00:02");
    }

    #[test]
    fn a_day_begins_and_ends_at_midnight() {
        let noon = 20_468 * DAY_MILLIS + DAY_MILLIS / 2;
        assert_eq!(day_of(noon), (20_468 * DAY_MILLIS, 20_469 * DAY_MILLIS));
        assert_eq!(day_of(20_468 * DAY_MILLIS).0, 20_468 * DAY_MILLIS);
    }
}
