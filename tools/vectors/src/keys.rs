//! Section 3: keys, and what is computed from them.

mod claims;
mod labels;
mod rotation;

use lock_core::crypto::hedge::{
    InitiatorHedge, LockHedge, message1_ephemeral, message1_nonce, message2_ephemeral, message2_nonce,
};
use lock_core::crypto::{
    HELLO, Key, Label, Prologue, RustCrypto, SecretHash, Suite, advertisement_mark, digest8, handle,
    hello_nonce, pin_key_check, sealed_up_random,
};
use lock_core::proto::{
    Action, CommandId, CredentialKind, Down, HashedSecret, Opening, PinDigits, PinKey, PinKeyCheck, Put,
    Request, Seconds, Setting, Table,
};
use lock_core::state::ItemDigest;

use crate::bodies::Message;
use crate::case::{Case, Fields, File};
use crate::handshake::{Choice, prologue_bytes};
use crate::world::{Keys, LOCK_ID, OTHER_LOCK_ID, counted, entropy};

pub(crate) use claims::{code, maker_secret};

pub(crate) fn file() -> anyhow::Result<File> {
    let keys = Keys::first()?;
    let cases = [
        leaves()?,
        labels::cases()?,
        recognition(&keys),
        lock_nonces(&keys),
        handshake_nonces(&keys),
        pins()?,
        digests()?,
        items(),
        rotation::cases()?,
        claims::cases(),
    ];
    File::new(
        "keys.json",
        "3",
        "What follows from keys. `function` names the rule: leaf (3.1), label (3.2: `typed` is read as `code`, which is written as `text`, or refused with `error`), claim-key and unowned-leaf (3.2), handle and advertisement (3.3 and 2.2), hello-nonce, sealed-up-random, \
         message1-nonce, message2-nonce, message1-secret and message2-secret (3.4), pin-hash, token-hash and pin-key-check (3.5), digest (6), items-digest (6.1), lock-share, share-digest and next-root (3.7). `result` is what it yields for the other fields.",
        cases.concat(),
    )
}

fn leaves() -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (name, keys) in [
        ("first epoch", Keys::first()?),
        ("second epoch", Keys::of(LOCK_ID, 2)?),
        ("last epoch", Keys::of(LOCK_ID, u32::MAX)?),
        ("another lock", Keys::of(OTHER_LOCK_ID, 1)?),
    ] {
        for label in Label::ALL {
            let fields = Fields::new().text("function", "leaf");
            let fields = fields.join(keys.fields()).text("label", label.name());
            let fields = fields.hex("result", keys.leaves.leaf(label).expose());
            cases.push(Case::new(format!("leaf {} of the {name}", label.name()), "A leaf key.").with(fields));
        }
    }
    Ok(cases)
}

fn recognition(keys: &Keys) -> Vec<Case> {
    let leaf = keys.leaves.leaf(Label::Handle);
    let mut cases = Vec::new();
    for (name, nonce) in [("zero", [0; 16]), ("counted", std::array::from_fn(|place| 0xf0 + place as u8))] {
        let fields = Fields::new()
            .text("function", "handle")
            .hex("leaf", leaf.expose())
            .hex("nonce", nonce)
            .hex("result", handle::<RustCrypto>(leaf, &nonce));
        cases.push(
            Case::new(format!("handle of a {name} nonce"), "By which a Hello is recognised.").with(fields),
        );
    }
    for salt in [[0, 0, 0], [1, 2, 3], [0xff, 0xff, 0xff]] {
        let fields = Fields::new()
            .text("function", "advertisement")
            .hex("leaf", leaf.expose())
            .hex("salt", salt)
            .hex("result", advertisement_mark::<RustCrypto>(leaf, &salt));
        let name = format!("advertisement mark under salt {}", hex::encode(salt));
        cases.push(Case::new(name, "By which an advertisement is recognised.").with(fields));
    }
    cases
}

