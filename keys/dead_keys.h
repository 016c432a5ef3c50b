/* Which dead key and which letter make an accented character. */
#ifndef KEYS_DEAD_KEYS_H
#define KEYS_DEAD_KEYS_H

#include <stdbool.h>
#include <stdint.h>

struct dead_key {
	uint32_t dead_keysym; /* XKB_KEY_dead_* */
	uint32_t base; /* Unicode code point typed after it */
};

/* The n-th way to this character; false if there is none. */
bool dead_key_find(uint32_t code_point, unsigned int n, struct dead_key *way);

#endif
