/*
 * A whole firmware in C, without a chip: storage, motor, sensors and buttons are variables.
 * What must be so is checked, and what a hurried programmer does wrong must be refused.
 */

#include "check.h"

static const uint8_t root[32] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3, 2, 7, 9, 5};
static const uint8_t lock_id[16] = {0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F};
static const uint8_t entropy[32] = {42};

/* The flash of a chip: bits are cleared by programming and set by erasing, and no unit is programmed twice between two erases. */
#define SECTOR 8192u
#define SECTORS 4u
typedef struct {
    uint8_t cells[SECTORS * SECTOR];
} chip;

static chip records_chip, log_chip;

/* After so many programs and erases the power goes, in the midst of the last; 0 for never. */
static unsigned power_left;
static int power_is_gone;

static int power_goes(void)
{
    if (power_left > 0 && --power_left == 0)
        power_is_gone = 1;
    return power_is_gone;
}

static int reads_fail;

static int32_t chip_read(void *context, uint32_t offset, uint8_t *bytes, uint32_t length)
{
    if (reads_fail)
        return -1;
    memcpy(bytes, ((chip *)context)->cells + offset, length);
    return 0;
}

static int32_t chip_program(void *context, uint32_t offset, const uint8_t *bytes, uint32_t length)
{
    uint8_t *cells = ((chip *)context)->cells + offset;
    uint32_t i, whole = length;
    if (power_is_gone)
        return -1;
    if (power_goes())
        whole = length / 2; /* what was cut is there in part */
    for (i = 0; i < length; i++)
        CHECK(cells[i] == 0xFF);
    memcpy(cells, bytes, whole);
    return power_is_gone ? -1 : 0;
}

static int32_t chip_erase(void *context, uint32_t offset, uint32_t length)
{
    if (power_is_gone)
        return -1;
    memset(((chip *)context)->cells + offset, 0xFF, power_goes() ? length / 2 : length);
    return power_is_gone ? -1 : 0;
}

static const lk_flash records_flash = {&records_chip, chip_read, chip_program, chip_erase, sizeof records_chip.cells};
static const lk_flash log_flash = {&log_chip, chip_read, chip_program, chip_erase, sizeof log_chip.cells};

static lk_journal journal;
static lk_log log_ring;
static lk_device device;
static uint64_t now;

/* What the lock did since this was zeroed. */
static struct {
    unsigned stored, logged, sent, refused, alarms;
    int motor; /* the last order, or -1 */
    uint8_t packet_kind;
} did;

static void forget(void)
{
    memset(&did, 0, sizeof did);
    did.motor = -1;
}

static void answer(uint32_t id, lk_status status)
{
    switch (status) {
    case LK_STATUS_OK:
        OK(lk_device_persisted(&device, id));
        break;
    case LK_STATUS_FLASH_BUSY:
        OK(lk_device_persist_failed(&device, id, LK_FAILURE_BUSY, now));
        break;
    case LK_STATUS_MISMATCH:
        OK(lk_device_persist_failed(&device, id, LK_FAILURE_MISMATCH, now));
        break;
    default:
        OK(lk_device_persist_failed(&device, id, LK_FAILURE_FAULT, now));
    }
}

/* What the chips want while nobody waits. */
static void tidy(void)
{
    uint8_t needs_work;
    lk_start_of_log held;
    OK(lk_journal_needs_work(&journal, &needs_work));
    while (needs_work && lk_journal_work(&journal) == LK_STATUS_OK)
        OK(lk_journal_needs_work(&journal, &needs_work));
    OK(lk_log_needs_work(&log_ring, &needs_work));
    while (needs_work && lk_log_work(&log_ring) == LK_STATUS_OK) {
        OK(lk_log_start(&log_ring, &held));
        OK(lk_device_log_held(&device, held.first, held.acknowledged, held.capacity, now));
        OK(lk_log_needs_work(&log_ring, &needs_work));
    }
}

