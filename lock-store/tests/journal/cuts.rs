//! The power is cut in every byte, and then in every byte of the recovery.
//!
//! These tests find a journal that erases the only good sector first (in `Journal::switch`: prepare the old sector
//! before the live word of the new one is set): the mount after a cut between the two has no live sector.

use lock_store::host::EraseDamage;

use crate::world::{DAMAGES, End, Step, World, payload};

/// Appends of several sizes to a few tags with idle work now and then, and with stretches without any, so that sectors
/// are switched by appends and by idle work.
fn script(appends: usize, longest: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    for number in 0..appends {
        let length = [8, longest, 0, 17, 31][number % 5];
        steps.push(Step::Append([3, 0, 15, 3, 7][number % 5], payload(number, length)));
        if number % 7 == 6 || number % 11 == 3 {
            steps.push(Step::Idle);
        }
    }
    steps
}

/// Cuts the first `window` steps from each point of the script in every byte; after each cut boots, and lives on.
fn cut_everywhere<const WRITE: usize, const ERASE: usize>(
    sectors: usize,
    damage: EraseDamage,
    steps: &[Step],
) -> u64 {
    let mut base = World::<WRITE, ERASE>::formatted(sectors, damage);
    let mut cuts = 0;
    for (place, step) in steps.iter().enumerate() {
        let window = &steps[place..steps.len().min(place + 2)];
        for bytes in 0.. {
            let mut world = base.clone();
            world.flash.power_cut_after(bytes);
            if world.run(window) == End::Done {
                break;
            }
            cuts += 1;
            world.recover();
            let rest = &steps[place..steps.len().min(place + 6)];
            assert_eq!(world.run(rest), End::Done);
            assert_eq!(world.run(&[Step::Idle]), End::Done);
        }
        assert_eq!(base.run(std::slice::from_ref(step)), End::Done);
    }
    assert!(base.flash.counters().erases > sectors as u64 + 2, "the script switches sectors and erases");
    cuts
}

#[test]
fn a_cut_in_any_byte_keeps_every_acknowledged_record_with_two_sectors() {
    for damage in DAMAGES {
        let cuts = cut_everywhere::<8, 1024>(2, damage, &script(36, 120));
        assert!(cuts > 3_000, "{cuts} cuts");
    }
}

#[test]
fn a_cut_in_any_byte_keeps_every_acknowledged_record_with_three_sectors() {
    let cuts = cut_everywhere::<4, 1024>(3, EraseDamage::Scattered, &script(36, 120));
    assert!(cuts > 3_000, "{cuts} cuts");
}

#[test]
fn a_cut_in_any_byte_keeps_every_acknowledged_record_with_bytes_and_long_units() {
    cut_everywhere::<1, 1024>(2, EraseDamage::Scattered, &script(50, 120));
    cut_everywhere::<32, 1024>(2, EraseDamage::FromStart, &script(24, 60));
    cut_everywhere::<64, 2048>(2, EraseDamage::FromEnd, &script(40, 60));
}

#[test]
fn a_cut_in_any_byte_of_the_longest_record_keeps_the_older_one() {
    let steps = [
        Step::Append(1, payload(1, 512)),
        Step::Append(1, payload(2, 512)),
        Step::Idle,
        Step::Append(1, payload(3, 512)),
        Step::Append(1, payload(4, 511)),
        Step::Idle,
        Step::Append(1, payload(5, 512)),
    ];
    cut_everywhere::<8, 1024>(2, EraseDamage::Scattered, &steps);
}

/// Pairs of cuts: the first falls into any byte of a step from `from` on, the second into any byte of the boot after it,
/// while that repeats the step and tidies up.
fn cut_twice<const WRITE: usize, const ERASE: usize>(
    mut base: World<WRITE, ERASE>,
    from: u64,
    steps: &[Step],
) -> u64 {
    let mut pairs = 0;
    for step in steps {
        let again = [step.clone(), Step::Idle];
        for first in from.. {
            let mut once = base.clone();
            once.flash.power_cut_after(first);
            if once.run(std::slice::from_ref(step)) == End::Done {
                break;
            }
            once.recover();
            for second in 0.. {
                let mut twice = once.clone();
                twice.flash.power_cut_after(second);
                if twice.run(&again) == End::Done {
                    break;
                }
                pairs += 1;
                twice.recover();
                assert_eq!(twice.run(&again), End::Done);
            }
        }
        assert_eq!(base.run(std::slice::from_ref(step)), End::Done);
    }
    pairs
}

#[test]
fn a_second_cut_in_any_byte_of_the_recovery_keeps_every_acknowledged_record() {
    // 576 bytes are nearly the smallest sector: two records of this length fill most of it.
    let steps = [
        Step::Append(2, payload(1, 20)),
        Step::Append(9, payload(2, 200)),
        Step::Append(9, payload(3, 200)),
        Step::Append(2, payload(4, 24)),
        Step::Append(9, payload(5, 20)),
        Step::Idle,
    ];
    let pairs = cut_twice(World::<8, 576>::formatted(2, EraseDamage::Scattered), 0, &steps);
    assert!(pairs > 100_000, "{pairs} pairs");
}

#[test]
fn a_second_cut_in_the_erase_of_a_sector_that_was_never_live_keeps_every_acknowledged_record() {
    for damage in DAMAGES {
        let mut full = World::<8, 576>::formatted(2, damage);
        let fill = [
            Step::Append(2, payload(1, 20)),
            Step::Append(9, payload(2, 200)),
            Step::Append(9, payload(3, 200)),
        ];
        assert_eq!(full.run(&fill), End::Done);
        // This append switches; its last bytes are the live word and the word that closes the full sector. It is
        // repeated after the first cut, and then begins with the erase of what that cut left.
        let switch = [Step::Append(4, payload(4, 60))];
        let mut uncut = full.clone();
        assert_eq!(uncut.run(&switch), End::Done);
        let bytes = uncut.flash.counters().bytes_programmed - full.flash.counters().bytes_programmed;
        cut_twice(full, bytes - 20, &switch);
    }
}
