#include "remote/vnc_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

static const char usage[] =
	"Usage: mullion-vnc [OPTION]...\n"
	"Serves the screen of a running mullion to VNC clients.\n"
	"\n"
	"  -t, --target=TARGET       desktop (the default), output:NAME or guest:NAME[:HEAD]\n"
	"  -o, --output=NAME         short for --target=output:NAME\n"
	"  -g, --guest=NAME[:HEAD]   short for --target=guest:NAME[:HEAD]\n"
	"      --listen=ADDRESS[:PORT], --listen=unix:PATH\n"
	"                            listen there (default 127.0.0.1); may stand several times;\n"
	"                            without PORT on the first free one from 5900\n"
	"      --web-listen=ADDRESS[:PORT], --web-listen=unix:PATH\n"
	"                            likewise, for browsers; without PORT on the first free one\n"
	"                            from 6080\n"
	"  -p, --port=PORT           short for --listen=127.0.0.1:PORT\n"
	"      --users[=FILE]        clients log in over TLS, as one of the users in FILE "
	"(default\n"
	"                            $XDG_CONFIG_HOME/mullion/users.ini); always so when an\n"
	"                            address isn't a loopback one\n"
	"      --tls-cert=FILE, --tls-key=FILE\n"
	"                            (default: $XDG_CONFIG_HOME/mullion/tls/{cert,key}.pem, made\n"
	"                            at the first start)\n"
	"      --x509-vnc            with users: clients may use a VNC password in TLS, too\n"
	"      --password-file=FILE  without users: the VNC password (default\n"
	"                            $XDG_RUNTIME_DIR/mullion/vnc-password, made at the first\n"
	"                            start)\n"
	"      --no-password         without users: let everybody in who can reach the port\n"
	"      --view-only           clients can't type or point\n"
	"      --resize              clients may change the size of what they see\n"
	"  -l, --layout=LAYOUT       keyboard layout of what is served, as XKB names it\n"
	"                            (default: the guest's, else us)\n"
	"      --server-name=NAME    what mullion calls this server\n"
	"  -v, --verbose             say more\n"
	"  -h, --help                show this text\n"
	"      --version             show the version\n";

enum {
	OPTION_LISTEN = 256,
	OPTION_WEB_LISTEN,
	OPTION_USERS,
	OPTION_TLS_CERT,
	OPTION_TLS_KEY,
	OPTION_X509_VNC,
	OPTION_PASSWORD_FILE,
	OPTION_NO_PASSWORD,
	OPTION_VIEW_ONLY,
	OPTION_RESIZE,
	OPTION_SERVER_NAME,
	OPTION_VERSION
};

static const struct option long_options[] = {
	{"target", required_argument, NULL, 't'},
	{"output", required_argument, NULL, 'o'},
	{"guest", required_argument, NULL, 'g'},
	{"listen", required_argument, NULL, OPTION_LISTEN},
	{"web-listen", required_argument, NULL, OPTION_WEB_LISTEN},
	{"port", required_argument, NULL, 'p'},
	{"users", optional_argument, NULL, OPTION_USERS},
	{"tls-cert", required_argument, NULL, OPTION_TLS_CERT},
	{"tls-key", required_argument, NULL, OPTION_TLS_KEY},
	{"x509-vnc", optional_argument, NULL, OPTION_X509_VNC},
	{"password-file", required_argument, NULL, OPTION_PASSWORD_FILE},
	{"no-password", optional_argument, NULL, OPTION_NO_PASSWORD},
	{"view-only", optional_argument, NULL, OPTION_VIEW_ONLY},
	{"resize", optional_argument, NULL, OPTION_RESIZE},
	{"layout", required_argument, NULL, 'l'},
	{"server-name", required_argument, NULL, OPTION_SERVER_NAME},
	{"verbose", optional_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, OPTION_VERSION},
	{NULL, 0, NULL, 0},
};

static void replace(char **member, const char *text) {
	free(*member);
	*member = xstrdup(text);
}

static bool complain(const char *option, const char *value, const char *wrong) {
	fprintf(stderr, "mullion-vnc: --%s: \"%s\": %s\n", option, value, wrong);
	return false;
}

static bool set_target(struct vnc_options *options, const char *kind, const char *value) {
	if (options->target_given) {
		return complain("target", value, "a second target");
	}
	char *text = xasprintf("%s%s", kind, value);
	const char *wrong = vnc_target_parse(&options->target, text);
	free(text);
	options->target_given = true;
	return wrong ? complain("target", value, wrong) : true;
}

