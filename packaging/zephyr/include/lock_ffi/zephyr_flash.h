/* A partition of Zephyr's flash map as the flash of a journal or of a log. */
#ifndef LOCK_FFI_ZEPHYR_FLASH_H
#define LOCK_FFI_ZEPHYR_FLASH_H

#include <stdint.h>

#include <zephyr/storage/flash_map.h>

#include "lock.h"

/* The driver of the partition with this label of the devicetree: const lk_flash flash = LK_ZEPHYR_FLASH(lock_records); */
#define LK_ZEPHYR_FLASH(label)                                                                                         \
    {                                                                                                                  \
        .context = (void *)(uintptr_t)FIXED_PARTITION_ID(label), .read = lk_zephyr_flash_read,                         \
        .program = lk_zephyr_flash_program, .erase = lk_zephyr_flash_erase, .bytes = FIXED_PARTITION_SIZE(label),      \
    }

/*
 * Whether the library suits the partition of such a driver: ask once, before it is mounted. LK_STATUS_OK; LK_STATUS_NULL_POINTER; LK_STATUS_FLASH_FAULT
 * where there is no such partition or it is not ready; LK_STATUS_FLASH_UNSUITED where its pages do not divide lk_flash_sector(), its write
 * blocks do not divide lk_flash_unit(), or an erased byte is not 0xFF.
 */
lk_status lk_zephyr_flash_check(const lk_flash *flash);

/* The functions of the driver. */
int32_t lk_zephyr_flash_read(void *context, uint32_t offset, uint8_t *bytes, uint32_t length);
int32_t lk_zephyr_flash_program(void *context, uint32_t offset, const uint8_t *bytes, uint32_t length);
int32_t lk_zephyr_flash_erase(void *context, uint32_t offset, uint32_t length);

#endif
