/* One caller for each function, and what the calls have brought so far. */
#ifndef FUZZ_CALLS_H
#define FUZZ_CALLS_H

#include "fuzz_arguments.h"

static const uint8_t root[32] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3, 2, 7, 9, 5};
static const uint8_t lock_id[16] = {0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F};
static uint8_t records[LK_RECORD_TAGS][LK_RECORD_MAX];
static size_t record_lengths[LK_RECORD_TAGS];
static lk_todo todo;
static uint8_t todo_bytes[LK_PACKET_MAX];
static lk_start_of_log log_begins;
static int log_has_begun;
static uint8_t cloud_record[LK_CLOUD_RECORD], key_record[LK_KEY_MAX], link_text[LK_LINK_MAX];
static size_t cloud_record_length, key_length, link_length;
static uint64_t holder_number, command_number;

/* Packets on their way, the newest last; and the newest hello. */
#define PACKETS 8
static struct {
    uint8_t at[LK_PACKET_MAX];
    size_t length;
} packets[PACKETS], hello;
static size_t packet_count;
/* The packet that comes next, counted from 1; 0 for any. */
static size_t due;

static void keep_packet(const uint8_t *packet, size_t length)
{
    CHECK(length >= 2 && length <= LK_PACKET_MAX);
    memcpy(packets[packet_count % PACKETS].at, packet, length);
    packets[packet_count++ % PACKETS].length = length;
    if (packet[1] == LK_KIND_HELLO) {
        memcpy(hello.at, packet, length);
        hello.length = length;
    }
}

static bytes a_packet(void)
{
    size_t back = due > 0 ? packet_count + 1 - due : draw(4) ? 1 : 1 + draw(PACKETS);
    if (packet_count < back || back > PACKETS)
        return an_input("\1\1", 2);
    return an_input(packets[(packet_count - back) % PACKETS].at, packets[(packet_count - back) % PACKETS].length);
}

/* The packet that the call made. */
static lk_status made(lk_status status, bytes packet, const size_t *length)
{
    if (status == LK_STATUS_OK && *length <= packet.length && *length >= 2)
        keep_packet(packet.at, *length);
    return status;
}

/* Two chips, which fail now and then. */
#define CHIP (4u * 8192u)
static uint8_t chips[2][CHIP];

static int32_t chip_read(void *context, uint32_t offset, uint8_t *to, uint32_t length)
{
    if (offset > CHIP || length > CHIP - offset || slips(400))
        return -1;
    memcpy(to, (const uint8_t *)context + offset, length);
    return 0;
}

static int32_t chip_program(void *context, uint32_t offset, const uint8_t *from, uint32_t length)
{
    uint8_t *cells = (uint8_t *)context + offset;
    uint32_t i;
    if (offset > CHIP || length > CHIP - offset || slips(100))
        return -1;
    for (i = 0; i < length; i++)
        cells[i] &= from[i];
    return 0;
}

static int32_t chip_erase(void *context, uint32_t offset, uint32_t length)
{
    if (offset > CHIP || length > CHIP - offset || slips(100))
        return -1;
    memset((uint8_t *)context + offset, 0xFF, length);
    return 0;
}

static const lk_flash *a_flash(int which)
{
    lk_flash flash;
    memset(&flash, 0, sizeof flash);
    flash.context = chips[which];
    flash.read = slips(64) ? NULL : chip_read;
    flash.program = slips(64) ? NULL : chip_program;
    flash.erase = slips(64) ? NULL : chip_erase;
    flash.bytes = slips(32) ? draw(3 * CHIP) : CHIP;
    return STRUCTURE(lk_flash, flash);
}

/* --- One caller for each function. --- */

#define CALL(name) static lk_status call_##name(void)

