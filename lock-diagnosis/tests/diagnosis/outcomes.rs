//! What the result of a step does: not only whether it helped.

use lock_diagnosis::texts::ENGLISH;
use lock_diagnosis::{
    About, Answer, Capture, Cause, Dialogue, Finding, Helper, Outcome, Question, Seen, Sign, Signs, Step,
    StopIf, Turn,
};

/// Somebody inside, in front of a lock that does nothing at all, who knows no more.
fn dead() -> Dialogue {
    let mut dialogue = Dialogue::new(Signs::default());
    dialogue.answer(Question::Happens, Answer::Number(0)).expect("nothing at all happens");
    dialogue.answer(Question::Where, Answer::Number(0)).expect("inside");
    ask_nothing(&mut dialogue);
    dialogue
}

fn ask_nothing(dialogue: &mut Dialogue) {
    while let Turn::Ask(question) = dialogue.turn() {
        dialogue.answer(question, Answer::Unknown).expect("an answer");
    }
}

/// Goes on with the same result for each step but those of `others`; the steps that were advised, and the end.
fn go_on(dialogue: &mut Dialogue, outcome: Outcome, others: &[(Step, Outcome)]) -> (Vec<Step>, Turn) {
    let mut advised = vec![];
    loop {
        match dialogue.turn() {
            Turn::Ask(question) => dialogue.answer(question, Answer::Unknown).expect("an answer"),
            Turn::Advise { step, .. } => {
                advised.push(step);
                let other = others.iter().find(|(other, _)| *other == step);
                dialogue.tried(step, other.map_or(outcome, |(_, outcome)| *outcome));
            }
            end @ (Turn::Check(_) | Turn::Solved { .. } | Turn::Stop { .. } | Turn::Refer { .. }) => {
                return (advised, end);
            }
        }
    }
}

#[test]
fn a_step_that_could_not_be_done_argues_for_nothing_and_another_way_is_sought() {
    let mut dialogue = dead();
    assert_eq!(dialogue.turn(), Turn::Advise { step: Step::ReplaceCells, cause: Cause::DeadCells });
    let before = dialogue.signs();
    dialogue.tried(Step::ReplaceCells, Outcome::NotDone);
    assert_eq!(dialogue.signs(), before);
    ask_nothing(&mut dialogue);
    assert!(matches!(dialogue.turn(), Turn::Advise { step, .. } if step != Step::ReplaceCells));
    let next = |dialogue: &Dialogue| dialogue.findings().first().and_then(Finding::next_step);
    assert!(next(&dialogue).is_some_and(|step| step != Step::ReplaceCells), "nor does the finding repeat it");
    dialogue.tried(Step::ReplaceCells, Outcome::Bad);
    assert_eq!(dialogue.signs().seen(Sign::CellsNew), Some(Seen::Yes), "now they were put in");
}

#[test]
fn what_could_not_be_done_is_offered_once_more_before_anything_is_erased() {
    let mut dialogue = dead();
    let (advised, end) = go_on(&mut dialogue, Outcome::Bad, &[(Step::ReplaceCells, Outcome::NotDone)]);
    let places: Vec<_> = (0..advised.len()).filter(|place| advised[*place] == Step::ReplaceCells).collect();
    assert_eq!(places.len(), 2, "{advised:?}");
    assert_eq!(places[0], 0, "{advised:?}");
    let reset = advised.iter().position(|step| *step == Step::FactoryReset);
    assert!(reset.is_none_or(|reset| reset > places[1]) && places[1] >= 3, "{advised:?}");
    assert!(matches!(end, Turn::Refer { .. }), "{end:?}");
}

#[test]
fn whoever_can_do_nothing_is_sent_to_somebody_after_few_steps() {
    let mut dialogue = dead();
    let (advised, end) = go_on(&mut dialogue, Outcome::NotDone, &[]);
    for step in &advised {
        assert!(advised.iter().filter(|again| *again == step).count() <= 2, "{advised:?}");
    }
    assert_eq!(end, Turn::Refer { helper: Helper::Locksmith, cause: Cause::DeadCells }, "{advised:?}");
}

#[test]
fn a_step_that_was_not_done_does_not_end_the_talk_as_a_reset_does() {
    let mut dialogue = dead();
    dialogue.tried(Step::FactoryReset, Outcome::NotDone);
    assert!(matches!(dialogue.turn(), Turn::Advise { .. } | Turn::Ask(_)));
    dialogue.tried(Step::FactoryReset, Outcome::Bad);
    assert!(matches!(dialogue.turn(), Turn::Refer { .. }));
}

