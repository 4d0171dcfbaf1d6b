//! The architecture: who may use which of our crates, and which of others the device crates may use.
//! The reasons stand in `CONTRIBUTING.md`, section "Who may use whom".

/// One row of the table of crates.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The name of the crate.
    pub name: &'static str,
    /// What it may use of ours.
    pub may_use: &'static [&'static str],
    /// Where it runs.
    pub place: Place,
}

/// Where a crate runs, which says what it may be built from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Also inside the lock: `no_std`, no heap, no panics of its own, external crates from [`DEVICE_EXTERNALS`] only.
    Device,
    /// The same, and the one place under the device crates where unsafe code is: a few lines that say nothing of locks.
    UnderDevice,
    /// On a host, or at the border to another language.
    Host,
}

/// The table of crates. `lock-proto` is used directly where `lock-core` re-exports it.
pub const TABLE: &[Row] = &[
    Row { name: "lock-place", may_use: &[], place: Place::UnderDevice },
    Row { name: "lock-proto", may_use: &[], place: Place::Device },
    Row { name: "lock-crypto", may_use: &[], place: Place::Device },
    Row { name: "lock-store", may_use: &[], place: Place::Device },
    Row { name: "lock-state", may_use: &["lock-crypto", "lock-place", "lock-proto"], place: Place::Device },
    Row {
        name: "lock-core",
        may_use: &["lock-crypto", "lock-place", "lock-proto", "lock-state"],
        place: Place::Device,
    },
    Row { name: "lock-diagnosis", may_use: &["lock-proto", "lock-state"], place: Place::Device },
    Row { name: "lock-fleet", may_use: &["lock-core"], place: Place::Host },
    Row {
        name: "lock-ffi",
        may_use: &["lock-core", "lock-diagnosis", "lock-proto", "lock-store"],
        place: Place::Host,
    },
    Row {
        name: "lock-app",
        may_use: &["lock-core", "lock-diagnosis", "lock-proto", "lock-store"],
        place: Place::Host,
    },
    Row { name: "lock-app-uniffi", may_use: &["lock-app"], place: Place::Host },
    Row { name: "lock-app-wasm", may_use: &["lock-app"], place: Place::Host },
];

/// The only external crates that a device crate may depend on directly (dev-dependencies are free).
pub const DEVICE_EXTERNALS: &[&str] = &[
    "chacha20",
    "chacha20poly1305",
    "cobs",
    "crc",
    "embedded-storage",
    "heapless",
    "hkdf",
    "hmac",
    "poly1305",
    "serde",
    "sha2",
    "subtle",
    "thiserror",
    "x25519-dalek",
    "zeroize",
];

/// Folders whose crates may use any of ours, and which no crate outside the same folder may use.
/// Only those of [`USERS_OF_EXAMPLES`] may use one of [`EXAMPLES`].
pub const FREE_FOLDERS: &[&str] = &["benches", EXAMPLES, "tools", "verify"];

/// The folder of programs.
pub const EXAMPLES: &str = "examples";

/// The folders whose crates may use those of [`EXAMPLES`]: one another, and what measures or checks them.
pub const USERS_OF_EXAMPLES: &[&str] = &[EXAMPLES, "benches", "verify"];

/// What the root file of each device crate says at its start, so that neither a heap nor unsafe code can enter it; the second is not asked of
/// one under them. White space does not count.
pub const DEVICE_ATTRIBUTES: &[&str] = &["#![no_std]", "#![forbid(unsafe_code)]"];

/// The lints that the root file of each device crate denies outside its tests, so that no panic by choice can enter
/// it: as `#![cfg_attr(not(test), deny(..))]`, or as `#![deny(..)]`, in any order.
pub const DENIED_LINTS: &[&str] = &[
    "clippy::unwrap_used",
    "clippy::expect_used",
    "clippy::panic",
    "clippy::indexing_slicing",
    "clippy::unreachable",
];

/// The row of the crate with this name.
pub fn row(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.name == name)
}

/// The free folder that a crate in `folder` (seen from the root) belongs to.
pub fn free_folder(folder: &str) -> Option<&'static str> {
    let first = folder.split('/').next().unwrap_or(folder);
    FREE_FOLDERS.iter().copied().find(|free| *free == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_named_in_the_table_has_a_row() {
        for row_of_table in TABLE {
            for used in row_of_table.may_use {
                assert!(row(used).is_some(), "{used}");
            }
        }
    }

    #[test]
    fn a_device_crate_may_use_device_crates_only() {
        for device in TABLE.iter().filter(|row| row.place == Place::Device) {
            assert!(
                device.may_use.iter().all(|used| row(used).unwrap().place != Place::Host),
                "{}",
                device.name
            );
        }
    }

    #[test]
    fn a_folder_is_free_by_its_first_part_only() {
        assert_eq!(free_folder("examples/cloud"), Some("examples"));
        assert_eq!(free_folder("benches"), Some("benches"));
        assert_eq!(free_folder("lock-ffi/examples"), None);
        assert_eq!(free_folder("examples-of-others/x"), None);
    }
}
