//! One round trip opens the door.

use anyhow::{Context, Result};
use lock_proto::Kind;

use super::Scenario;
use crate::attacker::{Recorded, Way};
use crate::narrator::{Narrator, seconds};
use crate::process::Line;
use crate::stage::{PATIENCE, Person, Stage};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "unlock",
    story: "The owner asks the cloud to open the door. The lock speaks first: a single-use Hello. The cloud answers it with the\n\
            command inside the first handshake message, so that the motor starts after one round trip.",
    play,
};

fn play(narrator: &mut Narrator, stage: &mut Stage) -> Result<()> {
    let mark = stage.attacker.mark();
    let log = stage.lock()?.process.mark();
    let errand = stage.send(Person::Owner, "unlock", None, 10)?;
    let truth = stage.lock()?.bench.wait_for_bolt("retracted", PATIENCE)?;
    let packets = stage.attacker.since(mark);
    packets.iter().for_each(|packet| narrator.tell("link", &packet.described()));
    let motor = stage.lock()?.process.wait_for(log, PATIENCE, is_motor_start)?;
    stage.lock()?.process.since(log).iter().for_each(|Line { text, .. }| narrator.tell("lock", text));

    narrator.judge(
        "the phone reports the unlock as done, on the sensor's word",
        errand.executed,
        &errand.sentence,
    );
    narrator.judge("the bolt really is withdrawn", truth.bolt == "retracted", &truth.bolt);
    let message1 = first(&packets, Kind::Message1)?;
    let length = message1.packet.len();
    narrator.judge(
        "the first message with its command is at most 128 bytes",
        length <= 128,
        &format!("{length} bytes"),
    );
    judge_round_trip(narrator, &packets, &stage.lock_log(log));
    let asked_at = errand.asked_at.context("the phone did not say when it asked")?;
    let whole = motor.at.saturating_duration_since(asked_at);
    let lock_alone = motor.at.saturating_duration_since(message1.at);
    let seen =
        format!("{} from the wish, {} from the packet at the lock", seconds(whole), seconds(lock_alone));
    narrator.judge(
        "the motor started after the command came, and not before",
        motor.at >= message1.at,
        &seen,
    );
    let known = stage.known()?.heard.context("the cloud heard nothing")?;
    narrator.judge("the cloud does not call the door locked", !known.locked, &known.sentence);
    Ok(())
}

/// Two packets crossed before the motor started, and the lock answered after it.
fn judge_round_trip(narrator: &mut Narrator, packets: &[Recorded], log: &[String]) {
    let trip = packets.get(..2).unwrap_or_default();
    let is_one_trip = trip
        .iter()
        .map(|packet| (packet.way, packet.kind()))
        .eq([(Way::FromLock, Some(Kind::Hello)), (Way::ToLock, Some(Kind::Message1))]);
    let bytes: usize = trip.iter().map(|packet| packet.packet.len()).sum();
    let since_command = log.iter().skip_while(|line| !line.contains("received=message1"));
    let steps: Vec<_> = since_command.filter_map(|line| step(line)).take(3).collect();
    let is_in_order = steps == ["record", "motor", "answer"];
    narrator.judge(
        "one round trip before the motor: Hello up, command down",
        is_one_trip,
        &format!("{bytes} bytes crossed"),
    );
    narrator.judge(
        "the lock writes its record, starts the motor, and answers last",
        is_in_order,
        &steps.join(", "),
    );
}

/// What a line of the lock tells, of what an unlock is made of.
fn step(line: &str) -> Option<&'static str> {
    match line {
        line if line.contains("persist=memory") => Some("record"),
        line if is_motor_start(line) => Some("motor"),
        line if line.contains("sent=message2") => Some("answer"),
        _ => None,
    }
}

/// A line of the lock that says that its motor was started.
fn is_motor_start(line: &str) -> bool {
    line.contains("motor=extend") || line.contains("motor=retract")
}

fn first(packets: &[Recorded], kind: Kind) -> Result<&Recorded> {
    packets
        .iter()
        .find(|packet| packet.kind() == Some(kind))
        .with_context(|| format!("no {kind:?} crossed the line"))
}
