//! Backups over a relay: read question by question; restored by the key of a backup, and then by what waits for the lock.

use lock_fleet::proto::{Outcome, Reason};
use lock_fleet::{BackingUp, ForeignItems, LockId, LostCodes};

use super::wish::{Goal, Standing};
use super::{Gone, Relay};
use crate::http::{Refusal, lock_id, restore_made};
use crate::log::fact;
use crate::messages::relay::ToPhone;
use crate::{Right, wish_name};

impl Relay {
    /// A wish to restore: from this lock's own backup, or from that of the lock that it replaces, on which the user needs the same right.
    pub(super) async fn restoring(
        &mut self,
        client_token: Option<String>,
        from: Option<String>,
    ) -> Result<Result<Goal, Refusal>, Gone> {
        let of = match from.map_or(Ok(self.lock), |from| lock_id(&from)) {
            Ok(of) => of,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (who, configure) = (self.who.clone(), Right::Configure);
        let allowed = self.service.blocking(move |service| service.require(&who, of, configure)).await;
        if let Err(refusal) | Ok(Err(refusal)) = allowed {
            return Ok(Err(refusal));
        }
        let token = client_token.map_or_else(wish_name::drawn, Ok);
        let token = token.and_then(|token| wish_name::of(&self.who, &token));
        Ok(token.map(|token| Goal::Restore { of, token }))
    }

    /// The lock has answered one question of a backup.
    pub(super) async fn backed_up(&mut self, stands: BackingUp) -> Result<(), Gone> {
        match stands {
            BackingUp::Read { .. } => {
                if let Some(wish) = &mut self.wish {
                    wish.standing = Standing::Waiting;
                }
                Box::pin(self.pursue()).await
            }
            BackingUp::Taken { number, credentials } => {
                self.wish = None;
                self.note(fact("backed_up").with("number", number).with("credentials", credentials));
                let sentence = format!("backup {number} holds {credentials} codes and tokens of the lock");
                self.say(&ToPhone::BackedUp { number, credentials, sentence }).await
            }
            BackingUp::Nothing => {
                self.give_up("the lock has no codes, so that there is nothing to back up; older backups stay")
                    .await
            }
        }
    }

    /// The lock has answered about the key of a backup. Where it has that key, or codes of its own, what it lacks is queued.
    pub(super) async fn adopted(&mut self, of: LockId, outcome: Outcome) -> Result<(), Gone> {
        self.wish = None;
        self.note(fact("adopted").with("outcome", format_args!("{outcome:?}")));
        if !matches!(outcome, Outcome::Done | Outcome::Refused(Reason::Occupied)) {
            return self.refuse("the lock did not take the key of the backup; ask again").await;
        }
        let (lock, who) = (self.lock, self.who.clone());
        let restored = self
            .service
            .ask_fleet(move |fleet, now| {
                if of == lock {
                    fleet.restore(lock, ForeignItems::Keep, LostCodes::FromBackup, &who.name, now)
                } else {
                    fleet.take_over(lock, of, &who.name, now)
                }
            })
            .await;
        match restored {
            Ok(restored) => {
                self.note(fact("restored").with("queued", restored.queued.len()));
                // Any relay may bring it, also this one.
                let _ = self.service.queued().send(lock);
                self.say(&ToPhone::Restored(restore_made(&restored))).await
            }
            Err(refusal) => self.refuse(&refusal.sentence).await,
        }
    }
}
