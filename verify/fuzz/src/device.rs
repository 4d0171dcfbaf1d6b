//! A whole lock among hostile hands: the steps and the oracle of `lock-core/tests/properties.rs`, chosen by a fuzzer in place of chance.

#[path = "../../../lock-core/tests/common/steps.rs"]
mod steps;
#[path = "../../../lock-core/tests/common/world.rs"]
mod world;

use arbitrary::{Result, Unstructured};
use lock_core::crypto::Delivery;
use lock_core::device::PersistFailure;
use lock_core::proto::{Action, BoltPosition, PinDigits, Query, Seconds, Setting};
use lock_core::state::DoorReading;
use steps::{Ask, Fate, Step};
use world::{CODE, Flash, LINKS};

/// More steps than this say nothing new, and cost time.
const STEPS: usize = 200;

pub(crate) fn take(bytes: &[u8]) {
    let mut choices = Unstructured::new(bytes);
    let mut lived = Vec::new();
    while lived.len() < STEPS
        && !choices.is_empty()
        && let Ok(step) = step(&mut choices)
    {
        lived.push(step);
    }
    steps::live(lived);
}

fn step(choices: &mut Unstructured<'_>) -> Result<Step> {
    let link = |choices: &mut Unstructured<'_>| choices.choose_index(LINKS);
    Ok(match choices.arbitrary::<u8>()? % 24 {
        0 => Step::Bolt(*choices.choose(&[
            BoltPosition::Unknown,
            BoltPosition::Extended,
            BoltPosition::Retracted,
            BoltPosition::Between,
        ])?),
        1 => Step::Door(*choices.choose(&[DoorReading::Silent, DoorReading::Open, DoorReading::Closed])?),
        2 => Step::Stall,
        3 => Step::Battery(choices.int_in_range(3_000..=6_500)?),
        4 => Step::Code(choices.choose(&[CODE, "1357", "24680", "999999999"])?),
        5 => Step::Button,
        6 => Step::Entropy(choices.arbitrary()?),
        7 => Step::Tick,
        8 => Step::Wait(*choices.choose(&[1, 400, 1_000, 4_000, 5_001, 9_999, 60_000, 4_000_000])?),
        9 => Step::Wait(choices.arbitrary::<u16>()?.into()),
        10 => Step::LinkUp(link(choices)?, *choices.choose(&[Delivery::Ordered, Delivery::Datagram])?),
        11 => Step::LinkDown(link(choices)?),
        12 => Step::HelloRequest(link(choices)?),
        13 => Step::Message1(link(choices)?, ask(choices)?, fate(choices)?),
        14 => Step::Record(link(choices)?, ask(choices)?, fate(choices)?),
        15 => Step::Sealed(link(choices)?, ask(choices)?, fate(choices)?),
        16 => Step::Replay(link(choices)?, back(choices)?),
        17 => Step::Mutate(
            link(choices)?,
            back(choices)?,
            choices.arbitrary::<u16>()?.into(),
            choices.arbitrary::<u8>()?.max(1),
        ),
        18 => Step::Noise(link(choices)?, choices.arbitrary()?),
        19 => Step::Flash(flash(choices)?),
        20 => Step::Answer(flash(choices)?),
        21 => Step::Poll(choices.int_in_range(1..=6)?),
        22 => Step::Settle,
        _ => Step::PowerCut,
    })
}

/// The number of something that was heard: there are hundreds at most.
fn back(choices: &mut Unstructured<'_>) -> Result<usize> {
    Ok(choices.arbitrary::<u8>()?.into())
}

fn fate(choices: &mut Unstructured<'_>) -> Result<Fate> {
    Ok(*choices.choose(&[Fate::Delivered, Fate::Delivered, Fate::Delivered, Fate::Kept])?)
}

fn flash(choices: &mut Unstructured<'_>) -> Result<Flash> {
    let (busy, fault) = (Flash::Fails(PersistFailure::Busy), Flash::Fails(PersistFailure::Fault));
    Ok(*choices.choose(&[Flash::Works, busy, fault, Flash::Lies, Flash::Slow])?)
}

fn ask(choices: &mut Unstructured<'_>) -> Result<Ask> {
    Ok(match choices.arbitrary::<u8>()? % 8 {
        0 => Ask::Nothing,
        1 => Ask::Query(Query::Status),
        2 => Ask::Query(Query::Marks([4; 16])),
        3 => Ask::Again(choices.arbitrary::<u8>()?.into()),
        4 => Ask::New(Action::Lock),
        5 => {
            Ask::New(Action::Configure { version: choices.int_in_range(0..=6)?, setting: setting(choices)? })
        }
        _ => Ask::New(Action::Unlock),
    })
}

fn setting(choices: &mut Unstructured<'_>) -> Result<Setting> {
    let digits = PinDigits::from_ascii(CODE.as_bytes()).expect("four digits");
    Ok(match choices.arbitrary::<u8>()? % 3 {
        0 => Setting::pin(choices.int_in_range(0..=5)?, digits),
        1 => Setting::clear_credential(choices.int_in_range(0..=5)?),
        _ => Setting::AutoRelock(Seconds(choices.int_in_range(0..=90)?)),
    })
}
