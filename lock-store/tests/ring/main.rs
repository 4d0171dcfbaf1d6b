//! The log ring against power cuts, damage and a reference. `world` is the test's idea of the truth.

mod bounds;
mod cuts;
mod damage;
mod model;
mod stuck;
mod world;
