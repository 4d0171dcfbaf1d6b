/* From reset to main: memory as C expects it, a stack that shows how deep it got, and the vectors. */

#include <stdint.h>

#include "board.h"

extern uint32_t data_image[], data_start[], data_end[], bss_start[], bss_end[], stack_bottom[], stack_top[];

int main(void);

#define UNUSED_STACK 0xA5A5A5A5u

void reset(void)
{
    uint32_t *to, *from = data_image;
    volatile uint32_t here;
    for (to = data_start; to < data_end;)
        *to++ = *from++;
    for (to = bss_start; to < bss_end;)
        *to++ = 0;
    /* Below this frame nothing is in use yet. */
    for (to = stack_bottom; to < (uint32_t *)((uintptr_t)&here - 64);)
        *to++ = UNUSED_STACK;
    board_stop(main());
}

uint32_t stack_deepest(void)
{
    const uint32_t *word = stack_bottom;
    while (word < stack_top && *word == UNUSED_STACK)
        word++;
    return (uint32_t)((uintptr_t)stack_top - (uintptr_t)word);
}

/* A lock that lost its way stops: the motor is not driven any further, and a watchdog would reset the chip. */
static void fault(void)
{
    board_stop(102);
}

/* Interrupts are taken by the sleep alone: they stay pending and wake it. */
__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16] = {
    (uintptr_t)stack_top, (uintptr_t)reset, (uintptr_t)fault, (uintptr_t)fault, (uintptr_t)fault, (uintptr_t)fault,
    (uintptr_t)fault,     (uintptr_t)fault, 0,                0,                0,                (uintptr_t)fault,
    (uintptr_t)fault,     0,                (uintptr_t)fault, (uintptr_t)fault,
};
