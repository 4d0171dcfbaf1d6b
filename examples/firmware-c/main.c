/*
 * A smart lock on a bare chip: the run loop between the lock's role and this board.
 *
 * Port 0 carries packets as COBS frames, from and to a phone. Port 1 is the bench: a line of digits is a code at the keypad, `u` and `l` are
 * the button inside, `o` the one outside, `p` plugs the phone's cable in anew, `n` asks how many packets came, `i` to be told when nothing is
 * left to be stored, `s` how deep the stack was; what the lock does is told there.
 */

#include <string.h>

#include "board.h"

/* Which parts the lock has, as the library that it is linked with: see the features in lock-ffi/Cargo.toml. A lock without `keys` has no log and
 * no keypad, one without `life` takes no new firmware. What it does not have is left out of the image, its memory too. */
#ifndef HAS_KEYS
#define HAS_KEYS 1
#endif
#ifndef HAS_LIFE
#define HAS_LIFE 1
#endif

#define LINK 0
#define POWER_EVERY_MS 300000u

static lk_device device;
static lk_journal journal;
static lk_log log_ring;
static lk_deframer deframer;
/* What is on its way between two calls, one thing at a time: a packet and its frame, a record, an entry, a piece of an image. */
static uint8_t buffer[LK_FRAME_MAX];
static int keeps_log, idle_awaited;
static uint32_t packets_taken;

static void say(const char *text)
{
    uart_send(UART_BENCH, (const uint8_t *)text, strlen(text));
    uart_send(UART_BENCH, (const uint8_t *)"\n", 1);
}

static void say_number(const char *text, uint32_t number)
{
    char digits[10];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    uart_send(UART_BENCH, (const uint8_t *)text, strlen(text));
    uart_send(UART_BENCH, (const uint8_t *)digits + at, sizeof digits - at);
    uart_send(UART_BENCH, (const uint8_t *)"\n", 1);
}

/* A status that a correct firmware never sees. */
static void expect(lk_status status)
{
    if (status != LK_STATUS_OK) {
        say(lk_status_text(status));
        board_stop(1);
    }
}

/* Zeroes what held a secret: a compiler may leave out a memset of what is not read again. */
static void wipe(void *bytes, size_t length)
{
    expect(lk_wipe(bytes, length));
}

static void answer(uint32_t id, lk_status status)
{
    switch (status) {
    case LK_STATUS_OK:
        expect(lk_device_persisted(&device, id));
        break;
    case LK_STATUS_FLASH_BUSY:
        expect(lk_device_persist_failed(&device, id, LK_FAILURE_BUSY, clock_now()));
        break;
    case LK_STATUS_MISMATCH:
        expect(lk_device_persist_failed(&device, id, LK_FAILURE_MISMATCH, clock_now()));
        break;
    default:
        say(lk_status_text(status));
        expect(lk_device_persist_failed(&device, id, LK_FAILURE_FAULT, clock_now()));
    }
}

static void answer_entry(uint32_t id, uint64_t index)
{
    lk_log_payload entry;
    size_t length;
    if (lk_log_read(&log_ring, index, buffer, sizeof buffer, &length, entry.before) == LK_STATUS_OK) {
        entry.payload = buffer;
        entry.length = length;
        expect(lk_device_answer_log(&device, id, &entry));
    } else {
        expect(lk_device_answer_log(&device, id, NULL));
    }
}

/* What the lock wants of its log: an entry comes in the buffer. */
static void keep_log(lk_todo *todo)
{
    switch (todo->task) {
    case LK_TASK_LOG_APPEND:
        answer(todo->id, lk_log_append(&log_ring, todo->secret, buffer, todo->length));
        wipe(todo->secret, sizeof todo->secret);
        break;
    case LK_TASK_LOG_READ:
        answer_entry(todo->id, todo->index);
        break;
    default:
        answer(todo->id, lk_log_acknowledge(&log_ring, todo->index, todo->mac));
    }
}

