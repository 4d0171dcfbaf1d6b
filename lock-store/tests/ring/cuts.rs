//! The power is cut in every byte, and then in every byte of the recovery.

use lock_store::SecretErasure;
use lock_store::host::EraseDamage;

use crate::world::{Chip, DAMAGES, End, Rewritable, Step, Strict, World, payload};

/// Appends of several sizes, with idle work and acknowledgements now and then, and stretches without any: sectors are given up
/// acknowledged and not.
fn script(appends: usize, longest: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    for number in 0..appends {
        steps.push(Step::Append(payload(number, [40, longest, 16, 55, 31][number % 5])));
        if number % 6 == 5 {
            steps.push(Step::Idle);
        }
        if number % 17 == 9 {
            steps.push(Step::Acknowledge((number % 3) as u64));
        }
    }
    steps
}

/// Cuts two steps from each point of the script on in every byte; after each cut boots, and lives on.
fn cut_everywhere<C: Chip>(sectors: usize, damage: EraseDamage, steps: &[Step]) -> u64
where
    for<'c> C::Way: SecretErasure<&'c mut C::Flash>,
{
    let mut base = World::<C>::formatted(sectors, damage);
    let mut cuts = 0;
    for (place, step) in steps.iter().enumerate() {
        let window = &steps[place..steps.len().min(place + 2)];
        for bytes in 0.. {
            let mut world = base.clone();
            world.chip.control().cut_after(bytes);
            if world.run(window) == End::Done {
                break;
            }
            cuts += 1;
            world.recover();
            assert_eq!(world.run(&[Step::Idle]), End::Done);
            if C::IN_PLACE {
                world.no_secret_is_left();
            }
            assert_eq!(world.run(&steps[place..steps.len().min(place + 5)]), End::Done);
            assert_eq!(world.run(&[Step::Idle]), End::Done);
            if C::IN_PLACE {
                world.no_secret_is_left();
            }
        }
        assert_eq!(base.run(std::slice::from_ref(step)), End::Done);
    }
    assert!(base.chip.control().erases() > sectors as u64, "the script gives a sector up");
    cuts
}

#[test]
fn a_cut_in_any_byte_keeps_every_entry_and_one_secret_with_two_sectors() {
    for damage in DAMAGES {
        let cuts = cut_everywhere::<Rewritable<4, 768>>(2, damage, &script(15, 120));
        assert!(cuts > 3_000, "{cuts} cuts");
    }
}

#[test]
fn a_cut_in_any_byte_keeps_every_entry_with_three_sectors_of_a_strict_flash() {
    let cuts = cut_everywhere::<Strict<8, 768>>(3, EraseDamage::FromStart, &script(22, 120));
    assert!(cuts > 3_000, "{cuts} cuts");
}

#[test]
fn a_cut_in_any_byte_keeps_every_entry_with_bytes_and_long_units() {
    cut_everywhere::<Rewritable<1, 768>>(3, EraseDamage::Scattered, &script(20, 120));
    cut_everywhere::<Rewritable<32, 768>>(2, EraseDamage::FromStart, &script(16, 60));
    cut_everywhere::<Rewritable<64, 1024>>(2, EraseDamage::FromEnd, &script(16, 60));
    cut_everywhere::<Strict<1, 768>>(2, EraseDamage::FromEnd, &script(15, 200));
}

/// Pairs of cuts: the first in any byte of a step, the second in any byte of the boot after it, while that repeats and tidies up.
fn cut_twice<C: Chip>(mut base: World<C>, steps: &[Step]) -> u64
where
    for<'c> C::Way: SecretErasure<&'c mut C::Flash>,
{
    let mut pairs = 0;
    for step in steps {
        let again = [Step::Idle, step.clone(), Step::Idle];
        for first in 0.. {
            let mut once = base.clone();
            once.chip.control().cut_after(first);
            if once.run(std::slice::from_ref(step)) == End::Done {
                break;
            }
            once.recover();
            for second in 0.. {
                let mut twice = once.clone();
                twice.chip.control().cut_after(second);
                if twice.run(&again) == End::Done {
                    break;
                }
                pairs += 1;
                twice.recover();
                assert_eq!(twice.run(&again), End::Done);
                if C::IN_PLACE {
                    twice.no_secret_is_left();
                }
            }
        }
        assert_eq!(base.run(std::slice::from_ref(step)), End::Done);
    }
    pairs
}

/// A ring whose newest sector has room for one more entry of 40 bytes.
fn nearly_full<C: Chip>(damage: EraseDamage, entries: usize) -> World<C>
where
    for<'c> C::Way: SecretErasure<&'c mut C::Flash>,
{
    let mut world = World::<C>::formatted(2, damage);
    let fill: Vec<_> = (0..entries).map(|number| Step::Append(payload(number, 40))).collect();
    assert_eq!(world.run(&fill), End::Done);
    world
}

#[test]
fn a_second_cut_in_any_byte_of_the_recovery_keeps_every_entry_and_one_secret() {
    // With four entries the first sector has room for no other, with nine the second: the first is given up then.
    let steps = [Step::Append(payload(50, 40)), Step::Acknowledge(0)];
    let pairs = cut_twice(nearly_full::<Rewritable<4, 576>>(EraseDamage::Scattered, 4), &steps)
        + cut_twice(nearly_full::<Rewritable<4, 576>>(EraseDamage::FromEnd, 9), &steps[..1]);
    assert!(pairs > 50_000, "{pairs} pairs");
}

#[test]
fn a_second_cut_in_any_byte_keeps_every_entry_of_a_strict_flash() {
    let steps = [Step::Append(payload(50, 40))];
    let pairs = cut_twice(nearly_full::<Strict<8, 576>>(EraseDamage::FromStart, 4), &steps);
    assert!(pairs > 20_000, "{pairs} pairs");
}
