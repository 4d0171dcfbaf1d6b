use core::ptr;
use std::boxed::Box;
use std::collections::BTreeMap;
use std::vec;
use std::vec::Vec;

use lock_core::cloud::{Connecting, LockKeys, Monotonic, Session, seal_down};
use lock_core::crypto::hedge::InitiatorHedge;
use lock_core::crypto::{Delivery, KeyEpoch, LockId, RootKey, RustCrypto};
use lock_core::proto::{
    Action, Alarm, BoltPosition, CommandId, CredentialKind, DoorState, Down, Fault, LatchPosition, Mode,
    Motion, Opening, Outcome, Part, Reply, Request, Sealed, UnixMillis,
};
use lock_core::state::{Drive, Indication};

use super::*;
use crate::device::answers::*;
use crate::device::inputs::*;
use crate::device::outputs::*;
use crate::device::report::*;
use crate::{LK_PACKET_MAX, LK_TAG_KEYS, lk_provision_claim, lk_provision_owned, lk_provision_unowned};

const LOCK_ID: [u8; 16] = *b"a lock seen by C";
const UNIX: u64 = 1_800_000_000_000;

fn root() -> [u8; 32] {
    core::array::from_fn(|i| 7 * i as u8 + 3)
}

/// A firmware: storage, motor, and what was sent.
struct Firmware {
    device: Box<Device>,
    records: BTreeMap<u8, Vec<u8>>,
    now: u64,
    sent: Vec<Vec<u8>>,
    tasks: Vec<(u8, u8)>,
}

fn provision() -> BTreeMap<u8, Vec<u8>> {
    let (root, entropy) = (root(), [9; 32]);
    let (mut record, mut length) = ([0; LK_RECORD_MAX], 0);
    // SAFETY: all pointers are to locals, with lengths that they have.
    let status = unsafe {
        lk_provision_owned(
            root.as_ptr(),
            LOCK_ID.as_ptr(),
            entropy.as_ptr(),
            words::Profile::S as u8,
            record.as_mut_ptr(),
            record.len(),
            &mut length,
        )
    };
    assert_eq!(status, Status::Ok);
    BTreeMap::from([(LK_TAG_KEYS, record[..length].to_vec())])
}

fn boot(device: &mut Device, records: &BTreeMap<u8, Vec<u8>>) -> Status {
    let records: Vec<_> = records
        .iter()
        .map(|(tag, bytes)| Record { bytes: bytes.as_ptr(), length: bytes.len(), tag: *tag })
        .collect();
    // SAFETY: the records live as long as the call, and the storage is a device of that size.
    unsafe { lk_device_boot(device, size_of::<Device>(), &boot_of(&records)) }
}

fn boot_of(records: &[Record]) -> Boot {
    Boot {
        now_ms: 500,
        records: records.as_ptr(),
        record_count: records.len(),
        log: ptr::null(),
        firmware: ptr::null(),
        entropy: [1; 32],
        reason: words::BootReason::PowerOn as u8,
        journal: ptr::null_mut(),
    }
}

impl Firmware {
    fn new() -> Self {
        let records = provision();
        let mut firmware =
            Self { device: Box::default(), records, now: 500, sent: Vec::new(), tasks: Vec::new() };
        firmware.boot();
        firmware
    }

    fn boot(&mut self) {
        self.now = 500;
        assert_eq!(boot(&mut self.device, &self.records), Status::Ok);
        self.run();
    }

    fn todo(&mut self) -> (Todo, Vec<u8>) {
        let (mut buffer, mut todo) = ([0; LK_PACKET_MAX], Todo::NOTHING);
        // SAFETY: all pointers are to locals and the device.
        let status = unsafe {
            lk_device_poll(&mut *self.device, self.now, buffer.as_mut_ptr(), buffer.len(), &mut todo)
        };
        assert_eq!(status, Status::Ok);
        (todo, buffer[..todo.length].to_vec())
    }

