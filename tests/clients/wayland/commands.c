/* The commands, one line each; NAME is the item's. Colours are AARRGGBB, "-" is any output.
 *   toplevel NAME WxH COLOR TITLE        0x0 follows the sizes that it is given
 *   popup NAME PARENT X,Y WxH COLOR [grab]
 *   subsurface NAME PARENT X,Y WxH COLOR
 *   layer NAME LAYER ANCHORS WxH ZONE KEYBOARD COLOR OUTPUT     numbers as in the protocol
 *   lock | lock-surface NAME OUTPUT COLOR | unlock
 *   draw NAME WxH COLOR | shrink NAME | geometry NAME X,Y WxH | destroy NAME
 *   parent NAME PARENT | fixed NAME WxH
 *   fullscreen NAME on|off | maximize NAME | minimize NAME | move NAME | resize NAME EDGES
 *   inhibit NAME | uninhibit | idle MS
 *   point X Y W H | button CODE down|up | key CODE down|up | unplug
 *   drag NAME ICON WxH COLOR
 *   context NAME         a socket of this name in the runtime folder, for sandboxed clients
 *   taskbar | task activate|close|fullscreen|unfullscreen TITLE
 *   churn COUNT          toplevels with a popup and a subsurface each, made and destroyed
 *   sync TEXT            answers when the server has done everything before
 *   crash                ends at once, as a client that dies */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app.h"

struct arguments {
	char name[NAME_SIZE], other[NAME_SIZE], rest[128];
	int x, y, width, height, zone;
	unsigned int color, layer, anchor, keyboard;
};

static int number(const char *text) {
	return (int)strtol(text, NULL, 10);
}

static void command_toplevel(struct app *app, const char *text) {
	struct arguments a = {0};
	if (sscanf(text, "%31s %dx%d %x %127[^\n]", a.name, &a.width, &a.height, &a.color, a.rest) <
		5) {
		fail("toplevel %s", text);
	}
	make_toplevel(item_create(app, a.name, ITEM_TOPLEVEL, a.width, a.height, a.color), a.rest);
}

static void command_popup(struct app *app, const char *text) {
	struct arguments a = {0};
	if (sscanf(text, "%31s %31s %d,%d %dx%d %x %127s", a.name, a.other, &a.x, &a.y, &a.width,
		    &a.height, &a.color, a.rest) < 7) {
		fail("popup %s", text);
	}
	struct item *parent = item_find(app, a.other);
	make_popup(item_create(app, a.name, ITEM_POPUP, a.width, a.height, a.color), parent, a.x,
		a.y, strcmp(a.rest, "grab") == 0);
}

static void command_subsurface(struct app *app, const char *text) {
	struct arguments a = {0};
	if (sscanf(text, "%31s %31s %d,%d %dx%d %x", a.name, a.other, &a.x, &a.y, &a.width,
		    &a.height, &a.color) < 7) {
		fail("subsurface %s", text);
	}
	struct item *parent = item_find(app, a.other);
	make_subsurface(item_create(app, a.name, ITEM_SUBSURFACE, a.width, a.height, a.color),
		parent, a.x, a.y);
}

static void command_layer(struct app *app, const char *text) {
	struct arguments a = {0};
	if (sscanf(text, "%31s %u %u %dx%d %d %u %x %31s", a.name, &a.layer, &a.anchor, &a.width,
		    &a.height, &a.zone, &a.keyboard, &a.color, a.other) < 9) {
		fail("layer %s", text);
	}
	make_layer(item_create(app, a.name, ITEM_LAYER, a.width, a.height, a.color), a.layer,
		a.anchor, a.zone, a.keyboard, output_find(app, a.other));
}

static void command_lock(struct app *app, const char *text) {
	lock_session(app);
}

static void command_lock_surface(struct app *app, const char *text) {
	struct arguments a = {0};
	if (sscanf(text, "%31s %31s %x", a.name, a.other, &a.color) < 3) {
		fail("lock-surface %s", text);
	}
	make_lock(item_create(app, a.name, ITEM_LOCK, 0, 0, a.color), output_find(app, a.other));
}

