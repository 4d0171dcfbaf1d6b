/*
 * A plugin of the emulator that takes the power away right after a chosen store into the flash.
 *
 *     gcc -O2 -Wall -Wextra -fPIC -shared -o cut.so cut.c
 *     qemu-system-arm ... -plugin cut.so,from=0x21000000,to=0x21010000,counts=FILE
 *
 * FILE holds two numbers of 64 bits in the order of the host: how many stores there were, which the plugin counts, and after which of them
 * the emulator is killed, which the test writes at any time; 0 for never.
 *
 * What is used of the interface (QEMU 6 to 8, plugin version 1) is declared here: its header is not packaged everywhere.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;
enum { NO_REGISTERS = 0, WRITES = 2 };

extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern bool qemu_plugin_mem_is_store(uint32_t);
extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t, void (*)(uint64_t, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, void (*)(unsigned, uint32_t, uint64_t, void *), int, int, void *);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t from, to;
static volatile struct {
    uint64_t stores, cut_after;
} *shared;

static void stored(unsigned cpu, uint32_t info, uint64_t address, void *data)
{
    (void)cpu, (void)data;
    /* Loads come too, whatever was asked for. */
    if (address < from || address >= to || !qemu_plugin_mem_is_store(info))
        return;
    shared->stores++;
    if (shared->stores == shared->cut_after) {
        kill(getpid(), SIGKILL);
        pause();
    }
}

static void translated(uint64_t id, struct qemu_plugin_tb *block)
{
    size_t i, count = qemu_plugin_tb_n_insns(block);
    (void)id;
    for (i = 0; i < count; i++)
        qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(block, i), stored, NO_REGISTERS, WRITES, NULL);
}

__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int count, char **arguments)
{
    int i, file = -1;
    (void)info;
    for (i = 0; i < count; i++) {
        if (strncmp(arguments[i], "from=", 5) == 0)
            from = strtoull(arguments[i] + 5, NULL, 0);
        else if (strncmp(arguments[i], "to=", 3) == 0)
            to = strtoull(arguments[i] + 3, NULL, 0);
        else if (strncmp(arguments[i], "counts=", 7) == 0)
            file = open(arguments[i] + 7, O_RDWR);
        else
            return -1;
    }
    if (file < 0 || to <= from)
        return -1;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (shared == MAP_FAILED)
        return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
