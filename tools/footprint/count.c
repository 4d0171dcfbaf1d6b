/*
 * A plugin of the emulator that counts the instructions between two marks of a program.
 *
 *     gcc -O2 -Wall -Wextra -fPIC -shared -o count.so count.c
 *     qemu-system-arm ... -plugin count.so,start=ADDRESS,stop=ADDRESS,tell=ADDRESS,counts=FILE
 *
 * The addresses are those of three functions of the program (see probe/meter.h): the first starts the count, the second stops it, and the third
 * ends a line of FILE with what was counted since the line before. The count is exact, and the same in each run.
 *
 * What is used of the interface (QEMU 6 to 8, plugin version 1) is declared here: its header is not packaged everywhere.
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;
enum { NO_REGISTERS = 0 };

extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t, void (*)(uint64_t, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int, void *);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t count;
static bool is_counting;
static FILE *counts;

static void executed(unsigned cpu, void *data)
{
    (void)cpu, (void)data;
    count += is_counting;
}

static void start(unsigned cpu, void *data)
{
    (void)cpu, (void)data;
    is_counting = true;
}

static void stop(unsigned cpu, void *data)
{
    (void)cpu, (void)data;
    is_counting = false;
}

static void tell(unsigned cpu, void *data)
{
    (void)cpu, (void)data;
    fprintf(counts, "%" PRIu64 "\n", count);
    fflush(counts);
    count = 0;
}

static struct {
    const char *name;
    void (*reached)(unsigned cpu, void *data);
    uint64_t address;
} marks[3] = {{"start=", start, 0}, {"stop=", stop, 0}, {"tell=", tell, 0}};

static void translated(uint64_t id, struct qemu_plugin_tb *block)
{
    size_t i, mark, amount = qemu_plugin_tb_n_insns(block);
    (void)id;
    for (i = 0; i < amount; i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        void (*reached)(unsigned, void *) = executed;
        for (mark = 0; mark < 3; mark++)
            if (qemu_plugin_insn_vaddr(instruction) == marks[mark].address)
                reached = marks[mark].reached;
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, reached, NO_REGISTERS, NULL);
    }
}

static bool take(const char *argument)
{
    const char *value = strchr(argument, '=');
    size_t mark;
    if (value++ == NULL)
        return false;
    if (strncmp(argument, "counts=", 7) == 0) {
        counts = fopen(value, "w");
        return counts != NULL;
    }
    for (mark = 0; mark < 3; mark++)
        if (strncmp(argument, marks[mark].name, strlen(marks[mark].name)) == 0) {
            marks[mark].address = strtoull(value, NULL, 0);
            return true;
        }
    return false;
}

__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int amount, char **arguments)
{
    int i;
    (void)info;
    for (i = 0; i < amount; i++)
        if (!take(arguments[i]))
            return -1;
    if (counts == NULL)
        return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
