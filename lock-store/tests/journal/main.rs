//! The journal against power cuts, damage and a reference model. `world` is the test's idea of the truth.

mod bounds;
mod cuts;
mod damage;
mod faults;
mod forgetting;
mod idle;
mod model;
mod world;
