#include "remote/spice_options.h"

#include <errno.h>
#include <getopt.h>
#include <spice.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "remote/vnc_gate.h"
#include "util/mem.h"

#define DEFAULT_LISTEN "127.0.0.1:5930"

static const char usage[] =
	"Usage: mullion-spice [OPTION]...\n"
	"Serves the screen of a running mullion to SPICE clients.\n"
	"\n"
	"  -t, --target=TARGET       what is served: desktop (the default), output:NAME or\n"
	"                            guest:NAME[:HEAD]\n"
	"      --heads=N             show so many heads or outputs (1 to 4, default 1)\n"
	"      --listen=ADDRESS      listen there without encryption: a loopback ADDRESS:PORT,\n"
	"                            or unix:PATH (default " DEFAULT_LISTEN ")\n"
	"      --tls-listen=ADDRESS  listen there with TLS: any ADDRESS:PORT\n"
	"      --tls-cert=FILE       certificate, and those that lead to its CA (default\n"
	"                            $XDG_CONFIG_HOME/mullion/tls/cert.pem, made if missing)\n"
	"      --tls-key=FILE        its key (default: key.pem beside it)\n"
	"      --tls-ca=FILE         certificate of the CA (default: that of --tls-cert)\n"
	"      --password-file=FILE  (default $XDG_RUNTIME_DIR/mullion/spice-password, made at\n"
	"                            the first start)\n"
	"      --no-password         let everybody on this machine in; not with --tls-listen\n"
	"      --view-only           clients can't type or point\n"
	"      --resize              clients may change the size of what they see\n"
	"      --compression=NAME    off, lz, glz, quic, lz4, auto-lz or auto-glz (the default)\n"
	"      --video=WHICH         send as video: off, all, or filter (the default: what\n"
	"                            changes fast, and is like a photograph)\n"
	"      --jpeg=WHEN           lossy pictures: auto (the default: on slow networks),\n"
	"                            always or never\n"
	"      --server-name=NAME    the name of this server in mullion's list\n"
	"  -v, --verbose             say more\n"
	"  -h, --help                show this text\n"
	"      --version             show the version\n";

enum {
	OPTION_HEADS = 256,
	OPTION_LISTEN,
	OPTION_TLS_LISTEN,
	OPTION_TLS_CERTIFICATE,
	OPTION_TLS_KEY,
	OPTION_TLS_CA,
	OPTION_PASSWORD_FILE,
	OPTION_NO_PASSWORD,
	OPTION_VIEW_ONLY,
	OPTION_RESIZE,
	OPTION_COMPRESSION,
	OPTION_VIDEO,
	OPTION_JPEG,
	OPTION_SERVER_NAME,
	OPTION_VERSION,
};

static const struct option long_options[] = {
	{"target", required_argument, NULL, 't'},
	{"heads", required_argument, NULL, OPTION_HEADS},
	{"listen", required_argument, NULL, OPTION_LISTEN},
	{"tls-listen", required_argument, NULL, OPTION_TLS_LISTEN},
	{"tls-cert", required_argument, NULL, OPTION_TLS_CERTIFICATE},
	{"tls-key", required_argument, NULL, OPTION_TLS_KEY},
	{"tls-ca", required_argument, NULL, OPTION_TLS_CA},
	{"password-file", required_argument, NULL, OPTION_PASSWORD_FILE},
	{"no-password", optional_argument, NULL, OPTION_NO_PASSWORD},
	{"view-only", optional_argument, NULL, OPTION_VIEW_ONLY},
	{"resize", optional_argument, NULL, OPTION_RESIZE},
	{"compression", required_argument, NULL, OPTION_COMPRESSION},
	{"video", required_argument, NULL, OPTION_VIDEO},
	{"jpeg", required_argument, NULL, OPTION_JPEG},
	{"server-name", required_argument, NULL, OPTION_SERVER_NAME},
	{"verbose", optional_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, OPTION_VERSION},
	{NULL, 0, NULL, 0},
};

struct word {
	const char *name;
	int value;
};

