/* An MPS2 board with a Cortex-M33 (AN505), as far as a program that is measured needs one: a serial port to tell, and an end. It starts as the
 * board of examples/firmware-c does, and stays in the secure state. */

#include "board.h"

/* CMSDK APB UART 0, from the secure side. */
static volatile struct {
    uint32_t data, state, control, interrupt, divider;
} *const port = (void *)(uintptr_t)0x50200000u;

enum { STATE_SEND_FULL = 1 };
enum { CONTROL_SEND = 1 };

void board_start(void)
{
    port->divider = 16;
    port->control = CONTROL_SEND;
}

void uart_send(int ignored, const uint8_t *bytes, size_t length)
{
    (void)ignored;
    while (length-- > 0) {
        while (port->state & STATE_SEND_FULL) {
        }
        port->data = *bytes++;
    }
}

_Noreturn void board_stop(int code)
{
    /* Semihosting: SYS_EXIT_EXTENDED, with the reason "the application exits". */
    uint32_t block[2] = {0x20026u, (uint32_t)code};
    register uint32_t operation __asm("r0") = 0x20;
    register void *argument __asm("r1") = block;
    __asm volatile("bkpt 0xAB" : "+r"(operation) : "r"(argument) : "memory");
    for (;;) {
    }
}
