/*
 * The C interface of the lock core.
 *
 * Made from lock-ffi/src; do not edit. True of every function:
 *
 * - Result: LK_STATUS_OK is 0 and nothing else is 0. A failure is negative, its number is never
 *   reused, and lk_status_text says in one sentence what to do.
 * - Arguments: the object first, inputs next, outputs last. Lengths and capacities are in bytes.
 * - Pointers: every pointer is checked; a null one is refused, also where the length is 0.
 * - Failure: outputs and objects are as they were before a call that failed. A device, a journal and a
 *   log that could not be started are not started; a journal and a log may remember where they read,
 *   and what failed in the chip.
 * - Memory: the caller owns all of it. Nothing is allocated, freed or kept.
 * - Objects: the caller gives the storage and starts it with the object's init, which compares the
 *   header's size with the library's. An object that was moved or copied is none any more, since it
 *   would repeat numbers; it may not be used by two threads at once. Two objects are independent.
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

/* Define LK_SET_CORE where the library was built with the set `core`, as its packages do. Where it
 * is forgotten, or defined for another set, lk_device_boot says LK_STATUS_SIZE_MISMATCH. */
#if defined(LK_SET_CORE)
#define LK_DEVICE_SIZE LK_DEVICE_SIZE_CORE
#else
#define LK_DEVICE_SIZE LK_DEVICE_SIZE_KEYS
#endif
#define LK_DEVICE_WORDS (LK_DEVICE_SIZE / 8)

/**
 * The size of an `lk_cloud`, in bytes, with head-room for later versions.
 */
#define LK_CLOUD_SIZE 2048

/**
 * The length of a cloud's record, in bytes.
 */
#define LK_CLOUD_RECORD 29

/**
 * The size of an `lk_deframer`, in bytes, with head-room for later versions.
 */
#define LK_DEFRAMER_SIZE 544

/**
 * How many links a device has.
 */
#define LK_DEVICE_LINKS 2

/**
 * The size of an `lk_device` in a library of the set `core`, in bytes, with head-room for later versions.
 */
#define LK_DEVICE_SIZE_CORE 8128

/**
 * The size of an `lk_device` in a library of any other set, in bytes, with head-room for later versions.
 */
#define LK_DEVICE_SIZE_KEYS 10816

/**
 * The longest stored record, in bytes.
 */
#define LK_RECORD_MAX 512

/**
 * The numbers of the records are below this.
 */
#define LK_RECORD_TAGS 22

/**
 * How the payload of a log's entry begins, in bytes: what the log's flash keeps for the next boot.
 */
#define LK_LOG_BEGINNING 20

/**
 * A moment that never comes: nothing is planned.
 */
#define LK_NEVER UINT64_MAX

/**
 * The longest frame in bytes, its closing zero included: a packet of `LK_PACKET_MAX` bytes.
 */
#define LK_FRAME_MAX 516

/**
 * The size of an `lk_holder`, in bytes, with head-room for later versions.
 */
#define LK_HOLDER_SIZE 2048

/**
 * The longest link of a virtual key, in letters; no zero ends it.
 */
#define LK_LINK_MAX 763

/**
 * The longest record of a virtual key, in bytes.
 */
#define LK_KEY_MAX 474

/**
 * The size of an `lk_relay`, in bytes, with head-room for later versions.
 */
#define LK_RELAY_SIZE 128

/**
 * The length of a hello, in bytes.
 */
#define LK_HELLO 29

/**
 * The size of an `lk_journal`, in bytes, with head-room for later versions.
 */
#define LK_JOURNAL_SIZE 320

/**
 * The size of an `lk_log`, in bytes, with head-room for later versions.
 */
#define LK_LOG_SIZE 272

/**
 * The longest payload of an entry, in bytes.
 */
#define LK_LOG_ENTRY_MAX 256

/**
 * The longest packet, in bytes.
 */
#define LK_PACKET_MAX 512

/**
 * The record of a lock's keys.
 */
#define LK_TAG_KEYS 0

/**
 * The record that lets a lock change its owner.
 */
#define LK_TAG_CLAIM 19

/**
 * The most numbers that are reserved at once: of those a restart loses what was not used.
 */
#define LK_RESERVE_MAX 1024

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
   * A number stands for nothing of its kind.
   */
  LK_STATUS_BAD_VALUE = -7,
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
  /**
   * The lock has no keys.
   */
  LK_STATUS_NOT_PROVISIONED = -32,
  /**
   * A stored record cannot be read.
   */
  LK_STATUS_RECORD_DAMAGED = -33,
  /**
   * A stored record that must be there is gone.
   */
  LK_STATUS_RECORD_MISSING = -34,
  /**
   * The boot counter is at its end.
   */
  LK_STATUS_BOOTS_EXHAUSTED = -35,
  /**
   * The lock speaks profile X, and this library was built without it.
   */
  LK_STATUS_PROFILE_NOT_IN_BUILD = -36,
  /**
   * Too many outputs wait.
   */
  LK_STATUS_BACKLOG = -37,
  /**
   * A link number that the device does not have.
   */
  LK_STATUS_NO_SUCH_LINK = -38,
  /**
   * Nothing waits for this answer.
   */
  LK_STATUS_NOT_PENDING = -39,
  /**
   * A root key that is blank or follows from the lock's id.
   */
  LK_STATUS_ROOT_REFUSED = -40,
  /**
   * This library was built without a part that is asked for, or that storage holds a record of; or it has less room.
   */
  LK_STATUS_PART_NOT_IN_BUILD = -41,
  /**
   * The flash is of another geometry than the library was built for, or too small.
   */
  LK_STATUS_FLASH_UNSUITED = -48,
  /**
   * The flash was never formatted, or its format was cut: nothing was ever stored there.
   */
  LK_STATUS_FLASH_BLANK = -49,
  /**
   * What was committed to the flash does not read back.
   */
  LK_STATUS_FLASH_DAMAGED = -50,
  /**
   * The flash driver failed, or the flash does not hold what was written.
   */
  LK_STATUS_FLASH_FAULT = -51,
  /**
   * No erased sector is at hand.
   */
  LK_STATUS_FLASH_BUSY = -52,
  /**
   * The newest records of all tags do not fit in a sector together.
   */
  LK_STATUS_FLASH_FULL = -53,
  /**
   * The record or entry is not there.
   */
  LK_STATUS_NOT_FOUND = -54,
  /**
   * An entry of the log that is not held, or begins otherwise.
   */
  LK_STATUS_MISMATCH = -55,
  /**
   * A text is not the link of a virtual key.
   */
  LK_STATUS_NOT_A_LINK = -64,
  /**
   * A virtual key is cut, mistyped or altered.
   */
  LK_STATUS_KEY_DAMAGED = -65,
  /**
   * A virtual key is of a version that this one does not read.
   */
  LK_STATUS_KEY_NEWER = -66,
  /**
   * A virtual key is bound to a holder, whose secret was not given.
   */
  LK_STATUS_HOLDER_NEEDED = -67,
  /**
   * A virtual key was passed on as often as a lock follows.
   */
  LK_STATUS_TOO_DEEP = -68,
  /**
   * A virtual key is to be passed on without a condition.
   */
  LK_STATUS_NOTHING_NARROWED = -69,
  /**
   * A hello is of another lock, or of another key epoch.
   */
  LK_STATUS_ANOTHER_LOCK = -70,
  /**
   * A hello has another profile than the lock is known to speak.
   */
  LK_STATUS_ANOTHER_PROFILE = -71,
  /**
   * No protocol version in common.
   */
  LK_STATUS_NO_COMMON_VERSION = -72,
  /**
   * A packet of another kind than the call takes, or from the wrong side.
   */
  LK_STATUS_UNEXPECTED_PACKET = -73,
  /**
   * No number is reserved for this.
   */
  LK_STATUS_NOT_RESERVED = -74,
  /**
   * No number is left.
   */
  LK_STATUS_NUMBERS_EXHAUSTED = -75,
  /**
   * There is no session, or it has ended.
   */
  LK_STATUS_NO_SESSION = -76,
  /**
   * A configuration is no first message of profile X, which has no forward secrecy.
   */
  LK_STATUS_OPEN_SESSION_FIRST = -77,
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
 * How a link delivers.
 */
enum lk_delivery
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * In order and without gaps: a stream, a GATT connection.
   */
  LK_DELIVERY_ORDERED = 0,
  /**
   * With losses and out of order.
   */
  LK_DELIVERY_DATAGRAM = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_delivery lk_delivery;
#else
typedef uint8_t lk_delivery;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Where the sensor says the bolt is.
 */
enum lk_bolt
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * No evidence.
   */
  LK_BOLT_UNKNOWN = 0,
  /**
   * Fully thrown, in the strike.
   */
  LK_BOLT_EXTENDED = 1,
  /**
   * Fully withdrawn.
   */
  LK_BOLT_RETRACTED = 2,
  /**
   * Neither end.
   */
  LK_BOLT_BETWEEN = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_bolt lk_bolt;
#else
typedef uint8_t lk_bolt;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Where the sensor says the spring latch is.
 */
enum lk_latch
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * No latch, no sensor, or no reading.
   */
  LK_LATCH_UNKNOWN = 0,
  /**
   * In its strike.
   */
  LK_LATCH_ENGAGED = 1,
  /**
   * Pulled back by the motor.
   */
  LK_LATCH_HELD = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_latch lk_latch;
#else
typedef uint8_t lk_latch;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What the door sensor says.
 */
enum lk_door
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * No sensor, or it does not answer.
   */
  LK_DOOR_SILENT = 0,
  /**
   * The door is not in its frame.
   */
  LK_DOOR_OPEN = 1,
  /**
   * The door is in its frame.
   */
  LK_DOOR_CLOSED = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_door lk_door;
#else
typedef uint8_t lk_door;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Where the door is, by its sensor and by what the lock knows besides.
 */
enum lk_door_state
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * No sensor, or no reading yet.
   */
  LK_DOOR_STATE_UNKNOWN = 0,
  /**
   * Not in its frame.
   */
  LK_DOOR_STATE_OPEN = 1,
  /**
   * In its frame.
   */
  LK_DOOR_STATE_CLOSED = 2,
  /**
   * Not in its frame for longer than the setting allows.
   */
  LK_DOOR_STATE_AJAR = 3,
  /**
   * Not in its frame, and it left it while the bolt was sensed thrown.
   */
  LK_DOOR_STATE_FORCED = 4,
  /**
   * The sensor contradicts itself.
   */
  LK_DOOR_STATE_FAULTY = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_door_state lk_door_state;
#else
typedef uint8_t lk_door_state;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Why the chip booted.
 */
enum lk_boot_reason
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Not known.
   */
  LK_BOOT_REASON_UNKNOWN = 0,
  /**
   * The power came on.
   */
  LK_BOOT_REASON_POWER_ON = 1,
  /**
   * The supply sagged below what the chip needs.
   */
  LK_BOOT_REASON_BROWN_OUT = 2,
  /**
   * The watchdog fired.
   */
  LK_BOOT_REASON_WATCHDOG = 3,
  /**
   * The firmware asked for it.
   */
  LK_BOOT_REASON_SOFTWARE = 4,
  /**
   * A firmware update was started, or undone.
   */
  LK_BOOT_REASON_UPDATE = 5,
  /**
   * The reset pin or button.
   */
  LK_BOOT_REASON_RESET_PIN = 6,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_boot_reason lk_boot_reason;
#else
typedef uint8_t lk_boot_reason;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a credential is.
 */
enum lk_credential
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * A PIN code that may also change settings at the keypad. A keypad presents `LK_CREDENTIAL_PIN`.
   */
  LK_CREDENTIAL_PROGRAMMING_PIN = 0,
  /**
   * A PIN code: 4 to 10 ASCII digits.
   */
  LK_CREDENTIAL_PIN = 1,
  /**
   * An RFID or NFC token, by its identifier.
   */
  LK_CREDENTIAL_RFID = 2,
  /**
   * A fingerprint, by the number of its template.
   */
  LK_CREDENTIAL_FINGERPRINT = 3,
  /**
   * A finger vein pattern, by the number of its template.
   */
  LK_CREDENTIAL_FINGER_VEIN = 4,
  /**
   * A face, by the number of its template.
   */
  LK_CREDENTIAL_FACE = 5,
  /**
   * A key fob, by its identifier.
   */
  LK_CREDENTIAL_FOB = 6,
  /**
   * A virtual key on a phone, by its identifier.
   */
  LK_CREDENTIAL_VIRTUAL_KEY = 7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_credential lk_credential;