    fn run(&mut self) {
        loop {
            let (todo, bytes) = self.todo();
            self.tasks.push((todo.task, todo.code));
            match todo.task {
                by if by == words::Task::None as u8 => return,
                by if by == words::Task::Persist as u8 => {
                    self.records.insert(todo.tag, bytes);
                    // SAFETY: the device was started.
                    assert_eq!(unsafe { lk_device_persisted(&mut *self.device, todo.id) }, Status::Ok);
                }
                by if by == words::Task::Transmit as u8 => self.sent.push(bytes),
                _ => {}
            }
        }
    }

    fn sense(&mut self, bolt: words::Bolt) {
        // SAFETY: the device was started.
        assert_eq!(unsafe { lk_device_sense_bolt(&mut *self.device, bolt as u8, self.now) }, Status::Ok);
        self.run();
    }

    fn drove(&mut self, drive: words::Drive) -> bool {
        core::mem::take(&mut self.tasks).contains(&(words::Task::Motor as u8, drive as u8))
    }

    fn report(&mut self) -> Report {
        let mut report = MaybeUninit::uninit();
        // SAFETY: the device was started, and the report is written where the call succeeds.
        unsafe {
            assert_eq!(lk_device_report(&mut *self.device, self.now, report.as_mut_ptr()), Status::Ok);
            report.assume_init()
        }
    }

    fn hello(&mut self) -> Vec<u8> {
        self.sent.clear();
        let ordered = words::Delivery::Ordered as u8;
        // SAFETY: the device was started.
        assert_eq!(unsafe { lk_device_link_up(&mut *self.device, 0, ordered, self.now) }, Status::Ok);
        self.run();
        self.sent.remove(0)
    }

    fn receive(&mut self, packet: &[u8]) {
        let mut packet = packet.to_vec();
        // SAFETY: the device was started, and the packet is as long as it says.
        let status =
            unsafe { lk_device_receive(&mut *self.device, 0, packet.as_mut_ptr(), packet.len(), self.now) };
        assert_eq!(status, Status::Ok);
    }

    /// A live session of the cloud, begun with a request.
    fn session(&mut self, request: Request) -> (Reply, Session) {
        let hello = self.hello();
        let lock_id = LockId(LOCK_ID);
        let root = RootKey::from_bytes::<RustCrypto>(root(), lock_id).unwrap();
        let keys: LockKeys = LockKeys::expand(&root, lock_id, KeyEpoch::FIRST);
        let opening = Down { header: Opening { time: Some(UnixMillis(UNIX + self.now)) }, request };
        let hedge = InitiatorHedge { attempt: self.now, entropy: [4; 32] };
        let mut packet = [0; 128];
        let (length, connecting) = Connecting::start(&keys, &hello, &opening, &hedge, &mut packet).unwrap();
        self.receive(&packet[..length]);
        self.run();
        let mut message2 = self.sent.remove(0);
        let (answer, _, session) =
            connecting.finish(&mut message2, Delivery::Ordered, Monotonic(self.now)).unwrap();
        (answer.into_inner().reply, session)
    }
}

fn command(id: u64, action: Action) -> Request {
    Request::Command { id: CommandId(id), action }
}

#[test]
fn a_session_of_the_cloud_opens_the_door_and_only_a_sensor_says_that_it_is_locked() {
    let mut lock = Firmware::new();
    assert_eq!(lock.report().is_locked, 0, "nothing was sensed yet");
    lock.sense(words::Bolt::Extended);
    assert_eq!(lock.report().is_locked, 1);
    lock.tasks.clear();
    let (reply, _) = lock.session(command(1, Action::Unlock));
    assert!(matches!(reply, Reply::Command { outcome: Outcome::Started, .. }), "{reply:?}");
    let motor = (words::Task::Motor as u8, words::Drive::Retract as u8);
    let sent = (words::Task::Transmit as u8, 0);
    let moved = lock.tasks.iter().position(|task| *task == motor).unwrap();
    assert!(lock.tasks[moved..].contains(&sent), "the motor comes before the answer");
    let report = lock.report();
    assert_eq!((report.is_locked, report.motion), (0, words::Motion::Retracting as u8));
    lock.now += 400;
    lock.sense(words::Bolt::Retracted);
    assert_eq!(lock.report().bolt, words::Bolt::Retracted as u8);
}

