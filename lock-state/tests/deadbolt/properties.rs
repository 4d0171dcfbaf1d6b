//! Any sequence of inputs, power cuts included.

use lock_crypto::RustCrypto;
use lock_proto::{
    BoltPosition, DoorPosition, Millivolts, Motion, Outcome, Seconds, Setting, UnixMillis, Uptime,
};
use lock_state::{Change, Configuration, Effects, MotionAction, Order, Saved, Source, TimeAnswer};
use proptest::prelude::*;

use crate::peers::{live_cloud, live_holder, sealed_cloud};
use crate::world::{NOON, RIGHT, SLOTS, WRONG, World, digits};

#[derive(Clone, Copy, Debug)]
enum Input {
    Wait(u64),
    Timer,
    Bolt(BoltPosition),
    Door(DoorPosition),
    Stall,
    Battery(u16),
    Button,
    Count,
    Check { right: bool },
    Live(MotionAction),
    Holder(MotionAction),
    Sealed(MotionAction, u64),
    Relock(u32),
    Time { ahead: u64, round_trip: u64 },
    PowerCut,
}

fn motion() -> impl Strategy<Value = MotionAction> {
    prop_oneof![Just(MotionAction::Lock), Just(MotionAction::Unlock)]
}

fn input() -> impl Strategy<Value = Input> {
    use BoltPosition::{Between, Extended, Retracted};
    use DoorPosition::{Closed, Open};
    let bolt = prop_oneof![Just(BoltPosition::Unknown), Just(Extended), Just(Retracted), Just(Between)];
    let door = prop_oneof![Just(DoorPosition::Unknown), Just(Open), Just(Closed)];
    prop_oneof![
        3 => prop_oneof![0..10_000u64, 0..10_000_000u64, Just(86_400_000)].prop_map(Input::Wait),
        3 => Just(Input::Timer),
        4 => bolt.prop_map(Input::Bolt),
        2 => door.prop_map(Input::Door),
        1 => Just(Input::Stall),
        1 => (3_500..6_500u16).prop_map(Input::Battery),
        1 => Just(Input::Button),
        3 => Just(Input::Count),
        3 => any::<bool>().prop_map(|right| Input::Check { right }),
        2 => motion().prop_map(Input::Live),
        1 => motion().prop_map(Input::Holder),
        1 => (motion(), 0..200_000u64).prop_map(|(motion, ahead)| Input::Sealed(motion, ahead)),
        1 => prop_oneof![Just(0), 1..120u32].prop_map(Input::Relock),
        2 => (0..1_000_000_000u64, 0..12_000u64).prop_map(|(ahead, round_trip)| Input::Time { ahead, round_trip }),
        1 => Just(Input::PowerCut),
    ]
}

/// A lock and what an outside observer knows of it.
struct Bench {
    world: World,
    /// What the device wrote last.
    persisted: Saved,
    last_bolt: BoltPosition,
    next_id: u64,
    /// Commands that began and whose end was not told.
    open: Vec<u64>,
}

impl Bench {
    fn order(&mut self, motion: MotionAction, source: Source) -> Order {
        self.next_id += 1;
        Order { id: lock_proto::CommandId(self.next_id), motion, source }
    }

    fn apply(&mut self, input: Input) -> Effects {
        let now = self.world.now;
        let lock = &mut self.world.lock;
        match input {
            Input::Wait(millis) => {
                self.world.wait(millis);
                Effects::NONE
            }
            Input::Timer => lock.handle_timeout(now),
            Input::Bolt(position) => {
                self.last_bolt = position;
                lock.bolt_sensed(position, now)
            }
            Input::Door(position) => lock.door_sensed(position, now),
            Input::Stall => lock.motor_stalled(now),
            Input::Battery(millivolts) => lock.battery_read(Millivolts(millivolts), now),
            Input::Button => lock.lock_button(now),
            Input::Count => {
                if lock.count_code(now).is_ok() {
                    self.persisted = lock.saved(now);
                }
                Effects::NONE
            }
            Input::Check { right } => {
                let code = digits(if right { RIGHT } else { WRONG });
                lock.check_code::<RustCrypto>(&self.world.k_pin, &code, now)
            }
            Input::Live(motion) => {
                let order = self.order(motion, Source::RemoteLive);
                self.begun(order, |lock, order| lock.order(live_cloud(order), now))
            }
            Input::Holder(motion) => {
                let order = self.order(motion, Source::VirtualKey);
                self.begun(order, |lock, order| lock.order(live_holder(order), now))
            }
            Input::Sealed(motion, ahead) => {
                let issued_at = UnixMillis(NOON.0 + ahead);
                let order = self.order(motion, Source::RemoteSealed { issued_at, not_after: None });
                self.begun(order, |lock, order| lock.order(sealed_cloud(order), now))
            }
            Input::Relock(seconds) => {
                let version = lock.configuration().version() + 1;
                let change = Change { version, setting: Setting::AutoRelock(Seconds(seconds)) };
                lock.stage::<RustCrypto>(live_cloud(change), &self.world.k_pin).unwrap();
                lock.commit(now)
            }
            Input::Time { ahead, round_trip } => {
                let asked_at = Uptime::from_millis(now.as_millis().saturating_sub(round_trip));
                let answer = TimeAnswer { time: UnixMillis(NOON.0 + ahead), asked_at };
                lock.set_clock(live_cloud(answer), now).unwrap_or(Effects::NONE)
            }
            Input::PowerCut => {
                let lockout = self.world.saved().lockout_remaining;
                self.world.reboot_with(self.persisted);
                self.last_bolt = BoltPosition::Unknown;
                self.open.clear();
                assert!(self.world.saved().lockout_remaining >= lockout, "a reboot shortens no lockout");
                Effects::NONE
            }
        }
    }