/// Hedges at the ends of their counters.
fn hedges() -> [(&'static str, LockHedge); 4] {
    let hedge = |boot, count| LockHedge { boot, count, entropy: entropy("a lock's nonce") };
    [
        ("first boot", hedge(1, 1)),
        ("second count", hedge(1, 2)),
        ("second boot", hedge(2, 1)),
        ("last boot and count", hedge(u64::MAX, u64::MAX)),
    ]
}

fn lock_hedge_fields(fields: Fields, hedge: &LockHedge) -> Fields {
    fields.number("boot", hedge.boot).number("count", hedge.count).hex("entropy", hedge.entropy)
}

fn lock_nonces(keys: &Keys) -> Vec<Case> {
    let leaf = keys.leaves.leaf(Label::Hedge);
    let mut cases = Vec::new();
    for (name, hedge) in hedges() {
        let fields = |function| {
            lock_hedge_fields(Fields::new().text("function", function).hex("leaf", leaf.expose()), &hedge)
        };
        let nonce = fields("hello-nonce").hex("result", hello_nonce::<RustCrypto>(leaf, &hedge));
        cases.push(Case::new(format!("hello nonce of the {name}"), "The nonce of a Hello.").with(nonce));
        let random = fields("sealed-up-random").hex("result", sealed_up_random::<RustCrypto>(leaf, &hedge));
        let description = "The random field of a packet that a lock seals.";
        cases.push(Case::new(format!("sealed-up random of the {name}"), description).with(random));
    }
    cases
}

fn handshake_nonces(keys: &Keys) -> Vec<Case> {
    let psk = keys.leaves.leaf(Label::Session);
    let hello: [u8; HELLO] = std::array::from_fn(|place| place as u8);
    let ticket = counted(0x80, 40);
    let mut cases = Vec::new();
    for (name, choice) in [
        ("the cloud", Choice::CloudCurrent),
        ("a holder", Choice::Ticket(ticket)),
        ("a claimer", Choice::Claim),
    ] {
        let selector = choice.selector();
        let prologue =
            Prologue { lock_id: LOCK_ID, key_epoch: keys.key_epoch, hello: &hello, version: 1, selector };
        let hedge = InitiatorHedge { attempt: 5, entropy: entropy("message 1") };
        let fields = |function| {
            Fields::new()
                .text("function", function)
                .hex("psk", psk.expose())
                .number("role", selector.initiator().byte())
                .number("attempt", hedge.attempt)
                .hex("prologue", prologue_bytes(&prologue))
                .hex("payload", b"payload")
                .hex("entropy", hedge.entropy)
        };
        let nonce = message1_nonce::<RustCrypto>(psk, &prologue, b"payload", &hedge);
        let nonce = fields("message1-nonce").hex("result", nonce);
        cases.push(Case::new(format!("message 1 nonce of {name}"), "The initiator's nonce.").with(nonce));
        let secret = message1_ephemeral::<RustCrypto>(psk, &prologue, b"payload", &hedge);
        let secret = fields("message1-secret").hex("result", secret.expose());
        let description = "The initiator's ephemeral secret in profile X.";
        cases.push(Case::new(format!("message 1 secret of {name}"), description).with(secret));
    }
    for (name, hedge) in hedges() {
        let hash = RustCrypto::hash(&[b"a handshake hash"]);
        let fields = |function| {
            let fields = Fields::new()
                .text("function", function)
                .hex("psk", psk.expose())
                .hex("handshake_hash", hash)
                .hex("payload", b"payload");
            lock_hedge_fields(fields, &hedge)
        };
        let nonce = message2_nonce::<RustCrypto>(psk, &hash, b"payload", &hedge);
        let nonce = fields("message2-nonce").hex("result", nonce);
        cases.push(Case::new(format!("message 2 nonce of the {name}"), "The lock's nonce.").with(nonce));
        let secret = message2_ephemeral::<RustCrypto>(psk, &hash, b"payload", &hedge);
        let secret = fields("message2-secret").hex("result", secret.expose());
        let description = "The lock's ephemeral secret in profile X.";
        cases.push(Case::new(format!("message 2 secret of the {name}"), description).with(secret));
    }
    cases
}

fn pins() -> anyhow::Result<Vec<Case>> {
    let key = Key::from_bytes(entropy("a PIN key"));
    let cases = ["0000", "1234", "0123456789"].into_iter().map(|digits| {
        let text = PinDigits::from_ascii(digits.as_bytes())?;
        let fields = Fields::new()
            .text("function", "pin-hash")
            .hex("key", key.expose())
            .text("digits", digits)
            .hex("result", SecretHash::of_pin::<RustCrypto>(&key, text.as_ascii()).expose());
        Ok(Case::new(format!("hash of the PIN {digits}"), "How a lock keeps a PIN.").with(fields))
    });
    cases.chain(tokens(&key)).chain([Ok(check(&key))]).collect()
}

fn tokens(key: &Key) -> impl Iterator<Item = anyhow::Result<Case>> {
    [CredentialKind::Rfid, CredentialKind::Fob].into_iter().map(|kind| {
        let identifier = *b"\x04\xa1\xb2\xc3";
        let fields = Fields::new()
            .text("function", "token-hash")
            .hex("key", key.expose())
            .number("kind", kind.number())
            .hex("identifier", identifier)
            .hex("result", SecretHash::of_token::<RustCrypto>(key, kind.number(), &identifier).expose());
        Ok(Case::new(format!("hash of a token of kind {kind:?}"), "How a lock keeps a token.").with(fields))
    })
}

fn check(key: &Key) -> Case {
    let fields = Fields::new()
        .text("function", "pin-key-check")
        .hex("key", key.expose())
        .hex("result", pin_key_check::<RustCrypto>(key));
    Case::new("check of a PIN key", "By this a lock knows under which key a hash was made.").with(fields)
}

/// Table, slot and version, in order.
type Items = &'static [(Table, u8, u32)];

fn items() -> Vec<Case> {
    let lists: [(&str, &str, Items); 3] = [
        ("nothing", "A configuration as made.", &[]),
        ("one user", "One item.", &[(Table::Users, 3, 7)]),
        (
            "all tables",
            "An item of each table; the one with version 0 was never set.",
            &[
                (Table::Settings, 0, 1),
                (Table::Settings, 1, 0),
                (Table::Users, 0, 2),
                (Table::Credentials, 255, 3),
                (Table::Windows, 4, 300),
                (Table::Holidays, 7, u32::MAX),
            ],
        ),
    ];
    let cases = lists.map(|(name, description, items)| {
        let mut digest = ItemDigest::<RustCrypto>::default();
        for (table, slot, version) in items {
            digest.add(*table, *slot, *version);
        }
        let listed = items.iter().map(|(table, slot, version)| {
            Fields::new().word("table", table).number("slot", *slot).number("version", *version)
        });
        let fields = Fields::new()
            .text("function", "items-digest")
            .groups("items", listed.collect())
            .hex("result", digest.finish());
        Case::new(format!("items digest of {name}"), description).with(fields)
    });
    cases.into()
}

fn digests() -> anyhow::Result<Vec<Case>> {
    let configure = |setting| Action::Configure { version: 300, setting };
    let pin = |digits: &[u8]| PinDigits::from_ascii(digits).map(|digits| configure(Setting::pin(5, digits)));
    let actions = [
        ("lock", "An action without fields.", Action::Lock),
        ("unlock", "An action without fields.", Action::Unlock),
        ("relock after 30 s", "A setting.", configure(Setting::AutoRelock(Seconds(30)))),
        ("a PIN of 4 digits", "Neither the digits nor their number count.", pin(b"1234")?),
        ("a PIN of 10 digits", "The same digest, as slot and version are the same.", pin(b"0123456789")?),
        ("clear a PIN", "A setting.", configure(Setting::clear_credential(5))),
        ("a credential from a backup", "The hash does not count, the check does.", configure(restored(6))),
        ("the same with another hash", "The same digest.", configure(restored(7))),
        ("a PIN key", "No byte of the key counts.", Action::AdoptPinKey(PinKey([8; 32]))),
    ];
    let cases = actions.map(|(name, description, action)| {
        let digest = digest8::<RustCrypto, 1>([action.identity(&mut [0; Action::MAX_IDENTITY])]);
        let fields = Fields::new()
            .text("function", "digest")
            .hex("action", action_bytes(action)?)
            .hex("result", digest.0);
        Ok(Case::new(format!("digest of {name}"), description).with(fields))
    });
    cases.into_iter().collect()
}

fn restored(hash: u8) -> Setting {
    Setting::RestoreCredential {
        slot: 5,
        put: Put::Set,
        user: None,
        kind: CredentialKind::Pin,
        check: PinKeyCheck([1; 8]),
        hash: HashedSecret([hash; 16]),
    }
}

/// The encoding of an action: what follows `time`, request and a one-byte id in a first message.
fn action_bytes(action: Action) -> anyhow::Result<Vec<u8>> {
    let request = Request::Command { id: CommandId(0), action };
    Ok(Down { header: Opening { time: None }, request }.body()?.split_off(3))
}
