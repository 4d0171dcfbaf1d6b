/*
 * A back end in C: it stores its numbers before it uses them, speaks with a lock that is C, too, live and by sealed messages, and catches up where
 * its storage is older than the truth.
 */

#include "door.h"

static lk_cloud cloud;
static uint8_t record[LK_CLOUD_RECORD]; /* the back end's storage */
static int has_record;

static uint8_t packet[LK_PACKET_MAX];
static size_t length;
static uint64_t command;
#define NOW_MS UINT64_C(1790000000000)

static uint8_t profile = LK_PROFILE_S;

static lk_cloud_lock the_lock(void)
{
    lk_cloud_lock lock;
    memset(&lock, 0, sizeof lock);
    memcpy(lock.root, door_root, sizeof lock.root);
    memcpy(lock.lock_id, door_id, sizeof lock.lock_id);
    lock.key_epoch = 1;
    lock.profile = profile;
    return lock;
}

static void restart(void)
{
    lk_cloud_lock lock = the_lock();
    OK(lk_cloud_init(&cloud, sizeof cloud, &lock, has_record ? record : NULL, has_record ? sizeof record : 0));
}

static void reserve(uint32_t more)
{
    OK(lk_cloud_reserve(&cloud, more, record, sizeof record, &length));
    CHECK(length == sizeof record);
    has_record = 1;
    OK(lk_cloud_reserved(&cloud, record, sizeof record));
}

static lk_request wish(uint8_t ask)
{
    lk_request request;
    memset(&request, 0, sizeof request);
    request.ask = ask;
    return request;
}

/* Takes all that the lock has said, and returns the answer, or the last of it; a cloud is told of each change besides. */
static lk_heard_that listen(void)
{
    lk_heard_that heard, told;
    size_t i, said = door.said;
    memset(&told, 0, sizeof told);
    for (i = 0; i < said; i++) {
        OK(lk_cloud_receive(&cloud, door.packets[i], door.packet_lengths[i], door.now, &heard));
        CHECK(heard.kind != LK_HEARD_NOISE && heard.kind != LK_HEARD_REFUSED && heard.kind != LK_HEARD_ENDED);
        if (heard.kind != LK_HEARD_STATUS || told.kind == LK_HEARD_NOISE || told.kind == LK_HEARD_STATUS)
            told = heard;
    }
    door.said = 0;
    return told;
}

static lk_heard_that connect_with(lk_request request)
{
    lk_greeting greeting;
    door_greets(&greeting);
    OK(lk_cloud_connect(&cloud, &request, &greeting, NOW_MS + door.now, packet, sizeof packet, &length, &command));
    door_hears(packet, length);
    return listen();
}

static lk_heard_that ask(lk_request request)
{
    OK(lk_cloud_ask(&cloud, &request, door.now, packet, sizeof packet, &length, &command));
    door_hears(packet, length);
    return listen();
}

/* What the lock sealed, among all that it said. */
static size_t sealed(void)
{
    lk_kind kind;
    size_t i;
    for (i = 0; i < door.said; i++) {
        OK(lk_packet_kind(door.packets[i], door.packet_lengths[i], &kind));
        if (kind == LK_KIND_SEALED_UP)
            return i;
    }
    CHECK(0);
    return 0;
}

/* Sends a sealed request by a relay. Returns what the lock sealed in turn. */
static lk_heard_that deliver(lk_request request, uint64_t *counter)
{
    lk_sealed_time when;
    lk_heard_that heard;
    memset(&when, 0, sizeof when);
    memset(&heard, 0, sizeof heard);
    when.issued_ms = NOW_MS + door.now;
    when.not_after_ms = when.issued_ms + 30000;
    OK(lk_cloud_seal(&cloud, &request, &when, packet, sizeof packet, &length, &command));
    door_hears(packet, length);
    OK(lk_cloud_open(&cloud, door.packets[sealed()], door.packet_lengths[sealed()], counter, &heard));
    return heard;
}

static int is_outcome(lk_heard_that heard, uint64_t which, uint8_t outcome)
{
    return heard.kind == LK_HEARD_OUTCOME && heard.command == which && heard.outcome == outcome;
}

