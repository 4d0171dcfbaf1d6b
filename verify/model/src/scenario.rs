//! What may happen, and how often: a world of its own for each group of properties, small enough to be searched to its end.

use lock_core::proto::{Action, BoltPosition, PinDigits, Policy, Seconds, Setting};

use crate::cloud::{Ask, Deed, SERIES};
use crate::door::{Code, RELOCK_MILLIS, WRONG_CODES};
use crate::honest::Honest;
use crate::world::World;

macro_rules! bounds {
    ($($(#[$doc:meta])* $name:ident: $words:literal,)*) => {
        /// How often each thing may still happen.
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub(crate) struct Left {
            $($(#[$doc])* pub(crate) $name: u8,)*
        }

        impl Left {
            /// The same with another bound; `None` where there is none of that name.
            pub(crate) fn with(mut self, name: &str, count: u8) -> Option<Self> {
                let place = match name {
                    $(stringify!($name) => &mut self.$name,)*
                    _ => return None,
                };
                *place = count;
                Some(self)
            }

            /// The bounds in words.
            pub(crate) fn words(&self) -> String {
                let all = [$((self.$name, $words)),*];
                let some = all.iter().filter(|(count, _)| *count > 0);
                some.map(|(count, words)| format!("{words} {count}")).collect::<Vec<_>>().join(", ")
            }
        }
    };
}

bounds! {
    /// The cloud answers a Hello.
    handshakes: "handshakes",
    /// It issues a command.
    commands: "commands",
    /// It says something in a session.
    records: "records",
    /// It seals something.
    seals: "sealed messages",
    /// A link comes up.
    links: "links",
    /// A packet comes once more, with a bit flipped, or to the side that made it.
    hostile: "replays, alterations and reflections",
    /// The power goes, or a record fails, or it is there although it was said to have failed.
    faults: "power cuts and failed records",
    /// Something happens while a record is being written.
    slow: "events during a write",
    /// Time passes.
    waits: "waits",
    /// The cloud's database is put back.
    restores: "restores",
    /// The cloud's process ends.
    deaths: "ends of the cloud",
    /// The lock's storage is put back as a whole.
    rollbacks: "roll-backs",
    /// The motor stalls.
    stalls: "stalls",
    /// The bolt's sensor says something else.
    senses: "sensor readings",
    /// Somebody enters a code.
    codes: "codes",
}

/// Something that must be reachable, or the search shows nothing.
pub(crate) type Witness = (&'static str, fn(&World) -> bool);

pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) properties: &'static [u8],
    pub(crate) reaches: &'static [Witness],
    /// What the cloud says in Message1, in a record, and sealed.
    pub(crate) opening: &'static [Ask],
    pub(crate) live: &'static [Ask],
    pub(crate) sealed: &'static [Ask],
    /// Whether commands that were issued come again under their ids.
    pub(crate) again: bool,
    pub(crate) waits: &'static [u64],
    pub(crate) codes: &'static [Code],
    pub(crate) senses: &'static [BoltPosition],
    pub(crate) prepare: fn(&mut World),
    /// Whether lock and cloud must agree whenever the relay becomes honest.
    pub(crate) progress: bool,
    pub(crate) small: Left,
    pub(crate) large: Left,
}

/// How far a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    Small,
    Large,
}

impl Scenario {
    /// The properties that it judges, by number.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u8> {
        self.properties.iter().copied().chain(self.progress.then_some(17))
    }

    pub(crate) fn bounds(&self, size: Size) -> Left {
        match size {
            Size::Small => self.small,
            Size::Large => self.large,
        }
    }
}

const NONE: Left = Left {
    handshakes: 0,
    commands: 0,
    records: 0,
    seals: 0,
    links: 0,
    hostile: 0,
    faults: 0,
    slow: 0,
    waits: 0,
    restores: 0,
    deaths: 0,
    rollbacks: 0,
    stalls: 0,
    senses: 0,
    codes: 0,
};

const EXECUTED: Witness = ("a command was executed", |world| !world.truth.drove.is_empty());
const CUT_OFF: Witness = ("a power cut ended a command", World::has_interrupted);
const ROTATED: Witness = ("the next epoch is in force", |world| world.cloud.keys.key_epoch().number() == 2);

pub(crate) const ALL: &[Scenario] = &[
    Scenario {
        name: "unlock",
        about: "live commands on two links",
        properties: &[1, 2, 3, 4, 7, 11, 15],
        reaches: &[EXECUTED, CUT_OFF],
        opening: &[Ask::New(Deed::Unlock), Ask::Nothing],
        live: &[Ask::New(Deed::Lock)],
        sealed: &[],
        again: true,
        waits: &[1_000, 5_001],
        codes: &[],
        senses: &[],
        prepare: |_| {},
        progress: true,
        small: Left { handshakes: 2, commands: 1, links: 2, hostile: 1, faults: 1, ..NONE },
        large: Left { handshakes: 2, commands: 2, links: 2, hostile: 2, faults: 2, ..NONE },
    },
    Scenario {
        name: "sealed",
        about: "commands by store and forward, with a cloud that is restored",
        properties: &[1, 2, 3, 4, 5, 7, 11, 12],
        reaches: &[EXECUTED, ("the cloud learnt that it was behind", |world| world.cloud.was_behind)],
        opening: &[Ask::Nothing],
        live: &[],
        sealed: &[Ask::New(Deed::Unlock), Ask::New(Deed::Configure), Ask::Marks],
        again: true,
        waits: &[1_000, 61_000],
        codes: &[],
        senses: &[],
        prepare: |_| {},
        progress: true,
        small: Left {
            handshakes: 1,
            commands: 1,
            seals: 2,
            links: 1,
            restores: 1,
            hostile: 1,
            faults: 1,
            ..NONE
        },
        large: Left {
            handshakes: 1,
            commands: 1,
            seals: 2,
            links: 1,
            restores: 1,
            hostile: 1,
            faults: 2,
            waits: 1,
            ..NONE
        },
    },
    Scenario {
        name: "roll-back",
        about: "the lock's storage is put back as a whole, and its random source works again: no nonce comes twice, what was recorded \
                live does nothing, nothing opens without the time; that a command runs once is not asserted behind it",
        properties: &[2, 7, 12],
        reaches: &[EXECUTED, ("storage was rolled back", |world| world.truth.rolled_back)],
        opening: &[Ask::New(Deed::Unlock)],
        live: &[Ask::New(Deed::Lock)],
        sealed: &[Ask::Marks],
        again: false,
        waits: &[1_000],
        codes: &[],
        senses: &[],
        prepare: |_| {},
        progress: true,
        small: Left { handshakes: 2, commands: 1, seals: 1, links: 2, rollbacks: 1, hostile: 1, ..NONE },
        large: Left {
            handshakes: 2,
            commands: 1,
            seals: 1,
            links: 2,
            rollbacks: 1,
            hostile: 2,
            faults: 1,
            ..NONE
        },
    },
    Scenario {
        name: "codes",
        about: "somebody guesses at the keypad while power comes and goes; offline codes; the automatic relock",
        properties: &[1, 4, 11, 12, 13, 15, 16],
        reaches: &[
            ("a code opened", |world| world.truth.door.has_opened),
            ("codes were refused", |world| world.truth.door.has_refused),
            ("a code that opens once opened", |world| world.truth.door.has_opened_once),
            ("the bolt was thrown by itself", |world| world.truth.door.has_relocked),
        ],
        opening: &[Ask::Nothing],
        live: &[],
        sealed: &[],
        again: false,
        waits: &[1, 30_000, 59_999],
        codes: &[Code::Right, Code::Wrong, Code::Once],
        senses: &[],
        prepare: furnish,
        progress: false,
        small: Left { codes: 4, waits: 1, faults: 1, ..NONE },
        large: Left { codes: 4, waits: 1, faults: 2, ..NONE },
    },
    Scenario {
        name: "door",
        about: "a motor that stalls and a sensor that says what it likes",
        properties: &[1, 11, 15],
        reaches: &[EXECUTED, ("it says locked", |world| world.lock.status(world.now).is_locked())],
        opening: &[Ask::New(Deed::Unlock), Ask::New(Deed::Lock)],
        live: &[Ask::New(Deed::Lock), Ask::New(Deed::Unlock)],
        sealed: &[],
        again: false,
        waits: &[1_000, 5_001],
        codes: &[],
        senses: &[
            BoltPosition::Unknown,
            BoltPosition::Extended,
            BoltPosition::Between,
            BoltPosition::Retracted,
        ],
        prepare: |_| {},
        progress: false,
        small: Left {
            handshakes: 1,
            commands: 1,
            links: 1,
            waits: 1,
            stalls: 1,
            senses: 2,
            faults: 1,
            ..NONE
        },
        large: Left {
            handshakes: 1,
            commands: 2,
            links: 1,
            waits: 1,
            stalls: 1,
            senses: 2,
            faults: 2,
            ..NONE
        },
    },
    Scenario {
        name: "rotation",
        about: "the keys are rotated; lock, cloud and relay fail where they like",
        properties: &[2, 3, 4, 7, 11],
        reaches: &[ROTATED],
        opening: &[Ask::Nothing],
        live: &[Ask::Prepare, Ask::Rotation, Ask::Commit],
        sealed: &[],
        again: false,
        waits: &[1_000],
        codes: &[],
        senses: &[],
        prepare: |_| {},
        progress: true,
        small: Left { handshakes: 2, records: 3, links: 2, faults: 1, ..NONE },
        large: Left { handshakes: 2, records: 3, links: 2, faults: 2, ..NONE },
    },
    Scenario {
        name: "old-epoch",
        about: "behind a rotation, what was said under the old keys comes to the lock",
        properties: &[2, 7, 11],
        reaches: &[ROTATED, EXECUTED],
        opening: &[Ask::Nothing],
        live: &[Ask::Prepare, Ask::Rotation, Ask::Commit, Ask::New(Deed::Unlock)],
        sealed: &[Ask::New(Deed::Lock)],
        again: false,
        waits: &[],
        codes: &[],
        senses: &[],
        prepare: agree_on_next,
        progress: false,
        small: Left { handshakes: 1, commands: 1, records: 2, seals: 1, links: 1, ..NONE },
        large: Left {
            handshakes: 1,
            commands: 1,
            records: 2,
            seals: 1,
            links: 1,
            hostile: 1,
            faults: 1,
            ..NONE
        },
    },
];

/// A lock with one code, offline codes, an early lockout and an automatic relock.
fn furnish(world: &mut World) {
    let pin = PinDigits::from_ascii(b"2468").expect("digits");
    let settings = [
        Setting::Policy(Policy { wrong_codes: WRONG_CODES, ..Policy::default() }),
        Setting::pin(0, pin),
        Setting::OfflineCodes(SERIES),
        Setting::AutoRelock(Seconds((RELOCK_MILLIS / 1_000) as u32)),
    ];
    let mut honest = Honest::with(world);
    for (version, setting) in (1..).zip(settings) {
        let session = honest.connect().expect("an honest relay");
        honest.command(session, Action::Configure { version, setting }).expect("a lock that obeys");
    }
    world.relocks = true;
    world.begin_here();
    Honest::with(world).connect().expect("an honest relay");
    world.forget_packets();
}

/// A lock and a cloud that have agreed on the next epoch, in a session that goes on.
fn agree_on_next(world: &mut World) {
    Honest::with(world).prepare().expect("an honest relay");
    world.forget_packets();
}
