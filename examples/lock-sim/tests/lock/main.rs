//! The simulated lock against a real cloud role: in virtual time, and as a process that is killed.

mod cloud;
mod in_virtual_time;
mod program;
mod refusals;
mod updating;
