//! The graph as text: one layer above the other, each crate with what it uses.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::graph::{Dependency, Graph, Kind, Package};
use crate::rules;

/// Draws the graph. A crate of layer 0 uses none of ours; every other crate lies one layer above the highest it uses.
///
/// `->` is a dependency of ours, `+` one of others, `~>` one of ours for tests only; features that are asked for
/// stand in brackets, and a question mark says that a feature must ask for the dependency.
pub fn picture(graph: &Graph) -> String {
    let mut layers: BTreeMap<usize, Vec<&Package>> = BTreeMap::new();
    for package in graph.packages() {
        layers.entry(layer(graph, package)).or_default().push(package);
    }
    let mut text = String::new();
    for (layer, packages) in layers.iter().rev() {
        let _ = writeln!(text, "layer {layer}");
        for package in packages {
            draw(&mut text, graph, package);
        }
    }
    text
}

fn draw(text: &mut String, graph: &Graph, package: &Package) {
    let ours = |kind: fn(Kind) -> bool| names(graph.ours(package).filter(move |used| kind(used.kind)));
    let place = match rules::row(&package.name).map(|row| row.place) {
        Some(rules::Place::Device) => "device",
        Some(rules::Place::UnderDevice) => "under device",
        Some(rules::Place::Host) => "host",
        None => "free",
    };
    let _ = writeln!(text, "  {} ({place}, {})", package.name, graph.folder(package));
    let features: Vec<&str> = package.features.keys().map(String::as_str).collect();
    line(text, "features", &features.join(", "));
    line(text, "->", &ours(|kind| kind != Kind::Development));
    line(text, "~>", &ours(|kind| kind == Kind::Development));
    line(text, "+", &names(graph.externals(package).filter(|used| used.kind != Kind::Development)));
}

fn line(text: &mut String, mark: &str, content: &str) {
    if !content.is_empty() {
        let _ = writeln!(text, "    {mark} {content}");
    }
}

fn names<'a>(dependencies: impl Iterator<Item = &'a Dependency>) -> String {
    dependencies.map(name).collect::<Vec<_>>().join(", ")
}

fn name(dependency: &Dependency) -> String {
    let question = if dependency.optional { "?" } else { "" };
    let features = if dependency.features.is_empty() {
        String::new()
    } else {
        format!(" [{}]", dependency.features.join(" "))
    };
    format!("{}{question}{features}", dependency.name)
}

/// The layer of `package`, counted over what becomes part of the product. Cargo refuses circles there.
fn layer(graph: &Graph, package: &Package) -> usize {
    graph
        .ours(package)
        .filter(|used| used.kind != Kind::Development)
        .filter_map(|used| graph.package(&used.name))
        .map(|used| layer(graph, used) + 1)
        .max()
        .unwrap_or(0)
}
