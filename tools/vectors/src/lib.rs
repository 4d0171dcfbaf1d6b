//! The test vectors of `docs/protocol.md`, made by the crates from fixed keys and entropy (section 9 says how they read).
//!
//! ```text
//! lock-proto, lock-crypto ──> this crate ──> vectors/*.json ──> reference/check.py     shares no code with the crates
//!                                  ^              │
//!                                  └── --check ───┘           what is stored is what the code makes
//! ```
//!
//! A case that the code must refuse is refused here by the code: the reason in the file is what it said.

mod backups;
mod bodies;
mod case;
mod drift;
mod fragments;
mod framing;
mod handshake;
mod keys;
mod log;
mod offline_codes;
mod packets;
mod records;
mod sealed;
mod tickets;
mod world;

use std::fs;
use std::path::Path;

use anyhow::Context;

pub use case::{Case, File};
pub use drift::{Drift, first_drift};

/// Where the vectors are stored: `vectors/` of the repository that this crate was built in.
#[must_use]
pub fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors"))
}

/// How much was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Number of files.
    pub files: usize,
    /// Number of cases in all of them.
    pub cases: usize,
}

/// Makes all files, always the same.
///
/// # Errors
/// The crates refuse something that the protocol allows, or accept something that it does not.
pub fn all() -> anyhow::Result<Vec<File>> {
    Ok(vec![
        framing::file().context("framing.json")?,
        fragments::file().context("fragments.json")?,
        packets::file().context("packets.json")?,
        bodies::file().context("bodies.json")?,
        keys::file().context("keys.json")?,
        handshake::file().context("handshake.json")?,
        records::file().context("records.json")?,
        sealed::file().context("sealed.json")?,
        tickets::file().context("tickets.json")?,
        offline_codes::file().context("offline_codes.json")?,
        log::file().context("log.json")?,
        backups::file().context("backups.json")?,
    ])
}

/// Writes all files to `folder`.
///
/// # Errors
/// Those of [`all`], and what the file system says.
pub fn write(folder: &Path) -> anyhow::Result<Written> {
    let files = all()?;
    for file in &files {
        let path = folder.join(file.name());
        fs::write(&path, file.text()?).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(Written { files: files.len(), cases: files.iter().map(|file| file.cases().len()).sum() })
}
