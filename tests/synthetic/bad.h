/* A Display1 server that breaks the rules, each time in one way that has a name. It describes one
 * console correctly (unless that is what it gets wrong) and misbehaves to its listener. */
#ifndef TESTS_SYNTHETIC_BAD_H
#define TESTS_SYNTHETIC_BAD_H

#include <systemd/sd-event.h>

struct bad;

/* Takes fd. Exits with a message if there is no such behaviour. */
struct bad *bad_create(sd_event *event, int fd, const char *name);
void bad_destroy(struct bad *bad); /* NULL is legal */

#endif
