//! A lock's log from the event to the verdict: book, flash ring, cuts of the power, export, reader.

use lock_core::cloud::{Exported, LogReader};
use lock_core::crypto::{
    Key, KeyEpoch, Label, LeafKeys, LockId, LogChain, LogFault, LogMac, Missing, RootKey, RustCrypto,
};
use lock_core::device::{LogBook, LogRecord, MAX_WAITING, provision, provision_log};
use lock_core::proto::{Cause, LogEntry, LogEvent, LogTime, Target, UnixMillis, Uptime};
use lock_store::host::RewritableMemory;
use lock_store::{LogRing, MAX_ENTRY, SECRET, ZeroInPlace};
use zeroize::Zeroizing;

const LOCK: LockId = LockId([0x4C; 16]);

type Flash = RewritableMemory<4, 1024>;
type Ring<'f> = LogRing<&'f mut Flash, ZeroInPlace>;

fn root() -> RootKey {
    RootKey::from_bytes::<RustCrypto>(core::array::from_fn(|place| place as u8 ^ 0x33), LOCK).unwrap()
}

fn made(sectors: usize) -> Flash {
    let mut flash = Flash::new(sectors);
    let _: Ring<'_> = LogRing::format(&mut flash, &provision_log::<RustCrypto>(&root(), LOCK)).unwrap();
    flash
}

fn event(number: u64) -> LogEntry {
    LogEntry {
        boot: 1,
        uptime: Uptime::from_millis(number),
        time: LogTime::Floor(UnixMillis(number)),
        cause: Cause::Manual,
        command: None,
        event: LogEvent::Asked(Target::Unlocked),
    }
}

/// A boot of the log: what a lock does before it takes its first input.
fn boot(ring: &mut Ring<'_>) -> LogBook {
    let mut secret = Zeroizing::new([0; SECRET]);
    let last = ring.newest(&mut secret).unwrap();
    LogBook::resume(ring.held().next, &secret, &last).unwrap()
}

/// Stores what waits; `Err` when the power went.
fn drain(book: &mut LogBook, ring: &mut Ring<'_>) -> Result<(), ()> {
    let mut buffer = [0; LogRecord::MAX_BYTES];
    while let Some(record) = book.record::<RustCrypto>(&mut buffer) {
        match ring.append(&record.secret, record.payload) {
            Ok(index) => {
                assert_eq!(index, record.index);
                book.stored();
            }
            Err(lock_store::LogAppendError::Busy) => {
                book.failed();
                idle(book, ring)?;
            }
            Err(_) => return Err(()),
        }
    }
    Ok(())
}

/// Erases where that is due, and notes what nobody has now.
fn idle(book: &mut LogBook, ring: &mut Ring<'_>) -> Result<(), ()> {
    while ring.needs_idle_work() {
        let before = ring.held().overwritten();
        ring.idle_work().map_err(|_| ())?;
        if let Some((first, last)) = ring.held().overwritten().filter(|gap| Some(*gap) != before) {
            book.note(LogEntry { event: LogEvent::Overwritten { first, last }, ..event(0) });
        }
    }
    Ok(())
}

fn reader() -> LogReader {
    let leaves = LeafKeys::expand::<RustCrypto>(&root(), LOCK, KeyEpoch::FIRST);
    let first = Key::from_bytes(*leaves.leaf(Label::Log).expose());
    LogReader::new(LogChain::begin(KeyEpoch::FIRST, first))
}

/// What the cloud reads of the entries from `from` on: explicit gaps, and the events.
fn fetch(
    reader: &mut LogReader,
    ring: &mut Ring<'_>,
    from: u64,
) -> Result<(Vec<Missing>, Vec<LogEntry>), LogFault> {
    let mut buffer = [0; MAX_ENTRY];
    let (mut gaps, mut entries) = (Vec::new(), Vec::new());
    let held = ring.held();
    for index in from.max(held.first)..held.next {
        let previous = LogMac(*ring.before(index).unwrap().unwrap().first_chunk().unwrap());
        let length = ring.read(index, &mut buffer).unwrap().unwrap();
        let (mac, epoch_and_body) = buffer[..length].split_first_chunk().unwrap();
        let body = &epoch_and_body[4..];
        let read = reader.entry(&Exported { index, previous, mac: LogMac(*mac), body }, &[])?;
        gaps.extend(read.gap);
        entries.extend(read.entry);
    }
    Ok((gaps, entries))
}

#[test]
fn an_evening_is_read_as_it_was_and_its_head_is_fresh() {
    let mut flash = made(4);
    let mut ring = LogRing::mount(&mut flash).unwrap();
    let mut book = boot(&mut ring);
    for number in 0..20 {
        book.note(event(number));
        drain(&mut book, &mut ring).unwrap();
    }
    let mut reader = reader();
    let (gaps, entries) = fetch(&mut reader, &mut ring, 0).unwrap();
    assert_eq!(gaps, []);
    assert_eq!(entries, (0..20).map(event).collect::<Vec<_>>());
    let head = book.head::<RustCrypto>(&[9; 16], ring.held().first);
    assert_eq!(reader.head(&head, &[9; 16], &[]), Ok(()));
    assert_eq!(reader.head(&head, &[8; 16], &[]), Err(LogFault::NotFresh));
}

