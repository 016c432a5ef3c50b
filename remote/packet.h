/* Packets of one size between a listener and its sessions, over a socketpair of type
 * SOCK_SEQPACKET; a file descriptor may come along. Neither end blocks. */
#ifndef REMOTE_PACKET_H
#define REMOTE_PACKET_H

#include <stdbool.h>
#include <stddef.h>

/* Doesn't take `passed`, which is -1 for none. False if the peer is gone or doesn't read. */
bool packet_send(int channel, const void *bytes, size_t size, int passed);

enum packet_result { PACKET_READ, PACKET_NONE, PACKET_ENDED };
/* *passed is the fd that came along, the caller's, or -1. PACKET_ENDED: the peer is gone, or sent a
 * packet of another size, or more than one fd; none of these stays open. */
enum packet_result packet_receive(int channel, void *bytes, size_t size, int *passed);

#endif
