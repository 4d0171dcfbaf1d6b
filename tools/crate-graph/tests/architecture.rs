//! The rules against made-up graphs, then against this workspace.

use std::path::Path;

use crate_graph::{Breach, Graph, all_breaches, edge_breaches, external_breaches, picture, source_breaches};
use serde_json::{Value, json};

/// A crate in `folder`, which is also where its name comes from.
fn package(folder: &str, dependencies: &[Value]) -> Value {
    let name = folder.rsplit('/').next().unwrap();
    json!({
        "name": name,
        "manifest_path": format!("/src/{folder}/Cargo.toml"),
        "features": {},
        "dependencies": dependencies,
    })
}

fn ours(name: &str, kind: Option<&str>) -> Value {
    json!({"name": name, "path": format!("/src/{name}"), "source": null, "kind": kind, "optional": false, "features": []})
}

fn external(name: &str, kind: Option<&str>, source: &str) -> Value {
    json!({"name": name, "path": null, "source": source, "kind": kind, "optional": false, "features": []})
}

fn graph(packages: &[Value]) -> Graph {
    Graph::parse(&json!({"workspace_root": "/src", "packages": packages}).to_string()).unwrap()
}

fn sentences(breaches: &[Breach]) -> Vec<String> {
    breaches.iter().map(ToString::to_string).collect()
}

#[test]
fn the_edges_of_the_table_are_allowed() {
    let graph = graph(&[
        package("lock-proto", &[]),
        package("lock-crypto", &[]),
        package("lock-state", &[ours("lock-proto", None), ours("lock-crypto", None)]),
        package(
            "lock-core",
            &[ours("lock-proto", None), ours("lock-crypto", None), ours("lock-state", None)],
        ),
        package("lock-fleet", &[ours("lock-core", None)]),
        package("lock-ffi", &[ours("lock-core", None), ours("lock-proto", None)]),
    ]);
    assert_eq!(edge_breaches(&graph), []);
}

#[test]
fn an_edge_that_the_table_does_not_name_is_refused() {
    let graph = graph(&[package("lock-state", &[]), package("lock-crypto", &[ours("lock-state", None)])]);
    assert_eq!(
        sentences(&edge_breaches(&graph)),
        ["lock-crypto uses lock-state: remove that dependency, of ours it may use nothing"]
    );
}

#[test]
fn a_build_dependency_is_refused_like_any_other() {
    let graph =
        graph(&[package("lock-core", &[]), package("lock-store", &[ours("lock-core", Some("build"))])]);
    assert_eq!(edge_breaches(&graph).len(), 1);
}

#[test]
fn the_tests_of_a_crate_may_use_any_library_crate_of_ours() {
    let graph =
        graph(&[package("lock-store", &[]), package("lock-core", &[ours("lock-store", Some("dev"))])]);
    assert_eq!(edge_breaches(&graph), []);
}

#[test]
fn not_even_a_test_may_use_an_example() {
    let graph = graph(&[package("examples/cloud", &[]), package("lock-core", &[ours("cloud", Some("dev"))])]);
    assert_eq!(
        sentences(&edge_breaches(&graph)),
        ["lock-core uses cloud, which lives in examples/: move what both need into a library crate"]
    );
}

#[test]
fn examples_may_use_one_another_and_every_library_crate() {
    let graph = graph(&[
        package("lock-store", &[]),
        package("examples/cloud", &[ours("lock-store", None)]),
        package("examples/demo", &[ours("cloud", None)]),
    ]);
    assert_eq!(edge_breaches(&graph), []);
}

#[test]
fn what_measures_or_checks_an_example_may_use_it() {
    for folder in ["benches", "verify/check"] {
        let graph = graph(&[package("examples/cloud", &[]), package(folder, &[ours("cloud", None)])]);
        assert_eq!(edge_breaches(&graph), []);
    }
}

#[test]
fn a_tool_may_not_use_an_example() {
    let graph = graph(&[package("examples/cloud", &[]), package("tools/lockctl", &[ours("cloud", None)])]);
    assert_eq!(edge_breaches(&graph).len(), 1);
}

#[test]
fn tools_may_not_use_one_another() {
    let graph = graph(&[package("tools/vectors", &[]), package("tools/lockctl", &[ours("vectors", None)])]);
    assert_eq!(edge_breaches(&graph).len(), 1);
}

#[test]
fn a_crate_without_a_row_is_refused() {
    let graph = graph(&[package("lock-shared", &[])]);
    assert_eq!(
        sentences(&edge_breaches(&graph)),
        [
            "lock-shared in lock-shared/ has no row in the table of crates: give it one in tools/crate-graph/src/rules.rs"
        ]
    );
}

#[test]
fn a_device_crate_may_use_the_listed_external_crates_only() {
    let graph = graph(&[package(
        "lock-proto",
        &[external("serde", None, "registry+r"), external("anyhow", None, "registry+r")],
    )]);
    assert_eq!(
        sentences(&external_breaches(&graph)),
        [
            "lock-proto uses the external crate anyhow: remove it, device crates use the listed external crates only"
        ]
    );
}

#[test]
fn a_listed_external_crate_from_elsewhere_is_refused() {
    let graph = graph(&[package("lock-proto", &[external("serde", None, "git+g")])]);
    assert_eq!(
        sentences(&external_breaches(&graph)),
        ["lock-proto takes serde from outside the package registry: name a released version instead"]
    );
}

#[test]
fn the_tests_of_a_device_crate_and_all_of_a_host_crate_may_use_any_external_crate() {
    let graph = graph(&[
        package("lock-proto", &[external("proptest", Some("dev"), "registry+r")]),
        package("lock-fleet", &[external("anyhow", None, "registry+r")]),
    ]);
    assert_eq!(external_breaches(&graph), []);
}

#[test]
fn a_device_crate_whose_root_file_is_gone_is_refused() {
    let graph = Graph::parse(
        &json!({"workspace_root": "/nonexistent", "packages": [{
            "name": "lock-proto", "manifest_path": "/nonexistent/lock-proto/Cargo.toml", "features": {}, "dependencies": [],
        }]})
        .to_string(),
    )
    .unwrap();
    assert!(matches!(source_breaches(&graph).as_slice(), [Breach::Unreadable { .. }]));
}

#[test]
fn the_picture_shows_layers_features_and_arrows() {
    let mut core = package("lock-core", &[ours("lock-proto", None), external("serde", None, "registry+r")]);
    core["dependencies"][0]["features"] = json!(["x"]);
    core["dependencies"][1]["optional"] = json!(true);
    core["features"] = json!({"x25519": []});
    let graph = graph(&[package("lock-proto", &[]), core]);
    assert_eq!(
        picture(&graph),
        "layer 1\n  lock-core (device, lock-core)\n    features x25519\n    -> lock-proto [x]\n    + serde?\n\
         layer 0\n  lock-proto (device, lock-proto)\n"
    );
}

#[test]
fn this_workspace_is_as_the_architecture_says() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    let breaches = all_breaches(&Graph::of_manifest(&manifest).unwrap());
    assert!(breaches.is_empty(), "{}", sentences(&breaches).join("\n"));
}