static void a_session(void)
{
    static const uint8_t code[] = {'2', '7', '1', '8', '2', '8'};
    lk_request request;
    lk_heard_that heard;
    reserve(16);
    CHECK(is_outcome(connect_with(wish(LK_ASK_UNLOCK)), 1, LK_OUTCOME_STARTED));
    CHECK(command == 1 && door.retracts == 1);
    door_sense(LK_BOLT_RETRACTED);
    CHECK(is_outcome(listen(), 1, LK_OUTCOME_DONE));

    /* The same command once more moves nothing, and says so. */
    request = wish(LK_ASK_UNLOCK);
    request.command = 1;
    heard = ask(request);
    CHECK(is_outcome(heard, 1, LK_OUTCOME_DONE) && heard.is_repeat == 1 && command == 1 && door.retracts == 1);
    request = wish(LK_ASK_OUTCOME);
    request.command = 1;
    CHECK(is_outcome(ask(request), 1, LK_OUTCOME_DONE) && command == 0);

    request = wish(LK_ASK_SET_PIN);
    request.version = 1;
    request.digits = code;
    request.digits_length = sizeof code;
    CHECK(is_outcome(ask(request), 2, LK_OUTCOME_DONE));
    CHECK(is_outcome(ask(wish(LK_ASK_LOCK)), 3, LK_OUTCOME_STARTED));
    door_sense(LK_BOLT_EXTENDED);
    (void)listen();
    OK(lk_device_present(&door.device, LK_CREDENTIAL_PIN, code, sizeof code, LK_WISH_OPEN, door.now));
    door_run();
    CHECK(door.retracts == 2);
    door_sense(LK_BOLT_RETRACTED);
    (void)listen();
    request = wish(LK_ASK_CLEAR_PIN);
    request.version = 2;
    CHECK(is_outcome(ask(request), 4, LK_OUTCOME_DONE));
    request = wish(LK_ASK_SET_MODE);
    request.mode = LK_MODE_VACATION;
    CHECK(is_outcome(ask(request), 5, LK_OUTCOME_DONE));
    heard = ask(wish(LK_ASK_STATUS));
    CHECK(heard.kind == LK_HEARD_STATUS && heard.report.mode == LK_MODE_VACATION && heard.report.configuration == 2);
    request.mode = LK_MODE_NORMAL;
    CHECK(is_outcome(ask(request), 6, LK_OUTCOME_DONE));
    CHECK(is_outcome(ask(wish(LK_ASK_LOCK)), 7, LK_OUTCOME_STARTED));
    door_sense(LK_BOLT_EXTENDED);
    (void)listen();
    OK(lk_cloud_leave(&cloud));
    CHECK(lk_cloud_ask(&cloud, &request, door.now, packet, sizeof packet, &length, &command) == LK_STATUS_NO_SESSION);
}

/* The relay delivers twice; the lock does it once. */
static void sealed_messages(void)
{
    uint8_t again[LK_PACKET_MAX];
    lk_request request = wish(LK_ASK_UNLOCK);
    lk_sealed_time when;
    lk_heard_that heard;
    uint64_t counter, first;
    unsigned retracts = door.retracts;
    lk_greeting greeting;
    size_t twice;
    CHECK(connect_with(wish(LK_ASK_NOTHING)).kind == LK_HEARD_OPEN);
    memset(&when, 0, sizeof when);
    when.issued_ms = NOW_MS + door.now;
    when.not_after_ms = when.issued_ms + 30000;
    OK(lk_cloud_seal(&cloud, &request, &when, packet, sizeof packet, &length, &command));
    memcpy(again, packet, length);
    twice = length;
    door_hears(packet, length);
    CHECK(door.retracts == retracts + 1);
    OK(lk_cloud_open(&cloud, door.packets[sealed()], door.packet_lengths[sealed()], &first, &heard));
    CHECK(is_outcome(heard, command, LK_OUTCOME_STARTED));
    door_hears(again, twice);
    CHECK(door.retracts == retracts + 1);
    door_sense(LK_BOLT_RETRACTED);
    door_boot();
    door_sense(LK_BOLT_RETRACTED);
    door_greets(&greeting);

    heard = deliver(wish(LK_ASK_STATUS), &counter);
    CHECK(heard.kind == LK_HEARD_STATUS && heard.report.bolt == LK_BOLT_RETRACTED && counter > first);
    /* An altered packet is noise. */
    memcpy(again, door.packets[0], door.packet_lengths[0]);
    again[door.packet_lengths[0] - 1] ^= 1;
    OK(lk_cloud_open(&cloud, again, door.packet_lengths[0], &counter, &heard));
    CHECK(heard.kind == LK_HEARD_NOISE);
    door_sense(LK_BOLT_EXTENDED);
}

