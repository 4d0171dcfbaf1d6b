/*
 * A virtual key in C: issued, passed on, bound to its holder, kept in storage, used at a lock that is C, too; and what a hurried programmer or a
 * hostile relay does wrong.
 */

#include "door.h"

static lk_cloud cloud;
static lk_holder holder;
static uint64_t stored; /* the holder's storage */

static uint8_t packet[LK_PACKET_MAX];
static size_t length;

static void cloud_begins(uint8_t profile)
{
    lk_cloud_lock lock;
    memset(&lock, 0, sizeof lock);
    memcpy(lock.root, door_root, sizeof lock.root);
    memcpy(lock.lock_id, door_id, sizeof lock.lock_id);
    lock.key_epoch = 1;
    lock.profile = profile;
    OK(lk_cloud_init(&cloud, sizeof cloud, &lock, NULL, 0));
}

static size_t issue(uint64_t serial, const lk_conditions *conditions, const uint8_t *secret, uint8_t link[LK_LINK_MAX])
{
    lk_new_key made;
    size_t letters;
    memset(&made, 0, sizeof made);
    made.serial = serial;
    made.issued_ms = UINT64_C(1790000000000);
    if (conditions != NULL)
        made.conditions = *conditions;
    OK(lk_cloud_issue(&cloud, &made, secret, link, LK_LINK_MAX, &letters));
    return letters;
}

static void reserve(void)
{
    uint64_t number;
    OK(lk_holder_reserve(&holder, 1, &number));
    CHECK(number == stored + 1);
    stored = number;
    OK(lk_holder_reserved(&holder, stored));
}

/* Feeds the holder all that the lock has said; the last of it is returned. */
static lk_heard_that listen(void)
{
    lk_heard_that heard;
    size_t i, said = door.said;
    memset(&heard, 0, sizeof heard);
    for (i = 0; i < said; i++)
        OK(lk_holder_receive(&holder, door.packets[i], door.packet_lengths[i], door.now, &heard));
    door.said = 0;
    return heard;
}

static lk_heard_that visit(uint8_t ask)
{
    lk_greeting greeting;
    reserve();
    door_greets(&greeting);
    OK(lk_holder_connect(&holder, ask, &greeting, packet, sizeof packet, &length));
    door_hears(packet, length);
    return listen();
}

static lk_heard_that ask(uint8_t wish)
{
    OK(lk_holder_ask(&holder, wish, door.now, packet, sizeof packet, &length));
    door_hears(packet, length);
    return listen();
}

static int is_outcome(lk_heard_that heard, uint64_t command, uint8_t outcome)
{
    return heard.kind == LK_HEARD_OUTCOME && heard.command == command && heard.outcome == outcome;
}

/* In: one round trip, and the lock tells the end by itself. The cloud is not asked. */
static void the_key_opens(void)
{
    uint8_t link[LK_LINK_MAX];
    lk_heard_that heard;
    lk_key_view view;
    stored = 0;
    OK(lk_holder_init(&holder, sizeof holder, link, issue(1, NULL, NULL, link), NULL, stored));
    OK(lk_holder_view(&holder, &view));
    CHECK(memcmp(view.lock_id, door_id, sizeof door_id) == 0);
    CHECK(view.needs_holder == 0 && view.times_narrowed == 0 && view.not_after_ms == LK_NEVER);

    CHECK(is_outcome(visit(LK_ASK_UNLOCK), 1, LK_OUTCOME_STARTED));
    CHECK(door.retracts == 1);
    door_sense(LK_BOLT_RETRACTED);
    CHECK(door.said > 0);
    CHECK(is_outcome(listen(), 1, LK_OUTCOME_DONE));
    CHECK(is_outcome(ask(LK_ASK_OUTCOME), 1, LK_OUTCOME_DONE));
    heard = ask(LK_ASK_STATUS);
    CHECK(heard.kind == LK_HEARD_STATUS && heard.report.bolt == LK_BOLT_RETRACTED && heard.report.is_locked == 0);
    CHECK(heard.uptime_ms == door.now);

    CHECK(is_outcome(ask(LK_ASK_LOCK), 2, LK_OUTCOME_STARTED));
    CHECK(door.extends == 1);
    door_sense(LK_BOLT_EXTENDED);
    heard = visit(LK_ASK_STATUS);
    CHECK(heard.kind == LK_HEARD_STATUS && heard.report.is_locked == 1 && heard.report.boot == 1);
    CHECK(visit(LK_ASK_NOTHING).kind == LK_HEARD_OPEN);

    /* The latch is beyond the rights of this key, and the reason is told. */
    heard = visit(LK_ASK_UNLATCH);
    CHECK(is_outcome(heard, 1, LK_OUTCOME_REFUSED) && heard.code == 12);
    CHECK(door.retracts == 1);
    OK(lk_holder_leave(&holder));
    CHECK(lk_holder_ask(&holder, LK_ASK_STATUS, door.now, packet, sizeof packet, &length) == LK_STATUS_NO_SESSION);
}