#else
typedef uint8_t lk_credential;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What whoever presents a credential wishes.
 */
enum lk_wish
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Withdraw the bolt; with a latch that the motor reaches, pull it too.
   */
  LK_WISH_OPEN = 0,
  /**
   * Withdraw the bolt.
   */
  LK_WISH_UNLOCK = 1,
  /**
   * Throw the bolt.
   */
  LK_WISH_LOCK = 2,
  /**
   * Withdraw the bolt for somebody who leaves.
   */
  LK_WISH_LOCK_N_GO = 3,
  /**
   * Back to normal; for programming users, as are the other modes.
   */
  LK_WISH_MODE_NORMAL = 16,
  /**
   * Nobody is there.
   */
  LK_WISH_MODE_VACATION = 17,
  /**
   * Nobody from outside, please.
   */
  LK_WISH_MODE_PRIVACY = 18,
  /**
   * No remote operation.
   */
  LK_WISH_MODE_NO_REMOTE = 19,
  /**
   * The door is free.
   */
  LK_WISH_MODE_PASSAGE = 20,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_wish lk_wish;
#else
typedef uint8_t lk_wish;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A mode of the lock.
 */
enum lk_mode
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Every way, as the rights say.
   */
  LK_MODE_NORMAL = 0,
  /**
   * Nobody is there: remote operation and programming users only.
   */
  LK_MODE_VACATION = 1,
  /**
   * Nothing from outside opens; the inside does, and ends it.
   */
  LK_MODE_PRIVACY = 2,
  /**
   * No remote operation; everything at the door as the rights say.
   */
  LK_MODE_NO_REMOTE = 3,
  /**
   * The bolt stays withdrawn until the mode changes.
   */
  LK_MODE_PASSAGE = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_mode lk_mode;
#else
typedef uint8_t lk_mode;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What the button on the inside asks for.
 */
enum lk_button
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Throw the bolt.
   */
  LK_BUTTON_LOCK = 0,
  /**
   * Withdraw it.
   */
  LK_BUTTON_UNLOCK = 1,
  /**
   * Withdraw it for somebody who leaves.
   */
  LK_BUTTON_LOCK_N_GO = 2,
  /**
   * Nobody from outside, please.
   */
  LK_BUTTON_PRIVACY_ON = 3,
  /**
   * Back to normal; from privacy only.
   */
  LK_BUTTON_PRIVACY_OFF = 4,
  /**
   * Try everything.
   */
  LK_BUTTON_SELF_TEST = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_button lk_button;
#else
typedef uint8_t lk_button;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What to do next.
 */
enum lk_task
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Nothing: sleep until something happens, or until `lk_device_timeout`.
   */
  LK_TASK_NONE = 0,
  /**
   * Write the buffer as the record `tag`, read it back, then call `lk_device_persisted` or `lk_device_persist_failed` with `id`.
   * Nothing but an urgent stop of the motor comes before that.
   */
  LK_TASK_PERSIST = 1,
  /**
   * Send the buffer on `link`.
   */
  LK_TASK_TRANSMIT = 2,
  /**
   * Order the motor: `code` is an `lk_drive`.
   */
  LK_TASK_MOTOR = 3,
  /**
   * Show and sound: `code` is an `lk_indication` and `argument` what it is about; `lk_indication_pattern` says how.
   */
  LK_TASK_INDICATE = 4,
  /**
   * Tell the host of an alarm: `code` is an `lk_alarm`.
   */
  LK_TASK_ALARM = 5,
  /**
   * Hang up `link`.
   */
  LK_TASK_CLOSE = 6,
  /**
   * Append the buffer to the log as entry `index`, with `secret` beside it; then answer `id` as for `LK_TASK_PERSIST`.
   */
  LK_TASK_LOG_APPEND = 7,
  /**
   * Read the entry `index` of the log, then call `lk_device_answer_log` with `id`.
   */
  LK_TASK_LOG_READ = 8,
  /**
   * Free the entries up to `index`, where its payload begins with `mac`; then answer `id` as for `LK_TASK_PERSIST`.
   */
  LK_TASK_LOG_ACKNOWLEDGE = 9,
  /**
   * Work on the spare slot or with the boot loader: `code` is an `lk_work`. Then call `lk_device_answer_update`, now or later.
   */
  LK_TASK_UPDATE = 10,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_task lk_task;
#else
typedef uint8_t lk_task;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * An order to the motor.
 */
enum lk_drive
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Run so that the bolt is thrown; reverse if it runs the other way.
   */
  LK_DRIVE_EXTEND = 0,
  /**
   * Run so that the bolt is withdrawn; reverse if it runs the other way.
   */
  LK_DRIVE_RETRACT = 1,
  /**
   * Run so that the latch is pulled back.
   */
  LK_DRIVE_PULL_LATCH = 2,
  /**
   * Run so that the latch springs into its strike again.
   */
  LK_DRIVE_RELEASE_LATCH = 3,
  /**
   * Stop.
   */
  LK_DRIVE_STOP = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_drive lk_drive;
#else
typedef uint8_t lk_drive;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What to show and to sound.
 */
enum lk_indication
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * The code, key or button was accepted.
   */
  LK_INDICATION_ACCEPTED = 0,
  /**
   * One more credential is awaited.
   */
  LK_INDICATION_ONE_MORE = 1,
  /**
   * It was not accepted; `argument` is the reason, section 7.3 of the protocol.
   */
  LK_INDICATION_REFUSED = 2,
  /**
   * The bolt did not reach its end.
   */
  LK_INDICATION_JAMMED = 3,
  /**
   * Too many wrong codes: codes are refused for now.
   */
  LK_INDICATION_LOCKED_OUT = 4,
  /**
   * The battery needs replacing.
   */
  LK_INDICATION_BATTERY_LOW = 5,
  /**
   * The door has been open for too long.
   */
  LK_INDICATION_DOOR_AJAR = 6,
  /**
   * Somebody tampers with the door or the lock.
   */
  LK_INDICATION_SIREN = 7,
  /**
   * A mode is in force now; `argument` is an `lk_mode`.
   */
  LK_INDICATION_MODE = 8,
  /**
   * The reset button is held: `argument` seconds until it resets; at 0 release it.
   */
  LK_INDICATION_RESET_IN = 9,
  /**
   * The reset was called off, or the button was held for too long.
   */
  LK_INDICATION_RESET_CANCELLED = 10,
  /**
   * The lock is as made.
   */
  LK_INDICATION_RESET_DONE = 11,
  /**
   * The reset button is held for the second time: `argument` seconds until the lock belongs to nobody; at 0 release it.
   */
  LK_INDICATION_UNOWNED_IN = 12,
  /**
   * The lock belongs to nobody.
   */
  LK_INDICATION_UNOWNED = 13,
  /**
   * The calibration or self-test passed.
   */
  LK_INDICATION_TEST_PASSED = 14,
  /**
   * The calibration or self-test failed.
   */
  LK_INDICATION_TEST_FAILED = 15,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_indication lk_indication;
#else
typedef uint8_t lk_indication;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What people should hear about at once.
 */
enum lk_alarm
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * The bolt is jammed.
   */
  LK_ALARM_JAMMED = 0,
  /**
   * The wrong-code limit is reached.
   */
  LK_ALARM_WRONG_CODE_LIMIT = 1,
  /**
   * The bolt left its strike while nobody asked, or the door left its frame while the bolt was thrown.
   */
  LK_ALARM_FORCED = 2,
  /**
   * The battery needs replacing.
   */
  LK_ALARM_BATTERY_LOW = 3,
  /**
   * Stored counters or keys are damaged.
   */
  LK_ALARM_STORAGE_CORRUPT = 4,
  /**
   * The door has been open for longer than the setting allows.
   */
  LK_ALARM_DOOR_AJAR = 5,
  /**
   * The escutcheon, cover or cable was tampered with.
   */
  LK_ALARM_TAMPER = 6,
  /**
   * A duress credential was used. Show and sound nothing.
   */
  LK_ALARM_DURESS = 7,
  /**
   * The lock was reset to its settings as made.
   */
  LK_ALARM_FACTORY_RESET = 8,
  /**
   * The radio was reset or its settings were erased.
   */
  LK_ALARM_RADIO_RESET = 9,
  /**
   * The battery may not move the bolt once more.
   */
  LK_ALARM_BATTERY_CRITICAL = 10,
  /**
   * The battery empties much faster than it did.
   */
  LK_ALARM_BATTERY_DRAIN = 11,
  /**
   * The lock no longer knows the time.
   */
  LK_ALARM_CLOCK_LOST = 12,
  /**
   * The log is nearly full.
   */
  LK_ALARM_LOG_NEARLY_FULL = 13,
  /**
   * The motor turns and the bolt does not.
   */
  LK_ALARM_CLUTCH_FAILED = 14,
  /**
   * A sensor is silent or contradicts itself.
   */
  LK_ALARM_SENSOR_FAULT = 15,
  /**
   * A firmware image was received damaged, or could not be stored.
   */
  LK_ALARM_UPDATE_FAILED = 16,
  /**
   * New firmware did not prove itself: the one before it runs again.
   */
  LK_ALARM_UPDATE_ROLLED_BACK = 17,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_alarm lk_alarm;
#else
typedef uint8_t lk_alarm;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Work on the spare slot of the firmware, or with the boot loader.
 */
enum lk_work
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Erase `amount` bytes from `offset` on.
   */
  LK_WORK_ERASE = 0,
  /**
   * Write the buffer from `offset` on.
   */
  LK_WORK_WRITE = 1,
  /**
   * Read `amount` bytes from `offset` on.
   */
  LK_WORK_READ = 2,
  /**
   * Have the loader try the image in the spare slot with the next reset, once.
   */
  LK_WORK_MARK_PENDING = 3,
  /**
   * Have the loader keep what runs.
   */
  LK_WORK_CONFIRM = 4,
  /**
   * Reset the chip. Not answered.
   */
  LK_WORK_RESTART = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_work lk_work;
#else
typedef uint8_t lk_work;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The answer to work on the spare slot.
 */
enum lk_work_answer
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * It is done, and stays after a power cut.
   */
  LK_WORK_ANSWER_DONE = 0,
  /**
   * The bytes that were to be read.
   */
  LK_WORK_ANSWER_READ = 1,
  /**
   * It cannot be done.
   */
  LK_WORK_ANSWER_FAILED = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_work_answer lk_work_answer;
#else
typedef uint8_t lk_work_answer;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How the boot loader started what runs.
 */
enum lk_booted_as
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * It starts again with each reset.
   */
  LK_BOOTED_AS_CONFIRMED = 0,
  /**
   * The next reset brings the version before it back, unless it is confirmed.
   */
  LK_BOOTED_AS_ON_TRIAL = 1,
  /**
   * This boot undid a trial, or refused to start what was to be tried.
   */
  LK_BOOTED_AS_REVERTED = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_booted_as lk_booted_as;
#else
typedef uint8_t lk_booted_as;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Why a record is not durable.
 */
enum lk_failure
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * No prepared storage; it will be there in a moment.
   */
  LK_FAILURE_BUSY = 0,
  /**
   * The storage failed.
   */
  LK_FAILURE_FAULT = 1,
  /**
   * Of `LK_TASK_LOG_ACKNOWLEDGE` alone: the entry is not held, or begins otherwise.
   */
  LK_FAILURE_MISMATCH = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_failure lk_failure;
#else
typedef uint8_t lk_failure;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The profile of a lock, fixed when it gets its keys.
 */
enum lk_profile
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Symmetric; the default.
   */
  LK_PROFILE_S = 1,
  /**
   * With X25519, forward secret; in a library with the feature `x25519`.
   */
  LK_PROFILE_X = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_profile lk_profile;
#else
typedef uint8_t lk_profile;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A colour of the light.
 */
