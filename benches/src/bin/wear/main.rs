//! How long flash lasts: what each thing that happens to a lock writes, and how many years ordinary and hostile days take to wear a
//! sector out. The lock is the whole one, with its log, in virtual time; the flash counts every byte and every erase.
//!
//!     cargo run --release -p benches --bin wear
//!
//! Exit code 1 where days that a lock is made for would wear the flash out within its life, or where packets that prove nothing write
//! anything.

mod door;
mod flash;

use std::process::ExitCode;

use door::{Deed, DoorLock, LOG_SECTOR, LOG_SECTORS, SECTOR};

/// What makers of chips promise at the least of the flash inside, in erases of a sector.
const ERASES: u64 = 10_000;
/// For so long a lock is to last, in years.
const LIFE: f64 = 15.0;
const DAY: u64 = 24 * 60 * 60 * 1000;
/// Sectors of the journal, as the examples of firmware have.
const SECTORS: usize = 4;

/// What happens on a day, spread evenly over it.
struct Day {
    name: &'static str,
    /// What happens, and how often.
    deeds: &'static [(Deed, u64)],
    /// Over how many days it is looked at.
    days: u64,
    /// What it may do to the flash.
    may: May,
}

/// What a day may do to the flash of a journal of [`SECTORS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum May {
    /// No more than in a life of them.
    WearForALife,
    /// Nothing that no day without it does.
    WriteNothing,
    /// Whatever it costs: a door for this takes more sectors, or somebody stands at it.
    Wear,
}

const DAYS: [Day; 7] = [
    Day {
        name: "a family: 12 codes, 8 unlocks and locks by app, 10 turns by hand, 24 questions by app",
        deeds: &[
            (Deed::Code, 12),
            (Deed::Button, 12),
            (Deed::Unlock, 8),
            (Deed::Lock, 8),
            (Deed::Thumbturn, 10),
            (Deed::WrongCode, 2),
            (Deed::Ask, 24),
        ],
        days: 365,
        may: May::WearForALife,
    },
    Day {
        name: "an office: 300 codes, 60 unlocks by app, 144 questions by app, a setting",
        deeds: &[
            (Deed::Code, 300),
            (Deed::Button, 300),
            (Deed::Unlock, 60),
            (Deed::WrongCode, 20),
            (Deed::Ask, 144),
            (Deed::Set, 1),
        ],
        days: 100,
        may: May::Wear,
    },
    Day {
        name: "out of reach: nobody comes, nothing is asked",
        deeds: &[],
        days: 365,
        may: May::WearForALife,
    },
    Day {
        name: "hostile: altered packets, one a second",
        deeds: &[(Deed::Noise, 86_400)],
        days: 1,
        may: May::WriteNothing,
    },
    Day {
        name: "hostile: a recorded sealed question, one a second",
        deeds: &[(Deed::Replay, 86_400)],
        days: 3,
        may: May::Wear,
    },
    Day {
        name: "at the keypad: a wrong code every ten seconds",
        deeds: &[(Deed::WrongCode, 8_640)],
        days: 3,
        may: May::Wear,
    },
    Day {
        name: "at the battery: taken out and put back every minute",
        deeds: &[(Deed::Boot, 1_440)],
        days: 3,
        may: May::Wear,
    },
];