/* The key and the count of its handshakes go through storage; the lock loses its power in between. */
static void the_key_is_kept(void)
{
    uint8_t record[LK_KEY_MAX], before[LK_KEY_MAX];
    size_t kept = 77;
    memset(record, 0xA5, sizeof record);
    memcpy(before, record, sizeof record);
    CHECK(lk_holder_save(&holder, record, sizeof record - 1, &kept) == LK_STATUS_BUFFER_TOO_SHORT);
    CHECK(kept == 77 && memcmp(record, before, sizeof record) == 0);
    OK(lk_holder_save(&holder, record, sizeof record, &kept));
    OK(lk_holder_forget(&holder));
    CHECK(lk_holder_leave(&holder) == LK_STATUS_NOT_INITIALISED);
    OK(lk_holder_load(&holder, sizeof holder, record, kept, NULL, stored));
    door_boot();
    CHECK(is_outcome(visit(LK_ASK_UNLOCK), 1, LK_OUTCOME_STARTED));
    door_sense(LK_BOLT_RETRACTED);
    CHECK(is_outcome(listen(), 1, LK_OUTCOME_DONE));
    record[kept / 2] ^= 1;
    CHECK(lk_holder_load(&holder, sizeof holder, record, kept, NULL, stored) == LK_STATUS_KEY_DAMAGED);
    /* What failed left the holder as it was. */
    CHECK(is_outcome(ask(LK_ASK_OUTCOME), 1, LK_OUTCOME_DONE));
}

/* No handshake without a number of its own in storage: a nonce would come twice. */
static void numbers_are_reserved_first(void)
{
    lk_greeting greeting;
    uint64_t number = 77;
    length = 77;
    door_greets(&greeting);
    CHECK(lk_holder_connect(&holder, LK_ASK_LOCK, &greeting, packet, sizeof packet, &length) == LK_STATUS_NOT_RESERVED);
    CHECK(lk_holder_reserve(&holder, 0, &number) == LK_STATUS_BAD_VALUE);
    CHECK(lk_holder_reserve(&holder, LK_RESERVE_MAX + 1, &number) == LK_STATUS_BAD_VALUE);
    CHECK(number == 77 && length == 77);
    OK(lk_holder_reserve(&holder, 2, &number));
    CHECK(number == stored + 2);
    CHECK(lk_holder_connect(&holder, LK_ASK_LOCK, &greeting, packet, sizeof packet, &length) == LK_STATUS_NOT_RESERVED);
    CHECK(lk_holder_reserved(&holder, number + 1) == LK_STATUS_NOT_PENDING);
    OK(lk_holder_reserved(&holder, number));
    OK(lk_holder_connect(&holder, LK_ASK_LOCK, &greeting, packet, sizeof packet, &length));
    door_greets(&greeting);
    OK(lk_holder_connect(&holder, LK_ASK_LOCK, &greeting, packet, sizeof packet, &length));
    CHECK(lk_holder_connect(&holder, LK_ASK_LOCK, &greeting, packet, sizeof packet, &length) == LK_STATUS_NOT_RESERVED);
    stored = number;
    door_hears(packet, length);
    CHECK(is_outcome(listen(), 1, LK_OUTCOME_STARTED));
    door_sense(LK_BOLT_EXTENDED);
}