/* The arguments from left to right, then a picture of the memory, then the call. */
#define DO(name, ...) DO_COUNTED(COUNT(__VA_ARGS__, 8, 7, 6, 5, 4, 3, 2, 1, 0), name, __VA_ARGS__)
#define COUNT(a, b, c, d, e, f, g, h, n, ...) n
#define DO_COUNTED(n, ...) DO_SO(n, __VA_ARGS__)
#define DO_SO(n, ...) DO_##n(__VA_ARGS__)
#define LET(n, value) __auto_type a##n = (value)
#define SEE(call) before = memory; call;
#define DO_1(f, a) __extension__({ LET(1, a); SEE(f(a1)) })
#define DO_2(f, a, b) __extension__({ LET(1, a); LET(2, b); SEE(f(a1, a2)) })
#define DO_3(f, a, b, c) __extension__({ LET(1, a); LET(2, b); LET(3, c); SEE(f(a1, a2, a3)) })
#define DO_4(f, a, b, c, d) __extension__({ LET(1, a); LET(2, b); LET(3, c); LET(4, d); SEE(f(a1, a2, a3, a4)) })
#define DO_5(f, a, b, c, d, e) \
    __extension__({ LET(1, a); LET(2, b); LET(3, c); LET(4, d); LET(5, e); SEE(f(a1, a2, a3, a4, a5)) })
#define DO_6(f, a, b, c, d, e, g) \
    __extension__({ LET(1, a); LET(2, b); LET(3, c); LET(4, d); LET(5, e); LET(6, g); SEE(f(a1, a2, a3, a4, a5, a6)) })
#define DO_7(f, a, b, c, d, e, g, h) \
    __extension__({ LET(1, a); LET(2, b); LET(3, c); LET(4, d); LET(5, e); LET(6, g); LET(7, h); SEE(f(a1, a2, a3, a4, a5, a6, a7)) })
#define DO_8(f, a, b, c, d, e, g, h, i) \
    __extension__({ LET(1, a); LET(2, b); LET(3, c); LET(4, d); LET(5, e); LET(6, g); LET(7, h); LET(8, i); SEE(f(a1, a2, a3, a4, a5, a6, a7, a8)) })

CALL(lk_frame_encode)
{
    bytes packet = a_packet(), frame = a_place(LK_FRAME_MAX);
    return DO(lk_frame_encode, packet.at, packet.length, frame.at, frame.length, OUT(size_t));
}

CALL(lk_deframer_init) { return DO(lk_deframer_init, OBJECT(deframer), a_size(sizeof(lk_deframer))); }

CALL(lk_deframer_push)
{
    uint8_t stream[LK_FRAME_MAX];
    bytes piece, packet = a_place(LK_PACKET_MAX);
    size_t i, length = draw(LK_FRAME_MAX);
    for (i = 0; i < length; i++)
        stream[i] = (uint8_t)(draw(4) ? 1 + draw(8) : 0);
    piece = an_input(stream, length);
    return DO(lk_deframer_push, OBJECT(deframer), piece.at, piece.length, packet.at, packet.length, OUT(size_t), OUT(size_t));
}

CALL(lk_packet_kind)
{
    bytes packet = a_packet();
    return DO(lk_packet_kind, packet.at, packet.length, OUT(lk_kind));
}

CALL(lk_packet_hello_request)
{
    bytes packet = a_place(2);
    size_t *length = OUT(size_t);
    return made(DO(lk_packet_hello_request, packet.at, packet.length, length), packet, length);
}

CALL(lk_provision_owned)
{
    bytes record = a_place(LK_RECORD_MAX);
    size_t *length = OUT(size_t);
    bytes root_of_lock = an_input(root, sizeof root), id = an_input(lock_id, sizeof lock_id);
    lk_status status = DO(lk_provision_owned, root_of_lock.at, id.at, noise(32), (uint8_t)(1 + a_word(2)), record.at, record.length, length);
    if (status == LK_STATUS_OK && careful) {
        memset(record_lengths, 0, sizeof record_lengths);
        memcpy(records[LK_TAG_KEYS], record.at, *length);
        record_lengths[LK_TAG_KEYS] = *length;
    }
    return status;
}