    fn begun(
        &mut self,
        order: Order,
        give: impl FnOnce(&mut lock_state::Deadbolt<SLOTS>, Order) -> Result<Effects, lock_state::Refusal>,
    ) -> Effects {
        match give(&mut self.world.lock, order) {
            Ok(effects) => {
                self.open.push(order.id.0);
                effects
            }
            Err(_) => Effects::NONE,
        }
    }

    fn close(&mut self, id: u64) {
        let place = self.open.iter().position(|open| *open == id);
        self.open.remove(place.expect("a command ends once"));
    }

    fn check(&mut self, effects: &Effects, before: &Saved) {
        let status = self.world.status();
        if status.is_locked() {
            assert_eq!(self.last_bolt, BoltPosition::Extended, "locked is said on evidence alone");
        }
        if let Some(id) = effects.superseded {
            self.close(id.0);
        }
        if let Some(finished) = effects.finished {
            self.close(finished.command.0);
            let is_done = finished.outcome == Outcome::Done;
            assert!(!is_done || matches!(self.last_bolt, BoltPosition::Extended | BoltPosition::Retracted));
        }
        assert!(self.open.len() <= 1, "one command is under way at most");
        assert!(
            status.motion != Motion::Still || self.open.is_empty(),
            "no command waits for a motor at rest"
        );
        if effects.save {
            self.persisted = self.world.saved();
        }
        assert!(self.world.saved().clock_floor >= before.clock_floor, "the floor never goes back");
        let mut record = [0; Saved::MAX_BYTES];
        let length = self.world.saved().encode(&mut record).unwrap();
        assert_eq!(Saved::decode(&record[..length]), Ok(self.world.saved()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_sequence_of_inputs_breaks_a_promise(inputs in prop::collection::vec(input(), 1..120)) {
        let world = World::furnished(BoltPosition::Retracted, Seconds(30));
        let persisted = world.saved();
        let last_bolt = BoltPosition::Retracted;
        let mut bench = Bench { world, persisted, last_bolt, next_id: 0, open: Vec::new() };
        for input in inputs {
            let is_cut = matches!(input, Input::PowerCut);
            let before = if is_cut { bench.persisted } else { bench.world.saved() };
            let sequence = bench.world.status().sequence;
            let effects = bench.apply(input);
            bench.check(&effects, &before);
            let status = bench.world.status();
            let may_be_silent = is_cut || matches!(input, Input::Count);
            prop_assert!(status.sequence == sequence || effects.changed || may_be_silent);
        }
    }

    #[test]
    fn any_bytes_are_a_record_in_its_one_encoding_or_none(bytes in prop::collection::vec(any::<u8>(), 0..90)) {
        let mut again = [0; 90];
        if let Ok(saved) = Saved::decode(&bytes) {
            let length = saved.encode(&mut again).unwrap();
            prop_assert_eq!(&again[..length], &bytes[..]);
        }
        let mut framed = vec![1, SLOTS as u8];
        framed.extend(&bytes);
        if let Ok(configuration) = Configuration::<SLOTS>::decode(&framed) {
            let length = configuration.encode(&mut again).unwrap();
            prop_assert_eq!(&again[..length], &framed[..]);
        }
    }
}
