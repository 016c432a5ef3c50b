#include "world.h"

/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <wlr/util/log.h>

#include "compositor/config.h"
#include "compositor/guests.h"

static char folder[] = "/tmp/mullion-test-server-XXXXXX";

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk) {
	return remove(path);
}

int world_set_up(void **state) {
	wlr_log_init(WLR_SILENT, NULL);
	return mkdtemp(folder) ? setenv("XDG_RUNTIME_DIR", folder, 1) : -1;
}

int world_tear_down(void **state) {
	return nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

struct options world_options(void) {
	static char *no_guests[] = {NULL};
	return (struct options){
		.backend = "headless",
		.renderer = "pixman",
		.outputs = {{"LEFT", 640, 480}, {"RIGHT", 800, 600}},
		.output_count = 2,
		.guests = no_guests,
	};
}

struct server *world_start(sd_event *event, struct options *options) {
	struct config *config = config_create_default();
	struct server *server = server_create(event, options, config);
	assert_non_null(server);
	assert_true(server_start(server));
	return server;
}

void world_settle(sd_event *event) {
	while (sd_event_run(event, 100000) > 0) {
	}
}

static char *write_guest(const char *name) {
	char *path = NULL;
	assert_true(asprintf(&path, "%s/%s.ini", folder, name) > 0);
	FILE *file = fopen(path, "w");
	fprintf(file, "[guest]\nname = %s\n[network]\nmode = none\n", name);
	fclose(file);
	return path;
}

void world_add_guest(struct server *server, const char *name) {
	char *path = write_guest(name), *error = NULL;
	assert_non_null(guests_add(server->guests, path, &error));
	free(path);
}
