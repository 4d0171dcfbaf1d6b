//! Settings: staged, stored, then in force; absolute and numbered.

use lock_crypto::RustCrypto;
use lock_proto::{BoltPosition, Reason, Seconds, Setting};
use lock_state::{Change, Configuration, Effects, MAX_AUTO_RELOCK, RecordError};

use crate::peers::{live_claimer, live_holder, sealed_cloud};
use crate::world::{RIGHT, SLOTS, World, digits};

type Settings = Configuration<SLOTS>;

fn pin(slot: u8) -> Setting {
    Setting::SetPin { slot, digits: digits(RIGHT) }
}

fn staged(world: &World) -> Settings {
    let mut record = [0; Settings::MAX_BYTES];
    let length = world.lock.staged_record(&mut record).unwrap();
    Settings::decode(&record[..length]).unwrap()
}

#[test]
fn a_staged_change_is_in_the_record_and_not_in_force() {
    let mut world = World::with_bolt(BoltPosition::Extended);
    world.stage(1, pin(3)).unwrap();
    assert!(staged(&world).pins()[3].is_some());
    assert_eq!(world.lock.configuration().version(), 0);
    assert_eq!(world.code(RIGHT).unwrap().motor, None);
    assert!(world.lock.commit(world.now).changed);
    assert_eq!(world.status().configuration, 1);
    assert!(world.code(RIGHT).unwrap().motor.is_some());
}

#[test]
fn the_record_before_a_commit_is_the_configuration_after_it() {
    let settings = [pin(0), Setting::AutoRelock(Seconds(40)), pin(3), Setting::ClearPin { slot: 0 }];
    let mut world = World::new();
    for (version, setting) in (1..).zip(settings) {
        world.stage(version, setting).unwrap();
        let (mut before, mut after) = ([0; Settings::MAX_BYTES], [0; Settings::MAX_BYTES]);
        let length = world.lock.staged_record(&mut before).unwrap();
        let _ = world.lock.commit(world.now);
        assert_eq!(world.lock.configuration().encode(&mut after), Ok(length));
        assert_eq!(before, after);
    }
    let configuration = world.lock.configuration();
    assert_eq!((configuration.version(), configuration.auto_relock()), (4, Seconds(40)));
    assert_eq!(configuration.pins().each_ref().map(Option::is_some), [false, false, false, true]);
}

#[test]
fn a_discarded_change_never_takes_effect() {
    let mut world = World::new();
    world.stage(1, pin(0)).unwrap();
    world.lock.discard();
    assert_eq!(world.lock.commit(world.now), Effects::NONE);
    assert_eq!(world.lock.staged_record(&mut [0; 256]), Err(RecordError::NothingStaged));
    assert_eq!(world.lock.configuration().version(), 0);
}

#[test]
fn one_change_is_staged_at_a_time() {
    let mut world = World::new();
    world.stage(1, pin(0)).unwrap();
    assert_eq!(world.stage(2, pin(1)), Err(Reason::StorageBusy));
    assert!(staged(&world).pins()[0].is_some());
}

#[test]
fn a_version_must_exceed_the_one_in_force() {
    for (version, expected) in [
        (6, Err(Reason::StaleConfiguration)),
        (7, Err(Reason::StaleConfiguration)),
        (8, Ok(())),
        (u32::MAX, Ok(())),
    ] {
        let mut world = World::new();
        world.stage(7, pin(0)).unwrap();
        let _ = world.lock.commit(world.now);
        assert_eq!(world.stage(version, pin(1)), expected, "{version}");
    }
}

#[test]
fn a_slot_that_does_not_exist_is_refused() {
    for (slot, expected) in
        [(3, Ok(())), (4, Err(Reason::InvalidArgument)), (255, Err(Reason::InvalidArgument))]
    {
        assert_eq!(World::new().stage(1, pin(slot)), expected, "{slot}");
        assert_eq!(World::new().stage(1, Setting::ClearPin { slot }), expected, "{slot}");
    }
}

#[test]
fn a_relock_delay_is_at_most_a_day() {
    for (delay, expected) in [
        (MAX_AUTO_RELOCK.0 - 1, Ok(())),
        (MAX_AUTO_RELOCK.0, Ok(())),
        (MAX_AUTO_RELOCK.0 + 1, Err(Reason::InvalidArgument)),
    ] {
        assert_eq!(World::new().stage(1, Setting::AutoRelock(Seconds(delay))), expected, "{delay}");
    }
}

#[test]
fn only_the_cloud_configures() {
    let change = Change { version: 1, setting: pin(0) };
    let mut world = World::new();
    for message in [live_holder(change.clone()), live_claimer(change.clone())] {
        assert_eq!(world.lock.stage::<RustCrypto>(message, &world.k_pin), Err(Reason::NotPermitted));
    }
    assert_eq!(world.lock.stage::<RustCrypto>(sealed_cloud(change), &world.k_pin), Ok(()));
}

#[test]
fn a_configuration_has_one_encoding() {
    let mut world = World::new();
    world.configure(pin(1));
    let mut record = [0; Settings::MAX_BYTES];
    let length = world.lock.configuration().encode(&mut record).unwrap();
    assert_eq!(length, 10 + 4 + 16);
    assert_eq!(&record[..12], &[1, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
    let valid = &record[..length];
    assert!(Settings::decode(valid).is_ok());
    for length in 0..valid.len() {
        assert_eq!(Settings::decode(&valid[..length]).unwrap_err(), RecordError::Malformed);
        assert_eq!(
            world.lock.configuration().encode(&mut [0; 64][..length]),
            Err(RecordError::BufferTooShort)
        );
    }
    let mut longer = valid.to_vec();
    longer.push(0);
    assert_eq!(Settings::decode(&longer).unwrap_err(), RecordError::Malformed);
    for (offset, byte) in [(0, 2), (1, 5), (6, 1), (10, 2), (11, 2)] {
        let mut other = valid.to_vec();
        other[offset] = byte;
        assert_eq!(Settings::decode(&other).unwrap_err(), RecordError::Malformed, "{offset}");
    }
}

#[test]
fn a_configuration_never_prints_a_code() {
    let mut world = World::new();
    world.configure(pin(1));
    assert!(format!("{:?}", world.lock.configuration()).contains("PinHash(..)"));
}