enum lk_colour
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Done, or go on.
   */
  LK_COLOUR_GREEN = 0,
  /**
   * Not done.
   */
  LK_COLOUR_RED = 1,
  /**
   * Look after it.
   */
  LK_COLOUR_AMBER = 2,
  /**
   * Working.
   */
  LK_COLOUR_BLUE = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_colour lk_colour;
#else
typedef uint8_t lk_colour;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A tone of the buzzer.
 */
enum lk_tone
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * None.
   */
  LK_TONE_SILENT = 0,
  /**
   * Low.
   */
  LK_TONE_LOW = 1,
  /**
   * High.
   */
  LK_TONE_HIGH = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_tone lk_tone;
#else
typedef uint8_t lk_tone;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a firmware may know besides what its sensors say.
 */
enum lk_observed
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * The strength of the last signal, in dBm.
   */
  LK_OBSERVED_SIGNAL = 0,
  /**
   * The radio was reset or its settings were erased; the value counts for nothing.
   */
  LK_OBSERVED_RADIO_RESET = 1,
  /**
   * The contact of the escutcheon or cover: 1 for off, 0 for as mounted.
   */
  LK_OBSERVED_COVER_OFF = 2,
  /**
   * The mains, or another feed from outside: 1 for there, 0 for gone.
   */
  LK_OBSERVED_MAINS = 3,
  /**
   * The voltage of a battery in the keypad, in millivolts.
   */
  LK_OBSERVED_KEYPAD_BATTERY = 4,
  /**
   * The sensor of the turn, an `lk_part`.
   */
  LK_OBSERVED_ACCELEROMETER = 5,
  /**
   * The keypad, an `lk_part`.
   */
  LK_OBSERVED_KEYPAD = 6,
  /**
   * The light, an `lk_part`.
   */
  LK_OBSERVED_LIGHT = 7,
  /**
   * The buzzer or speaker, an `lk_part`.
   */
  LK_OBSERVED_BUZZER = 8,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_observed lk_observed;
#else
typedef uint8_t lk_observed;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How it stands with a part that can tell.
 */
enum lk_part
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * The lock has none, or it was not heard of since boot.
   */
  LK_PART_UNKNOWN = 0,
  /**
   * As it should.
   */
  LK_PART_GOOD = 1,
  /**
   * It was heard and is silent now.
   */
  LK_PART_SILENT = 2,
  /**
   * It contradicts itself or others.
   */
  LK_PART_CONTRADICTORY = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_part lk_part;
#else
typedef uint8_t lk_part;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What the motor does.
 */
enum lk_motion
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * At rest.
   */
  LK_MOTION_STILL = 0,
  /**
   * Throwing the bolt.
   */
  LK_MOTION_EXTENDING = 1,
  /**
   * Withdrawing the bolt.
   */
  LK_MOTION_RETRACTING = 2,
  /**
   * Pulling the latch back.
   */
  LK_MOTION_UNLATCHING = 3,
  /**
   * Holding the latch back.
   */
  LK_MOTION_HOLDING_LATCH = 4,
  /**
   * Letting the latch go.
   */
  LK_MOTION_RELEASING = 5,
  /**
   * Backing off a little after a stall.
   */
  LK_MOTION_RELIEVING = 6,
  /**
   * Waiting before the next attempt.
   */
  LK_MOTION_PAUSING = 7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_motion lk_motion;
#else
typedef uint8_t lk_motion;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What is wrong with the mechanism.
 */
enum lk_fault
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Nothing known.
   */
  LK_FAULT_NONE = 0,
  /**
   * The motor stalled before the bolt reached its end, at each attempt.
   */
  LK_FAULT_JAMMED = 1,
  /**
   * The motor ran its whole time, the bolt moved, and the sensor saw no end.
   */
  LK_FAULT_MOTOR_TIMEOUT = 2,
  /**
   * The motor ran its whole time without load, and the bolt did not move.
   */
  LK_FAULT_CLUTCH_FAILED = 3,
  /**
   * The bolt's sensor is silent or contradicts the motor.
   */
  LK_FAULT_BOLT_SENSOR = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_fault lk_fault;
#else
typedef uint8_t lk_fault;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What is asked of a lock. A holder may ask what is below 16.
 */
enum lk_ask
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Only a session.
   */
  LK_ASK_NOTHING = 0,
  /**
   * Throw the bolt.
   */
  LK_ASK_LOCK = 1,
  /**
   * Withdraw the bolt.
   */
  LK_ASK_UNLOCK = 2,
  /**
   * Withdraw the bolt, and pull the latch back.
   */
  LK_ASK_UNLATCH = 3,
  /**
   * Withdraw the bolt for somebody who leaves.
   */
  LK_ASK_LOCK_N_GO = 4,
  /**
   * How it stands.
   */
  LK_ASK_STATUS = 5,
  /**
   * What became of a command: of a holder the last one of this visit.
   */
  LK_ASK_OUTCOME = 6,
  /**
   * Withdraw the bolt, and throw it again so many seconds later.
   */
  LK_ASK_UNLOCK_FOR = 16,
  /**
   * Put a mode in force.
   */
  LK_ASK_SET_MODE = 17,
  /**
   * Learn how long the bolt travels.
   */
  LK_ASK_CALIBRATE = 18,
  /**
   * Try motor, sensors, radio and clock.
   */
  LK_ASK_SELF_TEST = 19,
  /**
   * Forget the wrong codes: a lockout ends at once.
   */
  LK_ASK_END_LOCKOUT = 20,
  /**
   * Kill all virtual keys that were issued in an earlier revocation epoch.
   */
  LK_ASK_REVOKE_KEYS = 21,
  /**
   * Kill one virtual key.
   */
  LK_ASK_DENY_KEY = 22,
  /**
   * Set how many seconds after it was withdrawn the bolt is thrown by itself; 0 for never.
   */
  LK_ASK_SET_RELOCK = 23,
  /**
   * Set a PIN code in a slot of the credentials.
   */
  LK_ASK_SET_PIN = 24,
  /**
   * Clear a slot of the credentials.
   */
  LK_ASK_CLEAR_PIN = 25,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_ask lk_ask;
#else
typedef uint8_t lk_ask;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What was heard of a lock.
 */
enum lk_heard
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Nothing: bytes that prove nothing, or that nobody waits for. Go on as before.
   */
  LK_HEARD_NOISE = 0,
  /**
   * The session is open.
   */
  LK_HEARD_OPEN = 1,
  /**
   * What became of a command: `outcome` and `command`.
   */
  LK_HEARD_OUTCOME = 2,
  /**
   * How it stands: `report`.
   */
  LK_HEARD_STATUS = 3,
  /**
   * People should hear about this: `code` is an `lk_alarm`.
   */
  LK_HEARD_ALARM = 4,
  /**
   * The lock does not understand, or does not tell whoever asked.
   */
  LK_HEARD_NOT_UNDERSTOOD = 5,
  /**
   * Something else that is authentic.
   */
  LK_HEARD_OTHER = 6,
  /**
   * What answered is not the lock, or was altered on the way: there is no session. Whether the lock did what was asked is not known.
   */
  LK_HEARD_REFUSED = 7,
  /**
   * The session has ended: connect again.
   */
  LK_HEARD_ENDED = 8,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_heard lk_heard;
#else
typedef uint8_t lk_heard;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What became of a command.
 */
enum lk_outcome
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Begun; a later `LK_HEARD_OUTCOME` says how it ended.
   */
  LK_OUTCOME_STARTED = 0,
  /**
   * Done, on sensor evidence where the bolt was to move.
   */
  LK_OUTCOME_DONE = 1,
  /**
   * Not begun: `code` is the reason, section 7.3 of the protocol.
   */
  LK_OUTCOME_REFUSED = 2,
  /**
   * Begun, and stopped by a jam.
   */
  LK_OUTCOME_JAMMED = 3,
  /**
   * Begun, and the sensor never saw the end.
   */
  LK_OUTCOME_TIMED_OUT = 4,
  /**
   * Begun, and overtaken by a later command or a hand.
   */
  LK_OUTCOME_SUPERSEDED = 5,
  /**
   * Begun before a power cut; never run again.
   */
  LK_OUTCOME_INTERRUPTED = 6,
  /**
   * The lock never began it.
   */
  LK_OUTCOME_NOT_EXECUTED = 7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_outcome lk_outcome;
#else
typedef uint8_t lk_outcome;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a virtual key may allow; their sum is a choice of them.
 */
enum lk_right
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * To throw the bolt.
   */
  LK_RIGHT_LOCK = 1,
  /**
   * To withdraw the bolt.
   */
  LK_RIGHT_UNLOCK = 2,
  /**
   * To pull the latch back; only together with `LK_RIGHT_UNLOCK`.
   */
  LK_RIGHT_UNLATCH = 4,
  /**
   * To be told how it stands.
   */
  LK_RIGHT_STATUS = 8,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_right lk_right;
#else
typedef uint8_t lk_right;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which way a packet goes on.
 */
enum lk_route
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * To the cloud, as it is.
   */
  LK_ROUTE_TO_CLOUD = 0,
  /**
   * To the lock, as it is.
   */
  LK_ROUTE_TO_LOCK = 1,
  /**
   * Nowhere: it was kept for the next handshake, and `lk_relay_take_hello` gives it.
   */
  LK_ROUTE_KEEP_HELLO = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum lk_route lk_route;
#else
typedef uint8_t lk_route;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A cloud's end for one lock: its keys, the numbers that it gives out, and a session. Storage for the caller to declare; what is in it is the
 * library's. Declare it zeroed (`= {0}`, or static), and start it with `lk_cloud_init`.
 *
 * In C there are sessions, sealed messages and the issue of virtual keys. For Rust alone, in lock-core and lock-fleet, are what needs a
 * database or long talks: custody of the root keys, rotation, claims, backups, the verification of logs, firmware updates and the
 * comparison of whole configurations.
 */
typedef struct {
  /**
   * The library's.
   */
  uint64_t opaque[256];
} lk_cloud;

/**
 * The lock that a cloud speaks with.
 */
typedef struct {
  /**
   * Its root key. Erase it afterwards.
   */
  uint8_t root[32];
  /**
   * Its id.
   */
  uint8_t lock_id[16];
  /**
   * The epoch of the root key, from 1.
   */
  uint32_t key_epoch;
  /**
   * An `lk_profile`, as it is registered.
   */
  uint8_t profile;
} lk_cloud_lock;

/**
 * What a virtual key says, or a narrower one for somebody else. Zero it first (`= {0}`): what is 0 is not said.
 */
typedef struct {
  /**
   * Not before this moment, in Unix milliseconds.
   */
  uint64_t not_before_ms;
  /**
   * Not after this moment, in Unix milliseconds.
   */
  uint64_t not_after_ms;
  /**
   * The lock has heard its cloud within so many seconds.
   */
  uint32_t staleness_seconds;
  /**
   * Within a window of each week, by the lock's local clock: the first minute of it, 0 to 1,439.
   */
  uint16_t from_minute;
  /**
   * The first minute after it; at or before `from_minute` it is on the next day.
   */
  uint16_t until_minute;
  /**
   * The days on which the window begins: Sunday is bit 0. 0 for no window; minutes without a day are refused.
   */
  uint8_t days;
  /**
   * A sum of `lk_right`: no others.
   */
  uint8_t rights;
  /**
   * 1 for a key that opens once, for all who were given it; it needs a last moment.
   */
  uint8_t is_single_use;
  /**
   * 1 where `depth` counts; a depth without it is refused.
   */
  uint8_t has_depth;
  /**
   * How often it may be passed on further, 0 to 4.
   */
  uint8_t depth;
} lk_conditions;

/**
 * A virtual key that is issued.
 */
typedef struct {
  /**
   * Its number, from 1: used once for this lock and key epoch, and stored durably before. By it the key can be denied.
   */
  uint64_t serial;
  /**
   * The cloud's clock now, in Unix milliseconds.
   */
  uint64_t issued_ms;
  /**
   * The revocation epoch of the lock, or the one that it is to be told; 0 as made.
   */
  uint32_t epoch;
  /**
   * Random bytes. If the source is broken, nothing is lost.
   */
  uint8_t entropy[32];
  /**
   * What it yields. Without rights it is to lock, to unlock and to be told how the lock stands; without a depth it cannot be passed on.
   */
  lk_conditions conditions;
} lk_new_key;

