//! Everything that the program refuses: exit code 1, one sentence that says what to do, and nothing changed.

use std::fs;
use std::net::TcpListener;
use std::process::Output;

use crate::program::{Factory, lock_sim};

fn assert_refused(output: &Output, expected: &str) {
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert!(complaint.contains(expected), "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
}

fn run(factory: &Factory) -> Output {
    let arguments = factory.run_arguments();
    lock_sim(arguments.iter().map(String::as_str))
}

#[test]
fn a_missing_flash_says_how_to_make_one() {
    let factory = Factory::new();
    assert_refused(&run(&factory), "lock-sim provision");
    assert!(!factory.path("flash").exists());
}

#[test]
fn a_lock_is_never_overwritten() {
    let factory = Factory::new();
    assert!(factory.provision().status.success());
    let before = fs::read(factory.path("flash")).unwrap();
    assert_refused(&factory.provision(), "never overwritten");
    assert_eq!(fs::read(factory.path("flash")).unwrap(), before);
    let keys = factory.path("keys.json");
    let before = fs::read(&keys).unwrap();
    assert_refused(&lock_sim(["manufacture", "--out", keys.to_str().unwrap()]), "never overwritten");
    assert_eq!(fs::read(keys).unwrap(), before);
}

#[test]
fn a_damaged_flash_is_reported_and_never_reset() {
    let factory = Factory::new();
    assert!(factory.provision().status.success());
    let mut flash = fs::read(factory.path("flash")).unwrap();
    flash[100] ^= 8;
    fs::write(factory.path("flash"), &flash).unwrap();
    assert_refused(&run(&factory), "left untouched");
    assert_eq!(fs::read(factory.path("flash")).unwrap(), flash);
}

#[test]
fn a_blank_flash_is_not_a_lock() {
    let factory = Factory::new();
    fs::write(factory.path("flash"), vec![0xFF; 4 * 8192]).unwrap();
    assert_refused(&run(&factory), "blank");
}

#[test]
fn a_flash_of_another_size_is_refused() {
    let factory = Factory::new();
    fs::write(factory.path("flash"), vec![0xFF; 8192]).unwrap();
    assert_refused(&run(&factory), "8192 bytes");
}

#[test]
fn a_flash_in_use_is_refused_and_the_lock_that_uses_it_goes_on() {
    let factory = Factory::new();
    assert!(factory.provision().status.success());
    let lock = factory.start(&[]);
    assert_refused(&run(&factory), "in use");
    assert!(lock.phone().receive().is_some());
}

#[test]
fn a_port_in_use_is_refused() {
    let factory = Factory::new();
    assert!(factory.provision().status.success());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut arguments = factory.run_arguments();
    arguments[2] = taken.local_addr().unwrap().to_string();
    assert_refused(&lock_sim(arguments.iter().map(String::as_str)), "choose a free port");
}

#[test]
fn a_bench_that_others_could_reach_is_refused() {
    let factory = Factory::new();
    assert!(factory.provision().status.success());
    let mut arguments = factory.run_arguments();
    arguments[4] = "0.0.0.0:0".to_owned();
    assert_refused(&lock_sim(arguments.iter().map(String::as_str)), "loopback");
}

#[test]
fn a_world_file_that_describes_no_door_is_refused() {
    let factory = Factory::new();
    assert!(factory.provision().status.success());
    fs::write(factory.path("world.json"), "{}").unwrap();
    assert_refused(&run(&factory), "does not describe a door");
}

#[test]
fn keys_that_are_none_are_refused() {
    let factory = Factory::new();
    fs::write(factory.path("keys.json"), "{}").unwrap();
    assert_refused(&factory.provision(), "lock-sim manufacture");
    let blank = format!(
        r#"{{"lock_id":"{}","root":"{}","label":"LK1-0000-0000-0000-0000-0000-0000-0000"}}"#,
        "01".repeat(16),
        "00".repeat(32)
    );
    fs::write(factory.path("keys.json"), blank).unwrap();
    assert_refused(&factory.provision(), "label");
    assert!(!factory.path("flash").exists());
}

#[cfg(unix)]
#[test]
fn keys_and_flash_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let factory = Factory::new();
    assert!(factory.provision().status.success());
    for name in ["keys.json", "flash"] {
        assert_eq!(fs::metadata(factory.path(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
}
