/* What the tests of guests with real QEMU share: a runtime folder, a loop, a guest. */
#ifndef TESTS_GUESTS_VMM_WORLD_H
#define TESTS_GUESTS_VMM_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "vmm/guest.h"

#define PATIENCE (120 * 1000 * 1000ull) // µs; TCG on a busy machine

#define MEMTEST "[boot]\ncdrom = /usr/lib/memtest86+/memtest86+x64.iso\n"
#define SMALL                                                                                      \
	"[guest]\nname = small\n[machine]\narch = x86_64\naccel = tcg\nmemory = 64\n"              \
	"[network]\nmode = none\n"

struct world {
	char folder[64], file[512];
	sd_event *event;
	struct guest *guest;
	unsigned int ready, displays, changes;
	int display_fd;
	char display_error[128];
	char events[1024]; /* their names, each with a blank after it */
};

uint64_t now(void); /* µs */

/* Runs the loop until it is so; fails when patience ends. */
#define WAIT_FOR(world, condition)                                                                 \
	do {                                                                                       \
		uint64_t deadline = now() + PATIENCE;                                              \
		while (!(condition)) {                                                             \
			uint64_t time = now();                                                     \
			assert_true(time < deadline);                                              \
			assert_true(sd_event_run((world)->event, deadline - time) >= 0);           \
		}                                                                                  \
	} while (0)

int set_up(void **state);
int tear_down(void **state);
void empty_folder(const char *path); /* with the folder itself */

typedef bool (*guest_verb)(struct guest *guest, char **error);

void write_guest_file(struct world *world, const char *text);
struct guest *make_guest(struct world *world); /* out of the file that was written */
void create(struct world *world, const char *text);
void start(struct world *world); /* until it is ready */
void do_it(struct world *world, guest_verb verb);
void check_refused(struct world *world, guest_verb verb, const char *wanted);
void power_off(struct world *world);
void check_off(struct world *world, const char *reason);
/* Opens the display and asks the VM behind it for its name. */
void check_display(struct world *world, const char *wanted);

#endif
