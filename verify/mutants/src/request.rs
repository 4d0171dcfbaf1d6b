//! What is asked, in the words of `cargo mutants --list --json`, and what is answered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One mutant.
#[derive(Debug, Deserialize)]
pub struct Mutant {
    /// Its number, from 1.
    pub id: u32,
    pub file: String,
    pub genre: Genre,
    pub package: String,
    pub replacement: String,
    pub span: Span,
}

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Genre {
    FnValue,
    BinaryOperator,
    UnaryOperator,
    MatchArm,
    MatchArmGuard,
    StructField,
}

/// The text that the replacement stands for; the end is behind it.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Span {
    pub start: Position,
    pub end: Position,
}

/// Line and column, in characters, both from 1.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// What became of the mutants.
#[derive(Debug, Default, Serialize)]
pub struct Answer {
    /// Those without a switch.
    pub without: Vec<u32>,
    /// Where the others are, by file.
    pub ranges: BTreeMap<String, Vec<Range>>,
}

/// Bytes of a changed source that belong to one mutant.
#[derive(Debug, Serialize)]
pub struct Range {
    pub id: u32,
    pub start: usize,
    pub end: usize,
    /// Whether it is the mutated text, or the whole expression that is chosen from.
    pub is_mutated: bool,
}
