//! The rules of the lock, each as a sentence, on the public interface and with really authenticated messages.

mod attempts;
mod battery;
mod clock;
mod configuration;
mod courier;
mod deciding;
mod doors;
mod exercises;
mod histories;
mod keypad;
mod latch;
mod modes;
mod motion;
mod offline;
mod offline_odds;
mod offline_once;
mod orders;
mod peers;
mod reboot;
mod reference;
mod relock;
mod resetting;
mod schedules;
mod transitions;
mod users;
mod world;
