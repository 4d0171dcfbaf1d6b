//! Section 5: messages sealed for later.

use anyhow::ensure;
use lock_core::crypto::hedge::LockHedge;
use lock_core::crypto::{
    Direction, HighWaterMark, Label, MAX_JUMP, RustCrypto, SEALED_HEADER, SealedHeader, TAG, Verdict,
    open_sealed, seal_sealed, sealed_up_random,
};
use lock_core::proto::{
    Action, CommandId, Down, Kind, Marks, Outcome, Query, Request, Sealed, SealedReport, UnixMillis,
};

use crate::bodies::Message;
use crate::case::{Case, Fields, File, refusal};
use crate::world::{Keys, LOCK_ID, NOW, OTHER_LOCK_ID, entropy};

pub(crate) fn file() -> anyhow::Result<File> {
    let cases = [accepted()?, refused()?, marks()].concat();
    File::new(
        "sealed.json",
        "5",
        "Store and forward. `body` and `packet`: what is sealed under the leaf of this root, lock, epoch and direction. `packet` and `error`: \
         refused by the peer that has this root, lock and epoch and receives this direction. `mark`, `counter` and `verdict`: whether a lock \
         with this mark takes a message with this counter (Fresh), or not (AtOrBelow, TooFar).",
        cases,
    )
}

fn unlock() -> anyhow::Result<Vec<u8>> {
    let header = Sealed { issued_at: UnixMillis(NOW), not_after: Some(UnixMillis(NOW + 60_000)) };
    let request = Request::Command { id: CommandId(7), action: Action::Unlock };
    Ok(Down { header, request }.body()?)
}

fn receipt() -> anyhow::Result<Vec<u8>> {
    let receipt = SealedReport::Receipt { id: CommandId(7), outcome: Outcome::Done, configuration: 300 };
    Ok(receipt.body()?)
}

fn kind(direction: Direction) -> Kind {
    match direction {
        Direction::Down => Kind::SealedDown,
        Direction::Up => Kind::SealedUp,
    }
}

/// A packet sealed in this direction, under a number and a random field.
fn seal(
    keys: &Keys,
    direction: Direction,
    (counter, random): (u64, [u8; 16]),
    body: &[u8],
) -> anyhow::Result<Vec<u8>> {
    let prefix = kind(direction).prefix();
    let header = SealedHeader { prefix, key_epoch: keys.key_epoch, counter, random };
    let mut packet = [&[0; SEALED_HEADER], body, &[0; TAG]].concat();
    seal_sealed::<RustCrypto>(&keys.leaves, direction, &header, &mut packet, body.len())?;
    let mut copy = packet.clone();
    let opened = open_sealed::<RustCrypto>(&keys.leaves, direction, &mut copy)?;
    ensure!(opened.get().counter == counter && opened.get().body == body, "the packet opens as another");
    Ok(packet)
}

/// 16 bytes that stand for those of the cloud's random source.
fn random(purpose: &str) -> [u8; 16] {
    let bytes = entropy(purpose);
    std::array::from_fn(|place| bytes[place])
}

/// The random field of a lock's packet.
fn hedged(keys: &Keys, count: u64) -> [u8; 16] {
    let hedge = LockHedge { boot: 12, count, entropy: entropy("sealed up") };
    sealed_up_random::<RustCrypto>(keys.leaves.leaf(Label::Hedge), &hedge)
}

fn accepted() -> anyhow::Result<Vec<Case>> {
    let (first, second, last) = (Keys::first()?, Keys::of(LOCK_ID, 2)?, Keys::of(LOCK_ID, u32::MAX)?);
    let query = Request::Query(Query::Marks(random("a nonce of the cloud")));
    let header = Sealed { issued_at: UnixMillis(NOW), not_after: None };
    let query = Down { header, request: query }.body()?;
    let hint = SealedReport::MarksHint { marks: Marks { down: 300, command: CommandId(7) } }.body()?;
    let (down, up) = (Direction::Down, Direction::Up);
    let counter = 0x0102_0304_0506_0708;
    let random = random("sealed down");
    let list = [
        ("down first", "The first number of an epoch.", &first, down, (1, random), unlock()?),
        ("down next", "The next number, and the same random bytes.", &first, down, (2, random), unlock()?),
        ("down query", "A query for the marks.", &first, down, (counter, random), query),
        ("down empty", "An empty body seals.", &first, down, (3, random), Vec::new()),
        ("down second epoch", "The numbers of an epoch start at 1.", &second, down, (1, [0; 16]), unlock()?),
        (
            "down last epoch",
            "The largest epoch and number.",
            &last,
            down,
            (u64::MAX - 1, [0xff; 16]),
            unlock()?,
        ),
        ("up first", "A receipt.", &first, up, (0, hedged(&first, 3)), receipt()?),
        (
            "up next block",
            "The first number of a block that was reserved later.",
            &first,
            up,
            (64, hedged(&first, 4)),
            hint,
        ),
        ("up second epoch", "A receipt of the next epoch.", &second, up, (0, hedged(&second, 5)), receipt()?),
    ];
    let cases = list.into_iter().map(|(name, description, keys, direction, numbers, body)| {
        let packet = seal(keys, direction, numbers, &body)?;
        let fields = keys
            .fields()
            .word("direction", &direction)
            .number("counter", numbers.0)
            .hex("random", numbers.1)
            .hex("body", body)
            .hex("packet", packet);
        Ok(Case::new(name, description).with(fields))
    });
    cases.collect()
}

