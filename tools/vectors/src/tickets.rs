//! Section 10: virtual keys, the tags of their chain, and their links.

use anyhow::{Context as _, ensure};
use lock_core::cloud::{Conditions, LockKeys, NewTicket, Uses, WeeklyWindow};
use lock_core::crypto::{ChainTag, Key, Label, RootKey, RustCrypto, TicketScope, holder_value, ticket};
use lock_core::proto::{
    Caveat, CaveatError, Caveats, MinuteOfDay, Seconds, Ticket, TicketRights, UnixMillis, Weekdays,
};
use lock_core::state::Grant;
use lock_core::virtual_key::{LINK_LETTERS, VirtualKey};

use crate::case::{Case, Fields, File, refusal};
use crate::world::{Keys, LOCK_ID, NOW, entropy};

pub(crate) fn file() -> anyhow::Result<File> {
    let cases = [issued()?, refused()?].concat();
    File::new(
        "tickets.json",
        "10",
        "Virtual keys. `root_caveats` are sealed for this lock and epoch with `entropy`; `blocks` narrow the key one after the other. \
         `holder_secret`, where there is one, binds it. `ticket` is what goes to the lock; `tags` are those of the chain, from the root (after \
         the binding) to the last block; `psk` opens the handshake; `use_ids` are the numbers under which a single use at each level is \
         remembered; `link` is the text that the last holder has. `caveats` and `error`: a block that a lock refuses, read as the root where \
         `level` is 0.",
        cases,
    )
}

fn cloud(keys: &Keys) -> anyhow::Result<LockKeys> {
    let root = RootKey::from_bytes::<RustCrypto>(keys.root, keys.lock_id)?;
    Ok(LockKeys::expand(&root, keys.lock_id, keys.key_epoch))
}

fn longest() -> Conditions {
    Conditions {
        rights: Some(TicketRights::ALL),
        not_before: Some(UnixMillis(u64::MAX - 1)),
        not_after: Some(UnixMillis(u64::MAX)),
        weekly: Some(WeeklyWindow {
            days: Weekdays::ALL,
            from: MinuteOfDay(1_438),
            until: MinuteOfDay(1_439),
        }),
        uses: Uses::Single,
        depth: Some(4),
        staleness: Some(Seconds(u32::MAX)),
    }
}

fn usual() -> Conditions {
    Conditions {
        not_before: Some(UnixMillis(NOW)),
        not_after: Some(UnixMillis(NOW + 86_400_000)),
        depth: Some(2),
        ..Conditions::default()
    }
}

fn issued() -> anyhow::Result<Vec<Case>> {
    let keys = Keys::first()?;
    let weekend = WeeklyWindow { days: Weekdays(0x41), from: MinuteOfDay(600), until: MinuteOfDay(120) };
    let guest =
        Conditions { rights: Some(TicketRights::UNLOCK), weekly: Some(weekend), ..Conditions::default() };
    let once = Conditions { uses: Uses::Single, ..Conditions::default() };
    let secret = Key::from_bytes(entropy("a holder's secret"));
    Ok(vec![
        case(&keys, ("plain", "A key that says nothing but rights."), 1, Conditions::default(), None, &[])?,
        case(&keys, ("bound", "A key that is bound to a holder."), 2, usual(), Some(&secret), &[])?,
        case(&keys, ("narrowed", "A key that two guests narrowed."), 3, usual(), None, &[guest, once])?,
        case(&keys, ("bound and narrowed", "Passed on by its holder."), 4, usual(), Some(&secret), &[guest])?,
        case(
            &keys,
            ("longest", "All conditions at their longest, four times."),
            u64::MAX,
            longest(),
            Some(&secret),
            &[longest(); 4],
        )?,
        case(
            &Keys::of(LOCK_ID, u32::MAX)?,
            ("last epoch", "Under the last key epoch."),
            5,
            usual(),
            None,
            &[],
        )?,
    ])
}

