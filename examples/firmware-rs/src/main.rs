//! A smart lock in Rust on a bare chip: `lock-core` and `lock-store` on an MPS2 board (AN386), without a layer of C.
//!
//! Port 0 carries packets as COBS frames, from and to a phone. Port 1 is the bench: see [`bench`]. `main` starts the board, makes the lock
//! what it is at its first boot, and hands over to the [`controller`].
#![no_std]
#![no_main]

mod bench;
mod board;
mod clock;
mod controller;
mod factory;
mod flash;
mod loader;
mod mechanism;
mod memory;
mod start;
mod stop;
mod uart;

use core::fmt::Write as _;

use cortex_m::Peripherals;
use cortex_m_rt::entry;

use board::Board;
use controller::Controller;
use start::Made;
use stop::Stop;

#[entry]
fn main() -> ! {
    let Some(peripherals) = Peripherals::take() else { stop::stop() };
    let mut board = Board::start(peripherals);
    if let Err(why) = run(&mut board) {
        // A port takes every byte.
        let _ = writeln!(board.bench, "{why}");
    }
    stop::stop()
}

fn run(board: &mut Board) -> Result<(), Stop> {
    if start::make()? == Made::Now {
        let _ = writeln!(board.bench, "provisioned");
    }
    let started = start::start(board.clock.now())?;
    Controller::new(started, board).run()
}