/**
 * What a cloud asks of a lock. Zero it first (`= {0}`): what `ask` does not name is not looked at.
 */
typedef struct {
  /**
   * Of a command: 0 for a new one; the number that it was given, where it is asked once more: it is not done twice. Of `LK_ASK_OUTCOME`: the command.
   */
  uint64_t command;
  /**
   * Of `LK_ASK_DENY_KEY`: the number of the key.
   */
  uint64_t serial;
  /**
   * Of `LK_ASK_SET_PIN`: the code, 4 to 10 ASCII digits.
   */
  const uint8_t *digits;
  /**
   * How many.
   */
  size_t digits_length;
  /**
   * Of `LK_ASK_REVOKE_KEYS` and `LK_ASK_DENY_KEY`: the revocation epoch.
   */
  uint32_t epoch;
  /**
   * Of a setting: the number of the resulting configuration, which exceeds the lock's.
   */
  uint32_t version;
  /**
   * Of `LK_ASK_UNLOCK_FOR` and `LK_ASK_SET_RELOCK`: how long, in seconds.
   */
  uint32_t seconds;
  /**
   * An `lk_ask`.
   */
  uint8_t ask;
  /**
   * Of `LK_ASK_SET_MODE`: an `lk_mode`.
   */
  uint8_t mode;
  /**
   * Of `LK_ASK_SET_PIN` and `LK_ASK_CLEAR_PIN`: the slot of the credential, from 0.
   */
  uint8_t slot;
} lk_request;

/**
 * When a sealed message counts.
 */
typedef struct {
  /**
   * The cloud's clock when the command was issued, in Unix milliseconds.
   */
  uint64_t issued_ms;
  /**
   * After this moment it must not be done, in Unix milliseconds; 0 where it does not expire.
   */
  uint64_t not_after_ms;
  /**
   * Random bytes. A nonce repeats only where they and the record of the numbers repeat.
   */
  uint8_t random[16];
} lk_sealed_time;

/**
 * The truth about the door. "Locked" is said on the evidence of a sensor alone.
 */
typedef struct {
  /**
   * The number of this boot, from 1; 0 where it was not said.
   */
  uint64_t boot;
  /**
   * The version of the configuration in force; 0 as made.
   */
  uint32_t configuration;
  /**
   * Seconds until codes are accepted again; 0 when they are.
   */
  uint32_t lockout_seconds;
  /**
   * Seconds until the bolt is thrown by itself, where that is planned.
   */
  uint32_t relock_seconds;
  /**
   * 1 where the bolt is to be thrown by itself, else 0.
   */
  uint8_t is_relock_planned;
  /**
   * 1 where the door may be called locked, else 0.
   */
  uint8_t is_locked;
  /**
   * An `lk_bolt`.
   */
  uint8_t bolt;
  /**
   * An `lk_latch`.
   */
  uint8_t latch;
  /**
   * An `lk_door_state`.
   */
  uint8_t door;
  /**
   * What the motor does, an `lk_motion`.
   */
  uint8_t motion;
  /**
   * What is wrong with the mechanism, an `lk_fault`.
   */
  uint8_t fault;
  /**
   * The mode in force, an `lk_mode`.
   */
  uint8_t mode;
} lk_report;

/**
 * What a lock told. What `kind` does not name is 0.
 */
typedef struct {
  /**
   * The lock's clock when it spoke, in milliseconds since its boot.
   */
  uint64_t uptime_ms;
  /**
   * The number of the command.
   */
  uint64_t command;
  /**
   * How it stands.
   */
  lk_report report;
  /**
   * An `lk_heard`.
   */
  uint8_t kind;
  /**
   * An `lk_outcome`.
   */
  uint8_t outcome;
  /**
   * The reason or the alarm.
   */
  uint8_t code;
  /**
   * 1 where the lock had begun the command before, so that the message moved nothing, else 0.
   */
  uint8_t is_repeat;
  /**
   * For a cloud: 1 where the lock has seen numbers that the cloud does not remember giving out, else 0.
   */
  uint8_t was_behind;
} lk_heard_that;

/**
 * What a handshake starts from.
 */
typedef struct {
  /**
   * The lock's hello, as it came. It is answered once.
   */
  const uint8_t *hello;
  /**
   * How many bytes.
   */
  size_t hello_length;
  /**
   * Random bytes. If the source is broken, nonces still never repeat.
   */
  uint8_t entropy[32];
  /**
   * How the link delivers, an `lk_delivery`.
   */
  uint8_t delivery;
} lk_greeting;

/**
 * Finds packets in a byte stream that arrives in pieces. Storage for the caller to declare; what is in it is the
 * library's. Declare it zeroed (`= {0}`, or static), and start it with `lk_deframer_init`.
 */
typedef struct {
  /**
   * The library's.
   */
  uint64_t opaque[68];
} lk_deframer;

/**
 * A smart lock with two links and room for 20 users and 40 credentials. Storage for the caller to declare; what is in it is the
 * library's. Declare it zeroed (`= {0}`, or static), and start it with `lk_device_boot`.
 */
typedef struct {
  /**
   * The library's.
   */
  uint64_t opaque[LK_DEVICE_WORDS];
} lk_device;

/**
 * A record as storage holds it: the newest that was committed under its tag.
 */
typedef struct {
  /**
   * Its bytes.
   */
  const uint8_t *bytes;
  /**
   * How many, at most `LK_RECORD_MAX`.
   */
  size_t length;
  /**
   * Its number, as `lk_output` said. One that this version does not know is not read.
   */
  uint8_t tag;
} lk_record;

/**
 * What the log's flash held at boot.
 */
typedef struct {
  /**
   * The index of the entry to come.
   */
  uint64_t next;
  /**
   * The index of the oldest entry that can be read; `next` where there is none.
   */
  uint64_t first;
  /**
   * Entries below this were acknowledged.
   */
  uint64_t acknowledged;
  /**
   * How many typical entries it holds at least.
   */
  uint32_t capacity;
  /**
   * The secret that is stored with the last entry. Erase it after the boot.
   */
  uint8_t secret[32];
  /**
   * How the payload of the last entry begins; zeros where there is none yet.
   */
  uint8_t last[LK_LOG_BEGINNING];
} lk_start_of_log;

/**
 * What the boot loader says of the firmware that runs.
 */
typedef struct {
  /**
   * The model that it is for, as the maker numbers it.
   */
  uint32_t model;
  /**
   * Its version, as the maker numbers it.
   */
  uint32_t version;
  /**
   * Its rollback index: MCUboot's security counter.
   */
  uint32_t rollback_index;
  /**
   * The longest image that fits in the spare slot, in bytes.
   */
  uint32_t slot_bytes;
  /**
   * What is erased there at once, in bytes: 512 at least, and a multiple of 32.
   */
  uint32_t slot_sector;
  /**
   * An `lk_booted_as`.
   */
  uint8_t booted_as;
} lk_running_firmware;

/**
 * A journal of records in a NOR flash. Storage for the caller to declare; what is in it is the library's. Declare it zeroed (`= {0}`, or
 * static), and start it with `lk_journal_mount`; with `lk_journal_format` at manufacture alone.
 */
typedef struct {
  /**
   * The library's.
   */
  uint64_t opaque[40];
} lk_journal;

/**
 * What a boot starts from. Zero it first (`= {0}`), so that what a later version adds is absent.
 */
typedef struct {
  /**
   * Milliseconds since the chip started; they go on in every call and never back.
   */
  uint64_t now_ms;
  /**
   * All records that storage holds, in any order; null where they are in `journal`.
   */
  const lk_record *records;
  /**
   * How many; 0 where they are in `journal`.
   */
  size_t record_count;
  /**
   * What the log's flash holds; null in a lock that keeps no log.
   */
  const lk_start_of_log *log;
  /**
   * What the boot loader says; null where firmware is not updated through the lock.
   */
  const lk_running_firmware *firmware;
  /**
   * Random bytes. If the source is broken, nonces still never repeat.
   */
  uint8_t entropy[32];
  /**
   * An `lk_boot_reason`.
   */
  uint8_t reason;
  /**
   * The journal that holds the records, mounted: they are read one by one, so that RAM holds one at a time. Null where `records` are
   * given.
   */
  lk_journal *journal;
} lk_boot;

/**
 * An entry of the log, for `LK_TASK_LOG_READ`.
 */
typedef struct {
  /**
   * Its payload.
   */
  const uint8_t *payload;
  /**
   * How many bytes.
   */
  size_t length;
  /**
   * How the payload of the entry before it begins; zeros before the very first.
   */
  uint8_t before[LK_LOG_BEGINNING];
} lk_log_payload;

/**
 * A reading of the power supply.
 */
typedef struct {
  /**
   * Over all cells, in millivolts.
   */
  uint16_t millivolts;
  /**
   * 1 for the lowest of a drive while the motor turned, not while it pushed against a stop; 0 for a reading at rest.
   */
  uint8_t under_load;
  /**
   * 1 where `celsius` was measured, else 0.
   */
  uint8_t has_temperature;
  /**
   * At the cells, in degrees Celsius.
   */
  int8_t celsius;
} lk_power;

/**
 * Something to do, at once and before the next is asked for. What a task does not name is 0.
 */
typedef struct {
  /**
   * Of the log: the entry.
   */
  uint64_t index;
  /**
   * How many bytes of the buffer it is about.
   */
  size_t length;
  /**
   * Names it in the answer, where one is expected.
   */
  uint32_t id;
  /**
   * Of the spare slot: from where on.
   */
  uint32_t offset;
  /**
   * Of the spare slot: how many bytes are to be erased or read.
   */
  uint32_t amount;
  /**
   * What it is about, as `code` says.
   */
  uint32_t argument;
  /**
   * An `lk_task`.
   */
  uint8_t task;
  /**
   * On which link.
   */
  uint8_t link;
  /**
   * Which record.
   */
  uint8_t tag;
  /**
   * Which order, indication, alarm or work.
   */
  uint8_t code;
  /**
   * Of a log's entry to be appended: what its flash keeps beside it until the next entry is there. Erase it afterwards.
   */
  uint8_t secret[32];
  /**
   * Of entries to be freed: how the payload of the last begins.
   */
  uint8_t mac[16];
} lk_todo;

/**
 * How to show and sound an indication.
 */
typedef struct {
  /**
   * How long light and tone are on, in milliseconds.
   */
  uint16_t on_ms;
  /**
   * How long they are off in between, in milliseconds.
   */
  uint16_t off_ms;
  /**
   * How often: 1 to 20.
   */
  uint8_t times;
  /**
   * An `lk_colour`.
   */
  uint8_t colour;
  /**
   * An `lk_tone`.
   */
  uint8_t tone;
} lk_pattern;

/**
 * A virtual key with its holder, and a visit to its lock. Storage for the caller to declare; what is in it is the library's. Declare it
 * zeroed (`= {0}`, or static), and start it with `lk_holder_init` or `lk_holder_load`.
 */
typedef struct {
  /**
   * The library's.
   */
  uint64_t opaque[256];
} lk_holder;

/**
 * What can be read of a virtual key away from its lock.
 */
typedef struct {
  /**
   * Not before this moment, in Unix milliseconds; 0 where no holder said one.
   */
  uint64_t not_before_ms;
  /**
   * Not after this moment, in Unix milliseconds; `LK_NEVER` where no holder said one.
   */
  uint64_t not_after_ms;
  /**
   * The lock that it is for.
   */
  uint8_t lock_id[16];
  /**
   * 1 where its holder's secret is still needed, else 0.
   */
  uint8_t needs_holder;
  /**
   * How often it was narrowed and passed on.
   */
  uint8_t times_narrowed;
  /**
   * The sum of the `lk_right` that all holders left.
   */
  uint8_t rights;
  /**
   * 1 where a holder said a weekly window, else 0.
   */
  uint8_t has_weekly_window;
  /**
   * 1 where a holder said that it opens once, else 0.
   */
  uint8_t is_single_use;
} lk_key_view;

