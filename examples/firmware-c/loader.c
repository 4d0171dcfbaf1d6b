/*
 * The boot loader of this chip, as far as the lock meets one: two slots that take turns, tried once, and brought back unless confirmed. In a
 * product this is MCUboot, which verifies the maker's signature and starts other code. Here the code stays the same, an image is a header
 * with whatever follows, and what the loader says that runs is the header in the active slot. The lock has compared the image's digest before.
 *
 * A header is "LKFW", then model, version, rollback index and length of the body, each of four bytes, the highest first. What is active and
 * what comes next is a unit of 8 bytes in one of two sectors: a word with a number that grows, and its complement. One that a cut has torn
 * is none, and the newest whole one counts.
 */

#include <string.h>

#include "board.h"

#define SECTOR 1024u
#define UNIT 8u
#define UNITS (2 * SECTOR / UNIT)
#define SLOTS_AT (2 * SECTOR)
#define SLOT (4 * SECTOR)
#define ERASED 0xFFFFFFFFu

enum { NEXT_NOTHING = 0, NEXT_PENDING = 1, NEXT_TRIAL = 2 };

static struct {
    uint32_t number; /* of the newest unit; 0 where there is none */
    uint32_t place;  /* which unit it is */
    uint8_t active, next;
} state;

static int region_read(uint32_t offset, void *bytes, uint32_t length)
{
    return flash_loader.read(flash_loader.context, offset, bytes, length) == 0;
}

static uint32_t slot_at(uint8_t slot)
{
    return SLOTS_AT + slot * SLOT;
}

static void load(void)
{
    uint32_t place, unit[2];
    memset(&state, 0, sizeof state);
    for (place = 0; place < UNITS; place++) {
        if (!region_read(place * UNIT, unit, sizeof unit) || unit[1] != ~unit[0] || unit[0] >> 4 <= state.number)
            continue;
        state.number = unit[0] >> 4;
        state.place = place;
        state.active = unit[0] >> 2 & 1;
        state.next = unit[0] & 3;
    }
}

/* Finds a unit that may be programmed: the next that is blank, which a torn one is not; where a sector is full, the other one is erased. */
static int find_place(uint32_t *place)
{
    uint32_t unit[2], per_sector = UNITS / 2, sector = state.place / per_sector;
    for (*place = state.number == 0 ? 0 : state.place + 1; *place < (sector + 1) * per_sector; ++*place) {
        if (!region_read(*place * UNIT, unit, sizeof unit))
            return 0;
        if (unit[0] == ERASED && unit[1] == ERASED)
            return 1;
    }
    *place = (1 - sector) * per_sector;
    return flash_loader.erase(flash_loader.context, (1 - sector) * SECTOR, SECTOR) == 0;
}

static int enter(uint8_t active, uint8_t next)
{
    uint32_t place, unit[2];
    unit[0] = (state.number + 1) << 4 | (uint32_t)active << 2 | next;
    unit[1] = ~unit[0];
    if (!find_place(&place) || flash_loader.program(flash_loader.context, place * UNIT, (const uint8_t *)unit, sizeof unit) != 0)
        return 0;
    load();
    return state.active == active && state.next == next;
}

static uint32_t number_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* What the header of a slot says. 0 where there is none. */
static int image_in(uint8_t slot, lk_running_firmware *image)
{
    uint8_t header[20];
    if (!region_read(slot_at(slot), header, sizeof header) || memcmp(header, "LKFW", 4) != 0)
        return 0;
    image->model = number_at(header + 4);
    image->version = number_at(header + 8);
    image->rollback_index = number_at(header + 12);
    return number_at(header + 16) <= SLOT - sizeof header;
}

/* What runs: the image in the active slot, or what the chip was made with. */
static void running(lk_running_firmware *firmware)
{
    if (!image_in(state.active, firmware))
        firmware->model = firmware->version = firmware->rollback_index = 1;
}

/* Whether the image in the spare slot may start: for this model, and not older than what runs. */
static int may_start(void)
{
    lk_running_firmware now, then;
    running(&now);
    return image_in(1 - state.active, &then) && then.model == now.model && then.rollback_index >= now.rollback_index;
}

/* What the reset leads to, as an lk_booted_as. */
static uint8_t start_next(void)
{
    uint8_t other = 1 - state.active;
    switch (state.next) {
    case NEXT_TRIAL:
        return enter(other, NEXT_NOTHING) ? LK_BOOTED_AS_REVERTED : LK_BOOTED_AS_ON_TRIAL;
    case NEXT_PENDING:
        if (may_start() && enter(other, NEXT_TRIAL))
            return LK_BOOTED_AS_ON_TRIAL;
        (void)enter(state.active, NEXT_NOTHING);
        return LK_BOOTED_AS_REVERTED;
    default:
        return LK_BOOTED_AS_CONFIRMED;
    }
}

void loader_boot(lk_running_firmware *firmware)
{
    load();
    firmware->booted_as = start_next();
    firmware->slot_bytes = SLOT;
    firmware->slot_sector = SECTOR;
    running(firmware);
}

int loader_work(uint8_t work, uint32_t offset, uint32_t amount, const uint8_t *bytes, size_t length, uint8_t *read)
{
    uint8_t padded[512];
    uint32_t at = slot_at(1 - state.active) + offset, whole = ((uint32_t)length + UNIT - 1) / UNIT * UNIT;
    switch (work) {
    case LK_WORK_ERASE:
        return flash_loader.erase(flash_loader.context, at, amount) == 0;
    case LK_WORK_WRITE:
        /* Only the last piece of an image may end within a unit. */
        if (whole > sizeof padded)
            return 0;
        memset(padded, 0xFF, sizeof padded);
        memcpy(padded, bytes, length);
        return flash_loader.program(flash_loader.context, at, padded, whole) == 0;
    case LK_WORK_READ:
        return region_read(at, read, amount);
    case LK_WORK_MARK_PENDING:
        return enter(state.active, NEXT_PENDING);
    case LK_WORK_CONFIRM:
        return enter(state.active, NEXT_NOTHING);
    case LK_WORK_RESTART:
        board_reset();
    default:
        return 0;
    }
}
