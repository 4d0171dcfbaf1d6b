//! The bytes of packets and bodies against `docs/protocol.md`: bounds, canonical encodings, numbers on the wire.

mod backups;
mod bodies;
mod messages;
mod packets;
mod printed;
mod sizes;
mod status;
mod strategies;
mod tickets;
mod units;
mod vocabulary;
