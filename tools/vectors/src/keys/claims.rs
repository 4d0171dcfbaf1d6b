//! Section 3.2: the key of a claim, and the leaves of a lock without an owner.

use lock_core::crypto::{ClaimKey, Label, RustCrypto};

use crate::case::{Case, Fields};
use crate::world::{LOCK_ID, OTHER_LOCK_ID, counted, entropy};

/// The code on the label of the lock.
pub(crate) fn code() -> [u8; 16] {
    let mut code = [0; 16];
    code.iter_mut().zip(counted(0x10, 16)).for_each(|(to, from)| *to = from);
    code
}

/// What the maker registered for it.
pub(crate) fn maker_secret() -> [u8; 32] {
    entropy("a maker's secret")
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, maker_secret, lock_id) in [
        ("with a maker's secret", maker_secret(), LOCK_ID),
        ("without a maker's secret", [0; 32], LOCK_ID),
        ("of another lock", maker_secret(), OTHER_LOCK_ID),
    ] {
        let key = ClaimKey::derive::<RustCrypto>(&code(), &maker_secret, lock_id);
        let fields = Fields::new()
            .text("function", "claim-key")
            .hex("code", code())
            .hex("maker_secret", maker_secret)
            .hex("lock_id", lock_id.as_bytes())
            .hex("result", key.psk().expose());
        cases.push(Case::new(format!("claim key {name}"), "The key of a claim.").with(fields));
        let leaves = key.unowned_leaves::<RustCrypto>(lock_id);
        for label in [Label::Handle, Label::Hedge] {
            let fields = Fields::new()
                .text("function", "unowned-leaf")
                .hex("claim_key", key.psk().expose())
                .text("label", label.name())
                .hex("lock_id", lock_id.as_bytes())
                .hex("result", leaves.leaf(label).expose());
            let name = format!("unowned leaf {} {name}", label.name());
            cases.push(Case::new(name, "A leaf of a lock without an owner.").with(fields));
        }
    }
    cases
}
