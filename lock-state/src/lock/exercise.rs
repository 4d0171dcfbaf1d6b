//! Calibration and self-test: the bolt is driven out and back, and its travels are learned.
//!
//! ```text
//!  Find ─ withdrawn ─> Out ─ thrown ─> Back ─ withdrawn ─> Restore ─ as it was ─> done
//!    any of them stalls or runs out of time: failed          anybody else's order: abandoned
//! ```

use lock_proto::{
    BoltPosition, Calibration, Cause, ClockFact, CommandId, DoorState, Outcome, Part, TestResult, TestStep,
    Travel,
};

use super::{Lock, finish};
use crate::motor::{Afterwards, Run};
use crate::{Effects, Goal, Indication, Tables};

/// What the exercise is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Purpose {
    /// To learn the travels.
    Calibration,
    /// To try everything.
    SelfTest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Leg {
    Find,
    Out,
    Back { extend_ms: u16 },
    Restore,
}

/// An exercise under way.
#[derive(Debug)]
#[cfg_attr(lock_model, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Exercise {
    purpose: Purpose,
    cause: Cause,
    command: Option<CommandId>,
    was_thrown: bool,
    leg: Leg,
}

impl<T: Tables> Lock<T> {
    pub(super) fn begin_exercise(
        &mut self,
        purpose: Purpose,
        cause: Cause,
        command: Option<CommandId>,
        effects: &mut Effects,
    ) {
        self.abandon_exercise(effects);
        let was_thrown = self.facts.bolt.value() == BoltPosition::Extended;
        self.exercise = Some(Exercise { purpose, cause, command, was_thrown, leg: Leg::Find });
        self.facts.note_calibration(Calibration::Running, cause, self.now);
        if purpose == Purpose::SelfTest {
            self.history.self_test = Default::default();
        }
        self.begin(Goal::Unlocked, cause, None, Afterwards::NextLeg, effects);
    }

    /// The bolt has arrived where a leg drove it.
    pub(super) fn leg_done(&mut self, run: Run, effects: &mut Effects) {
        let took_ms = u16::try_from(self.now.millis_since(run.since)).unwrap_or(u16::MAX);
        let Some(exercise) = self.exercise.as_mut() else { return };
        let cause = exercise.cause;
        let next = match exercise.leg {
            Leg::Find => Some((Leg::Out, Goal::Locked)),
            Leg::Out => Some((Leg::Back { extend_ms: took_ms }, Goal::Unlocked)),
            Leg::Back { extend_ms } => {
                self.upkeep.travel = Some(Travel { extend_ms, retract_ms: took_ms });
                exercise.was_thrown.then_some((Leg::Restore, Goal::Locked))
            }
            Leg::Restore => None,
        };
        match next {
            Some((leg, goal)) => {
                exercise.leg = leg;
                self.begin(goal, cause, None, Afterwards::NextLeg, effects);
            }
            None => self.exercise_passed(effects),
        }
    }

    fn exercise_passed(&mut self, effects: &mut Effects) {
        let Some(exercise) = self.exercise.take() else { return };
        self.facts.note_calibration(Calibration::Done, exercise.cause, self.now);
        effects.save_upkeep = true;
        effects.indicate = Some(Indication::TestPassed);
        if exercise.purpose == Purpose::SelfTest {
            self.set_result(TestStep::MotorOut, TestResult::Passed);
            self.set_result(TestStep::MotorBack, TestResult::Passed);
            if self.finish_self_test() == TestResult::Failed {
                effects.indicate = Some(Indication::TestFailed);
            }
        }
        if self.facts.bolt.value() == BoltPosition::Retracted {
            self.start_relock(self.plan(Afterwards::Settings), effects);
        }
        finish(exercise.command, Outcome::Done, effects);
    }

    /// A leg ended in `outcome`.
    pub(super) fn exercise_failed(&mut self, outcome: Outcome, effects: &mut Effects) {
        let Some(exercise) = self.exercise.take() else { return };
        self.facts.note_calibration(Calibration::Failed, exercise.cause, self.now);
        effects.indicate = Some(Indication::TestFailed);
        if exercise.purpose == Purpose::SelfTest {
            let (out, back) = match exercise.leg {
                Leg::Out | Leg::Restore => (TestResult::Failed, TestResult::Passed),
                Leg::Find => (TestResult::NotRun, TestResult::Failed),
                Leg::Back { .. } => (TestResult::Passed, TestResult::Failed),
            };
            self.set_result(TestStep::MotorOut, out);
            self.set_result(TestStep::MotorBack, back);
            self.finish_self_test();
        }
        finish(exercise.command, outcome, effects);
    }

    /// Somebody needs the door now: the exercise is given up, and nothing was learned.
    pub(super) fn abandon_exercise(&mut self, effects: &mut Effects) {
        let Some(exercise) = self.exercise.take() else { return };
        let known = if self.upkeep.travel.is_some() { Calibration::Done } else { Calibration::Needed };
        self.facts.note_calibration(known, exercise.cause, self.now);
        if exercise.command.is_some() {
            effects.superseded = exercise.command;
        }
    }

    /// The steps that need no motor; the worst result of all.
    fn finish_self_test(&mut self) -> TestResult {
        let door = match (self.facts.door.value(), self.door_part()) {
            (DoorState::Faulty, _) | (_, Part::Silent | Part::Contradictory) => TestResult::Failed,
            (DoorState::Unknown, _) => TestResult::NotRun,
            (DoorState::Open | DoorState::Closed | DoorState::Ajar | DoorState::Forced, _) => {
                TestResult::Passed
            }
        };
        let passed_if = |passed: bool| if passed { TestResult::Passed } else { TestResult::Failed };
        self.set_result(TestStep::DoorSensor, door);
        self.set_result(
            TestStep::Calibration,
            passed_if(self.facts.calibration.value() == Calibration::Done),
        );
        self.set_result(TestStep::Radio, passed_if(self.history.cloud_heard_at.is_some()));
        let is_trusted = matches!(self.clock.report(self.now), ClockFact::Trusted { .. });
        self.set_result(TestStep::Clock, passed_if(is_trusted));
        self.facts.count_change();
        let failed = self.history.self_test.contains(&TestResult::Failed);
        passed_if(!failed)
    }

    fn set_result(&mut self, step: TestStep, result: TestResult) {
        if let Some(place) = self.history.self_test.get_mut(usize::from(step.number())) {
            *place = result;
        }
    }
}
