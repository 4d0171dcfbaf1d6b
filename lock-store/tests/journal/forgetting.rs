//! Values that were replaced go from the flash when they are to be forgotten, whatever is cut meanwhile.

use lock_store::host::{EraseDamage, HostFlashError, MemoryFlash, ProgramDamage};
use lock_store::{IdleError, Journal, ReadError};

use crate::world::payload;

type Flash = MemoryFlash<8, 1024>;

const SECRET: u8 = 4;
const OTHER: u8 = 7;
const OLD: [u8; 32] = *b"the keys of the epoch before....";
const NEW: [u8; 32] = *b"the keys of the epoch in force..";

/// Keys that were replaced, between other records.
fn replaced(sectors: usize, damage: EraseDamage) -> Flash {
    let mut flash = Flash::new(sectors);
    flash.damage_erases(damage);
    flash.damage_programs(ProgramDamage::SomeBits);
    let mut journal = Journal::format(&mut flash).unwrap();
    journal.append(OTHER, &payload(1, 20)).unwrap();
    journal.append(SECRET, &OLD).unwrap();
    journal.append(OTHER, &payload(2, 20)).unwrap();
    journal.append(SECRET, &NEW).unwrap();
    flash
}

fn holds(flash: &Flash, secret: &[u8]) -> bool {
    flash.bytes().windows(secret.len()).any(|window| window == secret)
}

/// Forgets, as far as the power goes.
fn forget(flash: &mut Flash) -> bool {
    let Ok(mut journal) = Journal::mount(flash) else { panic!("a cut never makes the journal unmountable") };
    journal.forget_older(SECRET).unwrap();
    while journal.needs_idle_work() {
        match journal.idle_work() {
            Ok(_) => {}
            Err(IdleError::Flash(HostFlashError::PowerOff)) => return false,
            Err(error) => panic!("idle work on a good flash: {error}"),
        }
    }
    true
}

fn is_whole(flash: &mut Flash) {
    let mut journal = Journal::mount(flash).unwrap();
    let mut buffer = [0; 32];
    assert_eq!(journal.read(SECRET, &mut buffer).unwrap(), Some(32));
    assert_eq!(buffer, NEW);
    assert_eq!(journal.read(OTHER, &mut buffer).unwrap(), Some(20));
    assert_eq!(buffer[..20], payload(2, 20));
}

#[test]
fn a_value_that_was_replaced_is_gone_after_idle_work_and_no_other_is() {
    for sectors in [2, 3] {
        let mut flash = replaced(sectors, EraseDamage::Scattered);
        assert!(!Journal::mount(&mut flash).unwrap().needs_idle_work(), "it would stay for long");
        assert!(holds(&flash, &OLD));
        assert!(forget(&mut flash));
        assert!(!holds(&flash, &OLD) && holds(&flash, &NEW));
        is_whole(&mut flash);
    }
}

#[test]
fn a_cut_in_any_byte_of_the_work_loses_nothing_and_the_next_boot_goes_on() {
    let mut cuts = 0;
    for damage in
        [EraseDamage::Scattered, EraseDamage::FromStart, EraseDamage::FromEnd, EraseDamage::LooksErased]
    {
        for bytes in 0.. {
            let mut flash = replaced(2, damage);
            flash.power_cut_after(bytes);
            let is_done = forget(&mut flash);
            flash.power_on();
            is_whole(&mut flash);
            if is_done {
                break;
            }
            cuts += 1;
            assert!(forget(&mut flash), "cut after {bytes} bytes");
            assert!(!holds(&flash, &OLD), "cut after {bytes} bytes");
            is_whole(&mut flash);
        }
    }
    assert!(cuts > 100, "{cuts} cuts");
}

#[test]
fn nothing_is_moved_where_nothing_was_replaced() {
    let mut flash = replaced(2, EraseDamage::Scattered);
    assert!(forget(&mut flash));
    let erases = flash.counters().erases;
    assert!(forget(&mut flash));
    assert_eq!(flash.counters().erases, erases);
    let mut journal = Journal::mount(&mut flash).unwrap();
    journal.forget_older(9).unwrap();
    assert!(!journal.needs_idle_work(), "a tag that was never written");
    assert!(matches!(journal.forget_older(24), Err(ReadError::UnknownTag { tag: 24 })));
}
