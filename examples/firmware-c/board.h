/* What the firmware needs of its board. One file each: clock.c, uart.c, flash.c, loader.c, mechanism.c. */
#ifndef BOARD_H
#define BOARD_H

#include <stddef.h>
#include <stdint.h>

#include "lock.h"

/* Starts the clock and both serial ports. */
void board_start(void);

/* Sleeps until an interrupt: a byte came, or 10 ms have passed. */
void board_sleep(void);

/* How many bytes of stack were ever in use. */
uint32_t stack_deepest(void);

/* Stops for good, and says why: 0 where all is well. */
_Noreturn void board_stop(int code);

/* Milliseconds since the chip started; they never go back. */
uint64_t clock_now(void);

/* The serial ports: packets to a phone, and lines of whoever tests the board. */
enum { UART_PHONE = 0, UART_BENCH = 1 };

/* The next byte, or -1 where none came. */
int uart_take(int port);
void uart_send(int port, const uint8_t *bytes, size_t length);

/* Resets the chip. */
_Noreturn void board_reset(void);

/* The regions of the flash. */
extern const lk_flash flash_records, flash_log, flash_loader;

/* What the production line leaves in the flash for the first boot: see `factory_take`. */
typedef struct {
    uint8_t mark[8]; /* "lkmade1\0" */
    uint8_t root[32];
    uint8_t lock_id[16];
    uint8_t entropy[32];
} factory_page;

/* 1 where the production line left something; it is copied to `page`. */
int factory_take(factory_page *page);

/* Erases it, once the lock has its keys. */
int factory_erase(void);

/* The boot loader, after a reset: starts what is to be started, and says what that is. */
void loader_boot(lk_running_firmware *firmware);

/* Does an lk_work on the spare slot: with `length` bytes to be written, or `amount` bytes to be erased, or read into `read`. 1 where it is done. */
int loader_work(uint8_t work, uint32_t offset, uint32_t amount, const uint8_t *bytes, size_t length, uint8_t *read);

/* The bolt, its motor and its sensor. */
void mechanism_order(uint8_t drive, uint64_t now);

/* The sensor's reading, an lk_bolt. */
uint8_t mechanism_sense(uint64_t now);

/* Sets the bolt in motion or stops it where it got to; call it often. */
void mechanism_step(uint64_t now);

#endif