/* A key that is bound is worth nothing without the secret, and its holder narrows it for a guest. */
static void the_key_is_bound_and_passed_on(void)
{
    static const uint8_t secret[32] = {1, 2, 3}, guess[32] = {1, 2, 4};
    uint8_t link[LK_LINK_MAX], guest[LK_LINK_MAX], again[LK_LINK_MAX];
    lk_conditions conditions;
    lk_greeting greeting;
    lk_key_view view;
    size_t letters, narrowed, repeated;
    unsigned retracts = door.retracts, blocks;
    memset(&conditions, 0, sizeof conditions);
    conditions.has_depth = 1;
    conditions.depth = 4;
    letters = issue(2, &conditions, secret, link);

    stored = 0;
    OK(lk_holder_init(&holder, sizeof holder, link, letters, NULL, stored));
    OK(lk_holder_view(&holder, &view));
    CHECK(view.needs_holder == 1);
    door_greets(&greeting);
    CHECK(lk_holder_connect(&holder, LK_ASK_UNLOCK, &greeting, packet, sizeof packet, &length) == LK_STATUS_HOLDER_NEEDED);
    memset(&conditions, 0, sizeof conditions);
    conditions.rights = LK_RIGHT_UNLOCK;
    CHECK(lk_holder_narrow(&holder, &conditions, guest, sizeof guest, &narrowed) == LK_STATUS_HOLDER_NEEDED);

    OK(lk_holder_init(&holder, sizeof holder, link, letters, guess, stored));
    CHECK(visit(LK_ASK_UNLOCK).kind == LK_HEARD_NOISE && door.said == 0);

    OK(lk_holder_init(&holder, sizeof holder, link, letters, secret, stored));
    CHECK(is_outcome(visit(LK_ASK_UNLOCK), 1, LK_OUTCOME_STARTED));
    door_sense(LK_BOLT_RETRACTED);
    CHECK(door.retracts == retracts + 1);

    memset(guest, 0xA5, sizeof guest);
    narrowed = 77;
    memset(&conditions, 0, sizeof conditions);
    CHECK(lk_holder_narrow(&holder, &conditions, guest, sizeof guest, &narrowed) == LK_STATUS_NOTHING_NARROWED);
    conditions.rights = 16;
    CHECK(lk_holder_narrow(&holder, &conditions, guest, sizeof guest, &narrowed) == LK_STATUS_BAD_VALUE);
    conditions.rights = LK_RIGHT_LOCK | LK_RIGHT_STATUS;
    conditions.days = 0x80;
    CHECK(lk_holder_narrow(&holder, &conditions, guest, sizeof guest, &narrowed) == LK_STATUS_BAD_VALUE);
    /* What is said by half would be a wider key than was meant. */
    conditions.days = 0;
    conditions.from_minute = 1;
    CHECK(lk_holder_narrow(&holder, &conditions, guest, sizeof guest, &narrowed) == LK_STATUS_BAD_VALUE);
    conditions.from_minute = 0;
    conditions.until_minute = 1;
    CHECK(lk_holder_narrow(&holder, &conditions, guest, sizeof guest, &narrowed) == LK_STATUS_BAD_VALUE);
    conditions.until_minute = 0;
    conditions.depth = 1;
    CHECK(lk_holder_narrow(&holder, &conditions, guest, sizeof guest, &narrowed) == LK_STATUS_BAD_VALUE);
    conditions.depth = 0;
    CHECK(lk_holder_narrow(&holder, &conditions, guest, LK_LINK_MAX - 1, &narrowed) == LK_STATUS_BUFFER_TOO_SHORT);
    CHECK(narrowed == 77 && guest[0] == 0xA5 && guest[LK_LINK_MAX - 1] == 0xA5);
    OK(lk_holder_narrow(&holder, &conditions, guest, sizeof guest, &narrowed));

    stored = 0;
    OK(lk_holder_init(&holder, sizeof holder, guest, narrowed, NULL, stored));
    OK(lk_holder_view(&holder, &view));
    CHECK(view.times_narrowed == 1 && view.rights == (LK_RIGHT_LOCK | LK_RIGHT_STATUS) && view.needs_holder == 0);
    OK(lk_holder_link(&holder, again, sizeof again, &repeated));
    CHECK(repeated == narrowed && memcmp(again, guest, narrowed) == 0);
    CHECK(is_outcome(visit(LK_ASK_LOCK), 1, LK_OUTCOME_STARTED));
    door_sense(LK_BOLT_EXTENDED);
    CHECK(is_outcome(visit(LK_ASK_UNLOCK), 1, LK_OUTCOME_REFUSED));
    CHECK(door.retracts == retracts + 1);

    for (blocks = 1; blocks < 4; blocks++) {
        OK(lk_holder_narrow(&holder, &conditions, guest, sizeof guest, &narrowed));
        OK(lk_holder_init(&holder, sizeof holder, guest, narrowed, NULL, 0));
    }
    CHECK(lk_holder_narrow(&holder, &conditions, guest, sizeof guest, &narrowed) == LK_STATUS_TOO_DEEP);
}

