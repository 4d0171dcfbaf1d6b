/* What a lemma, turned from WebAssembly into C by wasm2c, runs in for the checker ESBMC: any numbers, a small memory, and a trap that refutes.
   LEMMA is its name, LEMMA_FILE the C of it. */
#define WASM_RT_MEMCHECK_SIGNAL_HANDLER 0
#define WASM_RT_USE_STACK_DEPTH_COUNT 0
#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)
#include TEXT(LEMMA_FILE)

#define JOINED_AS(left, right) left##right
#define JOINED(left, right) JOINED_AS(left, right)

/* Stack and constants need no more. wasm2c compares each address with this size, so that an access behind it is a trap. */
enum { MEMORY = 8192, SLOTS = 64 };
static uint8_t memory[MEMORY];
static wasm_rt_funcref_t slots[SLOTS];

unsigned long long nondet_u64(void);

struct Z_proof_instance_t {
    int unused;
};

u64 Z_proofZ_any(struct Z_proof_instance_t *proof) {
    return nondet_u64();
}

/* A panic is one, and so are an access outside of the memory, a division by zero and a call of what is no function. */
void wasm_rt_trap(wasm_rt_trap_t code) {
    __ESBMC_assert(0, "a trap");
    __ESBMC_assume(0);
}

bool wasm_rt_is_initialized(void) {
    return true;
}

void wasm_rt_allocate_memory(wasm_rt_memory_t *to, uint32_t initial, uint32_t most) {
    to->data = memory;
    to->pages = to->max_pages = 1;
    to->size = MEMORY;
}

void wasm_rt_free_memory(wasm_rt_memory_t *of) {}

void wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t *to, uint32_t elements, uint32_t most) {
    __ESBMC_assert(elements <= SLOTS, "the table has room");
    to->data = slots;
    to->size = to->max_size = elements;
}

void wasm_rt_free_funcref_table(wasm_rt_funcref_table_t *of) {}

uint32_t wasm_rt_register_func_type(uint32_t parameters, uint32_t results, ...) {
    static uint32_t types;
    return ++types;
}

int main(void) {
    struct Z_proof_instance_t proof;
    Z_lemma_instance_t lemma;
    init_instance_import(&lemma, &proof);
    init_globals(&lemma);
    init_memories(&lemma);
    init_tables(&lemma);
    __ESBMC_assert(JOINED(Z_lemmaZ_, LEMMA)(&lemma), "the lemma holds");
    return 0;
}
