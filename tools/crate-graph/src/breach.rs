//! What the rules refuse, one plain sentence each.

use crate::graph::{Dependency, Graph, Kind, Package};
use crate::rules::{self, EXAMPLES, Place};

/// One thing that the architecture does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// A crate uses another of ours that its row does not name.
    #[error("{from} uses {to}: remove that dependency, of ours it may use {allowed}")]
    Edge {
        /// The crate that uses.
        from: String,
        /// The crate that is used.
        to: String,
        /// What its row allows, as words.
        allowed: String,
    },
    /// A crate uses an example, a benchmark, a tool or a check.
    #[error("{from} uses {to}, which lives in {folder}/: move what both need into a library crate")]
    UsesFree {
        /// The crate that uses.
        from: String,
        /// The crate that is used.
        to: String,
        /// The folder that the used crate lives in.
        folder: &'static str,
    },
    /// A crate is in no row and in no free folder.
    #[error(
        "{name} in {folder}/ has no row in the table of crates: give it one in tools/crate-graph/src/rules.rs"
    )]
    NoRow {
        /// The crate.
        name: String,
        /// Its folder from the root.
        folder: String,
    },
    /// A device crate uses an external crate that is not on the list.
    #[error(
        "{from} uses the external crate {to}: remove it, device crates use the listed external crates only"
    )]
    External {
        /// The device crate.
        from: String,
        /// The external crate.
        to: String,
    },
    /// A device crate takes an external crate from somewhere else than the package registry.
    #[error("{from} takes {to} from outside the package registry: name a released version instead")]
    Origin {
        /// The device crate.
        from: String,
        /// The external crate.
        to: String,
    },
    /// The root file of a device crate lacks an attribute.
    #[error("{path} does not start with its attribute: add {attribute}")]
    Attribute {
        /// The file from the root of the workspace.
        path: String,
        /// The attribute, on one line.
        attribute: String,
    },
    /// The root file of a device crate cannot be read.
    #[error("{path} could not be read ({reason}): restore the root file of this device crate")]
    Unreadable {
        /// The file from the root of the workspace.
        path: String,
        /// What the system said.
        reason: String,
    },
}

/// Refuses each use of our crates that the table does not allow.
///
/// Tests may reach further: a dev-dependency may name any of our library crates, but no crate of a free folder.
pub fn edge_breaches(graph: &Graph) -> Vec<Breach> {
    graph.packages().flat_map(|package| breaches_of_package(graph, package)).collect()
}

/// Refuses each direct external dependency of a device crate that is not listed or not from the registry.
pub fn external_breaches(graph: &Graph) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for package in graph.packages().filter(|package| is_device(package)) {
        for dependency in graph.externals(package).filter(|dependency| dependency.kind != Kind::Development) {
            let (from, to) = (package.name.clone(), dependency.name.clone());
            if !rules::DEVICE_EXTERNALS.contains(&dependency.name.as_str()) {
                breaches.push(Breach::External { from, to });
            } else if !is_from_registry(dependency) {
                breaches.push(Breach::Origin { from, to });
            }
        }
    }
    breaches
}

/// Whether `package` also runs inside the lock.
pub(crate) fn is_device(package: &Package) -> bool {
    rules::row(&package.name).is_some_and(|row| row.place != Place::Host)
}

fn breaches_of_package(graph: &Graph, package: &Package) -> Vec<Breach> {
    let folder = graph.folder(package);
    let free = rules::free_folder(&folder);
    let row = rules::row(&package.name);
    if row.is_none() && free.is_none() {
        return vec![Breach::NoRow { name: package.name.clone(), folder }];
    }
    let mut breaches = Vec::new();
    for used in graph.ours(package) {
        let (from, to) = (package.name.clone(), used.name.clone());
        let used_folder = graph.package(&used.name).and_then(|used| rules::free_folder(&graph.folder(used)));
        match (used_folder, row) {
            (Some(EXAMPLES), _) if free.is_some_and(|free| rules::USERS_OF_EXAMPLES.contains(&free)) => {}
            (Some(folder), _) => breaches.push(Breach::UsesFree { from, to, folder }),
            (None, Some(row)) if used.kind != Kind::Development && !row.may_use.contains(&to.as_str()) => {
                breaches.push(Breach::Edge { from, to, allowed: allowed(row.may_use) });
            }
            (None, Some(_) | None) => {}
        }
    }
    breaches
}

fn allowed(names: &[&str]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { format!("{} only", names.join(", ")) }
}

fn is_from_registry(dependency: &Dependency) -> bool {
    dependency.source.as_deref().is_some_and(|source| source.starts_with("registry+"))
}