static void command_unlock(struct app *app, const char *text) {
	ext_session_lock_v1_unlock_and_destroy(app->lock);
	app->lock = NULL;
}

static void command_draw(struct app *app, const char *text) {
	struct arguments a = {0};
	if (sscanf(text, "%31s %dx%d %x", a.name, &a.width, &a.height, &a.color) < 4) {
		fail("draw %s", text);
	}
	struct item *item = item_find(app, a.name);
	item->width = a.width;
	item->height = a.height;
	item->color = a.color;
	item_draw(item);
}

static void command_shrink(struct app *app, const char *text) {
	item_draw_shrunk(item_find(app, text));
}

static void command_geometry(struct app *app, const char *text) {
	struct arguments a = {0};
	if (sscanf(text, "%31s %d,%d %dx%d", a.name, &a.x, &a.y, &a.width, &a.height) < 5) {
		fail("geometry %s", text);
	}
	struct item *item = item_find(app, a.name);
	xdg_surface_set_window_geometry(item->xdg_surface, a.x, a.y, a.width, a.height);
	wl_surface_commit(item->surface);
}

static void command_destroy(struct app *app, const char *text) {
	item_destroy(item_find(app, text));
}

static void command_fullscreen(struct app *app, const char *text) {
	struct arguments a = {0};
	sscanf(text, "%31s %31s", a.name, a.other);
	struct item *item = item_find(app, a.name);
	if (strcmp(a.other, "on") == 0) {
		xdg_toplevel_set_fullscreen(item->toplevel, NULL);
	} else {
		xdg_toplevel_unset_fullscreen(item->toplevel);
	}
}

static void command_parent(struct app *app, const char *text) {
	struct arguments a = {0};
	sscanf(text, "%31s %31s", a.name, a.other);
	bool none = strcmp(a.other, "-") == 0;
	xdg_toplevel_set_parent(
		item_find(app, a.name)->toplevel, none ? NULL : item_find(app, a.other)->toplevel);
}

static void command_fixed(struct app *app, const char *text) {
	struct arguments a = {0};
	if (sscanf(text, "%31s %dx%d", a.name, &a.width, &a.height) < 3) {
		fail("fixed %s", text);
	}
	struct item *item = item_find(app, a.name);
	xdg_toplevel_set_min_size(item->toplevel, a.width, a.height);
	xdg_toplevel_set_max_size(item->toplevel, a.width, a.height);
}

static void command_maximize(struct app *app, const char *text) {
	xdg_toplevel_set_maximized(item_find(app, text)->toplevel);
}

static void command_minimize(struct app *app, const char *text) {
	xdg_toplevel_set_minimized(item_find(app, text)->toplevel);
}

static void command_move(struct app *app, const char *text) {
	xdg_toplevel_move(item_find(app, text)->toplevel, devices_seat(app), devices_serial(app));
}

static void command_resize(struct app *app, const char *text) {
	struct arguments a = {0};
	sscanf(text, "%31s %u", a.name, &a.anchor);
	xdg_toplevel_resize(
		item_find(app, a.name)->toplevel, devices_seat(app), devices_serial(app), a.anchor);
}

static void command_inhibit(struct app *app, const char *text) {
	app->inhibitor = zwp_idle_inhibit_manager_v1_create_inhibitor(
		app->inhibit_manager, item_find(app, text)->surface);
}

static void command_uninhibit(struct app *app, const char *text) {
	zwp_idle_inhibitor_v1_destroy(app->inhibitor);
}

static void command_idle(struct app *app, const char *text) {
	watch_idle(app, number(text));
}

static void command_point(struct app *app, const char *text) {
	unsigned int x = 0, y = 0, width = 0, height = 0;
	sscanf(text, "%u %u %u %u", &x, &y, &width, &height);
	devices_point(app, x, y, width, height);
}

static void command_button(struct app *app, const char *text) {
	devices_button(app, number(text), strstr(text, "down"));
}

static void command_key(struct app *app, const char *text) {
	devices_key(app, number(text), strstr(text, "down"));
}

static void command_unplug(struct app *app, const char *text) {
	devices_destroy(app);
}

