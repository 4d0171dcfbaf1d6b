//! What a lock says of itself through a relay, which may keep it for as long as it likes.

use lock_core::crypto::{
    Direction, KeyEpoch, LeafKeys, RootKey, RustCrypto, SEALED_HEADER, SealedHeader, seal_sealed,
};
use lock_fleet::HeardBy;
use lock_fleet::proto::{Kind, MAX_PACKET, SealedReport, Status};

use crate::world::{LOCK, ROOT, World};

/// Brings a sealed status of this boot and this place in it.
fn bring(world: &mut World, counter: u64, boot: u64, sequence: u32) {
    let root = RootKey::from_bytes::<RustCrypto>(ROOT, LOCK).unwrap();
    let leaves = LeafKeys::expand::<RustCrypto>(&root, LOCK, KeyEpoch::FIRST);
    let header = SealedHeader {
        prefix: Kind::SealedUp.prefix(),
        key_epoch: KeyEpoch::FIRST,
        counter,
        random: [counter as u8; 16],
    };
    let report = SealedReport::Status { boot, status: Status { sequence, ..Status::default() } };
    let mut packet = [0; MAX_PACKET];
    let length = report.encode(&mut packet[SEALED_HEADER..]).unwrap().len();
    let length = seal_sealed::<RustCrypto>(&leaves, Direction::Up, &header, &mut packet, length).unwrap();
    let now = world.now();
    world.fleet().ingest(LOCK, &packet[..length], "a phone", now).unwrap();
}

/// The place in its boot of the status that is known.
fn known(world: &mut World) -> u32 {
    let heard = world.fleet().lock(LOCK).unwrap().heard.unwrap();
    assert_eq!(heard.by, HeardBy::Relayed);
    heard.status.sequence
}

#[test]
fn a_relayed_status_that_is_older_than_what_is_known_changes_nothing() {
    let mut world = World::new();
    bring(&mut world, 9, 2, 5);
    assert_eq!(known(&mut world), 5);
    bring(&mut world, 8, 2, 4);
    assert_eq!(known(&mut world), 5, "kept back since before that");
    bring(&mut world, 7, 1, 900);
    assert_eq!(known(&mut world), 5, "of the boot before");
    bring(&mut world, 10, 2, 6);
    assert_eq!(known(&mut world), 6);
    bring(&mut world, 11, 3, 0);
    assert_eq!(known(&mut world), 0);
}
