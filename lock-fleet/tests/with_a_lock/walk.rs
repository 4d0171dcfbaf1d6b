//! Long random lives: losses on every leg, restarts of the service, power cuts of the lock, restored copies.

use std::collections::{HashMap, HashSet};

use lock_core::cloud::Comparison;
use lock_fleet::proto::{BoltPosition, CommandId, Kind, Outcome, Packet, Reason, Table, User, UserStatus};
use lock_fleet::{
    Caught, CommandKind, CommandState, ForeignItems, Item, ItemStanding, LiveAnswer, LiveStart, Path,
    QueueOptions, Task,
};

use crate::items::{compare, restore};
use crate::queued::relock;
use crate::world::{LOCK, World, action, token};

/// A small reproducible source of choices (Knuth's MMIX generator).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn is_lost(&mut self) -> bool {
        self.roll(4) == 0
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Copies {
    Never,
    Restored,
}

struct Walk {
    world: World,
    dice: Dice,
    copies: Copies,
    /// Live wishes of which no outcome is known yet.
    open: Vec<(String, Task)>,
    /// What relays keep back.
    late: Vec<Vec<u8>>,
    /// How often the motor ran for each wish.
    runs: HashMap<String, usize>,
    wishes: u32,
}

impl Walk {
    fn new(seed: u64, copies: Copies) -> Self {
        let mut world = World::new();
        world.back_up();
        Self {
            world,
            dice: Dice(seed),
            copies,
            open: Vec::new(),
            late: Vec::new(),
            runs: HashMap::new(),
            wishes: 0,
        }
    }

    fn step(&mut self) {
        self.world.pass(1_500 + self.dice.roll(30_000));
        match self.dice.roll(16) {
            0..=5 => self.live(),
            6..=7 => {
                self.wishes += 1;
                let setting = match self.dice.roll(3) {
                    0 => relock(self.wishes),
                    1 => Task::SetUser { slot: self.dice.roll(4) as u8, user: self.user() },
                    _ => Task::Clear { table: Table::Users, slot: self.dice.roll(4) as u8 },
                };
                let (mut options, now) =
                    (QueueOptions::new(token(&format!("queued-{}", self.wishes)), "anna"), self.world.now());
                if self.dice.roll(3) == 0 {
                    options = options.not_after(now.unix.plus_millis(self.dice.roll(60_000)));
                }
                self.world.fleet().queue(LOCK, setting, options, now).unwrap();
            }
            8..=12 => self.deliver(),
            13 if self.dice.roll(3) == 0 => self.withdraw(),
            13 => self.world.restart(),
            14 if self.dice.roll(4) == 0 => self.reset(),
            14 if self.dice.roll(2) == 0 => self.compare(),
            14 => self.world.lock.reboot(self.world.millis),
            _ if self.copies == Copies::Never => {}
            _ if self.dice.roll(2) == 0 => self.world.back_up_again(),
            _ => {
                // Whoever asked before the copy's owner lost its memory asks anew, under fresh tokens.
                self.open.clear();
                self.late.clear();
                self.world.restore();
            }
        }
    }

    /// One who is enabled or disabled by turns, so that an older value is told from a newer one.
    fn user(&self) -> User {
        let status = if self.wishes.is_multiple_of(2) { UserStatus::Enabled } else { UserStatus::Disabled };
        User { status, ..User::default() }
    }

    /// Somebody changes their mind about one of the commands that are open.
    fn withdraw(&mut self) {
        let commands = self.world.fleet().commands(LOCK, CommandId(0), 100_000).unwrap();
        let open: Vec<_> = commands.iter().filter(|c| c.state.is_open() && c.path == Path::Queued).collect();
        if !open.is_empty() {
            let id = open[self.dice.roll(open.len() as u64) as usize].id;
            let now = self.world.now();
            self.world.fleet().withdraw(LOCK, id, "anna", now).unwrap();
        }
    }

    fn wish(&mut self) -> (String, Task) {
        if !self.open.is_empty() && self.dice.roll(2) == 0 {
            let place = self.dice.roll(self.open.len() as u64) as usize;
            return self.open.swap_remove(place);
        }
        self.wishes += 1;
        let is_open = self.world.lock.bolt() == BoltPosition::Retracted;
        (format!("live-{}", self.wishes), if is_open { Task::Lock } else { Task::Unlock })
    }

