//! The serial ports of an MPS2 board (CMSDK APB UART). A port holds one byte; the sender waits while it is full.

use core::fmt;

use crate::memory::{INTERRUPTS_CLEAR, INTERRUPTS_ENABLE, UART_0, UART_1, UartRegisters};

/// The interrupts of receiving: ports 0 and 1.
const INTERRUPTS: u32 = 1 << 0 | 1 << 2;

const STATE_SEND_FULL: u32 = 1;
const STATE_RECEIVE_FULL: u32 = 2;
const CONTROL_SEND: u32 = 1;
const CONTROL_RECEIVE: u32 = 2;
const CONTROL_RECEIVE_INTERRUPT: u32 = 8;
const INTERRUPT_RECEIVE: u32 = 2;

/// A serial port.
pub(crate) struct Port(UartRegisters);

/// Starts both.
pub(crate) fn start() -> (Port, Port) {
    let ports = (Port(UART_0), Port(UART_1));
    for Port(registers) in [&ports.0, &ports.1] {
        registers.divider.write(16);
        registers.control.write(CONTROL_SEND | CONTROL_RECEIVE | CONTROL_RECEIVE_INTERRUPT);
    }
    INTERRUPTS_ENABLE.write(INTERRUPTS);
    ports
}

/// Lets the next byte wake the chip again.
pub(crate) fn clear_pending(ports: [&Port; 2]) {
    for Port(registers) in ports {
        registers.interrupt.write(INTERRUPT_RECEIVE);
    }
    INTERRUPTS_CLEAR.write(INTERRUPTS);
}

impl Port {
    /// The next byte; `None` where none came.
    pub(crate) fn take(&mut self) -> Option<u8> {
        if self.0.state.read() & STATE_RECEIVE_FULL == 0 {
            return None;
        }
        let [byte, ..] = self.0.data.read().to_le_bytes();
        self.0.interrupt.write(INTERRUPT_RECEIVE);
        Some(byte)
    }

    /// Sends all of it.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        for byte in bytes {
            while self.0.state.read() & STATE_SEND_FULL != 0 {}
            self.0.data.write((*byte).into());
        }
    }
}

impl fmt::Write for Port {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.send(text.as_bytes());
        Ok(())
    }
}
