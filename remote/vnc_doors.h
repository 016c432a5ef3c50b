/* All doors of a server. */
#ifndef REMOTE_VNC_DOORS_H
#define REMOTE_VNC_DOORS_H

#include <stddef.h>

#include "remote/vnc_door.h"

struct vnc_options;

struct vnc_doors {
	struct vnc_door list[VNC_DOORS_MAX];
	size_t count;
};

/* Those of the options and those that systemd opened; a default one if there is none. False after a
 * log line. */
bool vnc_doors_init(struct vnc_doors *doors, const struct vnc_options *options);
void vnc_doors_finish(struct vnc_doors *doors);
bool vnc_doors_are_local(const struct vnc_doors *doors);

#endif