/* Whoever is on the way may send anything. */
static void a_hostile_relay(void)
{
    uint8_t link[LK_LINK_MAX], forged[LK_PACKET_MAX];
    lk_greeting greeting;
    lk_heard_that heard;
    unsigned retracts = door.retracts;
    size_t i;
    stored = 0;
    OK(lk_holder_init(&holder, sizeof holder, link, issue(3, NULL, NULL, link), NULL, stored));
    reserve();
    door_greets(&greeting);
    memcpy(forged, greeting.hello, greeting.hello_length);
    forged[greeting.hello_length - 1] ^= 1;
    greeting.hello = forged;
    CHECK(lk_holder_connect(&holder, LK_ASK_UNLOCK, &greeting, packet, sizeof packet, &length) == LK_STATUS_ANOTHER_LOCK);
    greeting.hello = door.packets[0];
    OK(lk_holder_connect(&holder, LK_ASK_UNLOCK, &greeting, packet, sizeof packet, &length));
    /* Noise and a second hello disturb nobody. */
    memset(forged, 0x5A, sizeof forged);
    OK(lk_holder_receive(&holder, forged, sizeof forged, door.now, &heard));
    CHECK(heard.kind == LK_HEARD_NOISE);
    OK(lk_holder_receive(&holder, door.packets[0], door.packet_lengths[0], door.now, &heard));
    CHECK(heard.kind == LK_HEARD_NOISE);
    door_hears(packet, length);
    CHECK(door.retracts == retracts + 1 && door.said >= 1);
    /* An altered answer ends the visit: what became of the command is not known. */
    door.packets[0][door.packet_lengths[0] - 1] ^= 1;
    OK(lk_holder_receive(&holder, door.packets[0], door.packet_lengths[0], door.now, &heard));
    CHECK(heard.kind == LK_HEARD_REFUSED);
    CHECK(lk_holder_ask(&holder, LK_ASK_OUTCOME, door.now, packet, sizeof packet, &length) == LK_STATUS_NO_SESSION);
    door_sense(LK_BOLT_RETRACTED);

    /* In a session the eighth forgery ends it. */
    CHECK(visit(LK_ASK_STATUS).kind == LK_HEARD_STATUS);
    OK(lk_holder_ask(&holder, LK_ASK_STATUS, door.now, packet, sizeof packet, &length));
    door_hears(packet, length);
    for (i = 1; i <= 8; i++) {
        memcpy(forged, door.packets[0], door.packet_lengths[0]);
        forged[door.packet_lengths[0] - 1] ^= (uint8_t)i;
        OK(lk_holder_receive(&holder, forged, door.packet_lengths[0], door.now, &heard));
        CHECK(heard.kind == (i < 8 ? LK_HEARD_NOISE : LK_HEARD_ENDED));
    }
    CHECK(lk_holder_ask(&holder, LK_ASK_STATUS, door.now, packet, sizeof packet, &length) == LK_STATUS_NO_SESSION);
    door_sense(LK_BOLT_EXTENDED);
}

