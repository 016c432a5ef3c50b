/* The seat: keyboards, pointers and touch screens, real and remote, and who gets their events.
 *
 * The compositor says what lies where (`target_at`), what has the keyboard (seat_focus_*) and what
 * a binding does; the seat does the rest. Guests get hardware key codes through their console,
 * Wayland clients through wl_seat. A guest doesn't see the binding modifier unless something
 * follows that is the guest's, or it was a tap. Coordinates are logical px of the output layout
 * unless said otherwise. */
#ifndef INPUT_SEAT_H
#define INPUT_SEAT_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-server-core.h>

#include "input/binding.h"
#include "input/device_rules.h"
#include "vm-display/display_client.h"

struct wlr_backend;
struct wlr_input_device;
struct wlr_output;
struct wlr_output_layout;
struct wlr_seat;
struct wlr_surface;

struct seat;

enum seat_target_kind {
	SEAT_TARGET_NONE, /* the background */
	SEAT_TARGET_SURFACE, /* a Wayland client's */
	SEAT_TARGET_CONSOLE, /* a guest's picture */
	SEAT_TARGET_CHROME, /* a view's frame: title bar, edges */
};

struct seat_target {
	enum seat_target_kind kind;
	void *view; /* the compositor's; NULL for layer surfaces, popups and the background */
	struct wlr_surface *surface; /* SEAT_TARGET_SURFACE */
	struct console *console; /* SEAT_TARGET_CONSOLE */
	double x, y; /* surface-local, or the guest's frame in px */
	double scale; /* of x and y: how many of them a logical px has; 0 stands for 1 */
	const char *cursor; /* SEAT_TARGET_CHROME: XCursor name, a literal */
};

enum seat_button_result {
	SEAT_BUTTON_PASS, /* to the target */
	SEAT_BUTTON_TAKEN, /* by the compositor, with its release */
};

struct seat_impl {
	struct seat_target (*target_at)(void *data, double lx, double ly);
	/* A button went down: focus, raise, begin a move (seat_begin_grab) … `modifiers` is enum
	 * combo_modifier. */
	enum seat_button_result (*button)(void *data, const struct seat_target *target,
		uint32_t button, unsigned int modifiers);
	/* A binding's keys were pressed, or its wheel turned, over `target`. Not called for
	 * BINDING_RELEASE_POINTER and BINDING_SEND_KEYS, which the seat does itself. */
	void (*action)(void *data, const struct binding *binding, const struct seat_target *target);
	/* Somebody did something: for idle inhibition and locking. */
	void (*activity)(void *data);
	/* The cursor that people should see changed: shape (`pixels` as in cursor_image; NULL
	 * image: hidden) or place. For publishing; the seat draws it on real outputs itself. */
	void (*cursor_image)(void *data, struct cursor_image *image);
	void (*cursor_moved)(void *data, double lx, double ly);
	/* Ctrl+Alt+F1…: true if there is a session that can switch; else the keys go on their way.
	 * May be NULL. Works while locked, too. */
	bool (*switch_vt)(void *data, unsigned int vt);
};

struct seat_config {
	struct binding_list *bindings; /* not owned; may be exchanged by seat_configure */
	unsigned int modifier; /* enum combo_modifier of "mod" */
	const char *xkb_layout, *xkb_variant, *xkb_options, *xkb_model; /* NULL: the system's */
	int repeat_rate; /* Hz */
	int repeat_delay; /* ms */
	const char *cursor_theme; /* NULL: default */
	int cursor_size; /* px; 0: 24 */
	const struct device_rules *devices; /* like `bindings`; NULL: none */
};

/* Before the backend starts. Makes the globals wl_seat, pointer-constraints, relative-pointer and
 * cursor-shape. Nothing is compiled or loaded until a client connects or somebody types or points:
 * then the seat has a keyboard and a pointer, as remote input can always come. Requests for
 * selections and drags are the compositor's to answer (wlr_seat's signals). */
struct seat *seat_create(struct wl_display *display, struct wlr_backend *backend,
	struct wlr_output_layout *layout, const struct seat_config *config,
	const struct seat_impl *impl, void *data);
/* After the clients are gone and the consoles forgotten, before the display and the layout are.
 * NULL is legal. */
void seat_destroy(struct seat *seat);
/* The strings are copied. */
void seat_configure(struct seat *seat, const struct seat_config *config);
struct wlr_seat *seat_wlr(struct seat *seat);

/* Keyboard focus. Keys held in the last holder are released there. Both NULL-safe: no focus. */
void seat_focus_surface(struct seat *seat, struct wlr_surface *surface);
void seat_focus_console(struct seat *seat, struct console *console);
/* The console goes away: forget it everywhere, without sending anything to it. Its screen must
 * still be there. */
void seat_forget_console(struct seat *seat, struct console *console);
/* Its mouse became absolute or relative, or its LEDs changed (console_changed). */
void seat_console_changed(struct seat *seat, struct console *console);

/* While set, only this client's surfaces get events (session lock), and bindings are off. NULL
 * lifts it; the death of the client doesn't: then nobody gets any. */
void seat_set_exclusive(struct seat *seat, struct wl_client *client);

/* Something moved, appeared or vanished under a pointer that stands still: look again. A pointer
 * that nobody has used yet is nowhere. */
void seat_rebase(struct seat *seat);

/* A pointer grab by the compositor: until the button is released, motion goes to `motion` with the
 * offset from where it began, then `end` is called once (also when it is cancelled, and at once
 * when no button is down). */
struct seat_grab {
	void (*motion)(void *data, double dx, double dy);
	void (*end)(void *data);
	void *data;
	const char *cursor; /* XCursor name, a literal */
};
void seat_begin_grab(struct seat *seat, const struct seat_grab *grab);
void seat_cancel_grab(struct seat *seat);

/* Locked relative motion to a console without a tablet: on with a click into it, off by the escape
 * binding ("release-pointer", default: mod+Escape) or when the console loses focus. */
bool seat_pointer_is_locked(const struct seat *seat);
void seat_release_pointer(struct seat *seat);

/* Remote input (published desktop): the same path as local devices, bindings included. */
void seat_remote_key(struct seat *seat, uint32_t evdev, bool pressed);
void seat_remote_button(struct seat *seat, uint32_t button, bool pressed); /* BTN_* */
void seat_remote_wheel(struct seat *seat, int steps); /* up is positive */
void seat_remote_move_to(struct seat *seat, double lx, double ly);
void seat_remote_move_by(struct seat *seat, double dx, double dy);

void seat_cursor_position(const struct seat *seat, double *lx, double *ly);
void seat_move_cursor(struct seat *seat, double lx, double ly);

/* Takes a device that doesn't come from the backend: virtual-keyboard-v1, virtual-pointer-v1. It
 * leaves by itself. `output`: where its absolute motion goes, NULL if it doesn't say. */
void seat_add_device(struct seat *seat, struct wlr_input_device *device, struct wlr_output *output);

/* Outputs that show a cursor of their own are given here (all but headless ones), once they have
 * their renderer. */
void seat_add_output(struct seat *seat, struct wlr_output *output);
void seat_remove_output(struct seat *seat, struct wlr_output *output);

#endif
