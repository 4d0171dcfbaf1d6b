//! Controller and hardware without threads, sockets or clocks.

use lock_core::cloud::Monotonic;
use lock_core::crypto::{Delivery, LockId, RootKey, RustCrypto};
use lock_core::device::{LinkId, RecordTag};
use lock_core::proto::{
    Action, Alarm, BoltPosition, Event, Kind, Outcome, Packet, PinDigits, Query, Reason, ReportBody, Request,
    Setting, UnixMillis,
};
use lock_core::state::{Drive, Indication};
use lock_sim::controller::{
    Boundary, Controller, Fact, Harness, ProvisionError, Side, StartError, StepError, Verdict, Work,
    provision,
};
use lock_sim::hardware::{self, Door, Moment, Press, Strike, World};
use lock_store::host::MemoryFlash;

use crate::cloud::{Cloud, finish, outcome};

const LINK: LinkId = LinkId(0);

type Flash = MemoryFlash<4, 8192>;

/// Keeps what the lock does, and cuts the power where told.
#[derive(Default)]
struct Witness {
    sent: Vec<Vec<u8>>,
    closed: Vec<LinkId>,
    facts: Vec<Fact>,
    passed: Vec<Boundary>,
    cut_at: Option<Boundary>,
}

impl Harness for Witness {
    fn transmit(&mut self, _link: LinkId, packet: &[u8]) {
        self.sent.push(packet.to_vec());
    }

    fn close(&mut self, link: LinkId) {
        self.closed.push(link);
    }

    fn note(&mut self, fact: &Fact) {
        self.facts.push(fact.clone());
    }

    fn boundary(&mut self, boundary: Boundary) -> Verdict {
        self.passed.push(boundary);
        if self.cut_at == Some(boundary) { Verdict::CutPower } else { Verdict::GoOn }
    }
}

/// In a smaller one a full table of users would leave no room for the record of the next command.
#[test]
fn a_chip_becomes_a_lock_from_sectors_of_5088_bytes_on() {
    let (root, lock_id) = root();
    let too_small = provision(&mut MemoryFlash::<8, 5080>::new(4), &root, lock_id, &[1; 32]);
    assert!(matches!(too_small, Err(ProvisionError::SectorsTooSmall)));
    provision(&mut MemoryFlash::<8, 5088>::new(4), &root, lock_id, &[1; 32]).unwrap();
}

/// A lock at a test's hand, with its cloud.
struct Bench<'f> {
    lock: Controller<&'f mut Flash>,
    cloud: Cloud,
    witness: Witness,
}

fn root() -> (RootKey, LockId) {
    let lock_id = LockId(*b"lock number 0001");
    let root = RootKey::from_bytes::<RustCrypto>(*b"32 bytes from a random source...", lock_id).unwrap();
    (root, lock_id)
}

fn new_flash() -> Flash {
    let (root, lock_id) = root();
    let mut flash = Flash::new(4);
    provision(&mut flash, &root, lock_id, &[1; 32]).unwrap();
    flash
}

impl<'f> Bench<'f> {
    fn boot(flash: &'f mut Flash, world: World) -> Self {
        let (root, lock_id) = root();
        let lock = Controller::boot(flash, world, [2; 32]).unwrap();
        let mut bench = Self { lock, cloud: Cloud::of(&root, lock_id), witness: Witness::default() };
        bench.pass(1);
        bench
    }

    fn try_pass(&mut self, millis: u64) -> Result<(), StepError> {
        let now = self.lock.world().now().plus(millis);
        self.lock.step(now, &mut self.witness)
    }

    fn pass(&mut self, millis: u64) {
        self.try_pass(millis).unwrap();
    }

    fn hello(&mut self) -> Vec<u8> {
        self.lock.link_up(LINK, Delivery::Ordered);
        self.pass(1);
        self.witness.sent.pop().expect("a Hello")
    }

    fn motor_runs(&self) -> u64 {
        self.lock.world().truth().motor_runs
    }
}

#[test]
fn an_unlock_of_the_cloud_moves_the_bolt_and_the_sensor_says_when_it_is_done() {
    let mut flash = new_flash();
    let mut world = World::new(Moment(0));
    world.turn(hardware::Side::Thrown).unwrap();
    world.advance(Moment(1_000));
    let mut bench = Bench::boot(&mut flash, world);
    let hello = bench.hello();
    let unlock = bench.cloud.command(Action::Unlock);
    let (message1, connecting) = bench.cloud.connect(&hello, unlock);
    bench.lock.receive(LINK, message1);
    bench.pass(0);

    let (answer, mut session) = finish(connecting, bench.witness.sent.remove(0));
    let (id, started, repeat) = outcome(&answer.reply);
    assert_eq!((started, repeat, bench.motor_runs()), (Outcome::Started, false, 1));
    assert!(bench.lock.world().motor_runs() && !bench.lock.status().is_locked());

    bench.pass(2_000);
    let open = |mut packet: Vec<u8>| session.open(&mut packet, Monotonic(2_000)).unwrap().into_inner().body;
    let reports: Vec<_> = bench.witness.sent.drain(..).map(open).collect();
    assert!(
        reports.contains(&ReportBody::Event(Event::Finished { id, outcome: Outcome::Done })),
        "{reports:?}"
    );
    assert_eq!(bench.lock.world().truth().bolt, BoltPosition::Retracted);
    assert!(!bench.lock.world().motor_runs());
}