/* The run loop of the guide, to its end, or until the power goes. */
static void run(void)
{
    uint8_t buffer[LK_PACKET_MAX];
    lk_todo todo;
    while (!power_is_gone) {
        OK(lk_device_poll(&device, now, buffer, sizeof buffer, &todo));
        switch (todo.task) {
        case LK_TASK_NONE:
            tidy();
            return;
        case LK_TASK_PERSIST:
            CHECK(todo.tag < LK_RECORD_TAGS && todo.length <= LK_RECORD_MAX);
            did.stored++;
            answer(todo.id, lk_journal_append(&journal, todo.tag, buffer, todo.length));
            break;
        case LK_TASK_LOG_APPEND:
            did.logged++;
            answer(todo.id, lk_log_append(&log_ring, todo.secret, buffer, todo.length));
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

/* The power is there: everything is found again in the chips. */
static lk_status boot(void)
{
    static int reads_records;
    static uint8_t bytes[LK_RECORD_TAGS][LK_RECORD_MAX];
    lk_record records[LK_RECORD_TAGS];
    lk_start_of_log log_start;
    lk_boot from;
    size_t count = 0, length;
    uint8_t tag, needs_work;
    lk_status status;
    power_is_gone = 0;
    power_left = 0;
    status = lk_journal_mount(&journal, sizeof journal, &records_flash);
    if (status != LK_STATUS_OK)
        return status;
    OK(lk_journal_needs_work(&journal, &needs_work));
    while (needs_work) {
        OK(lk_journal_work(&journal));
        OK(lk_journal_needs_work(&journal, &needs_work));
    }
    /* Every other boot reads the records itself, as a lock does that keeps them elsewhere. */
    reads_records = !reads_records;
    for (tag = 0; reads_records && tag < LK_RECORD_TAGS; tag++) {
        status = lk_journal_read(&journal, tag, bytes[tag], LK_RECORD_MAX, &length);
        if (status == LK_STATUS_NOT_FOUND)
            continue;
        if (status != LK_STATUS_OK)
            return status;
        records[count].bytes = bytes[tag];
        records[count].length = length;
        records[count].tag = tag;
        count++;
    }
    OK(lk_log_mount(&log_ring, sizeof log_ring, &log_flash));
    OK(lk_log_start(&log_ring, &log_start));
    memset(&from, 0, sizeof from);
    now = 100;
    from.now_ms = now;
    if (reads_records) {
        from.records = records;
        from.record_count = count;
    } else {
        from.journal = &journal;
    }
    from.log = &log_start;
    memcpy(from.entropy, entropy, sizeof entropy);
    from.reason = LK_BOOT_REASON_POWER_ON;
    status = lk_device_boot(&device, sizeof device, &from);
    memset(&log_start, 0, sizeof log_start);
    memset(bytes, 0, sizeof bytes);
    return status;
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
    uint8_t blank[32] = {0}, record[LK_RECORD_MAX] = {0}, secret[32], has_room = 0;
    size_t length = 77;
    lk_flash small = records_flash;
    CHECK(lk_provision_owned(blank, lock_id, entropy, LK_PROFILE_S, record, LK_RECORD_MAX, &length)
          == LK_STATUS_ROOT_REFUSED);
    CHECK(lk_provision_owned(root, lock_id, entropy, 0, record, LK_RECORD_MAX, &length) == LK_STATUS_BAD_VALUE);
    CHECK(lk_provision_owned(root, lock_id, entropy, LK_PROFILE_S, record, 16, &length) == LK_STATUS_BUFFER_TOO_SHORT);
    CHECK(length == 77 && record[0] == 0);

    CHECK(lk_flash_sector() == SECTOR && lk_flash_unit() == 8);
    small.bytes = SECTOR;
    CHECK(lk_journal_format(&journal, sizeof journal, &small) == LK_STATUS_FLASH_UNSUITED);
    small.erase = NULL;
    CHECK(lk_journal_mount(&journal, sizeof journal, &small) == LK_STATUS_NULL_POINTER);
    memset(&records_chip, 0xFF, sizeof records_chip);
    memset(&log_chip, 0xFF, sizeof log_chip);
    CHECK(lk_journal_mount(&journal, sizeof journal, &records_flash) == LK_STATUS_FLASH_BLANK);
    CHECK(lk_journal_append(&journal, LK_TAG_KEYS, record, 1) == LK_STATUS_NOT_INITIALISED);

    OK(lk_journal_format(&journal, sizeof journal, &records_flash));
    OK(lk_journal_has_room(&journal, &has_room));
    CHECK(has_room == 1);
    OK(lk_provision_log(root, lock_id, secret, sizeof secret));
    OK(lk_log_format(&log_ring, sizeof log_ring, &log_flash, secret));
    CHECK(boot() == LK_STATUS_NOT_PROVISIONED);
    OK(lk_provision_owned(root, lock_id, entropy, LK_PROFILE_S, record, LK_RECORD_MAX, &length));
    OK(lk_journal_append(&journal, LK_TAG_KEYS, record, length));
}

static int holds(const void *bytes, size_t length, const uint8_t *wanted, size_t wanted_length)
{
    size_t i;
    for (i = 0; i + wanted_length <= length; i++)
        if (memcmp((const uint8_t *)bytes + i, wanted, wanted_length) == 0)
            return 1;
    return 0;
}

/* The power goes before idle work has erased keys that were replaced: the next mount wants it again. */
static void replaced_keys_go(void)
{
    static chip cells;
    static lk_journal kept;
    const lk_flash flash = {&cells, chip_read, chip_program, chip_erase, sizeof cells.cells};
    uint8_t old[64], fresh[64], record[LK_RECORD_MAX], needs_work = 0;
    size_t length;
    memset(&cells, 0xFF, sizeof cells);
    memset(old, 0x3C, sizeof old);
    memset(fresh, 0xC3, sizeof fresh);
    OK(lk_journal_format(&kept, sizeof kept, &flash));
    OK(lk_journal_append(&kept, LK_TAG_KEYS, old, sizeof old));
    OK(lk_journal_append(&kept, LK_TAG_KEYS, fresh, sizeof fresh));
    CHECK(holds(cells.cells, sizeof cells.cells, old, sizeof old));

    memset(&kept, 0, sizeof kept);
    OK(lk_journal_mount(&kept, sizeof kept, &flash));
    OK(lk_journal_needs_work(&kept, &needs_work));
    CHECK(needs_work == 1);
    while (needs_work) {
        OK(lk_journal_work(&kept));
        OK(lk_journal_needs_work(&kept, &needs_work));
    }
    CHECK(!holds(cells.cells, sizeof cells.cells, old, sizeof old));
    OK(lk_journal_read(&kept, LK_TAG_KEYS, record, sizeof record, &length));
    CHECK(length == sizeof fresh && memcmp(record, fresh, length) == 0);
}

/* How many pieces of a record of keys lie in the device; zeros are none. */
static unsigned pieces_held(const uint8_t *keys, size_t length)
{
    static const uint8_t zeros[16] = {0};
    unsigned count = 0;
    size_t i;
    for (i = 0; i + sizeof zeros <= length; i++)
        if (memcmp(keys + i, zeros, sizeof zeros) != 0)
            count += holds(&device, sizeof device, keys + i, sizeof zeros) != 0;
    return count;
}

/* A lock that is booted again and fails leaves no key: neither that of before nor what was read on the way. */
static void a_failed_boot_leaves_no_key(void)
{
    uint8_t keys[LK_RECORD_MAX], boots[LK_RECORD_MAX];
    lk_record records[2];
    lk_boot from;
    size_t length, boots_length;
    OK(lk_journal_read(&journal, LK_TAG_KEYS, keys, sizeof keys, &length));
    OK(lk_journal_read(&journal, 1, boots, sizeof boots, &boots_length));
    CHECK(length >= 32 && pieces_held(keys, length) > 0);
    memset(&from, 0, sizeof from);
    from.reason = LK_BOOT_REASON_POWER_ON;

    /* The counter of boots says that it ran, and the memory that goes with it is not there. */
    records[0].bytes = keys;
    records[0].length = length;
    records[0].tag = LK_TAG_KEYS;
    records[1].bytes = boots;
    records[1].length = boots_length;
    records[1].tag = 1;
    from.records = records;
    from.record_count = 2;
    CHECK(lk_device_boot(&device, sizeof device, &from) == LK_STATUS_RECORD_MISSING);
    CHECK(pieces_held(keys, length) == 0);

    OK(boot());
    CHECK(pieces_held(keys, length) > 0);
    keys[0] ^= 0xFF;
    from.record_count = 1;
    CHECK(lk_device_boot(&device, sizeof device, &from) == LK_STATUS_RECORD_DAMAGED);
    keys[0] ^= 0xFF;
    CHECK(pieces_held(keys, length) == 0);

    OK(boot());
    CHECK(pieces_held(keys, length) > 0);
    reads_fail = 1;
    from.records = NULL;
    from.record_count = 0;
    from.journal = &journal;
    CHECK(lk_device_boot(&device, sizeof device, &from) == LK_STATUS_FLASH_FAULT);
    reads_fail = 0;
    CHECK(pieces_held(keys, length) == 0);
    memset(keys, 0, sizeof keys);
    OK(boot());
    run();
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

static void try_a_wrong_code(void)
{
    static const uint8_t code[] = {'1', '2', '3', '4'};
    forget();
    OK(lk_device_present(&device, LK_CREDENTIAL_PIN, code, sizeof code, LK_WISH_OPEN, now));
    run();
    CHECK(did.motor == -1);
}

/* A wrong code is counted, also by a lock whose power goes at once: five, and codes are refused, over all boots. */
static void a_burglar(void)
{
    unsigned tries;
    for (tries = 0; tries < 40 && report().lockout_seconds == 0; tries++) {
        try_a_wrong_code();
        CHECK(did.stored >= 1 && did.refused == 1);
        OK(boot());
        run();
        sense(LK_BOLT_EXTENDED);
    }
    CHECK(tries == 5);
    CHECK(report().lockout_seconds > 0 && report().boot == tries + 1);
}

/* The power goes in the midst of each program and erase of a boot with an unlock and a wrong code: the lock always starts again, its boots
 * count up, a lockout is never forgotten, and its log can be read to the end. */
static unsigned power_cuts(void)
{
    unsigned cut, cuts = 0;
    uint64_t boots = report().boot;
    for (cut = 1; cut < 60; cut++) {
        OK(boot());
        power_left = cut;
        run();
        if (!power_is_gone) {
            OK(lk_device_sense_bolt(&device, LK_BOLT_EXTENDED, now));
            OK(lk_device_press_inside(&device, LK_BUTTON_UNLOCK, now));
            run();
        }
        if (!power_is_gone) {
            OK(lk_device_sense_bolt(&device, LK_BOLT_RETRACTED, now + 300));
            run();
        }
        if (!power_is_gone)
            try_a_wrong_code();
        cuts += power_is_gone != 0;
        OK(boot());
        run();
        CHECK(report().boot > boots && report().lockout_seconds > 0);
        boots = report().boot;
    }
    return cuts;
}

static void misuse(void)
{
    static lk_device copy;
    static lk_journal unstarted;
    uint8_t buffer[LK_PACKET_MAX], before[LK_LOG_BEGINNING];
    size_t length, i;
    lk_status status;
    lk_todo todo;
    lk_boot nothing;
    memset(&nothing, 0, sizeof nothing);

    memset(buffer, 0xA5, sizeof buffer);
    CHECK(lk_wipe(NULL, 0) == LK_STATUS_NULL_POINTER);
    CHECK(lk_wipe(buffer, SIZE_MAX) == LK_STATUS_BAD_LENGTH);
    OK(lk_wipe(buffer, 0));
    CHECK(buffer[0] == 0xA5);
    OK(lk_wipe(buffer + 1, 5));
    CHECK(buffer[0] == 0xA5 && buffer[1] == 0 && buffer[5] == 0 && buffer[6] == 0xA5);

    uint8_t owned_log[32], unowned_log[32];
    OK(lk_provision_log(root, lock_id, owned_log, sizeof owned_log));
    OK(lk_provision_unowned_log(lock_id, root, lock_id, unowned_log, sizeof unowned_log));
    CHECK(memcmp(owned_log, unowned_log, sizeof owned_log) != 0);
    CHECK(lk_provision_unowned_log(NULL, root, lock_id, unowned_log, sizeof unowned_log) == LK_STATUS_NULL_POINTER);
    CHECK(lk_provision_unowned_log(lock_id, root, lock_id, unowned_log, 31) == LK_STATUS_BUFFER_TOO_SHORT);
    CHECK(lk_device_boot(NULL, sizeof device, &nothing) == LK_STATUS_NULL_POINTER);
    CHECK(lk_device_boot(&device, sizeof device, &nothing) == LK_STATUS_NULL_POINTER);
    CHECK(lk_device_boot(&device, sizeof device - 1, &nothing) == LK_STATUS_SIZE_MISMATCH);
    nothing.journal = &unstarted;
    CHECK(lk_device_boot(&device, sizeof device, &nothing) == LK_STATUS_NOT_INITIALISED);
    nothing.journal = &journal;
    nothing.record_count = 1;
    CHECK(lk_device_boot(&device, sizeof device, &nothing) == LK_STATUS_BAD_VALUE);
    OK(lk_device_tick(&device, now)); /* what was not even begun has left the lock as it was */
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

    CHECK(lk_journal_read(&journal, 200, buffer, sizeof buffer, &length) == LK_STATUS_BAD_VALUE);
    CHECK(lk_journal_read(&journal, LK_TAG_KEYS, buffer, sizeof buffer - 1, &length) == LK_STATUS_BUFFER_TOO_SHORT);
    CHECK(lk_journal_append(&journal, 200, buffer, 1) == LK_STATUS_BAD_VALUE);
    CHECK(lk_journal_append(&journal, LK_TAG_KEYS, buffer, LK_RECORD_MAX + 1) == LK_STATUS_BAD_LENGTH);
    CHECK(lk_log_read(&log_ring, 1000000, buffer, sizeof buffer, &length, before) == LK_STATUS_NOT_FOUND);
    CHECK(lk_log_acknowledge(&log_ring, 1000000, entropy) == LK_STATUS_MISMATCH);

    /* Cells that went bad are never a lock that starts anew. */
    for (i = 0; i < sizeof records_chip.cells; i++)
        records_chip.cells[i] &= 0xFE;
    status = boot();
    CHECK(status == LK_STATUS_FLASH_DAMAGED);
    memset(&records_chip, 0xFF, sizeof records_chip);
    CHECK(boot() == LK_STATUS_FLASH_BLANK);
    OK(lk_device_tick(&device, now));
}

int main(void)
{
    unsigned cuts;
    CHECK(lk_abi_version() == LK_ABI_VERSION);
    CHECK(lk_device_size() == sizeof(lk_device));
    CHECK(lk_journal_size() == sizeof(lk_journal));
    CHECK(lk_log_size() == sizeof(lk_log));
    forget();
    replaced_keys_go();
    provision();
    OK(boot());
    run();
    CHECK(did.stored >= 2 && did.logged >= 1 && report().boot == 1);
    a_day();
    a_burglar();
    cuts = power_cuts();
    CHECK(cuts >= 20);
    a_failed_boot_leaves_no_key();
    misuse();
    printf("a lock in C: opened, locked, locked out over boots, cut off %u times, and misused\n", cuts);
    return 0;
}