fn case(
    keys: &Keys,
    (name, sentence): (&str, &str),
    serial: u64,
    conditions: Conditions,
    secret: Option<&Key>,
    blocks: &[Conditions],
) -> anyhow::Result<Case> {
    let random = entropy(name);
    let epoch = if serial == u64::MAX { u32::MAX } else { 3 };
    let issued = if serial == u64::MAX { u64::MAX } else { NOW };
    let new = NewTicket { serial, issued: UnixMillis(issued), epoch, conditions };
    let mut key: VirtualKey = cloud(keys)?.issue(&new, secret, &random)?;
    if let Some(secret) = secret {
        key = key.bind(secret);
    }
    for block in blocks {
        key = key.narrow(block)?;
    }
    let root = root_caveats(keys, key.ticket())?;
    let parsed = Ticket::parse(key.ticket())?;
    let mut tag = ChainTag::<RustCrypto>::root(keys.leaves.leaf(Label::Ticket), &root);
    if let Some(secret) = secret {
        tag = tag.bind(&holder_value::<RustCrypto>(secret, keys.lock_id));
    }
    let mut tags = vec![tag];
    for block in parsed.blocks() {
        let next = tags.last().context("there is a root")?.narrow(block);
        tags.push(next);
    }
    let last = tags.last().context("there is a root")?;
    let grant = Grant::read(&root, parsed.blocks(), |level| tags.get(level).map(ChainTag::use_id));
    ensure!(grant.is_ok(), "the lock refuses what the cloud issued: {grant:?}");
    let mut text = [0; LINK_LETTERS];
    let fields = keys.fields().hex("entropy", random).hex("root_caveats", &root);
    let fields = match secret {
        Some(secret) => fields.hex("holder_secret", secret.expose()),
        None => fields,
    };
    let blocks: Vec<Vec<u8>> = parsed.blocks().map(<[u8]>::to_vec).collect();
    let exposed: Vec<Vec<u8>> = tags.iter().map(|tag| tag.expose().expose().to_vec()).collect();
    let uses: Vec<Vec<u8>> = tags.iter().map(|tag| tag.use_id().to_be_bytes().to_vec()).collect();
    let fields = fields
        .hexes("blocks", &blocks)
        .hex("ticket", key.ticket())
        .hexes("tags", &exposed)
        .hex("psk", last.psk().expose())
        .hexes("use_ids", &uses)
        .text("link", key.to_link(&mut text)?);
    Ok(Case::new(name, sentence).with(fields))
}

fn root_caveats(keys: &Keys, bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let parsed = Ticket::parse(bytes)?;
    let mut root = parsed.root.to_vec();
    let encryption = keys.leaves.leaf(Label::TicketEncryption);
    let scope = TicketScope { lock_id: keys.lock_id, key_epoch: keys.key_epoch, encryption };
    ticket::open_root::<RustCrypto>(&scope, parsed.iv, &mut root, parsed.tag)?;
    Ok(root)
}

fn refused() -> anyhow::Result<Vec<Case>> {
    let mut whole = [0; Ticket::MAX_ROOT];
    let said = [
        Caveat::Serial(1),
        Caveat::Issued(UnixMillis(NOW)),
        Caveat::Epoch(0),
        Caveat::Rights(TicketRights::ALL),
    ];
    let root = lock_core::proto::encode_caveats(said, &mut whole)?.to_vec();
    let blocks: [(&str, &str, &[u8]); 8] = [
        ("unknown caveat", "A condition of a newer version.", &[11]),
        ("long number", "A number with a needless byte.", &[0x84, 0, 1]),
        ("twice", "The same condition twice.", &[4, 1, 4, 1]),
        ("out of order", "A condition before one with a lower number.", &[8, 4, 1]),
        ("cut", "A condition without its value.", &[5]),
        ("serial in a block", "What only the cloud may say.", &[0, 9]),
        ("unknown right", "A right that is none.", &[4, 16]),
        ("no day", "A window on no day.", &[7, 0, 60, 120]),
    ];
    let mut cases = Vec::new();
    for (name, sentence, block) in blocks {
        let mut deep = root.clone();
        deep.extend([9, 1]);
        let read = Grant::read(&deep, std::iter::once(block), |_| Some(1));
        let fields = Fields::new().number("level", 1_u64).hex("caveats", block).text("error", refusal(read)?);
        cases.push(Case::new(name, sentence).with(fields));
    }
    for missing in 0..said.len() {
        let kept = said.iter().enumerate().filter(|(place, _)| *place != missing).map(|(_, caveat)| *caveat);
        let mut buffer = [0; Ticket::MAX_ROOT];
        let bytes = lock_core::proto::encode_caveats(kept, &mut buffer)?.to_vec();
        let read = Grant::read(&bytes, std::iter::empty(), |_| Some(1));
        let name = format!("root without caveat {}", said[missing].number());
        let fields =
            Fields::new().number("level", 0_u64).hex("caveats", &bytes).text("error", refusal(read)?);
        cases.push(Case::new(name, "A root that does not say what it must.").with(fields));
    }
    let endless = [root.as_slice(), &[8]].concat();
    let read = Grant::read(&endless, std::iter::empty(), |_| Some(1));
    let fields = Fields::new().number("level", 0_u64).hex("caveats", &endless).text("error", refusal(read)?);
    cases.push(
        Case::new("single use without an end", "It would have to be remembered for ever.").with(fields),
    );
    ensure!(
        Caveats::of(&[11]).next() == Some(Err(CaveatError::Unknown)),
        "the first unknown caveat has moved: give the cases its number"
    );
    Ok(cases)
}