#[cfg(not(feature = "keys"))]
#[test]
fn a_library_without_people_refuses_a_code_at_once() {
    let mut lock = Firmware::new();
    lock.sense(words::Bolt::Extended);
    lock.tasks.clear();
    let (pin, open, code) = (words::Credential::Pin as u8, words::Wish::Open as u8, b"271828");
    // SAFETY: the device was started, and the code is as long as it says.
    let status =
        unsafe { lk_device_present(&mut *lock.device, pin, code.as_ptr(), code.len(), open, lock.now) };
    assert_eq!(status, Status::Ok);
    lock.run();
    let none = (words::Task::None as u8, 0);
    assert_eq!(lock.tasks, [(words::Task::Indicate as u8, words::Indication::Refused as u8), none]);
}

#[test]
fn what_lets_a_lock_change_its_owner_is_made_only_for_one_that_could() {
    let (code, secret, entropy) = ([7; 16], [3; 32], [5; 32]);
    let (mut record, mut length) = ([0; LK_RECORD_MAX], 0);
    let expected = match (cfg!(feature = "life"), cfg!(feature = "x25519")) {
        (true, true) => Status::Ok,
        (true, false) => Status::ProfileNotInBuild,
        (false, _) => Status::PartNotInBuild,
    };
    let (record, length) = (&raw mut record, &raw mut length);
    let (code, secret, id) = (code.as_ptr(), secret.as_ptr(), LOCK_ID.as_ptr());
    // SAFETY: each is as long as the call says.
    let made = unsafe {
        [
            lk_provision_claim(code, secret, id, record.cast(), LK_RECORD_MAX, length),
            lk_provision_unowned(code, secret, id, entropy.as_ptr(), record.cast(), LK_RECORD_MAX, length),
        ]
    };
    assert_eq!(made, [expected; 2]);
}

#[cfg(feature = "keys")]
#[test]
fn a_code_opens_after_its_count_is_stored_and_survives_a_boot() {
    use lock_core::proto::{PinDigits, Setting};
    let mut lock = Firmware::new();
    lock.sense(words::Bolt::Extended);
    let digits = PinDigits::from_ascii(b"271828").unwrap();
    let (reply, mut session) = lock.session(Request::Nothing);
    assert!(matches!(reply, Reply::Nothing), "{reply:?}");
    let mut record = [0; LK_PACKET_MAX];
    let setting = Action::Configure { version: 1, setting: Setting::pin(0, digits) };
    let length = session.request(command(1, setting), Monotonic(lock.now), &mut record).unwrap();
    lock.receive(&record[..length]);
    lock.run();
    lock.boot();
    lock.sense(words::Bolt::Extended);
    lock.tasks.clear();
    let pin = words::Credential::Pin as u8;
    let open = words::Wish::Open as u8;
    let code = b"271828";
    // SAFETY: the device was started, and the code is as long as it says.
    let status =
        unsafe { lk_device_present(&mut *lock.device, pin, code.as_ptr(), code.len(), open, lock.now) };
    assert_eq!(status, Status::Ok);
    let (todo, _) = lock.todo();
    assert_eq!(todo.task, words::Task::Persist as u8, "counted before it is compared");
    // SAFETY: the device was started.
    unsafe {
        assert_eq!(lk_device_persisted(&mut *lock.device, todo.id + 1), Status::NotPending);
        assert_eq!(lk_device_persist_failed(&mut *lock.device, todo.id, 9, lock.now), Status::BadValue);
        assert_eq!(lk_device_persisted(&mut *lock.device, todo.id), Status::Ok);
        assert_eq!(lk_device_persisted(&mut *lock.device, todo.id), Status::NotPending);
    }
    lock.run();
    assert!(lock.drove(words::Drive::Retract));
}

