//! A lock and its cloud in one process, under a clock that moves only when told to; storage that always works at once.
//!
//! Every packet is made by one end and taken by the other: nothing here builds a packet by hand. A failure is a mistake of
//! the measurement, so it panics.

use lock_core::cloud::{Connecting, LockKeys, Monotonic, Session};
use lock_core::crypto::{Delivery, InitiatorHedge, KeyEpoch, LockId, RootKey, RustCrypto, Suite};
use lock_core::device::{Device, Input, LinkId, Output, RecordTag, Stored, provision};
use lock_core::proto::{
    Action, Answer, BoltPosition, BootReason, CommandId, Down, MAX_PACKET, Opening, Request, UnixMillis,
    Uptime,
};
use lock_core::state::Drive;

/// The link on which everything happens.
pub const LINK: LinkId = LinkId(0);

/// When the lock boots, by the cloud's clock, in Unix milliseconds.
const BOOTED_AT: u64 = 1_800_000_000_000;

/// A packet of up to 512 bytes on the stack.
#[derive(Clone, Copy, Debug)]
pub struct PacketBuffer {
    bytes: [u8; MAX_PACKET],
    length: usize,
}

impl PacketBuffer {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: [0; MAX_PACKET], length: 0 }
    }

    /// The packet.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// The packet, to be decrypted in place.
    #[must_use]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.length]
    }

    fn copy(packet: &[u8]) -> Self {
        Self::filled(|bytes| {
            bytes[..packet.len()].copy_from_slice(packet);
            packet.len()
        })
    }

    /// What `write` leaves in 512 bytes; it returns the length.
    pub fn filled(write: impl FnOnce(&mut [u8; MAX_PACKET]) -> usize) -> Self {
        let mut packet = Self::new();
        packet.length = write(&mut packet.bytes);
        packet
    }
}

impl Default for PacketBuffer {
    fn default() -> Self {
        Self::new()
    }
}

/// What a lock put out until it had nothing more to do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Done {
    /// Records that became durable.
    pub persisted: usize,
    /// The last order to the motor but a stop.
    pub drive: Option<Drive>,
    /// The first packet: the answer to the input, where one is due. Events follow it.
    pub packet: Option<PacketBuffer>,
    /// Packets in all.
    pub packets: usize,
}

/// A provisioned lock with its bolt thrown, and its cloud.
#[derive(Debug)]
pub struct Pair<S: Suite = RustCrypto> {
    /// The lock.
    pub lock: Device<S, 2>,
    /// The cloud's keys for it.
    pub keys: LockKeys<S>,
    /// The lock's clock.
    pub now: Uptime,
    /// The number of the last command that [`Self::next_command`] issued.
    pub last_command: u64,
    attempt: u64,
}

impl<S: Suite> Pair<S> {
    /// The lock with this number: its id and keys are its own. It boots at `now` by its own clock.
    #[must_use]
    pub fn new(number: u64, now: Uptime) -> Self {
        let lock_id = lock_id(number);
        let root = RootKey::from_bytes::<S>(S::hash(&[b"root of lock", &number.to_be_bytes()]), lock_id)
            .expect("a hash of the number is no blank or derived key");
        let record = provision::<S>(&root, lock_id, &[0x5a; 32]);
        let stored = Stored::default().with(RecordTag::Keys, &record);
        let lock =
            Device::boot(&stored, [0xe1; 32], BootReason::PowerOn, now).expect("a provisioned lock boots");
        let keys = LockKeys::expand(&root, lock_id, KeyEpoch::FIRST);
        let mut pair = Self { lock, keys, now, last_command: 0, attempt: 0 };
        pair.input(Input::Bolt(BoltPosition::Extended));
        pair
    }

    /// The cloud's own clock.
    #[must_use]
    pub fn cloud_now(&self) -> Monotonic {
        Monotonic(self.now.as_millis())
    }

    /// Lets time pass for both.
    pub fn wait(&mut self, millis: u64) {
        self.now = self.now.plus_millis(millis);
    }

    /// Gives the lock an input and does what it wants.
    pub fn input(&mut self, input: Input<'_>) -> Done {
        self.lock.handle(input, self.now).expect("the lock has nothing else to do");
        let mut done = Done::default();
        let mut buffer = [0; MAX_PACKET];
        while let Some(output) = self.lock.poll_output(self.now, &mut buffer) {
            match output {
                Output::Persist { id, .. } => {
                    done.persisted += 1;
                    self.lock.persisted(id).expect("this record is the one that waits");
                }
                Output::Transmit { packet, .. } => {
                    done.packets += 1;
                    if done.packet.is_none() {
                        done.packet = Some(PacketBuffer::copy(packet));
                    }
                }
                Output::Log(_)
                | Output::Motor(Drive::Stop)
                | Output::Indicate(_)
                | Output::Alarm(_)
                | Output::Close(_)
                | Output::Update { .. } => {}
                Output::Motor(drive) => done.drive = Some(drive),
            }
        }
        done
    }

