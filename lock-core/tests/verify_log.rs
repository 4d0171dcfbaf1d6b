//! The program that a third party verifies an export with: a whole log, and copies with something done to them.

#[allow(dead_code)]
#[path = "../examples/verify_log/main.rs"]
mod verify_log;

use lock_core::cloud::{ExportLine, Exported};
use lock_core::crypto::{Key, KeyEpoch, LockId, LogChain, LogMac, RustCrypto};
use lock_core::proto::{
    Alarm, BootReason, Cause, CommandId, LogEntry, LogEvent, LogTime, Target, UnixMillis, Uptime,
};

const LOCK: LockId = LockId([7; 16]);
const KEY: [u8; 32] = *b"the leaf `log` of this key epoch";
const NONCE: [u8; 16] = *b"drawn by a court";

fn key_file() -> String {
    let key: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(r#"{{"lock_id":"{}","key_epoch":"1","index":"0","key":"{key}"}}"#, "07".repeat(16))
}

/// The lines of an export.
fn export(events: &[LogEvent]) -> Vec<String> {
    let mut chain = LogChain::begin(KeyEpoch::FIRST, Key::from_bytes(KEY));
    let begin =
        ExportLine::Begin { lock_id: LOCK, key_epoch: KeyEpoch::FIRST, next: 0, previous: LogMac::NONE };
    let mut lines = vec![begin.to_string()];
    for (number, event) in (0..).zip(events) {
        let entry = LogEntry {
            boot: 3,
            uptime: Uptime::from_millis(2_000 * number),
            time: LogTime::Trusted { earliest: UnixMillis(1_800_000_000_000), span_ms: 200 },
            cause: Cause::RemoteLive,
            command: Some(CommandId(number)),
            event: *event,
        };
        let mut buffer = [0; LogEntry::MAX_BYTES];
        let body = entry.encode(&mut buffer).unwrap();
        let (index, previous) = (chain.next(), chain.last());
        let link = chain.link::<RustCrypto>(body);
        lines.push(ExportLine::Entry(Exported { index, previous, mac: link.mac(), body }).to_string());
        chain.advance(link);
    }
    lines.push(ExportLine::Head(chain.head::<RustCrypto>(&NONCE, 0), NONCE).to_string());
    lines
}

fn evening() -> Vec<String> {
    export(&[
        LogEvent::Booted(BootReason::PowerOn),
        LogEvent::Asked(Target::Unlocked),
        LogEvent::Alarm(Alarm::Jammed),
        LogEvent::Asked(Target::Locked),
    ])
}

fn verified(lines: &[String]) -> verify_log::Report {
    verify_log::verify(&lines.join("\n"), &key_file(), None).unwrap()
}

fn says(report: &verify_log::Report, words: &str) -> bool {
    report.lines.iter().any(|line| line.contains(words))
}

#[test]
fn a_whole_log_is_told_in_words() {
    let report = verified(&evening());
    assert_eq!(report.faults, 0, "{report:?}");
    assert!(
        says(&report, "2027-01-15 08:00:00 UTC +1 s  boot 3 +2 s  asked to unlock, by the cloud, command 1"),
        "{report:?}"
    );
    assert!(says(&report, "ALARM: Jammed") && says(&report, "The log is whole: 4 entries"));
}

#[test]
fn what_was_done_to_a_copy_is_named() {
    let edited = |line: usize, from: &str, to: &str| {
        let mut lines = evening();
        assert!(lines[line].contains(from), "{}", lines[line]);
        lines[line] = lines[line].replacen(from, to, 1);
        lines
    };
    let without = |line: usize| {
        let mut lines = evening();
        lines.remove(line);
        lines
    };
    let mut swapped = evening();
    swapped.swap(2, 3);
    for (name, lines, words) in [
        ("edited", edited(2, r#""body":"03"#, r#""body":"04"#), "entry 1 was edited"),
        ("dropped", without(2), "entries 1 to 1 were dropped"),
        ("reordered", swapped, "entry 1 is out of order"),
        ("truncated", without(4), "entries 3 to 3 were cut off at the end"),
    ] {
        let report = verified(&lines);
        assert_eq!(report.faults, 1, "{name}: {report:?}");
        assert!(says(&report, words) && says(&report, "NOT AS THE LOCK WROTE IT"), "{name}: {report:?}");
    }
}

#[test]
fn a_gap_that_the_lock_admits_is_told_and_is_no_fault() {
    let mut lines = export(&[
        LogEvent::Booted(BootReason::PowerOn),
        LogEvent::Asked(Target::Unlocked),
        LogEvent::Asked(Target::Locked),
        LogEvent::Overwritten { first: 0, last: 1 },
    ]);
    lines.drain(1..3);
    let report = verified(&lines);
    assert_eq!(report.faults, 0, "{report:?}");
    assert!(says(&report, "GAP: entries 0 to 1") && says(&report, "gaps that it admits: 1"));
}

#[test]
fn another_nonce_another_key_and_broken_files_are_refused() {
    let text = evening().join("\n");
    let report = verify_log::verify(&text, &key_file(), Some(&"00".repeat(16))).unwrap();
    assert!(report.faults == 1 && says(&report, "does not answer this nonce"));
    let nonce: String = NONCE.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(verify_log::verify(&text, &key_file(), Some(&nonce)).unwrap().faults, 0);
    let other = key_file().replacen(r#""key":"74"#, r#""key":"75"#, 1);
    assert!(says(&verify_log::verify(&text, &other, None).unwrap(), "nothing fits this key"));
    let later = key_file().replacen(r#""key_epoch":"1""#, r#""key_epoch":"2""#, 1);
    let report = verify_log::verify(&text, &later, None).unwrap();
    assert_eq!((report.faults, report.unverified), (0, 4), "without the key of its epoch: {report:?}");
    assert!(says(&report, "head  NOT VERIFIED") && says(&report, "4 of 4 entries could not"), "{report:?}");
    for (export, key) in [
        (String::new(), key_file()),
        (text.replacen(r#""lock_log":"1""#, r#""lock_log":"2""#, 1), key_file()),
        (evening()[..4].join("\n"), key_file()),
        (text.clone(), "{}".to_owned()),
        (text.clone(), key_file().replacen(r#""index":"0""#, r#""index":"1""#, 1)),
        (text.clone(), String::new()),
        (text.clone(), key_file().replacen(r#""key_epoch":"1""#, r#""key_epoch":"0""#, 1)),
        (text.clone(), format!("{}\n{}", key_file(), key_file().replacen("07", "08", 1))),
        (text.replacen(r#""mac":""#, r#""mac":"0"#, 1), key_file()),
    ] {
        assert!(verify_log::verify(&export, &key, None).is_err(), "{export}");
    }
}