#[test]
fn a_record_that_could_not_be_stored_moves_nothing() {
    let mut lock = Firmware::new();
    lock.sense(words::Bolt::Extended);
    let hello = lock.hello();
    let lock_id = LockId(LOCK_ID);
    let root = RootKey::from_bytes::<RustCrypto>(root(), lock_id).unwrap();
    let keys: LockKeys = LockKeys::expand(&root, lock_id, KeyEpoch::FIRST);
    let opening = Down { header: Opening { time: None }, request: command(1, Action::Unlock) };
    let hedge = InitiatorHedge { attempt: 1, entropy: [4; 32] };
    let mut packet = [0; 128];
    let (length, _) = Connecting::start(&keys, &hello, &opening, &hedge, &mut packet).unwrap();
    lock.receive(&packet[..length]);
    let (todo, _) = lock.todo();
    assert_eq!(todo.task, words::Task::Persist as u8);
    lock.tasks.clear();
    let fault = words::Failure::Fault as u8;
    // SAFETY: the device was started.
    let status = unsafe { lk_device_persist_failed(&mut *lock.device, todo.id, fault, lock.now) };
    assert_eq!(status, Status::Ok);
    lock.run();
    assert!(!lock.drove(words::Drive::Retract));
}

#[test]
fn what_storage_lacks_has_a_status_and_starts_nothing() {
    let mut device = Box::new(Device::new());
    assert_eq!(boot(&mut device, &BTreeMap::new()), Status::NotProvisioned);
    let mut records = provision();
    records.get_mut(&LK_TAG_KEYS).unwrap()[0] ^= 0x80;
    assert_eq!(boot(&mut device, &records), Status::RecordDamaged);
    let mut lock = Firmware::new();
    let mut without = lock.records.clone();
    assert!(without.remove(&RecordTag::Memory.number()).is_some());
    assert_eq!(boot(&mut device, &without), Status::RecordMissing);
    let mut report = MaybeUninit::uninit();
    // SAFETY: zeroed storage.
    let status = unsafe { lk_device_report(&mut *device, 1, report.as_mut_ptr()) };
    assert_eq!(status, Status::NotInitialised);
    // What was there before a boot that fails is started no more.
    assert_eq!(boot(&mut lock.device, &without), Status::RecordMissing);
    // SAFETY: the storage was started once.
    let status = unsafe { lk_device_report(&mut *lock.device, 1, report.as_mut_ptr()) };
    assert_eq!(status, Status::NotInitialised);
    // A record of a later version is not read.
    lock.records.insert(200, vec![1, 2, 3]);
    lock.boot();
    assert_eq!(lock.report().boot, 2);
}

#[test]
fn a_boot_that_fails_behind_the_keys_leaves_none_of_them() {
    let mut device = Box::new(Device::new());
    let mut records = provision();
    let leaf: [u8; 32] = records[&LK_TAG_KEYS][21..53].try_into().unwrap();
    let holds_leaf = |device: &Device| {
        // SAFETY: zeroed storage, in which the device was written: what is between its fields may be anything, and is compared only.
        let bytes =
            unsafe { core::slice::from_raw_parts(ptr::from_ref(device).cast::<u8>(), size_of::<Device>()) };
        bytes.windows(leaf.len()).any(|window| window == leaf)
    };
    assert_eq!(boot(&mut device, &records), Status::Ok);
    assert!(holds_leaf(&device));
    records.insert(RecordTag::Page(0).number(), vec![0xFF; 40]);
    let mut device = Box::new(Device::new());
    assert_eq!(boot(&mut device, &records), Status::RecordDamaged);
    assert!(!holds_leaf(&device));
}

