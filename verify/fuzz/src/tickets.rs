//! Virtual keys, issued, narrowed by honest and dishonest holders, and used at a lock: none ever does what its conditions do not all allow.

mod conditions;

use std::collections::BTreeSet;

use arbitrary::{Arbitrary, Unstructured};
use lock_core::cloud::NewTicket;
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::crypto::{ChainTag, Delivery, Key, RustCrypto, Suite};
use lock_core::proto::{
    Action, Answer, BoltPosition, CommandId, MAX_PACKET, Outcome, Query, Reason, Reply, Request, Ticket,
    TicketRights, UnixMillis,
};
use lock_core::state::Drive;
use lock_core::virtual_key::{LINK_BYTES, VirtualKey};

use crate::pair::{Did, EPOCH_MILLIS, Pair};
use conditions::{Said, Terms};

/// Where the ticket begins in a Message1.
const TICKET: usize = 6;
/// Where the tag lies in the bytes of a link, and where its ticket begins.
const LINK_TAG: std::ops::Range<usize> = 54..86;
const LINK_CHECK: usize = 4;
const SERIAL: u64 = 7;
/// The secret of a holder.
const HOLDER: [u8; 32] = [0x48; 32];
const STEPS: usize = 24;

/// What a holder says in a block: as the library writes it, or whatever bytes.
#[derive(Arbitrary, Debug)]
enum Block {
    Said(Said),
    Bytes(Vec<u8>),
}

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Lock,
    Unlock,
    Unlatch,
    Status,
}

#[derive(Arbitrary, Debug)]
enum Step {
    /// The key of this level is used.
    Use {
        level: u8,
        wish: Wish,
    },
    /// The same, with a byte of its message altered.
    Altered {
        level: u8,
        at: u16,
        by: u8,
    },
    /// The same, with other blocks behind its root.
    OtherBlocks {
        level: u8,
        blocks: Vec<u8>,
    },
    Minutes(u16),
    /// The cloud tells the time.
    Told,
    PowerCut,
    Revoked,
    Denied,
}

#[derive(Arbitrary, Debug)]
struct Life {
    root: Said,
    is_bound: bool,
    blocks: Vec<Block>,
    steps: Vec<Step>,
}

pub(crate) fn take(bytes: &[u8]) {
    let Ok(Life { root, is_bound, blocks, steps }) = Unstructured::new(bytes).arbitrary() else { return };
    let mut door = Door::new();
    let issued = door.now();
    let conditions = root.conditions(issued);
    let new = NewTicket { serial: SERIAL, issued, epoch: 0, conditions };
    let secret = Key::from_bytes(HOLDER);
    let Ok(key) = door.pair.keys.issue(&new, is_bound.then_some(&secret), &[3; 32]) else { return };
    let mut keys = vec![(key.bind(&secret), Terms::of_root(&conditions))];
    for block in &blocks {
        let (key, terms) = keys.last().expect("the root");
        let Some(next) = narrowed(key, terms, block, issued) else { break };
        keys.push(next);
    }
    for step in steps.iter().take(STEPS) {
        door.take(step, &keys);
    }
}

/// The key of the next level, and what it may do.
fn narrowed(
    key: &VirtualKey,
    terms: &Terms,
    block: &Block,
    issued: UnixMillis,
) -> Option<(VirtualKey, Terms)> {
    match block {
        Block::Said(said) => {
            let conditions = said.conditions(issued);
            Some((key.narrow(&conditions).ok()?, terms.narrowed(&conditions)))
        }
        Block::Bytes(block) => Some((by_hand(key, block)?, terms.narrowed_by(block))),
    }
}

/// A holder knows the tag of the own key: it makes one of any block.
fn by_hand(key: &VirtualKey, block: &[u8]) -> Option<VirtualKey> {
    let mut bytes = [0; LINK_BYTES];
    let bytes = key.to_bytes(&mut bytes).ok()?;
    let mut said = bytes[..bytes.len() - LINK_CHECK].to_vec();
    let tag = ChainTag::<RustCrypto>::from_key(Key::from_bytes(said[LINK_TAG].try_into().ok()?));
    said[LINK_TAG].copy_from_slice(tag.narrow(block).expose().expose());
    said.push(u8::try_from(block.len()).ok()?);
    said.extend_from_slice(block);
    let check = RustCrypto::hash(&[b"lk1/link\0", &said]);
    said.extend_from_slice(&check[..LINK_CHECK]);
    VirtualKey::from_bytes(&said).ok()
}

