//! The program itself: its commands, its files, and every failure in one sentence.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use cloud::client::Client;
use cloud::messages::NewLock;
use lock_core::proto::Profile;
use tempfile::TempDir;

struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn initialised() -> Self {
        let files = Self::new();
        let made = files.init();
        assert!(made.status.success(), "{}", sentence(&made));
        files
    }

    fn init(&self) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cloud"));
        command.arg("init").arg("--database").arg(self.place("db")).arg("--kek").arg(self.place("kek"));
        command.arg("--admin-token").arg(self.place("admin")).output().unwrap()
    }

    fn import(&self, lines: &str) -> Output {
        use std::os::unix::fs::PermissionsExt;
        std::fs::write(self.place("secrets"), lines).unwrap();
        std::fs::set_permissions(self.place("secrets"), std::fs::Permissions::from_mode(0o600)).unwrap();
        self.import_as_it_is()
    }

    fn import_as_it_is(&self) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cloud"));
        command.arg("import-maker-secrets").arg("--database").arg(self.place("db"));
        command.arg("--kek").arg(self.place("kek")).arg("--from").arg(self.place("secrets")).output().unwrap()
    }

    fn serve(&self, listen: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cloud"));
        command.arg("serve").arg("--database").arg(self.place("db")).arg("--kek").arg(self.place("kek"));
        command.args(["--listen", listen]);
        command
    }

    /// A `serve` that has to fail.
    fn fails(&self, listen: &str) -> String {
        let output = self.serve(listen).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty(), "it listened");
        sentence(&output)
    }

    fn contents(&self) -> Vec<Option<Vec<u8>>> {
        ["db", "kek", "db.access", "admin"].iter().map(|name| std::fs::read(self.place(name)).ok()).collect()
    }
}

/// The one line on standard error.
fn sentence(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(text.lines().count() <= 1, "more than one sentence: {text}");
    text
}

/// A service that is ended with the test.
struct Running {
    child: Child,
    address: SocketAddr,
}

impl Running {
    fn start(files: &Files) -> Self {
        let mut child =
            files.serve("127.0.0.1:0").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.trim().strip_prefix("listening on ").expect("it says where it listens").parse().unwrap();
        Self { child, address }
    }

