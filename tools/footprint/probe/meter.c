#include "meter.h"

#include <string.h>

#include "board.h"

#define PAINT 0x5AC3A53Cu

extern uint32_t stack_bottom[];

/* What the plugin sees: each a place in the code that is reached. */
#define MARK(name)                                  \
    __attribute__((noinline, noipa)) void name(void) \
    {                                               \
        __asm volatile("");                         \
    }
MARK(meter_mark_start)
MARK(meter_mark_stop)
MARK(meter_mark_tell)

static uintptr_t top;
static uint32_t deepest;

__attribute__((noinline)) void meter_start(void)
{
    uint32_t *frame = __builtin_frame_address(0), *word;
    top = (uintptr_t)frame;
    /* Below this frame nothing is in use. The words right below it are left to this function. */
    for (word = stack_bottom; word < frame - 16; word++)
        *word = PAINT;
    meter_mark_start();
}

__attribute__((noinline)) void meter_stop(void)
{
    const uint32_t *word = stack_bottom;
    uint32_t depth;
    meter_mark_stop();
    while (*word == PAINT)
        word++;
    if (word == stack_bottom) {
        meter_say("the stack is too small", 1);
        board_stop(1);
    }
    depth = (uint32_t)(top - (uintptr_t)word);
    if (depth > deepest)
        deepest = depth;
}

void meter_tell(const char *name)
{
    meter_mark_tell();
    meter_say(name, deepest);
    deepest = 0;
}

void meter_say(const char *name, uint32_t number)
{
    char line[12];
    size_t at = sizeof line;
    line[--at] = '\n';
    do {
        line[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    line[--at] = '\t';
    uart_send(UART_PHONE, (const uint8_t *)name, strlen(name));
    uart_send(UART_PHONE, (const uint8_t *)line + at, sizeof line - at);
}