#[test]
fn a_boot_checks_what_it_is_given() {
    let mut device = Box::new(Device::new());
    let records = provision();
    let keys = &records[&LK_TAG_KEYS];
    let record = Record { bytes: keys.as_ptr(), length: keys.len(), tag: LK_TAG_KEYS };
    let size = size_of::<Device>();
    // SAFETY: pointers are null, odd, or to locals of the size that is said.
    unsafe {
        let place: *mut Device = &mut *device;
        let boot = boot_of(core::slice::from_ref(&record));
        assert_eq!(lk_device_boot(ptr::null_mut(), size, &boot), Status::NullPointer);
        assert_eq!(lk_device_boot(place, size, ptr::null()), Status::NullPointer);
        assert_eq!(lk_device_boot(place, size - 8, &boot), Status::SizeMismatch);
        assert_eq!(lk_device_boot(place.wrapping_byte_add(1), size, &boot), Status::Misaligned);
        let unknown = Boot { reason: 7, ..boot };
        assert_eq!(lk_device_boot(place, size, &unknown), Status::BadValue);
        let nowhere = Boot { records: ptr::null(), ..boot };
        assert_eq!(lk_device_boot(place, size, &nowhere), Status::NullPointer);
        let countless = Boot { record_count: usize::MAX, ..boot };
        assert_eq!(lk_device_boot(place, size, &countless), Status::BadLength);
        let long = Record { length: LK_RECORD_MAX + 1, ..record };
        assert_eq!(lk_device_boot(place, size, &boot_of(core::slice::from_ref(&long))), Status::BadLength);
        let null = Record { bytes: ptr::null(), ..record };
        assert_eq!(lk_device_boot(place, size, &boot_of(core::slice::from_ref(&null))), Status::NullPointer);
        let firmware = RunningFirmware {
            model: 1,
            version: 1,
            rollback_index: 0,
            slot_bytes: 65_536,
            slot_sector: 4_096,
            booted_as: 3,
        };
        let odd = Boot { firmware: &firmware, ..boot };
        assert_eq!(lk_device_boot(place, size, &odd), Status::BadValue);
        let firmware = RunningFirmware { booted_as: words::BootedAs::Confirmed as u8, ..firmware };
        let well = Boot { firmware: &firmware, ..boot };
        assert_eq!(lk_device_boot(place, size, &well), Status::Ok);
    }
}

/// All functions that take a device and numbers alone.
fn call_each(device: *mut Device) -> Vec<Status> {
    let (mut byte, mut at, mut report) = ([7_u8; 32], 0_u64, MaybeUninit::uninit());
    let (mut buffer, mut todo) = ([0_u8; LK_PACKET_MAX], Todo::NOTHING);
    let power = Power { millivolts: 6_000, under_load: 0, has_temperature: 0, celsius: 0 };
    // SAFETY: the device is null, or storage; all others are locals of the lengths that are said.
    unsafe {
        vec![
            lk_device_link_up(device, 0, 0, 1),
            lk_device_link_down(device, 0, 1),
            lk_device_receive(device, 0, byte.as_mut_ptr(), byte.len(), 1),
            lk_device_sense_bolt(device, 1, 1),
            lk_device_sense_latch(device, 1, 1),
            lk_device_sense_door(device, 1, 1),
            lk_device_sense_stall(device, 1),
            lk_device_sense_power(device, &power, 1),
            lk_device_present(device, 1, b"2718".as_ptr(), 4, 0, 1),
            lk_device_press_outside(device, 1),
            lk_device_press_inside(device, 0, 1),
            lk_device_press_reset(device, 1, 1),
            lk_device_observe(device, 0, -40, 1),
            lk_device_log_held(device, 0, 0, 0, 1),
            lk_device_stir(device, byte.as_ptr(), 1),
            lk_device_tick(device, 1),
            lk_device_persisted(device, 1),
            lk_device_persist_failed(device, 1, 0, 1),
            lk_device_answer_log(device, 1, ptr::null()),
            lk_device_answer_update(device, 0, byte.as_ptr(), 0, 1),
            lk_device_poll(device, 1, buffer.as_mut_ptr(), buffer.len(), &mut todo),
            lk_device_report(device, 1, report.as_mut_ptr()),
            lk_device_timeout(device, &mut at),
        ]
    }
}

#[test]
fn every_function_refuses_storage_that_nobody_started() {
    let mut device = Box::new(Device::new());
    assert!(call_each(ptr::null_mut()).iter().all(|status| *status == Status::NullPointer));
    assert!(call_each(&mut *device).iter().all(|status| *status == Status::NotInitialised));
    let odd = (&raw mut *device).wrapping_byte_add(1);
    assert!(call_each(odd).iter().all(|status| *status == Status::Misaligned));
}

#[test]
fn a_device_that_was_copied_or_moved_is_none_any_more() {
    let mut lock = Firmware::new();
    let mut copy = Box::new(Device::new());
    // SAFETY: both are storage of that size.
    unsafe { ptr::copy_nonoverlapping(&raw const *lock.device, &raw mut *copy, 1) };
    assert!(call_each(&mut *copy).iter().all(|status| *status == Status::NotInitialised));
    assert_eq!(lock.report().boot, 1, "the one that stayed is one");
}

