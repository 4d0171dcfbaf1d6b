use super::*;
use crate::parts::CloudOnly;
use lock_crypto::RustCrypto;
use lock_proto::UnixMillis;

fn settings(change: impl FnOnce(&mut Settings)) -> bool {
    let mut settings = Settings::default();
    change(&mut settings);
    settings.is_valid()
}

#[test]
fn settings_as_made_are_valid_and_each_one_out_of_its_bounds_makes_all_of_them_invalid() {
    assert!(Settings::default().is_valid());
    assert!(settings(|all| all.auto_relock = MAX_AUTO_RELOCK));
    assert!(!settings(|all| all.auto_relock = Seconds(MAX_AUTO_RELOCK.0 + 1)));
    assert!(!settings(|all| all.mechanics.retries = 4));
    assert!(!settings(|all| all.policy.wrong_codes = 2));
    let night = Night { from: MinuteOfDay(1_440), until: MinuteOfDay(1), relock: Seconds(0) };
    assert!(!settings(|all| all.night = Some(night)));
    assert!(!settings(|all| all.zone.offset = UtcOffset(MAX_OFFSET as i16 + 1)));
    assert!(!settings(|all| all.power_supply.cells = 9));
}

#[test]
fn codes_that_are_off_may_have_no_begin_and_codes_that_are_on_must_have_one() {
    let codes = |switch, since| settings(|all| all.offline_codes = CodeSeries { switch, epoch: 1, since });
    assert!(
        codes(CodesSwitch::Off, 0) && codes(CodesSwitch::On, 1) && codes(CodesSwitch::On, CodeSeries::LATEST)
    );
    assert!(!codes(CodesSwitch::On, 0) && !codes(CodesSwitch::Off, CodeSeries::LATEST + 1));
}

#[test]
fn what_is_stored_of_users_windows_and_holidays_keeps_the_order_of_its_dates() {
    let at = |number| UnixMillis(number);
    for (first, last, is_valid) in [(1, 2, true), (2, 2, true), (3, 2, false)] {
        let user = User { not_before: Some(at(first)), not_after: Some(at(last)), ..User::default() };
        assert_eq!(
            is_valid_stored_user(&StoredUser { user, used: Use::Never }),
            is_valid,
            "{first} to {last}"
        );
    }
    for (from, until, is_valid) in [(1, 2, true), (2, 2, false), (3, 2, false)] {
        let window = Window { user: 0, span: Span::Dates { from: at(from), until: at(until) } };
        assert_eq!(is_valid_window(&window), is_valid, "{from} to {until}");
        let holiday = Holiday { from: at(from), until: at(until), mode: None };
        assert_eq!(is_valid_holiday(&holiday), is_valid, "{from} to {until}");
    }
}

#[test]
fn a_lock_without_people_says_of_each_of_their_settings_that_it_has_no_such_part() {
    let span = Span::Dates { from: UnixMillis(1), until: UnixMillis(2) };
    let (slot, put) = (0, Put::Add);
    for setting in [
        Setting::SetUser { slot, put, user: User::default() },
        Setting::SetWindow { slot, put, window: Window { user: 0, span } },
        Setting::SetHoliday {
            slot,
            put,
            holiday: Holiday { from: UnixMillis(1), until: UnixMillis(2), mode: None },
        },
        Setting::Clear { table: Table::Users, slot },
        Setting::OfflineCodes(CodeSeries { switch: CodesSwitch::On, epoch: 1, since: 1 }),
    ] {
        let change = Change { version: 1, setting: setting.clone() };
        let configuration = Configuration::<CloudOnly>::default();
        let refused = configuration.check::<RustCrypto>(&change, &Key::from_bytes([7; 32])).err();
        assert_eq!(refused, Some(Reason::Unsupported), "{setting:?}");
    }
}
