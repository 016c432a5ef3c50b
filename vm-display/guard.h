/* Survives memory that vanishes: a peer can shrink a file under our mapping, and the next access
 * raises SIGBUS. The handler maps zero pages over the faulting registered range and chains to the
 * handler that was there before (libwayland's) for every other address. */
#ifndef VM_DISPLAY_GUARD_H
#define VM_DISPLAY_GUARD_H

#include <stddef.h>

#define GUARD_RANGES_MAX 1024

/* Installs the handler; call it after libwayland has installed its own (after the first
 * wl_shm_buffer access, or in any case again later: it is idempotent and re-chains). */
void guard_install(void);

/* Up to GUARD_RANGES_MAX ranges, of pages that may be read only; frame.c registers what it maps.
 * Returns a handle, or -1. */
int guard_add(void *address, size_t size);
void guard_remove(int handle);

#endif
