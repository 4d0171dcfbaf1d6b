//! Rules that hold for any readings in any order.

use lock_proto::{BatteryLevel, Celsius, Millivolts, PowerSupply, Supply, UnixMillis, Uptime, wire};
use lock_state::power::{Chemistry, LONGEST_DAYS, Mains, Power, Resting, SavedPower};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Input {
    Resting(u16, Option<i8>, Option<u64>),
    Loaded(u16),
    Mains(Mains),
    Supply(PowerSupply),
    Reboot,
}

fn supply() -> impl Strategy<Value = PowerSupply> {
    (prop::sample::select(Supply::ALL.to_vec()), any::<u8>())
        .prop_map(|(supply, cells)| PowerSupply { supply, cells })
}

/// Any voltage, and often one of four cells that work.
fn voltage() -> impl Strategy<Value = u16> {
    prop_oneof![1 => any::<u16>(), 4 => 3_000..7_500_u16]
}

fn inputs() -> impl Strategy<Value = Vec<(Input, u64)>> {
    let input = prop_oneof![
        8 => (voltage(), any::<Option<i8>>(), any::<Option<u64>>())
            .prop_map(|(voltage, degrees, time)| Input::Resting(voltage, degrees, time)),
        3 => voltage().prop_map(Input::Loaded),
        1 => prop::sample::select(vec![Mains::Absent, Mains::Present]).prop_map(Input::Mains),
        1 => supply().prop_map(Input::Supply),
        2 => Just(Input::Reboot),
    ];
    let wait = prop_oneof![0..100_000_000_u64, Just(0), any::<u64>()];
    prop::collection::vec((input, wait), 0..40)
}

struct World {
    power: Power,
    now: u64,
    supply: PowerSupply,
}

impl World {
    fn new(supply: PowerSupply) -> Self {
        let power = Power::restore(SavedPower::default(), supply, Uptime::from_millis(0));
        Self { power, now: 0, supply }
    }

    fn feed(&mut self, (input, wait): (Input, u64)) -> lock_state::power::PowerEvents {
        self.now = self.now.saturating_add(wait);
        let now = Uptime::from_millis(self.now);
        match input {
            Input::Resting(voltage, degrees, time) => {
                let reading = Resting { voltage: Millivolts(voltage), temperature: degrees.map(Celsius) };
                return self.power.resting(reading, now, time.map(UnixMillis));
            }
            Input::Loaded(voltage) => return self.power.loaded(Millivolts(voltage), now),
            Input::Mains(mains) => self.power.mains(mains),
            Input::Supply(supply) => {
                self.supply = supply;
                self.power.set_supply(supply);
            }
            Input::Reboot => {
                let saved = self.power.saved(now);
                let mut buffer = [0; SavedPower::LONGEST];
                let bytes = wire::write(&saved, &mut buffer).unwrap();
                let saved = wire::read(bytes).unwrap();
                self.now = 0;
                self.power = Power::restore(saved, self.supply, Uptime::from_millis(0));
            }
        }
        lock_state::power::PowerEvents::NONE
    }

    fn now(&self) -> Uptime {
        Uptime::from_millis(self.now)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_is_read_the_report_is_in_range_and_true_to_the_supply(
        first in supply(), inputs in inputs()
    ) {
        let mut world = World::new(first);
        let mut drained = false;
        for input in inputs {
            let events = world.feed(input);
            let health = world.power.health(world.now());
            prop_assert!(health.percent.is_none_or(|percent| percent <= 100));
            prop_assert!(health.days_left.is_none_or(|days| days <= LONGEST_DAYS));
            prop_assert_eq!(health.percent.is_some() && health.level == BatteryLevel::Unknown,
                health.percent.is_some() && health.read_ago.is_none() && health.loaded.is_none());
            if world.supply.supply == Supply::Mains {
                prop_assert_eq!((health.level, health.percent), (BatteryLevel::Unknown, None));
            }
            if events.replaced || matches!(input.0, Input::Supply(_)) {
                drained = false;
            }
            prop_assert!(!(drained && events.rapid_drain), "one alarm for a battery");
            drained |= events.rapid_drain;
        }
    }

    #[test]
    fn at_equal_history_more_volts_are_never_worse(
        first in supply(), inputs in inputs(), one in voltage(), other in voltage(),
        degrees in any::<Option<i8>>()
    ) {
        let level = |voltage| {
            let mut world = World::new(first);
            for &input in &inputs {
                let _ = world.feed(input);
            }
            let _ = world.feed((Input::Resting(voltage, degrees, None), 0));
            world.power.level().number()
        };
        // Good is 1, low is 2, critical is 3; unknown is 0 for both.
        prop_assert!(level(one.max(other)) <= level(one.min(other)));
    }

    #[test]
    fn within_the_hysteresis_no_alarm_comes_twice(
        number in 0..3_usize, offsets in prop::collection::vec(0..1_000_u16, 1..60)
    ) {
        let kind = Supply::ALL[number];
        let chemistry = Chemistry::of(kind).unwrap();
        let mut world = World::new(PowerSupply { supply: kind, cells: 1 });
        let (below, until) = (chemistry.low_below.0, chemistry.low_until.0);
        let _ = world.feed((Input::Resting(below - 1, None, None), 0));
        for offset in offsets {
            let voltage = below - 1 + offset % (until - below + 1);
            let events = world.feed((Input::Resting(voltage, None, None), 60_000));
            prop_assert_eq!(events.level, None);
            prop_assert_eq!(world.power.level(), BatteryLevel::Low);
        }
    }

    #[test]
    fn only_a_rise_is_a_replacement(supply in supply(), voltages in prop::collection::vec(voltage(), 2..40)) {
        let mut world = World::new(supply);
        let mut last = u16::MAX;
        for voltage in voltages {
            let events = world.feed((Input::Resting(voltage, None, None), 60_000));
            prop_assert!(!events.replaced || voltage > last);
            last = voltage;
        }
    }

    #[test]
    fn a_reboot_keeps_percent_and_trend(first in supply(), inputs in inputs()) {
        let mut world = World::new(first);
        for input in inputs {
            let _ = world.feed(input);
        }
        let _ = world.feed((Input::Mains(Mains::Absent), 0));
        let before = (world.power.percent(), world.power.days_left(world.now()), world.power.is_rapid_drain());
        let _ = world.feed((Input::Reboot, 0));
        let after = (world.power.percent(), world.power.days_left(world.now()), world.power.is_rapid_drain());
        prop_assert_eq!(before, after);
    }
}
