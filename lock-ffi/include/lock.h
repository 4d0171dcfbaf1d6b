/*
 * The C interface of the lock core.
 *
 * Made from lock-ffi/src; do not edit. True of every function:
 *
 * - Result: LK_STATUS_OK is 0 and nothing else is 0. A failure is negative, its number is never
 *   reused, and lk_status_text says in one sentence what to do.
 * - Arguments: the object first, inputs next, outputs last. Lengths and capacities are in bytes.
 * - Pointers: every pointer is checked; a null one is refused, also where the length is 0.
 * - Failure: outputs and objects are as they were before a call that failed.
 * - Memory: the caller owns all of it. Nothing is allocated, freed or kept.
 * - Objects: the caller gives the storage and starts it with the object's init, which compares the
 *   header's size with the library's. An object may not be moved, copied, or used by two threads at
 *   once; two objects are independent.
 */

#ifndef LK_LOCK_H
#define LK_LOCK_H

#include <stddef.h>
#include <stdint.h>

/* A result that nobody looks at is a mistake. */
#if defined(__GNUC__) || defined(__clang__)
#define LK_MUST_USE __attribute__((warn_unused_result))
#else
#define LK_MUST_USE
#endif

/**
 * The size of an `lk_deframer`, in bytes, with head-room for later versions.
 */
#define LK_DEFRAMER_SIZE 640

/**
 * The longest frame in bytes, its closing zero included: a packet of `LK_PACKET_MAX` bytes.
 */
#define LK_FRAME_MAX 516

/**
 * The longest packet, in bytes.
 */
#define LK_PACKET_MAX 512

/**
 * The version of this interface. It grows when a function changes or goes; new functions leave it as it is.
 */
#define LK_ABI_VERSION 1

/**
 * The result of a function: 0 is success and nothing else is 0. Numbers are never reused.
 */
enum lk_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Done.
   */
  LK_STATUS_OK = 0,
  /**
   * A pointer is null.
   */
  LK_STATUS_NULL_POINTER = -1,
  /**
   * An object is not aligned as its type demands.
   */
  LK_STATUS_MISALIGNED = -2,
  /**
   * Header and library disagree about the size of an object.
   */
  LK_STATUS_SIZE_MISMATCH = -3,
  /**
   * An object was not started with its `init`, or its storage was overwritten.
   */
  LK_STATUS_NOT_INITIALISED = -4,
  /**
   * An output is too short.
   */
  LK_STATUS_BUFFER_TOO_SHORT = -5,
  /**
   * An input is empty where it must not be, or longer than allowed.
   */
  LK_STATUS_BAD_LENGTH = -6,
  /**
   * A packet is shorter than its kind allows.
   */
  LK_STATUS_PACKET_TOO_SHORT = -16,
  /**
   * A packet is longer than its kind allows.
   */
  LK_STATUS_PACKET_TOO_LONG = -17,
  /**
   * A packet starts with a format that this version does not read.
   */
  LK_STATUS_PACKET_UNKNOWN_FORMAT = -18,
  /**
   * A packet is of a kind that this version does not know.
   */
  LK_STATUS_PACKET_UNKNOWN_KIND = -19,
  /**
   * A header field of a packet has a value that the protocol does not allow.
   */
  LK_STATUS_PACKET_BAD_FIELD = -20,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_status lk_status;
#else
typedef int32_t lk_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a packet is; section 1 of the protocol.
 */
enum lk_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Asks the lock for a fresh hello.
   */
  LK_KIND_HELLO_REQUEST = 1,
  /**
   * The lock's single-use nonce and what it speaks.
   */
  LK_KIND_HELLO = 2,
  /**
   * First handshake message, with the first request.
   */
  LK_KIND_MESSAGE1 = 3,
  /**
   * Second handshake message, with the first reply.
   */
  LK_KIND_MESSAGE2 = 4,
  /**
   * A message of a live session.
   */
  LK_KIND_RECORD = 5,
  /**
   * Store and forward, towards the lock.
   */
  LK_KIND_SEALED_DOWN = 6,
  /**
   * Store and forward, away from the lock.
   */
  LK_KIND_SEALED_UP = 7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_kind lk_kind;
