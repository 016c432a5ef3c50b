#include "vm-display/published_clipboard.h"

#include <stdlib.h>

#include "util/mem.h"
#include "vm-display/publisher_private.h"

struct published_clipboard {
	struct publisher *publisher;
	const struct published_clipboard_impl *impl;
	void *data;
	int sharers;
	TAILQ_HEAD(, published_clipboard_end) ends;
};

struct published_clipboard_end { /* of one connection */
	struct published_clipboard *clipboard;
	struct clipboard *end;
	bool shares; /* the peer has registered itself */
	TAILQ_ENTRY(published_clipboard_end) siblings;
};

static void count(struct published_clipboard *clipboard, int change) {
	clipboard->sharers += change;
	bool told = change > 0 || clipboard->sharers == 0;
	if (told && clipboard->impl->sharing) {
		clipboard->impl->sharing(clipboard->data, clipboard->sharers > 0);
	}
}

static void handle_registered(void *data, bool registered) {
	struct published_clipboard_end *end = data;
	if (end->shares != registered) {
		end->shares = registered;
		count(end->clipboard, registered ? 1 : -1);
	}
}

static void offer(struct published_clipboard *clipboard, const char *text, size_t size,
	const struct published_clipboard_end *except) {
	struct published_clipboard_end *end;
	TAILQ_FOREACH (end, &clipboard->ends, siblings) {
		if (!end->shares || end == except) {
			continue;
		}
		if (text && !clipboard_offers(end->end, text, size)) {
			clipboard_offer(end->end, text, size);
		} else if (!text && clipboard_offers(end->end, NULL, 0)) {
			clipboard_release(end->end);
		}
	}
}

static void handle_text(void *data, const char *text, size_t size) {
	struct published_clipboard_end *end = data;
	struct published_clipboard *clipboard = end->clipboard;
	if (text) {
		offer(clipboard, text, size, end);
		if (clipboard->impl->text) {
			clipboard->impl->text(clipboard->data, text, size);
		}
	}
}

static void handle_grabbed(void *data, bool has_text) {
	struct published_clipboard_end *end = data;
	if (has_text) {
		clipboard_ask(end->end, handle_text, end);
	}
}

static const struct clipboard_impl end_impl = {
	.registered = handle_registered,
	.grabbed = handle_grabbed,
};

bool published_clipboard_join(struct published_client *client) {
	struct published_clipboard *clipboard = client->publisher->clipboard;
	if (!clipboard || !(client->rights & PUBLISHER_CONTROL)) {
		return true;
	}
	struct published_clipboard_end *end = xcalloc(1, sizeof(*end));
	end->clipboard = clipboard;
	end->end = clipboard_create_server(bus_link_bus(client->link), &end_impl, end);
	if (!end->end) {
		free(end);
		return false;
	}
	client->clipboard_end = end;
	TAILQ_INSERT_TAIL(&clipboard->ends, end, siblings);
	return true;
}

void published_clipboard_leave(struct published_client *client) {
	struct published_clipboard_end *end = client->clipboard_end;
	if (!end) {
		return;
	}
	client->clipboard_end = NULL;
	TAILQ_REMOVE(&end->clipboard->ends, end, siblings);
	clipboard_destroy(end->end);
	handle_registered(end, false);
	free(end);
}

struct published_clipboard *publisher_add_clipboard(
	struct publisher *publisher, const struct published_clipboard_impl *impl, void *data) {
	struct published_clipboard *clipboard = xcalloc(1, sizeof(*clipboard));
	clipboard->publisher = publisher;
	clipboard->impl = impl;
	clipboard->data = data;
	TAILQ_INIT(&clipboard->ends);
	publisher->clipboard = clipboard;
	return clipboard;
}

void published_clipboard_destroy(struct published_clipboard *clipboard) {
	if (!clipboard) {
		return;
	}
	if (clipboard->impl->destroyed) {
		clipboard->impl->destroyed(clipboard->data);
	}
	free(clipboard);
}

void published_clipboard_offer(
	struct published_clipboard *clipboard, const char *text, size_t size) {
	offer(clipboard, text, size, NULL);
}
