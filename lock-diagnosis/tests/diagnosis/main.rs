//! The diagnosis: cases, talks, documents, installation.

mod dialogues;
mod document;
#[path = "../../examples/diagnose/fixture.rs"]
mod fixture;
mod fixtures;
mod installation;
mod outcomes;
mod translation;
mod truth;
mod truthful;