static bool add_address(struct vnc_options *options, const char *option, const char *value) {
	bool port = strcmp(option, "port") == 0;
	if (options->listen_count == VNC_DOORS_MAX) {
		return complain(option, value, "too many addresses");
	}
	char *text = port ? xasprintf("127.0.0.1:%s", value) : xstrdup(value);
	struct vnc_door_address *address = &options->listen[options->listen_count++];
	const char *wrong = vnc_door_parse(address, text);
	address->kind = strcmp(option, "web-listen") == 0 ? VNC_DOOR_WEB : VNC_DOOR_RFB;
	free(text);
	return wrong ? complain(option, value, wrong) : true;
}

/* Without a value, as on a command line, it is set; mullion's configuration says yes or no. */
static bool set_flag(bool *flag, const char *option, const char *value) {
	if (!value || strcmp(value, "yes") == 0 || strcmp(value, "true") == 0) {
		*flag = true;
	} else if (strcmp(value, "no") == 0 || strcmp(value, "false") == 0) {
		*flag = false;
	} else {
		return complain(option, value, "expected yes or no");
	}
	return true;
}

/* A file's name, or yes or no. */
static bool set_users(struct vnc_options *options, const char *value) {
	if (value && strchr(value, '/')) {
		replace(&options->users_file, value);
		options->users = true;
		return true;
	}
	return set_flag(&options->users, "users", value);
}

static bool apply_flag(struct vnc_options *options, int option, const char *value) {
	switch (option) {
	case OPTION_X509_VNC:
		return set_flag(&options->x509_vnc, "x509-vnc", value);
	case OPTION_NO_PASSWORD:
		return set_flag(&options->no_password, "no-password", value);
	case OPTION_VIEW_ONLY:
		return set_flag(&options->view_only, "view-only", value);
	case OPTION_RESIZE:
		return set_flag(&options->resize, "resize", value);
	case 'v':
		return set_flag(&options->verbose, "verbose", value);
	default:
		return false; /* getopt_long has said so */
	}
}

static bool apply(struct vnc_options *options, int option, const char *value) {
	switch (option) {
	case 't':
		return set_target(options, "", value);
	case 'o':
		return set_target(options, "output:", value);
	case 'g':
		return set_target(options, "guest:", value);
	case OPTION_LISTEN:
		return add_address(options, "listen", value);
	case OPTION_WEB_LISTEN:
		return add_address(options, "web-listen", value);
	case 'p':
		return add_address(options, "port", value);
	case OPTION_USERS:
		return set_users(options, value);
	case OPTION_TLS_CERT:
		replace(&options->tls_certificate, value);
		return true;
	case OPTION_TLS_KEY:
		replace(&options->tls_key, value);
		return true;
	case OPTION_PASSWORD_FILE:
		replace(&options->password_file, value);
		return true;
	case OPTION_SERVER_NAME:
		replace(&options->server_name, value);
		return true;
	case 'l':
		replace(&options->layout, value);
		return true;
	default:
		return apply_flag(options, option, value);
	}
}

static bool check(const struct vnc_options *options) {
	const char *wrong = NULL;
	if (options->no_password && options->password_file) {
		wrong = "--password-file and --no-password: only one of them";
	} else if (!options->tls_certificate != !options->tls_key) {
		wrong = "--tls-cert and --tls-key: both of them or none";
	} else if (options->users && (options->no_password || options->password_file)) {
		wrong = "--users: no --no-password or --password-file beside it";
	}
	if (wrong) {
		fprintf(stderr, "mullion-vnc: %s\n", wrong);
	}
	return !wrong;
}

static void set_defaults(struct vnc_options *options) {
	*options = (struct vnc_options){.server_name = xstrdup("")};
	vnc_target_parse(&options->target, "desktop");
}

enum vnc_options_result vnc_options_parse(struct vnc_options *options, int argc, char *argv[]) {
	int option;
	set_defaults(options);
	while ((option = getopt_long(argc, argv, "t:o:g:p:l:vh", long_options, NULL)) != -1) {
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
	return check(options) ? VNC_OPTIONS_RUN : VNC_OPTIONS_WRONG;
}

void vnc_options_finish(struct vnc_options *options) {
	free(options->users_file);
	free(options->tls_certificate);
	free(options->tls_key);
	free(options->password_file);
	free(options->server_name);
	free(options->layout);
	*options = (struct vnc_options){0};
}
