//! Every input that was kept, and every real message of the test vectors, once more: what holds of them must go on to hold.

use std::fs;
use std::path::PathBuf;

use fuzz::{Target, named, seeds};

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Gives a target all that there is for it.
fn replayed(name: &str) {
    let target: &Target = named(name).expect("a target");
    let folder = here().join("corpus").join(name);
    let kept: Vec<PathBuf> =
        fs::read_dir(&folder).expect("inputs").map(|entry| entry.expect("an input").path()).collect();
    assert!(!kept.is_empty(), "{} is empty: run verify/fuzz/run.sh --long 60 {name}", folder.display());
    for path in kept {
        println!("{}", path.display());
        let input = fs::read(&path).expect("an input");
        assert!(input.len() <= target.longest, "{} is longer than {}", path.display(), target.longest);
        (target.take)(&input);
    }
    for (number, seed) in seeds::of(name).iter().enumerate() {
        println!("real message {number}: {}", String::from_utf8_lossy(seed));
        (target.take)(seed);
    }
}

macro_rules! replayed {
    ($($test:ident: $name:literal),* $(,)?) => {
        const REPLAYED: &[&str] = &[$($name),*];
        $(
            #[test]
            fn $test() {
                replayed($name);
            }
        )*
    };
}

replayed! {
    kept_packets_are_taken: "packets",
    kept_bodies_are_taken: "bodies",
    kept_frames_are_taken: "frames",
    kept_texts_are_taken: "texts",
    kept_records_are_taken: "records",
    kept_boots_are_taken: "boot",
    kept_journals_are_taken: "journal",
    kept_rings_are_taken: "ring",
    kept_lives_of_a_lock_are_taken: "device",
    kept_tickets_are_taken: "tickets",
    kept_logs_are_taken: "log",
    kept_calls_from_c_are_taken: "c-api",
    kept_requests_are_taken: "http",
}

#[test]
fn every_target_is_replayed_and_every_folder_is_of_a_target() {
    let names: Vec<&str> = fuzz::TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names, REPLAYED);
    for folder in fs::read_dir(here().join("corpus")).expect("inputs") {
        let name = folder.expect("a folder").file_name();
        assert!(names.iter().any(|known| **known == name), "{name:?} is of no target");
    }
}
