//! The log's ring on flash that holds anything at all, and on flash that loses power in any byte.

#[expect(dead_code, reason = "the tests of the ring count erases as well")]
#[path = "../../../lock-store/tests/ring/world.rs"]
mod world;

use arbitrary::{Arbitrary, Unstructured};
use lock_store::host::RewritableMemory;
use lock_store::{LogRing, MAX_ENTRY, SECRET, SecretErasure, ZeroInPlace};
use world::{Chip, DAMAGES, End, Rewritable, Step, Strict, World, payload, secret};

const SECTOR: usize = 768;
/// Idle work of any ring ends within so many steps.
const IDLE: usize = 40;

type Flash = RewritableMemory<4, SECTOR>;

#[derive(Arbitrary, Clone, Debug)]
enum Deed {
    Append { length: u8, seed: u8 },
    Acknowledge(u8),
    Idle,
}

impl Deed {
    fn step(&self) -> Step {
        match self {
            Self::Append { length, seed } => Step::Append(payload(usize::from(*seed), usize::from(*length))),
            Self::Acknowledge(back) => Step::Acknowledge(u64::from(back % 4)),
            Self::Idle => Step::Idle,
        }
    }
}

#[derive(Arbitrary, Debug)]
enum Input {
    /// A flash that lived so, and then holds something else at these places.
    Anything { before: Vec<Deed>, patches: Vec<(u16, Vec<u8>)>, behind: Vec<Deed> },
    /// A flash that loses power after so many bytes of each part of its life, and erases its secrets in place or with their sector.
    Cut { in_place: bool, damage: u8, sectors: u8, parts: Vec<(u16, Vec<Deed>)> },
}

pub(crate) fn take(bytes: &[u8]) {
    match Unstructured::new(bytes).arbitrary() {
        Ok(Input::Anything { before, patches, behind }) => anything(&before, &patches, &behind),
        Ok(Input::Cut { in_place: true, damage, sectors, parts }) => {
            cut::<Rewritable<4, SECTOR>>(damage, sectors, &parts);
        }
        Ok(Input::Cut { in_place: false, damage, sectors, parts }) => {
            cut::<Strict<4, SECTOR>>(damage, sectors, &parts);
        }
        Err(_) => {}
    }
}

fn steps(deeds: &[Deed]) -> Vec<Step> {
    deeds.iter().map(Deed::step).collect()
}

/// Whatever it holds: it is mounted or refused, which writes nothing; what is appended from there on is read, and found by the next mount.
fn anything(before: &[Deed], patches: &[(u16, Vec<u8>)], behind: &[Deed]) {
    let mut world = World::<Rewritable<4, SECTOR>>::formatted(2, DAMAGES[0]);
    assert_eq!(world.run(&steps(before)), End::Done);
    let mut bytes = world.chip.0.bytes().to_vec();
    for (at, patch) in patches {
        let from = usize::from(*at) % bytes.len();
        bytes[from..].iter_mut().zip(patch).for_each(|(cell, byte)| *cell = *byte);
    }
    let mut flash = Flash::from_bytes(bytes.clone()).expect("two sectors");
    let Ok(mut ring) = LogRing::<_, ZeroInPlace>::mount(&mut flash) else { return };
    let mut appended = Vec::new();
    for deed in behind {
        match deed.step() {
            Step::Append(payload) => {
                let next = ring.held().next;
                if let Ok(index) = ring.append(&secret(next.wrapping_add(1)), &payload) {
                    assert_eq!(index, next);
                    appended.push((index, payload));
                }
            }
            Step::Acknowledge(back) => {
                let held = ring.held();
                let index = held.next.saturating_sub(1 + back);
                let known = appended.iter().find(|(appended, _)| *appended == index);
                if let Some((_, payload)) = known {
                    let _ = ring.acknowledge(index, payload);
                }
            }
            Step::Idle => {
                let ends = (0..IDLE).any(|_| !ring.needs_idle_work() || ring.idle_work().is_err());
                assert!(ends, "idle work goes on for ever");
            }
        }
        holds(&mut ring, &appended);
    }
    let held = ring.held();
    let _ = ring.into_flash();
    if behind.is_empty() {
        assert_eq!(flash.bytes(), bytes, "a mount writes nothing");
    }
    let mut ring = LogRing::<_, ZeroInPlace>::mount(&mut flash).expect("what was mounted is mounted again");
    assert_eq!((ring.held().first, ring.held().next), (held.first, held.next));
    assert!(ring.held().acknowledged >= held.acknowledged);
    holds(&mut ring, &appended);
}

/// What was appended is read where it is held, and nothing else in its place.
fn holds(ring: &mut LogRing<&mut Flash, ZeroInPlace>, appended: &[(u64, Vec<u8>)]) {
    let held = ring.held();
    assert!(held.first <= held.next);
    let mut buffer = [0; MAX_ENTRY];
    for (index, payload) in appended {
        let read = ring.read(*index, &mut buffer).expect("what was appended is readable");
        let is_held = *index >= held.first;
        assert_eq!(read.map(|length| &buffer[..length]), is_held.then_some(payload.as_slice()));
    }
    let mut newest = [0; SECRET];
    if let (Ok(_), Some((last, _))) = (ring.newest(&mut newest), appended.last()) {
        assert_eq!(newest, secret(last + 1), "the secret of the entry to come");
    }
}

fn cut<C: Chip>(damage: u8, sectors: u8, parts: &[(u16, Vec<Deed>)])
where
    for<'c> C::Way: SecretErasure<&'c mut C::Flash>,
{
    let damage = DAMAGES[usize::from(damage) % DAMAGES.len()];
    let mut world = World::<C>::formatted(2 + usize::from(sectors % 2), damage);
    for (bytes, deeds) in parts {
        world.chip.control().cut_after(u64::from(*bytes) % 4_096);
        if world.run(&steps(deeds)) == End::Cut {
            world.recover();
        }
        world.chip.control().power_on();
    }
    assert_eq!(world.run(&[Step::Idle]), End::Done);
    if C::IN_PLACE {
        world.no_secret_is_left();
    }
}
