/* What a session shows. */
#ifndef REMOTE_VNC_TARGET_H
#define REMOTE_VNC_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#define VNC_TARGET_MAX 160 /* bytes */
#define VNC_HEAD_MAX 15

struct vnc_target {
	char path[VNC_TARGET_MAX + 1]; /* as OpenDisplay has it */
	uint32_t head;
};

/* "desktop", "output:NAME" or "guest:NAME[:HEAD]". NULL, or what is wrong with it. */
const char *vnc_target_parse(struct vnc_target *target, const char *text);
/* What clients see as the desktop's name; the caller's. */
char *vnc_target_title(const struct vnc_target *target);

#endif
