//! The log over a relay: fetched answer by answer, then acknowledged, in one session.

use lock_fleet::proto::Outcome;
use lock_fleet::{Fetched, LogFault};

use super::wish::Standing;
use super::{Gone, Relay};
use crate::http::{Refusal, since};
use crate::log::fact;
use crate::messages::relay::ToPhone;

impl Relay {
    /// The lock has answered one question for its log. What came is stored.
    pub(super) async fn log_fetched(&mut self, fetched: Fetched) -> Result<(), Gone> {
        let Some(wish) = &mut self.wish else { return Ok(()) };
        match fetched {
            Fetched::More { entries } => wish.log_entries += entries,
            Fetched::Level { entries } => {
                wish.log_entries += entries;
                wish.is_log_level = true;
            }
            Fetched::Broken { fault } => {
                self.note(fact("log_broken").with("why", fault));
                let sentence = match fault {
                    LogFault::NoKey { .. } => format!("{fault}; the entries are kept as they are"),
                    LogFault::Edited { .. }
                    | LogFault::Reordered { .. }
                    | LogFault::Forked { .. }
                    | LogFault::Dropped(_)
                    | LogFault::Truncated(_)
                    | LogFault::HeadBehind { .. }
                    | LogFault::NotFresh
                    | LogFault::TooFar { .. }
                    | LogFault::WrongKey => {
                        format!("what the lock says of its log does not hold: {fault}; it is kept as a fault")
                    }
                };
                return self.give_up(&sentence).await;
            }
        }
        wish.standing = Standing::Waiting;
        Box::pin(self.pursue()).await
    }

    /// The lock has freed what is here, or not: what was fetched stays here either way.
    pub(super) async fn log_acknowledged(&mut self, outcome: Outcome) -> Result<(), Gone> {
        let entries = self.wish.take().map_or(0, |wish| wish.log_entries);
        let lock = self.lock;
        let who = self.who.clone();
        let standing = self.service.blocking(move |service| {
            let first = service.access().seen_from(&who, lock)?.log;
            Ok::<_, Refusal>(since(first, service.fleet(|fleet, _| fleet.log_standing(lock))?))
        });
        match standing.await.and_then(|standing| standing) {
            Ok(standing) => {
                let faults = standing.faults.len();
                let line = fact("log_fetched").with("entries", entries).with("faults", faults);
                self.note(line.with("acknowledged", format_args!("{outcome:?}")));
                let verdict = match faults {
                    0 => "nothing in it was changed or left out".to_owned(),
                    _ => format!("{faults} things are wrong with it; the log lists them"),
                };
                let next = standing.next;
                let sentence =
                    format!("{entries} new entries of the log, whose next one is {next}; {verdict}");
                self.say(&ToPhone::LogFetched { entries, faults, sentence }).await
            }
            Err(refusal) => self.refuse(&refusal.sentence).await,
        }
    }
}
