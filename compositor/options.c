#include "compositor/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compositor/layout.h"
#include "compositor/version.h"
#include "vm-display/frame.h"

static const char usage[] =
	"usage: mullion [OPTION]... [GUEST.ini]...\n"
	"\n"
	"Shows virtual machines and Wayland windows on shared screens.\n"
	"\n"
	"  -b, --backend KIND      auto, headless, wayland, x11 or drm (default: auto)\n"
	"  -c, --config FILE       instead of $XDG_CONFIG_HOME/mullion/config.ini\n"
	"  -d, --debug             log more\n"
	"  -e, --exec COMMAND      run when the Wayland socket is there\n"
	"  -f, --fresh             don't restore the last layout\n"
	"  -l, --layout NAME       grid, single or free\n"
	"  -n, --no-autostart      don't start guests\n"
	"  -o, --output [NAME=]WxH a headless screen (or the nested window) of this size\n"
	"  -r, --renderer NAME     auto, pixman or gles2 (default: auto)\n"
	"  -h, --help\n"
	"  -v, --version\n"
	"\n"
	"See mullion(1), mullion-config(5), mullion-guest(5) and mullionctl(1).\n";

static const struct option long_options[] = {
	{"backend", required_argument, NULL, 'b'},
	{"config", required_argument, NULL, 'c'},
	{"debug", no_argument, NULL, 'd'},
	{"exec", required_argument, NULL, 'e'},
	{"fresh", no_argument, NULL, 'f'},
	{"layout", required_argument, NULL, 'l'},
	{"no-autostart", no_argument, NULL, 'n'},
	{"output", required_argument, NULL, 'o'},
	{"renderer", required_argument, NULL, 'r'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'v'},
	{0},
};

static bool is_one_of(const char *value, const char *const *words) {
	for (; *words; words++) {
		if (strcmp(value, *words) == 0) {
			return true;
		}
	}
	return false;
}

static bool add_output(struct options *options, const char *text) {
	if (options->output_count == OPTIONS_OUTPUTS_MAX) {
		fprintf(stderr, "mullion: at most %d outputs\n", OPTIONS_OUTPUTS_MAX);
		return false;
	}
	struct output_option *output = &options->outputs[options->output_count];
	const char *equals = strchr(text, '=');
	size_t name_len = equals ? (size_t)(equals - text) : 0;
	int end = 0;
	const char *size = equals ? equals + 1 : text;
	if (name_len >= sizeof(output->name) ||
		sscanf(size, "%dx%d%n", &output->width, &output->height, &end) != 2 || size[end] ||
		output->width < 1 || output->height < 1 || output->width > FRAME_SIDE_MAX ||
		output->height > FRAME_SIDE_MAX) {
		fprintf(stderr, "mullion: --output %s: expected [NAME=]WIDTHxHEIGHT, up to %dx%d\n",
			text, FRAME_SIDE_MAX, FRAME_SIDE_MAX);
		return false;
	}
	memcpy(output->name, text, name_len);
	output->name[name_len] = '\0';
	options->output_count++;
	return true;
}

static bool check_choice(const char *option, const char *value, const char *const *words) {
	if (is_one_of(value, words)) {
		return true;
	}
	fprintf(stderr, "mullion: --%s %s: expected one of", option, value);
	for (; *words; words++) {
		fprintf(stderr, " %s", *words);
	}
	fprintf(stderr, "\n");
	return false;
}

static bool apply_option(struct options *options, int letter, const char *value) {
	static const char *const backends[] = {"auto", "headless", "wayland", "x11", "drm", NULL};
	static const char *const renderers[] = {"auto", "pixman", "gles2", NULL};
	static const char *const layouts[] = {"grid", "single", "free", NULL};
	switch (letter) {
	case 'b':
		options->backend = value;
		return check_choice("backend", value, backends);
	case 'c':
		options->config = value;
		return true;
	case 'd':
		options->debug = true;
		return true;
	case 'e':
		options->exec = value;
		return true;
	case 'f':
		options->fresh = true;
		return true;
	case 'l':
		options->layout = value;
		return check_choice("layout", value, layouts);
	case 'n':
		options->no_autostart = true;
		return true;
	case 'o':
		return add_output(options, value);
	case 'r':
		options->renderer = value;
		return check_choice("renderer", value, renderers);
	}
	return false;
}

bool options_parse(struct options *options, int argc, char **argv, int *status) {
	*options = (struct options){.backend = "auto", .renderer = "auto"};
	int letter;
	while ((letter = getopt_long(argc, argv, "b:c:de:fl:no:r:hv", long_options, NULL)) != -1) {
		if (letter == 'h' || letter == 'v') {
			fputs(letter == 'h' ? usage : "mullion " MULLION_VERSION "\n", stdout);
			*status = EXIT_SUCCESS;
			return false;
		}
		if (letter == '?' || !apply_option(options, letter, optarg)) {
			fputs("Try 'mullion --help'.\n", stderr);
			*status = 2;
			return false;
		}
	}
	options->guests = argv + optind;
	return true;
}
