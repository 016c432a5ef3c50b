#include "compositor/desktop_clipboard.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_seat.h>

#include "compositor/server.h"
#include "input/seat.h"
#include "util/log.h"
#include "util/mem.h"
#include "vm-display/published_clipboard.h"

/* The best first. */
static const char *const text_types[] = {
	"text/plain;charset=utf-8", "UTF8_STRING", "text/plain", "TEXT", "STRING"};
#define TEXT_TYPES (sizeof(text_types) / sizeof(text_types[0]))

struct reading { /* of a client's selection */
	struct text_pipe *pipe; /* NULL: none */
	text_pipe_done done;
	void *data;
};

struct desktop_clipboard {
	struct server *server;
	struct wlr_seat *seat;
	struct text_source *source; /* ours, if it is the selection */
	struct reading shared, asked; /* for those remote, and for desktop_clipboard_get */
	struct clipboard_outlet *origin; /* of what is being set: it knows it already */
	struct wl_list outlets; /* clipboard_outlet.link */
	struct wl_list writers; /* source_writer.link */
	struct wl_listener set_selection;
};

/* A publisher that shares the clipboard. */
struct clipboard_outlet {
	struct desktop_clipboard *clipboard;
	struct published_clipboard *published;
	bool sharing;
	struct wl_list link; /* desktop_clipboard.outlets */
};

/* A selection of ours. */
struct text_source {
	struct wlr_data_source base;
	struct desktop_clipboard *clipboard;
	char *text;
	size_t size;
};

/* A client that gets our text. */
struct source_writer {
	struct text_pipe *pipe;
	struct wl_list link; /* desktop_clipboard.writers */
};

static void writer_destroy(struct source_writer *writer) {
	text_pipe_destroy(writer->pipe);
	wl_list_remove(&writer->link);
	free(writer);
}

static void handle_written(void *data, const char *text, size_t size) {
	writer_destroy(data);
}

static const struct wlr_data_source_impl source_impl;

static struct text_source *text_source_from(struct wlr_data_source *base) {
	assert(base->impl == &source_impl);
	struct text_source *source = wl_container_of(base, source, base);
	return source;
}

static void handle_source_send(struct wlr_data_source *base, const char *type, int32_t fd) {
	struct text_source *source = text_source_from(base);
	struct desktop_clipboard *clipboard = source->clipboard;
	if (wl_list_length(&clipboard->writers) >= DESKTOP_CLIPBOARD_WRITERS_MAX) {
		close(fd);
		return;
	}
	struct source_writer *writer = xcalloc(1, sizeof(*writer));
	wl_list_insert(&clipboard->writers, &writer->link);
	writer->pipe = text_pipe_write(
		clipboard->server->event, fd, source->text, source->size, handle_written, writer);
	if (!writer->pipe) {
		writer_destroy(writer);
	}
}

static void handle_source_destroy(struct wlr_data_source *base) {
	struct text_source *source = text_source_from(base);
	if (source->clipboard->source == source) {
		source->clipboard->source = NULL;
	}
	explicit_bzero(source->text, source->size);
	free(source->text);
	free(source);
}

static const struct wlr_data_source_impl source_impl = {
	.send = handle_source_send,
	.destroy = handle_source_destroy,
};

void desktop_clipboard_set(struct desktop_clipboard *clipboard, const char *text, size_t size) {
	struct text_source *source = xcalloc(1, sizeof(*source));
	wlr_data_source_init(&source->base, &source_impl);
	source->clipboard = clipboard;
	source->text = xcalloc(1, size + 1);
	memcpy(source->text, text, size);
	source->size = size;
	for (size_t i = 0; i < TEXT_TYPES; i++) {
		char **type = wl_array_add(&source->base.mime_types, sizeof(*type));
		if (type) {
			*type = xstrdup(text_types[i]);
		}
	}
	clipboard->source = source;
	wlr_seat_set_selection(
		clipboard->seat, &source->base, wl_display_next_serial(clipboard->server->display));
}

void desktop_clipboard_wipe(struct desktop_clipboard *clipboard) {
	if (clipboard->source) {
		wlr_seat_set_selection(
			clipboard->seat, NULL, wl_display_next_serial(clipboard->server->display));
	}
}

static const char *text_type_of(struct wlr_data_source *source) {
	for (size_t i = 0; i < TEXT_TYPES; i++) {
		char **type;
		wl_array_for_each (type, &source->mime_types) {
			if (strcmp(*type, text_types[i]) == 0) {
				return text_types[i];
			}
		}
	}
	return NULL;
}

static void stop_reading(struct reading *reading) {
	text_pipe_destroy(reading->pipe);
	reading->pipe = NULL;
}