/**
 * One connection between a lock and its cloud, as the phone sees it. Storage for the caller to declare; what is in it is the library's.
 * Declare it zeroed (`= {0}`, or static), and start it with `lk_relay_init`.
 */
typedef struct {
  /**
   * The library's.
   */
  uint64_t opaque[16];
} lk_relay;

/**
 * The driver of a NOR flash, for journal and log. Each function returns 0 when it is done: the cells hold it, and would after a power
 * cut; anything else is a failure. `offset` counts from the start of this region, and all offsets and lengths are multiples of
 * `lk_flash_unit`, those of `erase` of `lk_flash_sector`. An erased byte is 0xFF. No unit is programmed twice between two erases.
 */
typedef struct {
  /**
   * Handed to the functions as it is.
   */
  void *context;
  /**
   * Reads `length` bytes.
   */
  int32_t (*read)(void *context,
                  uint32_t offset,
                  uint8_t *bytes,
                  uint32_t length);
  /**
   * Programs `length` bytes of erased flash.
   */
  int32_t (*program)(void *context,
                     uint32_t offset,
                     const uint8_t *bytes,
                     uint32_t length);
  /**
   * Erases `length` bytes.
   */
  int32_t (*erase)(void *context,
                   uint32_t offset,
                   uint32_t length);
  /**
   * The size of the region, in bytes: 2 to 32 sectors.
   */
  uint32_t bytes;
} lk_flash;

/**
 * A ring of entries in a NOR flash. Storage for the caller to declare; what is in it is the library's. Declare it zeroed (`= {0}`, or
 * static), and start it with `lk_log_mount`; with `lk_log_format` at manufacture alone. A secret that a later one superseded stays until
 * its sector is erased.
 */
typedef struct {
  /**
   * The library's.
   */
  uint64_t opaque[34];
} lk_log;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The size of an `lk_cloud` that the library was built with, in bytes. `lk_cloud_init` compares it too.
 */
LK_MUST_USE
size_t lk_cloud_size(void);

/**
 * Starts a cloud's end for a lock: whatever is in the storage is overwritten. `size` is `sizeof(lk_cloud)`. `record` is what was stored last
 * after `lk_cloud_reserve` for this lock and key epoch; null only for a lock that was never spoken to. There is one end for a lock at a time.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_BAD_LENGTH`, `LK_STATUS_BAD_VALUE`
 * (`key_epoch`, `profile`), `LK_STATUS_ROOT_REFUSED`, `LK_STATUS_PROFILE_NOT_IN_BUILD`, `LK_STATUS_RECORD_DAMAGED` (also of another epoch).
 *
 * Up to the caller:
 * `cloud` must be valid for writes of `size` bytes, `lock` for a read, and `record` null or valid for reads of `record_length` bytes, all
 * outside `cloud`.
 */
LK_MUST_USE
lk_status lk_cloud_init(lk_cloud *cloud,
                        size_t size,
                        const lk_cloud_lock *lock,
                        const uint8_t *record,
                        size_t record_length);

/**
 * Erases the keys of a lock and its session: the storage is as nobody has started it.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
 *
 * Up to the caller:
 * `cloud` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_cloud_forget(lk_cloud *cloud);

/**
 * What is to be stored before the next messages: `record` gets it, of `LK_CLOUD_RECORD` bytes. Store it durably in place of the one before, then call
 * `lk_cloud_reserved` with what was stored; `more` handshakes, commands and sealed messages can follow, 1 to `LK_RESERVE_MAX` each. What was not used
 * is lost with a restart, and nothing else is.
 *
 * `record_length` gets its length; `record_capacity` must be at least `LK_CLOUD_RECORD`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
 * `LK_STATUS_BAD_VALUE`, `LK_STATUS_NUMBERS_EXHAUSTED`.
 *
 * Up to the caller:
 * `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `record` must be valid for writes of
 * `record_capacity` bytes and `record_length` for a write. None of them may overlap another.
 */
LK_MUST_USE
lk_status lk_cloud_reserve(lk_cloud *cloud,
                           uint32_t more,
                           uint8_t *record,
                           size_t record_capacity,
                           size_t *record_length);

/**
 * The record that `lk_cloud_reserve` gave is durable.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
 * `LK_STATUS_RECORD_DAMAGED`, `LK_STATUS_NOT_PENDING` (it was not given).
 *
 * Up to the caller:
 * `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `record` must be valid for reads of
 * `record_length` bytes outside it.
 */
LK_MUST_USE
lk_status lk_cloud_reserved(lk_cloud *cloud,
                            const uint8_t *record,
                            size_t record_length);

/**
 * Issues a virtual key. `secret` is the 32 bytes that its holder has registered, to whom it is bound then: a link that is stolen on its way is worth
 * nothing. Null for a key that whoever has its link can use.
 *
 * `link` gets its link and `link_length` the length, without a zero at the end; `link_capacity` must be at least `LK_LINK_MAX`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
 * `LK_STATUS_BAD_VALUE` (no serial, a single use without a last moment, a depth over 4, the latch without unlocking, no such window).
 *
 * Up to the caller:
 * `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `new_key` must be valid for a read, `secret` null or
 * valid for reads of 32 bytes, `link` valid for writes of `link_capacity` bytes and `link_length` for a write. None of them may overlap
 * another.
 */
LK_MUST_USE
lk_status lk_cloud_issue(lk_cloud *cloud,
                         const lk_new_key *new_key,
                         const uint8_t *secret,
                         uint8_t *link,
                         size_t link_capacity,
                         size_t *link_length);

/**
 * Seals a request for a lock that is not reached now. A number of its own is burned for it, whatever becomes of the packet: reserve with
 * `lk_cloud_reserve`. What the lock says of it comes sealed, too.
 *
 * `packet` gets the packet and `packet_length` its length; `packet_capacity` must be at least `LK_PACKET_MAX`. `command` gets the number of
 * the command, 0 where it is a question.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
 * `LK_STATUS_BAD_LENGTH`, `LK_STATUS_BAD_VALUE`, `LK_STATUS_NOT_RESERVED`.
 *
 * Up to the caller:
 * `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `request` and what it points to and `time` must be
 * valid for reads, `packet` for writes of `packet_capacity` bytes, `packet_length` and `command` for a write. None of them may overlap
 * another.
 */
LK_MUST_USE
lk_status lk_cloud_seal(lk_cloud *cloud,
                        const lk_request *request,
                        const lk_sealed_time *time,
                        uint8_t *packet,
                        size_t packet_capacity,
                        size_t *packet_length,
                        uint64_t *command);

/**
 * Opens a sealed packet of the lock in place. Bytes that prove nothing are `LK_HEARD_NOISE`: that is success, too.
 *
 * `heard` gets what the lock told. Where `was_behind` is 1, the lock says that it has seen numbers which this cloud does not remember giving
 * out, so that it does not take what is sealed: connect, which catches up. Anybody may have played that again; it changes nothing here.
 *
 * `counter` gets the number of the message, from 0; of noise it is no number. Act on each number once for this lock and key epoch, in any
 * order, and store durably which ones you have seen.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
 * `LK_STATUS_UNEXPECTED_PACKET`; the packet is as it was then.
 *
 * Up to the caller:
 * `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `packet` must be valid for reads and writes of
 * `packet_length` bytes, `counter` and `heard` for a write. None of them may overlap another.
 */
LK_MUST_USE
lk_status lk_cloud_open(lk_cloud *cloud,
                        uint8_t *packet,
                        size_t packet_length,
                        uint64_t *counter,
                        lk_heard_that *heard);

/**
 * Whether a hello is of this lock; it says nothing of who sent it now. `is_known` gets 1 or 0.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
 * `LK_STATUS_UNEXPECTED_PACKET`.
 *
 * Up to the caller:
 * `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `hello` must be valid for reads of `hello_length`
 * bytes and `is_known` for a write. None of them may overlap another.
 */
LK_MUST_USE
lk_status lk_cloud_recognises(lk_cloud *cloud,
                              const uint8_t *hello,
                              size_t hello_length,
                              uint8_t *is_known);

/**
 * Answers the hello of the lock with a packet that carries a first request. The session before this one is over. `unix_ms` is the cloud's clock
 * now, which the lock may take as the time; 0 where it is not to be told. Numbers must be reserved: `lk_cloud_reserve`.
 *
 * `packet` gets the packet and `packet_length` its length; `packet_capacity` must be at least `LK_PACKET_MAX`. `command` gets the number of
 * the command, 0 where it is a question.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
 * `LK_STATUS_BAD_LENGTH`, `LK_STATUS_BAD_VALUE`, `LK_STATUS_NOT_RESERVED`, `LK_STATUS_UNEXPECTED_PACKET`, `LK_STATUS_ANOTHER_LOCK`,
 * `LK_STATUS_ANOTHER_PROFILE`, `LK_STATUS_NO_COMMON_VERSION`, `LK_STATUS_OPEN_SESSION_FIRST`.
 *
 * Up to the caller:
 * `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `request` and `greeting` and what they point to must
 * be valid for reads, `packet` for writes of `packet_capacity` bytes, `packet_length` and `command` for a write. None of them may overlap
 * another.
 */
LK_MUST_USE
lk_status lk_cloud_connect(lk_cloud *cloud,
                           const lk_request *request,
                           const lk_greeting *greeting,
                           uint64_t unix_ms,
                           uint8_t *packet,
                           size_t packet_capacity,
                           size_t *packet_length,
                           uint64_t *command);

/**
 * Asks for something more in the session. A command is valid for four seconds. `now_ms` is the caller's own monotonic clock.
 *
 * `packet` gets the packet and `packet_length` its length; `packet_capacity` must be at least `LK_PACKET_MAX`. `command` gets the number of
 * the command, 0 where it is a question.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
 * `LK_STATUS_BAD_LENGTH`, `LK_STATUS_BAD_VALUE`, `LK_STATUS_NOT_RESERVED`, `LK_STATUS_NO_SESSION` (also one that is over: an hour
 * old, or used up).
 *
 * Up to the caller:
 * `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `request` and what it points to must be valid for
 * reads, `packet` for writes of `packet_capacity` bytes, `packet_length` and `command` for a write. None of them may overlap another.
 */
LK_MUST_USE
lk_status lk_cloud_ask(lk_cloud *cloud,
                       const lk_request *request,
                       uint64_t now_ms,
                       uint8_t *packet,
                       size_t packet_capacity,
                       size_t *packet_length,
                       uint64_t *command);

/**
 * A whole packet came from the lock in a handshake or session. It is decrypted in place. Bytes that prove nothing are `LK_HEARD_NOISE`: that is
 * success, too. `now_ms` is the caller's own monotonic clock.
 *
 * `heard` gets what the lock told. Where `was_behind` is 1, the caller's record is older than the truth: reserve and store anew before anything
 * else, and ask again, under new numbers, what was issued and has no outcome yet.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`; the packet is as it
 * was then.
 *
 * Up to the caller:
 * `cloud` must be valid for reads and writes, and be zeroed or started where it lies; `packet` must be valid for reads and writes of
 * `packet_length` bytes and `heard` for a write. None of them may overlap another.
 */
LK_MUST_USE
lk_status lk_cloud_receive(lk_cloud *cloud,
                           uint8_t *packet,
                           size_t packet_length,
                           uint64_t now_ms,
                           lk_heard_that *heard);

/**
 * The session is over: its keys are erased, those of the lock stay.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
 *
 * Up to the caller:
 * `cloud` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_cloud_leave(lk_cloud *cloud);

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
 * The size of an `lk_device` that the library was built with, in bytes. `lk_device_boot` compares it too.
 */
LK_MUST_USE
size_t lk_device_size(void);

