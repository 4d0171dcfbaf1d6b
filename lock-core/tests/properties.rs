//! Random days in the life of a lock, with everybody against it. What must hold is checked by the world at every step.

#[path = "common/world.rs"]
mod world;

use lock_core::crypto::Delivery;
use lock_core::device::{Input, PersistFailure};
use lock_core::proto::{
    Action, BoltPosition, Millivolts, Packet, PinDigits, Query, Request, Seconds, Setting,
};
use lock_core::state::{DoorReading, PowerReading};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use world::{Flash, LINKS, World};

#[derive(Clone, Debug)]
enum Ask {
    New(Action),
    Again(Index),
    Query(Query),
    Nothing,
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    Delivered,
    Kept,
}

#[derive(Clone, Debug)]
enum Step {
    Bolt(BoltPosition),
    Door(DoorReading),
    Stall,
    Battery(u16),
    Code(&'static str),
    Button,
    Entropy(u8),
    Tick,
    Wait(u64),
    LinkUp(usize, Delivery),
    LinkDown(usize),
    HelloRequest(usize),
    Message1(usize, Ask, Fate),
    Record(usize, Ask, Fate),
    Sealed(usize, Ask, Fate),
    Replay(usize, Index),
    Mutate(usize, Index, Index, u8),
    Noise(usize, Vec<u8>),
    Flash(Flash),
    Answer(Flash),
    Poll(usize),
    Settle,
    PowerCut,
}

fn flash() -> impl Strategy<Value = Flash> {
    let (busy, fault) = (Flash::Fails(PersistFailure::Busy), Flash::Fails(PersistFailure::Fault));
    select(vec![Flash::Works, Flash::Works, Flash::Works, busy, fault, Flash::Lies, Flash::Slow])
}

fn action() -> impl Strategy<Value = Action> {
    let digits = PinDigits::from_ascii(b"2468").unwrap();
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
        3 => any::<Index>().prop_map(Ask::Again),
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
        2 => select(vec!["2468", "1357"]).prop_map(Step::Code),
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
        5 => (link(), any::<Index>()).prop_map(|(l, i)| Step::Replay(l, i)),
        2 => (link(), any::<Index>(), any::<Index>(), 0..8u8).prop_map(|(l, i, b, s)| Step::Mutate(l, i, b, 1 << s)),
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

fn request(world: &mut World, ask: Ask) -> Request {
    match ask {
        Ask::New(action) => world.command(None, action),
        Ask::Again(which) => world.command(Some(which.index(64)), Action::Unlock),
        Ask::Query(query) => Request::Query(query),
        Ask::Nothing => Request::Nothing,
    }
}

fn deliver(world: &mut World, link: usize, packet: Option<Vec<u8>>, fate: Fate) {
    if let (Some(packet), Fate::Delivered) = (packet, fate) {
        world.deliver(link, &packet);
    }
}

fn take(world: &mut World, step: Step) {
    match step {
        Step::Bolt(position) => world.input(Input::Bolt(position)),
        Step::Door(position) => world.input(Input::Door(position)),
        Step::Stall => world.input(Input::MotorStalled),
        Step::Battery(reading) => world.input(Input::Power(PowerReading::resting(Millivolts(reading)))),
        Step::Code(digits) => world.input(Input::code(PinDigits::from_ascii(digits.as_bytes()).unwrap())),
        Step::Button => world.input(Input::OutsideButton),
        Step::Entropy(byte) => world.input(Input::Entropy([byte; 32])),
        Step::Tick => world.input(Input::Tick),
        Step::Wait(millis) => world.wait(millis),
        Step::LinkUp(link, delivery) => world.link_up(link, delivery),
        Step::LinkDown(link) => world.link_down(link),
        Step::HelloRequest(link) => world.deliver(link, &Packet::HELLO_REQUEST),
        Step::Message1(link, ask, fate) => {
            let request = request(world, ask);
            let packet = world.message1(link, request);
            deliver(world, link, packet, fate);
        }
        Step::Record(link, ask, fate) => {
            let request = request(world, ask);
            let packet = world.record(link, request);
            deliver(world, link, packet, fate);
        }
        Step::Sealed(link, ask, fate) => {
            let request = request(world, ask);
            let packet = world.sealed(request);
            deliver(world, link, Some(packet), fate);
        }
        Step::Replay(link, which) if !world.heard.is_empty() => {
            let packet = which.get(&world.heard).clone();
            world.deliver(link, &packet);
        }
        Step::Mutate(link, which, byte, bit) if !world.heard.is_empty() => {
            let mut packet = which.get(&world.heard).clone();
            let byte = byte.index(packet.len());
            packet[byte] ^= bit;
            world.deliver(link, &packet);
        }
        Step::Replay(..) | Step::Mutate(..) => {}
        Step::Noise(link, bytes) => world.deliver(link, &bytes),
        Step::Flash(flash) => world.flash = flash,
        Step::Answer(flash) => world.answer_flash(flash),
        Step::Poll(most) => drop(world.poll(most)),
        Step::Settle => world.settle(),
        Step::PowerCut => world.cut_power(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_in_whatever_order_a_command_runs_once_and_nothing_passes_a_persist(steps in vec(step(), 1..120)) {
        let mut world = World::new();
        // Every lock wakes up with its first link and its sensor, so that random steps find something to attack.
        world.link_up(0, Delivery::Ordered);
        world.input(Input::Bolt(BoltPosition::Extended));
        world.poll(100);
        for step in steps {
            take(&mut world, step);
        }
        world.settle();
        world.cut_power();
        world.settle();
        world.send_everything_again();
        world.send_everything_again();
    }
}