CALL(lk_provision_log)
{
    bytes secret = a_place(32);
    return DO(lk_provision_log, noise(32), noise(16), secret.at, secret.length);
}

CALL(lk_provision_claim)
{
    bytes record = a_place(LK_RECORD_MAX);
    return DO(lk_provision_claim, noise(16), noise(32), noise(16), record.at, record.length, OUT(size_t));
}

CALL(lk_provision_unowned)
{
    bytes record = a_place(LK_RECORD_MAX);
    return DO(lk_provision_unowned, noise(16), noise(32), noise(16), noise(32), record.at, record.length, OUT(size_t));
}

CALL(lk_provision_unowned_log)
{
    bytes secret = a_place(32);
    return DO(lk_provision_unowned_log, noise(16), noise(32), noise(16), secret.at, secret.length);
}

CALL(lk_journal_format) { return DO(lk_journal_format, OBJECT(journal), a_size(sizeof(lk_journal)), a_flash(0)); }
CALL(lk_journal_mount) { return DO(lk_journal_mount, OBJECT(journal), a_size(sizeof(lk_journal)), a_flash(0)); }
CALL(lk_journal_has_room) { return DO(lk_journal_has_room, OBJECT(journal), OUT(uint8_t)); }
CALL(lk_journal_needs_work) { return DO(lk_journal_needs_work, OBJECT(journal), OUT(uint8_t)); }
CALL(lk_journal_work) { return DO(lk_journal_work, OBJECT(journal)); }

CALL(lk_journal_read)
{
    bytes record = a_place(LK_RECORD_MAX);
    return DO(lk_journal_read, OBJECT(journal), a_word(LK_RECORD_TAGS), record.at, record.length, OUT(size_t));
}

CALL(lk_journal_append)
{
    bytes record = an_input(todo_bytes, draw(careful ? 200 : LK_PACKET_MAX));
    return DO(lk_journal_append, OBJECT(journal), a_word(LK_RECORD_TAGS), record.at, record.length);
}

CALL(lk_log_format) { return DO(lk_log_format, OBJECT(log), a_size(sizeof(lk_log)), a_flash(1), noise(32)); }
CALL(lk_log_mount) { return DO(lk_log_mount, OBJECT(log), a_size(sizeof(lk_log)), a_flash(1)); }
CALL(lk_log_needs_work) { return DO(lk_log_needs_work, OBJECT(log), OUT(uint8_t)); }
CALL(lk_log_work) { return DO(lk_log_work, OBJECT(log)); }

CALL(lk_log_start)
{
    lk_start_of_log *start = OUT(lk_start_of_log);
    lk_status status = DO(lk_log_start, OBJECT(log), start);
    if (status == LK_STATUS_OK) {
        log_begins = *start;
        log_has_begun = 1;
    }
    return status;
}

CALL(lk_log_append)
{
    bytes payload = an_input(todo_bytes, draw(careful ? LK_LOG_ENTRY_MAX : LK_PACKET_MAX));
    return DO(lk_log_append, OBJECT(log), noise(32), payload.at, payload.length);
}

CALL(lk_log_read)
{
    bytes payload = a_place(LK_LOG_ENTRY_MAX);
    return DO(lk_log_read, OBJECT(log), a_number(log_begins.first + draw(4)), payload.at, payload.length, OUT(size_t),
                       (uint8_t *)out(LK_LOG_BEGINNING, 0));
}

CALL(lk_log_acknowledge)
{
    bytes mac = an_input(log_begins.last, 16);
    return DO(lk_log_acknowledge, OBJECT(log), a_number(log_begins.next - 1), mac.at);
}

/* The journal of a boot; null says that there is none. */
static lk_journal *a_journal(void)
{
    lk_journal *chosen = OBJECT(journal);
    if (chosen == NULL)
        given = AN_OBJECT;
    return chosen;
}