fn refused_case(
    name: &str,
    description: &str,
    (keys, direction): (&Keys, Direction),
    packet: &[u8],
) -> anyhow::Result<Case> {
    refusal(open_sealed::<RustCrypto>(&keys.leaves, direction, &mut packet.to_vec()))?;
    let fields = keys.fields().word("direction", &direction).hex("packet", packet).text("error", "Forged");
    Ok(Case::new(name, description).with(fields))
}

fn refused() -> anyhow::Result<Vec<Case>> {
    let keys = Keys::first()?;
    let root = keys.root;
    let mut cases = Vec::new();
    for (way, direction, other, numbers, body) in [
        ("down", Direction::Down, Direction::Up, (5, random("sealed down")), unlock()?),
        ("up", Direction::Up, Direction::Down, (64, hedged(&keys, 6)), receipt()?),
    ] {
        let genuine = seal(&keys, direction, numbers, &body)?;
        let receivers = [
            (
                "to the next epoch",
                "Of another epoch than the peer's.",
                Keys::from_root(root, LOCK_ID, 2)?,
                direction,
            ),
            (
                "to another lock",
                "Of another lock with the same root.",
                Keys::from_root(root, OTHER_LOCK_ID, 1)?,
                direction,
            ),
            ("to another root", "Of a lock with another root.", Keys::of(OTHER_LOCK_ID, 1)?, direction),
            ("reflected", "Under the leaf of the other direction.", Keys::first()?, other),
        ];
        for (name, description, peer, direction) in &receivers {
            cases.push(refused_case(&format!("{way} {name}"), description, (peer, *direction), &genuine)?);
        }
        for (name, description, packet) in alterations(&genuine) {
            cases.push(refused_case(&format!("{way} {name}"), description, (&keys, direction), &packet)?);
        }
    }
    Ok(cases)
}

/// A genuine packet, changed on the way.
fn alterations(genuine: &[u8]) -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let flipped = |place: usize, bits: u8| {
        let mut packet = genuine.to_vec();
        packet[place] ^= bits;
        packet
    };
    let last = genuine.len() - 1;
    vec![
        ("kind flipped", "The kind became that of the other direction.", flipped(1, 1)),
        ("epoch flipped", "The last bit of the epoch was changed.", flipped(5, 1)),
        ("first counter bit flipped", "The first bit of the counter was changed.", flipped(6, 0x80)),
        ("counter raised", "The last bit of the counter was changed.", flipped(13, 1)),
        ("first random bit flipped", "The first bit of the random bytes was changed.", flipped(14, 0x80)),
        ("last random bit flipped", "The last bit of the random bytes was changed.", flipped(29, 1)),
        ("body flipped", "The first bit of the body was changed.", flipped(30, 0x80)),
        ("tag flipped", "The last bit of the tag was changed.", flipped(last, 1)),
        ("truncated", "The last byte was cut off.", genuine[..last].to_vec()),
        ("truncated inside", "A byte of the body was taken out.", [&genuine[..30], &genuine[31..]].concat()),
        ("extended", "A byte was added at the end.", [genuine, &[0]].concat()),
    ]
}

fn marks() -> Vec<Case> {
    let list = [
        ("first counter", "Nothing was accepted yet.", 0, 1),
        ("counter 0", "Numbers start at 1.", 0, 0),
        ("below the mark", "Replayed.", 10, 9),
        ("at the mark", "Replayed.", 10, 10),
        ("next", "The next number.", 10, 11),
        ("before the bound", "Almost as far ahead as it may be.", 10, 10 + MAX_JUMP - 1),
        ("at the bound", "As far ahead as it may be.", 10, 10 + MAX_JUMP),
        ("past the bound", "Too far ahead.", 10, 10 + MAX_JUMP + 1),
        ("before the last number", "The last number that is used.", u64::MAX - 2, u64::MAX - 1),
        ("last number", "The last number there is, is never used.", u64::MAX - 2, u64::MAX),
        ("nothing above", "The mark is at the last number that is used.", u64::MAX - 1, u64::MAX),
    ];
    let cases = list.into_iter().map(|(name, description, mark, counter)| {
        let verdict = match HighWaterMark::from_persisted(mark).judge(counter) {
            Verdict::Fresh(_) => "Fresh",
            Verdict::AtOrBelow => "AtOrBelow",
            Verdict::TooFar => "TooFar",
        };
        let fields = Fields::new().number("mark", mark).number("counter", counter).text("verdict", verdict);
        Case::new(format!("mark {name}"), description).with(fields)
    });
    cases.collect()
}
