#include <stddef.h>
#include <valgrind/memcheck.h>

void mark_undefined(const void *bytes, size_t length) { (void)VALGRIND_MAKE_MEM_UNDEFINED(bytes, length); }

void mark_defined(const void *bytes, size_t length) { (void)VALGRIND_MAKE_MEM_DEFINED(bytes, length); }

unsigned is_watched(void) { return RUNNING_ON_VALGRIND; }