CALL(lk_device_boot)
{
    lk_record list[LK_RECORD_TAGS];
    lk_running_firmware firmware;
    lk_boot from;
    uint8_t tag;
    memset(&from, 0, sizeof from);
    memset(&firmware, 0, sizeof firmware);
    memset(list, 0, sizeof list);
    for (tag = 0; tag < LK_RECORD_TAGS; tag++) {
        bytes record;
        if (record_lengths[tag] == 0 || slips(64))
            continue;
        record = an_input(records[tag], record_lengths[tag]);
        list[from.record_count].bytes = record.at;
        list[from.record_count].length = record.length;
        list[from.record_count++].tag = slips(64) ? (uint8_t)draw(256) : tag;
    }
    from.records = (const lk_record *)a_structure(list, sizeof list);
    if (slips(64))
        from.record_count = SIZE_MAX - draw(9);
    if (log_has_begun && draw(2))
        from.log = STRUCTURE(lk_start_of_log, log_begins);
    firmware.slot_bytes = 65536;
    firmware.slot_sector = slips(8) ? draw(5000) : 4096;
    firmware.booted_as = a_word(3);
    if (draw(2))
        from.firmware = STRUCTURE(lk_running_firmware, firmware);
    if (slips(16))
        from.journal = a_journal();
    if (draw(4) == 0) {
        from.records = NULL;
        from.record_count = 0;
        from.journal = a_journal();
    }
    from.now_ms = now();
    from.reason = a_word(7);
    memset(&todo, 0, sizeof todo);
    return DO(lk_device_boot, OBJECT(device), a_size(sizeof(lk_device)), STRUCTURE(lk_boot, from));
}

CALL(lk_device_poll)
{
    bytes buffer = a_place(LK_PACKET_MAX);
    lk_todo *next = OUT(lk_todo);
    lk_status status = DO(lk_device_poll, OBJECT(device), now(), buffer.at, buffer.length, next);
    if (status != LK_STATUS_OK)
        return status;
    if (next->task == LK_TASK_PERSIST && next->tag < LK_RECORD_TAGS && next->length <= LK_RECORD_MAX) {
        memcpy(records[next->tag], buffer.at, next->length);
        record_lengths[next->tag] = next->length;
    }
    if (next->task == LK_TASK_TRANSMIT && next->length <= LK_PACKET_MAX && next->length >= 2)
        keep_packet(buffer.at, next->length);
    if (next->task != LK_TASK_NONE && next->length <= LK_PACKET_MAX) {
        todo = *next;
        memcpy(todo_bytes, buffer.at, next->length);
    }
    return status;
}

static uint32_t an_id(void) { return slips(8) ? (uint32_t)draw64() : todo.id; }

CALL(lk_device_persisted) { return DO(lk_device_persisted, OBJECT(device), an_id()); }
CALL(lk_device_persist_failed) { return DO(lk_device_persist_failed, OBJECT(device), an_id(), a_word(3), now()); }

CALL(lk_device_answer_log)
{
    lk_log_payload entry;
    bytes payload = an_input(todo_bytes, draw(LK_LOG_ENTRY_MAX));
    memset(&entry, 0, sizeof entry);
    entry.payload = payload.at;
    entry.length = payload.length;
    return DO(lk_device_answer_log, OBJECT(device), an_id(), STRUCTURE(lk_log_payload, entry));
}

CALL(lk_device_answer_update)
{
    uint8_t answer = a_word(3);
    bytes piece = an_input(todo_bytes, answer == LK_WORK_ANSWER_READ ? todo.amount % LK_PACKET_MAX : 0);
    return DO(lk_device_answer_update, OBJECT(device), answer, piece.at, piece.length, now());
}

