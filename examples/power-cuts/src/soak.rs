//! Operations of a lock whose emulator is killed at any moment, for a while.

use std::time::{Duration, Instant};

use crate::broken::Held;
use crate::campaign::{Campaign, Cut, Tally, measure};
use crate::judge::Base;
use crate::operations::ALL;
use crate::random::Random;

/// How many kills an operation gets in a row.
const ROUND: usize = 8;

/// Goes on for so long, and to the end of the round that it is in.
pub(crate) fn soak(campaign: &Campaign, seconds: u64, seed: u64) -> Held<Tally> {
    let (until, mut chance, mut tally) =
        (Instant::now() + Duration::from_secs(seconds), Random::from_seed(seed), Tally::default());
    println!("soak: killed at any moment for {seconds} s, seed {seed}");
    let tools = campaign.tools()?;
    let mut bases = Vec::new();
    for operation in ALL {
        let base = Base::make(operation, campaign.tools()?)?;
        let took = measure(operation, &base, &tools)?;
        bases.push((operation, base, u64::try_from(took.as_micros()).unwrap_or(u64::MAX)));
    }
    while Instant::now() < until {
        let place = chance.up_to(bases.len() as u64) - 1;
        let Some((operation, base, micros)) = bases.get(place as usize) else { break };
        let cuts: Vec<_> =
            (0..ROUND).map(|_| Cut::Time(Duration::from_micros(chance.up_to(*micros)))).collect();
        tally.add(campaign.make(*operation, base, &cuts)?);
    }
    Ok(tally)
}
