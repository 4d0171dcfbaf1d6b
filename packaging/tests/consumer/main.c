/* Frames a packet and takes the frame apart again: the header and the library that were installed belong together. */

#include <stdio.h>
#include <string.h>

#include "lock.h"

#ifndef SECTOR
#define SECTOR 8192
#define UNIT 8
#endif

int main(void)
{
    static lk_deframer deframer;
    const uint8_t packet[] = {1, 2, 0, 3};
    uint8_t frame[LK_FRAME_MAX], again[LK_PACKET_MAX];
    size_t frame_length, length, consumed;
    if (lk_abi_version() != LK_ABI_VERSION || lk_device_size() != sizeof(lk_device))
        return 1;
    if (lk_flash_sector() != SECTOR || lk_flash_unit() != UNIT)
        return 2;
    if (lk_frame_encode(packet, sizeof packet, frame, sizeof frame, &frame_length) != LK_STATUS_OK)
        return 3;
    if (lk_deframer_init(&deframer, sizeof deframer) != LK_STATUS_OK)
        return 4;
    if (lk_deframer_push(&deframer, frame, frame_length, again, sizeof again, &length, &consumed) != LK_STATUS_OK)
        return 5;
    if (length != sizeof packet || memcmp(again, packet, length) != 0)
        return 6;
    printf("lock_ffi, ABI %u: a packet of %zu bytes came back\n", (unsigned)lk_abi_version(), length);
    return 0;
}
