//! The rules of the lock, each as a sentence, on the public interface and with really authenticated messages.

mod battery;
mod clock;
mod configuration;
mod deciding;
mod keypad;
mod motion;
mod orders;
mod peers;
mod properties;
mod reboot;
mod relock;
mod world;
