//! Keys that are read and narrowed: no lock is asked.

use std::io::Write;
use std::process::{Command, Stdio};

use lock_core::cloud::Conditions;

use crate::guest::{Guest, set_mode};
use crate::lock::Lock;
use crate::passable;

#[test]
fn a_key_shows_its_lock_and_what_narrows_it() {
    let (lock, guest) = (Lock::new(), Guest::new());
    guest.keeps("key", &lock.link(passable(), None));
    let plain = guest.run(&["show", "--key", "key"]).well();
    assert!(plain.contains("a virtual key of lock 07070707070707070707070707070707"), "{plain}");
    assert!(plain.contains("sealed for the lock") && plain.contains("it was not narrowed"), "{plain}");
    let more = [
        "--rights",
        "unlock,status",
        "--not-after",
        "2026-12-24T08:00:00+01:00",
        "--weekly",
        "mon,tue@08:00-12:00",
    ];
    guest.narrows("key", "less", &more);
    guest.narrows("less", "least", &["--once", "--depth", "1"]);
    let shown = guest.run(&["show", "--key", "least"]).well();
    for said in [
        "it was narrowed 2 times",
        "1. it allows at most unlock, status; not after 2026-12-24T07:00:00Z; mon,tue from 08:00 until 12:00",
        "2. it opens once, for all who were given it; it may be passed on once more",
    ] {
        assert!(shown.contains(said), "{shown}");
    }
    let json = guest.run(&["show", "--key", "least", "--json"]).json();
    assert_eq!(json["lock_id"], "07".repeat(16));
    assert_eq!((&json["needs_holder"], json["blocks"].as_array().unwrap().len()), (&false.into(), 2));
    assert_eq!(json["blocks"][1]["conditions"][0], "SingleUse");
    let letters = std::fs::read_to_string(guest.path("least")).unwrap().trim().len();
    assert_eq!(json["link_letters"], letters);
}

#[test]
fn a_link_with_one_letter_changed_is_refused_with_what_to_do() {
    let (lock, guest) = (Lock::new(), Guest::new());
    let link = lock.link(Conditions::default(), None);
    let place = link.len() / 2;
    let other = if &link[place..=place] == "A" { "B" } else { "A" };
    guest.keeps("key", &format!("{}{other}{}", &link[..place], &link[place + 1..]));
    for command in ["show", "narrow"] {
        let refused = guest.run(&[command, "--key", "key"]);
        assert_eq!((refused.code, refused.out.as_str()), (1, ""));
        assert!(refused.err.contains("altered; copy all of it again"), "{}", refused.err);
    }
    let refused = guest.at(lock.address, "unlock", "key", &["--json"]);
    assert_eq!(refused.json()["executed"], false);
    guest.keeps("prose", "see you at eight");
    assert!(guest.run(&["show", "--key", "prose"]).err.contains("it begins with LKT1"));
}

#[test]
fn a_key_is_read_of_a_private_file_or_of_standard_input() {
    let (lock, guest) = (Lock::new(), Guest::new());
    let link = lock.link(Conditions::default(), None);
    let path = guest.keeps("key", &link);
    set_mode(&path, 0o640);
    let exposed = guest.run(&["show", "--key", "key"]);
    assert!(
        exposed.err.contains("others may read key; make it yours alone with chmod 600"),
        "{}",
        exposed.err
    );

    let piped = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guest"));
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(link.to_lowercase().as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    assert!(piped(&["show", "--key", "-"]).status.success());
    let address = lock.address.to_string();
    let stateless = piped(&["status", "--key", "-", "--lock", &address]);
    assert!(String::from_utf8_lossy(&stateless.stderr).contains("--state"));
    let state = guest.path("state");
    assert!(
        piped(&["status", "--key", "-", "--lock", &address, "--state", state.to_str().unwrap()])
            .status
            .success()
    );
}

#[test]
fn narrowing_prints_the_link_alone_or_a_picture() {
    let (lock, guest) = (Lock::new(), Guest::new());
    guest.keeps("key", &lock.link(passable(), None));
    let once = guest.run(&["narrow", "--key", "key", "--once"]);
    assert!(once.err.contains("add --not-after or --for"), "a hint beside the link: {}", once.err);
    assert_eq!(once.out.lines().count(), 1);
    assert!(once.out.starts_with("LKT1"));
    let ending = guest.run(&["narrow", "--key", "key", "--once", "--for", "2h"]);
    assert_eq!((ending.code, ending.err.as_str()), (0, ""));
    let picture = guest.run(&["narrow", "--key", "key", "--rights", "unlock", "--qr"]).well();
    assert!(picture.lines().count() > 20 && !picture.contains("LKT1"), "{picture}");
    let nothing = guest.run(&["narrow", "--key", "key"]);
    assert!(nothing.err.contains("set one"), "{}", nothing.err);
    for senseless in [["--weekly", "someday"], ["--rights", "everything"], ["--for", "soon"]] {
        assert_eq!(guest.run(&[&["narrow", "--key", "key"][..], &senseless].concat()).code, 2);
    }
}

#[test]
fn a_holder_secret_is_private_and_never_overwritten() {
    use std::os::unix::fs::PermissionsExt;
    let guest = Guest::new();
    let made = guest.run(&["holder", "--out", "secret"]).well();
    assert_eq!(made.len(), 64);
    let path = guest.path("secret");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), made);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let again = guest.run(&["holder", "--out", "secret"]);
    assert!(again.err.contains("is there already and is not overwritten"), "{}", again.err);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), made);
}
