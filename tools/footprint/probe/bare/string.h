/* What a probe takes of it, for a compiler that comes without a C library. The library that is measured brings the functions. */
#ifndef STRING_H
#define STRING_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t length);
void *memset(void *to, int byte, size_t length);
size_t strlen(const char *text);

#endif
