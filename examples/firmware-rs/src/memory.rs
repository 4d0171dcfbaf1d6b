//! Memory that is not Rust's: the registers of the board, the cells of its flash, and the stack. What is unsafe in this firmware is here,
//! and in the handlers of `stop.rs`.
#![allow(unsafe_code)]

use core::ptr::{with_exposed_provenance, with_exposed_provenance_mut};

use cortex_m_rt::STACK_PAINT_VALUE;

/// A register of the board, of 32 bits.
pub(crate) struct Register(usize);

impl Register {
    pub(crate) fn read(&self) -> u32 {
        // SAFETY: only this module makes registers, at addresses of the board's memory map that hold no object of Rust.
        unsafe { with_exposed_provenance::<u32>(self.0).read_volatile() }
    }

    pub(crate) fn write(&self, value: u32) {
        // SAFETY: as in `read`.
        unsafe { with_exposed_provenance_mut::<u32>(self.0).write_volatile(value) }
    }
}

/// FPGA I/O: `COUNTER` goes up each time `PRESCALE`, fed by 25 MHz, has run down.
pub(crate) const COUNTER: Register = Register(0x4002_8018);
pub(crate) const PRESCALE: Register = Register(0x4002_801C);
/// The interrupts 0 to 31.
pub(crate) const INTERRUPTS_ENABLE: Register = Register(0xE000_E100);
pub(crate) const INTERRUPTS_CLEAR: Register = Register(0xE000_E280);

/// A serial port (CMSDK APB UART).
pub(crate) struct UartRegisters {
    pub(crate) data: Register,
    pub(crate) state: Register,
    pub(crate) control: Register,
    pub(crate) interrupt: Register,
    pub(crate) divider: Register,
}

impl UartRegisters {
    const fn at(base: usize) -> Self {
        Self {
            data: Register(base),
            state: Register(base + 4),
            control: Register(base + 8),
            interrupt: Register(base + 12),
            divider: Register(base + 16),
        }
    }
}

pub(crate) const UART_0: UartRegisters = UartRegisters::at(0x4000_4000);
pub(crate) const UART_1: UartRegisters = UartRegisters::at(0x4000_5000);

/// Words of memory that outlives the chip's power.
#[derive(Debug)]
pub(crate) struct Cells {
    address: usize,
    words: usize,
}

impl Cells {
    /// The word with this index; `None` beyond the end.
    pub(crate) fn word(&self, index: usize) -> Option<u32> {
        let address = self.address_of(index)?;
        // SAFETY: only this module makes cells, in a memory of the board that holds no object of Rust; the index is within.
        Some(unsafe { with_exposed_provenance::<u32>(address).read_volatile() })
    }

    /// Stores a word; `None` beyond the end.
    pub(crate) fn set_word(&self, index: usize, word: u32) -> Option<()> {
        let address = self.address_of(index)?;
        // SAFETY: as in `word`.
        unsafe { with_exposed_provenance_mut::<u32>(address).write_volatile(word) };
        Some(())
    }

    fn address_of(&self, index: usize) -> Option<usize> {
        (index < self.words).then_some(self.address + 4 * index)
    }
}

const OUTLIVING: usize = 0x2100_0000;
/// The flash, of eleven sectors.
pub(crate) const FLASH: Cells = Cells { address: OUTLIVING, words: 11 * 8192 / 4 };
/// Where the bolt stands: a mark, a position, and how far it may go.
pub(crate) const DOOR: Cells = Cells { address: OUTLIVING + 0x2_0000, words: 3 };

unsafe extern "C" {
    static _stack_start: u32;
    static _stack_end: u32;
}

/// How many bytes of stack were ever in use: the start-up has painted all of it.
pub(crate) fn deepest_stack() -> usize {
    let (top, bottom) = (&raw const _stack_start as usize, &raw const _stack_end as usize);
    // SAFETY: the linker's stack is RAM from `bottom` to `top`, and what is read of it becomes no object.
    let is_untouched = |address: &usize| unsafe {
        with_exposed_provenance::<u32>(*address).read_volatile() == STACK_PAINT_VALUE
    };
    top - (bottom..top).step_by(4).find(|address| !is_untouched(address)).unwrap_or(top)
}