CALL(lk_device_link_up) { return DO(lk_device_link_up, OBJECT(device), careful ? 0 : a_word(LK_DEVICE_LINKS), careful ? LK_DELIVERY_ORDERED : a_word(2), now()); }
CALL(lk_device_link_down) { return DO(lk_device_link_down, OBJECT(device), a_word(LK_DEVICE_LINKS), now()); }

CALL(lk_device_receive)
{
    bytes packet = a_packet();
    if (packet.at != NULL && packet.length <= LK_PACKET_MAX)
        grant(packet.at, packet.length);
    return DO(lk_device_receive, OBJECT(device), careful ? 0 : a_word(LK_DEVICE_LINKS), packet.at, packet.length, now());
}

CALL(lk_device_sense_bolt) { return DO(lk_device_sense_bolt, OBJECT(device), a_word(4), now()); }
CALL(lk_device_sense_latch) { return DO(lk_device_sense_latch, OBJECT(device), a_word(3), now()); }
CALL(lk_device_sense_door) { return DO(lk_device_sense_door, OBJECT(device), a_word(3), now()); }
CALL(lk_device_sense_stall) { return DO(lk_device_sense_stall, OBJECT(device), now()); }

CALL(lk_device_sense_power)
{
    lk_power power;
    memset(&power, 0, sizeof power);
    power.millivolts = (uint16_t)draw64();
    power.under_load = a_word(2);
    power.has_temperature = a_word(2);
    power.celsius = (int8_t)draw64();
    return DO(lk_device_sense_power, OBJECT(device), STRUCTURE(lk_power, power), now());
}

CALL(lk_device_present)
{
    bytes secret = an_input("271828182845", 4 + draw(careful ? 6 : 9));
    return DO(lk_device_present, OBJECT(device), careful ? LK_CREDENTIAL_PIN : a_word(8), secret.at, secret.length,
                             careful ? LK_WISH_OPEN : a_word(21), now());
}

CALL(lk_device_press_outside) { return DO(lk_device_press_outside, OBJECT(device), now()); }
CALL(lk_device_press_inside) { return DO(lk_device_press_inside, OBJECT(device), a_word(6), now()); }
CALL(lk_device_press_reset) { return DO(lk_device_press_reset, OBJECT(device), a_word(2), now()); }

CALL(lk_device_observe)
{
    return DO(lk_device_observe, OBJECT(device), a_word(9), (int32_t)(slips(4) ? draw64() : draw(2)), now());
}

CALL(lk_device_log_held)
{
    return DO(lk_device_log_held, OBJECT(device), a_number(log_begins.first), a_number(log_begins.acknowledged), log_begins.capacity, now());
}

CALL(lk_device_stir) { return DO(lk_device_stir, OBJECT(device), noise(32), now()); }
CALL(lk_device_tick) { return DO(lk_device_tick, OBJECT(device), now()); }
CALL(lk_device_report) { return DO(lk_device_report, OBJECT(device), now(), OUT(lk_report)); }
CALL(lk_device_timeout) { return DO(lk_device_timeout, OBJECT(device), OUT(uint64_t)); }
CALL(lk_indication_pattern) { return DO(lk_indication_pattern, a_word(16), a_word(2), OUT(lk_pattern)); }

CALL(lk_wipe)
{
    bytes secret = a_place(64);
    lk_status status = DO(lk_wipe, secret.at, secret.length);
    size_t i;
    for (i = 0; status == LK_STATUS_OK && i < secret.length; i++)
        CHECK(secret.at[i] == 0);
    return status;
}

static lk_conditions conditions(void)
{
    lk_conditions said;
    memset(&said, 0, sizeof said);
    said.rights = (uint8_t)(draw(2) ? a_word(16) : 0);
    said.not_after_ms = draw(4) ? 0 : a_number(UINT64_C(1800000000000));
    said.days = (uint8_t)(draw(8) ? 0 : a_word(128));
    if (said.days != 0 || slips(16)) {
        said.from_minute = (uint16_t)draw(1500);
        said.until_minute = (uint16_t)draw(1500);
    }
    said.is_single_use = (uint8_t)(draw(8) ? 0 : a_word(2));
    said.has_depth = a_word(2);
    said.depth = (uint8_t)(said.has_depth != 0 || slips(16) ? a_word(5) : 0);
    return said;
}