#[test]
fn a_step_that_was_stopped_ends_the_talk_at_once_with_its_reason() {
    for (step, stop_if, wanted) in [
        (Step::ReplaceCells, StopIf::CellsHot, Helper::Maker),
        (Step::UseKey, StopIf::NeedsForce, Helper::Locksmith),
        (Step::CheckWires, StopIf::CannotSwitchOff, Helper::Electrician),
        (Step::FactoryReset, StopIf::OnlyWayIn, Helper::Locksmith),
        // Uneasy, and nothing else: who helps is a matter of what is wrong, here the cells.
        (Step::PowerCycle, StopIf::Uneasy, Helper::Maker),
    ] {
        let mut dialogue = dead();
        dialogue.tried(step, Outcome::Stopped);
        let Turn::Stop { step: stopped, helper, .. } = dialogue.turn() else {
            panic!("{step:?}: it goes on")
        };
        assert_eq!((stopped, stopped.stop_if(), helper), (step, stop_if, wanted));

        // The last word counts, here too.
        dialogue.tried(step, Outcome::NotDone);
        assert!(!matches!(dialogue.turn(), Turn::Stop { .. }), "{step:?}");
    }
}

#[test]
fn whoever_is_locked_out_and_stops_at_a_hot_battery_is_sent_to_somebody_who_opens() {
    let mut dialogue = dead();
    dialogue.answer(Question::Where, Answer::Number(1)).expect("outside, after all");
    dialogue.tried(Step::FeedFromOutside, Outcome::Stopped);
    assert!(matches!(
        dialogue.turn(),
        Turn::Stop { step: Step::FeedFromOutside, helper: Helper::Locksmith, .. }
    ));
}

#[test]
fn a_step_that_was_stopped_says_nothing_of_the_lock() {
    let mut dialogue = dead();
    let before = dialogue.signs();
    dialogue.tried(Step::UseKey, Outcome::Stopped);
    assert_eq!(dialogue.signs(), before);
}

#[test]
fn what_hangs_on_the_mains_is_an_electrician_s_and_what_hangs_on_cells_is_not() {
    for (mains, wanted) in [(0, Helper::Maker), (1, Helper::Electrician)] {
        let mut dialogue = dead();
        dialogue.answer(Question::Mains, Answer::Number(mains)).expect("one of seven");
        dialogue.answer(Question::Compartment, Answer::Number(4)).expect("a wire is loose");
        let findings = dialogue.findings();
        let first = findings.first().expect("somebody saw it");
        assert_eq!((first.cause(), first.helper()), (Cause::LooseWiring, wanted));
    }
}

#[test]
fn the_export_tells_each_result_by_its_own_words() {
    let mut dialogue = dead();
    let tried = [Step::ReplaceCells, Step::PlaceCells, Step::UseKey, Step::CheckWires];
    for (step, outcome) in
        tried.into_iter().zip([Outcome::Bad, Outcome::NotDone, Outcome::Good, Outcome::Stopped])
    {
        dialogue.tried(step, outcome);
    }
    let capture = Capture { about: About::default(), report: None, dialogue: &dialogue, texts: &ENGLISH };
    let text = capture.to_string();
    for (step, outcome) in dialogue.steps() {
        let (act, how) = ((ENGLISH.step)(step).act, (ENGLISH.outcome)(outcome));
        let line = text.lines().find(|line| line.contains(act)).expect("a line for each step");
        assert!(line.contains(how), "{line}");
    }
    let json = serde_json::to_value(capture).expect("JSON");
    let results: Vec<_> = (0..4).map(|place| json["tried"][place][1].as_str().expect("a name")).collect();
    assert_eq!(results, ["Bad", "NotDone", "Good", "Stopped"]);

    // Whom to call, and why the talk ended.
    assert!(text.contains((ENGLISH.stop_if)(StopIf::CannotSwitchOff)), "{text}");
    assert!(text.contains((ENGLISH.helper)(Helper::Electrician)), "{text}");
    assert_eq!(json["end"]["call"], "Electrician");
    assert_eq!(json["end"]["stopped"], serde_json::json!(["CheckWires", "CannotSwitchOff"]));
    dialogue.tried(Step::CheckWires, Outcome::NotDone);
    let goes_on = Capture { about: About::default(), report: None, dialogue: &dialogue, texts: &ENGLISH };
    assert_eq!(serde_json::to_value(goes_on).expect("JSON")["end"], serde_json::Value::Null);
}
