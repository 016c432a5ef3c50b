/* The end of a listener's connection that we gave up: whether the peer lets go of it too. */
#ifndef VM_DISPLAY_PARTING_H
#define VM_DISPLAY_PARTING_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#define PARTING_MAX 3000000 /* us */

struct parting;

/* Hangs up on `fd`, which it takes, and calls back once: the peer closed its end, or didn't within
 * PARTING_MAX. The callee may destroy it. NULL after a log line. */
struct parting *parting_create(
	sd_event *event, int fd, void (*done)(bool let_go, void *data), void *data);
void parting_destroy(struct parting *parting); /* NULL is legal */

#endif