/**
 * Boots a lock from what storage holds. Whatever was in `device` is overwritten, and where storage lacks something it is zeroed and no
 * started object any more; arguments that are refused leave it as it was.
 * `size` is `sizeof(lk_device)`, so that a header of another version is noticed before it does harm. What comes first is
 * `lk_device_poll`; the records may go as soon as this returns.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_BAD_LENGTH` (a record),
 * `LK_STATUS_NOT_INITIALISED` (the journal), `LK_STATUS_BAD_VALUE` (`reason`, `booted_as`, a journal and records), and with what storage
 * lacks: `LK_STATUS_NOT_PROVISIONED`, `LK_STATUS_RECORD_DAMAGED`, `LK_STATUS_RECORD_MISSING`, `LK_STATUS_FLASH_FAULT`,
 * `LK_STATUS_BOOTS_EXHAUSTED`, `LK_STATUS_PROFILE_NOT_IN_BUILD`, `LK_STATUS_PART_NOT_IN_BUILD`. Never erase anything to make it boot.
 *
 * Up to the caller:
 * `device` must be valid for writes of `size` bytes; `boot` and all that it points to must be valid for reads, and lie outside
 * `device`.
 */
LK_MUST_USE
lk_status lk_device_boot(lk_device *device,
                         size_t size,
                         const lk_boot *boot);

/**
 * The record, the log's entry or the freeing named `id` is durable: it was written and read back.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_NOT_PENDING`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_device_persisted(lk_device *device,
                              uint32_t id);

/**
 * The record, the log's entry or the freeing named `id` is not durable, or nobody knows; `failure` is an `lk_failure`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`,
 * `LK_STATUS_NOT_PENDING`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_device_persist_failed(lk_device *device,
                                   uint32_t id,
                                   uint8_t failure,
                                   uint64_t now_ms);

/**
 * The entry that was to be read; null where it cannot be.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
 * `LK_STATUS_NOT_PENDING`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies; `entry` must be null or valid for a read, and
 * so must its payload.
 */
LK_MUST_USE
lk_status lk_device_answer_log(lk_device *device,
                               uint32_t id,
                               const lk_log_payload *entry);

/**
 * The answer to work on the spare slot or with the boot loader; `answer` is an `lk_work_answer`, and `bytes` are those that were to be
 * read, of just the amount that was asked; for the others any pointer that is not null, with a length of 0.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
 * `LK_STATUS_BAD_VALUE`, `LK_STATUS_NOT_PENDING` (also for bytes that were not asked for).
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies; `bytes` must be valid for reads of
 * `bytes_length` bytes.
 */
LK_MUST_USE
lk_status lk_device_answer_update(lk_device *device,
                                  uint8_t answer,
                                  const uint8_t *bytes,
                                  size_t bytes_length,
                                  uint64_t now_ms);

/**
 * A link came up. What was on it before is gone. `delivery` is an `lk_delivery`: a property of the link, never the peer's word.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`,
 * `LK_STATUS_NO_SUCH_LINK`, `LK_STATUS_BACKLOG`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_device_link_up(lk_device *device,
                            uint8_t link,
                            uint8_t delivery,
                            uint64_t now_ms);

/**
 * A link is gone.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_NO_SUCH_LINK`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_device_link_down(lk_device *device,
                              uint8_t link,
                              uint64_t now_ms);

/**
 * A whole packet came on a link, unframed and reassembled. It is decrypted in place, and wiped. Bytes that prove nothing change
 * nothing but counts: that is success, too.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
 * `LK_STATUS_NO_SUCH_LINK`, `LK_STATUS_BACKLOG`; the packet is as it was then.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies; `packet` must be valid for reads and writes
 * of `packet_length` bytes outside it.
 */
LK_MUST_USE
lk_status lk_device_receive(lk_device *device,
                            uint8_t link,
                            uint8_t *packet,
                            size_t packet_length,
                            uint64_t now_ms);

/**
 * The bolt sensor's reading, an `lk_bolt`: give each change, and one after boot. Never what the motor was told: what is sensed.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_device_sense_bolt(lk_device *device,
                               uint8_t bolt,
                               uint64_t now_ms);

/**
 * The latch sensor's reading, an `lk_latch`: give each change, and one after boot.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_device_sense_latch(lk_device *device,
                                uint8_t latch,
                                uint64_t now_ms);

/**
 * The door sensor's reading, an `lk_door`: give each change, and one after boot.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_device_sense_door(lk_device *device,
                               uint8_t door,
                               uint64_t now_ms);

/**
 * The motor driver saw a stall, and has stopped.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_device_sense_stall(lk_device *device,
                                uint64_t now_ms);

/**
 * A reading of the power supply: give one at rest now and then, and the lowest of each drive.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE` (neither 0 nor 1),
 * `LK_STATUS_BACKLOG`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies; `power` must be valid for a read.
 */
LK_MUST_USE
lk_status lk_device_sense_power(lk_device *device,
                                const lk_power *power,
                                uint64_t now_ms);

/**
 * A code, token or finger was presented. `credential` is an `lk_credential`: of a keypad `LK_CREDENTIAL_PIN`. `secret` is what was
 * presented: 4 to 10 ASCII digits of a PIN, or nine of an offline code; else the identifier of 1 to 16 bytes. Erase it afterwards.
 * `wish` is an `lk_wish`. What comes of it is an output.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE` (also a secret that is
 * none of its kind), `LK_STATUS_BACKLOG`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies; `secret` must be valid for reads of
 * `secret_length` bytes.
 */
LK_MUST_USE
lk_status lk_device_present(lk_device *device,
                            uint8_t credential,
                            const uint8_t *secret,
                            size_t secret_length,
                            uint8_t wish,
                            uint64_t now_ms);

/**
 * The button outside was pressed: it locks.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BACKLOG`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_device_press_outside(lk_device *device,
                                  uint64_t now_ms);

/**
 * The button inside was pressed; `button` is an `lk_button`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`, `LK_STATUS_BACKLOG`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_device_press_inside(lk_device *device,
                                 uint8_t button,
                                 uint64_t now_ms);

/**
 * The reset button inside was pressed (`is_down` 1) or released (0).
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`, `LK_STATUS_BACKLOG`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_device_press_reset(lk_device *device,
                                uint8_t is_down,
                                uint64_t now_ms);

/**
 * What a firmware may know besides, for alarms and the health report: `what` is an `lk_observed`, `value` as it says there.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`, `LK_STATUS_BACKLOG`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_device_observe(lk_device *device,
                            uint8_t what,
                            int32_t value,
                            uint64_t now_ms);

/**
 * What the log's flash holds, whenever something was given up or freed there: the index of the oldest entry that can be read, the one
 * behind the last that was acknowledged, and how many typical entries it holds. Without a log it says nothing.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_device_log_held(lk_device *device,
                             uint64_t first,
                             uint64_t acknowledged,
                             uint32_t capacity,
                             uint64_t now_ms);

/**
 * Fresh random bytes, 32 of them; give some when the source has them.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies; `entropy` must be valid for reads of 32 bytes.
 */
LK_MUST_USE
lk_status lk_device_stir(lk_device *device,
                         const uint8_t *entropy,
                         uint64_t now_ms);

/**
 * Time passed: the moment that `lk_device_timeout` said has come.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_device_tick(lk_device *device,
                         uint64_t now_ms);

/**
 * The next thing to do. `todo` gets what, and `buffer` its bytes where it has any: a record, a packet, an entry or a piece of an image, of
 * `todo.length` bytes. Where there is nothing to do, or a record waits for its answer, `todo.task` is `LK_TASK_NONE`. Call it until then
 * after each input and each answer. `buffer_capacity` must be at least `LK_PACKET_MAX`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`, and nothing is taken
 * from the device then.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies; `buffer` must be valid for writes of
 * `buffer_capacity` bytes and `todo` for a write. None of them may overlap another.
 */
LK_MUST_USE
lk_status lk_device_poll(lk_device *device,
                         uint64_t now_ms,
                         uint8_t *buffer,
                         size_t buffer_capacity,
                         lk_todo *todo);

/**
 * The pattern for an indication, told apart by colour, by rhythm and by tone. `is_quiet` 1 silences all but the siren.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_BAD_VALUE`.
 *
 * Up to the caller:
 * `pattern` must be valid for a write.
 */
LK_MUST_USE
lk_status lk_indication_pattern(uint8_t indication,
                                uint8_t is_quiet,
                                lk_pattern *pattern);

/**
 * How the lock stands now.
 *
 * `report` gets it.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies; `report` must be valid for a write.
 */
LK_MUST_USE
lk_status lk_device_report(lk_device *device,
                           uint64_t now_ms,
                           lk_report *report);

/**
 * When to call `lk_device_tick` at the latest; `at_ms` gets it, and `LK_NEVER` where nothing is planned.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
 *
 * Up to the caller:
 * `device` must be valid for reads and writes, and be zeroed or started where it lies; `at_ms` must be valid for a write.
 */
LK_MUST_USE
lk_status lk_device_timeout(lk_device *device,
                            uint64_t *at_ms);

/**
 * What the library erases at once, in bytes: `LK_FLASH_SECTOR` of the environment when it was built, else 8,192.
 */
LK_MUST_USE
uint32_t lk_flash_sector(void);

/**
 * What the library programs at once, in bytes: `LK_FLASH_UNIT` of the environment when it was built, else 8.
 */
LK_MUST_USE
uint32_t lk_flash_unit(void);

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
 * The size of an `lk_holder` that the library was built with, in bytes. `lk_holder_init` compares it too.
 */
LK_MUST_USE
size_t lk_holder_size(void);

/**
 * Starts a holder with a virtual key as it was passed on: whatever is in the storage is overwritten. `size` is `sizeof(lk_holder)`, so that
 * a header of another version is noticed before it does harm. `link` is the text, in any case, with spaces and line ends anywhere; it is
 * the key itself: erase it. `secret` is the 32 bytes that the holder has registered with the cloud, and null where there are none. `stored` is the
 * number that was stored last after `lk_holder_reserve` for this key, and 0 for a key that was never used.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_BAD_LENGTH`, `LK_STATUS_NOT_A_LINK`,
 * `LK_STATUS_KEY_DAMAGED`, `LK_STATUS_KEY_NEWER`.
 *
 * Up to the caller:
 * `holder` must be valid for writes of `size` bytes, `link` for reads of `link_length` bytes, and `secret` null or valid for reads of 32
 * bytes, both outside `holder`.
 */
LK_MUST_USE
lk_status lk_holder_init(lk_holder *holder,
                         size_t size,
                         const uint8_t *link,
                         size_t link_length,
                         const uint8_t *secret,
                         uint64_t stored);

/**
 * The same with what `lk_holder_save` wrote.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_BAD_LENGTH`, `LK_STATUS_KEY_DAMAGED`,
 * `LK_STATUS_KEY_NEWER`.
 *
 * Up to the caller:
 * `holder` must be valid for writes of `size` bytes, `record` for reads of `record_length` bytes, and `secret` null or valid for reads of
 * 32 bytes, both outside `holder`.
 */
LK_MUST_USE
lk_status lk_holder_load(lk_holder *holder,
                         size_t size,
                         const uint8_t *record,
                         size_t record_length,
                         const uint8_t *secret,
                         uint64_t stored);

/**
 * Erases a key and the visit to its lock: the storage is as nobody has started it.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
 *
 * Up to the caller:
 * `holder` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_holder_forget(lk_holder *holder);

/**
 * Writes the key for `lk_holder_load`: a key that is bound and was started with its holder's secret can be used without it from then on.
 * It is the key itself: store it where nobody else reads, and erase your copy.
 *
 * `record` gets it and `record_length` its length; `record_capacity` must be at least `LK_KEY_MAX`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`.
 *
 * Up to the caller:
 * `holder` must be valid for reads and writes, and be zeroed or started where it lies; `record` must be valid for writes of
 * `record_capacity` bytes and `record_length` for a write. None of them may overlap another.
 */
LK_MUST_USE
lk_status lk_holder_save(lk_holder *holder,
                         uint8_t *record,
                         size_t record_capacity,
                         size_t *record_length);

/**
 * What is to be stored before the next handshakes: `number` gets it. Store it so that it survives a power cut, read it back, then call
 * `lk_holder_reserved` with it; `more` handshakes can follow, 1 to `LK_RESERVE_MAX`. What was not used is lost with a restart, and nothing else is.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_VALUE`,
 * `LK_STATUS_NUMBERS_EXHAUSTED`.
 *
 * Up to the caller:
 * `holder` must be valid for reads and writes, and be zeroed or started where it lies; `number` must be valid for a write.
 */
