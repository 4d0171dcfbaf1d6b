//! Recognising a lock on the air: only who holds the `handle` leaf can (sections 2.2 and 3.3).

use crate::key::Key;
use crate::parts::first;
use crate::suite::Suite;

/// The handle in a Hello (section 3.3), from the lock's `handle` leaf and the Hello's nonce.
#[must_use]
pub fn handle<S: Suite>(handle_leaf: &Key, hello_nonce: &[u8; 16]) -> [u8; 8] {
    first(S::hmac(handle_leaf.expose(), &[b"lk1/hello-handle\0", hello_nonce]))
}

/// The mark in an advertisement (section 2.2), from the lock's `handle` leaf and the advertisement's salt.
#[must_use]
pub fn advertisement_mark<S: Suite>(handle_leaf: &Key, salt: &[u8; 3]) -> [u8; 5] {
    first(S::hmac(handle_leaf.expose(), &[b"lk1/advertisement\0", salt]))
}
