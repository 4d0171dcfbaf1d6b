/* Measures an operation: how much stack it takes, by painting, and how many instructions, by the plugin of the emulator (../count.c). */
#ifndef METER_H
#define METER_H

#include <stdint.h>

/* The name of what nobody asks for. */
#define METER_NOTHING "-"

/* Starts, also where it goes on with an operation after a pause. The stack is counted from the caller's frame on. */
void meter_start(void);

/* Stops or pauses. */
void meter_stop(void);

/* The operation is over: its name and the bytes of stack go out on the serial port, its instructions into the plugin's file. */
void meter_tell(const char *name);

/* A line for whoever reads the serial port. */
void meter_say(const char *name, uint32_t number);

#endif
