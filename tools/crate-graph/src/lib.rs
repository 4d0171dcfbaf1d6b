#![forbid(unsafe_code)]
//! The architecture of this workspace, as a check.
//!
//! Each crate may use few of the others, so that the bytes on the wire, the cryptography and the door stay apart
//! and each can be read, tested and proved alone. This tool reads `cargo metadata`, prints who uses whom, and
//! refuses what the table in [`rules`] does not allow:
//!
//! ```text
//!   cargo metadata --no-deps ──> Graph ──> picture   (cargo run -p crate-graph)
//!                                  │
//!                                  └─────> breaches  (cargo run -p crate-graph -- --check)
//! ```
//!
//! ```
//! use crate_graph::{Graph, edge_breaches};
//!
//! let metadata = r#"{
//!     "workspace_root": "/src",
//!     "packages": [
//!         {"name": "lock-proto", "manifest_path": "/src/lock-proto/Cargo.toml", "features": {}, "dependencies": [
//!             {"name": "lock-core", "path": "/src/lock-core", "kind": null, "source": null, "optional": false, "features": []}
//!         ]},
//!         {"name": "lock-core", "manifest_path": "/src/lock-core/Cargo.toml", "features": {}, "dependencies": []}
//!     ]
//! }"#;
//! let breaches = edge_breaches(&Graph::parse(metadata)?);
//! assert_eq!(breaches[0].to_string(), "lock-proto uses lock-core: remove that dependency, of ours it may use nothing");
//! # Ok::<(), crate_graph::GraphError>(())
//! ```

pub mod breach;
pub mod graph;
pub mod picture;
pub mod rules;
pub mod source;

pub use breach::{Breach, edge_breaches, external_breaches};
pub use graph::{Dependency, Graph, GraphError, Kind, Package};
pub use picture::picture;
pub use source::source_breaches;

/// Every breach of the architecture in `graph`: edges, external crates, then the attributes of the device crates'
/// root files, which are read from the work tree. Empty means that the graph is as designed.
pub fn all_breaches(graph: &Graph) -> Vec<Breach> {
    let mut breaches = edge_breaches(graph);
    breaches.extend(external_breaches(graph));
    breaches.extend(source_breaches(graph));
    breaches
}
