//! Before each bound, on it, past it; and what an entry costs.

use lock_store::host::{MemoryFlash, RewritableMemory};
use lock_store::{
    AcknowledgeError, BEGINNING, LogAppendError, LogIdleStep, LogMountError, LogReadError, LogRing,
    MAX_ENTRY, SECRET, TYPICAL_ENTRY, UntilErase, ZeroInPlace,
};

use crate::world::{payload, secret};

type Flash = RewritableMemory<4, 1024>;
type Ring<F> = LogRing<F, ZeroInPlace>;

fn formatted(sectors: usize) -> Flash {
    let mut flash = Flash::new(sectors);
    Ring::format(&mut flash, &secret(0)).unwrap();
    flash
}

fn fill<F: embedded_storage::nor_flash::MultiwriteNorFlash>(ring: &mut Ring<F>, entries: u64) {
    for _ in 0..entries {
        let index = ring.held().next;
        while let Err(error) = ring.append(&secret(index + 1), &payload(index as usize, 40)) {
            assert!(matches!(error, LogAppendError::Busy));
            ring.idle_work().unwrap();
        }
    }
}

#[test]
fn a_payload_of_255_or_256_bytes_is_kept_and_one_of_257_is_refused() {
    let mut flash = RewritableMemory::<4, 4096>::new(2);
    let mut ring = Ring::format(&mut flash, &secret(0)).unwrap();
    let mut buffer = [0; MAX_ENTRY];
    for (index, length) in [(0, 0), (1, 1), (2, 255), (3, 256)] {
        assert_eq!(ring.append(&secret(index + 1), &payload(length, length)).unwrap(), index);
        assert_eq!(ring.read(index, &mut buffer).unwrap(), Some(length));
        assert_eq!(&buffer[..length], payload(length, length));
    }
    let refusal = ring.append(&secret(5), &payload(257, 257)).unwrap_err();
    assert!(matches!(refusal, LogAppendError::TooLong { length: 257 }));
    assert!(matches!(ring.read(3, &mut buffer[..255]), Err(LogReadError::BufferTooSmall { needed: 256 })));
    assert_eq!(ring.held().next, 4);
}

#[test]
fn an_entry_programs_one_record_zeroes_one_secret_and_erases_nothing() {
    let mut flash = formatted(2);
    for number in 0..5 {
        let before = flash.counters();
        Ring::mount(&mut flash).unwrap().append(&secret(number + 1), &payload(1, 40)).unwrap();
        let after = flash.counters();
        // Body of 8 + 36 + 40 bytes in two pieces and its mark; the secret before it, 36 bytes in units of 4.
        assert_eq!(after.programs - before.programs, 4, "program calls");
        assert_eq!(after.bytes_programmed - before.bytes_programmed, 8 + 84 + 36);
        assert_eq!(after.erases, before.erases);
    }
}

#[test]
fn a_blank_flash_is_not_formatted_and_a_foreign_one_is_damaged() {
    let mut flash = Flash::new(2);
    assert!(matches!(Ring::mount(&mut flash), Err(LogMountError::Unformatted)));
    lock_store::Journal::format(&mut flash).unwrap();
    assert!(matches!(Ring::mount(&mut flash), Err(LogMountError::Damaged(_))));
}

#[test]
fn an_empty_log_has_a_secret_and_no_entry() {
    let mut flash = formatted(2);
    let mut ring = Ring::mount(&mut flash).unwrap();
    let mut newest = [0; SECRET];
    assert_eq!(ring.newest(&mut newest).unwrap(), [0; BEGINNING]);
    assert_eq!(newest, secret(0));
    let held = ring.held();
    assert_eq!(
        (held.first, held.next, held.acknowledged, held.pending(), held.overwritten()),
        (0, 0, 0, 0, None)
    );
    assert_eq!(ring.read(0, &mut []).unwrap(), None);
    assert!(matches!(ring.acknowledge(0, b""), Err(AcknowledgeError::Mismatch)));
    assert!(!ring.needs_idle_work());
}

#[test]
fn an_acknowledgement_must_name_an_entry_that_is_held_by_its_beginning() {
    let mut flash = formatted(3);
    let mut ring = Ring::mount(&mut flash).unwrap();
    fill(&mut ring, 5);
    for (index, expected) in [(5, payload(5, 16)), (2, payload(3, 16)), (u64::MAX, vec![])] {
        assert!(matches!(ring.acknowledge(index, &expected), Err(AcknowledgeError::Mismatch)));
        assert_eq!(ring.held().acknowledged, 0);
    }
    ring.acknowledge(2, &payload(2, 16)).unwrap();
    assert_eq!((ring.held().acknowledged, ring.held().pending()), (3, 2));
    ring.acknowledge(1, b"older: freed already").unwrap();
    assert_eq!(Ring::mount(&mut flash).unwrap().held().acknowledged, 3);
}

