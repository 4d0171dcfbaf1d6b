//! Commands of the cloud to a lock that is reached now.

use lock_core::proto::{CommandId, Outcome};
use lock_fleet::{ClientToken, CommandState, LiveAnswer, LiveEvent, LiveRequest, LiveSession, Task};

use crate::broken::{Broken, Held, hold};
use crate::scene::{Connected, LOCK, Progress, Scene, unasked};

pub(crate) fn action(task: Task, name: &str) -> Held<LiveRequest> {
    let client_token = ClientToken::new(name).map_err(Broken::host)?;
    Ok(LiveRequest::Action { task, client_token, by: "anna".into() })
}

impl Scene<'_> {
    /// Gives an order under a name, in a first message, and waits for its end. The same name is the same order.
    pub(crate) fn order(&mut self, task: Task, name: &str) -> Held<Outcome> {
        match self.connect(action(task, name)?)? {
            Connected::Known(command) => {
                let CommandState::Settled(outcome) = command.state else {
                    return Err(Broken::Wrong(format!(
                        "the service sends nothing, and knows only {:?}",
                        command.state
                    )));
                };
                Ok(outcome)
            }
            Connected::Live(mut session, answer) => self.end_of(&mut session, &answer),
        }
    }

    /// The same in a session.
    pub(crate) fn order_in(&mut self, session: &mut LiveSession, task: Task, name: &str) -> Held<Outcome> {
        let answer = self.ask(session, action(task, name)?)?;
        self.end_of(session, &answer)
    }

    fn end_of(&mut self, session: &mut LiveSession, answer: &LiveAnswer) -> Held<Outcome> {
        let LiveAnswer::Command { id, outcome, .. } = *answer else {
            return Err(unasked("an order", answer));
        };
        self.progress = Progress::Answered;
        if outcome == Outcome::Started { self.finished(session, id) } else { Ok(outcome) }
    }

    fn finished(&mut self, session: &mut LiveSession, wanted: CommandId) -> Held<Outcome> {
        loop {
            match self.event(session)? {
                LiveEvent::Finished { id, outcome } if id == wanted => return Ok(outcome),
                LiveEvent::Finished { .. }
                | LiveEvent::Answer(_)
                | LiveEvent::Changed(_)
                | LiveEvent::Alarm(_)
                | LiveEvent::Update(_) => {}
            }
        }
    }

    /// Has the service hear the lock's marks, so that it knows that its own numbers are not behind.
    pub(crate) fn level(&mut self) -> Held {
        self.session(LiveRequest::Nothing)?;
        self.replug()
    }

    /// All that the service wants of the lock is there, and nothing else.
    pub(crate) fn compare(&mut self, session: &mut LiveSession) -> Held {
        loop {
            let answer = self.ask(session, LiveRequest::Compare)?;
            let LiveAnswer::Compared(comparison) = &answer else {
                return Err(unasked("its configuration", &answer));
            };
            if comparison.query().is_none() {
                break;
            }
        }
        for item in self.service.fleet().items(LOCK).map_err(Broken::host)? {
            let is_there = item.standing == lock_fleet::ItemStanding::Applied;
            hold(is_there, || format!("{:?} {} is {}", item.table, item.slot, item.standing))?;
        }
        Ok(())
    }
}
