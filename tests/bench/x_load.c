/* What bench-vnc-load paints, on an X server, through shared memory.
 *
 * usage: bench-x-load full|tenth RATE, with DISPLAY set */
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <xcb/shm.h>
#include <xcb/xcb.h>

#include "tests/bench/pattern.h"
#include "tests/bench/process.h"

struct load {
	xcb_connection_t *x;
	xcb_window_t window;
	xcb_gcontext_t context;
	xcb_shm_seg_t segment;
	uint8_t *pixels;
};

static void connect_to_server(struct load *load) {
	for (int i = 0; i < 100; i++) {
		load->x = xcb_connect(NULL, NULL);
		if (!xcb_connection_has_error(load->x)) {
			return;
		}
		xcb_disconnect(load->x);
		bench_sleep(50000000);
	}
	bench_fail("bench-x-load: no X server");
}

static void open_window(struct load *load) {
	const xcb_screen_t *screen = xcb_setup_roots_iterator(xcb_get_setup(load->x)).data;
	uint32_t yes = 1;
	load->window = xcb_generate_id(load->x);
	load->context = xcb_generate_id(load->x);
	xcb_create_window(load->x, XCB_COPY_FROM_PARENT, load->window, screen->root, 0, 0,
		PATTERN_WIDTH, PATTERN_HEIGHT, 0, XCB_WINDOW_CLASS_INPUT_OUTPUT,
		screen->root_visual, XCB_CW_OVERRIDE_REDIRECT, &yes);
	xcb_create_gc(load->x, load->context, load->window, 0, NULL);
	xcb_map_window(load->x, load->window);
}

static void share_memory(struct load *load) {
	int id = shmget(IPC_PRIVATE, (size_t)PATTERN_WIDTH * PATTERN_HEIGHT * 4, IPC_CREAT | 0600);
	load->pixels = shmat(id, NULL, 0);
	load->segment = xcb_generate_id(load->x);
	xcb_void_cookie_t cookie = xcb_shm_attach_checked(load->x, load->segment, id, 0);
	xcb_generic_error_t *error = xcb_request_check(load->x, cookie);
	shmctl(id, IPC_RMID, NULL);
	if (error || load->pixels == (void *)-1) {
		bench_fail("bench-x-load: no shared memory");
	}
}

static void show(const struct load *load, const struct pattern_area *area) {
	xcb_shm_put_image(load->x, load->window, load->context, PATTERN_WIDTH, PATTERN_HEIGHT,
		area->x, area->y, area->width, area->height, area->x, area->y, 24,
		XCB_IMAGE_FORMAT_Z_PIXMAP, 0, load->segment, 0);
	/* The memory is ours again when the server has answered. */
	free(xcb_get_input_focus_reply(load->x, xcb_get_input_focus(load->x), NULL));
}

int main(int argc, char **argv) {
	struct load load;
	uint32_t *pattern = pattern_create();
	if (argc != 3 || !pattern || atoi(argv[2]) <= 0) {
		bench_fail("usage: bench-x-load full|tenth RATE");
	}
	connect_to_server(&load);
	open_window(&load);
	share_memory(&load);
	struct pattern_area whole = pattern_area("full"), area = pattern_area(argv[1]);
	pattern_paint(pattern, &whole, 0, load.pixels, PATTERN_WIDTH * 4);
	show(&load, &whole);
	uint64_t next = bench_now();
	for (uint32_t number = 1; !xcb_connection_has_error(load.x); number++) {
		pattern_paint(pattern, &area, number, load.pixels, PATTERN_WIDTH * 4);
		show(&load, &area);
		next += 1000000000u / strtoul(argv[2], NULL, 10);
		uint64_t now = bench_now();
		if (next > now) {
			bench_sleep(next - now);
		}
	}
	return 0;
}