/* Work on the spare slot, and with the boot loader: what is written comes in the buffer, and what is read goes there. */
static void answer_work(const lk_todo *todo)
{
    int done = todo->amount <= sizeof buffer || todo->code != LK_WORK_READ;
    done = done && loader_work(todo->code, todo->offset, todo->amount, buffer, todo->length, buffer);
    if (done && todo->code == LK_WORK_READ)
        expect(lk_device_answer_update(&device, LK_WORK_ANSWER_READ, buffer, todo->amount, clock_now()));
    else
        expect(lk_device_answer_update(&device, done ? LK_WORK_ANSWER_DONE : LK_WORK_ANSWER_FAILED, buffer, 0, clock_now()));
}

/* Sends the packet in the buffer: its frame is written over it. */
static void transmit(size_t length)
{
    size_t frame_length;
    expect(lk_frame_encode(buffer, length, buffer, sizeof buffer, &frame_length));
    uart_send(UART_PHONE, buffer, frame_length);
}

static const char *order_name(uint8_t drive)
{
    switch (drive) {
    case LK_DRIVE_EXTEND:
        return "motor extends";
    case LK_DRIVE_RETRACT:
        return "motor retracts";
    case LK_DRIVE_STOP:
        return "motor stops";
    default:
        return "motor works the latch";
    }
}

/* Does what the lock wants, until it wants nothing more. */
static void drain(void)
{
    static lk_todo todo;
    for (;;) {
        expect(lk_device_poll(&device, clock_now(), buffer, sizeof buffer, &todo));
        switch (todo.task) {
        case LK_TASK_NONE:
            return;
        case LK_TASK_PERSIST:
            answer(todo.id, lk_journal_append(&journal, todo.tag, buffer, todo.length));
            wipe(buffer, todo.length); /* it may be keys */
            break;
        case LK_TASK_LOG_APPEND:
        case LK_TASK_LOG_READ:
        case LK_TASK_LOG_ACKNOWLEDGE:
            if (HAS_KEYS)
                keep_log(&todo);
            break;
        case LK_TASK_TRANSMIT:
            transmit(todo.length);
            break;
        case LK_TASK_MOTOR:
            mechanism_order(todo.code, clock_now());
            say(order_name(todo.code));
            break;
        case LK_TASK_INDICATE:
            say(todo.code == LK_INDICATION_LOCKED_OUT ? "light: locked out" : todo.code == LK_INDICATION_REFUSED ? "light: refused" : "light");
            break;
        case LK_TASK_ALARM:
            say("alarm");
            break;
        case LK_TASK_CLOSE:
            /* A cable cannot hang up: the link comes up anew, with a fresh hello. */
            expect(lk_device_link_up(&device, LINK, LK_DELIVERY_ORDERED, clock_now()));
            break;
        case LK_TASK_UPDATE:
            if (HAS_LIFE)
                answer_work(&todo);
            break;
        default:
            break; /* of a later version of the library */
        }
    }
}

/* A lock never runs beside the page that it was made from. */
static void use_up_page(void)
{
    if (!factory_erase()) {
        say("the page that the keys were made from could not be erased");
        board_stop(3);
    }
}

static void make_log(const factory_page *page)
{
    uint8_t secret[32];
    expect(lk_provision_log(page->root, page->lock_id, secret, sizeof secret));
    expect(lk_log_format(&log_ring, sizeof log_ring, &flash_log, secret));
    wipe(secret, sizeof secret);
}

/* Gives a new lock its keys: the log first, then the journal with the keys, and only then what they were made from is erased. */
static void provision(factory_page *page)
{
    uint8_t record[LK_RECORD_MAX], has_room;
    size_t length;
    if (HAS_KEYS)
        make_log(page);
    expect(lk_journal_format(&journal, sizeof journal, &flash_records));
    expect(lk_journal_has_room(&journal, &has_room));
    if (!has_room)
        board_stop(2);
    expect(lk_provision_owned(page->root, page->lock_id, page->entropy, LK_PROFILE_S, record, sizeof record, &length));
    expect(lk_journal_append(&journal, LK_TAG_KEYS, record, length));
    wipe(record, sizeof record);
    wipe(page, sizeof *page);
    use_up_page();
    say("provisioned");
}

