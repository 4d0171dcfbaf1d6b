//! The settings that there are once.

use lock_proto::{CodeSeries, Mechanics, Night, Policy, PowerSupply, Seconds, Zone, wire};

/// Each as the cloud has set it, or as made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct Settings {
    /// The bolt is thrown by itself so long after it was withdrawn; 0 means never.
    pub auto_relock: Seconds,
    /// How the mechanism is driven.
    pub mechanics: Mechanics,
    /// What is done in doubt.
    pub policy: Policy,
    /// The night; `None` for no such thing.
    pub night: Option<Night>,
    /// The local clock.
    pub zone: Zone,
    /// The power supply.
    pub power_supply: PowerSupply,
    /// Which offline codes are taken. The epoch outlives a factory reset.
    pub offline_codes: CodeSeries,
}

wire! {
    struct Settings { auto_relock, mechanics, policy, night, zone, power_supply, offline_codes }
}
