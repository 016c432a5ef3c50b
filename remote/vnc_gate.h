/* Remembers from which addresses wrong passwords came: every answer to such an address, right or
 * wrong, takes longer, so that guessing is slow even over many connections. */
#ifndef REMOTE_VNC_GATE_H
#define REMOTE_VNC_GATE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define VNC_GATE_ADDRESSES_MAX 256 /* the one that was quiet for longest is forgotten first */
#define VNC_GATE_DELAY_MAX ((uint64_t)5000000) /* us */
#define VNC_GATE_MEMORY ((uint64_t)60000000) /* us after the last failure */

struct vnc_gate {
	struct {
		struct in6_addr address;
		unsigned int failures; /* 0: free */
		uint64_t last; /* us, monotonic */
	} entries[VNC_GATE_ADDRESSES_MAX];
};

/* How long, in us, an answer to this address is to be held back. */
uint64_t vnc_gate_delay(const struct vnc_gate *gate, const struct in6_addr *address, uint64_t now);
void vnc_gate_failed(struct vnc_gate *gate, const struct in6_addr *address, uint64_t now);
void vnc_gate_passed(struct vnc_gate *gate, const struct in6_addr *address);

/* IPv4 addresses in their mapped form; false for other families. */
struct sockaddr_storage;
bool vnc_address_from_socket(struct in6_addr *address, const struct sockaddr_storage *from);
bool vnc_address_is_loopback(const struct in6_addr *address);

#endif
