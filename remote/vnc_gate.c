#include "remote/vnc_gate.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#define FIRST_DELAY ((uint64_t)1000000) /* us; doubles */
#define MINUTE ((uint64_t)60000000) /* us */

/* Whoever has one IPv6 address has the whole network of it. */
static struct in6_addr key_of(const struct in6_addr *address) {
	struct in6_addr key = *address;
	if (!IN6_IS_ADDR_V4MAPPED(address) && !IN6_IS_ADDR_LOOPBACK(address)) {
		memset(&key.s6_addr[8], 0, 8);
	}
	return key;
}

bool vnc_address_is_same(const struct in6_addr *a, const struct in6_addr *b) {
	struct in6_addr keys[2] = {key_of(a), key_of(b)};
	return memcmp(&keys[0], &keys[1], sizeof(keys[0])) == 0;
}

static int find(const struct vnc_gate *gate, const struct in6_addr *address) {
	struct in6_addr key = key_of(address);
	for (int i = 0; i < VNC_GATE_ADDRESSES_MAX; i++) {
		if (gate->entries[i].total > 0 &&
			memcmp(&gate->entries[i].address, &key, sizeof(key)) == 0) {
			return i;
		}
	}
	return -1;
}

uint64_t vnc_gate_delay(const struct vnc_gate *gate, const struct in6_addr *address, uint64_t now) {
	int i = find(gate, address);
	if (i < 0 || gate->entries[i].failures == 0 ||
		now > gate->entries[i].last + VNC_GATE_MEMORY) {
		return 0;
	}
	uint64_t delay = FIRST_DELAY;
	for (unsigned int n = 1; n < gate->entries[i].failures && delay < VNC_GATE_DELAY_MAX; n++) {
		delay *= 2;
	}
	return delay < VNC_GATE_DELAY_MAX ? delay : VNC_GATE_DELAY_MAX;
}

static int free_entry(const struct vnc_gate *gate) {
	int oldest = 0;
	for (int i = 0; i < VNC_GATE_ADDRESSES_MAX; i++) {
		if (gate->entries[i].total == 0) {
			return i;
		}
		if (gate->entries[i].last < gate->entries[oldest].last) {
			oldest = i;
		}
	}
	return oldest;
}

bool vnc_gate_failed(struct vnc_gate *gate, const struct in6_addr *address, uint64_t now) {
	int i = find(gate, address);
	if (i < 0 || now > gate->entries[i].last + VNC_GATE_MEMORY) {
		i = i < 0 ? free_entry(gate) : i;
		gate->entries[i].address = key_of(address);
		gate->entries[i].failures = gate->entries[i].total = 0;
		gate->entries[i].banned_until = 0;
	}
	gate->entries[i].failures++;
	gate->entries[i].total++;
	gate->entries[i].last = now;
	if (gate->entries[i].total < VNC_GATE_FAILURES_MAX || now < gate->entries[i].banned_until ||
		IN6_IS_ADDR_UNSPECIFIED(address)) {
		return false;
	}
	gate->entries[i].banned_until = now + VNC_GATE_BAN_MINUTES * MINUTE;
	return true;
}

bool vnc_gate_is_shut(const struct vnc_gate *gate, const struct in6_addr *address, uint64_t now) {
	int i = find(gate, address);
	return i >= 0 && now < gate->entries[i].banned_until;
}

void vnc_gate_passed(struct vnc_gate *gate, const struct in6_addr *address) {
	int i = find(gate, address);
	if (i >= 0) {
		gate->entries[i].failures = 0; /* who has one account may be guessing at others */
	}
}

bool vnc_address_from_socket(struct in6_addr *address, const struct sockaddr_storage *from) {
	*address = (struct in6_addr){0};
	if (from->ss_family == AF_INET6) {
		*address = ((const struct sockaddr_in6 *)from)->sin6_addr;
		return true;
	}
	if (from->ss_family != AF_INET) {
		return false;
	}
	address->s6_addr[10] = 0xff;
	address->s6_addr[11] = 0xff;
	memcpy(&address->s6_addr[12], &((const struct sockaddr_in *)from)->sin_addr, 4);
	return true;
}

bool vnc_address_is_loopback(const struct in6_addr *address) {
	return IN6_IS_ADDR_LOOPBACK(address) ||
		(IN6_IS_ADDR_V4MAPPED(address) && address->s6_addr[12] == 127);
}
