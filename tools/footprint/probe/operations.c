/*
 * What the operations of a lock cost: a lock, its cloud and the holders of its keys in one program, with the library as firmware links it.
 *
 * What the lock wants stored is stored at once, and outside of what is measured: the cost of a flash is the board's.
 */

#include <string.h>

#include "board.h"
#include "meter.h"

#define SECTOR 8192u
#define SECTORS 4u
#define LINK 0
#define NOON_MS UINT64_C(1790000000000)

static lk_device device;
static lk_journal journal;
static lk_log ring;
static lk_cloud cloud;
static uint64_t now = 1000;

/* The last output of the lock, and the last packet among them. */
static lk_todo todo = {.task = LK_TASK_NONE};
static uint8_t buffer[LK_PACKET_MAX], packet[LK_PACKET_MAX];
static size_t packet_length;

static const uint8_t root[32] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3, 2, 7, 9, 5};
static const uint8_t lock_id[16] = {0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F};
static const uint8_t entropy[32] = {42};

static void expect(int holds, uint32_t line)
{
    if (!holds) {
        meter_say("not so in line", line);
        board_stop(1);
    }
}
#define CHECK(condition) expect((condition) != 0, __LINE__)
#define OK(call) CHECK((call) == LK_STATUS_OK)

static uint8_t cells[2][SECTORS * SECTOR];

static int32_t flash_read(void *context, uint32_t offset, uint8_t *bytes, uint32_t length)
{
    memcpy(bytes, (uint8_t *)context + offset, length);
    return 0;
}

static int32_t flash_program(void *context, uint32_t offset, const uint8_t *bytes, uint32_t length)
{
    memcpy((uint8_t *)context + offset, bytes, length);
    return 0;
}

static int32_t flash_erase(void *context, uint32_t offset, uint32_t length)
{
    memset((uint8_t *)context + offset, 0xFF, length);
    return 0;
}

const lk_flash flash_records = {cells[0], flash_read, flash_program, flash_erase, sizeof cells[0]};
const lk_flash flash_log = {cells[1], flash_read, flash_program, flash_erase, sizeof cells[1]};

/* Does what the lock wants, which it has just said, once. */
static void obey(void)
{
    uint8_t task = todo.task;
    todo.task = LK_TASK_NONE;
    switch (task) {
    case LK_TASK_PERSIST:
        OK(lk_journal_append(&journal, todo.tag, buffer, todo.length));
        break;
    case LK_TASK_LOG_APPEND:
        OK(lk_log_append(&ring, todo.secret, buffer, todo.length));
        break;
    case LK_TASK_TRANSMIT:
        memcpy(packet, buffer, todo.length);
        packet_length = todo.length;
        return;
    default:
        return;
    }
    meter_start();
    OK(lk_device_persisted(&device, todo.id));
    meter_stop();
}

static uint8_t poll(void)
{
    meter_start();
    OK(lk_device_poll(&device, now, buffer, sizeof buffer, &todo));
    meter_stop();
    return todo.task;
}

/* Until the lock wants this, or nothing more; says whether it wanted it. */
static int run_until(uint8_t task)
{
    do
        obey();
    while (poll() != LK_TASK_NONE && todo.task != task);
    return todo.task == task;
}

/* All that is left: it belongs to no operation that is told. */
static void settle(void)
{
    uint8_t needs_work;
    (void)run_until(LK_TASK_NONE);
    meter_tell(METER_NOTHING);
    OK(lk_journal_needs_work(&journal, &needs_work));
    while (needs_work) {
        OK(lk_journal_work(&journal));
        OK(lk_journal_needs_work(&journal, &needs_work));
    }
}

static void sense(uint8_t bolt)
{
    now += 500;
    meter_start();
    OK(lk_device_sense_bolt(&device, bolt, now));
    meter_stop();
}

static void settle_bolt(uint8_t bolt)
{
    sense(bolt);
    settle();
}

static void make(uint8_t profile)
{
    uint8_t record[LK_RECORD_MAX], secret[32];
    lk_cloud_lock lock = {0};
    size_t length;
    OK(lk_provision_log(root, lock_id, secret, sizeof secret));
    OK(lk_log_format(&ring, sizeof ring, &flash_log, secret));
    OK(lk_journal_format(&journal, sizeof journal, &flash_records));
    OK(lk_provision_owned(root, lock_id, entropy, profile, record, sizeof record, &length));
    OK(lk_journal_append(&journal, LK_TAG_KEYS, record, length));
    memcpy(lock.root, root, sizeof lock.root);
    memcpy(lock.lock_id, lock_id, sizeof lock.lock_id);
    lock.key_epoch = 1;
    lock.profile = profile;
    OK(lk_cloud_init(&cloud, sizeof cloud, &lock, NULL, 0));
    OK(lk_cloud_reserve(&cloud, 100, record, sizeof record, &length));
    OK(lk_cloud_reserved(&cloud, record, length));
}

static void boot(int keeps_log, const char *name)
{
    lk_start_of_log start;
    lk_boot from = {0};
    OK(lk_journal_mount(&journal, sizeof journal, &flash_records));
    OK(lk_log_mount(&ring, sizeof ring, &flash_log));
    OK(lk_log_start(&ring, &start));
    from.journal = &journal;
    from.log = keeps_log ? &start : NULL;
    from.reason = LK_BOOT_REASON_POWER_ON;
    from.now_ms = now = 1000;
    meter_start();
    OK(lk_device_boot(&device, sizeof device, &from));
    meter_stop();
    meter_tell(name);
    settle();
    settle_bolt(LK_BOLT_EXTENDED);
}