/// A lock, and what is known of it from outside.
struct Door {
    pair: Pair,
    command: u64,
    /// When the cloud last told the time.
    told: Option<UnixMillis>,
    /// Whether that was in this boot, so that the lock trusts its clock.
    is_told: bool,
    is_revoked: bool,
    /// The levels whose single use was made.
    used: BTreeSet<usize>,
    sealed: u64,
}

impl Door {
    fn new() -> Self {
        let mut pair = Pair::new();
        let _ = pair.session(Request::Nothing);
        let told = Some(UnixMillis(EPOCH_MILLIS + pair.world_millis));
        Self { pair, command: 0, told, is_told: true, is_revoked: false, used: BTreeSet::new(), sealed: 0 }
    }

    fn now(&self) -> UnixMillis {
        UnixMillis(EPOCH_MILLIS + self.pair.world_millis)
    }

    fn take(&mut self, step: &Step, keys: &[(VirtualKey, Terms)]) {
        let chosen = |level: &u8| {
            let level = usize::from(*level) % keys.len();
            (&keys[level].0, &keys[level].1)
        };
        match step {
            Step::Use { level, wish } => {
                let (key, terms) = chosen(level);
                self.use_it(key, terms, *wish);
            }
            Step::Altered { level, at, by } => {
                let key = chosen(level).0;
                self.in_vain(key, |packet| {
                    let at = usize::from(*at) % packet.len();
                    packet[at] ^= by;
                });
            }
            Step::OtherBlocks { level, blocks } => {
                let key = chosen(level).0;
                let root = Ticket::ROOT_OVERHEAD + usize::from(key.ticket()[1]);
                self.in_vain(key, |packet| {
                    let end = TICKET + key.ticket().len();
                    packet.splice(TICKET + root..end, blocks.iter().copied());
                    let length = u16::try_from(root + blocks.len()).unwrap_or(u16::MAX);
                    packet[TICKET - 2..TICKET].copy_from_slice(&length.to_be_bytes());
                });
            }
            Step::Minutes(minutes) => self.pair.wait(u64::from(*minutes) * 60_000),
            // A clock that would jump far ahead believes the second time.
            Step::Told => {
                let _ = self.pair.session(Request::Nothing);
                let _ = self.pair.session(Request::Nothing);
                (self.told, self.is_told) = (Some(self.now()), true);
            }
            Step::PowerCut => {
                self.pair.cut_power(BoltPosition::Extended);
                self.is_told = false;
            }
            Step::Revoked => self.order(Action::RevokeTickets { epoch: 1 }),
            Step::Denied => self.order(Action::DenyTicket { epoch: 0, serial: SERIAL }),
        }
    }

    /// By the cloud, sealed; the key is dead from then on, or was before.
    fn order(&mut self, action: Action) {
        self.sealed += 1;
        self.command += 1;
        let request = Request::Command { id: CommandId(self.command), action };
        let packet = self.pair.seal(self.sealed, request);
        self.pair.deliver(&packet);
        self.is_revoked = true;
    }

    /// The bolt is thrown and at rest, so that whatever opens moves it.
    fn make_ready(&mut self) {
        self.pair.wait(20_000);
        self.pair.sense(BoltPosition::Extended);
        self.pair.wait(20_000);
        self.pair.did.clear();
    }

    fn message1(
        &mut self,
        key: &VirtualKey,
        request: Request,
    ) -> Option<(Vec<u8>, lock_core::cloud::Connecting)> {
        let hello = self.pair.hello();
        self.pair.attempt += 1;
        let hedge = InitiatorHedge { attempt: self.pair.attempt, entropy: self.pair.entropy };
        let mut packet = [0; MAX_PACKET];
        // A request that does not fit behind its ticket is not sent.
        let (length, connecting) = key.connect(&hello, request, &hedge, &mut packet).ok()?;
        Some((packet[..length].to_vec(), connecting))
    }

