/*
 * The flash: RAM of the board that outlives the chip's power, made to obey the rules of NOR. Programming clears bits, in units of
 * 8 bytes that must be erased; erasing sets those of a whole sector. Each word is stored by itself, so that a cut may fall
 * between any two. Sectors have 8 KiB for what the lock keeps, and 1 KiB for the boot loader and the firmware images.
 */

#include <string.h>

#include "board.h"

#define FLASH ((volatile uint32_t *)(uintptr_t)0x21000000u)
#define SECTOR 8192u
#define SMALL_SECTOR 1024u
#define UNIT 8u
#define ERASED 0xFFFFFFFFu

/* The regions, in bytes from the start. */
static const uint32_t records_at = 0, log_at = 4 * SECTOR, factory_at = 8 * SECTOR, loader_at = 9 * SECTOR;

static int32_t flash_read(void *context, uint32_t offset, uint8_t *bytes, uint32_t length)
{
    const volatile uint8_t *from = (const volatile uint8_t *)FLASH + *(const uint32_t *)context + offset;
    while (length-- > 0)
        *bytes++ = *from++;
    return 0;
}

static int32_t flash_program(void *context, uint32_t offset, const uint8_t *bytes, uint32_t length)
{
    volatile uint32_t *to = FLASH + (*(const uint32_t *)context + offset) / 4;
    uint32_t i, word;
    if (offset % UNIT != 0 || length % UNIT != 0)
        return -1;
    for (i = 0; i < length / 4; i++) {
        memcpy(&word, bytes + 4 * i, 4);
        if (to[i] != ERASED)
            return -1; /* error correction forbids a second program, and so does this flash */
        to[i] = word;
    }
    return 0;
}

static int32_t erase(uint32_t at, uint32_t length, uint32_t sector)
{
    volatile uint32_t *to = FLASH + at / 4;
    uint32_t i;
    if (at % sector != 0 || length % sector != 0)
        return -1;
    for (i = 0; i < length / 4; i++)
        to[i] = ERASED;
    return 0;
}

static int32_t flash_erase(void *context, uint32_t offset, uint32_t length)
{
    return erase(*(const uint32_t *)context + offset, length, SECTOR);
}

static int32_t flash_erase_small(void *context, uint32_t offset, uint32_t length)
{
    return erase(*(const uint32_t *)context + offset, length, SMALL_SECTOR);
}

const lk_flash flash_records = {(void *)(uintptr_t)&records_at, flash_read, flash_program, flash_erase, 4 * SECTOR};
const lk_flash flash_log = {(void *)(uintptr_t)&log_at, flash_read, flash_program, flash_erase, 4 * SECTOR};
const lk_flash flash_loader = {(void *)(uintptr_t)&loader_at, flash_read, flash_program, flash_erase_small, 2 * SECTOR};

int factory_take(factory_page *page)
{
    static const uint8_t mark[8] = "lkmade1";
    (void)flash_read((void *)(uintptr_t)&factory_at, 0, (uint8_t *)page, sizeof *page);
    return memcmp(page->mark, mark, sizeof mark) == 0;
}

int factory_erase(void)
{
    return flash_erase((void *)(uintptr_t)&factory_at, 0, SECTOR) == 0;
}