/* A link comes up, and the lock greets. */
static void greet(lk_greeting *greeting, const char *name)
{
    static uint8_t hello[LK_PACKET_MAX];
    now += 2000;
    OK(lk_device_link_down(&device, LINK, now));
    (void)run_until(LK_TASK_NONE);
    meter_tell(METER_NOTHING);
    meter_start();
    OK(lk_device_link_up(&device, LINK, LK_DELIVERY_ORDERED, now));
    meter_stop();
    CHECK(run_until(LK_TASK_TRANSMIT));
    meter_tell(name);
    settle();
    memcpy(hello, packet, packet_length);
    memset(greeting, 0, sizeof *greeting);
    greeting->hello = hello;
    greeting->hello_length = packet_length;
    greeting->delivery = LK_DELIVERY_ORDERED;
}

/* A packet goes to the lock, which wants `task` of it. */
static void receive(uint8_t *bytes, size_t length, uint8_t task)
{
    meter_start();
    OK(lk_device_receive(&device, LINK, bytes, length, now));
    meter_stop();
    CHECK(run_until(task));
}

/* What is measured of a first message that unlocks; then the bolt arrives, and is thrown by hand. */
static void unlock(uint8_t *message, size_t length, const char *to_motor, const char *to_answer)
{
    receive(message, length, LK_TASK_MOTOR);
    CHECK(todo.code == LK_DRIVE_RETRACT);
    meter_tell(to_motor);
    CHECK(run_until(LK_TASK_TRANSMIT));
    meter_tell(to_answer);
    settle();
    settle_bolt(LK_BOLT_RETRACTED);
    settle_bolt(LK_BOLT_EXTENDED);
}

static void unlock_by_cloud(const char *greets, const char *to_motor, const char *to_answer)
{
    uint8_t message[LK_PACKET_MAX];
    lk_request request = {0};
    lk_greeting greeting;
    uint64_t command;
    size_t length;
    request.ask = LK_ASK_UNLOCK;
    greet(&greeting, greets);
    OK(lk_cloud_connect(&cloud, &request, &greeting, NOON_MS + now, message, sizeof message, &length, &command));
    unlock(message, length, to_motor, to_answer);
}

/* A sensor's input to the last output. */
static void step(void)
{
    sense(LK_BOLT_RETRACTED);
    (void)run_until(LK_TASK_NONE);
    meter_tell("step");
    settle_bolt(LK_BOLT_EXTENDED);
}

#ifdef WITH_KEYS
enum { DELEGATIONS = 4 };

static void unlock_by_key(lk_holder *holder, const char *to_motor)
{
    uint8_t message[LK_PACKET_MAX];
    lk_greeting greeting;
    uint64_t number;
    size_t length;
    OK(lk_holder_reserve(holder, 1, &number));
    OK(lk_holder_reserved(holder, number));
    greet(&greeting, METER_NOTHING);
    OK(lk_holder_connect(holder, LK_ASK_UNLOCK, &greeting, message, sizeof message, &length));
    unlock(message, length, to_motor, METER_NOTHING);
}

static void redeem(void)
{
    static lk_holder holder;
    static uint8_t link[LK_LINK_MAX];
    lk_conditions narrower = {0};
    lk_new_key key = {0};
    size_t length;
    int passed;
    key.serial = 1;
    key.issued_ms = NOON_MS;
    key.conditions.has_depth = 1;
    key.conditions.depth = DELEGATIONS;
    OK(lk_cloud_issue(&cloud, &key, NULL, link, sizeof link, &length));
    OK(lk_holder_init(&holder, sizeof holder, link, length, NULL, 0));
    unlock_by_key(&holder, "ticket redeem");
    narrower.rights = LK_RIGHT_UNLOCK;
    for (passed = 0; passed < DELEGATIONS; passed++) {
        OK(lk_holder_narrow(&holder, &narrower, link, sizeof link, &length));
        OK(lk_holder_init(&holder, sizeof holder, link, length, NULL, 0));
    }
    unlock_by_key(&holder, "ticket redeem, 4 delegations");
}

static void wrong_code(void)
{
    static const uint8_t digits[] = {'2', '7', '1', '8', '2', '8'};
    meter_start();
    OK(lk_device_present(&device, LK_CREDENTIAL_PIN, digits, sizeof digits, LK_WISH_OPEN, now));
    meter_stop();
    (void)run_until(LK_TASK_NONE);
    meter_tell("wrong code");
    settle();
}

/* The output alone that hands out an entry of the log: what happened was noted before. */
static void log_append(void)
{
    sense(LK_BOLT_RETRACTED);
    do {
        obey();
        meter_tell(METER_NOTHING);
    } while (poll() != LK_TASK_NONE && todo.task != LK_TASK_LOG_APPEND);
    CHECK(todo.task == LK_TASK_LOG_APPEND);
    meter_tell("log append");
    settle();
}
#endif

int main(void)
{
    board_start();
    make(LK_PROFILE_S);
    boot(0, METER_NOTHING);
    step();
    unlock_by_cloud("hello", "hello to actuate", "message 2");
#ifdef WITH_KEYS
    wrong_code();
    redeem();
    boot(1, "boot");
    log_append();
#else
    boot(0, "boot");
#endif
#ifdef WITH_X25519
    make(LK_PROFILE_X);
    boot(0, METER_NOTHING);
    unlock_by_cloud("hello, profile X", "hello to actuate, profile X", "message 2, profile X");
#endif
    return 0;
}
