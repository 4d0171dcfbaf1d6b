/*
 * A bolt that travels from end to end, with a sensor that sees both ends and whether it is between. It stands in words beside the flash:
 * where a bolt is does not depend on the power, nor how long its way is.
 */

#include "board.h"

#define TRAVEL_MS 400

typedef volatile struct {
    uint32_t mark;
    int32_t position; /* 0 withdrawn, `travel` thrown */
    int32_t travel;   /* in milliseconds */
} door;

#define DOOR ((door *)(uintptr_t)0x21020000u)
#define DOOR_MARK 0x626F6C74u

static int direction;
static uint64_t moved_at;

void mechanism_order(uint8_t drive, uint64_t now)
{
    mechanism_step(now);
    switch (drive) {
    case LK_DRIVE_EXTEND:
        direction = 1;
        break;
    case LK_DRIVE_RETRACT:
        direction = -1;
        break;
    default:
        direction = 0; /* it stops, and has no latch to pull */
    }
}

void mechanism_step(uint64_t now)
{
    int32_t position;
    if (DOOR->mark != DOOR_MARK) {
        DOOR->position = DOOR->travel = TRAVEL_MS;
        DOOR->mark = DOOR_MARK;
    }
    position = DOOR->position + direction * (int32_t)(now - moved_at);
    if (position < 0)
        position = 0;
    if (position > DOOR->travel)
        position = DOOR->travel;
    DOOR->position = position;
    moved_at = now;
}

uint8_t mechanism_sense(uint64_t now)
{
    mechanism_step(now);
    if (DOOR->position == 0)
        return LK_BOLT_RETRACTED;
    return DOOR->position == DOOR->travel ? LK_BOLT_EXTENDED : LK_BOLT_BETWEEN;
}