    /// What somebody did to the message of a key: silence, and a bolt that stays, unless nothing was changed.
    fn in_vain(&mut self, key: &VirtualKey, alter: impl FnOnce(&mut Vec<u8>)) {
        self.make_ready();
        self.command += 1;
        let request = Request::Command { id: CommandId(self.command), action: Action::Unlock };
        let Some((packet, _)) = self.message1(key, request) else { return };
        let mut altered = packet.clone();
        alter(&mut altered);
        if altered == packet {
            return;
        }
        self.pair.up.clear();
        self.pair.deliver(&altered);
        assert!(self.pair.up.is_empty(), "an altered message is answered");
        assert!(!self.has_opened(), "an altered message opens");
        self.pair.wait(1_100);
    }

    fn has_opened(&self) -> bool {
        self.pair
            .did
            .iter()
            .any(|did| matches!(did, Did::Motor(Drive::Retract | Drive::PullLatch | Drive::Extend)))
    }

    fn use_it(&mut self, key: &VirtualKey, terms: &Terms, wish: Wish) {
        self.make_ready();
        self.command += 1;
        let (needed, request) = self.request(wish);
        let Some((packet, connecting)) = self.message1(key, request) else { return };
        let at = self.now();
        self.pair.up.clear();
        self.pair.deliver(&packet);
        let verdict = terms.admit(needed, at, self.told, &self.used);
        let is_allowed = verdict.is_ok() && !self.is_revoked;
        assert!(
            is_allowed || !self.has_opened(),
            "{wish:?} at {at:?}: {verdict:?}, revoked: {}",
            self.is_revoked
        );
        let answer = self.pair.up.pop_front().map(|mut message2| {
            let opened = connecting.finish(&mut message2, Delivery::Ordered, self.pair.cloud_now());
            opened.expect("whom the lock answers can read it").0.into_inner()
        });
        let is_told = matches!(&answer, Some(Answer { reply: Reply::Status(_), .. }));
        assert!(is_allowed || !is_told, "the status is told: {verdict:?}, revoked: {}", self.is_revoked);
        if self.has_opened() && matches!(wish, Wish::Unlock | Wish::Unlatch) {
            self.used.extend(terms.single_use());
        }
        // What is allowed with time to spare is not refused for the sake of the key.
        let minute = UnixMillis(at.0 + 60_000);
        let is_allowed_for_long = is_allowed
            && self.is_told
            && self.told.is_some_and(|told| at.0 - told.0 < 3_600_000)
            && terms.admit(needed, minute, self.told, &self.used).is_ok()
            && terms.admit(needed, UnixMillis(at.0 - 60_000), self.told, &self.used).is_ok();
        if is_allowed_for_long {
            let answer = answer.expect("a key that is allowed is answered");
            assert!(!is_refused(&answer), "{wish:?} at {at:?}: {answer:?}");
        }
    }

    fn request(&self, wish: Wish) -> (TicketRights, Request) {
        let command = |action| Request::Command { id: CommandId(self.command), action };
        match wish {
            Wish::Lock => (TicketRights::LOCK, command(Action::Lock)),
            Wish::Unlock => (TicketRights::UNLOCK, command(Action::Unlock)),
            Wish::Unlatch => (TicketRights::UNLATCH.or(TicketRights::UNLOCK), command(Action::Unlatch)),
            Wish::Status => (TicketRights::STATUS, Request::Query(Query::Status)),
        }
    }
}

/// Whether the key itself was the reason.
fn is_refused(answer: &Answer) -> bool {
    if let Reply::Command { outcome: Outcome::Refused(reason), .. } = answer.reply {
        return matches!(
            reason,
            Reason::NotPermitted
                | Reason::InvalidTicket
                | Reason::TicketRevoked
                | Reason::TicketStale
                | Reason::OutsideValidity
                | Reason::OutsideSchedule
                | Reason::ClockNotTrusted
        );
    }
    let is_told_to_holders =
        matches!(answer.reply, Reply::Command { .. } | Reply::Status(_) | Reply::NotUnderstood);
    assert!(is_told_to_holders, "a holder is told {:?}", answer.reply);
    answer.reply == Reply::NotUnderstood
}