static const struct word compressions[] = {
	{"off", SPICE_IMAGE_COMPRESSION_OFF},
	{"lz", SPICE_IMAGE_COMPRESSION_LZ},
	{"glz", SPICE_IMAGE_COMPRESSION_GLZ},
	{"quic", SPICE_IMAGE_COMPRESSION_QUIC},
	{"lz4", SPICE_IMAGE_COMPRESSION_LZ4},
	{"auto-lz", SPICE_IMAGE_COMPRESSION_AUTO_LZ},
	{"auto-glz", SPICE_IMAGE_COMPRESSION_AUTO_GLZ},
	{NULL, 0},
};
static const struct word videos[] = {
	{"off", SPICE_STREAM_VIDEO_OFF},
	{"all", SPICE_STREAM_VIDEO_ALL},
	{"filter", SPICE_STREAM_VIDEO_FILTER},
	{NULL, 0},
};
static const struct word jpegs[] = {
	{"auto", SPICE_WAN_COMPRESSION_AUTO},
	{"always", SPICE_WAN_COMPRESSION_ALWAYS},
	{"never", SPICE_WAN_COMPRESSION_NEVER},
	{NULL, 0},
};

static bool parse_word(const struct word *words, const char *option, const char *text, int *value) {
	for (const struct word *word = words; word->name; word++) {
		if (strcmp(word->name, text) == 0) {
			*value = word->value;
			return true;
		}
	}
	fprintf(stderr, "mullion-spice: --%s: \"%s\" is none of", option, text);
	for (const struct word *word = words; word->name; word++) {
		fprintf(stderr, " %s", word->name);
	}
	fputs("\n", stderr);
	return false;
}

static bool parse_number(const char *text, long min, long max, long *number) {
	char *rest;
	errno = 0;
	*number = strtol(text, &rest, 10);
	return errno == 0 && rest != text && *rest == '\0' && *number >= min && *number <= max;
}

static void replace(char **member, char *text) {
	free(*member);
	*member = text;
}

/* Whether only this machine can reach it. */
static bool is_local(const struct vnc_door_address *listen) {
	struct in6_addr address;
	return listen->address.ss_family == AF_UNIX ||
		(vnc_address_from_socket(&address, &listen->address) &&
			vnc_address_is_loopback(&address));
}

static bool add_listen(struct spice_options *options, const char *text, bool tls) {
	const char *option = tls ? "tls-listen" : "listen";
	struct spice_listen *listen = &options->listens[options->listen_count];
	if (options->listen_count == SPICE_LISTENS_MAX) {
		fprintf(stderr, "mullion-spice: --%s: not more than %d\n", option,
			SPICE_LISTENS_MAX);
		return false;
	}
	const char *wrong = vnc_door_parse(&listen->address, text);
	wrong = wrong ? wrong : listen->address.any_port ? "there is no port in it" : NULL;
	if (!wrong && !tls && !is_local(&listen->address)) {
		wrong = "it isn't a loopback address; for others there is --tls-listen";
	}
	if (wrong) {
		fprintf(stderr, "mullion-spice: --%s: \"%s\": %s\n", option, text, wrong);
		return false;
	}
	listen->tls = tls;
	options->listen_count++;
	return true;
}

static bool set_target(struct spice_options *options, const char *text) {
	const char *wrong = vnc_target_parse(&options->target, text);
	if (wrong) {
		fprintf(stderr, "mullion-spice: --target: \"%s\": %s\n", text, wrong);
		return false;
	}
	replace(&options->name, vnc_target_title(&options->target));
	return true;
}

static bool set_heads(struct spice_options *options, const char *text) {
	long heads;
	if (!parse_number(text, 1, SPICE_HEADS_MAX, &heads)) {
		fprintf(stderr, "mullion-spice: --heads: \"%s\" is no number from 1 to %d\n", text,
			SPICE_HEADS_MAX);
		return false;
	}
	options->heads = heads;
	return true;
}

static char **path_member(struct spice_options *options, int option) {
	switch (option) {
	case OPTION_TLS_CERTIFICATE:
		return &options->tls_certificate;
	case OPTION_TLS_KEY:
		return &options->tls_key;
	case OPTION_TLS_CA:
		return &options->tls_ca;
	case OPTION_PASSWORD_FILE:
		return &options->password_file;
	case OPTION_SERVER_NAME:
		return &options->server_name;
	default:
		return NULL;
	}
}