#else
typedef uint8_t lk_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Finds packets in a byte stream that arrives in pieces. Storage for the caller to declare; what is in it is the
 * library's. Declare it zeroed (`= {0}`, or static), and start it with `lk_deframer_init`.
 */
typedef struct {
  /**
   * The library's.
   */
  uint64_t opaque[80];
} lk_deframer;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The size of an `lk_deframer` that the library was built with, in bytes. `lk_deframer_init` compares it too.
 */
LK_MUST_USE
size_t lk_deframer_size(void);

/**
 * Starts a deframer, or empties one: whatever is in the storage is overwritten. `size` is `sizeof(lk_deframer)`, so
 * that a header of another version is noticed before it does harm.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_MISALIGNED`.
 *
 * Up to the caller:
 * `deframer` must be valid for writes of `size` bytes.
 */
LK_MUST_USE
lk_status lk_deframer_init(lk_deframer *deframer,
                           size_t size);

/**
 * Takes bytes up to the end of the first packet in them. Call it again with the rest until `consumed` equals
 * `bytes_length`. Noise, overlong and broken frames are dropped up to the next zero; what follows is found again.
 *
 * `packet` gets the packet that ended and `packet_length` its length, 1 to `LK_PACKET_MAX` bytes, or 0 where none
 * ended; `consumed` how many bytes were taken. `packet_capacity` must be at least `LK_PACKET_MAX`, so that no packet
 * is lost.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
 * `LK_STATUS_BUFFER_TOO_SHORT`, and takes no byte then.
 *
 * Up to the caller:
 * `deframer` must be valid for reads and writes, and be zeroed or started where it lies; `bytes` must be valid for reads of
 * `bytes_length` bytes, `packet` for writes of `packet_capacity` bytes, `packet_length` and `consumed` for a write.
 * None of them may overlap another.
 */
LK_MUST_USE
lk_status lk_deframer_push(lk_deframer *deframer,
                           const uint8_t *bytes,
                           size_t bytes_length,
                           uint8_t *packet,
                           size_t packet_capacity,
                           size_t *packet_length,
                           size_t *consumed);

/**
 * Encodes a packet of 1 to `LK_PACKET_MAX` bytes for a byte stream (UART, TCP): COBS and a closing zero, section 2.1
 * of the protocol. `LK_FRAME_MAX` bytes of frame always suffice. Uses about 600 bytes of stack.
 *
 * `frame` gets the frame and `frame_length` its length in bytes. The frame may be written over the packet.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED` (`frame_length`), `LK_STATUS_BAD_LENGTH` (the packet),
 * `LK_STATUS_BUFFER_TOO_SHORT` (the frame).
 *
 * Up to the caller:
 * `packet` must be valid for reads of `packet_length` bytes, `frame` for writes of `frame_capacity` bytes, and
 * `frame_length` for a write; `frame_length` must not lie in the other two.
 */
LK_MUST_USE
lk_status lk_frame_encode(const uint8_t *packet,
                          size_t packet_length,
                          uint8_t *frame,
                          size_t frame_capacity,
                          size_t *frame_length);

/**
 * Reads the header of a whole packet and says of which kind it is. What is sealed behind the header stays unknown:
 * anybody can make a packet that passes here.
 *
 * `kind` gets the kind.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_BAD_LENGTH` (more bytes than any object has), and with the
 * `LK_STATUS_PACKET_` ones, after which the packet is to be dropped in silence.
 *
 * Up to the caller:
 * `packet` must be valid for reads of `packet_length` bytes and `kind` for a write.
 */
LK_MUST_USE
lk_status lk_packet_kind(const uint8_t *packet,
                         size_t packet_length,
                         lk_kind *kind);

/**
 * One plain English sentence about a status, with what to do: static, ends with a zero, never null. A number that is
 * no status of this version gets a sentence too.
 */
LK_MUST_USE
const char *lk_status_text(int32_t status);

/**
 * The version of the interface that the library was built with. Compare it with `LK_ABI_VERSION` of the header.
 */
LK_MUST_USE
uint32_t lk_abi_version(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* LK_LOCK_H */