/* A restart goes on behind everything that may have been used. A record that is older than the truth is noticed. */
static void records(void)
{
    uint8_t old[LK_CLOUD_RECORD];
    lk_request request = wish(LK_ASK_UNLOCK);
    lk_greeting greeting;
    lk_heard_that heard;
    uint64_t counter;
    memcpy(old, record, sizeof old);
    restart();
    door_greets(&greeting);
    command = length = 77;
    CHECK(lk_cloud_connect(&cloud, &request, &greeting, 0, packet, sizeof packet, &length, &command)
          == LK_STATUS_NOT_RESERVED);
    CHECK(length == 77 && command == 77);
    reserve(2);
    CHECK(memcmp(old, record, sizeof old) != 0);
    CHECK(is_outcome(connect_with(request), 17, LK_OUTCOME_STARTED));
    door_sense(LK_BOLT_RETRACTED);
    CHECK(is_outcome(listen(), 17, LK_OUTCOME_DONE));
    OK(lk_cloud_ask(&cloud, &request, door.now, packet, sizeof packet, &length, &command));
    CHECK(command == 18);
    CHECK(lk_cloud_ask(&cloud, &request, door.now, packet, sizeof packet, &length, &command) == LK_STATUS_NOT_RESERVED);
    door_hears(packet, length);
    (void)listen();
    CHECK(deliver(wish(LK_ASK_STATUS), &counter).kind == LK_HEARD_STATUS);
    CHECK(deliver(wish(LK_ASK_STATUS), &counter).kind == LK_HEARD_STATUS);

    /* A backup of the storage: the lock has seen 18, and the record knows of 16. */
    memcpy(record, old, sizeof record);
    restart();
    reserve(2);
    heard = deliver(wish(LK_ASK_STATUS), &counter);
    CHECK(heard.kind == LK_HEARD_OTHER && heard.was_behind == 1);
    CHECK(connect_with(wish(LK_ASK_NOTHING)).was_behind == 1);
    CHECK(lk_cloud_ask(&cloud, &request, door.now, packet, sizeof packet, &length, &command) == LK_STATUS_NOT_RESERVED);
    reserve(2);
    OK(lk_cloud_ask(&cloud, &request, door.now, packet, sizeof packet, &length, &command));
    CHECK(command == 19);
    door_hears(packet, length);
    CHECK(is_outcome(listen(), 19, LK_OUTCOME_DONE));
    CHECK(connect_with(wish(LK_ASK_NOTHING)).was_behind == 0);
    door_sense(LK_BOLT_EXTENDED);
}

/* Whoever is revoked is silent or refused, at once. */
static void a_key_is_denied(void)
{
    static lk_holder holder;
    uint8_t link[LK_LINK_MAX];
    lk_request request = wish(LK_ASK_DENY_KEY);
    lk_new_key made;
    lk_greeting greeting;
    lk_heard_that heard;
    uint64_t number;
    size_t letters;
    reserve(4);
    memset(&made, 0, sizeof made);
    made.serial = 9;
    OK(lk_cloud_issue(&cloud, &made, NULL, link, sizeof link, &letters));
    request.serial = 9;
    CHECK(connect_with(request).outcome == LK_OUTCOME_DONE);
    OK(lk_holder_init(&holder, sizeof holder, link, letters, NULL, 0));
    OK(lk_holder_reserve(&holder, 1, &number));
    OK(lk_holder_reserved(&holder, number));
    door_greets(&greeting);
    OK(lk_holder_connect(&holder, LK_ASK_UNLOCK, &greeting, packet, sizeof packet, &length));
    door_hears(packet, length);
    CHECK(door.said == 1);
    OK(lk_holder_receive(&holder, door.packets[0], door.packet_lengths[0], door.now, &heard));
    CHECK(heard.outcome == LK_OUTCOME_REFUSED && heard.code == 39);
}