#[test]
fn every_number_that_stands_for_nothing_is_refused_and_changes_nothing() {
    let mut lock = Firmware::new();
    lock.sense(words::Bolt::Extended);
    let before = lock.report();
    let device: *mut Device = &mut *lock.device;
    let pin = b"2718";
    let bad = |under_load, has_temperature| Power { millivolts: 1, under_load, has_temperature, celsius: 0 };
    // SAFETY: the device was started; all others are locals of the lengths that are said.
    unsafe {
        for status in [
            lk_device_link_up(device, 0, 2, 600),
            lk_device_sense_bolt(device, 4, 600),
            lk_device_sense_latch(device, 3, 600),
            lk_device_sense_door(device, 3, 600),
            lk_device_sense_power(device, &bad(2, 0), 600),
            lk_device_sense_power(device, &bad(0, 2), 600),
            lk_device_present(device, 8, pin.as_ptr(), 4, 0, 600),
            lk_device_present(device, 1, pin.as_ptr(), 3, 0, 600),
            lk_device_present(device, 1, b"27x8".as_ptr(), 4, 0, 600),
            lk_device_present(device, 2, pin.as_ptr(), 0, 0, 600),
            lk_device_present(device, 1, pin.as_ptr(), 4, 4, 600),
            lk_device_present(device, 1, pin.as_ptr(), 4, 21, 600),
            lk_device_press_inside(device, 6, 600),
            lk_device_press_reset(device, 2, 600),
            lk_device_observe(device, 9, 0, 600),
            lk_device_observe(device, 0, 200, 600),
            lk_device_observe(device, 2, -1, 600),
            lk_device_observe(device, 4, 70_000, 600),
            lk_device_observe(device, 5, 4, 600),
        ] {
            assert_eq!(status, Status::BadValue);
        }
        assert_eq!(lk_device_link_up(device, LK_DEVICE_LINKS, 0, 600), Status::NoSuchLink);
        assert_eq!(lk_device_answer_log(device, 0, ptr::null()), Status::NotPending);
        assert_eq!(lk_device_answer_update(device, 0, pin.as_ptr(), 0, 600), Status::NotPending);
        assert_eq!(lk_device_answer_update(device, 0, pin.as_ptr(), 4, 600), Status::BadValue);
        let mut pattern = MaybeUninit::uninit();
        assert_eq!(lk_indication_pattern(16, 0, pattern.as_mut_ptr()), Status::BadValue);
        assert_eq!(lk_indication_pattern(0, 2, pattern.as_mut_ptr()), Status::BadValue);
        assert_eq!(lk_indication_pattern(7, 1, pattern.as_mut_ptr()), Status::Ok);
        assert_eq!(pattern.assume_init().tone, words::Tone::High as u8, "the siren is never quiet");
    }
    assert_eq!(lock.report(), before);
    let (todo, _) = lock.todo();
    assert_eq!(todo.task, words::Task::None as u8);
}

#[test]
fn a_buffer_that_is_too_short_takes_nothing_from_the_device() {
    let mut lock = Firmware::new();
    lock.sense(words::Bolt::Extended);
    // SAFETY: the device was started; the buffer is as long as is said.
    unsafe {
        assert_eq!(lk_device_press_inside(&mut *lock.device, words::Button::Unlock as u8, 600), Status::Ok);
        let (mut buffer, mut todo) = ([0; LK_PACKET_MAX], Todo { id: 77, ..Todo::NOTHING });
        let status =
            lk_device_poll(&mut *lock.device, 600, buffer.as_mut_ptr(), LK_PACKET_MAX - 1, &mut todo);
        assert_eq!((status, todo.id), (Status::BufferTooShort, 77));
    }
    lock.tasks.clear();
    lock.run();
    assert!(lock.drove(words::Drive::Retract));
}

