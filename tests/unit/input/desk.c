#include "tests/unit/input/desk.h"

#include <poll.h>
#include <stdarg.h>
#include <wlr/backend/headless.h>
#include <wlr/interfaces/wlr_keyboard.h>
#include <wlr/interfaces/wlr_pointer.h>
#include <wlr/interfaces/wlr_touch.h>
#include <wlr/render/allocator.h>
#include <wlr/render/pixman.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_shm.h>
#include <wlr/util/log.h>

#include "keys/combo.h"
#include "tests/unit/input/client.h"
#include "util/mem.h"

static bool is_named(const char *name, int argc, char **argv) {
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], name) == 0) {
			return true;
		}
	}
	return argc == 1;
}

int run_cases(const struct test_case *cases, size_t count, int argc, char **argv) {
	int ran = 0;
	for (size_t i = 0; i < count; i++) {
		if (is_named(cases[i].name, argc, argv)) {
			fprintf(stderr, "%s\n", cases[i].name);
			cases[i].run();
			ran++;
		}
	}
	CHECK(ran > 0);
	return 0;
}

void record_add(struct record *record, const char *format, ...) {
	size_t len = strlen(record->text);
	va_list args;
	va_start(args, format);
	if (len > 0 && len + 1 < sizeof(record->text)) {
		record->text[len++] = ' ';
	}
	int written = vsnprintf(record->text + len, sizeof(record->text) - len, format, args);
	va_end(args);
	CHECK(written >= 0 && len + (size_t)written < sizeof(record->text));
}

void record_check(struct record *record, const char *expected, const char *file, int line) {
	if (strcmp(record->text, expected) != 0) {
		fprintf(stderr, "%s:%d: expected \"%s\", got \"%s\"\n", file, line, expected,
			record->text);
		exit(1);
	}
	record->text[0] = '\0';
}

/* The compositor's part */

static struct seat_target handle_target_at(void *data, double lx, double ly) {
	struct desk *desk = data;
	for (int i = 0; i < desk->place_count; i++) {
		struct desk_place *place = &desk->places[i];
		if (wlr_box_contains_point(&place->box, lx, ly)) {
			struct seat_target target = place->target;
			double scale = target.scale > 0 ? target.scale : 1;
			target.x = (lx - place->box.x) * scale;
			target.y = (ly - place->box.y) * scale;
			return target;
		}
	}
	return (struct seat_target){.kind = SEAT_TARGET_NONE};
}

static const char *const kind_names[] = {"none", "surface", "console", "chrome"};

static enum seat_button_result handle_button(
	void *data, const struct seat_target *target, uint32_t button, unsigned int modifiers) {
	struct desk *desk = data;
	record_add(&desk->buttons, "%s:%u/%u", kind_names[target->kind], button, modifiers);
	if (desk->grab_on_button) {
		seat_begin_grab(desk->seat, desk->grab_on_button);
		desk->grab_on_button = NULL;
		return SEAT_BUTTON_TAKEN;
	}
	return desk->button_result;
}

static void handle_action(
	void *data, const struct binding *binding, const struct seat_target *target) {
	struct desk *desk = data;
	record_add(&desk->actions, "%d:%s@%s", binding->action,
		binding->argument ? binding->argument : "", kind_names[target->kind]);
}

static void handle_activity(void *data) {
	struct desk *desk = data;
	desk->activity++;
}

static void handle_cursor_image(void *data, struct cursor_image *image) {
	struct desk *desk = data;
	cursor_image_unref(desk->cursor);
	desk->cursor = image ? cursor_image_ref(image) : NULL;
	desk->cursor_reports++;
}

static void handle_cursor_moved(void *data, double lx, double ly) {
	struct desk *desk = data;
	desk->cursor_lx = lx;
	desk->cursor_ly = ly;
}

static bool handle_switch_vt(void *data, unsigned int vt) {
	struct desk *desk = data;
	desk->vt = vt;
	return desk->has_session;
}

static const struct seat_impl seat_impl = {
	.target_at = handle_target_at,
	.button = handle_button,
	.action = handle_action,
	.activity = handle_activity,
	.cursor_image = handle_cursor_image,
	.cursor_moved = handle_cursor_moved,
	.switch_vt = handle_switch_vt,
};

struct desk_place *desk_add_place(struct desk *desk, int x, int y, int width, int height) {
	struct desk_place *place = &desk->places[desk->place_count++];
	*place = (struct desk_place){.box = {x, y, width, height}};
	return place;
}

static void add_output(struct desk *desk) {
	desk->output = wlr_headless_add_output(desk->backend, 800, 600);
	CHECK(desk->output);
	CHECK(wlr_output_init_render(desk->output, desk->allocator, desk->renderer));
	struct wlr_output_state state;
	wlr_output_state_init(&state);
	wlr_output_state_set_enabled(&state, true);
	CHECK(wlr_output_commit_state(desk->output, &state));
	wlr_output_state_finish(&state);
	CHECK(wlr_output_layout_add(desk->layout, desk->output, 0, 0));
}

