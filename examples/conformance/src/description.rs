//! How a lock is reached, and what it can do.

use std::fs;
use std::path::Path;

use lock_core::crypto::{KeyEpoch, LockId, RootKey, RustCrypto};
use lock_core::proto::Profile;
use serde::Deserialize;

use crate::arguments::Arguments;

/// What the target file says. All of it has a default: a lock with one bolt, whose position a sensor sees.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Description {
    pub(crate) connect: Option<String>,
    pub(crate) start: Option<String>,
    pub(crate) provision: Option<String>,
    /// "S" or "X".
    profile: String,
    /// 16 bytes in hexadecimal.
    pub(crate) lock_id: String,
    /// 32 bytes in hexadecimal.
    pub(crate) root: String,
    /// How many links it takes at once.
    pub(crate) links: u8,
    /// A link that never comes up anew, as a serial line: its lock greets when it is asked.
    pub(crate) serial: bool,
    /// Whether it hangs up a link that is over: a cable cannot.
    pub(crate) hangs_up: bool,
    /// Whether a sensor sees the bolt.
    pub(crate) position: bool,
    /// Whether the motor pulls a latch.
    pub(crate) latch: bool,
    /// Whether it keeps a log.
    pub(crate) log: bool,
    /// How long the bolt takes from end to end at most, with its retries.
    pub(crate) travel_ms: u64,
    /// How long a silence has to last before it counts as one.
    pub(crate) patience_ms: u64,
    /// What its test bench understands.
    pub(crate) bench: Vec<String>,
}

/// The lock and the root of the test vectors, which are for tests alone: sealed vectors fit a lock that is made with them.
const LOCK_ID: &str = "4c4b31000102030405060708090a0b0c";
const ROOT: &str = "fbb2ebc5f5e2b089d399df230fac5d15f5d8228b0493e12aa18b865feb7a922b";

impl Default for Description {
    fn default() -> Self {
        Self {
            connect: None,
            start: None,
            provision: None,
            profile: "S".to_owned(),
            lock_id: LOCK_ID.to_owned(),
            root: ROOT.to_owned(),
            links: 1,
            serial: false,
            hangs_up: true,
            position: true,
            latch: false,
            log: false,
            travel_ms: 5_000,
            patience_ms: 150,
            bench: Vec::new(),
        }
    }
}

impl Description {
    /// What the arguments name, or else the target file.
    pub(crate) fn read(arguments: &Arguments) -> Result<Self, String> {
        let mut description = match &arguments.target {
            _ if arguments.simulator => Self::simulator()?,
            Some(path) => Self::load(path)?,
            None => Self::default(),
        };
        if arguments.connect.is_some() {
            (description.connect, description.start) = (arguments.connect.clone(), None);
        }
        if arguments.start.is_some() {
            (description.start, description.connect) = (arguments.start.clone(), None);
        }
        if arguments.provision.is_some() {
            description.provision = arguments.provision.clone();
        }
        if arguments.profile_x {
            "X".clone_into(&mut description.profile);
        }
        if let Some(patience) = arguments.patience {
            description.patience_ms = patience;
        }
        description.identity()?;
        Ok(description)
    }

    fn load(path: &Path) -> Result<Self, String> {
        let text = fs::read(path).map_err(|error| format!("{}: {error}; check the path", path.display()))?;
        serde_json::from_slice(&text).map_err(|error| {
            format!("{} is no target file: {error}; docs/conformance.md has one", path.display())
        })
    }

    /// The lock of these examples, played by this program.
    fn simulator() -> Result<Self, String> {
        let program =
            std::env::current_exe().map_err(|error| format!("this program does not find itself: {error}"))?;
        let program = format!("'{}' {}", program.display(), crate::SIMULATOR);
        Ok(Self {
            provision: Some(format!("{program} provision --flash {{storage}}/flash --keys {{keys}}")),
            start: Some(format!(
                "{program} run --flash {{storage}}/flash --world {{storage}}/world --listen {{address}} --bench {{bench}}"
            )),
            links: 2,
            latch: true,
            log: true,
            bench: ["look", "code", "sensor", "jam", "hold"].map(str::to_owned).to_vec(),
            ..Self::default()
        })
    }

    pub(crate) fn is_reachable(&self) -> bool {
        self.connect.is_some() || self.start.is_some()
    }

    pub(crate) fn profile(&self) -> Profile {
        if self.profile == "X" { Profile::X } else { Profile::S }
    }

    pub(crate) fn can(&self, bench: &str) -> bool {
        self.bench.iter().any(|ability| ability == bench)
    }

    /// Whether the committed sealed packets are for this lock.
    pub(crate) fn is_lock_of_the_vectors(&self) -> bool {
        self.lock_id == LOCK_ID && self.root == ROOT
    }

    /// Who the lock is.
    pub(crate) fn identity(&self) -> Result<(LockId, RootKey), String> {
        if !["S", "X"].contains(&self.profile.as_str()) {
            return Err(format!("there is no profile {}; say S or X", self.profile));
        }
        let mut lock_id = [0; 16];
        hex::decode_to_slice(&self.lock_id, &mut lock_id)
            .map_err(|error| format!("lock_id is not 16 bytes in hexadecimal: {error}"))?;
        let mut root = [0; 32];
        hex::decode_to_slice(&self.root, &mut root)
            .map_err(|error| format!("root is not 32 bytes in hexadecimal: {error}"))?;
        let lock_id = LockId(lock_id);
        RootKey::from_bytes::<RustCrypto>(root, lock_id)
            .map(|root| (lock_id, root))
            .map_err(|error| error.to_string())
    }
}

/// The epoch that a lock is made with.
pub(crate) const EPOCH: KeyEpoch = KeyEpoch::FIRST;
