/* The time and the sleep of an MPS2 board: a counter of milliseconds, and a tick that wakes. */

#include "board.h"

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

/* FPGA I/O: COUNTER goes up each time PRESCALE, fed by 25 MHz, has run down. */
#define FPGAIO_COUNTER REGISTER(0x40028018u)
#define FPGAIO_PRESCALE REGISTER(0x4002801Cu)
#define CYCLES_PER_MILLISECOND 25000u

#define SYSTICK_CONTROL REGISTER(0xE000E010u)
#define SYSTICK_RELOAD REGISTER(0xE000E014u)
#define SYSTICK_VALUE REGISTER(0xE000E018u)
#define SYSTICK_ON_WITH_INTERRUPT 7u
#define INTERRUPT_CONTROL REGISTER(0xE000ED04u)
#define CLEAR_PENDING_SYSTICK (1u << 25)
#define RESET_CONTROL REGISTER(0xE000ED0Cu)
#define SYSTEM_RESET 0x05FA0004u

void uart_start(void);

void board_start(void)
{
    /* Masked interrupts still wake the sleep, and run no handler. */
    __asm volatile("cpsid i");
    FPGAIO_PRESCALE = CYCLES_PER_MILLISECOND - 1;
    SYSTICK_RELOAD = 10 * CYCLES_PER_MILLISECOND - 1;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = SYSTICK_ON_WITH_INTERRUPT;
    uart_start();
}

void uart_clear_pending(void);

void board_sleep(void)
{
    __asm volatile("dsb\n wfi");
    INTERRUPT_CONTROL = CLEAR_PENDING_SYSTICK;
    uart_clear_pending();
}

uint64_t clock_now(void)
{
    static uint32_t last;
    static uint64_t rounds;
    uint32_t counter = FPGAIO_COUNTER;
    if (counter < last)
        rounds += UINT64_C(1) << 32;
    last = counter;
    return rounds + counter;
}

_Noreturn void board_reset(void)
{
    __asm volatile("dsb");
    RESET_CONTROL = SYSTEM_RESET;
    for (;;) {
    }
}

_Noreturn void board_stop(int code)
{
    /* Semihosting: SYS_EXIT_EXTENDED, with the reason "the application exits". Without a debugger it is a fault, and ends here too. */
    uint32_t block[2] = {0x20026u, (uint32_t)code};
    register uint32_t operation __asm("r0") = 0x20;
    register void *argument __asm("r1") = block;
    __asm volatile("bkpt 0xAB" : "+r"(operation) : "r"(argument) : "memory");
    for (;;) {
    }
}
