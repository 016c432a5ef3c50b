/* Our client on our publisher: pixels, modes, cursors, consoles, input and rights. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/vm-display/harness.h"
#include "vm-display/publisher.h"

#define MUCH 100000 /* messages, more than any socket holds */

struct input { /* what a published console was told last */
	uint32_t qnum, x, y, width, height;
	int keys, key_releases, buttons, button_releases, moves, resizes, touches;
	int dx, dy;
	enum console_touch touch_kind;
	enum console_button button;
	bool anybody;
};

static void handle_key(void *data, uint32_t qnum, bool pressed) {
	struct input *input = data;
	input->qnum = qnum;
	input->keys += pressed;
	input->key_releases += !pressed;
}

static void handle_button(void *data, enum console_button button, bool pressed) {
	struct input *input = data;
	input->button = button;
	input->buttons += pressed;
	input->button_releases += !pressed;
}

static void handle_move_to(void *data, uint32_t x, uint32_t y) {
	struct input *input = data;
	input->x = x;
	input->y = y;
	input->moves++;
}

static void handle_move_by(void *data, int dx, int dy) {
	struct input *input = data;
	input->dx += dx;
	input->dy += dy;
}

static void handle_touch(void *data, enum console_touch kind, uint64_t slot, double x, double y) {
	struct input *input = data;
	input->touches++;
	input->touch_kind = kind;
}

static void handle_set_ui_info(
	void *data, uint16_t width_mm, uint16_t height_mm, uint32_t width, uint32_t height) {
	struct input *input = data;
	input->width = width;
	input->height = height;
	input->resizes++;
}

static void handle_listening(void *data, bool anybody) {
	struct input *input = data;
	input->anybody = anybody;
}

static const struct published_console_impl console_impl = {
	.key = handle_key,
	.button = handle_button,
	.move_to = handle_move_to,
	.move_by = handle_move_by,
	.touch = handle_touch,
	.set_ui_info = handle_set_ui_info,
	.listening = handle_listening,
};

struct fixture {
	sd_event *event;
	struct screen screen;
	struct publisher *publisher;
	struct published_console *console;
	struct input input;
};

static void show(struct screen *screen, uint32_t width, uint32_t height, uint32_t seed) {
	struct frame *frame = frame_create_owned(width, height, PIXMAN_x8r8g8b8);
	CHECK(frame);
	fill(frame, seed);
	screen_set_frame(screen, frame);
	frame_unref(frame);
}

static void fixture_begin(struct fixture *f) {
	*f = (struct fixture){0};
	CHECK(sd_event_new(&f->event) >= 0);
	screen_init(&f->screen);
	show(&f->screen, 320, 200, 1);
	f->publisher = publisher_create(f->event, "test", "uuid");
	struct published_console_info info = {
		.id = 3, .label = "A label", .head = 1, .mouse_absolute = true};
	f->console =
		publisher_add_console(f->publisher, &info, &f->screen, &console_impl, &f->input);
}

static void fixture_end(struct fixture *f) {
	settle(f->event);
	CHECK(publisher_connection_count(f->publisher) == 0);
	publisher_destroy(f->publisher);
	screen_finish(&f->screen);
	sd_event_unref(f->event);
}

static void open_peer(struct fixture *f, struct peer *peer, unsigned int rights) {
	peer_open(peer, f->event, publisher_open(f->publisher, rights));
}

static void test_description(void) {
	struct fixture f;
	struct peer peer;
	fixture_begin(&f);
	open_peer(&f, &peer, PUBLISHER_ALL);
	CHECK(strcmp(display_client_vm_name(peer.client), "test") == 0);
	struct console *console = TAILQ_FIRST(display_client_consoles(peer.client));
	CHECK(console && !TAILQ_NEXT(console, link));
	CHECK(console->id == 3 && console->head == 1 && strcmp(console->label, "A label") == 0);
	CHECK(console->graphic && console->has_keyboard && console->has_mouse &&
		console->has_touch && console->mouse_absolute);
	published_console_set_leds(f.console, 5);
	published_console_set_mouse_absolute(f.console, false);
	WAIT_FOR(f.event, peer.changes == 2);
	CHECK(console->leds == 5 && !console->mouse_absolute);
	peer_close(&peer);
	fixture_end(&f);
}

