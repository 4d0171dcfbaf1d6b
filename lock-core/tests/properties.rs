//! Random days in the life of a lock, with everybody against it. What must hold is checked by the world at every step.

#[path = "common/steps.rs"]
mod steps;
#[path = "common/world.rs"]
mod world;

use lock_core::crypto::Delivery;
use lock_core::device::PersistFailure;
use lock_core::proto::{Action, BoltPosition, PinDigits, Query, Seconds, Setting};
use lock_core::state::DoorReading;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use steps::{Ask, Fate, Step, live};
use world::{CODE, Flash, LINKS};

fn flash() -> impl Strategy<Value = Flash> {
    let (busy, fault) = (Flash::Fails(PersistFailure::Busy), Flash::Fails(PersistFailure::Fault));
    select(vec![Flash::Works, Flash::Works, Flash::Works, busy, fault, Flash::Lies, Flash::Slow])
}

fn action() -> impl Strategy<Value = Action> {
    let digits = PinDigits::from_ascii(CODE.as_bytes()).unwrap();
    prop_oneof![
        3 => Just(Action::Unlock),
        3 => Just(Action::Lock),
        2 => (0..6u32, 0..90u32).prop_map(|(version, seconds)| {
            Action::Configure { version, setting: Setting::AutoRelock(Seconds(seconds)) }
        }),
        1 => (0..6u32, 0..5u8).prop_map(move |(version, slot)| {
            Action::Configure { version, setting: Setting::pin(slot, digits.clone()) }
        }),
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        5 => action().prop_map(Ask::New),
        3 => any::<usize>().prop_map(Ask::Again),
        1 => select(vec![Query::Status, Query::Marks([4; 16])]).prop_map(Ask::Query),
        1 => Just(Ask::Nothing),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let link = || 0..LINKS;
    let fate = || select(vec![Fate::Delivered, Fate::Delivered, Fate::Kept]);
    let positions = vec![
        BoltPosition::Unknown,
        BoltPosition::Extended,
        BoltPosition::Extended,
        BoltPosition::Retracted,
        BoltPosition::Retracted,
        BoltPosition::Between,
    ];
    let doors = vec![DoorReading::Silent, DoorReading::Open, DoorReading::Closed];
    let inside = prop_oneof![
        4 => select(positions).prop_map(Step::Bolt),
        2 => select(doors).prop_map(Step::Door),
        1 => Just(Step::Stall),
        1 => (3_000..6_500u16).prop_map(Step::Battery),
        2 => select(vec![CODE, "1357"]).prop_map(Step::Code),
        1 => Just(Step::Button),
        1 => any::<u8>().prop_map(Step::Entropy),
        2 => Just(Step::Tick),
        2 => select(vec![1, 400, 1_000, 4_000, 5_001, 9_999, 60_000, 4_000_000]).prop_map(Step::Wait),
    ];
    let radio = prop_oneof![
        2 => (link(), select(vec![Delivery::Ordered, Delivery::Datagram])).prop_map(|(l, d)| Step::LinkUp(l, d)),
        1 => link().prop_map(Step::LinkDown),
        2 => link().prop_map(Step::HelloRequest),
        5 => (link(), ask(), fate()).prop_map(|(l, a, f)| Step::Message1(l, a, f)),
        4 => (link(), ask(), fate()).prop_map(|(l, a, f)| Step::Record(l, a, f)),
        4 => (link(), ask(), fate()).prop_map(|(l, a, f)| Step::Sealed(l, a, f)),
        5 => (link(), any::<usize>()).prop_map(|(l, i)| Step::Replay(l, i)),
        2 => (link(), any::<usize>(), any::<usize>(), 0..8u8).prop_map(|(l, i, b, s)| Step::Mutate(l, i, b, 1 << s)),
        1 => (link(), vec(any::<u8>(), 0..64)).prop_map(|(l, b)| Step::Noise(l, b)),
    ];
    let storage = prop_oneof![
        3 => flash().prop_map(Step::Flash),
        4 => flash().prop_map(Step::Answer),
        6 => (1..6usize).prop_map(Step::Poll),
        4 => Just(Step::Settle),
        1 => Just(Step::PowerCut),
    ];
    prop_oneof![4 => inside, 6 => radio, 4 => storage]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_in_whatever_order_a_command_runs_once_and_nothing_passes_a_persist(steps in vec(step(), 1..120)) {
        live(steps);
    }
}