void desk_init(struct desk *desk) {
	*desk = (struct desk){.config = {.modifier = COMBO_SUPER, .bindings = &desk->bindings}};
	wlr_log_init(WLR_ERROR, NULL);
	CHECK(sd_event_new(&desk->event) >= 0);
	desk->display = wl_display_create();
	desk->backend = wlr_headless_backend_create(wl_display_get_event_loop(desk->display));
	desk->renderer = wlr_pixman_renderer_create();
	desk->allocator = wlr_allocator_autocreate(desk->backend, desk->renderer);
	CHECK(desk->backend && desk->renderer && desk->allocator);
	CHECK(wlr_renderer_init_wl_shm(desk->renderer, desk->display));
	desk->compositor = wlr_compositor_create(desk->display, 6, desk->renderer);
	desk->layout = wlr_output_layout_create(desk->display);
	binding_list_init(&desk->bindings);
	binding_list_add_defaults(&desk->bindings, COMBO_SUPER);
	desk->seat = seat_create(
		desk->display, desk->backend, desk->layout, &desk->config, &seat_impl, desk);
	CHECK(desk->seat);
	CHECK(wlr_backend_start(desk->backend));
	add_output(desk);
}

void desk_finish(struct desk *desk) {
	wl_display_destroy_clients(desk->display);
	seat_destroy(desk->seat);
	wlr_backend_destroy(desk->backend);
	wlr_allocator_destroy(desk->allocator);
	wlr_renderer_destroy(desk->renderer);
	wl_display_destroy(desk->display);
	binding_list_finish(&desk->bindings);
	cursor_image_unref(desk->cursor);
	sd_event_unref(desk->event);
}

/* Everything crosses sockets of this process: two quiet turns mean that nothing is under way. */
void desk_settle(struct desk *desk) {
	struct wl_event_loop *loop = wl_display_get_event_loop(desk->display);
	for (int quiet = 0; quiet < 2;) {
		int events = 0;
		while (sd_event_run(desk->event, 10 * 1000) > 0) {
			events++;
		}
		if (desk->client) {
			events += client_pump(desk->client);
		}
		struct pollfd fd = {.fd = wl_event_loop_get_fd(loop), .events = POLLIN};
		events += poll(&fd, 1, 10) > 0;
		CHECK(wl_event_loop_dispatch(loop, 0) == 0);
		wl_display_flush_clients(desk->display);
		quiet = events > 0 ? 0 : quiet + 1;
	}
}

void desk_tap(struct desk *desk, uint32_t key) {
	seat_remote_key(desk->seat, key, true);
	seat_remote_key(desk->seat, key, false);
}

/* Guests */

static void handle_guest_key(void *data, uint32_t qnum, bool pressed) {
	struct guest *guest = data;
	record_add(&guest->record, "key:%u%c", qnum, pressed ? '+' : '-');
}

static void handle_guest_button(void *data, enum console_button button, bool pressed) {
	struct guest *guest = data;
	record_add(&guest->record, "button:%d%c", button, pressed ? '+' : '-');
}

static void handle_guest_move_to(void *data, uint32_t x, uint32_t y) {
	struct guest *guest = data;
	record_add(&guest->record, "at:%u,%u", x, y);
}

static void handle_guest_move_by(void *data, int dx, int dy) {
	struct guest *guest = data;
	record_add(&guest->record, "by:%d,%d", dx, dy);
}

static void handle_guest_touch(
	void *data, enum console_touch kind, uint64_t slot, double x, double y) {
	struct guest *guest = data;
	record_add(&guest->record, "touch:%d@%d", kind, (int)slot);
}

static const struct published_console_impl published_impl = {
	.key = handle_guest_key,
	.button = handle_guest_button,
	.move_to = handle_guest_move_to,
	.move_by = handle_guest_move_by,
	.touch = handle_guest_touch,
};

static void handle_ready(struct display_client *display, void *data) {
	struct guest *guest = data;
	guest->is_ready = true;
	guest->console = TAILQ_FIRST(display_client_consoles(display));
}

static void handle_console_changed(struct console *console, void *data) {
	struct guest *guest = data;
	seat_console_changed(guest->desk->seat, console);
}

static void handle_lost(struct display_client *display, const char *reason, void *data) {
	fprintf(stderr, "a guest's connection is lost: %s\n", reason);
	exit(1);
}

static const struct display_client_impl display_impl = {
	.ready = handle_ready,
	.console_changed = handle_console_changed,
	.lost = handle_lost,
};