/* A mode change, nothing to show, and something again. */
static void change_modes(struct fixture *f, struct console *console, struct watch *watch) {
	int frames = watch->frames;
	show(&f->screen, 641, 333, 3);
	WAIT_FOR(f->event, watch->frames > frames);
	settle(f->event);
	CHECK(same_pixels(console->screen.frame, f->screen.frame));

	screen_set_frame(&f->screen, NULL);
	WAIT_FOR(f->event, !console->screen.frame);
	CHECK(console->path == CONSOLE_PATH_NONE);
	show(&f->screen, 64, 64, 4);
	WAIT_FOR(f->event, console->screen.frame);
	CHECK(same_pixels(console->screen.frame, f->screen.frame));
}

/* Frames, updates, a mode change and Disable, by shared memory or by bytes. */
static void test_frames(bool share_memory) {
	struct fixture f;
	struct peer peer;
	fixture_begin(&f);
	open_peer(&f, &peer, PUBLISHER_VIEW);
	struct console *console = peer_console(&peer, 3);
	struct watch watch = {0};
	watch_begin(&watch, &console->screen);
	console_listen(console, share_memory);
	WAIT_FOR(f.event, console->screen.frame);
	CHECK(f.input.anybody);
	CHECK(console->path == (share_memory ? CONSOLE_PATH_MAP : CONSOLE_PATH_BYTES));
	CHECK(console->screen.frame->kind == (share_memory ? FRAME_MAP : FRAME_BYTES));
	CHECK(same_pixels(console->screen.frame, f.screen.frame));
	settle(f.event);

	int damages = watch.damages;
	watch.keeps_damage = true;
	fill(f.screen.frame, 2);
	screen_add_damage(&f.screen, 0, 0, 320, 100);
	screen_add_damage(&f.screen, -5, 100, 1000, 1000);
	WAIT_FOR(f.event, watch.damages > damages);
	settle(f.event);
	CHECK(same_pixels(console->screen.frame, f.screen.frame));
	pixman_box32_t all = {0, 0, 320, 200};
	CHECK(pixman_region32_contains_rectangle(&watch.observer.damage, &all) == PIXMAN_REGION_IN);
	pixman_region32_clear(&watch.observer.damage);

	/* Only what was damaged is told. */
	screen_add_damage(&f.screen, 10, 20, 30, 40);
	screen_add_damage(&f.screen, 200, 150, 5, 5);
	WAIT_FOR(f.event, pixman_region32_not_empty(&watch.observer.damage));
	settle(f.event);
	CHECK(pixman_region32_n_rects(&watch.observer.damage) == 2);
	watch.keeps_damage = false;

	change_modes(&f, console, &watch);
	console_unlisten(console);
	WAIT_FOR(f.event, !f.input.anybody);
	CHECK(console->screen.frame && console->path == CONSOLE_PATH_NONE);
	console_listen(console, share_memory);
	WAIT_FOR(f.event, f.input.anybody && console->path != CONSOLE_PATH_NONE);
	watch_end(&watch);
	peer_close(&peer);
	fixture_end(&f);
}