    fn live(&mut self) {
        let (name, task) = self.wish();
        let (hello, now) = (self.world.lock.connect(self.world.millis), self.world.now());
        let start = self.world.fleet().begin_live(LOCK, &hello, action(task.clone(), &name), now).unwrap();
        let LiveStart::Send(attempt) = start else { return };
        if self.dice.is_lost() {
            return self.open.push((name, task));
        }
        let before = self.world.lock.runs.len();
        let mut sent = self.world.lock.bring(attempt.packet(), self.world.millis);
        *self.runs.entry(name.clone()).or_default() += self.world.lock.runs.len() - before;
        assert!(self.runs[&name] <= 1, "{name} ran twice\n{}", self.world.audit());
        if self.dice.is_lost() {
            return self.open.push((name, task));
        }
        let message2 = sent.remove(0);
        let mut finish = self.world.fleet().finish_live(attempt, &message2, now).unwrap();
        assert!(self.copies == Copies::Restored || finish.caught == Caught::Level, "{:?}", finish.caught);
        match finish.answer {
            LiveAnswer::SendAgain { .. } => {
                assert_eq!(self.runs[&name], 0, "{name} is said not to have run\n{}", self.world.audit());
                self.open.push((name, task));
            }
            LiveAnswer::Command { outcome: Outcome::Done | Outcome::Started, repeat, .. } => {
                let target =
                    if task == Task::Lock { BoltPosition::Extended } else { BoltPosition::Retracted };
                let ran = self.runs[&name] == 1 || self.world.lock.bolt() == target;
                assert!(ran || repeat, "{name} is said to have run\n{}", self.world.audit());
                for record in sent {
                    self.world.fleet().open_live(&mut finish.session, &record, now).unwrap();
                }
            }
            LiveAnswer::Command { .. } => {}
            LiveAnswer::Connected
            | LiveAnswer::Update(_)
            | LiveAnswer::Wanted(_)
            | LiveAnswer::Compared(_)
            | LiveAnswer::BackedUp(_)
            | LiveAnswer::Log(_)
            | LiveAnswer::Status(_)
            | LiveAnswer::Health(_)
            | LiveAnswer::Rotation(_)
            | LiveAnswer::NotUnderstood => {
                panic!("{:?}", finish.answer)
            }
        }
    }

    fn deliver(&mut self) {
        let now = self.world.now();
        let outgoing = self.world.fleet().sealed_for(LOCK, now).unwrap();
        self.world.note(&outgoing);
        self.world.lock.connect(self.world.millis);
        for outgoing in outgoing {
            if self.dice.is_lost() {
                continue;
            }
            for packet in self.world.lock.bring(&outgoing.packet, self.world.millis) {
                let is_sealed = Packet::parse(&packet).unwrap().kind() == Kind::SealedUp;
                if is_sealed && self.dice.is_lost() {
                    self.late.push(packet);
                } else if is_sealed {
                    self.world.fleet().ingest(LOCK, &packet, "a phone", now).unwrap();
                }
            }
        }
    }

    /// After a comparison the audit tells of whatever the lock has that is of no command here, whatever is on its way to that place.
    fn compare(&mut self) {
        compare(&mut self.world);
        let audit = self.world.audit();
        let commands = self.world.fleet().commands(LOCK, CommandId(0), 100_000).unwrap();
        for Item { table, slot, held, .. } in self.world.fleet().items(LOCK).unwrap() {
            assert_eq!(held, self.world.lock.item_version(table, slot), "{audit}");
            let is_known = held == 0 || commands.iter().any(|command| command.kind.version() == Some(held));
            let is_told = audit.lines().any(|line| {
                line.contains(&format!("compare item {slot} of {table:?} |"))
                    && line.ends_with(&format!("the lock has version {held}"))
            });
            assert!(is_known || is_told, "version {held} of slot {slot} of {table:?}\n{audit}");
        }
    }

    /// The configuration versions of commands that were withdrawn, and that a relay may have brought all the same.
    fn withdrawn(&mut self) -> Vec<u32> {
        let commands = self.world.fleet().commands(LOCK, CommandId(0), 100_000).unwrap();
        let withdrawn = commands.into_iter().filter(|command| command.state == CommandState::Expired);
        withdrawn.filter_map(|command| command.kind.version()).collect()
    }

    /// Somebody resets the lock between two comparisons. What relays bring late is older than that, and hides no loss.
    fn reset(&mut self) {
        self.compare();
        self.world.millis = self.world.lock.factory_reset(self.world.millis);
        self.world.pass(1_000);
        self.compare();
        // Of a withdrawn command the first comparison does not know that the lock did it: its receipt is news.
        let withdrawn = self.withdrawn();
        let now = self.world.now();
        for packet in std::mem::take(&mut self.late) {
            self.world.fleet().ingest(LOCK, &packet, "a slow phone", now).unwrap();
        }
        for item in self.world.fleet().items(LOCK).unwrap() {
            assert!(item.held == 0 || withdrawn.contains(&item.held), "{item:?}\n{}", self.world.audit());
        }
    }

