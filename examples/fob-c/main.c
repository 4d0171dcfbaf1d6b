/*
 * A key fob on a bare chip: it holds a virtual key, and opens the lock that it is for while no cloud is there.
 *
 * Port 0 carries packets as COBS frames, from and to the lock. Port 1 is the bench: `k` and a link gives it a key, `u` and `l` are its two buttons,
 * `i` asks what it holds, `s` how deep the stack was; what comes of a press is told there.
 *
 * In its flash lie two records: the key, and the highest number of a handshake that may have been used.
 */

#include <string.h>

#include "board.h"

enum { UART_LOCK = UART_PHONE };

/* What is stored as LK_TAG_KEYS is a secret to the journal: nothing of a key stays when another one takes its place. */
enum { TAG_KEY = LK_TAG_KEYS, TAG_NUMBER };

/* How long a lock may take, in milliseconds. */
enum { HELLO_EVERY = 500, HELLO_WITHIN = 4000, ANSWER_WITHIN = 5000, END_WITHIN = 15000 };

static lk_journal journal;
static lk_holder holder;
static lk_deframer deframer;
static int has_key;

/* What a press waits for, and until when. */
static enum { QUIET, WAITS_FOR_HELLO, WAITS_FOR_ANSWER, WAITS_FOR_END } press;
static uint8_t wish;
static uint64_t until, hello_at;

static void say(const char *text)
{
    uart_send(UART_BENCH, (const uint8_t *)text, strlen(text));
}

static void say_number(const char *text, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    say(text);
    uart_send(UART_BENCH, (const uint8_t *)digits + at, sizeof digits - at);
    say("\n");
}

/* A status that a correct firmware never sees. */
static void expect(lk_status status)
{
    if (status != LK_STATUS_OK) {
        say(lk_status_text(status));
        say("\n");
        board_stop(1);
    }
}

/* Zeroes what held a key: a compiler may leave out a memset of what is not read again. */
static void wipe(void *bytes, size_t length)
{
    expect(lk_wipe(bytes, length));
}

static void tidy(void)
{
    uint8_t needs_work;
    expect(lk_journal_needs_work(&journal, &needs_work));
    while (needs_work) {
        expect(lk_journal_work(&journal));
        expect(lk_journal_needs_work(&journal, &needs_work));
    }
}

static void store(uint8_t tag, const uint8_t *record, size_t length)
{
    lk_status status = lk_journal_append(&journal, tag, record, length);
    if (status == LK_STATUS_FLASH_BUSY) {
        tidy(); /* no sector was ready: nobody but us makes one so */
        status = lk_journal_append(&journal, tag, record, length);
    }
    expect(status);
}

static void store_number(uint64_t number)
{
    uint8_t record[8];
    size_t i;
    for (i = 0; i < sizeof record; i++)
        record[i] = (uint8_t)(number >> (56 - 8 * i));
    store(TAG_NUMBER, record, sizeof record);
}

/* The highest number that was stored: it counts on over all keys. */
static uint64_t stored_number(void)
{
    uint8_t record[LK_RECORD_MAX];
    uint64_t number = 0;
    size_t length, i;
    lk_status status = lk_journal_read(&journal, TAG_NUMBER, record, sizeof record, &length);
    if (status == LK_STATUS_NOT_FOUND)
        return 0;
    expect(status);
    for (i = 0; i < length; i++)
        number = number << 8 | record[i];
    return number;
}

/* A new key takes the place of the old one. */
static void take_key(const uint8_t *link, size_t letters)
{
    static uint8_t record[LK_KEY_MAX];
    size_t length;
    lk_status status = lk_holder_init(&holder, sizeof holder, link, letters, NULL, stored_number());
    if (status != LK_STATUS_OK) {
        say(lk_status_text(status));
        say("\n");
        return;
    }
    expect(lk_holder_save(&holder, record, sizeof record, &length));
    store(TAG_KEY, record, length);
    wipe(record, sizeof record);
    tidy();
    has_key = 1;
    press = QUIET;
    say("key taken\n");
}

static void load_key(void)
{
    static uint8_t record[LK_RECORD_MAX];
    size_t length;
    lk_status status = lk_journal_read(&journal, TAG_KEY, record, sizeof record, &length);
    if (status == LK_STATUS_NOT_FOUND)
        return;
    expect(status);
    expect(lk_holder_load(&holder, sizeof holder, record, length, NULL, stored_number()));
    wipe(record, sizeof record);
    has_key = 1;
}

static void mount(void)
{
    lk_status status = lk_journal_mount(&journal, sizeof journal, &flash_records);
    /* A blank chip is a new fob. What is damaged is not made anew: its numbers would begin again. */
    if (status == LK_STATUS_FLASH_BLANK)
        status = lk_journal_format(&journal, sizeof journal, &flash_records);
    expect(status);
    tidy();
}

static void transmit(const uint8_t *packet, size_t length)
{
    static uint8_t frame[LK_FRAME_MAX];
    size_t frame_length;
    expect(lk_frame_encode(packet, length, frame, sizeof frame, &frame_length));
    uart_send(UART_LOCK, frame, frame_length);
}

static void wait_until(int what, uint64_t within)
{
    press = what;
    until = clock_now() + within;
}

static void end(const char *text)
{
    expect(lk_holder_leave(&holder));
    press = QUIET;
    say(text);
}

