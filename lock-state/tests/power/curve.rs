//! From voltage to charge.

use lock_proto::{Millivolts, Supply, wire};
use lock_state::power::{Charge, Chemistry};

fn batteries() -> impl Iterator<Item = &'static Chemistry> {
    Supply::ALL.into_iter().filter_map(Chemistry::of)
}

#[test]
fn the_mains_alone_has_no_chemistry() {
    assert_eq!(batteries().count(), 3);
    assert_eq!(Chemistry::of(Supply::Mains), None);
}

#[test]
fn a_higher_voltage_is_never_less_charge() {
    for chemistry in batteries() {
        let charges: Vec<_> = (0..=u16::MAX).map(|cell| chemistry.charge(Millivolts(cell))).collect();
        assert!(charges.is_sorted());
        assert_eq!((charges[0], charges[65_535]), (Charge::from_tenths(0), Charge::FULL));
    }
}

#[test]
fn the_ends_of_the_alkaline_curve_are_empty_and_full() {
    let at = |cell| Chemistry::ALKALINE.charge(Millivolts(cell)).tenths();
    assert_eq!([at(899), at(900), at(904)], [0, 0, 1]);
    assert_eq!([at(1_579), at(1_580), at(1_581)], [998, 1_000, 1_000]);
}

#[test]
fn between_two_points_it_is_a_straight_line() {
    let at = |cell| Chemistry::ALKALINE.charge(Millivolts(cell)).tenths();
    assert_eq!([at(1_300), at(1_350), at(1_400)], [480, 590, 700]);
}

#[test]
fn low_is_about_a_tenth_of_the_charge_in_every_chemistry() {
    for chemistry in batteries() {
        let percent = chemistry.charge(chemistry.low_below).percent();
        assert!((8..=12).contains(&percent), "{percent}");
    }
}

#[test]
fn a_charge_is_never_more_than_full_wherever_it_comes_from() {
    assert_eq!([999, 1_000, 1_001].map(|tenths| Charge::from_tenths(tenths).tenths()), [999, 1_000, 1_000]);
    let stored: Charge = wire::read(&[0xff, 0xff, 0x03]).unwrap();
    assert_eq!((stored.tenths(), stored.percent()), (1_000, 100));
}