fn main() -> ExitCode {
    println!(
        "A journal of {SECTORS} sectors of {SECTOR} bytes, a log of {LOG_SECTORS} of {LOG_SECTOR} that nobody fetches. Erases are those of the sector that \
         was erased most; the flash lasts until it was erased {ERASES} times.\n"
    );
    deeds();
    println!("\n| each day | records | erases a sector: journal | log | lasts | sectors for {LIFE} years |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let quiet = Written::on(&Day { name: "", deeds: &[], days: 3, may: May::WriteNothing });
    let broken = DAYS.iter().filter(|day| !keeps(day, &quiet)).count();
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints what a day writes, and whether it may.
fn keeps(day: &Day, quiet: &Written) -> bool {
    let written = Written::on(day);
    println!(
        "| {} | {:.0} | {:.2} | {:.2} | {} | {:.0} |",
        day.name,
        written.records,
        written.journal,
        written.log,
        lasting(written.years()),
        written.sectors_for_a_life()
    );
    let kept = match day.may {
        May::WearForALife => written.years() >= LIFE,
        May::WriteNothing => written.records <= quiet.records,
        May::Wear => true,
    };
    if !kept {
        eprintln!("{}: it may not do that to the flash ({:?})", day.name, day.may);
    }
    kept
}

/// Prints what each thing writes.
fn deeds() {
    const TIMES: u64 = 200;
    println!(
        "| one of | records | bytes, journal | bytes, log | erases of a sector, a thousand of them: journal | log |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    for (name, deeds) in [
        ("unlock by app, and lock", &[Deed::Unlock, Deed::Lock][..]),
        ("code, and the button that locks", &[Deed::Code, Deed::Button]),
        ("turn by hand", &[Deed::Thumbturn]),
        ("wrong code", &[Deed::WrongCode]),
        ("question in a session", &[Deed::Ask]),
        ("sealed question", &[Deed::SealedQuestion]),
        ("setting", &[Deed::Set]),
        ("boot", &[Deed::Boot]),
    ] {
        let mut door = DoorLock::new(SECTORS);
        let (before, journal_before, log_before) = door.written();
        let before = before.persisted;
        for _ in 0..TIMES {
            for deed in deeds {
                door.does(*deed);
                // Apart enough that no lockout and no rule on rates comes in between.
                door.pass(60 * 60 * 1000);
            }
        }
        let (after, journal, log) = door.written();
        let each = |now: u64, then: u64| (now - then) as f64 / TIMES as f64;
        println!(
            "| {name} | {:.2} | {:.0} | {:.0} | {:.1} | {:.1} |",
            each(after.persisted, before),
            each(journal.bytes, journal_before.bytes),
            each(log.bytes, log_before.bytes),
            each(journal.worst(), journal_before.worst()) * 1_000.0,
            each(log.worst(), log_before.worst()) * 1_000.0,
        );
    }
}

/// What a day writes.
struct Written {
    records: f64,
    /// Erases of the sector of the journal that was erased most.
    journal: f64,
    log: f64,
}

impl Written {
    fn on(day: &Day) -> Self {
        let mut door = DoorLock::new(SECTORS);
        let (records_before, journal_before, log_before) = door.written();
        let records_before = records_before.persisted;
        let begin = door.now();
        for passed in 0..day.days {
            door.gets_new_cells();
            lives_through(&mut door, begin + passed * DAY, day.deeds);
        }
        let (records, journal, log) = door.written();
        assert_eq!(records.failed, 0, "flash that works takes every record");
        let each = |now: u64, then: u64| (now - then) as f64 / day.days as f64;
        Self {
            records: each(records.persisted, records_before),
            journal: each(journal.worst(), journal_before.worst()),
            log: each(log.worst(), log_before.worst()),
        }
    }

    /// How long the flash lasts.
    fn years(&self) -> f64 {
        ERASES as f64 / self.journal.max(self.log) / 365.25
    }

    /// How many sectors of the journal would last for [`LIFE`]: all take turns.
    fn sectors_for_a_life(&self) -> f64 {
        (self.journal * SECTORS as f64 * LIFE * 365.25 / ERASES as f64).ceil().max(2.0)
    }
}

fn lasting(years: f64) -> String {
    match years {
        years if years > 999.0 => "centuries".to_owned(),
        years if years < 1.0 => format!("{:.0} days", years * 365.25),
        years => format!("{years:.0} years"),
    }
}

/// One day, with everything in it where it is due.
fn lives_through(door: &mut DoorLock, begin: u64, deeds: &[(Deed, u64)]) {
    let mut due: Vec<(u64, Deed)> = deeds
        .iter()
        .zip(0_u64..)
        .flat_map(|(&(deed, times), place)| {
            // What is as frequent as something else comes half-way between: first open, then closed.
            (0..times)
                .map(move |time| (DAY / times * time + DAY / times * place / 2 / deeds.len() as u64, deed))
        })
        .collect();
    due.sort_by_key(|(at, _)| *at);
    for (at, deed) in due {
        door.pass((begin + at).saturating_sub(door.now()));
        door.does(deed);
    }
    door.pass((begin + DAY).saturating_sub(door.now()));
}
