/* What the command line of `mullion` asks for. */
#ifndef COMPOSITOR_OPTIONS_H
#define COMPOSITOR_OPTIONS_H

#include <stdbool.h>

#define OPTIONS_OUTPUTS_MAX 16

struct output_option {
	char name[32]; /* "": named by us */
	int width, height; /* px */
};

struct options { /* strings belong to argv */
	const char *config; /* NULL: the user's, if there is one */
	const char *backend; /* auto, headless, wayland, x11, drm */
	const char *renderer; /* auto, pixman, gles2 */
	const char *layout; /* NULL: the configuration's */
	const char *exec; /* command line for sh -c once the socket is there, or NULL */
	struct output_option outputs[OPTIONS_OUTPUTS_MAX];
	int output_count;
	char **guests; /* paths, NULL-terminated; points into argv */
	bool no_autostart, fresh, debug;
};

/* False with *status set when the program is to end now (help, version, a mistake). */
bool options_parse(struct options *options, int argc, char **argv, int *status);

#endif