LK_MUST_USE
lk_status lk_holder_reserve(lk_holder *holder,
                            uint32_t more,
                            uint64_t *number);

/**
 * The number that `lk_holder_reserve` gave is durable.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_NOT_PENDING` (it was not given).
 *
 * Up to the caller:
 * `holder` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_holder_reserved(lk_holder *holder,
                             uint64_t number);

/**
 * What can be read of a key: for which lock it is, and what its holders said when they passed it on. What the cloud allows is sealed for the lock:
 * a key may allow less than this says, and never more.
 *
 * `view` gets it.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
 *
 * Up to the caller:
 * `holder` must be valid for reads and writes, and be zeroed or started where it lies; `view` must be valid for a write.
 */
LK_MUST_USE
lk_status lk_holder_view(lk_holder *holder,
                         lk_key_view *view);

/**
 * Whether a hello is of the key's lock; it says nothing of who sent it now. `is_known` gets 1 or 0.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
 * `LK_STATUS_UNEXPECTED_PACKET`.
 *
 * Up to the caller:
 * `holder` must be valid for reads and writes, and be zeroed or started where it lies; `hello` must be valid for reads of `hello_length`
 * bytes and `is_known` for a write. None of them may overlap another.
 */
LK_MUST_USE
lk_status lk_holder_recognises(lk_holder *holder,
                               const uint8_t *hello,
                               size_t hello_length,
                               uint8_t *is_known);

/**
 * Answers the hello of the lock with the packet that proves the key and asks for something: `ask` is an `lk_ask` below 16. The visit before
 * this one is over. What the lock answers goes to `lk_holder_receive`; a lock that does not take the key is silent. A number must be
 * reserved: `lk_holder_reserve`. Uses about 4 KiB of stack on a Cortex-M0.
 *
 * `packet` gets the packet and `packet_length` its length; `packet_capacity` must be at least `LK_PACKET_MAX`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
 * `LK_STATUS_BAD_LENGTH`, `LK_STATUS_BAD_VALUE`, `LK_STATUS_NOT_PENDING` (an outcome is asked for, and there was no command),
 * `LK_STATUS_HOLDER_NEEDED`, `LK_STATUS_NOT_RESERVED`, `LK_STATUS_UNEXPECTED_PACKET`, `LK_STATUS_ANOTHER_LOCK`,
 * `LK_STATUS_ANOTHER_PROFILE`, `LK_STATUS_NO_COMMON_VERSION`, `LK_STATUS_PROFILE_NOT_IN_BUILD`.
 *
 * Up to the caller:
 * `holder` must be valid for reads and writes, and be zeroed or started where it lies; `greeting` and its hello must be valid for reads,
 * `packet` for writes of `packet_capacity` bytes and `packet_length` for a write. None of them may overlap another.
 */
LK_MUST_USE
lk_status lk_holder_connect(lk_holder *holder,
                            uint8_t ask,
                            const lk_greeting *greeting,
                            uint8_t *packet,
                            size_t packet_capacity,
                            size_t *packet_length);

/**
 * Asks for something more in the session: `ask` is an `lk_ask` below 16. `now_ms` is the holder's own monotonic clock.
 *
 * `packet` gets the packet and `packet_length` its length; `packet_capacity` must be at least `LK_PACKET_MAX`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
 * `LK_STATUS_BAD_VALUE`, `LK_STATUS_NOT_PENDING` (an outcome is asked for, and there was no command), `LK_STATUS_NO_SESSION` (also one that is over: an hour
 * old, or used up).
 *
 * Up to the caller:
 * `holder` must be valid for reads and writes, and be zeroed or started where it lies; `packet` must be valid for writes of
 * `packet_capacity` bytes and `packet_length` for a write. None of them may overlap another.
 */
LK_MUST_USE
lk_status lk_holder_ask(lk_holder *holder,
                        uint8_t ask,
                        uint64_t now_ms,
                        uint8_t *packet,
                        size_t packet_capacity,
                        size_t *packet_length);

/**
 * A whole packet came from the lock, unframed and reassembled. It is decrypted in place. Bytes that prove nothing are `LK_HEARD_NOISE`: that
 * is success, too. `now_ms` is the holder's own monotonic clock.
 *
 * `heard` gets what the lock told.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`; the packet is as it
 * was then.
 *
 * Up to the caller:
 * `holder` must be valid for reads and writes, and be zeroed or started where it lies; `packet` must be valid for reads and writes of
 * `packet_length` bytes and `heard` for a write. None of them may overlap another.
 */
LK_MUST_USE
lk_status lk_holder_receive(lk_holder *holder,
                            uint8_t *packet,
                            size_t packet_length,
                            uint64_t now_ms,
                            lk_heard_that *heard);

/**
 * The visit is over: its session and its keys are erased, the virtual key stays.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
 *
 * Up to the caller:
 * `holder` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_holder_leave(lk_holder *holder);

/**
 * The link of the key as it was passed on, to be kept as text. It is the key itself: erase it.
 *
 * `link` gets it and `link_length` its length, without a zero at the end; `link_capacity` must be at least `LK_LINK_MAX`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`.
 *
 * Up to the caller:
 * `holder` must be valid for reads and writes, and be zeroed or started where it lies; `link` must be valid for writes of
 * `link_capacity` bytes and `link_length` for a write. None of them may overlap another.
 */
LK_MUST_USE
lk_status lk_holder_link(lk_holder *holder,
                         uint8_t *link,
                         size_t link_capacity,
                         size_t *link_length);

/**
 * Makes a narrower key for somebody else, without asking anybody: it can never do more than this one, and never be widened again. Whoever
 * has its link has it. A lock refuses one that was passed on more often than the key allows: that is sealed and not known here.
 *
 * `link` gets its link and `link_length` the length, without a zero at the end; `link_capacity` must be at least `LK_LINK_MAX`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
 * `LK_STATUS_BAD_VALUE`, `LK_STATUS_HOLDER_NEEDED`, `LK_STATUS_TOO_DEEP`, `LK_STATUS_NOTHING_NARROWED`.
 *
 * Up to the caller:
 * `holder` must be valid for reads and writes, and be zeroed or started where it lies; `conditions` must be valid for a read, `link` for
 * writes of `link_capacity` bytes and `link_length` for a write. None of them may overlap another.
 */
LK_MUST_USE
lk_status lk_holder_narrow(lk_holder *holder,
                           const lk_conditions *conditions,
                           uint8_t *link,
                           size_t link_capacity,
                           size_t *link_length);

/**
 * The size of an `lk_relay` that the library was built with, in bytes. `lk_relay_init` compares it too.
 */
LK_MUST_USE
size_t lk_relay_size(void);

/**
 * Starts a connection on which nothing was said yet: whatever is in the storage is overwritten. `size` is `sizeof(lk_relay)`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`.
 *
 * Up to the caller:
 * `relay` must be valid for writes of `size` bytes.
 */
LK_MUST_USE
lk_status lk_relay_init(lk_relay *relay,
                        size_t size);

/**
 * A packet came from the lock; `route` gets where it goes on, an `lk_route`. `now_ms` is the phone's own monotonic clock.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
 * `LK_STATUS_UNEXPECTED_PACKET` (only a cloud sends it), and with the `LK_STATUS_PACKET_` ones: drop it then.
 *
 * Up to the caller:
 * `relay` must be valid for reads and writes, and be zeroed or started where it lies; `packet` must be valid for reads of
 * `packet_length` bytes and `route` for a write. None of them may overlap another.
 */
LK_MUST_USE
lk_status lk_relay_from_lock(lk_relay *relay,
                             const uint8_t *packet,
                             size_t packet_length,
                             uint64_t now_ms,
                             uint8_t *route);

/**
 * A packet came from the cloud; `route` gets where it goes on, an `lk_route`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
 * `LK_STATUS_UNEXPECTED_PACKET` (only a lock sends it), and with the `LK_STATUS_PACKET_` ones: drop it then.
 *
 * Up to the caller:
 * `relay` must be valid for reads and writes, and be zeroed or started where it lies; `packet` must be valid for reads of
 * `packet_length` bytes and `route` for a write. None of them may overlap another.
 */
LK_MUST_USE
lk_status lk_relay_from_cloud(lk_relay *relay,
                              const uint8_t *packet,
                              size_t packet_length,
                              uint8_t *route);

/**
 * Takes the lock's hello for a handshake, once: the cloud gets it with the request.
 *
 * `hello` gets it and `hello_length` its length, or 0 where none came, it was used, or it is too old: send what `lk_packet_hello_request`
 * writes then, and wait for the next. `hello_capacity` must be at least `LK_HELLO`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`.
 *
 * Up to the caller:
 * `relay` must be valid for reads and writes, and be zeroed or started where it lies; `hello` must be valid for writes of
 * `hello_capacity` bytes and `hello_length` for a write. None of them may overlap another.
 */
LK_MUST_USE
lk_status lk_relay_take_hello(lk_relay *relay,
                              uint64_t now_ms,
                              uint8_t *hello,
                              size_t hello_capacity,
                              size_t *hello_length);

/**
 * The size of an `lk_journal` that the library was built with, in bytes.
 */
LK_MUST_USE
size_t lk_journal_size(void);

/**
 * Erases the whole flash and starts an empty journal. For manufacture alone: never call it because something does not mount.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_FLASH_UNSUITED`,
 * `LK_STATUS_FLASH_FAULT`.
 *
 * Up to the caller:
 * `journal` must be valid for writes of `size` bytes, and `flash` for a read; its functions must do what is said there for as long as
 * the journal is used.
 */
LK_MUST_USE
lk_status lk_journal_format(lk_journal *journal,
                            size_t size,
                            const lk_flash *flash);

/**
 * Finds the newest committed record of each tag. Writes nothing. Then do `lk_journal_work` while `lk_journal_needs_work` says so, and boot
 * from what `lk_journal_read` finds. A secret that was replaced before a power cut and lies there still is such work.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_FLASH_UNSUITED`,
 * `LK_STATUS_FLASH_BLANK`, `LK_STATUS_FLASH_DAMAGED`, `LK_STATUS_FLASH_FAULT`.
 *
 * Up to the caller:
 * As of `lk_journal_format`.
 */
LK_MUST_USE
lk_status lk_journal_mount(lk_journal *journal,
                           size_t size,
                           const lk_flash *flash);

/**
 * Whether the records of a lock with all its tables full fit in one sector: `has_room` gets 1 or 0. Ask at manufacture; one in which they
 * do not fit refuses orders one day.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
 *
 * Up to the caller:
 * `journal` must be valid for reads and writes, and be zeroed or started where it lies; `has_room` must be valid for a write.
 */
LK_MUST_USE
lk_status lk_journal_has_room(lk_journal *journal,
                              uint8_t *has_room);

/**
 * The newest committed record of a tag: `record` gets it and `record_length` its length. `record_capacity` must be at least
 * `LK_RECORD_MAX`. Ask for each tag below `LK_RECORD_TAGS` at boot.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
 * `LK_STATUS_NOT_FOUND` (never written), `LK_STATUS_BAD_VALUE` (no tag), `LK_STATUS_FLASH_DAMAGED`, `LK_STATUS_FLASH_FAULT`.
 *
 * Up to the caller:
 * `journal` must be valid for reads and writes, and be zeroed or started where it lies; `record` must be valid for writes of
 * `record_capacity` bytes and `record_length` for a write.
 */
LK_MUST_USE
lk_status lk_journal_read(lk_journal *journal,
                          uint8_t tag,
                          uint8_t *record,
                          size_t record_capacity,
                          size_t *record_length);

/**
 * Makes a record the newest of its tag: programs it, reads it back and compares before it returns. It never erases. What was replaced of
 * a secret is wanted gone, and idle work does that. For `LK_TASK_PERSIST`: answer `LK_STATUS_OK` with `lk_device_persisted`,
 * `LK_STATUS_FLASH_BUSY` with `LK_FAILURE_BUSY`, anything else with `LK_FAILURE_FAULT`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
 * `LK_STATUS_BAD_VALUE` (no tag), `LK_STATUS_FLASH_BUSY`, `LK_STATUS_FLASH_FULL`, `LK_STATUS_FLASH_DAMAGED`, `LK_STATUS_FLASH_FAULT`.
 *
 * Up to the caller:
 * `journal` must be valid for reads and writes, and be zeroed or started where it lies; `record` must be valid for reads of
 * `record_length` bytes.
 */
