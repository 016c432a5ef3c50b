/* Remembers from which addresses wrong passwords came: every answer to such an address, right or
 * wrong, takes longer, so that guessing is slow even over many connections, and after many it is
 * banned for a while. IPv6 addresses of one network (/64) are one. */
#ifndef REMOTE_VNC_GATE_H
#define REMOTE_VNC_GATE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define VNC_GATE_ADDRESSES_MAX 256 /* the one that was quiet for longest is forgotten first */
#define VNC_GATE_DELAY_MAX ((uint64_t)5000000) /* us */
#define VNC_GATE_MEMORY ((uint64_t)60000000) /* us after the last failure */
#define VNC_GATE_FAILURES_MAX 12 /* within that memory; then the address is banned */
#define VNC_GATE_BAN_MINUTES 10

struct vnc_gate {
	struct {
		struct in6_addr address;
		unsigned int failures; /* since the last right password */
		unsigned int total; /* 0: free */
		uint64_t last; /* us, monotonic */
		uint64_t banned_until; /* us, monotonic; 0: it isn't */
	} entries[VNC_GATE_ADDRESSES_MAX];
};

/* How long, in us, an answer to this address is to be held back. */
uint64_t vnc_gate_delay(const struct vnc_gate *gate, const struct in6_addr *address, uint64_t now);
/* True if that bans the address; a unix socket (all zero) never is. */
bool vnc_gate_failed(struct vnc_gate *gate, const struct in6_addr *address, uint64_t now);
void vnc_gate_passed(struct vnc_gate *gate, const struct in6_addr *address);
/* Is it banned, so that not even its connections are taken? */
bool vnc_gate_is_shut(const struct vnc_gate *gate, const struct in6_addr *address, uint64_t now);

/* Or of one network, if they are of IPv6. */
bool vnc_address_is_same(const struct in6_addr *a, const struct in6_addr *b);

/* IPv4 addresses in their mapped form; false for other families. */
struct sockaddr_storage;
bool vnc_address_from_socket(struct in6_addr *address, const struct sockaddr_storage *from);
bool vnc_address_is_loopback(const struct in6_addr *address);

#endif