/* A phone that carries packets between the two, and knows which way. */
static void a_relay(void)
{
    static lk_relay relay;
    uint8_t hello[LK_HELLO], route = 77, asked[2];
    lk_greeting greeting;
    CHECK(lk_relay_take_hello(&relay, 0, hello, sizeof hello, &length) == LK_STATUS_NOT_INITIALISED);
    OK(lk_relay_init(&relay, sizeof relay));
    OK(lk_relay_take_hello(&relay, 0, hello, sizeof hello, &length));
    CHECK(length == 0);
    OK(lk_packet_hello_request(asked, sizeof asked, &length));
    CHECK(lk_relay_from_lock(&relay, asked, length, 0, &route) == LK_STATUS_UNEXPECTED_PACKET && route == 77);
    CHECK(lk_packet_hello_request(asked, 1, &length) == LK_STATUS_BUFFER_TOO_SHORT);
    door_greets(&greeting);
    OK(lk_relay_from_lock(&relay, greeting.hello, greeting.hello_length, 1000, &route));
    CHECK(route == LK_ROUTE_KEEP_HELLO);
    CHECK(lk_relay_from_cloud(&relay, greeting.hello, greeting.hello_length, &route) == LK_STATUS_UNEXPECTED_PACKET);
    CHECK(lk_relay_take_hello(&relay, 1000, hello, LK_HELLO - 1, &length) == LK_STATUS_BUFFER_TOO_SHORT);
    OK(lk_relay_take_hello(&relay, 4000, hello, sizeof hello, &length));
    CHECK(length == LK_HELLO && memcmp(hello, greeting.hello, LK_HELLO) == 0);
    OK(lk_relay_take_hello(&relay, 4000, hello, sizeof hello, &length));
    CHECK(length == 0);
    reserve();
    OK(lk_holder_connect(&holder, LK_ASK_STATUS, &greeting, packet, sizeof packet, &length));
    OK(lk_relay_from_cloud(&relay, packet, length, &route));
    CHECK(route == LK_ROUTE_TO_LOCK);
    door_hears(packet, length);
    CHECK(door.said > 0);
    OK(lk_relay_from_lock(&relay, door.packets[0], door.packet_lengths[0], 4000, &route));
    CHECK(route == LK_ROUTE_TO_CLOUD);
}

static void misuse(void)
{
    static lk_holder copy, fresh;
    static const uint8_t text[] = "https://example.org";
    union {
        lk_holder aligned;
        uint8_t bytes[sizeof(lk_holder) + 1];
    } odd;
    uint8_t link[LK_LINK_MAX], known = 77;
    size_t letters = issue(4, NULL, NULL, link);
    lk_greeting greeting, wrong;
    lk_heard_that heard;
    uint64_t number;
    lk_holder *moved = (lk_holder *)(void *)(odd.bytes + 1);

    CHECK(lk_holder_init(NULL, sizeof fresh, link, letters, NULL, 0) == LK_STATUS_NULL_POINTER);
    CHECK(lk_holder_init(&fresh, sizeof fresh - 1, link, letters, NULL, 0) == LK_STATUS_SIZE_MISMATCH);
    CHECK(lk_holder_init(moved, sizeof fresh, link, letters, NULL, 0) == LK_STATUS_MISALIGNED);
    CHECK(lk_holder_init(&fresh, sizeof fresh, NULL, 0, NULL, 0) == LK_STATUS_NULL_POINTER);
    CHECK(lk_holder_init(&fresh, sizeof fresh, text, sizeof text - 1, NULL, 0) == LK_STATUS_NOT_A_LINK);
    CHECK(lk_holder_init(&fresh, sizeof fresh, link, letters - 1, NULL, 0) == LK_STATUS_KEY_DAMAGED);
    CHECK(lk_holder_init(&fresh, sizeof fresh, link, 0, NULL, 0) == LK_STATUS_NOT_A_LINK);
    CHECK(lk_holder_init(&fresh, sizeof fresh, link, SIZE_MAX, NULL, 0) == LK_STATUS_BAD_LENGTH);
    CHECK(lk_holder_load(&fresh, sizeof fresh, link, 3, NULL, 0) == LK_STATUS_KEY_DAMAGED);
    CHECK(lk_holder_reserve(&fresh, 1, &number) == LK_STATUS_NOT_INITIALISED);
    OK(lk_holder_init(&fresh, sizeof fresh, link, letters, NULL, UINT64_MAX - 1));
    OK(lk_holder_reserve(&fresh, 1, &number));
    CHECK(number == UINT64_MAX);
    CHECK(lk_holder_reserve(&fresh, 2, &number) == LK_STATUS_NUMBERS_EXHAUSTED);
    OK(lk_holder_reserved(&fresh, number));
    memcpy(&copy, &fresh, sizeof copy);
    CHECK(lk_holder_reserve(&copy, 1, &number) == LK_STATUS_NOT_INITIALISED);
    CHECK(lk_holder_forget(&copy) == LK_STATUS_NOT_INITIALISED);

    door_greets(&greeting);
    OK(lk_holder_recognises(&fresh, greeting.hello, greeting.hello_length, &known));
    CHECK(known == 1);
    CHECK(lk_holder_recognises(&fresh, greeting.hello, greeting.hello_length - 1, &known) == LK_STATUS_UNEXPECTED_PACKET);
    wrong = greeting;
    wrong.delivery = 2;
    length = 77;
    memset(packet, 0xA5, sizeof packet);
    CHECK(lk_holder_connect(&fresh, LK_ASK_UNLOCK, &wrong, packet, sizeof packet, &length) == LK_STATUS_BAD_VALUE);
    wrong = greeting;
    wrong.hello = NULL;
    CHECK(lk_holder_connect(&fresh, LK_ASK_UNLOCK, &wrong, packet, sizeof packet, &length) == LK_STATUS_NULL_POINTER);
    CHECK(lk_holder_connect(&fresh, LK_ASK_UNLOCK, NULL, packet, sizeof packet, &length) == LK_STATUS_NULL_POINTER);
    CHECK(lk_holder_connect(&fresh, LK_ASK_OUTCOME, &greeting, packet, sizeof packet, &length) == LK_STATUS_NOT_PENDING);
    CHECK(lk_holder_connect(&fresh, LK_ASK_SET_MODE, &greeting, packet, sizeof packet, &length) == LK_STATUS_BAD_VALUE);
    CHECK(lk_holder_connect(&fresh, LK_ASK_UNLOCK, &greeting, packet, sizeof packet - 1, &length) == LK_STATUS_BUFFER_TOO_SHORT);
    CHECK(lk_holder_connect(&fresh, LK_ASK_UNLOCK, &greeting, NULL, sizeof packet, &length) == LK_STATUS_NULL_POINTER);
    CHECK(lk_holder_connect(&fresh, LK_ASK_UNLOCK, &greeting, packet, sizeof packet, NULL) == LK_STATUS_NULL_POINTER);
    CHECK(length == 77 && packet[0] == 0xA5);
    CHECK(lk_holder_receive(&fresh, packet, sizeof packet, 0, NULL) == LK_STATUS_NULL_POINTER);
    CHECK(lk_holder_receive(&fresh, NULL, 0, 0, &heard) == LK_STATUS_NULL_POINTER);
    /* The last number of all still serves, once. */
    OK(lk_holder_connect(&fresh, LK_ASK_UNLOCK, &greeting, packet, sizeof packet, &length));
    CHECK(lk_holder_connect(&fresh, LK_ASK_UNLOCK, &greeting, packet, sizeof packet, &length) == LK_STATUS_NOT_RESERVED);
    OK(lk_holder_forget(&fresh));
    CHECK(lk_holder_forget(&fresh) == LK_STATUS_NOT_INITIALISED);
}

