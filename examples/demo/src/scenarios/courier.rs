//! A code for a courier, which the lock has never heard of.

use anyhow::Result;
use cloud::messages::{CodeMade, SeriesWish};
use lock_proto::{CodeClass, UnixMillis};

use super::Scenario;
use crate::narrator::Narrator;
use crate::stage::{PATIENCE, Person, Stage, hours_from_now};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "offline code for a courier",
    story: "A parcel comes while nobody can reach the lock. The cloud computes nine digits and tells them to the courier; the lock, which\n\
            was told nothing, reads in them what they open for, and opens once. Used, too early and revoked codes open nothing.",
    play,
};

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let allowed = stage.code_series(SeriesWish::Allow, "allow-codes")?;
    narrator.tell("owner", &format!("offline codes are allowed: {}", allowed.sentence));
    stage.send(Person::Courier, "deliver", None, 10)?;
    // The one thing that the lock needs besides: the time, from a session in this boot.
    stage.send(Person::Owner, "status", None, 10)?;

    let mark = stage.attacker.mark();
    let parcel = stage.offline_code(CodeClass::Once, None)?;
    let (UnixMillis(from), UnixMillis(until)) = (parcel.from, parcel.until);
    narrator.tell("cloud", &format!("a code for {from} to {until}: {}", parcel.sentence));
    let shown = stage.enter(&parcel.digits)?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    let crossed = stage.attacker.since(mark).len();
    narrator.judge(
        "the courier's code opens the door, and not one packet went to the lock since it was made",
        truth.bolt == "retracted" && crossed == 0,
        &format!("{shown}; {crossed} packets"),
    );
    stage.lock_by_hand()?;
    refused(narrator, stage, &parcel, "the same code a second time is refused")?;

    let in_two_hours = stage.offline_code(CodeClass::OneHour, Some(hours_from_now(2)?))?;
    refused(narrator, stage, &in_two_hours, "a code whose window has not begun looks like a wrong one")?;

    let guest = stage.offline_code(CodeClass::OneDay, None)?;
    let revoked = stage.code_series(SeriesWish::Revoke, "revoke-codes")?;
    narrator.judge(
        "of a revocation that the lock has not heard of no moment is promised",
        revoked.effective_by.is_none(),
        &revoked.sentence,
    );
    stage.send(Person::Courier, "deliver", None, 10)?;
    let confirmed = stage.offline_codes()?;
    narrator.judge(
        "once the lock has confirmed it, the cloud says since when the old codes are dead",
        confirmed.effective_by.is_some() && confirmed.code_epoch == guest.code_epoch + 1,
        &confirmed.sentence,
    );
    refused(narrator, stage, &guest, "a code from before the revocation is refused")?;
    let fresh = stage.offline_code(CodeClass::OneDay, None)?;
    let shown = stage.enter(&fresh.digits)?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    narrator.judge("and one from after it opens", truth.bolt == "retracted", &shown);
    Ok(())
}

/// The door shows a wrong code, and the motor does not run.
fn refused(narrator: &mut Narrator, stage: &mut Stage, code: &CodeMade, claim: &str) -> Result<()> {
    let before = stage.truth()?;
    let shown = stage.enter(&code.digits)?;
    let is_same = stage.truth()? == before;
    narrator.judge(claim, is_same && shown.contains("reason=wrong_code"), &shown);
    Ok(())
}
