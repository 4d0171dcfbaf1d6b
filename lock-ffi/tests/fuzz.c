/*
 * Calls every function of the header in random order with what a hurried, a careless and an unlucky programmer would give it: null, odd, short and
 * overlapping pointers, lengths that no buffer has, objects that nobody started, that were copied or that hold noise, numbers out of any range, flash that
 * fails, packets and records that were altered.
 *
 *     fuzz SEED CALLS
 *
 * What must be so: a call returns a status that has a text, and refuses what is no object. After a failure all memory is as it was, objects and
 * inputs included. After a success only what the call was given to write has changed. Each function has succeeded and, where it can fail, failed.
 * Not given is what no C function can tell from a good pointer: memory that is not the caller's, and outputs that lie in a started object.
 */

#include "fuzz_calls.h"

/* What is left unwritten between the fields of an object may be compared here, and is looked at nowhere else. */
#ifdef UNDER_VALGRIND
#include <valgrind/valgrind.h>
#else
#define VALGRIND_DISABLE_ERROR_REPORTING
#define VALGRIND_ENABLE_ERROR_REPORTING
#endif

/* --- All of them. Some come more often, since little happens without them; some never fail. --- */

enum failing { NEVER, SOMETIMES, OFTEN };

#define FALLIBLE(name, weight) {#name, call_##name, weight, SOMETIMES, 0, 0}
/* No request of a cloud in C reads the log or brings firmware: examples/firmware-c answers those of one in Rust. */
#define REFUSED(name) {#name, call_##name, 1, OFTEN, 0, 0}
#define SURE(name) {#name, call_##name, 1, NEVER, 0, 0}
static struct function {
    const char *name;
    lk_status (*call)(void);
    uint32_t weight;
    enum failing fails;
    unsigned long succeeded, failed;
} functions[] = {
    FALLIBLE(lk_frame_encode, 1),
    FALLIBLE(lk_deframer_init, 1),
    FALLIBLE(lk_deframer_push, 2),
    FALLIBLE(lk_packet_kind, 1),
    FALLIBLE(lk_packet_hello_request, 1),
    FALLIBLE(lk_provision_owned, 1),
    FALLIBLE(lk_provision_log, 1),
    FALLIBLE(lk_provision_claim, 1),
    FALLIBLE(lk_provision_unowned, 1),
    FALLIBLE(lk_provision_unowned_log, 1),
    FALLIBLE(lk_journal_format, 1),
    FALLIBLE(lk_journal_mount, 2),
    FALLIBLE(lk_journal_has_room, 1),
    FALLIBLE(lk_journal_read, 3),
    FALLIBLE(lk_journal_append, 6),
    FALLIBLE(lk_journal_needs_work, 1),
    FALLIBLE(lk_journal_work, 3),
    FALLIBLE(lk_log_format, 1),
    FALLIBLE(lk_log_mount, 2),
    FALLIBLE(lk_log_start, 2),
    FALLIBLE(lk_log_append, 6),
    FALLIBLE(lk_log_read, 3),
    FALLIBLE(lk_log_acknowledge, 2),
    FALLIBLE(lk_log_needs_work, 1),
    FALLIBLE(lk_log_work, 3),
    FALLIBLE(lk_device_boot, 2),
    FALLIBLE(lk_device_persisted, 30),
    FALLIBLE(lk_device_persist_failed, 1),
    REFUSED(lk_device_answer_log),
    REFUSED(lk_device_answer_update),
    FALLIBLE(lk_device_link_up, 4),
    FALLIBLE(lk_device_link_down, 1),
    FALLIBLE(lk_device_receive, 20),
    FALLIBLE(lk_device_sense_bolt, 4),
    FALLIBLE(lk_device_sense_latch, 1),
    FALLIBLE(lk_device_sense_door, 1),
    FALLIBLE(lk_device_sense_stall, 1),
    FALLIBLE(lk_device_sense_power, 1),
    FALLIBLE(lk_device_present, 2),
    FALLIBLE(lk_device_press_outside, 1),
    FALLIBLE(lk_device_press_inside, 1),
    FALLIBLE(lk_device_press_reset, 1),
    FALLIBLE(lk_device_observe, 1),
    FALLIBLE(lk_device_log_held, 1),
    FALLIBLE(lk_device_stir, 1),
    FALLIBLE(lk_device_tick, 3),
    FALLIBLE(lk_device_poll, 60),
    FALLIBLE(lk_device_report, 1),
    FALLIBLE(lk_device_timeout, 1),
    FALLIBLE(lk_indication_pattern, 1),
    FALLIBLE(lk_wipe, 1),
    FALLIBLE(lk_holder_init, 2),
    FALLIBLE(lk_holder_load, 1),
    FALLIBLE(lk_holder_forget, 1),
    FALLIBLE(lk_holder_save, 1),
    FALLIBLE(lk_holder_reserve, 4),
    FALLIBLE(lk_holder_reserved, 4),
    FALLIBLE(lk_holder_view, 1),
    FALLIBLE(lk_holder_link, 1),
    FALLIBLE(lk_holder_narrow, 1),
    FALLIBLE(lk_holder_recognises, 1),
    FALLIBLE(lk_holder_connect, 8),
    FALLIBLE(lk_holder_ask, 6),
    FALLIBLE(lk_holder_receive, 12),
    FALLIBLE(lk_holder_leave, 1),
    FALLIBLE(lk_relay_init, 1),
    FALLIBLE(lk_relay_from_lock, 3),
    FALLIBLE(lk_relay_from_cloud, 2),
    FALLIBLE(lk_relay_take_hello, 2),
    FALLIBLE(lk_cloud_init, 2),
    FALLIBLE(lk_cloud_forget, 1),
    FALLIBLE(lk_cloud_reserve, 4),
    FALLIBLE(lk_cloud_reserved, 4),
    FALLIBLE(lk_cloud_issue, 3),
    FALLIBLE(lk_cloud_recognises, 1),
    FALLIBLE(lk_cloud_connect, 8),
    FALLIBLE(lk_cloud_ask, 6),
    FALLIBLE(lk_cloud_receive, 12),
    FALLIBLE(lk_cloud_seal, 3),
    FALLIBLE(lk_cloud_open, 3),
    FALLIBLE(lk_cloud_leave, 1),
    SURE(lk_abi_version),
    SURE(lk_status_text),
    SURE(lk_flash_sector),
    SURE(lk_flash_unit),
    SURE(lk_device_size),
    SURE(lk_holder_size),
    SURE(lk_cloud_size),
    SURE(lk_relay_size),
    SURE(lk_deframer_size),
    SURE(lk_journal_size),
    SURE(lk_log_size),
};
#define FUNCTIONS (sizeof functions / sizeof functions[0])