static lk_greeting greeting(void)
{
    lk_greeting from;
    bytes packet = draw(8) ? an_input(hello.at, hello.length) : a_packet();
    memset(&from, 0, sizeof from);
    from.hello = packet.at;
    from.hello_length = packet.length;
    from.delivery = careful ? LK_DELIVERY_ORDERED : a_word(2);
    return from;
}

static lk_request request(void)
{
    static const uint8_t asks[] = {0, 1, 2, 3, 4, 5, 6, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25};
    lk_request asked;
    bytes digits = an_input("2718281828", 4 + draw(7));
    memset(&asked, 0, sizeof asked);
    asked.ask = slips(8) ? (uint8_t)draw(256) : asks[draw(careful ? 3 : sizeof asks)];
    asked.command = draw(4) ? 0 : a_number(command_number);
    asked.serial = 1 + draw(3);
    asked.digits = digits.at;
    asked.digits_length = digits.length;
    asked.version = draw(50);
    asked.seconds = draw(100);
    asked.mode = a_word(5);
    asked.slot = a_word(40);
    return asked;
}

CALL(lk_holder_init)
{
    bytes link = an_input(link_text, link_length);
    return DO(lk_holder_init, OBJECT(holder), a_size(sizeof(lk_holder)), link.at, link.length, draw(4) ? NULL : root, a_number(holder_number));
}

CALL(lk_holder_load)
{
    bytes record = an_input(key_record, key_length);
    return DO(lk_holder_load, OBJECT(holder), a_size(sizeof(lk_holder)), record.at, record.length, draw(4) ? NULL : root, a_number(holder_number));
}

CALL(lk_holder_forget) { return DO(lk_holder_forget, OBJECT(holder)); }
CALL(lk_holder_leave) { return DO(lk_holder_leave, OBJECT(holder)); }
CALL(lk_holder_reserved) { return DO(lk_holder_reserved, OBJECT(holder), a_number(holder_number)); }
CALL(lk_holder_view) { return DO(lk_holder_view, OBJECT(holder), OUT(lk_key_view)); }

CALL(lk_holder_save)
{
    bytes record = a_place(LK_KEY_MAX);
    size_t *length = OUT(size_t);
    lk_status status = DO(lk_holder_save, OBJECT(holder), record.at, record.length, length);
    if (status == LK_STATUS_OK && *length <= LK_KEY_MAX) {
        memcpy(key_record, record.at, *length);
        key_length = *length;
    }
    return status;
}

CALL(lk_holder_reserve)
{
    uint64_t *number = OUT(uint64_t);
    lk_status status = DO(lk_holder_reserve, OBJECT(holder), slips(8) ? draw(2000) : 1 + draw(3), number);
    if (status == LK_STATUS_OK)
        holder_number = *number;
    return status;
}

static lk_status linked(lk_status status, bytes link, const size_t *length)
{
    if (status == LK_STATUS_OK && *length <= LK_LINK_MAX) {
        memcpy(link_text, link.at, *length);
        link_length = *length;
    }
    return status;
}

CALL(lk_holder_link)
{
    bytes link = a_place(LK_LINK_MAX);
    size_t *length = OUT(size_t);
    return linked(DO(lk_holder_link, OBJECT(holder), link.at, link.length, length), link, length);
}

CALL(lk_holder_narrow)
{
    bytes link = a_place(LK_LINK_MAX);
    lk_conditions said = conditions();
    size_t *length = OUT(size_t);
    return linked(DO(lk_holder_narrow, OBJECT(holder), STRUCTURE(lk_conditions, said), link.at, link.length, length), link, length);
}

