//! The journal on flash that holds anything at all, on flash that loses power in any byte, and on flash that forgets bits.

#[path = "../../../lock-store/tests/journal/world.rs"]
mod world;

use std::collections::BTreeSet;

use arbitrary::{Arbitrary, Unstructured};
use lock_store::host::MemoryFlash;
use lock_store::{Journal, MAX_PAYLOAD, ReadError, TAGS};
use world::{DAMAGES, End, Step, World, payload, values};

const SECTOR: usize = 1_024;
/// Idle work of any journal ends within so many steps.
const IDLE: usize = 40;

type Flash = MemoryFlash<8, SECTOR>;

#[derive(Arbitrary, Clone, Debug)]
enum Deed {
    Append { tag: u8, length: u8, seed: u8 },
    Idle,
}

impl Deed {
    /// Four tags of up to 100 bytes: together they fit.
    fn step(&self) -> Step {
        match self {
            Self::Append { tag, length, seed } => Step::Append(
                [0, 3, 7, 15][usize::from(tag % 4)],
                payload(usize::from(*seed), usize::from(length % 100)),
            ),
            Self::Idle => Step::Idle,
        }
    }
}

/// Bytes that are at a place of the flash, whoever put them there.
#[derive(Arbitrary, Debug)]
struct Patch {
    at: u16,
    bytes: Vec<u8>,
}

#[derive(Arbitrary, Debug)]
enum Input {
    /// A flash that lived so, and then holds something else.
    Anything { before: Vec<Deed>, patches: Vec<Patch>, behind: Vec<Deed> },
    /// A flash that loses power after so many bytes of each part of its life.
    Cut { damage: u8, sectors: u8, parts: Vec<(u16, Vec<Deed>)> },
    /// A flash that lived so, and then forgets bits.
    Forgets { life: Vec<Deed>, bits: Vec<(u16, u8)> },
}

pub(crate) fn take(bytes: &[u8]) {
    match Unstructured::new(bytes).arbitrary() {
        Ok(Input::Anything { before, patches, behind }) => anything(&before, &patches, &behind),
        Ok(Input::Cut { damage, sectors, parts }) => cut(damage, sectors, &parts),
        Ok(Input::Forgets { life, bits }) => forgets(&life, &bits),
        Err(_) => {}
    }
}

fn steps(deeds: &[Deed]) -> Vec<Step> {
    deeds.iter().map(Deed::step).collect()
}

fn lived(deeds: &[Deed]) -> World<8, SECTOR> {
    let mut world = World::formatted(2, DAMAGES[0]);
    assert_eq!(world.run(&steps(deeds)), End::Done);
    world
}

/// Whatever it holds: it is mounted or refused, which writes nothing; what is mounted can be read; what is acknowledged from there on is found.
fn anything(before: &[Deed], patches: &[Patch], behind: &[Deed]) {
    let mut bytes = lived(before).flash.bytes().to_vec();
    for Patch { at, bytes: patch } in patches {
        let from = usize::from(*at) % bytes.len();
        bytes[from..].iter_mut().zip(patch).for_each(|(cell, byte)| *cell = *byte);
    }
    let mut flash = Flash::from_bytes(bytes.clone()).expect("two sectors");
    let Ok(mut journal) = Journal::mount(&mut flash) else { return };
    let mut known = values(&mut journal);
    for deed in behind {
        match deed.step() {
            Step::Append(tag, payload) => {
                if journal.append(tag, &payload).is_ok() {
                    known.insert(tag, payload);
                }
            }
            Step::Idle => {
                let ends = (0..IDLE).any(|_| !journal.needs_idle_work() || journal.idle_work().is_err());
                assert!(ends, "idle work goes on for ever");
            }
        }
        assert_eq!(values(&mut journal), known);
    }
    let _ = journal.into_flash();
    if behind.is_empty() {
        assert_eq!(flash.bytes(), bytes, "a mount writes nothing");
    }
    let mut journal = Journal::mount(&mut flash).expect("what was mounted is mounted again");
    assert_eq!(values(&mut journal), known, "what was acknowledged is found");
}

fn cut(damage: u8, sectors: u8, parts: &[(u16, Vec<Deed>)]) {
    let damage = DAMAGES[usize::from(damage) % DAMAGES.len()];
    let mut world = World::<8, SECTOR>::formatted(2 + usize::from(sectors % 2), damage);
    for (bytes, deeds) in parts {
        world.flash.power_cut_after(u64::from(*bytes) % 4_096);
        if world.run(&steps(deeds)) == End::Cut {
            world.recover();
        }
        world.flash.power_on();
    }
    assert_eq!(world.run(&[Step::Idle]), End::Done);
}

/// Up to three bits of all: what is read was once the value of its tag, and after one bit it is the newest, or an error.
fn forgets(life: &[Deed], bits: &[(u16, u8)]) {
    let mut world = lived(life);
    let mut once: BTreeSet<(u8, Vec<u8>)> = world.acknowledged.clone().into_iter().collect();
    once.extend(life.iter().filter_map(|deed| match deed.step() {
        Step::Append(tag, payload) => Some((tag, payload)),
        Step::Idle => None,
    }));
    let bits = &bits[..bits.len().min(3)];
    for (at, bit) in bits {
        world.flash.flip_bit(usize::from(*at) % (2 * SECTOR), bit % 8);
    }
    let Ok(mut journal) = Journal::mount(&mut world.flash) else { return };
    let mut buffer = [0; MAX_PAYLOAD];
    for tag in 0..TAGS as u8 {
        match journal.read(tag, &mut buffer) {
            Ok(None) => assert!(bits.len() > 1 || !world.acknowledged.contains_key(&tag), "a value is gone"),
            Ok(Some(length)) => {
                let read = (tag, buffer[..length].to_vec());
                assert!(once.contains(&read), "{read:?} was never a value");
                assert!(
                    bits.len() > 1 || world.acknowledged.get(&tag) == Some(&read.1),
                    "{read:?} is an older value"
                );
            }
            Err(ReadError::Corrupt(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}
