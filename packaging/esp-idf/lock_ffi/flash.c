#include "lock_ffi/esp_flash.h"

#include "esp_partition.h"

static const esp_partition_t *found(void *context)
{
    return ((const lk_esp_partition *)context)->found;
}

int32_t lk_esp_flash_read(void *context, uint32_t offset, uint8_t *bytes, uint32_t length)
{
    return esp_partition_read(found(context), offset, bytes, length);
}

int32_t lk_esp_flash_program(void *context, uint32_t offset, const uint8_t *bytes, uint32_t length)
{
    return esp_partition_write(found(context), offset, bytes, length);
}

int32_t lk_esp_flash_erase(void *context, uint32_t offset, uint32_t length)
{
    return esp_partition_erase_range(found(context), offset, length);
}

lk_status lk_esp_flash_open(const lk_flash *flash)
{
    lk_esp_partition *place;
    const esp_partition_t *partition;
    if (flash == NULL || flash->context == NULL)
        return LK_STATUS_NULL_POINTER;
    place = flash->context;
    partition = esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, place->label);
    if (partition == NULL)
        return LK_STATUS_FLASH_FAULT;
    if (partition->size < flash->bytes || partition->encrypted || lk_flash_sector() % partition->erase_size != 0)
        return LK_STATUS_FLASH_UNSUITED;
    place->found = partition;
    return LK_STATUS_OK;
}
