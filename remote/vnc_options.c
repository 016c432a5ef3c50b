#include "remote/vnc_options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "remote/vnc_gate.h"
#include "util/mem.h"

#define HEAD_MAX 15

static const char usage[] =
	"Usage: mullion-vnc [OPTION]...\n"
	"Serves the screen of a running mullion to VNC clients.\n"
	"\n"
	"  -o, --output=NAME         serve this output instead of the whole desktop\n"
	"  -g, --guest=NAME[:HEAD]   serve this guest\n"
	"  -b, --bind=ADDRESS        listen there (default 127.0.0.1; loopback only)\n"
	"  -p, --port=PORT           listen on this port (default: the first free one from 5900)\n"
	"      --password-file=FILE  (default $XDG_RUNTIME_DIR/mullion/vnc-password, made at\n"
	"                            the first start)\n"
	"      --no-password         let everybody in who can reach the port\n"
	"      --view-only           clients can't type or point\n"
	"      --resize              clients may change the size of what they see\n"
	"  -l, --layout=LAYOUT       keyboard layout of what is served, as XKB names it\n"
	"                            (default: the guest's, else us)\n"
	"  -v, --verbose             say more\n"
	"  -h, --help                show this text\n"
	"      --version             show the version\n";

enum {
	OPTION_PASSWORD_FILE = 256,
	OPTION_NO_PASSWORD,
	OPTION_VIEW_ONLY,
	OPTION_RESIZE,
	OPTION_VERSION
};

static const struct option long_options[] = {
	{"output", required_argument, NULL, 'o'},
	{"guest", required_argument, NULL, 'g'},
	{"bind", required_argument, NULL, 'b'},
	{"port", required_argument, NULL, 'p'},
	{"password-file", required_argument, NULL, OPTION_PASSWORD_FILE},
	{"no-password", no_argument, NULL, OPTION_NO_PASSWORD},
	{"view-only", no_argument, NULL, OPTION_VIEW_ONLY},
	{"resize", no_argument, NULL, OPTION_RESIZE},
	{"layout", required_argument, NULL, 'l'},
	{"verbose", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, OPTION_VERSION},
	{NULL, 0, NULL, 0},
};

static bool parse_number(const char *text, long max, long *number) {
	char *rest;
	errno = 0;
	*number = strtol(text, &rest, 10);
	return errno == 0 && rest != text && *rest == '\0' && *number >= 0 && *number <= max;
}

static void replace(char **member, char *text) {
	free(*member);
	*member = text;
}

static bool set_target(struct vnc_options *options, const char *kind, const char *name) {
	if (strcmp(options->target, "desktop") != 0) {
		fputs("mullion-vnc: --output and --guest: only one of them, once\n", stderr);
		return false;
	}
	if (name[0] == '\0') {
		fprintf(stderr, "mullion-vnc: --%s: the name is empty\n", kind);
		return false;
	}
	replace(&options->target, xasprintf("%s:%s", kind, name));
	replace(&options->name, xasprintf("%s - mullion", name));
	return true;
}

static bool set_guest(struct vnc_options *options, char *text) {
	char *colon = strrchr(text, ':');
	long head = 0;
	if (colon) {
		*colon = '\0';
		if (!parse_number(colon + 1, HEAD_MAX, &head)) {
			fprintf(stderr, "mullion-vnc: --guest: \"%s\" is no head (0 to %d)\n",
				colon + 1, HEAD_MAX);
			return false;
		}
	}
	options->head = head;
	return set_target(options, "guest", text);
}

static bool set_port(struct vnc_options *options, const char *text) {
	long port;
	if (!parse_number(text, 65535, &port)) {
		fprintf(stderr, "mullion-vnc: --port: \"%s\" is no port (0 to 65535)\n", text);
		return false;
	}
	options->port = port;
	return true;
}

static bool set_address(struct vnc_options *options, const char *text) {
	struct sockaddr_in *v4 = (struct sockaddr_in *)&options->address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&options->address;
	struct in6_addr address;
	options->address = (struct sockaddr_storage){0};
	text = strcmp(text, "localhost") == 0 ? "127.0.0.1" : text;
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		options->address_size = sizeof(*v4);
	} else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		options->address_size = sizeof(*v6);
	} else {
		fprintf(stderr, "mullion-vnc: --bind: \"%s\" is no IP address\n", text);
		return false;
	}
	if (!vnc_address_from_socket(&address, &options->address) ||
		!vnc_address_is_loopback(&address)) {
		fprintf(stderr,
			"mullion-vnc: --bind: %s isn't a loopback address, and what goes over the "
			"network isn't encrypted yet (use an ssh tunnel)\n",
			text);
		return false;
	}
	return true;
}

static bool apply(struct vnc_options *options, int option, char *argument) {
	switch (option) {
	case 'o':
		return set_target(options, "output", argument);
	case 'g':
		return set_guest(options, argument);
	case 'b':
		return set_address(options, argument);
	case 'p':
		return set_port(options, argument);
	case OPTION_PASSWORD_FILE:
		replace(&options->password_file, xstrdup(argument));
		return true;
	case 'l':
		replace(&options->layout, xstrdup(argument));
		return true;
	case OPTION_NO_PASSWORD:
		options->password = false;
		return true;
	case OPTION_VIEW_ONLY:
		options->view_only = true;
		return true;
	case OPTION_RESIZE:
		options->resize = true;
		return true;
	case 'v':
		options->verbose = true;
		return true;
	default:
		return false; /* getopt_long has said so */
	}
}

static void set_defaults(struct vnc_options *options) {
	*options = (struct vnc_options){.port = -1, .password = true};
	options->target = xstrdup("desktop");
	options->name = xstrdup("mullion");
	set_address(options, "127.0.0.1");
}

enum vnc_options_result vnc_options_parse(struct vnc_options *options, int argc, char *argv[]) {
	int option;
	set_defaults(options);
	while ((option = getopt_long(argc, argv, "o:g:b:p:l:vh", long_options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			return VNC_OPTIONS_DONE;
		}
		if (option == OPTION_VERSION) {
			puts("mullion-vnc " MULLION_VERSION);
			return VNC_OPTIONS_DONE;
		}
		if (!apply(options, option, optarg)) {
			return VNC_OPTIONS_WRONG;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "mullion-vnc: \"%s\": no arguments but options\n", argv[optind]);
		return VNC_OPTIONS_WRONG;
	}
	if (!options->password && options->password_file) {
		fputs("mullion-vnc: --password-file and --no-password: only one of them\n", stderr);
		return VNC_OPTIONS_WRONG;
	}
	return VNC_OPTIONS_RUN;
}

void vnc_options_finish(struct vnc_options *options) {
	free(options->target);
	free(options->name);
	free(options->password_file);
	free(options->layout);
	*options = (struct vnc_options){0};
}
