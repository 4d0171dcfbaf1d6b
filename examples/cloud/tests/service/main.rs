//! The service on real sockets: its rules for callers, and its relay with the real core in the lock's role.

mod backups;
mod claim;
mod codes;
mod firmware;
mod items;
mod keys;
mod loader;
mod lock;
mod lost;
mod ownership;
mod phone;
mod profiles;
mod relay;
mod rest;
mod rotation;
mod store_and_forward;
mod update;
mod world;