static void ask_for_hello(void)
{
    uint8_t packet[2];
    size_t length;
    expect(lk_packet_hello_request(packet, sizeof packet, &length));
    transmit(packet, length);
    hello_at = clock_now() + HELLO_EVERY;
}

static void begin(uint8_t asked)
{
    if (!has_key) {
        say("no key\n");
        return;
    }
    wish = asked;
    wait_until(WAITS_FOR_HELLO, HELLO_WITHIN);
    ask_for_hello();
}

/* A number for one handshake: in the flash, and only then in use. */
static void reserve(void)
{
    uint64_t number;
    expect(lk_holder_reserve(&holder, 1, &number));
    store_number(number);
    expect(lk_holder_reserved(&holder, number));
    say_number("number ", number);
}

static void answer_hello(const uint8_t *hello, size_t hello_length)
{
    static uint8_t packet[LK_PACKET_MAX];
    lk_greeting greeting = {0};
    size_t length;
    lk_status status;
    reserve();
    /* This board has no random source: the entropy stays zero, and no nonce repeats all the same. Give yours if you have one. */
    greeting.hello = hello;
    greeting.hello_length = hello_length;
    greeting.delivery = LK_DELIVERY_ORDERED;
    status = lk_holder_connect(&holder, wish, &greeting, packet, sizeof packet, &length);
    if (status != LK_STATUS_OK) {
        end("not this lock: ");
        say(lk_status_text(status));
        say("\n");
        return;
    }
    transmit(packet, length);
    wait_until(WAITS_FOR_ANSWER, ANSWER_WITHIN);
}

static void tell_outcome(const lk_heard_that *heard)
{
    switch (heard->outcome) {
    case LK_OUTCOME_STARTED:
        wait_until(WAITS_FOR_END, END_WITHIN);
        say("begun\n");
        break;
    case LK_OUTCOME_DONE:
        end("done\n");
        break;
    case LK_OUTCOME_REFUSED:
        end("");
        say_number("refused, reason ", heard->code);
        break;
    case LK_OUTCOME_JAMMED:
        end("jammed\n");
        break;
    default:
        end("not done\n");
    }
}

static void hear(uint8_t *packet, size_t length)
{
    lk_heard_that heard;
    expect(lk_holder_receive(&holder, packet, length, clock_now(), &heard));
    if (heard.kind == LK_HEARD_OUTCOME)
        tell_outcome(&heard);
    else if (heard.kind == LK_HEARD_REFUSED || heard.kind == LK_HEARD_ENDED)
        end("that was not the lock\n");
}

static void take_packet(uint8_t *packet, size_t length)
{
    lk_kind kind;
    if (lk_packet_kind(packet, length, &kind) != LK_STATUS_OK)
        return;
    if (press == WAITS_FOR_HELLO && kind == LK_KIND_HELLO)
        answer_hello(packet, length);
    else if (press == WAITS_FOR_ANSWER || press == WAITS_FOR_END)
        hear(packet, length);
}

static int take_packets(void)
{
    static uint8_t packet[LK_PACKET_MAX];
    size_t packet_length, consumed;
    int byte, came = 0;
    while ((byte = uart_take(UART_LOCK)) >= 0) {
        uint8_t one = (uint8_t)byte;
        came = 1;
        expect(lk_deframer_push(&deframer, &one, 1, packet, sizeof packet, &packet_length, &consumed));
        if (packet_length > 0)
            take_packet(packet, packet_length);
    }
    return came;
}

static void obey_bench(const uint8_t *line, size_t length)
{
    if (length > 1 && line[0] == 'k')
        take_key(line + 1, length - 1);
    else if (length == 1 && line[0] == 'u')
        begin(LK_ASK_UNLOCK);
    else if (length == 1 && line[0] == 'l')
        begin(LK_ASK_LOCK);
    else if (length == 1 && line[0] == 'i')
        say(has_key ? "has a key\n" : "no key\n");
    else if (length == 1 && line[0] == 's')
        say_number("stack ", stack_deepest());
    else
        say("what?\n");
}

static int take_bench(void)
{
    static uint8_t line[LK_LINK_MAX + 1];
    static size_t length;
    int byte, came = 0;
    while ((byte = uart_take(UART_BENCH)) >= 0) {
        came = 1;
        if (byte == '\n') {
            obey_bench(line, length);
            wipe(line, sizeof line);
            length = 0;
        } else if (length < sizeof line) {
            line[length++] = (uint8_t)byte;
        }
    }
    return came;
}

static void watch_the_time(void)
{
    uint64_t now = clock_now();
    if (press == QUIET)
        return;
    if (now >= until)
        end(press == WAITS_FOR_HELLO ? "no lock\n" : press == WAITS_FOR_ANSWER ? "the lock is silent\n" : "no end was seen\n");
    else if (press == WAITS_FOR_HELLO && now >= hello_at)
        ask_for_hello();
}

int main(void)
{
    board_start();
    if (lk_abi_version() != LK_ABI_VERSION || lk_holder_size() != sizeof holder)
        return 4;
    expect(lk_deframer_init(&deframer, sizeof deframer));
    mount();
    load_key();
    say(has_key ? "ready, has a key\n" : "ready, no key\n");
    for (;;) {
        int came = take_packets() | take_bench();
        watch_the_time();
        if (!came) {
            tidy();
            board_sleep();
        }
    }
}