CALL(lk_holder_recognises)
{
    bytes packet = draw(2) ? an_input(hello.at, hello.length) : a_packet();
    return DO(lk_holder_recognises, OBJECT(holder), packet.at, packet.length, OUT(uint8_t));
}

CALL(lk_holder_connect)
{
    bytes packet = a_place(LK_PACKET_MAX);
    lk_greeting from = greeting();
    size_t *length = OUT(size_t);
    return made(DO(lk_holder_connect, OBJECT(holder), a_word(careful ? 3 : 7), STRUCTURE(lk_greeting, from), packet.at, packet.length, length),
                packet, length);
}

CALL(lk_holder_ask)
{
    bytes packet = a_place(LK_PACKET_MAX);
    size_t *length = OUT(size_t);
    return made(DO(lk_holder_ask, OBJECT(holder), a_word(7), now(), packet.at, packet.length, length), packet, length);
}

CALL(lk_holder_receive)
{
    bytes packet = a_packet();
    if (packet.at != NULL && packet.length <= LK_PACKET_MAX)
        grant(packet.at, packet.length);
    return DO(lk_holder_receive, OBJECT(holder), packet.at, packet.length, now(), OUT(lk_heard_that));
}

CALL(lk_relay_init) { return DO(lk_relay_init, OBJECT(relay), a_size(sizeof(lk_relay))); }

CALL(lk_relay_from_lock)
{
    bytes packet = a_packet();
    return DO(lk_relay_from_lock, OBJECT(relay), packet.at, packet.length, now(), OUT(uint8_t));
}

CALL(lk_relay_from_cloud)
{
    bytes packet = a_packet();
    return DO(lk_relay_from_cloud, OBJECT(relay), packet.at, packet.length, OUT(uint8_t));
}

CALL(lk_relay_take_hello)
{
    bytes packet = a_place(LK_HELLO);
    size_t *length = OUT(size_t);
    return made(DO(lk_relay_take_hello, OBJECT(relay), now(), packet.at, packet.length, length), packet, length);
}

CALL(lk_cloud_init)
{
    lk_cloud_lock lock;
    bytes record = an_input(cloud_record, cloud_record_length);
    memset(&lock, 0, sizeof lock);
    if (!slips(32))
        memcpy(lock.root, root, sizeof lock.root);
    memcpy(lock.lock_id, lock_id, sizeof lock.lock_id);
    lock.key_epoch = slips(16) ? draw(3) : 1;
    lock.profile = (uint8_t)(1 + (careful ? 0 : a_word(2)));
    if (record.length == 0)
        record.at = NULL;
    return DO(lk_cloud_init, OBJECT(cloud), a_size(sizeof(lk_cloud)), STRUCTURE(lk_cloud_lock, lock), record.at, record.length);
}

CALL(lk_cloud_forget) { return DO(lk_cloud_forget, OBJECT(cloud)); }
CALL(lk_cloud_leave) { return DO(lk_cloud_leave, OBJECT(cloud)); }

CALL(lk_cloud_reserve)
{
    bytes record = a_place(LK_CLOUD_RECORD);
    size_t *length = OUT(size_t);
    lk_status status = DO(lk_cloud_reserve, OBJECT(cloud), slips(8) ? draw(2000) : 1 + draw(5), record.at, record.length, length);
    if (status == LK_STATUS_OK) {
        memcpy(cloud_record, record.at, LK_CLOUD_RECORD);
        cloud_record_length = LK_CLOUD_RECORD;
    }
    return status;
}

CALL(lk_cloud_reserved)
{
    bytes record = an_input(cloud_record, cloud_record_length);
    return DO(lk_cloud_reserved, OBJECT(cloud), record.at, record.length);
}

