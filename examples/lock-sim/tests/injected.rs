//! Faults in a simulated lock: what it then reports of itself is a fixture, and is found.
//!
//! The fixtures `lock-diagnosis/fixtures/sim-*.json` are made by this test: `UPDATE_FIXTURES=1 cargo test -p lock-sim --test injected`
//! writes them anew. Without it the test compares.

#[path = "injected/cases.rs"]
mod cases;

use std::path::Path;

use lock_core::crypto::{LockId, RootKey, RustCrypto};
use lock_core::proto::{
    Action, BoltPosition, BootReason, Health, Millivolts, PinDigits, Seconds, Setting, UnixMillis,
};
use lock_core::state::InsideButton;
use lock_diagnosis::{Chapter, Installation, Item, ItemResult, Signs, Step, Task, diagnose};
use lock_sim::controller::{Controller, Steady, provision};
use lock_sim::hardware::{Door, Moment, Press, Strike, World};
use lock_sim::owner::Owner;
use lock_store::host::MemoryFlash;
use serde_json::{Value, json};

/// Thursday, 15 January 2026, 10:00 UTC.
const NOW: UnixMillis = UnixMillis(1_768_471_200_000);

/// A lock in a closed door, with its owner.
struct Rig {
    lock: Controller<MemoryFlash<4, 8192>>,
    owner: Owner,
}

impl Rig {
    fn new() -> Self {
        Self::with_cells(Millivolts(6_300))
    }

    /// With these cells from its first minute on.
    fn with_cells(together: Millivolts) -> Self {
        let lock_id = LockId(*b"a lock with flaw");
        let root = RootKey::from_bytes::<RustCrypto>(std::array::from_fn(|i| 3 * i as u8 + 1), lock_id)
            .expect("a root");
        let mut flash = MemoryFlash::<4, 8192>::new(4);
        provision(&mut flash, &root, lock_id, &[1; 32]).expect("a lock");
        let mut world = World::new(Moment(0));
        world.replace_battery(together);
        let lock = Controller::boot(flash, world, [2; 32]).expect("a boot");
        let mut rig = Self { lock, owner: Owner::of(&root, lock_id) };
        rig.owner.time = Some(NOW);
        rig.wait(1_000);
        rig.set(Setting::pin(0, pin("482915")));
        rig.wait(1_000);
        rig
    }

    fn wait(&mut self, millis: u64) {
        let until = self.lock.world().now().plus(millis);
        self.lock.step(until, &mut Steady).expect("the lock runs");
    }

    fn set(&mut self, setting: Setting) {
        self.owner.set(&mut self.lock, setting, &mut Steady).expect("the owner is heard");
    }

    fn order(&mut self, action: Action) {
        self.owner.order(&mut self.lock, action, &mut Steady).expect("the owner is heard");
        self.wait(15_000);
    }

    fn code(&mut self, digits: &str) {
        self.lock.world_mut().press(Press::Code(pin(digits)));
        self.wait(3_000);
    }

    fn lock_by_button(&mut self) {
        self.lock.world_mut().press(Press::LockButton);
        self.wait(20_000);
    }

    fn reboot(self, reason: BootReason) -> Self {
        let mut rig = Self { lock: self.lock.reboot(reason, [4; 32]).expect("it starts"), owner: self.owner };
        rig.wait(1_000);
        rig
    }

    /// So many days in which nobody touches the lock.
    fn days(&mut self, days: u64) {
        self.wait(days * 24 * 3_600_000);
    }

    fn tell_time(&mut self) {
        self.owner.health(&mut self.lock, &mut Steady).expect("a report");
    }

    fn report(&mut self) -> Health {
        // Whoever fetches a report tells the lock the time: what is asked for is the lock as it was.
        self.owner.time = None;
        self.owner.health(&mut self.lock, &mut Steady).expect("a report")
    }
}

fn pin(digits: &str) -> PinDigits {
    PinDigits::from_ascii(digits.as_bytes()).expect("digits")
}