void guest_init(struct guest *guest, struct desk *desk, bool mouse_absolute) {
	*guest = (struct guest){.desk = desk};
	screen_init(&guest->screen);
	struct frame *frame = frame_create_owned(400, 200, PIXMAN_x8r8g8b8);
	CHECK(frame);
	screen_set_frame(&guest->screen, frame);
	frame_unref(frame);
	guest->publisher =
		publisher_create(desk->event, "guest", "11111111-2222-3333-4444-555555555555");
	CHECK(guest->publisher);
	struct published_console_info info = {.label = "head", .mouse_absolute = mouse_absolute};
	guest->published = publisher_add_console(
		guest->publisher, &info, &guest->screen, &published_impl, guest);
	guest->display = display_client_create(
		desk->event, publisher_open(guest->publisher, PUBLISHER_ALL), &display_impl, guest);
	CHECK(guest->display);
	while (!guest->is_ready) {
		CHECK(sd_event_run(desk->event, 60 * 1000 * 1000) > 0);
	}
	CHECK(guest->console);
	console_listen(guest->console, true);
	desk_settle(desk);
	CHECK(guest->console->screen.frame);
}

void guest_finish(struct guest *guest) {
	seat_forget_console(guest->desk->seat, guest->console);
	display_client_destroy(guest->display);
	publisher_destroy(guest->publisher);
	screen_set_frame(&guest->screen, NULL);
	screen_set_cursor(&guest->screen, NULL);
	screen_finish(&guest->screen);
}

void guest_check(struct guest *guest, const char *expected, const char *file, int line) {
	desk_settle(guest->desk);
	record_check(&guest->record, expected, file, line);
}

/* Devices */

static const struct wlr_keyboard_impl keyboard_impl = {.name = "test"};
static const struct wlr_pointer_impl pointer_impl = {.name = "test"};
static const struct wlr_touch_impl touch_impl = {.name = "test"};

struct wlr_keyboard *desk_plug_keyboard(struct desk *desk) {
	struct wlr_keyboard *keyboard = xcalloc(1, sizeof(*keyboard));
	wlr_keyboard_init(keyboard, &keyboard_impl, "keyboard");
	wl_signal_emit_mutable(&desk->backend->events.new_input, &keyboard->base);
	return keyboard;
}

void desk_key(struct wlr_keyboard *keyboard, uint32_t key, bool pressed) {
	wlr_keyboard_notify_key(keyboard,
		&(struct wlr_keyboard_key_event){.keycode = key,
			.update_state = true,
			.state = pressed ? WL_KEYBOARD_KEY_STATE_PRESSED
					 : WL_KEYBOARD_KEY_STATE_RELEASED});
}

void desk_unplug_keyboard(struct wlr_keyboard *keyboard) {
	wlr_keyboard_finish(keyboard);
	free(keyboard);
}

struct wlr_pointer *desk_plug_pointer(struct desk *desk, const char *output_name) {
	struct wlr_pointer *pointer = xcalloc(1, sizeof(*pointer));
	wlr_pointer_init(pointer, &pointer_impl, "pointer");
	pointer->output_name = output_name ? xstrdup(output_name) : NULL;
	wl_signal_emit_mutable(&desk->backend->events.new_input, &pointer->base);
	return pointer;
}

static void end_frame(struct wlr_pointer *pointer) {
	wl_signal_emit_mutable(&pointer->events.frame, pointer);
}

void desk_move(struct wlr_pointer *pointer, double dx, double dy, double raw_dx, double raw_dy) {
	struct wlr_pointer_motion_event event = {.pointer = pointer,
		.delta_x = dx,
		.delta_y = dy,
		.unaccel_dx = raw_dx,
		.unaccel_dy = raw_dy};
	wl_signal_emit_mutable(&pointer->events.motion, &event);
	end_frame(pointer);
}

void desk_move_to(struct wlr_pointer *pointer, double x, double y) {
	struct wlr_pointer_motion_absolute_event event = {.pointer = pointer, .x = x, .y = y};
	wl_signal_emit_mutable(&pointer->events.motion_absolute, &event);
	end_frame(pointer);
}

void desk_button(struct wlr_pointer *pointer, uint32_t button, bool pressed) {
	struct wlr_pointer_button_event event = {.pointer = pointer,
		.button = button,
		.state = pressed ? WL_POINTER_BUTTON_STATE_PRESSED
				 : WL_POINTER_BUTTON_STATE_RELEASED};
	wl_signal_emit_mutable(&pointer->events.button, &event);
	end_frame(pointer);
}

void desk_wheel(struct wlr_pointer *pointer, int discrete) {
	struct wlr_pointer_axis_event event = {.pointer = pointer,
		.source = WL_POINTER_AXIS_SOURCE_WHEEL,
		.orientation = WL_POINTER_AXIS_VERTICAL_SCROLL,
		.delta = discrete / 8.0,
		.delta_discrete = discrete};
	wl_signal_emit_mutable(&pointer->events.axis, &event);
	end_frame(pointer);
}

void desk_unplug_pointer(struct wlr_pointer *pointer) {
	wlr_pointer_finish(pointer);
	free(pointer);
}

struct wlr_touch *desk_plug_touch(struct desk *desk) {
	struct wlr_touch *touch = xcalloc(1, sizeof(*touch));
	wlr_touch_init(touch, &touch_impl, "touch");
	wl_signal_emit_mutable(&desk->backend->events.new_input, &touch->base);
	return touch;
}

void desk_unplug_touch(struct wlr_touch *touch) {
	wlr_touch_finish(touch);
	free(touch);
}