    /// Without further losses everything queued comes to its end.
    fn come_to_rest(&mut self) {
        for _ in 0..30 {
            self.world.pass(61_000);
            self.world.deliver();
        }
        assert_eq!(self.world.fleet().pending(LOCK).unwrap(), 0, "{}", self.world.audit());
        let commands = self.world.fleet().commands(LOCK, CommandId(0), 100_000).unwrap();
        let is_done = |state| state == CommandState::Settled(Outcome::Done);
        let newest = commands.iter().rfind(|c| c.kind.version().is_some() && is_done(c.state));
        assert!(commands.iter().all(|c| c.kind.version().is_none() || !c.state.is_open()));
        if let Some(newest) = newest {
            let configuration = self.world.fleet().lock(LOCK).unwrap().configuration;
            assert!(newest.kind.version().unwrap() <= configuration);
        }
        let unique: HashSet<_> = self.world.nonces.iter().collect();
        assert_eq!(unique.len(), self.world.nonces.len(), "a nonce repeats");
        self.agrees_at_last();
        assert!(!self.world.audit().contains("alarm"), "{}", self.world.audit());
    }

    /// After a comparison the list of items is what the lock has, and after a restore all of it is as wanted.
    fn agrees_at_last(&mut self) {
        self.compare();
        for item in self.world.fleet().items(LOCK).unwrap() {
            let version = self.world.lock.item_version(item.table, item.slot);
            assert_eq!(item.held, version, "{item:?}\n{}", self.world.audit());
            let wanted = item.wanted.filter(|_| item.standing == ItemStanding::Applied);
            let clears =
                matches!(wanted, None | Some(CommandKind::Clear { .. } | CommandKind::ClearPin { .. }));
            let expected = if clears { 0 } else { wanted.and_then(|kind| kind.version()).unwrap() };
            assert!(
                item.standing != ItemStanding::Applied || version == expected,
                "{item:?}\n{}",
                self.world.audit()
            );
        }
        let wishes = self.wishes_that_stand();
        let restored = restore(&mut self.world, ForeignItems::Clear);
        assert!(restored.needs_code.is_empty());
        for _ in 0..3 {
            self.world.pass(61_000);
            self.world.deliver();
        }
        for item in self.world.fleet().items(LOCK).unwrap() {
            if let Some(wish) = wishes.get(&(item.table, item.slot)) {
                let wanted = item.wanted.map(|kind| kind.with_version(0));
                assert_eq!(wanted, Some(*wish), "{item:?}\n{}", self.world.audit());
            }
        }
        let withdrawn = self.withdrawn();
        for item in self.world.fleet().items(LOCK).unwrap() {
            // Settings that only a lost copy has set, or a relay after they were withdrawn, stay: they are never cleared.
            let stays = self.copies == Copies::Restored
                || item.table == Table::Settings && withdrawn.contains(&item.held);
            let is_good =
                item.standing == ItemStanding::Applied || stays && item.standing != ItemStanding::Pending;
            assert!(is_good, "{item:?}\n{}", self.world.audit());
        }
        assert_eq!(compare(&mut self.world), (Comparison::Agreed, 1), "{}", self.world.audit());
    }

    /// What is wanted of each item by the newest command that was neither withdrawn nor refused for what it is, whatever became of it.
    fn wishes_that_stand(&mut self) -> HashMap<(Table, u8), CommandKind> {
        let commands = self.world.fleet().commands(LOCK, CommandId(0), 100_000).unwrap();
        let mut wishes = HashMap::new();
        for item in self.world.fleet().items(LOCK).unwrap() {
            let Some(wanted) = item.wanted else { continue };
            let state = commands.iter().rfind(|command| command.kind == wanted).unwrap().state;
            let is_refused = matches!(
                state,
                CommandState::Settled(Outcome::Refused(reason))
                    if !matches!(reason, Reason::Expired | Reason::ClockNotTrusted)
            );
            let stands = !is_refused && state != CommandState::Expired;
            if stands {
                wishes.insert((item.table, item.slot), wanted.with_version(0));
            }
        }
        wishes
    }
}

fn walk(seeds: std::ops::Range<u64>, copies: Copies) {
    for seed in seeds {
        let mut walk = Walk::new(seed, copies);
        for _ in 0..60 {
            walk.step();
        }
        walk.come_to_rest();
    }
}

#[test]
fn whatever_is_lost_or_restarted_each_wish_runs_at_most_once_and_comes_to_an_end() {
    walk(0..12, Copies::Never);
}

#[test]
fn the_same_holds_when_older_copies_of_the_database_are_restored_again_and_again() {
    walk(100..124, Copies::Restored);
}