/* Whether the lock was given its keys: only a journal that never was, or one without keys, says that it was not. What cannot be read is never
 * made anew, since its numbers would come again. */
static int has_keys(void)
{
    uint8_t record[LK_RECORD_MAX];
    size_t length;
    lk_status status = lk_journal_mount(&journal, sizeof journal, &flash_records);
    if (status == LK_STATUS_FLASH_BLANK)
        return 0;
    expect(status);
    status = lk_journal_read(&journal, LK_TAG_KEYS, record, sizeof record, &length);
    wipe(record, sizeof record);
    if (status == LK_STATUS_NOT_FOUND)
        return 0;
    expect(status);
    return 1;
}

static void mount(void)
{
    static factory_page page;
    uint8_t needs_work;
    if (factory_take(&page)) {
        if (has_keys())
            use_up_page(); /* the power went between the two */
        else
            provision(&page);
        wipe(&page, sizeof page);
    }
    expect(lk_journal_mount(&journal, sizeof journal, &flash_records));
    /* A cut in a switch of sectors: finished before anything is to be stored. */
    expect(lk_journal_needs_work(&journal, &needs_work));
    while (needs_work) {
        expect(lk_journal_work(&journal));
        expect(lk_journal_needs_work(&journal, &needs_work));
    }
    /* A lock whose log cannot be read works on without one, and its health report says so. */
    keeps_log = HAS_KEYS && lk_log_mount(&log_ring, sizeof log_ring, &flash_log) == LK_STATUS_OK;
}

static void boot(void)
{
    lk_start_of_log log_start;
    lk_running_firmware firmware = {0};
    lk_boot from = {0};
    mount();
    from.journal = &journal;
    if (HAS_KEYS && keeps_log && lk_log_start(&log_ring, &log_start) == LK_STATUS_OK)
        from.log = &log_start;
    if (HAS_LIFE) {
        loader_boot(&firmware);
        from.firmware = &firmware;
    }
    from.now_ms = clock_now();
    from.reason = firmware.booted_as == LK_BOOTED_AS_ON_TRIAL ? LK_BOOT_REASON_UPDATE : LK_BOOT_REASON_POWER_ON;
    /* This board has no random source: the entropy stays zero, and no nonce repeats all the same. Give yours if you have one. */
    expect(lk_device_boot(&device, sizeof device, &from));
    wipe(&log_start, sizeof log_start);
}

static int needs_tidying(void)
{
    uint8_t journal_needs, log_needs = 0;
    expect(lk_journal_needs_work(&journal, &journal_needs));
    if (HAS_KEYS && keeps_log)
        expect(lk_log_needs_work(&log_ring, &log_needs));
    return journal_needs || log_needs;
}

static void tidy_log(void)
{
    uint8_t needs_work;
    lk_start_of_log held;
    expect(lk_log_needs_work(&log_ring, &needs_work));
    if (needs_work && lk_log_work(&log_ring) == LK_STATUS_OK && lk_log_start(&log_ring, &held) == LK_STATUS_OK) {
        expect(lk_device_log_held(&device, held.first, held.acknowledged, held.capacity, clock_now()));
        wipe(&held, sizeof held);
        drain();
    }
}

/* Erases and moves sectors while nobody waits. */
static void tidy(void)
{
    uint8_t needs_work;
    if (idle_awaited && !needs_tidying()) {
        idle_awaited = 0;
        say("idle");
    }
    expect(lk_journal_needs_work(&journal, &needs_work));
    if (needs_work && lk_journal_work(&journal) != LK_STATUS_OK)
        say("the journal could not be tidied; the next quiet moment tries again");
    if (HAS_KEYS && keeps_log)
        tidy_log();
}

