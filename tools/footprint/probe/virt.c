/* A board with RISC-V, `virt` of the emulator, as far as a program that is measured needs one: its start, a serial port to tell, and an end. */

#include "board.h"

/* A 16550: what is sent, and a status whose bit 5 says that there is room. */
#define SEND (*(volatile uint8_t *)(uintptr_t)0x10000000u)
#define STATUS (*(volatile uint8_t *)(uintptr_t)0x10000005u)
enum { STATUS_SEND_EMPTY = 0x20 };

/* A device that ends the emulator. */
#define FINISH (*(volatile uint32_t *)(uintptr_t)0x00100000u)
enum { FINISH_PASS = 0x5555, FINISH_FAIL = 0x3333 };

extern uint32_t bss_start[], bss_end[];

int main(void);

__attribute__((used)) static void begin(void)
{
    uint32_t *word;
    for (word = bss_start; word < bss_end;)
        *word++ = 0;
    board_stop(main());
}

__attribute__((used, aligned(4))) static void fault(void)
{
    board_stop(102);
}

__attribute__((naked, section(".vectors"), used)) void reset(void)
{
    __asm volatile(".option arch, +zicsr\n"
                   "la sp, stack_top\n"
                   "la t0, fault\n"
                   "csrw mtvec, t0\n"
                   "j begin");
}

void board_start(void)
{
    /* The port sends as it is. */
}

void uart_send(int ignored, const uint8_t *bytes, size_t length)
{
    (void)ignored;
    while (length-- > 0) {
        while (!(STATUS & STATUS_SEND_EMPTY)) {
        }
        SEND = *bytes++;
    }
}

_Noreturn void board_stop(int code)
{
    FINISH = code == 0 ? FINISH_PASS : (uint32_t)code << 16 | FINISH_FAIL;
    for (;;) {
    }
}