/* Without a value, as on a command line, it is set; mullion's configuration says yes or no. */
static bool set_flag(bool *flag, const char *option, const char *value) {
	bool yes = !value || strcmp(value, "yes") == 0 || strcmp(value, "true") == 0;
	if (!yes && strcmp(value, "no") != 0 && strcmp(value, "false") != 0) {
		fprintf(stderr, "mullion-spice: --%s: \"%s\": expected yes or no\n", option, value);
		return false;
	}
	*flag = yes;
	return true;
}

static bool apply_flag(struct spice_options *options, int option, const char *value) {
	switch (option) {
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

static bool apply(struct spice_options *options, int option, char *argument) {
	switch (option) {
	case 't':
		return set_target(options, argument);
	case OPTION_HEADS:
		return set_heads(options, argument);
	case OPTION_LISTEN:
	case OPTION_TLS_LISTEN:
		return add_listen(options, argument, option == OPTION_TLS_LISTEN);
	case OPTION_COMPRESSION:
		return parse_word(compressions, "compression", argument, &options->compression);
	case OPTION_VIDEO:
		return parse_word(videos, "video", argument, &options->video);
	case OPTION_JPEG:
		return parse_word(jpegs, "jpeg", argument, &options->jpeg);
	}
	char **member = path_member(options, option);
	if (member) {
		replace(member, xstrdup(argument));
		return true;
	}
	return apply_flag(options, option, argument);
}

static void set_defaults(struct spice_options *options) {
	*options = (struct spice_options){.heads = 1,
		.compression = SPICE_IMAGE_COMPRESSION_AUTO_GLZ,
		.video = SPICE_STREAM_VIDEO_FILTER,
		.jpeg = SPICE_WAN_COMPRESSION_AUTO};
	vnc_target_parse(&options->target, "desktop");
	options->name = vnc_target_title(&options->target);
	options->server_name = xstrdup("");
}

bool spice_options_want_tls(const struct spice_options *options) {
	for (int i = 0; i < options->listen_count; i++) {
		if (options->listens[i].tls) {
			return true;
		}
	}
	return false;
}

static bool check(struct spice_options *options) {
	if (options->listen_count == 0 && !add_listen(options, DEFAULT_LISTEN, false)) {
		return false;
	}
	if (options->no_password && options->password_file) {
		fputs("mullion-spice: --password-file and --no-password: only one of them\n",
			stderr);
		return false;
	}
	if (options->no_password && spice_options_want_tls(options)) {
		fputs("mullion-spice: --tls-listen and --no-password: only one of them\n", stderr);
		return false;
	}
	if (!options->tls_certificate != !options->tls_key) {
		fputs("mullion-spice: --tls-cert and --tls-key: both or none\n", stderr);
		return false;
	}
	if (options->target.head + options->heads > VNC_HEAD_MAX + 1) {
		fprintf(stderr, "mullion-spice: there are no heads after %d\n", VNC_HEAD_MAX);
		return false;
	}
	return true;
}

enum spice_options_result spice_options_parse(
	struct spice_options *options, int argc, char *argv[]) {
	int option;
	set_defaults(options);
	while ((option = getopt_long(argc, argv, "t:vh", long_options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			return SPICE_OPTIONS_DONE;
		}
		if (option == OPTION_VERSION) {
			puts("mullion-spice " MULLION_VERSION);
			return SPICE_OPTIONS_DONE;
		}
		if (!apply(options, option, optarg)) {
			return SPICE_OPTIONS_WRONG;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "mullion-spice: \"%s\": no arguments but options\n", argv[optind]);
		return SPICE_OPTIONS_WRONG;
	}
	return check(options) ? SPICE_OPTIONS_RUN : SPICE_OPTIONS_WRONG;
}

void spice_options_finish(struct spice_options *options) {
	free(options->name);
	free(options->server_name);
	free(options->password_file);
	free(options->tls_certificate);
	free(options->tls_key);
	free(options->tls_ca);
	*options = (struct spice_options){0};
}