static void misuse_of_storage(void)
{
    static lk_cloud fresh, copy;
    lk_cloud_lock lock = the_lock(), wrong;
    uint8_t kept[LK_CLOUD_RECORD], altered[LK_CLOUD_RECORD];
    CHECK(lk_cloud_init(NULL, sizeof fresh, &lock, NULL, 0) == LK_STATUS_NULL_POINTER);
    CHECK(lk_cloud_init(&fresh, sizeof fresh + 8, &lock, NULL, 0) == LK_STATUS_SIZE_MISMATCH);
    CHECK(lk_cloud_init(&fresh, sizeof fresh, NULL, NULL, 0) == LK_STATUS_NULL_POINTER);
    CHECK(lk_cloud_init(&fresh, sizeof fresh, &lock, NULL, 1) == LK_STATUS_BAD_LENGTH);
    CHECK(lk_cloud_init(&fresh, sizeof fresh, &lock, record, sizeof record - 1) == LK_STATUS_BAD_LENGTH);
    wrong = lock;
    wrong.key_epoch = 0;
    CHECK(lk_cloud_init(&fresh, sizeof fresh, &wrong, NULL, 0) == LK_STATUS_BAD_VALUE);
    wrong = lock;
    wrong.profile = 3;
    CHECK(lk_cloud_init(&fresh, sizeof fresh, &wrong, NULL, 0) == LK_STATUS_BAD_VALUE);
    wrong = lock;
    memset(wrong.root, 0, sizeof wrong.root);
    CHECK(lk_cloud_init(&fresh, sizeof fresh, &wrong, NULL, 0) == LK_STATUS_ROOT_REFUSED);
    /* The record of another epoch is none. */
    wrong = lock;
    wrong.key_epoch = 2;
    CHECK(lk_cloud_init(&fresh, sizeof fresh, &wrong, record, sizeof record) == LK_STATUS_RECORD_DAMAGED);
    CHECK(lk_cloud_leave(&fresh) == LK_STATUS_NOT_INITIALISED);

    OK(lk_cloud_init(&fresh, sizeof fresh, &lock, record, sizeof record));
    memset(kept, 0xA5, sizeof kept);
    length = 77;
    CHECK(lk_cloud_reserve(&fresh, 1, kept, sizeof kept - 1, &length) == LK_STATUS_BUFFER_TOO_SHORT);
    CHECK(lk_cloud_reserve(&fresh, 0, kept, sizeof kept, &length) == LK_STATUS_BAD_VALUE);
    CHECK(length == 77 && kept[0] == 0xA5);
    OK(lk_cloud_reserve(&fresh, 1, kept, sizeof kept, &length));
    memcpy(altered, kept, sizeof altered);
    altered[sizeof altered - 1]++;
    CHECK(lk_cloud_reserved(&fresh, altered, sizeof altered) == LK_STATUS_NOT_PENDING);
    altered[0]++;
    CHECK(lk_cloud_reserved(&fresh, altered, sizeof altered) == LK_STATUS_RECORD_DAMAGED);
    OK(lk_cloud_reserved(&fresh, kept, sizeof kept));
    memcpy(&copy, &fresh, sizeof copy);
    CHECK(lk_cloud_leave(&copy) == LK_STATUS_NOT_INITIALISED);
    OK(lk_cloud_forget(&fresh));
    /* No more commands are to be had: handshakes are not asked for either. */
    memset(kept + 13, 0xFF, 8);
    OK(lk_cloud_init(&fresh, sizeof fresh, &lock, kept, sizeof kept));
    CHECK(lk_cloud_reserve(&fresh, 1, altered, sizeof altered, &length) == LK_STATUS_NUMBERS_EXHAUSTED);
    memcpy(altered, kept, sizeof altered);
    altered[12]++;
    CHECK(lk_cloud_reserved(&fresh, altered, sizeof altered) == LK_STATUS_NOT_PENDING);
    OK(lk_cloud_forget(&fresh));
    CHECK(lk_cloud_forget(&fresh) == LK_STATUS_NOT_INITIALISED);
}