/* The fd that goes out can't be written to. */
static void test_read_only(void) {
	struct fixture f;
	struct peer peer;
	fixture_begin(&f);
	open_peer(&f, &peer, PUBLISHER_VIEW);
	struct console *console = peer_console(&peer, 3);
	console_listen(console, true);
	WAIT_FOR(f.event, console->screen.frame);
	int fd = console->screen.frame->planes[0].fd;
	CHECK((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
	CHECK(write(fd, "x", 1) < 0 && ftruncate(fd, 0) < 0);
	peer_close(&peer);
	fixture_end(&f);
}

static void test_cursor(void) {
	struct fixture f;
	struct peer peer;
	fixture_begin(&f);
	uint32_t pixels[8 * 4];
	for (int i = 0; i < 8 * 4; i++) {
		pixels[i] = 0xff000000u + i;
	}
	struct cursor_image *cursor = cursor_image_create(8, 4, 3, 2, pixels);
	screen_set_cursor(&f.screen, cursor);
	screen_move_cursor(&f.screen, 100, 50, true);
	open_peer(&f, &peer, PUBLISHER_VIEW);
	struct console *console = peer_console(&peer, 3);
	console_listen(console, true);
	WAIT_FOR(f.event, console->screen.cursor_visible);
	const struct cursor_image *got = console->screen.cursor;
	CHECK(got && got->width == 8 && got->height == 4 && got->hot_x == 3 && got->hot_y == 2);
	CHECK(memcmp(got->pixels, pixels, sizeof(pixels)) == 0);
	CHECK(console->screen.cursor_x == 100 && console->screen.cursor_y == 50);
	screen_move_cursor(&f.screen, 7, 8, true);
	WAIT_FOR(f.event, console->screen.cursor_x == 7 && console->screen.cursor_y == 8);
	screen_move_cursor(&f.screen, 7, 8, false);
	WAIT_FOR(f.event, !console->screen.cursor_visible);
	cursor_image_unref(cursor);
	peer_close(&peer);
	fixture_end(&f);
}

static void handle_synced(void *data, bool ok) {
	*(int *)data = ok ? 1 : -1;
}

static void sync_input(struct fixture *f, struct console *console) {
	int synced = 0;
	console_sync(console, handle_synced, &synced);
	WAIT_FOR(f->event, synced);
	CHECK(synced == 1);
}

static void test_input(void) {
	struct fixture f;
	struct peer peer;
	fixture_begin(&f);
	open_peer(&f, &peer, PUBLISHER_ALL);
	struct console *console = peer_console(&peer, 3);
	console_key(console, 0x1e, true);
	console_move_to(console, 319, 199);
	console_button(console, CONSOLE_BUTTON_RIGHT, true);
	console_touch(console, CONSOLE_TOUCH_BEGIN, 1, 5, 6);
	console_set_ui_info(console, 300, 200, 1024, 768);
	sync_input(&f, console);
	CHECK(f.input.keys == 1 && f.input.qnum == 0x1e);
	CHECK(f.input.moves == 1 && f.input.x == 319 && f.input.y == 199);
	CHECK(f.input.buttons == 1 && f.input.button == CONSOLE_BUTTON_RIGHT);
	CHECK(f.input.touches == 1 && f.input.touch_kind == CONSOLE_TOUCH_BEGIN);
	CHECK(f.input.width == 1024 && f.input.height == 768);
	/* Out of limits. */
	console_move_to(console, 320, 0);
	console_key(console, 1000, true);
	console_button(console, 7, true);
	console_touch(console, CONSOLE_TOUCH_BEGIN, 10, 5, 6);
	console_set_ui_info(console, 0, 0, FRAME_SIDE_MAX + 1, 10);
	console_move_by(console, 1, 1); /* the mouse is absolute */
	sync_input(&f, console);
	CHECK(f.input.keys == 1 && f.input.moves == 1 && f.input.buttons == 1 &&
		f.input.touches == 1 && f.input.resizes == 1 && f.input.dx == 0);
	published_console_set_mouse_absolute(f.console, false);
	console_move_by(console, 3, -4);
	console_move_by(console, 1, -1);
	sync_input(&f, console);
	CHECK(f.input.dx == 4 && f.input.dy == -5);
	/* What a connection holds is released with it. */
	peer_close(&peer);
	WAIT_FOR(f.event, f.input.button_releases == 1 && f.input.key_releases == 1);
	CHECK(f.input.touch_kind == CONSOLE_TOUCH_CANCEL);
	fixture_end(&f);
}

/* More than the peer reads: motion is coalesced, and nothing stays held. */
static void test_much_input(void) {
	struct fixture f;
	struct peer peer;
	fixture_begin(&f);
	open_peer(&f, &peer, PUBLISHER_ALL);
	struct console *console = peer_console(&peer, 3);
	for (int i = 0; i < MUCH; i++) {
		console_move_to(console, i % 320, i % 200);
	}
	for (int i = 0; i < MUCH; i++) {
		console_key(console, 0x1e, true);
		console_key(console, 0x1e, false);
		console_button(console, CONSOLE_BUTTON_LEFT, i % 2 == 0);
	}
	console_button(console, CONSOLE_BUTTON_LEFT, false);
	console_move_to(console, 12, 34);
	console_move_to(console, 56, 78);
	WAIT_FOR(f.event, f.input.x == 56 && f.input.y == 78);
	CHECK(!peer.is_lost && f.input.moves < MUCH);
	CHECK(f.input.keys > 0 && f.input.keys < MUCH);
	CHECK(f.input.key_releases >= f.input.keys);
	sync_input(&f, console);
	peer_close(&peer);
	fixture_end(&f);
}

static void test_rights(void) {
	struct fixture f;
	struct peer peer;
	fixture_begin(&f);
	open_peer(&f, &peer, PUBLISHER_VIEW);
	struct console *console = peer_console(&peer, 3);
	console_key(console, 0x1e, true);
	console_move_to(console, 1, 1);
	console_button(console, CONSOLE_BUTTON_LEFT, true);
	console_touch(console, CONSOLE_TOUCH_BEGIN, 1, 5, 6);
	console_set_ui_info(console, 300, 200, 1024, 768);
	sync_input(&f, console);
	CHECK(f.input.keys + f.input.moves + f.input.buttons + f.input.touches + f.input.resizes ==
		0);
	peer_close(&peer);
	open_peer(&f, &peer, PUBLISHER_CONTROL);
	console = peer_console(&peer, 3);
	console_listen(console, true);
	WAIT_FOR(f.event, !console_is_listening(console));
	CHECK(!f.input.anybody && !console->screen.frame);
	peer_close(&peer);
	fixture_end(&f);
}

static void test_consoles(void) {
	struct fixture f;
	struct peer peer;
	fixture_begin(&f);
	struct screen second;
	screen_init(&second);
	show(&second, 100, 90, 9);
	struct input input = {0};
	struct published_console_impl view_only = {.listening = handle_listening};
	struct published_console_info info = {.id = 1, .label = "two", .head = 2};
	struct published_console *console2 =
		publisher_add_console(f.publisher, &info, &second, &view_only, &input);
	open_peer(&f, &peer, PUBLISHER_ALL);
	struct console *first = TAILQ_FIRST(display_client_consoles(peer.client));
	CHECK(first->id == 1 && TAILQ_NEXT(first, link)->id == 3);
	CHECK(!first->has_keyboard && !first->has_mouse && !first->has_touch);
	struct console *third = TAILQ_NEXT(first, link);
	console_listen(first, true);
	console_listen(third, false);
	WAIT_FOR(f.event, first->screen.frame && third->screen.frame);
	CHECK(same_pixels(first->screen.frame, second.frame));
	CHECK(same_pixels(third->screen.frame, f.screen.frame));
	/* A console that goes takes only its listener with it. */
	publisher_remove_console(console2);
	WAIT_FOR(f.event, !console_is_listening(first) && !first->screen.frame);
	CHECK(!input.anybody && !peer.is_lost);
	CHECK(console_is_listening(third));
	peer_close(&peer);
	screen_finish(&second);
	fixture_end(&f);
}

/* Several connections see the same, and a publisher that goes ends them. */
static void test_several(void) {
	struct fixture f;
	struct peer peers[3];
	fixture_begin(&f);
	for (int i = 0; i < 3; i++) {
		open_peer(&f, &peers[i], PUBLISHER_VIEW);
		console_listen(peer_console(&peers[i], 3), i != 1);
	}
	for (int i = 0; i < 3; i++) {
		struct screen *screen = &peer_console(&peers[i], 3)->screen;
		WAIT_FOR(f.event, screen->frame);
		CHECK(same_pixels(screen->frame, f.screen.frame));
	}
	CHECK(publisher_connection_count(f.publisher) == 3);
	publisher_destroy(f.publisher);
	for (int i = 0; i < 3; i++) {
		WAIT_FOR(f.event, peers[i].is_lost);
		CHECK(peer_console(&peers[i], 3)->screen.frame);
		peer_close(&peers[i]);
	}
	screen_finish(&f.screen);
	sd_event_unref(f.event);
}

/* The largest picture that must go as bytes. */
static void test_large(void) {
	struct fixture f;
	struct peer peer;
	fixture_begin(&f);
	show(&f.screen, 4096, 2160, 5);
	open_peer(&f, &peer, PUBLISHER_VIEW);
	struct console *console = peer_console(&peer, 3);
	console_listen(console, false);
	WAIT_FOR(f.event, console->screen.frame);
	CHECK(same_pixels(console->screen.frame, f.screen.frame));
	peer_close(&peer);
	fixture_end(&f);
}

int main(void) {
	test_description();
	test_frames(true);
	test_frames(false);
	test_read_only();
	test_cursor();
	test_input();
	test_much_input();
	test_rights();
	test_consoles();
	test_several();
	test_large();
	return 0;
}