static size_t a_function(void)
{
    uint32_t all = 0, at;
    size_t i;
    for (i = 0; i < FUNCTIONS; i++)
        all += functions[i].weight;
    at = draw(all);
    for (i = 0; at >= functions[i].weight; i++)
        at -= functions[i].weight;
    return i;
}

static void allow(const void *at, size_t length)
{
    memcpy((uint8_t *)&before + ((const uint8_t *)at - (const uint8_t *)&memory), at, length);
}

/* Whether a function starts an object, so that any storage will do. */
static int starts(const char *name)
{
    static const char *const ends[] = {"_init", "_load", "_boot", "_format", "_mount"};
    size_t i;
    for (i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (strcmp(name + strlen(name) - strlen(ends[i]), ends[i]) == 0)
            return 1;
    return 0;
}

/* The rule that a call broke, or null. */
static const char *broken(size_t which, lk_status status)
{
    size_t i;
    if (status == LK_STATUS_OK)
        for (i = 0; i < grants; i++)
            allow(granted[i].at, granted[i].length);
    /* A journal and a log remember where they read, and what failed in the chip; a device is booted where it lies. */
    allow(memory.journals, sizeof memory.journals);
    allow(memory.logs, sizeof memory.logs);
    if (functions[which].call == call_lk_device_boot)
        allow(memory.devices, sizeof memory.devices);
    /* A session that is too old ends with the call that finds out. */
    if (status == LK_STATUS_NO_SESSION) {
        allow(memory.holders, sizeof memory.holders);
        allow(memory.clouds, sizeof memory.clouds);
    }
    if (strncmp(lk_status_text(status), "this number is no status", 24) == 0)
        return "a status that is none";
    if (status == LK_STATUS_OK && (given == NO_PLACE || (given == STORAGE && !starts(functions[which].name))))
        return "what is no object was taken";
    if (memcmp(&memory, &before, sizeof memory) != 0)
        return status == LK_STATUS_OK ? "more was written than was given" : "a failure left traces";
    return NULL;
}

/* Says what broke a rule, in which call and where. */
static void judge(size_t which, lk_status status, unsigned long call)
{
    size_t i;
    const char *rule;
    VALGRIND_DISABLE_ERROR_REPORTING;
    rule = broken(which, status);
    VALGRIND_ENABLE_ERROR_REPORTING;
    if (rule == NULL)
        return;
    for (i = 0; ((uint8_t *)&memory)[i] == ((uint8_t *)&before)[i] && i + 1 < sizeof memory; i++) {
    }
    fprintf(stderr, "%s, call %lu, status %d: %s, at byte %lu of the memory\n", functions[which].name, call, (int)status, rule, (unsigned long)i);
    exit(1);
}

static lk_status call_one(size_t which, unsigned long call)
{
    lk_status status;
    grants = taken = structures_taken = 0;
    given = AN_OBJECT;
    status = functions[which].call();
    judge(which, status, call);
    if (status == LK_STATUS_OK)
        functions[which].succeeded++;
    else
        functions[which].failed++;
    return status;
}

static size_t named(const char *name)
{
    size_t i;
    for (i = 0; i < FUNCTIONS; i++)
        if (strcmp(functions[i].name, name) == 0)
            return i;
    CHECK(0);
    return 0;
}

/* A lock, its cloud and a holder, each as it should be. */
static void begin(void)
{
    static const char *const steps[] = {
        "lk_provision_owned", "lk_journal_format", "lk_log_format", "lk_log_start", "lk_deframer_init", "lk_relay_init", "lk_cloud_init",
        "lk_cloud_reserve", "lk_cloud_reserved", "lk_cloud_issue", "lk_holder_init", "lk_holder_reserve", "lk_holder_reserved", "lk_holder_save",
        "lk_device_boot",
    };
    size_t i, tries;
    lk_status status;
    careful = 1;
    uptime = 100;
    holder_number = cloud_record_length = log_has_begun = 0;
    for (i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        for (tries = 0; (status = call_one(named(steps[i]), 0)) != LK_STATUS_OK; tries++) {
            if (tries < 100)
                continue;
            fprintf(stderr, "%s refuses good arguments with status %d\n", steps[i], (int)status);
            exit(1);
        }
    }
}

static void call_by_name(const char *name)
{
    (void)call_one(named(name), 0);
}

/* Does what the lock wants, until it wants nothing more. */
static void drain(void)
{
    unsigned rounds;
    for (rounds = 0; rounds < 40; rounds++) {
        memset(&todo, 0, sizeof todo);
        call_by_name("lk_device_poll");
        if (todo.task == LK_TASK_NONE)
            return;
        if (todo.task == LK_TASK_PERSIST || todo.task == LK_TASK_LOG_APPEND || todo.task == LK_TASK_LOG_ACKNOWLEDGE)
            call_by_name("lk_device_persisted");
    }
}

/* Gives whoever asked what the lock said since. */
static void deliver(const char *to, size_t since)
{
    size_t last = packet_count;
    for (due = since + 1; due <= last; due++)
        call_by_name(to);
    due = 0;
}

/* A visit as it should be, so that random calls find sessions to disturb. */
static void visit(const char *reserve, const char *reserved, const char *connect, const char *ask, const char *receive)
{
    const char *say = connect;
    size_t said;
    unsigned turns;
    careful = 1;
    drain();
    call_by_name("lk_device_link_up");
    drain();
    call_by_name(reserve);
    call_by_name(reserved);
    for (turns = 0; turns < 3; turns++) {
        said = packet_count;
        call_by_name(say);
        if (packet_count == said)
            return;
        said = due = packet_count;
        call_by_name("lk_device_receive");
        due = 0;
        drain();
        deliver(receive, said);
        say = ask;
    }
}

static void visit_somehow(void)
{
    if (draw(2))
        visit("lk_holder_reserve", "lk_holder_reserved", "lk_holder_connect", "lk_holder_ask", "lk_holder_receive");
    else
        visit("lk_cloud_reserve", "lk_cloud_reserved", "lk_cloud_connect", "lk_cloud_ask", "lk_cloud_receive");
}

/* A function that never succeeds, or never fails though it can, proves nothing: the first of them, or null. */
static const struct function *unproven(void)
{
    size_t i;
    for (i = 0; i < FUNCTIONS; i++)
        if ((functions[i].fails != OFTEN && functions[i].succeeded == 0) || (functions[i].fails != NEVER && functions[i].failed == 0))
            return &functions[i];
    return NULL;
}

int main(int count, char **arguments)
{
    unsigned long calls, call, succeeded = 0;
    const struct function *idle;
    size_t i;
    if (count != 3) {
        fputs("say fuzz SEED CALLS\n", stderr);
        return 2;
    }
    chance = strtoull(arguments[1], NULL, 10) * UINT64_C(0x9E3779B97F4A7C15) + 1;
    calls = strtoul(arguments[2], NULL, 10);
    begin();
    /* Chance may leave one out: then as many more, up to as many again. */
    for (call = 1; call <= calls || (call <= 2 * calls && unproven() != NULL); call++) {
        /* Now and then all is made anew: a library that only ever refuses has nothing to lose. */
        if (draw(5000) == 0)
            begin();
        if (draw(100) == 0)
            visit_somehow();
        careful = draw(3) > 0;
        (void)call_one(a_function(), call);
    }
    for (i = 0; i < FUNCTIONS; i++)
        succeeded += functions[i].succeeded;
    idle = unproven();
    if (idle != NULL) {
        fprintf(stderr, "%s: %lu successes and %lu failures prove nothing: call more\n", idle->name, idle->succeeded, idle->failed);
        return 1;
    }
    printf("seed %s: %lu calls of %lu functions, %lu of them successes; nothing broke a rule\n", arguments[1], call - 1, (unsigned long)FUNCTIONS,
           succeeded);
    return 0;
}
