/* What a handshake costs the device, and to seal and to open a record of 64 bytes. */

#include "board.h"
#include "meter.h"

/* See ../session: 0 where it worked. */
uint32_t session_turns(void);
int32_t session_has_records(void);
int32_t session_device(uint32_t turn);
int32_t session_other(uint32_t turn);
int32_t session_device_seal(void);
int32_t session_device_open(void);
int32_t session_other_seal(void);
int32_t session_other_open(void);

static void expect(int32_t failed, uint32_t line)
{
    if (failed) {
        meter_say("failed in line", line);
        board_stop(1);
    }
}
#define OK(call) expect((call), __LINE__)

static void shake_hands(void)
{
    uint32_t turn;
    for (turn = 0; turn < session_turns(); turn++) {
        OK(session_other(turn));
        meter_start();
        OK(session_device(turn));
        meter_stop();
    }
    OK(session_other(turn));
    meter_tell("handshake");
}

static void exchange_records(void)
{
    meter_start();
    OK(session_device_seal());
    meter_stop();
    meter_tell("seal");
    OK(session_other_open());
    OK(session_other_seal());
    meter_start();
    OK(session_device_open());
    meter_stop();
    meter_tell("open");
}

int main(void)
{
    board_start();
    shake_hands();
    if (session_has_records())
        exchange_records();
    return 0;
}