LK_MUST_USE
lk_status lk_journal_append(lk_journal *journal,
                            uint8_t tag,
                            const uint8_t *record,
                            size_t record_length);

/**
 * Whether there is idle work: `needs_work` gets 1 or 0.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
 *
 * Up to the caller:
 * `journal` must be valid for reads and writes, and be zeroed or started where it lies; `needs_work` must be valid for a write.
 */
LK_MUST_USE
lk_status lk_journal_needs_work(lk_journal *journal,
                                uint8_t *needs_work);

/**
 * Erases or moves at most one sector. Call it when nobody waits at the door: an erase stops many chips for tens of milliseconds.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_FLASH_DAMAGED`,
 * `LK_STATUS_FLASH_FAULT`: no record is lost, and calling again retries.
 *
 * Up to the caller:
 * `journal` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_journal_work(lk_journal *journal);

/**
 * The size of an `lk_log` that the library was built with, in bytes.
 */
LK_MUST_USE
size_t lk_log_size(void);

/**
 * Erases the whole flash and starts an empty log with the 32 bytes that `lk_provision_log` gave. For manufacture alone.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_FLASH_UNSUITED`,
 * `LK_STATUS_FLASH_FAULT`.
 *
 * Up to the caller:
 * `log` must be valid for writes of `size` bytes, `flash` for a read and `secret` for reads of 32 bytes; the functions of `flash` must do
 * what is said there for as long as the log is used.
 */
LK_MUST_USE
lk_status lk_log_format(lk_log *log,
                        size_t size,
                        const lk_flash *flash,
                        const uint8_t *secret);

/**
 * Finds the entries. Writes nothing. Where it fails, boot without a log: the lock works on, and its health says so.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_SIZE_MISMATCH`, `LK_STATUS_FLASH_UNSUITED`,
 * `LK_STATUS_FLASH_BLANK`, `LK_STATUS_FLASH_DAMAGED`, `LK_STATUS_FLASH_FAULT`.
 *
 * Up to the caller:
 * `log` must be valid for writes of `size` bytes and `flash` for a read; its functions must do what is said there for as long as the log
 * is used.
 */
LK_MUST_USE
lk_status lk_log_mount(lk_log *log,
                       size_t size,
                       const lk_flash *flash);

/**
 * What `lk_boot.log` points to: `start` gets it. Erase its secret after the boot. Ask again after idle work for what `lk_device_log_held`
 * is to be told.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_FLASH_DAMAGED`,
 * `LK_STATUS_FLASH_FAULT`.
 *
 * Up to the caller:
 * `log` must be valid for reads and writes, and be zeroed or started where it lies; `start` must be valid for a write.
 */
LK_MUST_USE
lk_status lk_log_start(lk_log *log,
                       lk_start_of_log *start);

/**
 * Appends an entry, for `LK_TASK_LOG_APPEND`: `payload` is the buffer, `secret` the 32 bytes of the `lk_todo`. Answer as for
 * `lk_journal_append`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BAD_LENGTH`,
 * `LK_STATUS_FLASH_BUSY`, `LK_STATUS_FLASH_FAULT`.
 *
 * Up to the caller:
 * `log` must be valid for reads and writes, and be zeroed or started where it lies; `secret` must be valid for reads of 32 bytes, and
 * `payload` of `payload_length`.
 */
LK_MUST_USE
lk_status lk_log_append(lk_log *log,
                        const uint8_t *secret,
                        const uint8_t *payload,
                        size_t payload_length);

/**
 * Reads an entry, for `LK_TASK_LOG_READ`: `payload` gets it, `payload_length` its length, and `before` the `LK_LOG_BEGINNING` bytes with
 * which the entry before it begins. `payload_capacity` must be at least `LK_LOG_ENTRY_MAX`. Where it fails, answer with a null
 * `lk_log_payload`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_BUFFER_TOO_SHORT`,
 * `LK_STATUS_NOT_FOUND`, `LK_STATUS_FLASH_DAMAGED`, `LK_STATUS_FLASH_FAULT`.
 *
 * Up to the caller:
 * `log` must be valid for reads and writes, and be zeroed or started where it lies; `payload` must be valid for writes of
 * `payload_capacity` bytes, `payload_length` for a write, `before` for writes of `LK_LOG_BEGINNING` bytes.
 */
LK_MUST_USE
lk_status lk_log_read(lk_log *log,
                      uint64_t index,
                      uint8_t *payload,
                      size_t payload_capacity,
                      size_t *payload_length,
                      uint8_t *before);

/**
 * Frees the entries up to one for overwriting, for `LK_TASK_LOG_ACKNOWLEDGE`: `mac` is the 16 bytes of the `lk_todo`. Answer
 * `LK_STATUS_MISMATCH` with `LK_FAILURE_MISMATCH`, and else as for `lk_journal_append`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_MISMATCH`,
 * `LK_STATUS_FLASH_BUSY`, `LK_STATUS_FLASH_FAULT`.
 *
 * Up to the caller:
 * `log` must be valid for reads and writes, and be zeroed or started where it lies; `mac` must be valid for reads of 16 bytes.
 */
LK_MUST_USE
lk_status lk_log_acknowledge(lk_log *log,
                             uint64_t index,
                             const uint8_t *mac);

/**
 * Whether there is idle work: `needs_work` gets 1 or 0.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`.
 *
 * Up to the caller:
 * `log` must be valid for reads and writes, and be zeroed or started where it lies; `needs_work` must be valid for a write.
 */
LK_MUST_USE
lk_status lk_log_needs_work(lk_log *log,
                            uint8_t *needs_work);

/**
 * Erases at most one sector. Then tell the device what is held: `lk_log_start`, `lk_device_log_held`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_NOT_INITIALISED`, `LK_STATUS_FLASH_DAMAGED`,
 * `LK_STATUS_FLASH_FAULT`: no entry is lost, and calling again retries.
 *
 * Up to the caller:
 * `log` must be valid for reads and writes, and be zeroed or started where it lies.
 */
LK_MUST_USE
lk_status lk_log_work(lk_log *log);

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
 * Writes the packet that asks a lock for a fresh hello: 2 bytes. A lock greets by itself when a link comes up; ask where it does not.
 *
 * `packet` gets the packet and `packet_length` its length; `packet_capacity` must be at least 2.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED`, `LK_STATUS_BUFFER_TOO_SHORT`.
 *
 * Up to the caller:
 * `packet` must be valid for writes of `packet_capacity` bytes and `packet_length` for a write.
 */
LK_MUST_USE
lk_status lk_packet_hello_request(uint8_t *packet,
                                  size_t packet_capacity,
                                  size_t *packet_length);

/**
 * Makes the record of the keys of a lock that has an owner from manufacture on: store it as `LK_TAG_KEYS`, and erase your copy.
 * `root` is 32 bytes of a good random source, registered at the cloud and kept nowhere else; `lock_id` is 16 bytes; `entropy` is 32 other
 * random bytes. `profile` is an `lk_profile`, registered so at the cloud too.
 *
 * `record` gets the record and `record_length` its length; `record_capacity` must be at least `LK_RECORD_MAX`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED` (`record_length`), `LK_STATUS_BUFFER_TOO_SHORT`, `LK_STATUS_BAD_VALUE`,
 * `LK_STATUS_ROOT_REFUSED`, `LK_STATUS_PROFILE_NOT_IN_BUILD`.
 *
 * Up to the caller:
 * `root` and `entropy` must be valid for reads of 32 bytes, `lock_id` of 16; `record` must be valid for writes of `record_capacity` bytes,
 * and `record_length` for a write.
 */
LK_MUST_USE
lk_status lk_provision_owned(const uint8_t *root,
                             const uint8_t *lock_id,
                             const uint8_t *entropy,
                             uint8_t profile,
                             uint8_t *record,
                             size_t record_capacity,
                             size_t *record_length);

/**
 * The first secret of the log of such a lock, 32 bytes: format the log's flash with it, and erase your copy. A lock without a log needs
 * none.
 *
 * `secret` gets it; `secret_capacity` must be at least 32.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_BUFFER_TOO_SHORT`, `LK_STATUS_ROOT_REFUSED`.
 *
 * Up to the caller:
 * `root` must be valid for reads of 32 bytes, `lock_id` of 16, `secret` for writes of `secret_capacity` bytes.
 */
LK_MUST_USE
lk_status lk_provision_log(const uint8_t *root,
                           const uint8_t *lock_id,
                           uint8_t *secret,
                           size_t secret_capacity);

/**
 * Makes the record that lets a lock change its owner: store it as `LK_TAG_CLAIM`, and erase your copy. `code` is the 16 bytes that the label
 * carries, `maker_secret` the 32 bytes that the maker has registered for this lock.
 *
 * `record` gets the record and `record_length` its length; `record_capacity` must be at least `LK_RECORD_MAX`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED` (`record_length`), `LK_STATUS_BUFFER_TOO_SHORT`,
 * `LK_STATUS_PROFILE_NOT_IN_BUILD`, `LK_STATUS_PART_NOT_IN_BUILD`.
 *
 * Up to the caller:
 * `code` and `lock_id` must be valid for reads of 16 bytes, `maker_secret` of 32; `record` must be valid for writes of `record_capacity`
 * bytes, and `record_length` for a write.
 */
LK_MUST_USE
lk_status lk_provision_claim(const uint8_t *code,
                             const uint8_t *maker_secret,
                             const uint8_t *lock_id,
                             uint8_t *record,
                             size_t record_capacity,
                             size_t *record_length);

/**
 * Makes the record of the keys of a lock that is made without an owner, beside that of `lk_provision_claim`: store it as `LK_TAG_KEYS`,
 * and erase your copy. `entropy` is 32 random bytes.
 *
 * `record` gets the record and `record_length` its length; `record_capacity` must be at least `LK_RECORD_MAX`.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_MISALIGNED` (`record_length`), `LK_STATUS_BUFFER_TOO_SHORT`,
 * `LK_STATUS_PROFILE_NOT_IN_BUILD`, `LK_STATUS_PART_NOT_IN_BUILD`.
 *
 * Up to the caller:
 * `code` and `lock_id` must be valid for reads of 16 bytes, `maker_secret` and `entropy` of 32; `record` must be valid for writes of
 * `record_capacity` bytes, and `record_length` for a write.
 */
LK_MUST_USE
lk_status lk_provision_unowned(const uint8_t *code,
                               const uint8_t *maker_secret,
                               const uint8_t *lock_id,
                               const uint8_t *entropy,
                               uint8_t *record,
                               size_t record_capacity,
                               size_t *record_length);

/**
 * The first secret of the log of such a lock, 32 bytes: format the log's flash with it, and erase your copy. Nobody is told what is written
 * under it: each claim begins the log of an owner. A lock without a log needs none.
 *
 * `secret` gets it; `secret_capacity` must be at least 32.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_BUFFER_TOO_SHORT`.
 *
 * Up to the caller:
 * `code` and `lock_id` must be valid for reads of 16 bytes, `maker_secret` of 32; `secret` must be valid for writes of `secret_capacity`
 * bytes.
 */
LK_MUST_USE
lk_status lk_provision_unowned_log(const uint8_t *code,
                                   const uint8_t *maker_secret,
                                   const uint8_t *lock_id,
                                   uint8_t *secret,
                                   size_t secret_capacity);

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

/**
 * Zeroes `length` bytes that held a secret, such as a record of keys. A compiler may leave out a `memset` of memory that is not read again; this
 * it cannot.
 *
 * Fails with `LK_STATUS_NULL_POINTER`, `LK_STATUS_BAD_LENGTH`.
 *
 * Up to the caller:
 * `bytes` must be valid for writes of `length` bytes, and hold no started object: that has a function to end it, or is started anew.
 */
LK_MUST_USE
lk_status lk_wipe(void *bytes,
                  size_t length);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* LK_LOCK_H */