#[test]
fn the_record_is_durable_before_the_motor_and_the_answer_comes_after_it() {
    let mut flash = new_flash();
    let mut bench = Bench::boot(&mut flash, World::new(Moment(0)));
    let hello = bench.hello();
    let lock = bench.cloud.command(Action::Lock);
    let (message1, _connecting) = bench.cloud.connect(&hello, lock);
    bench.witness.passed.clear();
    bench.lock.receive(LINK, message1);
    bench.pass(0);
    let of = |side, work| Boundary { side, work };
    let expected = [
        of(Side::Before, Work::Persist(RecordTag::Memory)),
        of(Side::After, Work::Persist(RecordTag::Memory)),
        of(Side::Before, Work::Motor(Drive::Extend)),
        of(Side::After, Work::Motor(Drive::Extend)),
        of(Side::Before, Work::Transmit(LINK, Some(Kind::Message2))),
    ];
    assert_eq!(bench.witness.passed[..5], expected);
}

#[test]
fn a_command_that_brings_the_time_with_it_still_costs_one_record_before_the_motor() {
    let mut flash = new_flash();
    let mut bench = Bench::boot(&mut flash, World::new(Moment(0)));
    bench.cloud.time = Some(UnixMillis(1_800_000_000_000));
    let hello = bench.hello();
    let lock = bench.cloud.command(Action::Lock);
    let (message1, _connecting) = bench.cloud.connect(&hello, lock);
    bench.witness.passed.clear();
    bench.lock.receive(LINK, message1);
    bench.pass(0);
    let motor = Boundary { side: Side::Before, work: Work::Motor(Drive::Extend) };
    let before = bench.witness.passed.iter().take_while(|boundary| **boundary != motor);
    let records = before.filter(|boundary| matches!(boundary.work, Work::Persist(_)));
    assert_eq!(records.count(), 2, "one record, passed on both sides");
}

#[test]
fn a_jam_is_reported_as_a_jam_and_never_as_locked() {
    let mut flash = new_flash();
    let mut bench = Bench::boot(&mut flash, World::new(Moment(0)));
    bench.lock.world_mut().set_strike(Strike::Misaligned);
    bench.lock.world_mut().press(Press::LockButton);
    bench.pass(5_000);
    let status = bench.lock.status();
    assert!(!status.is_locked());
    assert_eq!(status.bolt.value, BoltPosition::Between);
    assert!(bench.witness.facts.contains(&Fact::Alarm(Alarm::Jammed)));
    assert!(bench.witness.facts.contains(&Fact::Indicated(Indication::Jammed)));
    assert_eq!(bench.lock.world().truth().bolt_micrometres, hardware::OBSTACLE);

    // Only a bolt that arrives ends the jam.
    bench.lock.world_mut().set_strike(Strike::Aligned);
    bench.pass(60_000);
    assert!(!bench.lock.status().is_locked());
    bench.lock.world_mut().press(Press::LockButton);
    bench.pass(2_000);
    assert!(bench.lock.status().is_locked());
}

#[test]
fn a_cut_between_the_record_and_the_motor_loses_the_command_and_never_repeats_it() {
    let mut flash = new_flash();
    let mut bench = Bench::boot(&mut flash, World::new(Moment(0)));
    let hello = bench.hello();
    let lock = bench.cloud.command(Action::Lock);
    let (message1, _) = bench.cloud.connect(&hello, lock.clone());
    bench.witness.cut_at = Some(Boundary { side: Side::Before, work: Work::Motor(Drive::Extend) });
    bench.lock.receive(LINK, message1.clone());
    assert!(matches!(bench.try_pass(0), Err(StepError::PowerCut(_))));
    assert!(matches!(bench.try_pass(0), Err(StepError::PowerCut(_))), "it stays without power");
    let (world, mut cloud) = (bench.lock.cut_power(), bench.cloud);

    let mut bench = Bench::boot(&mut flash, world);
    bench.pass(1_000);
    bench.hello();
    // The same packet again, and then the same command in a new one.
    bench.lock.receive(LINK, message1);
    bench.pass(2_000);
    assert!(bench.witness.sent.is_empty(), "a Message1 of another boot gets no answer");
    let Request::Command { id, .. } = &lock else { unreachable!() };
    let hello = bench.hello();
    let (message1, connecting) = cloud.connect(&hello, Request::Query(Query::Command(*id)));
    bench.lock.receive(LINK, message1);
    bench.pass(0);
    let (answer, mut session) = finish(connecting, bench.witness.sent.remove(0));
    assert_eq!(outcome(&answer.reply), (*id, Outcome::Interrupted, true));
    let mut packet = [0; 512];
    let length = session.request(lock, Monotonic(0), &mut packet).unwrap();
    bench.lock.receive(LINK, packet[..length].to_vec());
    bench.pass(2_000);
    assert_eq!((bench.motor_runs(), bench.lock.world().truth().bolt), (0, BoltPosition::Retracted));
}

