/* Good arguments and bad ones, by chance, all in one block of memory so that it shows what a call changed. */
#ifndef FUZZ_ARGUMENTS_H
#define FUZZ_ARGUMENTS_H

#include "check.h"

static uint64_t chance;

static uint64_t draw64(void)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return chance;
}

/* Who chooses in place of chance says so before this file is included. */
#ifndef CHOOSES
static uint32_t draw(uint32_t below)
{
    return (uint32_t)((draw64() >> 20) % below);
}
#else
static uint32_t draw(uint32_t below);
#endif

/* A careful call makes no mistake on purpose, so that others get somewhere. */
static int careful;

static int slips(uint32_t one_in)
{
    return !careful && draw(one_in) == 0;
}

/* All memory that the library is given to write. */
#define COPIES 3
#define BYTES 16384
#define STRUCTURES 4096
typedef struct {
    lk_device devices[COPIES];
    lk_holder holders[COPIES];
    lk_cloud clouds[COPIES];
    lk_relay relays[COPIES];
    lk_deframer deframers[COPIES];
    lk_journal journals[COPIES];
    lk_log logs[COPIES];
    uint64_t bytes[BYTES / 8], structures[STRUCTURES / 8];
} memory_of_the_caller;
static memory_of_the_caller memory, before;

/* What the present call may write. */
static struct {
    const void *at;
    size_t length;
} granted[16];
static size_t grants, taken, structures_taken;

static void grant(const void *at, size_t length)
{
    CHECK(grants < sizeof granted / sizeof granted[0]);
    granted[grants].at = at;
    granted[grants++].length = length;
}

/* What the call was given for an object: storage at least, to start one in; or no place for one. */
static enum { AN_OBJECT, STORAGE, NO_PLACE } given;

/* The started object, or its copy elsewhere, noise, an odd place, or null. */
static void *an_object(void *first, size_t size)
{
    uint8_t *objects = (uint8_t *)first, *chosen = objects;
    size_t i;
    if (slips(10)) {
        uint32_t what = draw(4);
        given = what < 2 ? NO_PLACE : STORAGE;
        switch (what) {
        case 0:
            return NULL;
        case 1:
            return objects + 1 + draw(7);
        case 2:
            chosen = objects + size;
            memcpy(chosen, objects, size);
            break;
        default:
            chosen = objects + 2 * size;
            for (i = 0; i < size; i++)
                chosen[i] = (uint8_t)draw64();
        }
    }
    grant(chosen, size);
    return chosen;
}
#define OBJECT(kind) ((lk_##kind *)an_object(memory.kind##s, sizeof(lk_##kind)))

static size_t a_size(size_t size)
{
    return slips(6) ? size + draw(17) - 8 : size;
}

/* Room for `length` bytes behind what the call has already; sometimes across it. */
static uint8_t *room(size_t length)
{
    uint8_t *bytes = (uint8_t *)memory.bytes;
    size_t at = slips(24) ? draw((uint32_t)(BYTES - length)) & ~(size_t)7 : taken;
    CHECK(taken + length + 16 <= BYTES);
    taken = (taken + length + 15) & ~(size_t)7;
    return bytes + at;
}

static uint8_t *misplaced(uint8_t *at, int is_odd_refused)
{
    if (slips(16))
        return NULL;
    return is_odd_refused && slips(16) ? at + 1 : at;
}

/* An output of this size. */
static void *out(size_t size, int has_alignment)
{
    uint8_t *at = misplaced(room(size + 8), has_alignment);
    if (at != NULL)
        grant(at, size);
    return at;
}
#define OUT(type) ((type *)out(sizeof(type), sizeof(type) > 1))

/* A place for bytes. */
typedef struct {
    uint8_t *at;
    size_t length;
} bytes;

static bytes a_place(size_t needed)
{
    bytes place;
    place.at = misplaced(room(needed + 64), 0);
    place.length = needed + (draw(2) ? draw(64) : 0);
    if (slips(6))
        place.length = draw(draw(2) && needed > 16 ? 16 : (uint32_t)needed);
    if (place.at != NULL)
        grant(place.at, place.length);
    return place;
}

/* An input of bytes: as they are, altered, cut, or with a length that no buffer has. */
static bytes an_input(const void *from, size_t length)
{
    bytes input;
    input.at = room(length + 1);
    input.length = length;
    if (length > 0)
        memcpy(input.at, from, length);
    if (length > 0 && slips(8))
        input.at[draw((uint32_t)length)] ^= (uint8_t)(1 + draw(255));
    if (slips(24))
        input.length = draw((uint32_t)length + 1);
    if (slips(48))
        input.length = SIZE_MAX / 2 + 1 + (size_t)draw(1000);
    input.at = misplaced(input.at, 0);
    return input;
}

/* An input that is a structure. Nothing lies across it: it may hold pointers. */
static const void *a_structure(const void *from, size_t size)
{
    uint8_t *at = (uint8_t *)memory.structures + structures_taken;
    structures_taken = (structures_taken + size + 15) & ~(size_t)7;
    CHECK(structures_taken <= STRUCTURES);
    memcpy(at, from, size);
    return misplaced(at, 1);
}
#define STRUCTURE(type, value) ((const type *)a_structure(&(value), sizeof(type)))

static const uint8_t *noise(size_t length)
{
    uint8_t *at = room(length);
    size_t i;
    for (i = 0; i < length; i++)
        at[i] = (uint8_t)draw64();
    return misplaced(at, 0);
}

/* A number that is mostly one of its kind. */
static uint8_t a_word(uint32_t below)
{
    return (uint8_t)(slips(12) ? draw(256) : draw(below));
}

static uint64_t a_number(uint64_t usual)
{
    return slips(24) ? (draw(2) ? draw64() : UINT64_MAX - draw(3)) : usual;
}

static uint64_t uptime = 100;

static uint64_t now(void)
{
    uptime += draw(40);
    return slips(256) ? draw64() : uptime;
}

#endif
