//! Numbers with a unit stop at their ends and never wrap.

use lock_proto::{Seconds, UnixMillis, Uptime};

#[test]
fn a_moment_stays_at_the_end_of_time() {
    assert_eq!(Uptime::from_millis(5).plus_millis(7), Uptime::from_millis(12));
    assert_eq!(Uptime::from_millis(u64::MAX - 1).plus_millis(1), Uptime::from_millis(u64::MAX));
    assert_eq!(Uptime::from_millis(u64::MAX).plus_millis(1), Uptime::from_millis(u64::MAX));
    assert_eq!(UnixMillis(5).plus_millis(7), UnixMillis(12));
    assert_eq!(UnixMillis(u64::MAX).plus_millis(1), UnixMillis(u64::MAX));
}

#[test]
fn the_time_since_a_later_moment_is_zero() {
    let at = Uptime::from_millis;
    assert_eq!([at(4), at(5), at(6)].map(|now| now.millis_since(at(5))), [0, 0, 1]);
    assert_eq!([4, 5, 6].map(|now| UnixMillis(now).millis_since(UnixMillis(5))), [0, 0, 1]);
}

#[test]
fn seconds_are_rounded_down_for_an_age_and_up_for_what_remains() {
    for (millis, down, up) in [(0, 0, 0), (1, 0, 1), (999, 0, 1), (1_000, 1, 1), (1_001, 1, 2)] {
        assert_eq!(Seconds::from_millis(millis), Seconds(down));
        assert_eq!(Seconds::from_millis_ceiling(millis), Seconds(up));
    }
    assert_eq!(Seconds::from_millis(u64::from(u32::MAX) * 1_000), Seconds(u32::MAX));
    assert_eq!(Seconds::from_millis(u64::MAX), Seconds(u32::MAX));
    assert_eq!(Seconds::from_millis_ceiling(u64::MAX), Seconds(u32::MAX));
    assert_eq!(Seconds(u32::MAX).as_millis(), u64::from(u32::MAX) * 1_000);
}
