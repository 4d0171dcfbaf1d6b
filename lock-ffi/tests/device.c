/*
 * A whole firmware in C, without a chip: storage, motor, sensors and buttons are variables.
 * What must be so is checked, and what a hurried programmer does wrong must be refused.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lock.h"

#define CHECK(condition)                                                        \
    do {                                                                        \
        if (!(condition)) {                                                     \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                            \
        }                                                                       \
    } while (0)

#define OK(call) CHECK((call) == LK_STATUS_OK)

static const uint8_t root[32] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3, 2, 7, 9, 5};
static const uint8_t lock_id[16] = {0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F};
static const uint8_t entropy[32] = {42};

/* The storage: the newest record of each tag. */
static uint8_t record_bytes[LK_RECORD_TAGS][LK_RECORD_MAX];
static size_t record_lengths[LK_RECORD_TAGS];

static lk_device device;
static uint64_t now;

/* What the lock did since this was zeroed. */
static struct {
    unsigned stored, sent, refused, alarms;
    int motor; /* the last order, or -1 */
    uint8_t packet_kind;
} did;

static void forget(void)
{
    memset(&did, 0, sizeof did);
    did.motor = -1;
}

/* The run loop of the guide, to its end. */
static void run(void)
{
    uint8_t buffer[LK_PACKET_MAX];
    lk_todo todo;
    for (;;) {
        OK(lk_device_poll(&device, now, buffer, sizeof buffer, &todo));
        switch (todo.task) {
        case LK_TASK_NONE:
            return;
        case LK_TASK_PERSIST:
            CHECK(todo.tag < LK_RECORD_TAGS && todo.length <= LK_RECORD_MAX);
            memcpy(record_bytes[todo.tag], buffer, todo.length);
            record_lengths[todo.tag] = todo.length;
            did.stored++;
            OK(lk_device_persisted(&device, todo.id));
            break;
        case LK_TASK_TRANSMIT: {
            lk_kind kind;
            OK(lk_packet_kind(buffer, todo.length, &kind));
            did.packet_kind = (uint8_t)kind;
            did.sent++;
            break;
        }
        case LK_TASK_MOTOR:
            did.motor = todo.code;
            break;
        case LK_TASK_INDICATE: {
            lk_pattern pattern;
            OK(lk_indication_pattern(todo.code, 0, &pattern));
            CHECK(pattern.times >= 1 && pattern.on_ms > 0);
            did.refused += todo.code == LK_INDICATION_REFUSED || todo.code == LK_INDICATION_LOCKED_OUT;
            break;
        }
        case LK_TASK_ALARM:
            did.alarms++;
            break;
        default:
            CHECK(todo.task == LK_TASK_CLOSE);
        }
    }
}

static lk_status boot(void)
{
    lk_record records[LK_RECORD_TAGS];
    lk_boot from;
    size_t count = 0;
    uint8_t tag;
    for (tag = 0; tag < LK_RECORD_TAGS; tag++) {
        if (record_lengths[tag] > 0) {
            records[count].bytes = record_bytes[tag];
            records[count].length = record_lengths[tag];
            records[count].tag = tag;
            count++;
        }
    }
    memset(&from, 0, sizeof from);
    now = 100;
    from.now_ms = now;
    from.records = records;
    from.record_count = count;
    memcpy(from.entropy, entropy, sizeof entropy);
    from.reason = LK_BOOT_REASON_POWER_ON;
    return lk_device_boot(&device, sizeof device, &from);
}

static lk_report report(void)
{
    lk_report told;
    OK(lk_device_report(&device, now, &told));
    return told;
}

static void sense(uint8_t bolt)
{
    now += 300;
    OK(lk_device_sense_bolt(&device, bolt, now));
    run();
}

static void provision(void)
{
    uint8_t blank[32] = {0};
    size_t length = 77;
    CHECK(lk_provision_owned(blank, lock_id, entropy, LK_PROFILE_S, record_bytes[LK_TAG_KEYS], LK_RECORD_MAX, &length)
          == LK_STATUS_ROOT_REFUSED);
    CHECK(lk_provision_owned(root, lock_id, entropy, 0, record_bytes[LK_TAG_KEYS], LK_RECORD_MAX, &length)
          == LK_STATUS_BAD_VALUE);
    CHECK(lk_provision_owned(root, lock_id, entropy, LK_PROFILE_S, record_bytes[LK_TAG_KEYS], 16, &length)
          == LK_STATUS_BUFFER_TOO_SHORT);
    CHECK(length == 77 && record_bytes[LK_TAG_KEYS][0] == 0);
    OK(lk_provision_owned(root, lock_id, entropy, LK_PROFILE_S, record_bytes[LK_TAG_KEYS], LK_RECORD_MAX, &length));
    record_lengths[LK_TAG_KEYS] = length;
}

