//! A phone is lost, with its token and the keys on it.

use anyhow::Result;
use cloud::messages::{KeyConditions, KeyStage};
use lock_proto::Seconds;

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "lost phone",
    story: "The owner's phone is lost: somebody has its token, and a virtual key that opens while the cloud is off. One call ends both and says\n\
            by when at the latest; asked again, it says the same. Another phone goes on, and no lock has to be reset.",
    play,
};

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    // The lock learns the time.
    stage.send(Person::Owner, "status", None, 10)?;
    let conditions = KeyConditions { staleness: Some(Seconds(3_600)), ..KeyConditions::default() };
    let (key, file) = stage.virtual_key("on-the-lost-phone", conditions, None)?;
    let visit = stage.visit("unlock", &file, None)?;
    stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    stage.lock_by_hand()?;
    let found = stage.lose_phone(Person::Owner)?;
    let told = stage.report_loss()?;
    told.lines.iter().for_each(|line| narrator.tell("admin", line));
    let again = stage.report_loss()?;
    narrator.judge(
        "one call ends the token and the keys of the phone, and says by when at the latest; asked again it says the same",
        visit.executed
            && told.is_done
            && told.last().starts_with("effective at the latest by 2")
            && again.lines == told.lines,
        told.last(),
    );
    let refused = stage.send_with(&found, "unlock", 10)?;
    narrator.judge(
        "whoever has the phone is nobody at the cloud at once",
        !refused.executed && refused.sentence.contains("no valid token"),
        &refused.sentence,
    );
    stage.send(Person::Owner, "deliver", None, 10)?;
    let before = stage.truth()?;
    let visit = stage.visit("unlock", &file, None)?;
    let stands = stage.key(key.serial)?;
    narrator.judge(
        "and at the lock as soon as any phone has brought it there",
        visit.was_refused_for("TicketRevoked")
            && stands.stage == KeyStage::Revoked
            && stage.truth()? == before,
        &format!("{}; {}", visit.sentence, stands.sentence),
    );
    let opened = stage.send(Person::Owner, "unlock", None, 15)?;
    let noted = stage.audit()?.iter().filter(|entry| entry.what == "lost phone").count();
    narrator.judge(
        "the owner's other phone opens, and the audit trail has it once",
        opened.executed && noted == 1,
        &format!("{}; {noted} entry", opened.sentence),
    );
    Ok(())
}