#[test]
fn events_that_find_no_room_are_counted_in_their_place_and_never_silent() {
    let mut flash = made(8);
    let mut ring = LogRing::mount(&mut flash).unwrap();
    let mut book = boot(&mut ring);
    let waiting = MAX_WAITING as u64;
    for (noted, lost) in [(waiting - 1, 0), (waiting, 0), (waiting + 1, 1), (waiting + 40, 40)] {
        let before = ring.held().next;
        (0..noted).for_each(|number| book.note(event(number)));
        drain(&mut book, &mut ring).unwrap();
        assert!(!book.is_behind());
        let mut reader = reader();
        let (_, entries) = fetch(&mut reader, &mut ring, 0).unwrap();
        let entries = &entries[before as usize..];
        let kept = noted - lost;
        assert_eq!(entries[..kept as usize], (0..kept).map(event).collect::<Vec<_>>());
        let told = entries.get(kept as usize).map(|entry| entry.event);
        assert_eq!(told, (lost > 0).then_some(LogEvent::Lost(lost as u32)));
    }
}

#[test]
fn what_comes_while_a_loss_is_being_told_is_counted_as_well() {
    let mut flash = made(4);
    let mut ring = LogRing::mount(&mut flash).unwrap();
    let mut book = boot(&mut ring);
    (0..MAX_WAITING as u64 + 2).for_each(|number| book.note(event(number)));
    let mut buffer = [0; LogRecord::MAX_BYTES];
    for _ in 0..MAX_WAITING {
        let record = book.record::<RustCrypto>(&mut buffer).unwrap();
        ring.append(&record.secret, record.payload).unwrap();
        book.stored();
    }
    let record = book.record::<RustCrypto>(&mut buffer).unwrap();
    ring.append(&record.secret, record.payload).unwrap();
    book.note(event(99));
    book.stored();
    drain(&mut book, &mut ring).unwrap();
    let (_, entries) = fetch(&mut reader(), &mut ring, 0).unwrap();
    let told: Vec<_> = entries[MAX_WAITING..].iter().map(|entry| entry.event).collect();
    assert_eq!(told, [LogEvent::Lost(2), LogEvent::Lost(1)]);
}

#[test]
fn a_ring_that_runs_round_shows_one_gap_that_explains_all_that_is_missing() {
    let mut flash = made(2);
    let mut ring = LogRing::mount(&mut flash).unwrap();
    let mut book = boot(&mut ring);
    for number in 0..100 {
        book.note(event(number));
        drain(&mut book, &mut ring).unwrap();
        idle(&mut book, &mut ring).unwrap();
        drain(&mut book, &mut ring).unwrap();
    }
    let first = ring.held().first;
    assert!(first > 50);
    let mut reader = reader();
    let (gaps, _) = fetch(&mut reader, &mut ring, 0).unwrap();
    assert_eq!(gaps, [Missing { first: 0, last: first - 1 }]);
    assert_eq!(reader.unexplained(), None);
    let head = book.head::<RustCrypto>(&[9; 16], first);
    assert_eq!(reader.head(&head, &[9; 16], &[]), Ok(()));
}

#[test]
fn a_cut_in_any_byte_leaves_a_log_that_is_right_from_its_first_entry_to_its_head() {
    let mut cuts = 0;
    for bytes in 0.. {
        let mut flash = made(4);
        let mut noted = 0;
        let mut run = |flash: &mut Flash, until: u64| -> Result<(), ()> {
            let mut ring = LogRing::mount(flash).unwrap();
            let mut book = boot(&mut ring);
            while noted < until {
                noted += 1;
                book.note(event(noted));
                drain(&mut book, &mut ring)?;
                idle(&mut book, &mut ring)?;
            }
            Ok(())
        };
        flash.power_cut_after(bytes);
        let was_cut = run(&mut flash, 14).is_err() || flash.is_off();
        flash.power_on();
        run(&mut flash, 20).unwrap();
        let mut ring = LogRing::mount(&mut flash).unwrap();
        let book = boot(&mut ring);
        let mut reader = reader();
        let (_, entries) = fetch(&mut reader, &mut ring, 0).unwrap();
        assert!(entries.len() >= 19, "at most the entry in the balance is lost: {}", entries.len());
        let head = book.head::<RustCrypto>(&[9; 16], 0);
        assert_eq!(reader.head(&head, &[9; 16], &[]), Ok(()), "cut after {bytes} bytes");
        if !was_cut {
            break;
        }
        cuts += 1;
    }
    assert!(cuts > 1_500, "{cuts} cuts");
}

#[test]
fn the_stored_keys_of_a_lock_do_not_hold_the_first_key_of_its_log() {
    let first = provision_log::<RustCrypto>(&root(), LOCK);
    let record = provision::<RustCrypto>(&root(), LOCK, &[1; 32]);
    assert!(!record.windows(SECRET).any(|window| window == *first));
}

#[test]
fn a_blank_secret_starts_no_book() {
    for blank in [0, 0xFF] {
        assert!(LogBook::resume(0, &[blank; SECRET], &[0; 20]).is_err());
    }
    assert!(LogBook::resume(0, &provision_log::<RustCrypto>(&root(), LOCK), &[0; 20]).is_ok());
}
