//! The attributes that each device crate's root file must carry.

use std::path::Path;

use crate::breach::{Breach, is_device};
use crate::graph::Graph;
use crate::rules::{self, DENIED_LINTS, DEVICE_ATTRIBUTES, Place};

/// Reads `src/lib.rs` of each device crate in the graph and names each attribute that is missing.
pub fn source_breaches(graph: &Graph) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for package in graph.packages().filter(|package| is_device(package)) {
        let path = format!("{}/src/lib.rs", graph.folder(package));
        let file = package.manifest_path.parent().unwrap_or(Path::new("")).join("src/lib.rs");
        match std::fs::read_to_string(&file) {
            Ok(text) => {
                let may_be_unsafe =
                    rules::row(&package.name).is_some_and(|row| row.place == Place::UnderDevice);
                let missing = missing_attributes(&path, &text).into_iter();
                breaches.extend(missing.filter(|breach| !(may_be_unsafe && asks_for_safety(breach))));
            }
            Err(error) => breaches.push(Breach::Unreadable { path, reason: error.to_string() }),
        }
    }
    breaches
}

/// Names each of [`DEVICE_ATTRIBUTES`] and [`DENIED_LINTS`] that the inner attributes of `text` lack; `path` is used
/// for the words only.
///
/// White space and the order of lints do not count, denying them in tests too is as good, comments are not attributes,
/// and what follows the first item is not looked at.
pub fn missing_attributes(path: &str, text: &str) -> Vec<Breach> {
    let present = inner_attributes(text);
    let denied: Vec<&str> =
        present.iter().filter_map(|attribute| denied_lints(attribute)).flatten().collect();
    let attributes = DEVICE_ATTRIBUTES.iter().filter(|wanted| !present.contains(&squeezed(wanted)));
    let lints = DENIED_LINTS.iter().filter(|lint| !denied.contains(lint));
    attributes
        .map(|attribute| (*attribute).to_owned())
        .chain(lints.map(|lint| format!("{ALWAYS_DENIED}{lint}{END_OF_DENIED}")))
        .map(|attribute| Breach::Attribute { path: path.to_owned(), attribute })
        .collect()
}

fn asks_for_safety(breach: &Breach) -> bool {
    matches!(breach, Breach::Attribute { attribute, .. } if attribute == "#![forbid(unsafe_code)]")
}

const ALWAYS_DENIED: &str = "#![cfg_attr(not(test), deny(";
const END_OF_DENIED: &str = "))]";

/// The lints that a squeezed attribute denies outside tests; `None` when it is another attribute.
fn denied_lints(attribute: &str) -> Option<impl Iterator<Item = &str>> {
    let outside_tests = attribute
        .strip_prefix(squeezed(ALWAYS_DENIED).as_str())
        .and_then(|list| list.strip_suffix(END_OF_DENIED));
    let everywhere = || attribute.strip_prefix("#![deny(").and_then(|list| list.strip_suffix(")]"));
    Some(outside_tests.or_else(everywhere)?.split(','))
}

/// The `#![..]` attributes at the head of a file, squeezed. Line comments between them are passed over; the first
/// thing that is neither ends the head.
fn inner_attributes(text: &str) -> Vec<String> {
    let code: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.starts_with("//")).collect();
    let code = code.join("\n");
    let mut rest = code.trim_start();
    let mut attributes = Vec::new();
    while rest.starts_with("#![") {
        let Some(end) = end_of_attribute(rest) else { break };
        let (attribute, tail) = rest.split_at(end);
        attributes.push(squeezed(attribute));
        rest = tail.trim_start();
    }
    attributes
}

/// The length in bytes of the attribute that `text` starts with, its closing bracket included.
fn end_of_attribute(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (position, byte) in text.bytes().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' if depth == 1 => return Some(position + 1),
            b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// `text` without white space.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_STD: &str = "#![no_std]";
    const NO_UNSAFE: &str = "#![forbid(unsafe_code)]";

    fn deny(lints: &[&str]) -> String {
        format!("#![cfg_attr(\n    not(test),\n    deny(\n        {}\n    )\n)]", lints.join(",\n        "))
    }

    fn root_file(attributes: &[&str]) -> String {
        format!("//! A story [with brackets].\n{}\n\npub mod first;\n", attributes.join("\n"))
    }

    fn missing(text: &str) -> Vec<String> {
        missing_attributes("lock-proto/src/lib.rs", text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_root_file_with_all_attributes_passes() {
        assert_eq!(missing(&root_file(&[NO_STD, NO_UNSAFE, &deny(DENIED_LINTS)])), [""; 0]);
    }

    #[test]
    fn neither_layout_nor_order_of_the_lints_matters() {
        let reversed: Vec<&str> = DENIED_LINTS.iter().rev().copied().collect();
        let one_line = squeezed(&deny(&reversed));
        assert_eq!(missing(&root_file(&[&one_line, NO_UNSAFE, NO_STD])), [""; 0]);
    }

    #[test]
    fn denying_in_tests_too_is_as_good() {
        let everywhere = format!("#![deny({})]", DENIED_LINTS.join(", "));
        assert_eq!(missing(&root_file(&[NO_STD, NO_UNSAFE, &everywhere])), [""; 0]);
    }

    #[test]
    fn each_missing_attribute_is_named() {
        let all = deny(DENIED_LINTS);
        assert_eq!(
            missing(&root_file(&[NO_STD, &all])),
            ["lock-proto/src/lib.rs does not start with its attribute: add #![forbid(unsafe_code)]"]
        );
        assert_eq!(
            missing(&root_file(&[NO_UNSAFE, &all])),
            ["lock-proto/src/lib.rs does not start with its attribute: add #![no_std]"]
        );
    }

    #[test]
    fn each_lint_that_is_not_denied_is_named() {
        for lint in DENIED_LINTS {
            let kept: Vec<&str> = DENIED_LINTS.iter().copied().filter(|kept| kept != lint).collect();
            let missing = missing(&root_file(&[NO_STD, NO_UNSAFE, &deny(&kept)]));
            assert_eq!(missing.len(), 1, "{lint}");
            assert!(
                missing[0].ends_with(&format!("add #![cfg_attr(not(test), deny({lint}))]")),
                "{}",
                missing[0]
            );
        }
    }

    #[test]
    fn a_lint_that_is_only_warned_of_is_not_denied() {
        let warned = deny(DENIED_LINTS).replace("deny(", "warn(");
        assert_eq!(missing(&root_file(&[NO_STD, NO_UNSAFE, &warned])).len(), DENIED_LINTS.len());
    }

    #[test]
    fn an_attribute_in_a_comment_does_not_count() {
        let commented = format!("// {NO_STD}\n{NO_UNSAFE}\n{}\n", deny(DENIED_LINTS));
        assert_eq!(missing(&commented).len(), 1);
    }

    #[test]
    fn an_attribute_that_only_sometimes_holds_does_not_count() {
        let sometimes = "#![cfg_attr(not(feature = \"host\"), no_std)]";
        assert_eq!(missing(&root_file(&[sometimes, NO_UNSAFE, &deny(DENIED_LINTS)])).len(), 1);
    }

    #[test]
    fn an_attribute_after_the_first_item_does_not_count() {
        let late = format!("{NO_UNSAFE}\n{}\nmod room {{\n{NO_STD}\n}}\n", deny(DENIED_LINTS));
        assert_eq!(missing(&late).len(), 1);
    }
}