static void a_day(void)
{
    uint64_t at;
    CHECK(report().is_locked == 0);
    sense(LK_BOLT_EXTENDED);
    CHECK(report().is_locked == 1);

    forget();
    OK(lk_device_link_up(&device, 0, LK_DELIVERY_ORDERED, now));
    run();
    CHECK(did.sent == 1 && did.packet_kind == LK_KIND_HELLO);

    forget();
    OK(lk_device_press_inside(&device, LK_BUTTON_UNLOCK, now));
    run();
    CHECK(did.motor == LK_DRIVE_RETRACT);
    CHECK(report().is_locked == 0 && report().motion == LK_MOTION_RETRACTING);
    sense(LK_BOLT_BETWEEN);
    sense(LK_BOLT_RETRACTED);
    CHECK(did.motor == LK_DRIVE_STOP && report().bolt == LK_BOLT_RETRACTED);

    forget();
    OK(lk_device_press_outside(&device, now));
    run();
    CHECK(did.motor == LK_DRIVE_EXTEND);
    OK(lk_device_timeout(&device, &at));
    CHECK(at != LK_NEVER && at > now);
    now += 200;
    OK(lk_device_sense_stall(&device, now));
    run();
    CHECK(did.motor == LK_DRIVE_STOP || did.motor == LK_DRIVE_RETRACT);
    sense(LK_BOLT_EXTENDED);
}

/* A wrong code is counted, also by a lock whose power goes at once. */
static void a_burglar(void)
{
    unsigned tries;
    for (tries = 0; tries < 40 && report().lockout_seconds == 0; tries++) {
        static const uint8_t code[] = {'1', '2', '3', '4'};
        forget();
        OK(lk_device_present(&device, LK_CREDENTIAL_PIN, code, sizeof code, LK_WISH_OPEN, now));
        run();
        CHECK(did.stored >= 1 && did.refused == 1 && did.motor == -1);
        OK(boot());
        run();
        sense(LK_BOLT_EXTENDED);
    }
    CHECK(tries >= 3 && tries < 40);
    CHECK(report().lockout_seconds > 0 && report().boot == tries + 1);
}

static void misuse(void)
{
    static lk_device copy;
    uint8_t buffer[LK_PACKET_MAX];
    lk_todo todo;
    lk_boot nothing;
    memset(&nothing, 0, sizeof nothing);

    CHECK(lk_device_boot(NULL, sizeof device, &nothing) == LK_STATUS_NULL_POINTER);
    CHECK(lk_device_boot(&device, sizeof device, &nothing) == LK_STATUS_NULL_POINTER);
    CHECK(lk_device_boot(&device, sizeof device - 1, &nothing) == LK_STATUS_SIZE_MISMATCH);
    CHECK(lk_device_tick(NULL, now) == LK_STATUS_NULL_POINTER);
    CHECK(lk_device_tick(&copy, now) == LK_STATUS_NOT_INITIALISED);
    memcpy(&copy, &device, sizeof device);
    CHECK(lk_device_tick(&copy, now) == LK_STATUS_NOT_INITIALISED);
    CHECK(lk_device_poll(&device, now, buffer, sizeof buffer - 1, &todo) == LK_STATUS_BUFFER_TOO_SHORT);
    CHECK(lk_device_poll(&device, now, NULL, sizeof buffer, &todo) == LK_STATUS_NULL_POINTER);
    CHECK(lk_device_receive(&device, LK_DEVICE_LINKS, buffer, 0, now) == LK_STATUS_NO_SUCH_LINK);
    CHECK(lk_device_persisted(&device, 12345) == LK_STATUS_NOT_PENDING);
    CHECK(lk_device_sense_bolt(&device, 200, now) == LK_STATUS_BAD_VALUE);
    memset(buffer, 0xFF, sizeof buffer);
    OK(lk_device_receive(&device, 0, buffer, sizeof buffer, now));
    run();

    /* A record that went bad, and one that is gone: never a lock that starts anew. */
    record_bytes[LK_TAG_KEYS][0] ^= 0x40;
    CHECK(boot() == LK_STATUS_RECORD_DAMAGED);
    record_bytes[LK_TAG_KEYS][0] ^= 0x40;
    record_lengths[2] = 0;
    CHECK(boot() == LK_STATUS_RECORD_MISSING);
    memset(record_lengths, 0, sizeof record_lengths);
    CHECK(boot() == LK_STATUS_NOT_PROVISIONED);
    OK(lk_device_tick(&device, now));
}

int main(void)
{
    CHECK(lk_abi_version() == LK_ABI_VERSION);
    CHECK(lk_device_size() == sizeof(lk_device));
    forget();
    CHECK(boot() == LK_STATUS_NOT_PROVISIONED);
    provision();
    OK(boot());
    run();
    CHECK(did.stored >= 2 && report().boot == 1);
    a_day();
    a_burglar();
    misuse();
    puts("a lock in C: booted, opened, locked, locked out over boots, and misused");
    return 0;
}