#[test]
fn whoever_never_polls_is_told_of_the_backlog_and_its_packet_is_left_as_it_was() {
    let mut lock = Firmware::new();
    lock.sense(words::Bolt::Extended);
    let _hello = lock.hello();
    let root = RootKey::from_bytes::<RustCrypto>(root(), LockId(LOCK_ID)).unwrap();
    let keys: LockKeys = LockKeys::expand(&root, LockId(LOCK_ID), KeyEpoch::FIRST);
    let refused = (1..100).find_map(|counter| {
        let header = Sealed { issued_at: UnixMillis(UNIX), not_after: None };
        let message = Down { header, request: command(counter + 1, Action::Lock) };
        let mut packet = [0; LK_PACKET_MAX];
        let length = seal_down(&keys, counter, [7; 16], &message, &mut packet).unwrap();
        let before = packet;
        // SAFETY: the device was started, and the packet is as long as it says.
        let status =
            unsafe { lk_device_receive(&mut *lock.device, 0, packet.as_mut_ptr(), length, lock.now) };
        (status != Status::Ok).then_some((status, before == packet))
    });
    assert_eq!(refused, Some((Status::Backlog, true)));
    // SAFETY: the device was started.
    assert_eq!(unsafe { lk_device_sense_bolt(&mut *lock.device, 2, 700) }, Status::Ok, "always taken");
    lock.now = 700;
    lock.run();
    // SAFETY: the device was started.
    assert_eq!(unsafe { lk_device_press_outside(&mut *lock.device, 900) }, Status::Ok);
}

#[test]
fn time_that_is_planned_is_told() {
    let mut lock = Firmware::new();
    lock.sense(words::Bolt::Extended);
    let mut at = 0;
    // SAFETY: the device was started, and the output is a local.
    unsafe {
        assert_eq!(lk_device_press_inside(&mut *lock.device, words::Button::Unlock as u8, 600), Status::Ok);
        lock.run();
        assert_eq!(lk_device_timeout(&mut *lock.device, &mut at), Status::Ok);
        assert!((600..LK_NEVER).contains(&at), "the motor has its time: {at}");
        lock.now = at;
        assert_eq!(lk_device_tick(&mut *lock.device, at), Status::Ok);
    }
    lock.tasks.clear();
    lock.run();
    assert!(lock.drove(words::Drive::Stop));
}

