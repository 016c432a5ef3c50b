/* Linux evdev key codes <-> QEMU's key numbers (qnum: XT set 1, 0xe0-prefixed keys with bit 7 set).
 * Source: keycodemapdb. */
#ifndef KEYS_QNUM_H
#define KEYS_QNUM_H

#include <stdint.h>

uint32_t qnum_from_evdev(uint32_t evdev); /* 0: QEMU has no such key */
uint32_t evdev_from_qnum(uint32_t qnum); /* 0: no such key */

#endif
