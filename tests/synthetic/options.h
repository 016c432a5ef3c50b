/* How the synthetic guest behaves: "key=value,key=value", from the environment variable
 * SYNTHETIC_GUEST and from `-synthetic` among QEMU's arguments, which win. */
#ifndef TESTS_SYNTHETIC_OPTIONS_H
#define TESTS_SYNTHETIC_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/synthetic/pattern.h"

#define SYNTHETIC_HEADS_MAX 8
#define SYNTHETIC_MODES_MAX 8

struct synthetic_mode {
	uint32_t width, height; /* px */
};

struct options {
	struct pattern pattern; /* pattern=solid|gradient|counter|rect|full|band, color=RRGGBB */
	unsigned int fps; /* fps=N; 0: nothing changes */
	/* mode=WxH, or several as WxH+WxH+…, of which the next one is taken after mode-every=N
	 * pictures. */
	struct synthetic_mode modes[SYNTHETIC_MODES_MAX];
	int mode_count;
	unsigned int mode_every;
	int heads; /* heads=N */
	enum { SYNTHETIC_MAP, SYNTHETIC_BYTES, SYNTHETIC_DMABUF } path; /* path=map|bytes|dmabuf */
	bool cursor; /* cursor=on: define a cursor and move it with every picture */
	bool relative; /* mouse=relative */
	bool follow; /* follow=on: take any size that SetUIInfo asks for */
	bool stubborn; /* powerdown=ignore */
	char *record; /* record=PATH: input is written there, a line an event */
	char *bad; /* bad=NAME: break the rules (bad.h) */
	int display_fd; /* display-fd=N: a Display1 connection to serve, without QMP */
	/* From QEMU's own arguments. */
	char *name, *uuid;
	char *qmp_path; /* of a socket to listen on */
	int qmp_fd; /* listening or connected; -1 */
};

/* False after a message on standard error. QEMU's arguments that mean nothing here are skipped. */
bool options_parse(struct options *options, int argc, char **argv);
void options_finish(struct options *options);

#endif
