/* What it costs to seal and to open a record of 64 bytes. */

#include "board.h"
#include "meter.h"

/* See ../sealing: 0 where it worked. */
int32_t sealing_start(void);
int32_t sealing_seal(void);
int32_t sealing_open(void);

static void measure(int32_t (*operation)(void), const char *name)
{
    int32_t failed;
    meter_start();
    failed = operation();
    meter_stop();
    if (failed) {
        meter_say("failed", 1);
        board_stop(1);
    }
    meter_tell(name);
}

int main(void)
{
    board_start();
    measure(sealing_start, METER_NOTHING);
    measure(sealing_seal, "seal");
    measure(sealing_open, "open");
    return 0;
}
