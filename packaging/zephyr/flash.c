#include "lock_ffi/zephyr_flash.h"

#include <zephyr/device.h>
#include <zephyr/drivers/flash.h>

/* NULL where there is none. */
static const struct flash_area *area_of(void *context)
{
    const struct flash_area *area;
    return flash_area_open((uint8_t)(uintptr_t)context, &area) == 0 ? area : NULL;
}

int32_t lk_zephyr_flash_read(void *context, uint32_t offset, uint8_t *bytes, uint32_t length)
{
    const struct flash_area *area = area_of(context);
    return area == NULL ? -1 : flash_area_read(area, offset, bytes, length);
}

int32_t lk_zephyr_flash_program(void *context, uint32_t offset, const uint8_t *bytes, uint32_t length)
{
    const struct flash_area *area = area_of(context);
    return area == NULL ? -1 : flash_area_write(area, offset, bytes, length);
}

int32_t lk_zephyr_flash_erase(void *context, uint32_t offset, uint32_t length)
{
    const struct flash_area *area = area_of(context);
    return area == NULL ? -1 : flash_area_erase(area, offset, length);
}

static bool is_suited(const struct flash_area *area)
{
    struct flash_pages_info page;
    if (flash_get_page_info_by_offs(flash_area_get_device(area), area->fa_off, &page) != 0)
        return false;
    return lk_flash_sector() % page.size == 0 && lk_flash_unit() % flash_area_align(area) == 0 &&
           flash_area_erased_val(area) == 0xFF;
}

lk_status lk_zephyr_flash_check(const lk_flash *flash)
{
    const struct flash_area *area;
    if (flash == NULL)
        return LK_STATUS_NULL_POINTER;
    area = area_of(flash->context);
    if (area == NULL || !device_is_ready(flash_area_get_device(area)))
        return LK_STATUS_FLASH_FAULT;
    return is_suited(area) ? LK_STATUS_OK : LK_STATUS_FLASH_UNSUITED;
}
