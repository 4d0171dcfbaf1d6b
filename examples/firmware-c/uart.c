/* The serial ports of an MPS2 board (CMSDK APB UART). A port holds one byte; the sender waits while it is full. */

#include "board.h"

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

#define NVIC_ENABLE REGISTER(0xE000E100u)
#define NVIC_CLEAR_PENDING REGISTER(0xE000E280u)

typedef volatile struct {
    uint32_t data, state, control, interrupt, divider;
} uart_registers;

#define PORTS 2
static uart_registers *const ports[PORTS] = {
    (uart_registers *)(uintptr_t)0x40004000u,
    (uart_registers *)(uintptr_t)0x40005000u,
};
/* The interrupts of receiving: ports 0 and 1. */
static const uint32_t interrupts = 1u << 0 | 1u << 2;

enum { STATE_SEND_FULL = 1, STATE_RECEIVE_FULL = 2 };
enum { CONTROL_SEND = 1, CONTROL_RECEIVE = 2, CONTROL_RECEIVE_INTERRUPT = 8 };
enum { INTERRUPT_RECEIVE = 2 };

void uart_start(void)
{
    int port;
    for (port = 0; port < PORTS; port++) {
        ports[port]->divider = 16;
        ports[port]->control = CONTROL_SEND | CONTROL_RECEIVE | CONTROL_RECEIVE_INTERRUPT;
    }
    NVIC_ENABLE = interrupts;
}

void uart_clear_pending(void)
{
    int port;
    for (port = 0; port < PORTS; port++)
        ports[port]->interrupt = INTERRUPT_RECEIVE;
    NVIC_CLEAR_PENDING = interrupts;
}

int uart_take(int port)
{
    int byte;
    if (!(ports[port]->state & STATE_RECEIVE_FULL))
        return -1;
    byte = (int)(ports[port]->data & 0xFF);
    ports[port]->interrupt = INTERRUPT_RECEIVE;
    return byte;
}

void uart_send(int port, const uint8_t *bytes, size_t length)
{
    while (length-- > 0) {
        while (ports[port]->state & STATE_SEND_FULL) {
        }
        ports[port]->data = *bytes++;
    }
}
