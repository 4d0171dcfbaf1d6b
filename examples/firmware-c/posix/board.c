/*
 * A board that is a process: the same firmware, on a host. Its flash is a file that outlives it, where the chip's would be, so that `kill -9` is a
 * power cut; its cable is a TCP connection, which is plugged in anew when another one comes, or standard input and output.
 *
 *     lock FLASH                     packets on standard input and output
 *     lock FLASH PORT [BENCH_PORT]   on TCP ports of this machine; the bench takes lines of JSON, as docs/conformance.md has them
 *
 * FLASH is made by `emulated.py FLASH KEYS.json`. What the firmware says at its bench is printed to standard error.
 */

#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../board.h"

#define FLASH_AT ((void *)(uintptr_t)0x21000000u)
#define FLASH_BYTES (1u << 18)
#define DOOR_POSITION ((volatile int32_t *)(uintptr_t)0x21020004u)
#define LINE 256

static int listener = -1, phone = -1, phone_out = -1, bench_listener = -1, bench = -1;
static char typed[LINE]; /* what the bench types at the firmware */
static size_t typed_length, typed_at;
static unsigned motor_runs;

_Noreturn void board_stop(int code)
{
    exit(code);
}

_Noreturn void board_reset(void)
{
    exit(0); /* whoever started it starts it again */
}

static void refuse(const char *why)
{
    perror(why);
    exit(2);
}

static int listen_on(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int yes = 1, listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listening < 0 || setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0
        || bind(listening, (struct sockaddr *)&address, sizeof address) != 0 || listen(listening, 4) != 0)
        refuse("no such port");
    return listening;
}

/* The arguments, before `main`, which has none on a chip. */
__attribute__((constructor)) static void arguments(int count, char **values)
{
    int file;
    if (count < 2 || count > 4) {
        fprintf(stderr, "usage: lock FLASH [PORT [BENCH_PORT]]\n");
        exit(2);
    }
    file = open(values[1], O_RDWR);
    if (file < 0 || mmap(FLASH_AT, FLASH_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, file, 0) != FLASH_AT)
        refuse(values[1]);
    if (count > 2)
        listener = listen_on(values[2]);
    else
        phone = STDIN_FILENO, phone_out = STDOUT_FILENO, fcntl(phone, F_SETFL, O_NONBLOCK);
    if (count > 3)
        bench_listener = listen_on(values[3]);
}

void board_start(void)
{
}

uint32_t stack_deepest(void)
{
    return 0;
}

uint64_t clock_now(void)
{
    static uint64_t began;
    struct timespec now;
    uint64_t millis;
    clock_gettime(CLOCK_MONOTONIC, &now);
    millis = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    if (began == 0)
        began = millis;
    return millis - began;
}

static void type(const char *text)
{
    size_t length = strlen(text);
    if (typed_at == typed_length)
        typed_at = typed_length = 0;
    if (length <= sizeof typed - typed_length) {
        memcpy(typed + typed_length, text, length);
        typed_length += length;
    }
}

/* A new connection is the cable plugged in anew, and ends the one before. */
static void welcome(void)
{
    int yes = 1, came = listener < 0 ? -1 : accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (came >= 0) {
        if (phone >= 0)
            close(phone);
        setsockopt(came, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        phone = phone_out = came;
        type("p\n");
    }
    came = bench_listener < 0 ? -1 : accept4(bench_listener, NULL, NULL, SOCK_NONBLOCK);
    if (came >= 0) {
        if (bench >= 0)
            close(bench);
        bench = came;
    }
}

/* One line of the bench: `{"look":true}`, or `{"code":"123456"}`, which somebody types at the keypad. */
static void obey(const char *line)
{
    char answer[LINE], code[16];
    int length;
    if (strstr(line, "\"look\"") != NULL) {
        int32_t position = *DOOR_POSITION;
        const char *bolt = position == 0 ? "retracted" : position == 400 ? "extended" : "between";
        length = snprintf(answer, sizeof answer, "{\"bolt\":\"%s\",\"motor_runs\":%u}\n", bolt, motor_runs);
    } else if (sscanf(line, " { \"code\" : \"%10[0-9]\"", code) == 1) {
        strcat(code, "\n");
        type(code);
        length = snprintf(answer, sizeof answer, "{\"ok\":true}\n");
    } else {
        length = snprintf(answer, sizeof answer, "{\"error\":\"say look or code\"}\n");
    }
    (void)!write(bench, answer, (size_t)length);
}

static void listen_at_bench(void)
{
    static char line[LINE];
    static size_t length;
    char byte;
    while (bench >= 0 && recv(bench, &byte, 1, MSG_DONTWAIT) == 1) {
        if (byte == '\n') {
            line[length] = '\0';
            length = 0;
            obey(line);
        } else if (length < sizeof line - 1) {
            line[length++] = byte;
        }
    }
}

int uart_take(int port)
{
    uint8_t byte;
    welcome();
    if (port == UART_BENCH) {
        listen_at_bench();
        return typed_at < typed_length ? (uint8_t)typed[typed_at++] : -1;
    }
    /* The cable is in when the firmware knows it. */
    if (phone < 0 || typed_at < typed_length)
        return -1;
    switch (read(phone, &byte, 1)) {
    case 1:
        return byte;
    case 0:
        if (listener < 0)
            exit(0);
        close(phone);
        phone = phone_out = -1;
        return -1;
    default:
        return -1;
    }
}

void uart_send(int port, const uint8_t *bytes, size_t length)
{
    if (port == UART_BENCH) {
        fwrite(bytes, 1, length, stderr);
        motor_runs += length > 6 && (memcmp(bytes, "motor r", 7) == 0 || memcmp(bytes, "motor e", 7) == 0);
        return;
    }
    /* What was for the cable before is lost with it. */
    if (typed_at < typed_length && listener >= 0)
        return;
    while (phone_out >= 0 && length > 0) {
        ssize_t sent = listener < 0 ? write(phone_out, bytes, length) : send(phone_out, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR && errno != EAGAIN)
            return;
        if (sent > 0)
            bytes += sent, length -= (size_t)sent;
    }
}

void board_sleep(void)
{
    struct pollfd ends[] = {{phone, POLLIN, 0}, {listener, POLLIN, 0}, {bench, POLLIN, 0}, {bench_listener, POLLIN, 0}};
    (void)poll(ends, 4, 5);
}