static void handle_read(void *data, const char *text, size_t size) {
	struct reading *reading = data;
	struct text_pipe *pipe = reading->pipe;
	reading->pipe = NULL; /* the callee may read again */
	bool usable = text && clipboard_is_text(text, size);
	reading->done(reading->data, usable ? text : NULL, usable ? size : 0);
	text_pipe_destroy(pipe);
}

static void begin_reading(struct desktop_clipboard *clipboard, struct reading *reading,
	text_pipe_done done, void *data) {
	stop_reading(reading);
	reading->done = done;
	reading->data = data;
	if (clipboard->source) {
		done(data, clipboard->source->text, clipboard->source->size);
		return;
	}
	struct wlr_data_source *source = clipboard->seat->selection_source;
	const char *type = source ? text_type_of(source) : NULL;
	int fds[2];
	if (!type || pipe2(fds, O_CLOEXEC) < 0) {
		done(data, NULL, 0);
		return;
	}
	reading->pipe = text_pipe_read(
		clipboard->server->event, fds[0], CLIPBOARD_MAX, handle_read, reading);
	if (reading->pipe) {
		wlr_data_source_send(source, type, fds[1]);
	} else {
		close(fds[1]);
		done(data, NULL, 0);
	}
}

void desktop_clipboard_get(struct desktop_clipboard *clipboard, text_pipe_done done, void *data) {
	begin_reading(clipboard, &clipboard->asked, done, data);
}

void desktop_clipboard_cancel(struct desktop_clipboard *clipboard, void *data) {
	if (clipboard->asked.data == data) {
		stop_reading(&clipboard->asked);
	}
}

static void handle_shared_text(void *data, const char *text, size_t size) {
	struct desktop_clipboard *clipboard = data;
	struct clipboard_outlet *outlet;
	wl_list_for_each (outlet, &clipboard->outlets, link) {
		if (outlet != clipboard->origin) {
			published_clipboard_offer(outlet->published, text, size);
		}
	}
}

static bool is_shared(const struct desktop_clipboard *clipboard) {
	bool shared = false;
	struct clipboard_outlet *outlet;
	wl_list_for_each (outlet, &clipboard->outlets, link) {
		shared |= outlet->sharing;
	}
	return shared;
}

static void share(struct desktop_clipboard *clipboard) {
	if (is_shared(clipboard)) {
		begin_reading(clipboard, &clipboard->shared, handle_shared_text, clipboard);
	}
}

static void handle_set_selection(struct wl_listener *listener, void *data) {
	struct desktop_clipboard *clipboard = wl_container_of(listener, clipboard, set_selection);
	share(clipboard);
}

static void handle_outlet_sharing(void *data, bool anybody) {
	struct clipboard_outlet *outlet = data;
	outlet->sharing = anybody;
	if (anybody) {
		share(outlet->clipboard);
	}
}

static void handle_outlet_text(void *data, const char *text, size_t size) {
	struct clipboard_outlet *outlet = data;
	outlet->clipboard->origin = outlet;
	desktop_clipboard_set(outlet->clipboard, text, size);
	outlet->clipboard->origin = NULL;
}

static void handle_outlet_destroyed(void *data) {
	struct clipboard_outlet *outlet = data;
	wl_list_remove(&outlet->link);
	free(outlet);
}

static const struct published_clipboard_impl outlet_impl = {
	.text = handle_outlet_text,
	.sharing = handle_outlet_sharing,
	.destroyed = handle_outlet_destroyed,
};

void desktop_clipboard_publish(struct desktop_clipboard *clipboard, struct publisher *publisher) {
	struct clipboard_outlet *outlet = xcalloc(1, sizeof(*outlet));
	outlet->clipboard = clipboard;
	wl_list_insert(&clipboard->outlets, &outlet->link);
	outlet->published = publisher_add_clipboard(publisher, &outlet_impl, outlet);
}

struct desktop_clipboard *desktop_clipboard_create(struct server *server) {
	struct desktop_clipboard *clipboard = xcalloc(1, sizeof(*clipboard));
	clipboard->server = server;
	clipboard->seat = seat_wlr(server->seat);
	wl_list_init(&clipboard->outlets);
	wl_list_init(&clipboard->writers);
	clipboard->set_selection.notify = handle_set_selection;
	wl_signal_add(&clipboard->seat->events.set_selection, &clipboard->set_selection);
	return clipboard;
}

void desktop_clipboard_destroy(struct desktop_clipboard *clipboard) {
	if (!clipboard) {
		return;
	}
	assert(wl_list_empty(&clipboard->outlets));
	wl_list_remove(&clipboard->set_selection.link);
	desktop_clipboard_wipe(clipboard);
	stop_reading(&clipboard->shared);
	stop_reading(&clipboard->asked);
	struct source_writer *writer, *tmp;
	wl_list_for_each_safe (writer, tmp, &clipboard->writers, link) {
		writer_destroy(writer);
	}
	free(clipboard);
}
