//! Property 2: no nonce is used twice, whatever happens to entropy, power and stores.

use std::collections::HashSet;

use lock_core::proto::Packet;
use lock_sim::controller::LINKS;

use super::Checks;

const DOWN: u8 = 0;
const UP: u8 = 1;

/// All nonces of a run.
#[derive(Debug, Default)]
pub(super) struct Nonces {
    hellos: HashSet<[u8; 16]>,
    first: HashSet<Vec<u8>>,
    second: HashSet<Vec<u8>>,
    sealed: HashSet<(u8, u32, u64, [u8; 16])>,
    /// Of the session that the lock has on each link: the nonce that made its keys, and the counters used.
    sessions: [HashSet<u64>; LINKS],
}

impl Nonces {
    pub(super) fn lock_sent(&mut self, link: usize, packet: &[u8], checks: &mut Checks) {
        match Packet::parse(packet) {
            Ok(Packet::Hello(hello)) => {
                checks.hold(self.hellos.insert(hello.nonce), || {
                    format!("a Hello repeats: {:02x?}", hello.nonce)
                });
            }
            Ok(Packet::Message2(message)) => {
                let nonce = message.handshake[..16].to_vec();
                checks.hold(self.second.insert(nonce), || "the nonce of a Message2 repeats".to_owned());
                self.sessions[link].clear();
            }
            Ok(Packet::Record(record)) => {
                let is_new = self.sessions[link].insert(record.counter);
                checks.hold(is_new, || format!("record counter {} repeats in a session", record.counter));
            }
            Ok(Packet::SealedUp(sealed)) => {
                let is_new = self.sealed.insert((UP, sealed.key_epoch, sealed.counter, sealed.random));
                checks.hold(is_new, || format!("the nonce of sealed up {} repeats", sealed.counter));
            }
            Ok(Packet::HelloRequest | Packet::Message1(_) | Packet::SealedDown(_)) | Err(_) => {}
        }
    }

    /// Records of the cloud are its session's matter: what seals twice under a counter does not open here.
    pub(super) fn cloud_made(&mut self, packet: &[u8], checks: &mut Checks) {
        match Packet::parse(packet) {
            Ok(Packet::Message1(message)) => {
                let nonce = message.handshake[..16].to_vec();
                checks.hold(self.first.insert(nonce), || "the nonce of a Message1 repeats".to_owned());
            }
            Ok(Packet::SealedDown(sealed)) => {
                let is_new = self.sealed.insert((DOWN, sealed.key_epoch, sealed.counter, sealed.random));
                checks.hold(is_new, || format!("the nonce of sealed down {} repeats", sealed.counter));
            }
            Ok(
                Packet::HelloRequest
                | Packet::Hello(_)
                | Packet::Message2(_)
                | Packet::Record(_)
                | Packet::SealedUp(_),
            )
            | Err(_) => {}
        }
    }

    pub(super) fn rebooted(&mut self) {
        self.sessions.iter_mut().for_each(HashSet::clear);
    }
}