/* A lock of the other profile: the key says so, and no hello of the first is answered any more. */
static void with_profile_x(void)
{
    uint8_t link[LK_LINK_MAX];
    lk_greeting greeting;
    size_t letters;
    cloud_begins(LK_PROFILE_X);
    letters = issue(1, NULL, NULL, link);
    stored = 0;
    OK(lk_holder_init(&holder, sizeof holder, link, letters, NULL, stored));
    reserve();
    door_greets(&greeting);
    length = 77;
    CHECK(lk_holder_connect(&holder, LK_ASK_UNLOCK, &greeting, packet, sizeof packet, &length) == LK_STATUS_ANOTHER_PROFILE);
    CHECK(length == 77);
    door_make(LK_PROFILE_X);
    OK(lk_holder_init(&holder, sizeof holder, link, letters, NULL, stored));
    CHECK(is_outcome(visit(LK_ASK_UNLOCK), 1, LK_OUTCOME_STARTED));
    door_sense(LK_BOLT_RETRACTED);
    CHECK(is_outcome(listen(), 1, LK_OUTCOME_DONE));
    CHECK(is_outcome(ask(LK_ASK_LOCK), 2, LK_OUTCOME_STARTED));
}

int main(void)
{
    CHECK(lk_holder_size() == sizeof(lk_holder) && lk_relay_size() == sizeof(lk_relay));
    door_make(LK_PROFILE_S);
    cloud_begins(LK_PROFILE_S);
    the_key_opens();
    the_key_is_kept();
    numbers_are_reserved_first();
    the_key_is_bound_and_passed_on();
    a_hostile_relay();
    a_relay();
    misuse();
    with_profile_x();
    puts("a virtual key in C: opened, kept, bound, passed on, attacked and misused");
    return 0;
}