/* A request that is none, and a place that holds no packet: nothing is made, nothing is burned. */
static void misuse_of_requests(void)
{
    lk_request request;
    lk_sealed_time when;
    lk_greeting greeting;
    lk_heard_that heard;
    uint64_t counter = 77, before;
    unsigned ask;
    memset(&when, 0, sizeof when);
    reserve(1);
    request = wish(LK_ASK_LOCK);
    OK(lk_cloud_seal(&cloud, &request, &when, packet, sizeof packet, &length, &command));
    before = command;
    reserve(1);
    memset(packet, 0xA5, sizeof packet);
    length = 77;
    for (ask = LK_ASK_OUTCOME; ask < 256; ask++) {
        request = wish((uint8_t)ask);
        request.mode = 99;
        if (ask > LK_ASK_OUTCOME && ask <= LK_ASK_CLEAR_PIN && ask >= LK_ASK_UNLOCK_FOR && ask != LK_ASK_SET_MODE && ask != LK_ASK_SET_PIN)
            continue;
        CHECK(lk_cloud_seal(&cloud, &request, &when, packet, sizeof packet, &length, &command)
              == (ask == LK_ASK_SET_PIN ? LK_STATUS_NULL_POINTER : LK_STATUS_BAD_VALUE));
    }
    request = wish(LK_ASK_SET_PIN);
    request.digits = (const uint8_t *)"12345678901";
    for (request.digits_length = 0; request.digits_length <= 11; request.digits_length++)
        if (request.digits_length < 4 || request.digits_length > 10)
            CHECK(lk_cloud_seal(&cloud, &request, &when, packet, sizeof packet, &length, &command) == LK_STATUS_BAD_VALUE);
    request = wish(LK_ASK_LOCK);
    request.command = before + 1;
    CHECK(lk_cloud_seal(&cloud, &request, &when, packet, sizeof packet, &length, &command) == LK_STATUS_BAD_VALUE);
    request.command = 0;
    CHECK(lk_cloud_seal(&cloud, &request, &when, packet, LK_PACKET_MAX - 1, &length, &command) == LK_STATUS_BUFFER_TOO_SHORT);
    CHECK(lk_cloud_seal(&cloud, &request, &when, packet, sizeof packet, &length, NULL) == LK_STATUS_NULL_POINTER);
    CHECK(lk_cloud_seal(&cloud, &request, NULL, packet, sizeof packet, &length, &command) == LK_STATUS_NULL_POINTER);
    CHECK(lk_cloud_seal(&cloud, NULL, &when, packet, sizeof packet, &length, &command) == LK_STATUS_NULL_POINTER);
    CHECK(length == 77 && packet[0] == 0xA5 && command == before);
    door_greets(&greeting);
    greeting.hello_length--;
    CHECK(lk_cloud_connect(&cloud, &request, &greeting, 0, packet, sizeof packet, &length, &command) == LK_STATUS_UNEXPECTED_PACKET);
    CHECK(lk_cloud_open(&cloud, packet, sizeof packet, &counter, &heard) == LK_STATUS_UNEXPECTED_PACKET && counter == 77);
    CHECK(lk_cloud_receive(&cloud, packet, sizeof packet, 0, NULL) == LK_STATUS_NULL_POINTER);
    OK(lk_cloud_seal(&cloud, &request, &when, packet, sizeof packet, &length, &command));
    CHECK(command == before + 1);
}

