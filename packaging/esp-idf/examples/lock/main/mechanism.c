/* A bolt that travels 400 ms, for a board without one: it forgets where it was when the power goes, as the real one does not. */

#include "board.h"

#define TRAVEL_MS 400

static int32_t position = TRAVEL_MS; /* 0 withdrawn, TRAVEL_MS thrown */
static int direction;
static uint64_t moved_at;

void mechanism_order(uint8_t drive, uint64_t now)
{
    mechanism_step(now);
    direction = drive == LK_DRIVE_EXTEND ? 1 : drive == LK_DRIVE_RETRACT ? -1 : 0;
}

void mechanism_step(uint64_t now)
{
    position += direction * (int32_t)(now - moved_at);
    if (position < 0)
        position = 0;
    if (position > TRAVEL_MS)
        position = TRAVEL_MS;
    moved_at = now;
}

uint8_t mechanism_sense(uint64_t now)
{
    mechanism_step(now);
    if (position == 0)
        return LK_BOLT_RETRACTED;
    return position == TRAVEL_MS ? LK_BOLT_EXTENDED : LK_BOLT_BETWEEN;
}
