//! The words of other ecosystems for our facts: total, truthful, and as `docs/mapping.md` has them.

mod document;
mod everything;
mod home_assistant;
mod matter;
mod truth;
mod zwave;
