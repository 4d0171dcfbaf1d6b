//! What may happen to the lock among hostile hands, one step after the other. Who chooses them is another matter: chance, or a fuzzer.

use lock_core::crypto::Delivery;
use lock_core::device::Input;
use lock_core::proto::{Action, BoltPosition, Millivolts, Packet, Query, Request};
use lock_core::state::{DoorReading, PowerReading};

use super::world::{Flash, World};

#[derive(Clone, Debug)]
pub(crate) enum Ask {
    New(Action),
    /// One that was issued before, by any number.
    Again(usize),
    Query(Query),
    Nothing,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    Delivered,
    Kept,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
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
    /// A packet that was heard before, by any number.
    Replay(usize, usize),
    /// The same with bits flipped in a byte, both by any number.
    Mutate(usize, usize, usize, u8),
    Noise(usize, Vec<u8>),
    Flash(Flash),
    Answer(Flash),
    Poll(usize),
    Settle,
    PowerCut,
}

/// A whole life: every lock wakes up with its first link and its sensor, so that steps find something to attack; at its end all that was ever issued
/// is sent again, twice.
pub(crate) fn live(steps: impl IntoIterator<Item = Step>) {
    let mut world = World::new();
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

fn request(world: &mut World, ask: Ask) -> Request {
    match ask {
        Ask::New(action) => world.command(None, action),
        Ask::Again(which) => world.command(Some(which), Action::Unlock),
        Ask::Query(query) => Request::Query(query),
        Ask::Nothing => Request::Nothing,
    }
}

fn deliver(world: &mut World, link: usize, packet: Option<Vec<u8>>, fate: Fate) {
    if let (Some(packet), Fate::Delivered) = (packet, fate) {
        world.deliver(link, &packet);
    }
}

/// Takes one step.
pub(crate) fn take(world: &mut World, step: Step) {
    match step {
        Step::Bolt(position) => world.input(Input::Bolt(position)),
        Step::Door(position) => world.input(Input::Door(position)),
        Step::Stall => world.input(Input::MotorStalled),
        Step::Battery(reading) => world.input(Input::Power(PowerReading::resting(Millivolts(reading)))),
        Step::Code(digits) => world.code(digits),
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
            let packet = world.heard[which % world.heard.len()].clone();
            world.deliver(link, &packet);
        }
        Step::Mutate(link, which, byte, bit) if !world.heard.is_empty() => {
            let mut packet = world.heard[which % world.heard.len()].clone();
            let byte = byte % packet.len();
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