#[test]
fn the_numbers_of_the_header_are_those_of_the_core() {
    assert_eq!(BoltPosition::ALL.map(BoltPosition::number), [0, 1, 2, 3]);
    assert_eq!(BoltPosition::Extended.number(), words::Bolt::Extended as u8);
    assert_eq!(BoltPosition::Retracted.number(), words::Bolt::Retracted as u8);
    assert_eq!(BoltPosition::Between.number(), words::Bolt::Between as u8);
    assert_eq!(LatchPosition::Engaged.number(), words::Latch::Engaged as u8);
    assert_eq!(LatchPosition::Held.number(), words::Latch::Held as u8);
    assert_eq!(LatchPosition::ALL.len(), 3);
    let doors = [
        (DoorState::Unknown, words::DoorState::Unknown),
        (DoorState::Open, words::DoorState::Open),
        (DoorState::Closed, words::DoorState::Closed),
        (DoorState::Ajar, words::DoorState::Ajar),
        (DoorState::Forced, words::DoorState::Forced),
        (DoorState::Faulty, words::DoorState::Faulty),
    ];
    assert!(doors.len() == DoorState::ALL.len() && doors.iter().all(|(core, c)| core.number() == *c as u8));
    let kinds = [
        (CredentialKind::ProgrammingPin, words::Credential::ProgrammingPin),
        (CredentialKind::Pin, words::Credential::Pin),
        (CredentialKind::Rfid, words::Credential::Rfid),
        (CredentialKind::Fingerprint, words::Credential::Fingerprint),
        (CredentialKind::FingerVein, words::Credential::FingerVein),
        (CredentialKind::Face, words::Credential::Face),
        (CredentialKind::Fob, words::Credential::Fob),
        (CredentialKind::VirtualKey, words::Credential::VirtualKey),
    ];
    assert!(
        kinds.len() == CredentialKind::ALL.len() && kinds.iter().all(|(core, c)| core.number() == *c as u8)
    );
    let modes = [
        (Mode::Normal, words::Mode::Normal, words::Wish::ModeNormal),
        (Mode::Vacation, words::Mode::Vacation, words::Wish::ModeVacation),
        (Mode::Privacy, words::Mode::Privacy, words::Wish::ModePrivacy),
        (Mode::NoRemote, words::Mode::NoRemote, words::Wish::ModeNoRemote),
        (Mode::Passage, words::Mode::Passage, words::Wish::ModePassage),
    ];
    assert!(modes.len() == Mode::ALL.len());
    assert!(modes.iter().all(|(core, c, w)| core.number() == *c as u8 && core.number() + 16 == *w as u8));
    let motions = [
        (Motion::Still, words::Motion::Still),
        (Motion::Extending, words::Motion::Extending),
        (Motion::Retracting, words::Motion::Retracting),
        (Motion::Unlatching, words::Motion::Unlatching),
        (Motion::HoldingLatch, words::Motion::HoldingLatch),
        (Motion::Releasing, words::Motion::Releasing),
        (Motion::Relieving, words::Motion::Relieving),
        (Motion::Pausing, words::Motion::Pausing),
    ];
    assert!(motions.len() == Motion::ALL.len() && motions.iter().all(|(core, c)| core.number() == *c as u8));
    let faults = [
        (Fault::None, words::Fault::None),
        (Fault::Jammed, words::Fault::Jammed),
        (Fault::MotorTimeout, words::Fault::MotorTimeout),
        (Fault::ClutchFailed, words::Fault::ClutchFailed),
        (Fault::BoltSensor, words::Fault::BoltSensor),
    ];
    assert!(faults.len() == Fault::ALL.len() && faults.iter().all(|(core, c)| core.number() == *c as u8));
    let parts = [
        (Part::Unknown, words::Part::Unknown),
        (Part::Good, words::Part::Good),
        (Part::Silent, words::Part::Silent),
        (Part::Contradictory, words::Part::Contradictory),
    ];
    assert!(parts.len() == Part::ALL.len() && parts.iter().all(|(core, c)| core.number() == *c as u8));
    let alarms = [
        (Alarm::Jammed, words::Alarm::Jammed),
        (Alarm::WrongCodeLimit, words::Alarm::WrongCodeLimit),
        (Alarm::Forced, words::Alarm::Forced),
        (Alarm::BatteryLow, words::Alarm::BatteryLow),
        (Alarm::StorageCorrupt, words::Alarm::StorageCorrupt),
        (Alarm::DoorAjar, words::Alarm::DoorAjar),
        (Alarm::Tamper, words::Alarm::Tamper),
        (Alarm::Duress, words::Alarm::Duress),
        (Alarm::FactoryReset, words::Alarm::FactoryReset),
        (Alarm::RadioReset, words::Alarm::RadioReset),
        (Alarm::BatteryCritical, words::Alarm::BatteryCritical),
        (Alarm::BatteryDrain, words::Alarm::BatteryDrain),
        (Alarm::ClockLost, words::Alarm::ClockLost),
        (Alarm::LogNearlyFull, words::Alarm::LogNearlyFull),
        (Alarm::ClutchFailed, words::Alarm::ClutchFailed),
        (Alarm::SensorFault, words::Alarm::SensorFault),
        (Alarm::UpdateFailed, words::Alarm::UpdateFailed),
        (Alarm::UpdateRolledBack, words::Alarm::UpdateRolledBack),
    ];
    assert!(alarms.len() == Alarm::ALL.len() && alarms.iter().all(|(core, c)| core.number() == *c as u8));
    let reasons = [
        (BootReason::Unknown, words::BootReason::Unknown),
        (BootReason::PowerOn, words::BootReason::PowerOn),
        (BootReason::BrownOut, words::BootReason::BrownOut),
        (BootReason::Watchdog, words::BootReason::Watchdog),
        (BootReason::Software, words::BootReason::Software),
        (BootReason::Update, words::BootReason::Update),
        (BootReason::ResetPin, words::BootReason::ResetPin),
    ];
    assert!(
        reasons.len() == BootReason::ALL.len() && reasons.iter().all(|(core, c)| core.number() == *c as u8)
    );
    assert_eq!(Drive::ALL.map(|drive| drive_word(drive) as u8), [0, 1, 2, 3, 4]);
    let words = Indication::EACH.map(|indication| indication_word(indication).0 as u8);
    assert_eq!(words, core::array::from_fn(|i| i as u8));
}
