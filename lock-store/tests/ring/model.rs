//! The ring against a list, over random steps, boots and cuts.

use lock_store::SecretErasure;
use lock_store::host::EraseDamage;
use proptest::prelude::*;

use crate::world::{Chip, DAMAGES, End, Rewritable, Step, Strict, World, payload};

#[derive(Debug, Clone)]
enum Move {
    Live(Vec<Step>),
    /// The same with a cut after so many bytes, if they are reached.
    Cut(Vec<Step>, u64),
}

fn step() -> impl Strategy<Value = Step> {
    let length = prop_oneof![8 => 20_usize..60, 1 => 0_usize..20, 1 => 60_usize..257];
    prop_oneof![
        6 => (length, any::<u16>()).prop_map(|(length, seed)| Step::Append(payload(usize::from(seed), length))),
        1 => (0_u64..4).prop_map(Step::Acknowledge),
        1 => Just(Step::Idle),
    ]
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let steps = || proptest::collection::vec(step(), 1..16);
    let one = prop_oneof![
        1 => steps().prop_map(Move::Live),
        2 => (steps(), 0_u64..1500).prop_map(|(steps, bytes)| Move::Cut(steps, bytes)),
    ];
    proptest::collection::vec(one, 1..16)
}

fn agree<C: Chip>(sectors: usize, damage: EraseDamage, moves: &[Move])
where
    for<'c> C::Way: SecretErasure<&'c mut C::Flash>,
{
    let mut world = World::<C>::formatted(sectors, damage);
    for next in moves {
        match next {
            Move::Live(steps) => assert_eq!(world.run(steps), End::Done),
            Move::Cut(steps, bytes) => {
                world.chip.control().cut_after(*bytes);
                if world.run(steps) == End::Cut {
                    world.recover();
                }
                world.chip.control().power_on();
            }
        }
        assert_eq!(world.run(&[Step::Idle]), End::Done);
        if C::IN_PLACE {
            world.no_secret_is_left();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_ring_agrees_with_a_list_whatever_is_cut(moves in moves(), sectors in 2_usize..5, damage in 0_usize..4) {
        let damage = DAMAGES[damage];
        agree::<Rewritable<1, 1024>>(sectors, damage, &moves);
        agree::<Rewritable<4, 2048>>(sectors, damage, &moves);
        agree::<Rewritable<32, 2048>>(sectors, damage, &moves);
        agree::<Strict<8, 1024>>(sectors, damage, &moves);
    }
}