    /// Gives the lock an input and does what it wants up to its first order to the motor; the rest waits for
    /// [`Self::finish_outputs`]. Returns the order.
    pub fn input_to_motor(&mut self, input: Input<'_>) -> Option<Drive> {
        self.lock.handle(input, self.now).expect("the lock has nothing else to do");
        let mut buffer = [0; MAX_PACKET];
        while let Some(output) = self.lock.poll_output(self.now, &mut buffer) {
            match output {
                Output::Motor(drive) => return Some(drive),
                Output::Persist { id, .. } => {
                    self.lock.persisted(id).expect("this record is the one that waits");
                }
                Output::Log(_)
                | Output::Transmit { .. }
                | Output::Indicate(_)
                | Output::Alarm(_)
                | Output::Close(_)
                | Output::Update { .. } => {}
            }
        }
        None
    }

    /// Does what the lock still wants.
    pub fn finish_outputs(&mut self) -> Done {
        self.input(Input::Tick)
    }

    /// A phone connects: the lock's Hello.
    pub fn connect(&mut self) -> PacketBuffer {
        self.input(Input::LinkUp { link: LINK, delivery: Delivery::Ordered })
            .packet
            .expect("a lock greets whoever connects")
    }

    /// The cloud's answer to a Hello.
    pub fn message1(&mut self, hello: &PacketBuffer, request: Request) -> (PacketBuffer, Connecting<S>) {
        self.attempt += 1;
        let time = Some(UnixMillis(BOOTED_AT).plus_millis(self.now.as_millis()));
        let opening = Down { header: Opening { time }, request };
        let hedge = InitiatorHedge { attempt: self.attempt, entropy: [0xc1; 32] };
        let mut connecting = None;
        let packet = PacketBuffer::filled(|bytes| {
            let (length, waiting) = Connecting::start(&self.keys, hello.bytes(), &opening, &hedge, bytes)
                .expect("the cloud answers the Hello of its own lock");
            connecting = Some(waiting);
            length
        });
        (packet, connecting.expect("start has returned it"))
    }

    /// A whole handshake that carries `request`: the lock's answer and the cloud's session.
    pub fn session(&mut self, request: Request) -> (Answer, Session<S>) {
        let hello = self.connect();
        let (mut message1, connecting) = self.message1(&hello, request);
        let mut message2 = self
            .input(Input::Packet { link: LINK, packet: message1.bytes_mut() })
            .packet
            .expect("a lock answers its cloud");
        let (answer, _, session) = connecting
            .finish(message2.bytes_mut(), Delivery::Ordered, self.cloud_now())
            .expect("the cloud opens the answer of its own lock");
        (answer.into_inner(), session)
    }

    /// The next command.
    pub fn next_command(&mut self, action: Action) -> Request {
        self.last_command += 1;
        Request::Command { id: CommandId(self.last_command), action }
    }

    /// A record with the next command.
    pub fn command(&mut self, session: &mut Session<S>, action: Action) -> PacketBuffer {
        let request = self.next_command(action);
        let now = self.cloud_now();
        PacketBuffer::filled(|bytes| session.request(request, now, bytes).expect("the session lives"))
    }
}

/// The id of the lock with this number.
#[must_use]
pub fn lock_id(number: u64) -> LockId {
    let mut id = *b"lock no.........";
    id[8..].copy_from_slice(&number.to_be_bytes());
    LockId(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unlock_in_the_first_message_persists_once_moves_the_motor_and_is_answered() {
        let mut pair = Pair::<RustCrypto>::new(1, Uptime::from_millis(0));
        let hello = pair.connect();
        let unlock = pair.next_command(Action::Unlock);
        let (mut message1, _) = pair.message1(&hello, unlock);
        let done = pair.input(Input::Packet { link: LINK, packet: message1.bytes_mut() });
        assert_eq!(
            (done.persisted, done.drive, done.packets),
            (1, Some(Drive::Retract), 2),
            "the answer, then the event"
        );
    }

    #[test]
    fn an_unlock_in_a_record_moves_the_motor_before_anything_is_sent() {
        let mut pair = Pair::<RustCrypto>::new(1, Uptime::from_millis(0));
        let (_, mut session) = pair.session(Request::Nothing);
        let mut record = pair.command(&mut session, Action::Unlock);
        let drive = pair.input_to_motor(Input::Packet { link: LINK, packet: record.bytes_mut() });
        assert_eq!(drive, Some(Drive::Retract));
        assert!(pair.finish_outputs().packets >= 1);
    }
}