CALL(lk_cloud_issue)
{
    bytes link = a_place(LK_LINK_MAX);
    lk_new_key key;
    size_t *length = OUT(size_t);
    memset(&key, 0, sizeof key);
    key.serial = slips(8) ? 0 : 1 + draw(5);
    key.issued_ms = UINT64_C(1790000000000);
    key.conditions = conditions();
    return linked(DO(lk_cloud_issue, OBJECT(cloud), STRUCTURE(lk_new_key, key), draw(4) ? NULL : root, link.at, link.length, length), link, length);
}

CALL(lk_cloud_recognises)
{
    bytes packet = draw(2) ? an_input(hello.at, hello.length) : a_packet();
    return DO(lk_cloud_recognises, OBJECT(cloud), packet.at, packet.length, OUT(uint8_t));
}

CALL(lk_cloud_connect)
{
    bytes packet = a_place(LK_PACKET_MAX);
    lk_request asked = request();
    lk_greeting from = greeting();
    size_t *length = OUT(size_t);
    return made(DO(lk_cloud_connect, OBJECT(cloud), STRUCTURE(lk_request, asked), STRUCTURE(lk_greeting, from), a_number(UINT64_C(1790000000000)),
                                 packet.at, packet.length, length, OUT(uint64_t)),
                packet, length);
}

CALL(lk_cloud_ask)
{
    bytes packet = a_place(LK_PACKET_MAX);
    lk_request asked = request();
    size_t *length = OUT(size_t);
    uint64_t *command = OUT(uint64_t);
    lk_status status = DO(lk_cloud_ask, OBJECT(cloud), STRUCTURE(lk_request, asked), now(), packet.at, packet.length, length, command);
    if (status == LK_STATUS_OK)
        command_number = *command;
    return made(status, packet, length);
}

CALL(lk_cloud_receive)
{
    bytes packet = a_packet();
    if (packet.at != NULL && packet.length <= LK_PACKET_MAX)
        grant(packet.at, packet.length);
    return DO(lk_cloud_receive, OBJECT(cloud), packet.at, packet.length, now(), OUT(lk_heard_that));
}

CALL(lk_cloud_seal)
{
    bytes packet = a_place(LK_PACKET_MAX);
    lk_request asked = request();
    lk_sealed_time time;
    size_t *length = OUT(size_t);
    memset(&time, 0, sizeof time);
    time.issued_ms = a_number(UINT64_C(1790000000000));
    time.not_after_ms = draw(2) ? 0 : a_number(UINT64_C(1790000060000));
    return made(DO(lk_cloud_seal, OBJECT(cloud), STRUCTURE(lk_request, asked), STRUCTURE(lk_sealed_time, time), packet.at, packet.length, length,
                              OUT(uint64_t)),
                packet, length);
}

CALL(lk_cloud_open)
{
    bytes packet = a_packet();
    if (packet.at != NULL && packet.length <= LK_PACKET_MAX)
        grant(packet.at, packet.length);
    return DO(lk_cloud_open, OBJECT(cloud), packet.at, packet.length, OUT(uint64_t), OUT(lk_heard_that));
}

/* Those that take nothing. */
CALL(lk_abi_version) { return lk_abi_version() == LK_ABI_VERSION ? LK_STATUS_OK : LK_STATUS_SIZE_MISMATCH; }
CALL(lk_status_text) { return lk_status_text((int32_t)draw64()) != NULL ? LK_STATUS_OK : LK_STATUS_NULL_POINTER; }
CALL(lk_flash_sector) { return lk_flash_sector() > 0 ? LK_STATUS_OK : LK_STATUS_BAD_VALUE; }
CALL(lk_flash_unit) { return lk_flash_unit() > 0 ? LK_STATUS_OK : LK_STATUS_BAD_VALUE; }
#define SIZE(kind) \
    CALL(lk_##kind##_size) { return lk_##kind##_size() == sizeof(lk_##kind) ? LK_STATUS_OK : LK_STATUS_SIZE_MISMATCH; }
SIZE(device)
SIZE(holder)
SIZE(cloud)
SIZE(relay)
SIZE(deframer)
SIZE(journal)
SIZE(log)

#endif