/* Gives an input that may be refused for a moment: the lock says so, and whoever asked tries again. */
static void offer(lk_status status)
{
    if (status == LK_STATUS_BACKLOG)
        say("busy");
    else
        expect(status);
    drain();
}

static int take_packets(void)
{
    size_t packet_length, consumed;
    int byte, came = 0;
    while ((byte = uart_take(UART_PHONE)) >= 0) {
        uint8_t one = (uint8_t)byte;
        came = 1;
        expect(lk_deframer_push(&deframer, &one, 1, buffer, sizeof buffer, &packet_length, &consumed));
        if (packet_length > 0) {
            offer(lk_device_receive(&device, LINK, buffer, packet_length, clock_now()));
            packets_taken++;
        }
    }
    return came;
}

/* The cable comes out and in again: the lock greets anew. */
static void replug(void)
{
    expect(lk_deframer_init(&deframer, sizeof deframer));
    offer(lk_device_link_down(&device, LINK, clock_now()));
    offer(lk_device_link_up(&device, LINK, LK_DELIVERY_ORDERED, clock_now()));
    say("plugged");
}

static void obey_bench(const uint8_t *line, size_t length)
{
    uint64_t now = clock_now();
    if (length == 1 && line[0] == 'u')
        offer(lk_device_press_inside(&device, LK_BUTTON_UNLOCK, now));
    else if (length == 1 && line[0] == 'l')
        offer(lk_device_press_inside(&device, LK_BUTTON_LOCK, now));
    else if (length == 1 && line[0] == 'o')
        offer(lk_device_press_outside(&device, now));
    else if (length == 1 && line[0] == 'p')
        replug();
    else if (length == 1 && line[0] == 'n')
        say_number("packets ", packets_taken);
    else if (length == 1 && line[0] == 'i')
        idle_awaited = 1;
    else if (length == 1 && line[0] == 's')
        say_number("stack ", stack_deepest());
    else if (!HAS_KEYS)
        say("this lock has no keypad");
    else if (lk_device_present(&device, LK_CREDENTIAL_PIN, line, length, LK_WISH_OPEN, now) == LK_STATUS_BAD_VALUE)
        say("a code has 4 to 10 digits");
    else
        drain();
}

static int take_bench(void)
{
    static uint8_t line[16];
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

/* Reads the battery, now and then: this one is always full. */
static void sense_power(void)
{
    static const lk_power full = {.millivolts = 6200};
    static uint64_t next_at;
    if (clock_now() < next_at)
        return;
    next_at = clock_now() + POWER_EVERY_MS;
    offer(lk_device_sense_power(&device, &full, clock_now()));
}

static void sense(uint8_t *last)
{
    static const char *const names[] = {"bolt unknown", "bolt extended", "bolt retracted", "bolt between"};
    uint8_t bolt = mechanism_sense(clock_now());
    if (bolt != *last) {
        *last = bolt;
        say(names[bolt]);
        expect(lk_device_sense_bolt(&device, bolt, clock_now()));
        drain();
    }
}

int main(void)
{
    uint64_t tick_at;
    uint8_t bolt = LK_BOLT_UNKNOWN;
    board_start();
    if (lk_abi_version() != LK_ABI_VERSION || lk_device_size() != sizeof device)
        return 4;
    expect(lk_deframer_init(&deframer, sizeof deframer));
    boot();
    drain();
    expect(lk_device_link_up(&device, LINK, LK_DELIVERY_ORDERED, clock_now()));
    drain();
    say("ready");
    for (;;) {
        sense(&bolt);
        sense_power();
        int came = take_packets() | take_bench();
        expect(lk_device_timeout(&device, &tick_at));
        if (clock_now() >= tick_at) {
            expect(lk_device_tick(&device, clock_now()));
            drain();
        } else if (!came) {
            tidy();
            board_sleep();
        }
    }
}
