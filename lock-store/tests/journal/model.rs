//! The journal against a map, over random appends, quiet times, boots and cuts.

use lock_store::Journal;
use lock_store::host::EraseDamage;
use proptest::prelude::*;

use crate::world::{DAMAGES, End, Step, World, payload, values};

#[derive(Debug, Clone)]
enum Move {
    /// Steps on one boot, without a cut.
    Live(Vec<Step>),
    /// The same with a cut after so many bytes, if they are reached.
    Cut(Vec<Step>, u64),
}

fn step() -> impl Strategy<Value = Step> {
    let length = prop_oneof![8 => 0_usize..24, 1 => 24_usize..60];
    prop_oneof![
        6 => (0_u8..16, length, any::<u16>())
            .prop_map(|(tag, length, seed)| Step::Append(tag, payload(usize::from(seed), length))),
        1 => Just(Step::Idle),
    ]
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let steps = || proptest::collection::vec(step(), 1..24);
    let one = prop_oneof![
        1 => steps().prop_map(Move::Live),
        2 => (steps(), 0_u64..1500).prop_map(|(steps, bytes)| Move::Cut(steps, bytes)),
    ];
    proptest::collection::vec(one, 1..20)
}

fn agree<const WRITE: usize, const ERASE: usize>(sectors: usize, damage: EraseDamage, moves: &[Move]) {
    let mut world = World::<WRITE, ERASE>::formatted(sectors, damage);
    for next in moves {
        match next {
            Move::Live(steps) => assert_eq!(world.run(steps), End::Done),
            Move::Cut(steps, bytes) => {
                world.flash.power_cut_after(*bytes);
                if world.run(steps) == End::Cut {
                    world.recover();
                }
                world.flash.power_on();
            }
        }
        let found = values(&mut Journal::mount(&mut world.flash).unwrap());
        assert_eq!(found, world.acknowledged);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_journal_agrees_with_a_map_whatever_is_cut(moves in moves(), sectors in 2_usize..5, damage in 0_usize..4) {
        let damage = DAMAGES[damage];
        agree::<1, 2048>(sectors, damage, &moves);
        agree::<4, 2048>(sectors, damage, &moves);
        agree::<8, 4096>(sectors, damage, &moves);
        agree::<32, 4096>(sectors, damage, &moves);
    }
}
