//! The program, with a folder of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Guest {
    folder: TempDir,
}

/// How the program ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// Of a run that ended well.
    pub(crate) fn well(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out.trim_end().to_owned()
    }

    pub(crate) fn json(&self) -> Value {
        assert!(self.err.is_empty(), "{}", self.err);
        serde_json::from_str(&self.out).unwrap()
    }
}

impl Guest {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Keeps a text in a private file.
    pub(crate) fn keeps(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, format!("{text}\n")).unwrap();
        set_mode(&path, 0o600);
        path
    }

    /// Runs the program to its end, which comes by itself.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guest"));
        let output = command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null()).output();
        let output = output.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Does something at a door with the key in this file.
    pub(crate) fn at(&self, lock: SocketAddr, command: &str, key: &str, more: &[&str]) -> Ended {
        let lock = lock.to_string();
        self.run(&[&[command, "--key", key, "--lock", &lock], more].concat())
    }

    /// Narrows the key in one file into another.
    pub(crate) fn narrows(&self, key: &str, narrower: &str, more: &[&str]) {
        let link = self.run(&[&["narrow", "--key", key], more].concat()).well();
        self.keeps(narrower, &link);
    }
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}
