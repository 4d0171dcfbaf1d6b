//! Section 7.8: the record of a claimer.

use anyhow::ensure;
use lock_core::proto::{DecodeError, FreshRoot, Live, NewOwner, Profile, Uptime};

use crate::case::{Case, Fields};
use crate::world::counted;

/// A record that makes a lock the claimer's.
pub(crate) fn body(valid_until: u64, profile: Profile, root: [u8; 32]) -> anyhow::Result<Vec<u8>> {
    let header = Live { valid_until: Uptime::from_millis(valid_until) };
    let owner = NewOwner { header, profile, root: FreshRoot::from_bytes(root) };
    Ok(owner.encode(&mut [0; NewOwner::MAX_BYTES])?.to_vec())
}

pub(super) fn cases() -> anyhow::Result<Vec<Case>> {
    let root: [u8; 32] = counted(0x30, 32).try_into().map_err(|_| anyhow::anyhow!("a root has 32 bytes"))?;
    let mut cases = Vec::new();
    for (name, description, valid_until, profile) in [
        ("for profile S", "The lock speaks S from then on.", 65_000, Profile::S),
        ("for profile X", "The lock speaks X from then on.", 65_000, Profile::X),
        ("longest", "Every number at its largest.", u64::MAX, Profile::X),
    ] {
        let body = body(valid_until, profile, root)?;
        let read = NewOwner::decode(&body)?;
        ensure!(*read.root.expose() == root, "{name}: the root is not read as it was written");
        let fields = serde_json::json!({
            "valid_until": valid_until.to_string(),
            "profile": (profile as u8).to_string(),
            "root": hex::encode(root),
        });
        let fields = Fields::new().text("message", "NewOwner").plain("fields", fields).hex("body", body);
        cases.push(Case::new(format!("NewOwner {name}"), description).with(fields));
    }
    let genuine = body(65_000, Profile::S, root)?;
    let profile = genuine.len() - 33;
    let altered = |value: u8| {
        let mut body = genuine.clone();
        body[profile] = value;
        body
    };
    for (name, description, body) in [
        ("of profile 0", "There is no such profile.", altered(0)),
        ("of profile 3", "There is no such profile.", altered(3)),
        ("cut", "A byte is missing.", genuine[..genuine.len() - 1].to_vec()),
        ("extended", "A byte too many.", [genuine.as_slice(), &[0]].concat()),
    ] {
        ensure!(NewOwner::decode(&body).err() == Some(DecodeError::Malformed), "{name} is read");
        let fields = Fields::new().text("message", "NewOwner").hex("body", body).text("error", "Malformed");
        cases.push(Case::new(format!("NewOwner {name}"), description).with(fields));
    }
    Ok(cases)
}