static void misuse_of_keys(void)
{
    uint8_t link[LK_LINK_MAX];
    lk_new_key made;
    memset(&made, 0, sizeof made);
    memset(link, 0xA5, sizeof link);
    length = 77;
    CHECK(lk_cloud_issue(&cloud, &made, NULL, link, sizeof link, &length) == LK_STATUS_BAD_VALUE);
    made.serial = 1;
    made.conditions.is_single_use = 1;
    CHECK(lk_cloud_issue(&cloud, &made, NULL, link, sizeof link, &length) == LK_STATUS_BAD_VALUE);
    made.conditions.is_single_use = 2;
    made.conditions.not_after_ms = NOW_MS;
    CHECK(lk_cloud_issue(&cloud, &made, NULL, link, sizeof link, &length) == LK_STATUS_BAD_VALUE);
    made.conditions.is_single_use = 0;
    made.conditions.rights = LK_RIGHT_UNLATCH;
    CHECK(lk_cloud_issue(&cloud, &made, NULL, link, sizeof link, &length) == LK_STATUS_BAD_VALUE);
    made.conditions.rights = 0;
    made.conditions.until_minute = 1439;
    CHECK(lk_cloud_issue(&cloud, &made, NULL, link, sizeof link, &length) == LK_STATUS_BAD_VALUE);
    made.conditions.until_minute = 0;
    made.conditions.from_minute = 1;
    CHECK(lk_cloud_issue(&cloud, &made, NULL, link, sizeof link, &length) == LK_STATUS_BAD_VALUE);
    made.conditions.from_minute = 0;
    made.conditions.depth = 1;
    CHECK(lk_cloud_issue(&cloud, &made, NULL, link, sizeof link, &length) == LK_STATUS_BAD_VALUE);
    made.conditions.has_depth = 1;
    made.conditions.depth = 5;
    CHECK(lk_cloud_issue(&cloud, &made, NULL, link, sizeof link, &length) == LK_STATUS_BAD_VALUE);
    made.conditions.depth = 4;
    made.conditions.days = 1;
    made.conditions.from_minute = 1440;
    CHECK(lk_cloud_issue(&cloud, &made, NULL, link, sizeof link, &length) == LK_STATUS_BAD_VALUE);
    made.conditions.from_minute = 1439;
    CHECK(lk_cloud_issue(&cloud, &made, NULL, link, sizeof link - 1, &length) == LK_STATUS_BUFFER_TOO_SHORT);
    CHECK(lk_cloud_issue(&cloud, NULL, NULL, link, sizeof link, &length) == LK_STATUS_NULL_POINTER);
    CHECK(length == 77 && link[0] == 0xA5);
    OK(lk_cloud_issue(&cloud, &made, NULL, link, sizeof link, &length));
    CHECK(length > 4 && memcmp(link, "LKT1", 4) == 0);
}

/* A lock of the other profile takes no configuration in the first message, which has no forward secrecy. */
static void with_profile_x(void)
{
    static const uint8_t code[] = {'2', '7', '1', '8', '2', '8'};
    lk_request request = wish(LK_ASK_SET_PIN);
    lk_greeting greeting;
    profile = LK_PROFILE_X;
    door_make(profile);
    has_record = 0;
    restart();
    reserve(4);
    request.version = 1;
    request.digits = code;
    request.digits_length = sizeof code;
    door_greets(&greeting);
    command = 77;
    CHECK(lk_cloud_connect(&cloud, &request, &greeting, 0, packet, sizeof packet, &length, &command) == LK_STATUS_OPEN_SESSION_FIRST);
    CHECK(command == 77);
    CHECK(connect_with(wish(LK_ASK_NOTHING)).kind == LK_HEARD_OPEN);
    CHECK(is_outcome(ask(request), 1, LK_OUTCOME_DONE));
    CHECK(is_outcome(ask(wish(LK_ASK_UNLOCK)), 2, LK_OUTCOME_STARTED));
}

int main(void)
{
    CHECK(lk_cloud_size() == sizeof(lk_cloud));
    door_make(LK_PROFILE_S);
    restart();
    a_session();
    sealed_messages();
    records();
    a_key_is_denied();
    misuse_of_storage();
    misuse_of_requests();
    misuse_of_keys();
    with_profile_x();
    puts("a back end in C: spoke with a lock live and sealed, was set back and caught up, and was misused");
    return 0;
}
