//! Section 3.7: what both sides give to the next root, and the root.

use lock_core::crypto::hedge::rotation_share;
use lock_core::crypto::rotation::{next_root, share_digest};
use lock_core::crypto::{Label, RustCrypto};

use super::{hedges, lock_hedge_fields};
use crate::case::{Case, Fields};
use crate::world::{Keys, LOCK_ID, OTHER_LOCK_ID, entropy};

pub(super) fn cases() -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    let first = Keys::first()?;
    let leaf = first.leaves.leaf(Label::Hedge);
    for (name, hedge) in hedges() {
        let fields = Fields::new().text("function", "lock-share").hex("leaf", leaf.expose());
        let result = rotation_share::<RustCrypto>(leaf, &hedge);
        let fields = lock_hedge_fields(fields, &hedge).hex("result", result.expose());
        cases.push(
            Case::new(format!("lock's share of the {name}"), "Its part of the next root.").with(fields),
        );
    }
    let share = entropy("a cloud's share");
    let fields = Fields::new()
        .text("function", "share-digest")
        .hex("share", share)
        .hex("result", share_digest::<RustCrypto>(&share));
    cases.push(Case::new("digest of a cloud's share", "By which a lock names it.").with(fields));
    for (name, keys) in [
        ("first epoch", first),
        ("last epoch but one", Keys::of(LOCK_ID, u32::MAX - 1)?),
        ("another lock", Keys::of(OTHER_LOCK_ID, 1)?),
    ] {
        cases.push(root(name, &keys)?);
    }
    Ok(cases)
}

fn root(name: &str, keys: &Keys) -> anyhow::Result<Case> {
    let next = keys.key_epoch.next().ok_or_else(|| anyhow::anyhow!("no epoch behind {name}"))?;
    let rotate = keys.leaves.leaf(Label::Rotate);
    let (cloud, lock) = (entropy("a cloud's share"), entropy("a lock's share"));
    let root = next_root::<RustCrypto>(rotate, &cloud, &lock, keys.lock_id, next);
    let fields = Fields::new()
        .text("function", "next-root")
        .hex("rotate", rotate.expose())
        .hex("cloud_share", cloud)
        .hex("lock_share", lock)
        .hex("lock_id", keys.lock_id.as_bytes())
        .number("next", next.number())
        .hex("result", root.expose());
    Ok(Case::new(format!("root behind the {name}"), "The root of the next epoch.").with(fields))
}