#[test]
fn a_motor_that_loses_power_stops_and_the_next_boot_says_where() {
    let mut flash = new_flash();
    let mut bench = Bench::boot(&mut flash, World::new(Moment(0)));
    bench.lock.world_mut().press(Press::LockButton);
    bench.pass(450);
    let world = bench.lock.cut_power();
    assert!(!world.motor_runs());
    let mut bench = Bench::boot(&mut flash, world);
    bench.pass(10_000);
    assert_eq!((bench.lock.status().bolt.value, bench.motor_runs()), (BoltPosition::Between, 1));
    assert_eq!(bench.lock.device().boot_number(), 2);
}

#[test]
fn a_pin_set_by_the_cloud_unlocks_and_a_wrong_one_does_not() {
    let mut flash = new_flash();
    let mut bench = Bench::boot(&mut flash, World::new(Moment(0)));
    let digits = PinDigits::from_ascii(b"492817").unwrap();
    let hello = bench.hello();
    let set = Setting::pin(3, digits.clone());
    let configure = bench.cloud.command(Action::Configure { version: 1, setting: set });
    let (message1, connecting) = bench.cloud.connect(&hello, configure);
    bench.lock.receive(LINK, message1);
    bench.pass(0);
    assert_eq!(outcome(&finish(connecting, bench.witness.sent.remove(0)).0.reply).1, Outcome::Done);

    bench.lock.world_mut().press(Press::LockButton);
    bench.pass(2_000);
    bench.lock.world_mut().press(Press::Code(PinDigits::from_ascii(b"492818").unwrap()));
    bench.pass(2_000);
    assert!(bench.lock.status().is_locked());
    assert!(bench.witness.facts.contains(&Fact::Indicated(Indication::Refused(Reason::WrongCode))));
    bench.lock.world_mut().press(Press::Code(digits));
    bench.pass(2_000);
    assert_eq!(bench.lock.world().truth().bolt, BoltPosition::Retracted);
}

#[test]
fn a_door_that_is_open_is_not_locked() {
    let mut flash = new_flash();
    let mut bench = Bench::boot(&mut flash, World::new(Moment(0)));
    bench.lock.world_mut().move_door(Door::Open).unwrap();
    bench.lock.world_mut().press(Press::LockButton);
    bench.pass(2_000);
    assert!(bench.witness.facts.contains(&Fact::Indicated(Indication::Refused(Reason::DoorOpen))));
    assert_eq!(bench.motor_runs(), 0);
}

#[test]
fn a_link_that_proves_nothing_is_closed_after_ten_seconds_and_not_before() {
    let mut flash = new_flash();
    let mut bench = Bench::boot(&mut flash, World::new(Moment(0)));
    let hello = bench.hello();
    assert!(matches!(Packet::parse(&hello), Ok(Packet::Hello(_))));
    bench.pass(9_998);
    assert!(bench.witness.closed.is_empty());
    bench.pass(1);
    assert_eq!(bench.witness.closed, [LINK]);
}

#[test]
fn a_damaged_flash_is_reported_and_left_as_it_is() {
    let mut flash = new_flash();
    {
        let mut bench = Bench::boot(&mut flash, World::new(Moment(0)));
        bench.lock.world_mut().press(Press::LockButton);
        bench.pass(2_000);
    }
    // Somewhere in the keys, the first record.
    flash.flip_bit(100, 3);
    let before = flash.bytes().to_vec();
    let refused = Controller::boot(&mut flash, World::new(Moment(0)), [2; 32]).map(drop);
    assert!(matches!(refused, Err(StartError::Mount(_) | StartError::Read(_))), "{refused:?}");
    assert_eq!(flash.bytes(), before);
}

#[test]
fn hellos_never_repeat_with_a_stuck_random_source() {
    let mut flash = new_flash();
    let mut seen = std::collections::BTreeSet::new();
    for boot in 0..20 {
        let mut bench = Bench::boot(&mut flash, World::new(Moment(0)));
        for hello in 0..20 {
            assert!(seen.insert(bench.hello()), "Hello {hello} of boot {boot} was there before");
        }
    }
}