/// The fields in which `report` differs from a lock that knows nothing.
fn difference(report: &Value, nothing: &Value) -> Option<Value> {
    match (report, nothing) {
        (Value::Object(report), Value::Object(nothing)) => {
            let fields = report.iter().filter_map(|(name, value)| {
                let differs =
                    nothing.get(name).map_or(Some(value.clone()), |nothing| difference(value, nothing))?;
                Some((name.clone(), differs))
            });
            let fields: serde_json::Map<_, _> = fields.collect();
            (!fields.is_empty()).then_some(Value::Object(fields))
        }
        _ => (report != nothing).then(|| report.clone()),
    }
}

#[test]
fn each_fault_in_the_simulated_lock_is_found_in_what_it_reports() {
    let nothing = serde_json::to_value(Health::default()).expect("JSON");
    let mut wrong = vec![];
    for case in cases::all() {
        let report = (case.inject)(Rig::new()).report();
        let findings = diagnose(&Signs::from_report(&report));
        let first = findings.first().map(|finding| (finding.cause(), finding.next_step()));
        let ranked: Vec<_> = findings.iter().map(|finding| (finding.cause(), finding.weight())).collect();
        let is_found = first == Some((case.cause, case.step))
            && findings.first().is_some_and(|finding| finding.confidence() >= case.confidence);
        if !is_found {
            wrong.push(format!("{}: {first:?} of {ranked:?} in {report:?}", case.name));
            continue;
        }

        let fixture = json!({
            "source": format!("with lock-sim: {}", case.fault),
            "report": difference(&serde_json::to_value(report).expect("JSON"), &nothing),
            "expect": { "cause": case.cause, "confidence": case.confidence, "step": case.step },
        });
        let text = serde_json::to_string_pretty(&fixture).expect("JSON") + "\n";
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../lock-diagnosis/fixtures")
            .join(case.name)
            .with_extension("json");
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            std::fs::write(&path, &text).expect("the fixture is written");
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(
            committed,
            text,
            "{}: the lock reports something else than the fixture says",
            path.display()
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_lock_without_a_fault_has_no_finding() {
    let mut rig = Rig::new();
    rig.lock_by_button();
    rig.code("482915");
    assert_eq!(rig.lock.status().bolt.value, BoltPosition::Retracted);
    rig.lock.world_mut().move_door(Door::Open).expect("it is unlocked");
    rig.wait(Seconds(30).as_millis());
    rig.lock.world_mut().move_door(Door::Closed).expect("the bolt is withdrawn");
    rig.lock_by_button();
    let report = rig.report();
    let findings = diagnose(&Signs::from_report(&report));
    let found: Vec<_> = findings.iter().map(lock_diagnosis::Finding::cause).collect();
    assert!(found.is_empty(), "{found:?} in {report:#?}");
}

/// Whoever installs a lock has done all that hands can do, and starts the self-test inside.
fn self_tested(rig: &mut Rig) -> Installation {
    let mut installation = Installation::default();
    while let Task::Ask(item) = installation.task() {
        installation.note(item, ItemResult::Passed).expect("an item for people");
    }
    rig.lock.world_mut().press(Press::Inside(InsideButton::SelfTest));
    rig.wait(60_000);
    installation.report(&rig.report());
    while let Task::Ask(item) = installation.task() {
        assert_eq!(item.chapter(), Chapter::Indicators);
        installation.note(item, ItemResult::Passed).expect("an item for people");
    }
    installation
}

#[test]
fn the_self_test_of_a_sound_lock_ends_its_installation() {
    assert_eq!(self_tested(&mut Rig::new()).task(), Task::Done);
}

#[test]
fn the_self_test_of_a_lock_with_a_misaligned_strike_leads_to_the_strike() {
    let mut rig = Rig::new();
    rig.lock.world_mut().set_strike(Strike::Misaligned);
    let task = self_tested(&mut rig).task();
    assert_eq!(task, Task::Mend { item: Item::MotorOut, step: Step::AdjustStrike });
    rig.lock.world_mut().set_strike(Strike::Aligned);
    assert_eq!(self_tested(&mut rig).task(), Task::Done);
}
