//! How often digits open that nobody was given, and that those who were given some are let in exactly in their window.

use std::collections::BTreeSet;

use lock_crypto::{CodeKey, NineDigits, RustCrypto};
use lock_proto::{CodeClass, CodeSeries, CodesSwitch, OfflineCode, QuarterHours, UnixMillis};
use lock_state::read_offline_code;
use proptest::prelude::*;

use crate::offline::{HOUR, NOW, SERIES, digits, digits_in, enter, world, world_at};
use crate::world::NOON;

/// Protocol section 3.6: 368 of 10^9 open at any moment. The permutation is one, so that the codes that open now are the images of the
/// slots that mean now: counted over all slots, and held against what a lock reads.
#[test]
fn of_all_numbers_of_nine_digits_368_open_at_one_moment() {
    let world = world();
    let slots = (0..CodeSeries::SLOTS).filter_map(|slot| SERIES.code_of(slot));
    let opens = |code: &OfflineCode| code.begin() <= NOON && NOON < code.end();
    let full = CodeSeries { since: SERIES.since - 672, ..SERIES };
    let numbers = |series: CodeSeries| -> BTreeSet<_> {
        let codes = (0..CodeSeries::SLOTS).filter_map(|slot| series.code_of(slot)).filter(opens);
        codes.map(|code| digits_in(&world, series, code)).collect()
    };
    assert_eq!(numbers(full).len(), 368, "four weeks into the epoch and from then on");
    assert!(numbers(SERIES).len() < 368, "fewer before");
    assert_eq!(slots.count(), CodeSeries::SLOTS as usize);
    for number in numbers(full) {
        let digits = NineDigits::from_ascii(&number).unwrap();
        assert!(opens(&read_offline_code::<RustCrypto>(&world.code_leaf, full, &digits).unwrap()));
    }
}

/// One of 1,637 numbers is a code of some time, and none of 400,000 opens now more often than 368 of 10^9 would.
#[test]
fn random_digits_are_codes_as_rarely_as_computed() {
    let world = world();
    let key = CodeKey::derive::<RustCrypto>(&world.code_leaf, SERIES.epoch, SERIES.since);
    let (mut state, mut codes, mut open) = (1_u64, 0, 0);
    const SAMPLE: u32 = 400_000;
    for _ in 0..SAMPLE {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let number = NineDigits::new((state >> 33) as u32 % NineDigits::COUNT).unwrap();
        if let Some(code) = SERIES.code_of(key.decode::<RustCrypto>(&number).number()) {
            codes += 1;
            open += u32::from(code.begin() <= NOON && NOON < code.end());
        }
    }
    let expected = f64::from(SAMPLE) * f64::from(CodeSeries::SLOTS) / 1e9;
    assert!((f64::from(codes) - expected).abs() < 5.0 * expected.sqrt(), "{codes}, expected {expected}");
    assert!(open <= 4, "{open}, expected 0.15");
}

/// Protocol section 3.6, "How often nine digits open": 33 guesses on the first day, 24 on each later one.
#[test]
fn a_guesser_has_33_guesses_on_the_first_day_and_24_on_each_later_one() {
    let mut world = world();
    let (start, mut guesses) = (world.now, Vec::new());
    while guesses.len() < 33 + 24 + 24 + 1 {
        match world.code(format!("{:09}", guesses.len()).as_bytes()) {
            Ok(effects) => {
                assert_eq!(effects.motor, None);
                guesses.push(world.now.millis_since(start) / (24 * HOUR));
            }
            Err(refusal) => {
                let _ = world.after(refusal.retry_after.unwrap().as_millis());
            }
        }
    }
    let on = |day| guesses.iter().filter(|guess| **guess == day).count();
    assert_eq!([on(0), on(1), on(2)], [33, 24, 24]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn a_code_opens_exactly_in_its_window(
        class in prop::sample::select(CodeClass::ALL.to_vec()), starts_ago in 0_u32..3_000, ahead in any::<bool>(),
        serial in 0_u8..4, after in 0_u64..50 * 24 * HOUR,
    ) {
        let unit = class.unit().0;
        let start = if ahead { NOW.0 + starts_ago } else { NOW.0 - starts_ago.min(48 * 4) };
        let code = OfflineCode {
            class, start: QuarterHours(start.div_ceil(unit) * unit), serial: serial % class.serials(),
        };
        let time = UnixMillis(NOON.0 + after);
        let mut world = world_at(time, 0);
        let digits = digits(&world, code);
        let opened = enter(&mut world, &digits).motor.is_some();
        prop_assert_eq!(opened, code.begin() <= time && time < code.end());
    }

    #[test]
    fn any_digits_panic_nowhere_and_open_nothing(digits in "[0-9]{4,10}", epoch in any::<u32>(), since in any::<u32>()) {
        let mut world = world();
        let effects = world.code(digits.as_bytes()).unwrap();
        prop_assert_eq!(effects.motor, None);
        let series = CodeSeries { switch: CodesSwitch::On, epoch, since };
        if let Some(digits) = NineDigits::from_ascii(digits.as_bytes()) {
            let _ = read_offline_code::<RustCrypto>(&world.code_leaf, series, &digits);
        }
    }
}
