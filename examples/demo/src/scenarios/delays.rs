//! A command withheld and delivered late.

use std::time::Duration;

use anyhow::Result;
use lock_proto::Kind;

use super::Scenario;
use crate::attacker::Plan;
use crate::narrator::Narrator;
use crate::stage::{Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "withheld",
    story: "The relay keeps a genuine unlock in its pocket until the owner has gone, and delivers it then. The command is bound to the\n\
            lock's Hello, which is worth five seconds for motion and ten for anything.",
    play,
};

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    for (held, told) in [(6, "the lock refuses and says why"), (11, "the lock does not even answer")] {
        stage.attacker.plan(Plan::Delay(Kind::Message1, Duration::from_secs(held)));
        let before = stage.truth()?;
        let phone = stage.phone(Person::Owner, "unlock", None, 14)?;
        let errand = crate::stage::finished(phone)?;
        std::thread::sleep(Duration::from_millis(300));
        let after = stage.truth()?;
        narrator.tell("owner", &errand.sentence);
        narrator.judge(
            &format!("an unlock withheld for {held} s does not open the door; {told}"),
            before == after && !errand.executed,
            &format!("bolt {}, phone: {}", after.bolt, errand.sentence),
        );
    }
    Ok(())
}
