//! A relay that does its work: then every command must be carried out. A lock that refuses everything is not secure, it is broken.

use lock_core::proto::{Action, BoltPosition, Query, Request};

use super::id_of;
use crate::arena::{Arena, Stranded, Upward};
use crate::oracle::Route;

impl Arena {
    pub(super) fn honest_scene(&mut self) -> Result<(), Stranded> {
        self.disarm();
        self.upward = Upward::Honest;
        self.make_ready()?;
        let link = self.random.place(2);
        // Marks and configuration in the answer bring a restored cloud up to date, and the clock goes the other way.
        let is_open = self.open_session(link, &Request::Query(Query::Status))?;
        self.oracle.hold(is_open, || "an honest handshake got no answer".to_owned());
        let route = self.random.one_of(&Route::ALL);
        let action = match route {
            Route::LiveMotion | Route::RecordMotion | Route::SealedMotion => self.motion(),
            Route::LiveConfiguration | Route::SealedConfiguration => self.configuration(),
        };
        let request = self.command(action.clone());
        match route {
            Route::LiveMotion | Route::LiveConfiguration => {
                self.open_session(link, &request)?;
            }
            Route::RecordMotion => {
                if let Some(packet) = self.in_session(link, &request) {
                    self.deliver(link, &packet)?;
                }
            }
            Route::SealedMotion | Route::SealedConfiguration => {
                let packet = self.sealed(&request, None);
                self.deliver(link, &packet)?;
            }
        }
        self.pass(2_000)?;
        let (has_run, is_so) = (self.oracle.orders.has_run(id_of(&request)), self.is_so(&action));
        let heard = format!("{:?}", self.heard.last());
        self.oracle.hold(has_run && is_so, || {
            format!(
                "an honest command was not carried out: {request:?} by {}; the cloud heard {heard}",
                route.name()
            )
        });
        Ok(())
    }

    fn is_so(&mut self, action: &Action) -> bool {
        match action {
            Action::Lock => self.truth().bolt == BoltPosition::Extended,
            Action::Unlock => self.truth().bolt == BoltPosition::Retracted,
            Action::Configure { version, .. } => self.status().configuration == *version,
            // The soak issues no other.
            Action::Unlatch
            | Action::UnlockFor { .. }
            | Action::LockNGo
            | Action::SetMode(_)
            | Action::Calibrate
            | Action::SelfTest
            | Action::EndLockout
            | Action::RevokeTickets { .. }
            | Action::DenyTicket { .. }
            | Action::PrepareRotation { .. }
            | Action::CommitRotation { .. }
            | Action::AdoptPinKey(_)
            | Action::AcknowledgeLog { .. }
            | Action::EndOwnership { .. }
            | Action::OfferUpdate(_)
            | Action::InstallUpdate { .. } => false,
        }
    }
}