    fn client(&self, files: &Files) -> Client {
        let token = std::fs::read_to_string(files.place("admin")).unwrap();
        Client::new(&format!("http://{}", self.address), token.trim())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lock() -> NewLock {
    let root: String = (1..=32).map(|byte| format!("{byte:02x}")).collect();
    NewLock { lock_id: "2a".repeat(16), root, name: "front door".to_owned(), profile: Profile::S }
}

#[test]
fn init_makes_private_files_and_never_overwrites_one() {
    use std::os::unix::fs::PermissionsExt;
    let files = Files::initialised();
    for name in ["db", "kek", "db.access", "admin"] {
        assert_eq!(std::fs::metadata(files.place(name)).unwrap().permissions().mode() & 0o077, 0, "{name}");
    }
    let before = files.contents();
    let again = files.init();
    assert_eq!(again.status.code(), Some(1));
    assert!(sentence(&again).contains("already exists"));
    assert!(files.contents() == before, "a file was changed");
}

#[test]
fn an_init_that_fails_leaves_nothing_behind() {
    let files = Files::new();
    std::fs::write(files.place("db.access"), b"in the way").unwrap();
    assert_eq!(files.init().status.code(), Some(1));
    assert_eq!(files.contents(), [None, None, Some(b"in the way".to_vec()), None]);
}

#[test]
fn what_was_stored_survives_a_kill() {
    let files = Files::initialised();
    let first = Running::start(&files);
    first.client(&files).register_lock(&lock()).unwrap();
    drop(first);
    let second = Running::start(&files);
    assert_eq!(second.client(&files).locks().unwrap()[0].name, "front door");
}

fn secret(lock: &str, secret: &str) -> String {
    format!("{{\"lock_id\": \"{lock}\", \"maker_secret\": \"{secret}\"}}\n")
}

#[test]
fn makers_secrets_are_kept_wrapped_and_never_shown() {
    let files = Files::initialised();
    let (first, second) = ("5ec2e7".repeat(10) + "5ec2", "c0ffee".repeat(10) + "c0ff");
    let (front, back) = ("2a".repeat(16), "2b".repeat(16));
    let imported = files.import(&(secret(&front, &first) + "\n" + &secret(&back, &second)));
    let told = String::from_utf8(imported.stdout.clone()).unwrap();
    assert!(imported.status.success(), "{}", sentence(&imported));
    assert!(told.contains("2 locks") && !told.contains("5ec2e7"), "{told}");
    assert!(told.contains("2 new, 0 changed, 0 as they were"), "{told}");
    // Again, and with another secret: the last one counts.
    let both = secret(&front, &second) + &secret(&back, &second);
    let again = files.import(&both);
    let told = String::from_utf8(again.stdout.clone()).unwrap();
    assert!(again.status.success() && told.contains("0 new, 1 changed, 1 as they were"), "{told}");
    assert!(told.contains("ask the maker which is right"), "{told}");
    let third = String::from_utf8(files.import(&both).stdout).unwrap();
    assert!(third.contains("0 changed, 2 as they were") && !third.contains("ask the maker"), "{third}");
    for (name, content) in ["db", "db-wal"].map(|name| (name, std::fs::read(files.place(name)))) {
        let content = content.unwrap_or_default();
        for needle in [&first, &second] {
            let bytes = decoded(needle);
            let holds = |needle: &[u8]| content.windows(needle.len()).any(|window| window == needle);
            assert!(!holds(needle.as_bytes()) && !holds(&bytes), "{name}");
        }
    }
}

fn decoded(digits: &str) -> Vec<u8> {
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn a_file_of_secrets_that_is_not_right_is_named_by_its_line_and_nothing_of_it_is_kept() {
    let files = Files::initialised();
    let before = std::fs::read(files.place("db")).unwrap();
    let (lock, good) = ("2a".repeat(16), "5ec2e7".repeat(10) + "5ec2");
    let first = secret(&lock, &good);
    for (second, words) in [
        (secret("2b", &good), "line 2"),
        (secret(&"2b".repeat(16), &good[2..]), "line 2"),
        (secret(&"2b".repeat(16), &"00".repeat(32)), "blank"),
        (secret(&lock, &good), "for the second time"),
        (first.replace("}", ", \"label\": \"LK1-x\"}"), "line 2"),
        ("5ec2e7".to_owned(), "line 2"),
    ] {
        let refused = files.import(&(first.clone() + &second));
        assert_eq!(refused.status.code(), Some(1));
        let sentence = sentence(&refused);
        assert!(sentence.contains(words) && !sentence.contains("5ec2e7"), "{sentence}");
    }
    assert!(sentence(&files.import("\n")).contains("names no lock"));
    assert_eq!(std::fs::read(files.place("db")).unwrap(), before, "the database was not even opened");

    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(files.place("secrets"), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(sentence(&files.import_as_it_is()).contains("chmod 600"));
    std::fs::remove_file(files.place("secrets")).unwrap();
    assert!(sentence(&files.import_as_it_is()).contains("cannot be read"));
    let running = Running::start(&files);
    assert!(sentence(&files.import(&first)).contains("in use by another service"));
    running.client(&files).health().unwrap();
}

fn readable_by(file: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// A command at a service that runs, by the admin.
fn operates(files: &Files, at: &str, what: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloud"));
    command.args([what[0], "--cloud", at, "--token-file"]).arg(files.place("admin")).args(&what[1..]);
    command.output().unwrap()
}

#[test]
fn a_lost_phone_and_another_code_are_one_command_each() {
    let files = Files::initialised();
    let running = Running::start(&files);
    let (admin, at) = (running.client(&files), format!("http://{}", running.address));
    let locked = lock();
    admin.register_lock(&locked).unwrap();
    let user = admin.add_user("olga").unwrap().user_id;
    let token = admin.issue_token(user).unwrap().token_id;
    let (user, token) = (user.to_string(), token.to_string());
    let lost = ["lost-phone", "--user", &user, "--token", &token];
    let first = operates(&files, &at, &lost);
    assert!(first.status.success(), "{}", sentence(&first));
    let told = String::from_utf8(first.stdout.clone()).unwrap();
    let last = told.lines().last().unwrap();
    assert!(last.starts_with("effective at the latest by 2") && last.ends_with('Z'), "{told}");
    assert_eq!(operates(&files, &at, &lost).stdout, first.stdout, "asked again it says the same");
    let unknown = operates(&files, &at, &["lost-phone", "--user", &user, "--token", "99"]);
    assert!(unknown.status.code() == Some(1) && sentence(&unknown).contains("never had"));

    admin.grant(&locked.lock_id, 1, [cloud::Right::Configure].into_iter().collect()).unwrap();
    let digits = files.place("digits");
    std::fs::write(&digits, "73190428\n").unwrap();
    readable_by(&digits, 0o600);
    let set = [
        "set-code",
        "--lock-id",
        &locked.lock_id,
        "--slot",
        "4",
        "--programming",
        "--client-token",
        "m",
        "--digits-file",
    ];
    let set = [&set[..], &[digits.to_str().unwrap()]].concat();
    let queued = operates(&files, &at, &set);
    let told = String::from_utf8(queued.stdout.clone()).unwrap();
    assert!(
        queued.status.success() && told.contains("command 1: queued") && !told.contains("7319"),
        "{told}"
    );
    assert_eq!(operates(&files, &at, &set).stdout, queued.stdout, "the same name is the same command");
    std::fs::write(&digits, "40268057\n").unwrap();
    let other = operates(&files, &at, &set);
    assert!(other.status.code() == Some(1) && sentence(&other).contains("used for another command"));
    readable_by(&digits, 0o640);
    let exposed = sentence(&operates(&files, &at, &set));
    assert!(exposed.contains("chmod 600") && exposed.contains("digits"), "{exposed}");
    readable_by(&digits, 0o600);
    std::fs::write(&digits, "none").unwrap();
    let refused = operates(&files, &at, &set);
    assert!(refused.status.code() == Some(1) && sentence(&refused).contains("(422)"));

    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(files.place("admin"), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(sentence(&operates(&files, &at, &lost)).contains("chmod 600"));
    assert_eq!(operates(&files, "http://192.0.2.1:80", &lost).status.code(), Some(2));
}

#[test]
fn a_second_service_on_the_same_database_is_refused_and_the_first_goes_on() {
    let files = Files::initialised();
    let first = Running::start(&files);
    assert!(files.fails("127.0.0.1:0").contains("in use by another service"));
    first.client(&files).health().unwrap();
}

#[test]
fn a_port_that_is_taken_is_named() {
    let (files, other) = (Files::initialised(), Files::initialised());
    let first = Running::start(&files);
    let refused = other.fails(&first.address.to_string());
    assert!(refused.contains(&format!("{} is in use by another program", first.address)), "{refused}");
}

#[test]
fn a_missing_and_a_wrong_key_are_told_apart_and_nothing_is_lost() {
    let (files, other) = (Files::initialised(), Files::initialised());
    std::fs::rename(files.place("kek"), files.place("away")).unwrap();
    assert!(files.fails("127.0.0.1:0").contains("no key file"));
    std::fs::copy(other.place("kek"), files.place("kek")).unwrap();
    assert!(files.fails("127.0.0.1:0").contains("use the right key file"));
    std::fs::rename(files.place("away"), files.place("kek")).unwrap();
    Running::start(&files).client(&files).health().unwrap();
}

#[test]
fn a_missing_and_a_damaged_database_are_reported_and_left_alone() {
    for (name, word) in [("db", "database"), ("db.access", "access")] {
        let files = Files::initialised();
        let good = std::fs::read(files.place(name)).unwrap();
        std::fs::write(files.place(name), [b"no header of a database", &good[23..]].concat()).unwrap();
        let before = std::fs::read(files.place(name)).unwrap();
        let damaged = files.fails("127.0.0.1:0");
        assert!(damaged.contains("damaged") && damaged.contains(word), "{damaged}");
        assert!(std::fs::read(files.place(name)).unwrap() == before, "{name} was changed");

        std::fs::remove_file(files.place(name)).unwrap();
        let missing = files.fails("127.0.0.1:0");
        assert!(missing.contains("missing") || missing.contains("no database"), "{missing}");
        assert!(!files.place(name).exists(), "a missing database is not replaced by an empty one");
    }
}

#[test]
fn an_interrupted_service_ends_in_order() {
    let files = Files::initialised();
    let mut running = Running::start(&files);
    let killed = Command::new("kill").args(["-TERM", &running.child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(running.child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_address_beyond_this_machine_is_refused() {
    let files = Files::initialised();
    let output = files.serve("0.0.0.0:0").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("TLS proxy"));
}