#[test]
fn a_full_ring_gives_up_the_oldest_sector_when_idle_and_shows_the_gap() {
    let mut flash = formatted(2);
    let mut ring = Ring::mount(&mut flash).unwrap();
    let mut appended = 0;
    while ring.append(&secret(appended + 1), &payload(appended as usize, 40)).is_ok() {
        appended += 1;
    }
    assert_eq!(ring.held().overwritten(), None, "no append overwrites");
    while ring.needs_idle_work() {
        ring.idle_work().unwrap();
    }
    let held = ring.held();
    let (first, last) = held.overwritten().unwrap();
    assert_eq!((first, last + 1), (0, held.first));
    assert!(last > 2 && last < appended);
    ring.append(&secret(appended + 1), b"there is room again").unwrap();
    assert_eq!(Ring::mount(&mut flash).unwrap().held().overwritten(), Some((first, last)));
}

#[test]
fn an_acknowledged_sector_is_freed_early_and_leaves_no_gap() {
    let mut flash = formatted(3);
    let mut ring = Ring::mount(&mut flash).unwrap();
    for _ in 0..40 {
        fill(&mut ring, 3);
        let last = ring.held().next - 1;
        while ring.acknowledge(last, &payload(last as usize, 40)).is_err() {
            ring.idle_work().unwrap();
        }
        while ring.needs_idle_work() {
            ring.idle_work().unwrap();
        }
        assert_eq!((ring.held().overwritten(), ring.held().pending()), (None, 0));
    }
    assert!(ring.held().first > 80);
}

#[test]
fn the_sector_with_the_newest_secret_is_never_erased_even_when_all_is_acknowledged() {
    let mut flash = formatted(2);
    let mut ring = Ring::mount(&mut flash).unwrap();
    fill(&mut ring, 4);
    // Acknowledgements of one entry after the other, until they go on in the second sector.
    for round in 0.. {
        let index = round % 4;
        if round < 4 {
            ring.acknowledge(index, &payload(index as usize, 40)).unwrap();
        }
        let next = ring.held().next;
        if next > 7 {
            break;
        }
        fill(&mut ring, 1);
        ring.acknowledge(next, &payload(next as usize, 40)).unwrap_or_default();
        while ring.needs_idle_work() {
            assert_ne!(ring.idle_work().unwrap(), LogIdleStep::Nothing);
        }
        let mut newest = [0; SECRET];
        ring.newest(&mut newest).unwrap();
        assert_eq!(newest, secret(ring.held().next));
    }
}

#[test]
fn all_sectors_take_turns() {
    let mut flash = formatted(4);
    for _ in 0..400 {
        let mut ring = Ring::mount(&mut flash).unwrap();
        fill(&mut ring, 3);
        while ring.needs_idle_work() {
            ring.idle_work().unwrap();
        }
    }
    // 1,200 entries of 96 bytes: 10 a sector.
    let erases = flash.counters().erases;
    assert!((110..=140).contains(&erases), "{erases} erases");
}

#[test]
fn on_a_strict_flash_a_secret_stays_until_its_sector_is_erased_and_nothing_is_programmed_twice() {
    let mut flash = MemoryFlash::<8, 1024>::new(2);
    let mut ring = LogRing::<_, UntilErase>::format(&mut flash, &secret(0)).unwrap();
    for index in 0..60 {
        while ring.append(&secret(index + 1), &payload(index as usize, 40)).is_err() {
            ring.idle_work().unwrap();
        }
        while ring.needs_idle_work() {
            ring.idle_work().unwrap();
        }
    }
    let left =
        flash.bytes().windows(SECRET).filter(|window| (40..60).any(|old| *window == secret(old))).count();
    assert!(left > 2, "{left} of the last secrets are still there: the documentation says so");
    assert!(!flash.bytes().windows(SECRET).any(|window| window == secret(5)));
}

#[test]
fn a_ring_holds_at_least_as_many_typical_entries_as_it_says_and_no_sector_more() {
    for (sectors, says) in [(2, 7), (3, 14), (4, 21)] {
        let mut flash = formatted(sectors);
        let mut ring = Ring::mount(&mut flash).unwrap();
        assert_eq!(ring.held().capacity, says, "{sectors} sectors");
        let mut least = u64::MAX;
        for number in 0..8 * u64::from(says) {
            while ring.append(&secret(number + 1), &payload(number as usize, TYPICAL_ENTRY)).is_err() {
                ring.idle_work().unwrap();
                least = least.min(ring.held().next - ring.held().first);
            }
        }
        let in_a_sector = u64::from(says) / (sectors as u64 - 1);
        assert!((u64::from(says)..=u64::from(says) + in_a_sector).contains(&least), "{least} of {says}");
    }
}

#[test]
fn what_is_read_in_order_is_looked_for_once_in_each_sector() {
    let mut flash = formatted(4);
    fill(&mut Ring::mount(&mut flash).unwrap(), 24);
    let mut cost = |is_in_order: bool| {
        let before = flash.counters().reads;
        let mut ring = Ring::mount(&mut flash).unwrap();
        let (first, next) = (ring.held().first, ring.held().next);
        let mut buffer = [0; MAX_ENTRY];
        for step in 0..next - first {
            let index = if is_in_order { first + step } else { next - 1 - step };
            assert_eq!(ring.read(index, &mut buffer).unwrap(), Some(40));
        }
        flash.counters().reads - before
    };
    let (in_order, backwards) = (cost(true), cost(false));
    assert!(2 * in_order < backwards, "{in_order} reads in order, {backwards} backwards");
}
