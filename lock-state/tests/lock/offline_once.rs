//! Offline codes that open once: stored as used before the motor moves, and never again.

use lock_proto::{
    BoltPosition, Cause, CodeSeries, CodesSwitch, CredentialKind, Mode, OfflineCode, Reason, RefusalKind,
    Setting,
};
use lock_state::{Barrier, Deed, Drive, Indication, UsedCodes, Wish};

use crate::offline::{HOUR, ONCE, SERIES, digits, enter, refused, world};
use crate::world::{NOON, World, code_in, pin};

#[test]
fn a_code_that_opens_once_is_stored_as_used_before_the_motor_moves() {
    let mut world = world();
    let digits = digits(&world, ONCE);
    let effects = world.code(&digits).unwrap();
    assert_eq!((effects.motor, effects.barrier), (None, Some(Barrier::CodeUse)));
    let mut record = [0; UsedCodes::BYTES];
    world.lock.codes_record(&mut record).unwrap();
    assert_ne!(UsedCodes::decode(&record).unwrap(), UsedCodes::default());
    assert_eq!(world.lock.count_attempt(world.now).unwrap_err().reason, Reason::StorageBusy);
    let effects = world.lock.admit(world.now);
    assert_eq!((effects.motor, effects.indicate), (Some(Drive::Retract), Some(Indication::Accepted)));
    let _ = world.bolt(BoltPosition::Retracted);
    let effects = world.code(&digits).unwrap();
    assert_eq!((effects.motor, effects.indicate), (None, Some(Indication::Refused(Reason::WrongCode))));
    assert_eq!(refused(&world, RefusalKind::User), 1, "the cloud learns that it was used");
    assert_eq!(world.saved().wrong_codes, 1);
    world.reboot();
    let _ = world.time(NOON, 0).unwrap();
    assert_eq!(world.code(&digits).unwrap().motor, None, "nor after a reboot");
}

#[test]
fn a_use_that_is_not_stored_opens_nothing_and_may_be_tried_again() {
    let mut world = world();
    let digits = digits(&world, ONCE);
    let _ = world.code(&digits).unwrap();
    let effects = world.lock.dismiss(Reason::StorageBusy, world.now);
    assert_eq!((effects.motor, effects.indicate), (None, Some(Indication::Refused(Reason::StorageBusy))));
    assert_eq!(world.lock.admit(world.now).motor, None);
    assert_eq!(enter(&mut world, &digits).motor, Some(Drive::Retract));
}

#[test]
fn what_changes_while_the_use_is_stored_is_asked_again_and_the_code_is_used_up() {
    let revoked =
        |world: &mut World| world.configure(Setting::OfflineCodes(CodeSeries { epoch: 9, ..SERIES }));
    let off = |world: &mut World| {
        world.configure(Setting::OfflineCodes(CodeSeries { switch: CodesSwitch::Off, ..SERIES }));
    };
    let vacation = |world: &mut World| {
        let _ = world.order(Deed::SetMode(Mode::Vacation));
    };
    let late = |world: &mut World| world.wait(24 * HOUR);
    let changes: [&dyn Fn(&mut World); 4] = [&revoked, &off, &vacation, &late];
    for change in changes {
        let mut world = world();
        let digits = digits(&world, ONCE);
        let _ = world.code(&digits).unwrap();
        change(&mut world);
        let effects = world.lock.admit(world.now);
        assert_eq!(effects.motor, None);
        assert!(matches!(effects.indicate, Some(Indication::Refused(_))));
        assert_ne!(*world.lock.used_codes(), UsedCodes::default());
    }
}

#[test]
fn each_serial_of_a_start_opens_once_and_none_is_mistaken_for_another() {
    let mut world = world();
    for serial in 0..4 {
        let digits = digits(&world, OfflineCode { serial, ..ONCE });
        for opens in [true, false] {
            let opened = enter(&mut world, &digits);
            assert_eq!(opened.indicate == Some(Indication::Accepted), opens, "serial {serial}");
        }
        // The owner comes home: wrong codes are forgotten.
        let _ = world.order(Deed::EndLockout);
    }
}

#[test]
fn locking_uses_nothing_up() {
    let mut world = world();
    let _ = world.bolt(BoltPosition::Retracted);
    let secret = pin(&digits(&world, ONCE));
    let effects = world.present(CredentialKind::Pin, &secret, Wish::Lock).unwrap();
    assert_eq!((effects.motor, effects.barrier), (Some(Drive::Extend), None));
    let _ = world.bolt(BoltPosition::Extended);
    let mode = world.present(CredentialKind::Pin, &secret, Wish::SetMode(Mode::Passage)).unwrap();
    assert_eq!(mode.indicate, Some(Indication::Refused(Reason::NotPermitted)));
    let effects = world.present(CredentialKind::Pin, &secret, Wish::Unlock).unwrap();
    assert_eq!(effects.barrier, Some(Barrier::CodeUse));
}

#[test]
fn a_stored_pin_of_the_same_digits_comes_first_and_uses_no_code_up() {
    let mut world = world();
    let digits = digits(&world, ONCE);
    world.configure(code_in(2, None, &digits));
    let effects = world.code(&digits).unwrap();
    assert_eq!((effects.motor, effects.barrier), (Some(Drive::Retract), None));
    let _ = world.bolt(BoltPosition::Retracted);
    assert!(matches!(world.status().bolt.cause, Cause::Credential { slot: 2, .. }));
    world.configure(Setting::clear_credential(2));
    assert_eq!(world.code(&digits).unwrap().barrier, Some(Barrier::CodeUse), "then the code is one again");
}
