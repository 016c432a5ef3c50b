/* A set of evdev key codes. */
#ifndef INPUT_KEY_SET_H
#define INPUT_KEY_SET_H

#include <linux/input-event-codes.h>
#include <stdbool.h>
#include <stdint.h>

struct key_set {
	uint8_t bits[(KEY_CNT + 7) / 8];
};

static inline bool key_set_has(const struct key_set *set, uint32_t key) {
	return key < KEY_CNT && (set->bits[key / 8] & (1u << (key % 8)));
}

/* These return whether the set changed. */
static inline bool key_set_add(struct key_set *set, uint32_t key) {
	bool changed = key < KEY_CNT && !key_set_has(set, key);
	if (changed) {
		set->bits[key / 8] |= 1u << (key % 8);
	}
	return changed;
}

static inline bool key_set_remove(struct key_set *set, uint32_t key) {
	bool changed = key_set_has(set, key);
	if (changed) {
		set->bits[key / 8] &= ~(1u << (key % 8));
	}
	return changed;
}

#endif
