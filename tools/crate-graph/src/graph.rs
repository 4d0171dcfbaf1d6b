//! What `cargo metadata` says about our own crates.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// The crates of one workspace, ordered by name.
#[derive(Clone, Debug)]
pub struct Graph {
    root: PathBuf,
    packages: BTreeMap<String, Package>,
}

/// One crate of the workspace.
#[derive(Clone, Debug, Deserialize)]
pub struct Package {
    /// Its name in the manifest, for example `lock-proto`.
    pub name: String,
    /// Its `Cargo.toml`, as an absolute path.
    pub manifest_path: PathBuf,
    /// Its features by name, with what each of them turns on.
    pub features: BTreeMap<String, Vec<String>>,
    /// What it depends on directly, in any kind.
    pub dependencies: Vec<Dependency>,
}

/// One line of a dependency table.
#[derive(Clone, Debug, Deserialize)]
pub struct Dependency {
    /// The name of the package depended on, whatever the manifest renames it to.
    pub name: String,
    /// The table that the line stands in.
    #[serde(deserialize_with = "kind")]
    pub kind: Kind,
    /// The folder of the package, when it is named by path.
    pub path: Option<PathBuf>,
    /// Where else it comes from, as cargo writes it: `registry+...` or `git+...`.
    pub source: Option<String>,
    /// Whether a feature must ask for it.
    pub optional: bool,
    /// The features that this line asks for.
    pub features: Vec<String>,
}

/// The table that a dependency stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `[dependencies]`: becomes part of the product.
    Normal,
    /// `[dev-dependencies]`: tests, examples and benchmarks of that crate only.
    Development,
    /// `[build-dependencies]`: runs when the crate is built.
    Build,
}

/// Why there is no graph to look at.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// `cargo` did not start.
    #[error("cargo could not be started ({0}): install it, or name it in the environment variable CARGO")]
    Start(#[source] std::io::Error),
    /// `cargo metadata` ended with an error.
    #[error("cargo metadata failed, correct what it says first: {0}")]
    Cargo(String),
    /// The answer is not what this tool knows of format version 1.
    #[error("the answer of cargo metadata could not be read, update tools/crate-graph to its format: {0}")]
    Format(#[source] serde_json::Error),
}

#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    packages: Vec<Package>,
}

impl Graph {
    /// Asks cargo for the workspace of the manifest at `manifest_path`. Needs no network.
    ///
    /// # Errors
    /// [`GraphError`] when cargo does not start, refuses the manifest, or answers in another format.
    pub fn of_manifest(manifest_path: &Path) -> Result<Self, GraphError> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let answer = Command::new(cargo)
            .args(["metadata", "--format-version", "1", "--no-deps", "--manifest-path"])
            .arg(manifest_path)
            .output()
            .map_err(GraphError::Start)?;
        if !answer.status.success() {
            return Err(GraphError::Cargo(String::from_utf8_lossy(&answer.stderr).trim().to_owned()));
        }
        Self::parse(&String::from_utf8_lossy(&answer.stdout))
    }

    /// Reads the JSON of `cargo metadata --format-version 1 --no-deps`.
    ///
    /// # Errors
    /// [`GraphError::Format`] when a field that this tool needs is missing or of another type.
    pub fn parse(metadata: &str) -> Result<Self, GraphError> {
        let metadata: Metadata = serde_json::from_str(metadata).map_err(GraphError::Format)?;
        let packages = metadata.packages.into_iter().map(|package| (package.name.clone(), package)).collect();
        Ok(Self { root: metadata.workspace_root, packages })
    }

    /// All crates, by name.
    pub fn packages(&self) -> impl Iterator<Item = &Package> {
        self.packages.values()
    }

    /// The crate with this name.
    pub fn package(&self, name: &str) -> Option<&Package> {
        self.packages.get(name)
    }

    /// The crates of this workspace that `package` depends on, in any kind.
    pub fn ours<'a>(&'a self, package: &'a Package) -> impl Iterator<Item = &'a Dependency> {
        package.dependencies.iter().filter(|dependency| self.is_ours(dependency))
    }

    /// What `package` depends on outside this workspace, in any kind.
    pub fn externals<'a>(&'a self, package: &'a Package) -> impl Iterator<Item = &'a Dependency> {
        package.dependencies.iter().filter(|dependency| !self.is_ours(dependency))
    }

    /// The folder of `package` seen from the root of the workspace, with `/` between its parts.
    pub fn folder(&self, package: &Package) -> String {
        let folder = package.manifest_path.parent().unwrap_or(&package.manifest_path);
        let relative = folder.strip_prefix(&self.root).unwrap_or(folder);
        relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
    }

    /// A crate of ours is named by path; one of the registry with the same name is not ours.
    fn is_ours(&self, dependency: &Dependency) -> bool {
        dependency.path.is_some() && self.packages.contains_key(&dependency.name)
    }
}

fn kind<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Kind, D::Error> {
    match Option::<String>::deserialize(deserializer)?.as_deref() {
        None | Some("normal") => Ok(Kind::Normal),
        Some("dev") => Ok(Kind::Development),
        Some("build") => Ok(Kind::Build),
        Some(other) => Err(serde::de::Error::unknown_variant(other, &["normal", "dev", "build"])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"{"workspace_root": "/src", "packages": [
        {"name": "b", "manifest_path": "/src/examples/b/Cargo.toml", "features": {"x": []}, "dependencies": [
            {"name": "a", "path": "/src/a", "kind": null, "source": null, "optional": false, "features": ["x"]},
            {"name": "a", "path": null, "kind": "dev", "source": "registry+x", "optional": false, "features": []}]},
        {"name": "a", "manifest_path": "/src/a/Cargo.toml", "features": {}, "dependencies": []}]}"#;

    #[test]
    fn a_dependency_is_ours_only_when_it_is_named_by_path() {
        let graph = Graph::parse(TWO).unwrap();
        let b = graph.package("b").unwrap();
        assert_eq!(graph.ours(b).map(|dependency| dependency.kind).collect::<Vec<_>>(), [Kind::Normal]);
        assert_eq!(
            graph.externals(b).map(|dependency| dependency.kind).collect::<Vec<_>>(),
            [Kind::Development]
        );
    }

    #[test]
    fn a_folder_is_given_from_the_root_of_the_workspace() {
        let graph = Graph::parse(TWO).unwrap();
        assert_eq!(graph.folder(graph.package("b").unwrap()), "examples/b");
    }

    #[test]
    fn an_unknown_kind_of_dependency_is_refused() {
        let error = Graph::parse(&TWO.replace("\"dev\"", "\"later\"")).unwrap_err();
        assert!(matches!(error, GraphError::Format(_)), "{error}");
    }

    #[test]
    fn a_manifest_that_cargo_refuses_is_reported_with_its_words() {
        let error = Graph::of_manifest(Path::new("/nonexistent/Cargo.toml")).unwrap_err();
        assert!(error.to_string().starts_with("cargo metadata failed"), "{error}");
    }
}
