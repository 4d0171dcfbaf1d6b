/*
 * The random calls of lock-ffi/tests/fuzz.c, chosen by the bytes of an input in place of chance: which function is called, and with which of the
 * mistakes that a programmer makes. Their rules are judged as there; one that is broken ends the program.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHOOSES
#define main as_a_program
#define exit(code) abort()
#include "fuzz.c"
#undef exit
#undef main

/* More calls than this say nothing new, and cost time. */
#define MOST_CALLS 200

static const uint8_t *chosen;
static size_t chosen_length;

/* Chance again where nothing is left to choose by. */
static uint32_t draw(uint32_t below)
{
    uint32_t drawn = 0, range;
    if (chosen_length < 4)
        return (uint32_t)((draw64() >> 20) % below);
    for (range = 1; range < below && chosen_length > 0; range = range > UINT32_MAX / 256 ? UINT32_MAX : range * 256) {
        drawn = drawn << 8 | *chosen++;
        chosen_length--;
    }
    return drawn % below;
}

/* As if the program had just started. */
static void forget(void)
{
    chance = UINT64_C(0x9E3779B97F4A7C15);
    chosen = NULL;
    chosen_length = 0;
    memset(&memory, 0, sizeof memory);
    memset(records, 0, sizeof records);
    memset(record_lengths, 0, sizeof record_lengths);
    memset(&todo, 0, sizeof todo);
    memset(todo_bytes, 0, sizeof todo_bytes);
    memset(&log_begins, 0, sizeof log_begins);
    memset(cloud_record, 0, sizeof cloud_record);
    memset(key_record, 0, sizeof key_record);
    memset(link_text, 0, sizeof link_text);
    memset(packets, 0, sizeof packets);
    memset(&hello, 0, sizeof hello);
    memset(chips, 0, sizeof chips);
    key_length = link_length = packet_count = due = 0;
    command_number = 0;
}

/* Takes one input. */
void c_api_take(const uint8_t *input, size_t length);
void c_api_take(const uint8_t *input, size_t length)
{
    unsigned long call;
    forget();
    begin();
    chosen = input;
    chosen_length = length;
    for (call = 1; call <= MOST_CALLS && chosen_length >= 4; call++) {
        if (draw(16) == 0)
            visit_somehow();
        careful = draw(4) > 0;
        (void)call_one(draw(FUNCTIONS), call);
    }
}
