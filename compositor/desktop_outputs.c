#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_output_layout.h>

#include "compositor/desktop.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/view.h"

/* The next one that is placed, around the end. */
static struct output *step(struct outputs *outputs, struct output *from, bool forward) {
	struct wl_list *link = &from->link;
	do {
		link = forward ? link->next : link->prev;
		if (link == &outputs->list) {
			continue;
		}
		struct output *output = wl_container_of(link, output, link);
		if (output->placed && output != from) {
			return output;
		}
	} while (link != &from->link);
	return NULL;
}

static struct output *neighbour(
	struct outputs *outputs, struct output *from, enum wlr_direction direction) {
	double x = from->box.x + from->box.width / 2.0, y = from->box.y + from->box.height / 2.0;
	return output_from_wlr(outputs,
		wlr_output_layout_adjacent_output(outputs->layout, direction, from->wlr, x, y));
}

struct output *desktop_find_output(struct desktop *desktop, const char *where) {
	static const struct {
		const char *name;
		enum wlr_direction direction;
	} directions[] = {{"left", WLR_DIRECTION_LEFT}, {"right", WLR_DIRECTION_RIGHT},
		{"up", WLR_DIRECTION_UP}, {"down", WLR_DIRECTION_DOWN}};
	struct outputs *outputs = desktop->server->outputs;
	struct output *from = desktop_focused_output(desktop);
	if (!from) {
		return NULL;
	}
	if (strcmp(where, "next") == 0 || strcmp(where, "previous") == 0) {
		return step(outputs, from, where[0] == 'n');
	}
	for (size_t i = 0; i < sizeof(directions) / sizeof(directions[0]); i++) {
		if (strcmp(where, directions[i].name) == 0) {
			return neighbour(outputs, from, directions[i].direction);
		}
	}
	struct output *output = output_by_name(outputs, where);
	return output && output->placed ? output : NULL;
}

void desktop_focus_output(struct desktop *desktop, struct output *output) {
	struct view *view;
	wl_list_for_each (view, &desktop->focus_order, focus_link) {
		if (view->output == output) {
			break;
		}
	}
	desktop_focus(desktop, &view->focus_link != &desktop->focus_order ? view : NULL);
	seat_move_cursor(desktop->server->seat, output->box.x + output->box.width / 2.0,
		output->box.y + output->box.height / 2.0);
}
