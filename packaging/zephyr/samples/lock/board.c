/* What the firmware needs of its board, from Zephyr's drivers: two serial ports, time, and three partitions of the flash map. */

#include "board.h"

#include <string.h>

#include <zephyr/device.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/kernel.h>
#include <zephyr/storage/flash_map.h>
#include <zephyr/sys/reboot.h>
#include <zephyr/sys/ring_buffer.h>

#include "lock_ffi/zephyr_flash.h"

#define TICK K_MSEC(10)

const lk_flash flash_records = LK_ZEPHYR_FLASH(lock_records), flash_log = LK_ZEPHYR_FLASH(lock_log);
const lk_flash flash_loader = LK_ZEPHYR_FLASH(lock_loader);
static const struct flash_area *factory;

static const struct device *const ports[] = {
    [UART_PHONE] = DEVICE_DT_GET(DT_CHOSEN(lock_phone_uart)),
    [UART_BENCH] = DEVICE_DT_GET(DT_CHOSEN(lock_bench_uart)),
};
RING_BUF_DECLARE(phone_bytes, 1024);
RING_BUF_DECLARE(bench_bytes, 64);
static struct ring_buf *const came[] = {[UART_PHONE] = &phone_bytes, [UART_BENCH] = &bench_bytes};
static K_SEM_DEFINE(woken, 0, 1);

static void take(const struct device *port, void *context)
{
    struct ring_buf *bytes = context;
    uint8_t byte;
    while (uart_irq_update(port) && uart_irq_rx_ready(port)) {
        while (uart_fifo_read(port, &byte, 1) == 1)
            (void)ring_buf_put(bytes, &byte, 1); /* a packet that found no room is sent again */
    }
    k_sem_give(&woken);
}

void board_start(void)
{
    int port;
    for (port = 0; port < (int)ARRAY_SIZE(ports); port++) {
        if (!device_is_ready(ports[port]) || uart_irq_callback_user_data_set(ports[port], take, came[port]) != 0)
            board_stop(5);
        uart_irq_rx_enable(ports[port]);
    }
    if (lk_zephyr_flash_check(&flash_records) != LK_STATUS_OK || lk_zephyr_flash_check(&flash_log) != LK_STATUS_OK ||
        flash_area_open(FIXED_PARTITION_ID(lock_factory), &factory) != 0)
        board_stop(6);
}

void board_sleep(void)
{
    (void)k_sem_take(&woken, TICK);
}

uint64_t clock_now(void)
{
    return (uint64_t)k_uptime_get();
}

uint32_t stack_deepest(void)
{
    size_t unused;
    if (k_thread_stack_space_get(k_current_get(), &unused) != 0)
        return 0;
    return (uint32_t)(CONFIG_MAIN_STACK_SIZE - unused);
}

_Noreturn void board_reset(void)
{
    sys_reboot(SYS_REBOOT_COLD);
    for (;;)
        k_sleep(K_FOREVER);
}

_Noreturn void board_stop(int code)
{
    ARG_UNUSED(code);
    for (;;)
        k_sleep(K_FOREVER);
}

int uart_take(int port)
{
    uint8_t byte;
    return ring_buf_get(came[port], &byte, 1) == 1 ? byte : -1;
}

void uart_send(int port, const uint8_t *bytes, size_t length)
{
    while (length-- > 0)
        uart_poll_out(ports[port], *bytes++);
}

int factory_take(factory_page *page)
{
    static const uint8_t mark[8] = "lkmade1";
    return flash_area_read(factory, 0, page, sizeof *page) == 0 && memcmp(page->mark, mark, sizeof mark) == 0;
}

int factory_erase(void)
{
    return flash_area_erase(factory, 0, factory->fa_size) == 0;
}
