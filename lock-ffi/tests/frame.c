/*
 * A C program that uses the library as a firmware would: packets out to a byte stream, back in in
 * pieces, and their kind. Compiles as C99, C11 and C++17; ends with 0 when all of it holds.
 */
#include "lock.h"

#include <stdio.h>
#include <string.h>

static int failures = 0;

static void check(int holds, const char *sentence, int line)
{
    if (!holds) {
        printf("line %d: not true that %s\n", line, sentence);
        failures += 1;
    }
}
#define CHECK(condition, sentence) check((condition) ? 1 : 0, (sentence), __LINE__)

/* As firmware would: storage without a heap. */
static lk_deframer deframer;
static uint8_t stream[3 * LK_FRAME_MAX];
static uint8_t packet[LK_PACKET_MAX];

static void header_and_library_agree(void)
{
    CHECK(lk_abi_version() == LK_ABI_VERSION, "header and library have one version");
    CHECK(sizeof(lk_deframer) == LK_DEFRAMER_SIZE, "C lays the storage out as the header says");
    CHECK(lk_deframer_size() == sizeof(lk_deframer), "library and C agree about the storage");
    CHECK(sizeof(lk_status) == 4, "a status has 4 bytes");
    CHECK(sizeof(lk_kind) == 1, "a kind has 1 byte");
}

static void every_status_has_a_text(void)
{
    CHECK(LK_STATUS_OK == 0, "0 is success");
    CHECK(strcmp(lk_status_text(LK_STATUS_OK), "done") == 0, "success has its text");
    CHECK(strlen(lk_status_text(LK_STATUS_NULL_POINTER)) > 0, "a failure has a text");
    CHECK(strlen(lk_status_text(12345)) > 0, "a number that is no status has a text");
}

/* Appends a packet of `length` bytes of `fill` behind a format and a kind to the stream. */
static size_t append(size_t at, uint8_t kind, uint8_t fill, size_t length)
{
    size_t frame_length = 0;
    memset(packet, fill, sizeof packet);
    packet[0] = 1;
    packet[1] = kind;
    CHECK(lk_frame_encode(packet, length, stream + at, sizeof stream - at, &frame_length) == LK_STATUS_OK,
          "a packet that fits is encoded");
    CHECK(frame_length > length && frame_length <= LK_FRAME_MAX, "a frame is a little longer than its packet");
    CHECK(stream[at + frame_length - 1] == 0, "a frame ends with a zero");
    CHECK(memchr(stream + at, 0, frame_length - 1) == NULL, "a frame holds no other zero");
    return at + frame_length;
}

/* Feeds the stream in pieces of `size` bytes and checks that the three packets come out. */
static void packets_come_out_as_they_went_in(size_t end, size_t size)
{
    static const size_t lengths[3] = {2, LK_PACKET_MAX, 46};
    static const lk_kind kinds[3] = {LK_KIND_HELLO_REQUEST, LK_KIND_RECORD, LK_KIND_SEALED_UP};
    size_t at = 0, found = 0;

    CHECK(lk_deframer_init(&deframer, sizeof deframer) == LK_STATUS_OK, "a deframer starts");
    while (at < end) {
        size_t piece = end - at < size ? end - at : size, length = 0, consumed = 0;
        lk_kind kind = LK_KIND_HELLO;
        if (lk_deframer_push(&deframer, stream + at, piece, packet, sizeof packet, &length, &consumed) != LK_STATUS_OK
            || consumed == 0 || consumed > piece) {
            CHECK(0, "a started deframer takes bytes");
            return;
        }
        at += consumed;
        if (length == 0) {
            continue;
        }
        CHECK(found < 3 && length == lengths[found], "a packet comes out with its length");
        CHECK(lk_packet_kind(packet, length, &kind) == LK_STATUS_OK, "a packet has a kind");
        CHECK(found < 3 && kind == kinds[found], "it is the kind that went in");
        CHECK(length < 3 || packet[length - 1] == (found == 1 ? 0xEE : 0), "its last byte is the one that went in");
        found += 1;
    }
    CHECK(found == 3, "three packets come out");
}

static void a_failure_leaves_the_outputs_as_they_were(void)
{
    static const uint8_t bytes[2] = {1, 1};
    uint8_t frame[4] = {9, 9, 9, 9};
    size_t length = 77, consumed = 77;
    lk_kind kind = LK_KIND_RECORD;
    lk_deframer zeroed;

    CHECK(lk_frame_encode(NULL, 0, frame, sizeof frame, &length) == LK_STATUS_NULL_POINTER, "null is refused");
    CHECK(lk_frame_encode(bytes, 0, frame, sizeof frame, &length) == LK_STATUS_BAD_LENGTH, "no packet is refused");
    CHECK(lk_frame_encode(bytes, 2, frame, 3, &length) == LK_STATUS_BUFFER_TOO_SHORT, "a short frame is refused");
    CHECK(length == 77 && frame[0] == 9 && frame[3] == 9, "the outputs are as before");

    CHECK(lk_packet_kind(bytes, 1, &kind) == LK_STATUS_PACKET_TOO_SHORT, "half a packet is refused");
    CHECK(kind == LK_KIND_RECORD, "the kind is as before");

    memset(&zeroed, 0, sizeof zeroed);
    CHECK(lk_deframer_init(&zeroed, sizeof zeroed - 8) == LK_STATUS_SIZE_MISMATCH, "another size is refused");
    CHECK(lk_deframer_push(&zeroed, bytes, 2, packet, sizeof packet, &length, &consumed) == LK_STATUS_NOT_INITIALISED,
          "a deframer that was not started is refused");
    CHECK(length == 77 && consumed == 77, "the lengths are as before");
}

int main(void)
{
    static const size_t sizes[5] = {1, 2, 20, 513, sizeof stream};
    size_t end = 0, index;

    header_and_library_agree();
    every_status_has_a_text();
    end = append(end, LK_KIND_HELLO_REQUEST, 0, 2);
    end = append(end, LK_KIND_RECORD, 0xEE, LK_PACKET_MAX);
    end = append(end, LK_KIND_SEALED_UP, 0, 46);
    for (index = 0; index < sizeof sizes / sizeof sizes[0]; index += 1) {
        packets_come_out_as_they_went_in(end, sizes[index]);
    }
    a_failure_leaves_the_outputs_as_they_were();
    puts(failures == 0 ? "all of it holds" : "some of it does not hold");
    return failures == 0 ? 0 : 1;
}
