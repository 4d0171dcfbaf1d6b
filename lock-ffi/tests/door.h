/*
 * A lock for those who talk to one: its records are memory that survives `door_boot`, its bolt is a variable, its packets go into a queue.
 */
#ifndef DOOR_H
#define DOOR_H

#include "check.h"

static const uint8_t door_root[32] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3, 2, 7, 9, 5};
static const uint8_t door_id[16] = {0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F};

#define DOOR_PACKETS 8

static struct {
    lk_device device;
    uint64_t now;
    uint8_t records[LK_RECORD_TAGS][LK_RECORD_MAX];
    size_t lengths[LK_RECORD_TAGS];
    /* What it said since somebody listened. */
    uint8_t packets[DOOR_PACKETS][LK_PACKET_MAX];
    size_t packet_lengths[DOOR_PACKETS], said;
    /* How often the motor was told to withdraw and to throw the bolt, since the lock was made. */
    unsigned retracts, extends;
} door;

static void door_run(void)
{
    static uint8_t buffer[LK_PACKET_MAX];
    lk_todo todo;
    for (;;) {
        OK(lk_device_poll(&door.device, door.now, buffer, sizeof buffer, &todo));
        switch (todo.task) {
        case LK_TASK_NONE:
            return;
        case LK_TASK_PERSIST:
            CHECK(todo.tag < LK_RECORD_TAGS);
            memcpy(door.records[todo.tag], buffer, todo.length);
            door.lengths[todo.tag] = todo.length;
            OK(lk_device_persisted(&door.device, todo.id));
            break;
        case LK_TASK_TRANSMIT:
            CHECK(door.said < DOOR_PACKETS);
            memcpy(door.packets[door.said], buffer, todo.length);
            door.packet_lengths[door.said++] = todo.length;
            break;
        case LK_TASK_MOTOR:
            door.retracts += todo.code == LK_DRIVE_RETRACT;
            door.extends += todo.code == LK_DRIVE_EXTEND;
            break;
        default:
            break;
        }
    }
}

static void door_sense(uint8_t bolt)
{
    door.now += 300;
    OK(lk_device_sense_bolt(&door.device, bolt, door.now));
    door_run();
}

static void door_boot(void)
{
    lk_record records[LK_RECORD_TAGS];
    lk_boot from;
    uint8_t tag;
    memset(&from, 0, sizeof from);
    from.records = records;
    for (tag = 0; tag < LK_RECORD_TAGS; tag++) {
        if (door.lengths[tag] == 0)
            continue;
        records[from.record_count].bytes = door.records[tag];
        records[from.record_count].length = door.lengths[tag];
        records[from.record_count].tag = tag;
        from.record_count++;
    }
    door.now = from.now_ms = 100;
    door.said = 0;
    from.reason = LK_BOOT_REASON_POWER_ON;
    OK(lk_device_boot(&door.device, sizeof door.device, &from));
    door_run();
    door_sense(LK_BOLT_EXTENDED);
}

static void door_make(uint8_t profile)
{
    static const uint8_t entropy[32] = {42};
    memset(&door, 0, sizeof door);
    OK(lk_provision_owned(door_root, door_id, entropy, profile, door.records[LK_TAG_KEYS], LK_RECORD_MAX,
                          &door.lengths[LK_TAG_KEYS]));
    door_boot();
}

/* A link comes up: the lock greets. */
static void door_greets(lk_greeting *greeting)
{
    door.said = 0;
    OK(lk_device_link_up(&door.device, 0, LK_DELIVERY_ORDERED, door.now));
    door_run();
    CHECK(door.said == 1 && door.packet_lengths[0] == LK_HELLO);
    memset(greeting, 0, sizeof *greeting);
    greeting->hello = door.packets[0];
    greeting->hello_length = door.packet_lengths[0];
    greeting->delivery = LK_DELIVERY_ORDERED;
}

/* A packet goes to the lock; what it answers is in the queue. */
static void door_hears(uint8_t *packet, size_t length)
{
    door.said = 0;
    OK(lk_device_receive(&door.device, 0, packet, length, door.now));
    door_run();
}

#endif
