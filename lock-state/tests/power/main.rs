//! The power supply: level, charge, trend, replacement and what survives a reboot, each rule as a sentence.

mod change;
mod cold;
mod curve;
mod level;
mod properties;
mod reports;
mod saved;
mod trend;
mod world;
