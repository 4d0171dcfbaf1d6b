/*
 * What the firmware needs of its board, from IDF's drivers: a serial port to a phone, the console as a bench, time, and three partitions. On a
 * host (IDF_TARGET=linux) there is no serial port, and the flash is the file that LOCK_FLASH names.
 */

#include "board.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "esp_partition.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "sdkconfig.h"

#include "lock_ffi/esp_flash.h"

#ifdef CONFIG_IDF_TARGET_LINUX
#include "esp_private/partition_linux.h"
#else
#include "driver/uart.h"
#define PHONE UART_NUM_1
#endif

#define FACTORY_BYTES 0x2000

static lk_esp_partition records_place = {.label = "lock_records"}, log_place = {.label = "lock_log"};
static lk_esp_partition factory_place = {.label = "lock_factory"};
const lk_flash flash_records = LK_ESP_FLASH(records_place, 0x8000), flash_log = LK_ESP_FLASH(log_place, 0x8000);
static const lk_flash factory = LK_ESP_FLASH(factory_place, FACTORY_BYTES);

#ifdef CONFIG_IDF_TARGET_LINUX
static void start_phone(void)
{
    const char *file = getenv("LOCK_FLASH");
    esp_partition_file_mmap_ctrl_t *control = esp_partition_get_file_mmap_ctrl_input();
    if (file == NULL || strlen(file) >= sizeof control->flash_file_name)
        board_stop(7);
    strcpy(control->flash_file_name, file);
}

static int take_of_phone(void)
{
    return -1;
}

static void send_to_phone(const uint8_t *bytes, size_t length)
{
    (void)bytes;
    (void)length;
}
#else
static void start_phone(void)
{
    static const uart_config_t line = {
        .baud_rate = 115200,
        .data_bits = UART_DATA_8_BITS,
        .parity = UART_PARITY_DISABLE,
        .stop_bits = UART_STOP_BITS_1,
        .flow_ctrl = UART_HW_FLOWCTRL_DISABLE,
    };
    if (uart_driver_install(PHONE, 1024, 1024, 0, NULL, 0) != ESP_OK || uart_param_config(PHONE, &line) != ESP_OK)
        board_stop(5);
}

static int take_of_phone(void)
{
    uint8_t byte;
    return uart_read_bytes(PHONE, &byte, 1, 0) == 1 ? byte : -1;
}

static void send_to_phone(const uint8_t *bytes, size_t length)
{
    (void)uart_write_bytes(PHONE, bytes, length);
}
#endif

void board_start(void)
{
    (void)fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
    start_phone();
    if (lk_esp_flash_open(&flash_records) != LK_STATUS_OK || lk_esp_flash_open(&flash_log) != LK_STATUS_OK ||
        lk_esp_flash_open(&factory) != LK_STATUS_OK)
        board_stop(6);
}

void board_sleep(void)
{
    vTaskDelay(pdMS_TO_TICKS(10));
}

uint64_t clock_now(void)
{
    return (uint64_t)esp_timer_get_time() / 1000;
}

uint32_t stack_deepest(void)
{
#ifdef CONFIG_IDF_TARGET_LINUX
    return 0; /* a thread of the host has a stack that nobody painted */
#else
    return CONFIG_ESP_MAIN_TASK_STACK_SIZE - (uint32_t)(uxTaskGetStackHighWaterMark(NULL) * sizeof(StackType_t));
#endif
}

_Noreturn void board_reset(void)
{
    esp_restart();
}

_Noreturn void board_stop(int code)
{
    printf("stopped: %d\n", code);
    for (;;)
        vTaskDelay(portMAX_DELAY);
}

int uart_take(int port)
{
    uint8_t byte;
    if (port == UART_PHONE)
        return take_of_phone();
    return read(STDIN_FILENO, &byte, 1) == 1 ? byte : -1;
}

void uart_send(int port, const uint8_t *bytes, size_t length)
{
    if (port == UART_PHONE) {
        send_to_phone(bytes, length);
        return;
    }
    (void)fwrite(bytes, 1, length, stdout);
    (void)fflush(stdout);
}

int factory_take(factory_page *page)
{
    static const uint8_t mark[8] = "lkmade1";
    return lk_esp_flash_read(&factory_place, 0, (uint8_t *)page, sizeof *page) == 0 &&
           memcmp(page->mark, mark, sizeof mark) == 0;
}

int factory_erase(void)
{
    return lk_esp_flash_erase(&factory_place, 0, FACTORY_BYTES) == 0;
}

/* This example has no second slot: one of no bytes, which takes no image. A product hands on esp_ota_ops. */
void loader_boot(lk_running_firmware *firmware)
{
    firmware->slot_sector = 4096;
    firmware->booted_as = LK_BOOTED_AS_CONFIRMED;
}

int loader_work(uint8_t work, uint32_t offset, uint32_t amount, const uint8_t *bytes, size_t length, uint8_t *read)
{
    (void)work, (void)offset, (void)amount, (void)bytes, (void)length, (void)read;
    return 0;
}

int run_lock(void);

void app_main(void)
{
    board_stop(run_lock());
}
