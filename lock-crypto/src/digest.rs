//! What a command id stands for (section 6).

use crate::parts::{first, gather};
use crate::suite::Suite;

/// The most parts that the action bytes of one digest come in.
pub const MAX_ACTION_PARTS: usize = 8;

/// The first 8 bytes of the hash of a command's action: the same id with another digest is a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CommandDigest(pub [u8; 8]);

/// `digest` of section 6: the first 8 bytes of `SHA-256("lk1/digest" ‖ 0x00 ‖ action bytes)`.
///
/// The action bytes come in parts, so that the digits of a PIN can be left out: slot and version stand for them. At most
/// [`MAX_ACTION_PARTS`] parts; more does not compile.
#[must_use]
pub fn digest8<S: Suite, const PARTS: usize>(action: [&[u8]; PARTS]) -> CommandDigest {
    const { assert!(PARTS <= MAX_ACTION_PARTS, "too many parts of action bytes") }
    CommandDigest(first(S::hash(&gather([b"lk1/digest\0".as_slice()].into_iter().chain(action)))))
}
