/* A partition of ESP-IDF's partition table as the flash of a journal or of a log. */
#ifndef LOCK_FFI_ESP_FLASH_H
#define LOCK_FFI_ESP_FLASH_H

#include <stdint.h>

#include "lock.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A data partition, by its label. `lk_esp_flash_open` finds it. */
typedef struct {
    const char *label;
    const void *found;
} lk_esp_partition;

/* The driver of an lk_esp_partition, of which `size` bytes are used:
 *
 *     static lk_esp_partition place = {.label = "lock_records"};
 *     const lk_flash flash = LK_ESP_FLASH(place, 0x8000);
 */
#define LK_ESP_FLASH(place, size)                                                                                      \
    {                                                                                                                  \
        .context = &(place), .read = lk_esp_flash_read, .program = lk_esp_flash_program,                               \
        .erase = lk_esp_flash_erase, .bytes = (size),                                                                  \
    }

/*
 * Finds the partition of such a driver: call it once, before the flash is mounted. LK_STATUS_OK; LK_STATUS_NULL_POINTER; LK_STATUS_FLASH_FAULT where there is no
 * such partition; LK_STATUS_FLASH_UNSUITED where it is shorter, its pages do not divide lk_flash_sector(), or it is encrypted: erased flash does not read as
 * 0xFF there.
 */
lk_status lk_esp_flash_open(const lk_flash *flash);

/* The functions of the driver. */
int32_t lk_esp_flash_read(void *context, uint32_t offset, uint8_t *bytes, uint32_t length);
int32_t lk_esp_flash_program(void *context, uint32_t offset, const uint8_t *bytes, uint32_t length);
int32_t lk_esp_flash_erase(void *context, uint32_t offset, uint32_t length);

#ifdef __cplusplus
}
#endif

#endif
