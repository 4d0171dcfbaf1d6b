//! What must hold of any bytes that reach us, as one function for each target: it panics where something does not hold.
//!
//! ```text
//!  fuzzer (libFuzzer, nightly) ──┐
//!  tests/replay.rs (stable) ─────┼──> TARGETS ──> parsers, stored records, the lock, keys, log, C interface, service
//!  `cargo run -p fuzz` ──────────┘        corpus/TARGET/ holds the inputs that were kept
//! ```
//!
//! The fuzzer searches for inputs that reach new code, and keeps them; the tests replay what was kept.

mod bodies;
mod boot;
mod c_api;
mod device;
mod frames;
#[cfg(feature = "http")]
mod http;
mod journal;
mod log;
mod packets;
#[expect(unexpected_cfgs, reason = "its features are those of lock-core")]
#[path = "../../../lock-core/tests/common/pair.rs"]
mod pair;
mod records;
mod ring;
pub mod seeds;
mod texts;
mod tickets;

/// Something that takes bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is also that of its folder of inputs.
    pub name: &'static str,
    /// Takes one input, and panics where something does not hold.
    pub take: fn(&[u8]),
    /// Inputs that are longer show nothing more, in bytes.
    pub longest: usize,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "packets", take: packets::take, longest: 600 },
    Target { name: "bodies", take: bodies::take, longest: 600 },
    Target { name: "frames", take: frames::take, longest: 2_048 },
    Target { name: "texts", take: texts::take, longest: 1_024 },
    Target { name: "records", take: records::take, longest: 1_024 },
    Target { name: "boot", take: boot::take, longest: 1_024 },
    Target { name: "journal", take: journal::take, longest: 2_048 },
    Target { name: "ring", take: ring::take, longest: 2_048 },
    Target { name: "device", take: device::take, longest: 1_024 },
    Target { name: "tickets", take: tickets::take, longest: 512 },
    Target { name: "log", take: log::take, longest: 1_024 },
    Target { name: "c-api", take: c_api::take, longest: 2_048 },
    #[cfg(feature = "http")]
    Target { name: "http", take: http::take, longest: 1_024 },
];

/// The target with this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