static void command_drag(struct app *app, const char *text) {
	struct arguments a = {0};
	if (sscanf(text, "%31s %31s %dx%d %x", a.name, a.other, &a.width, &a.height, &a.color) <
		5) {
		fail("drag %s", text);
	}
	struct item *icon = item_create(app, a.other, ITEM_SUBSURFACE, a.width, a.height, a.color);
	devices_drag(app, item_find(app, a.name), icon);
}

/* Half of them vanish before they have seen an answer, in every order of parent and child. */
static void churn_one(struct app *app, int i) {
	struct item *top = item_create(app, "churn", ITEM_TOPLEVEL, 0, 0, 0xff208040);
	make_toplevel(top, "churn");
	if (i % 2) {
		wl_display_roundtrip(app->display);
	}
	struct item *sub = item_create(app, "churn-sub", ITEM_SUBSURFACE, 40, 30, 0xff802020);
	make_subsurface(sub, top, i % 50 - 20, i % 30 - 10);
	struct item *popup = item_create(app, "churn-popup", ITEM_POPUP, 80, 60, 0xff202080);
	make_popup(popup, top, i % 200, i % 100, false);
	struct item *nested = item_create(app, "churn-nested", ITEM_POPUP, 50, 40, 0xff808020);
	make_popup(nested, popup, 70, 50, false);
	if (i % 3 == 1) {
		wl_display_roundtrip(app->display);
	}
	item_destroy(nested);
	if (i % 4 == 3) {
		item_destroy(sub);
		item_destroy(popup);
		item_destroy(top);
	} else if (i % 4 == 2) {
		item_destroy(popup);
		item_destroy(top);
		item_destroy(sub);
	} else if (i % 4 == 1) {
		item_destroy(popup);
		item_destroy(top);
		item_destroy(sub);
	} else {
		item_destroy(sub);
		item_destroy(popup);
		item_destroy(top);
	}
}

static void command_churn(struct app *app, const char *text) {
	int count = number(text);
	for (int i = 0; i < count; i++) {
		churn_one(app, i);
		if (i % 10 == 9) {
			wl_display_roundtrip(app->display);
		}
	}
	wl_display_roundtrip(app->display);
	say("churned %d", count);
}

static void command_context(struct app *app, const char *text) {
	open_context(app, text);
}

static void command_taskbar(struct app *app, const char *text) {
	taskbar_open(app);
}

static void command_task(struct app *app, const char *text) {
	struct arguments a = {0};
	sscanf(text, "%31s %127[^\n]", a.name, a.rest);
	taskbar_request(app, a.name, a.rest);
}

static void command_sync(struct app *app, const char *text) {
	if (wl_display_roundtrip(app->display) < 0) {
		fail("connection lost");
	}
	say("synced %s", text);
}

static void command_crash(struct app *app, const char *text) {
	wl_display_roundtrip(app->display);
	_exit(EXIT_SUCCESS);
}

void run_command(struct app *app, char *line) {
	static const struct {
		const char *name;
		void (*run)(struct app *app, const char *text);
	} commands[] = {{"toplevel", command_toplevel}, {"popup", command_popup},
		{"subsurface", command_subsurface}, {"layer", command_layer},
		{"lock", command_lock}, {"lock-surface", command_lock_surface},
		{"unlock", command_unlock}, {"draw", command_draw}, {"shrink", command_shrink},
		{"geometry", command_geometry}, {"destroy", command_destroy},
		{"fullscreen", command_fullscreen}, {"parent", command_parent},
		{"fixed", command_fixed}, {"maximize", command_maximize},
		{"minimize", command_minimize}, {"move", command_move}, {"resize", command_resize},
		{"inhibit", command_inhibit}, {"uninhibit", command_uninhibit},
		{"idle", command_idle}, {"point", command_point}, {"button", command_button},
		{"key", command_key}, {"unplug", command_unplug}, {"drag", command_drag},
		{"churn", command_churn}, {"context", command_context},
		{"taskbar", command_taskbar}, {"task", command_task}, {"sync", command_sync},
		{"crash", command_crash}};
	char *text = strchr(line, ' ');
	if (text) {
		*text++ = '\0';
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, line) == 0) {
			commands[i].run(app, text ? text : "");
			return;
		}
	}
	fail("no command %s", line);
}
