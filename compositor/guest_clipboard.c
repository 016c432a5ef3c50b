#include "compositor/guest_clipboard.h"

#include <stdlib.h>
#include <time.h>

#include "compositor/desktop_clipboard.h"
#include "compositor/server.h"
#include "util/log.h"
#include "util/mem.h"
#include "vm-display/published_clipboard.h"

struct guest_clipboard {
	struct server *server;
	const struct guest_config *config;
	struct clipboard *qemu; /* NULL: not connected */
	struct published_clipboard *published; /* NULL: nobody asked for the guest's display */
	bool sharing; /* somebody who controls it shares its clipboard */
	sd_event_source *limit; /* of what was pasted */
};

static bool may_copy(const struct guest_clipboard *guest) {
	return guest->config->clipboard == GUEST_CLIPBOARD_COPY ||
		guest->config->clipboard == GUEST_CLIPBOARD_BOTH;
}

static bool may_paste(const struct guest_clipboard *guest) {
	return guest->config->clipboard == GUEST_CLIPBOARD_PASTE ||
		guest->config->clipboard == GUEST_CLIPBOARD_BOTH;
}

static void handle_shared_text(void *data, const char *text, size_t size) {
	struct guest_clipboard *guest = data;
	if (guest->published) {
		published_clipboard_offer(guest->published, text, size);
	}
}

static void share(struct guest_clipboard *guest) {
	if (guest->qemu && guest->sharing && may_copy(guest) &&
		clipboard_peer_has_text(guest->qemu)) {
		clipboard_ask(guest->qemu, handle_shared_text, guest);
	}
}

static void handle_qemu_grabbed(void *data, bool has_text) {
	struct guest_clipboard *guest = data;
	sd_event_source_set_enabled(guest->limit, SD_EVENT_OFF);
	if (has_text) {
		share(guest);
	} else if (guest->published) {
		published_clipboard_offer(guest->published, NULL, 0);
	}
}

/* QEMU keeps what it got for the guest's next pastes. */
static void handle_qemu_taken(void *data) {
	struct guest_clipboard *guest = data;
	clipboard_forget(guest->qemu);
	sd_event_source_set_enabled(guest->limit, SD_EVENT_OFF);
}

static const struct clipboard_impl qemu_impl = {
	.grabbed = handle_qemu_grabbed,
	.taken = handle_qemu_taken,
};

static void offer(struct guest_clipboard *guest, const char *text, size_t size) {
	clipboard_offer(guest->qemu, text, size);
	sd_event_source_set_time_relative(guest->limit, GUEST_CLIPBOARD_TIME);
	sd_event_source_set_enabled(guest->limit, SD_EVENT_ONESHOT);
}

static int handle_limit(sd_event_source *source, uint64_t usec, void *data) {
	struct guest_clipboard *guest = data;
	if (guest->qemu && clipboard_offers(guest->qemu, NULL, 0)) {
		clipboard_release(guest->qemu);
	}
	return 0;
}

static void handle_published_sharing(void *data, bool anybody) {
	struct guest_clipboard *guest = data;
	guest->sharing = anybody;
	share(guest);
}

static void handle_published_text(void *data, const char *text, size_t size) {
	struct guest_clipboard *guest = data;
	if (guest->qemu && may_paste(guest)) {
		offer(guest, text, size);
	}
}

static void handle_published_destroyed(void *data) {
	struct guest_clipboard *guest = data;
	guest->published = NULL;
}

static const struct published_clipboard_impl published_impl = {
	.text = handle_published_text,
	.sharing = handle_published_sharing,
	.destroyed = handle_published_destroyed,
};

struct guest_clipboard *guest_clipboard_create(
	struct server *server, const struct guest_config *config) {
	struct guest_clipboard *guest = xcalloc(1, sizeof(*guest));
	guest->server = server;
	guest->config = config;
	if (sd_event_add_time_relative(
		    server->event, &guest->limit, CLOCK_MONOTONIC, 0, 0, handle_limit, guest) < 0 ||
		sd_event_source_set_enabled(guest->limit, SD_EVENT_OFF) < 0) {
		log_error("guest %s has no clipboard: out of resources", config->name);
		guest_clipboard_destroy(guest);
		return NULL;
	}
	return guest;
}

void guest_clipboard_destroy(struct guest_clipboard *guest) {
	if (guest) {
		desktop_clipboard_cancel(guest->server->clipboard, guest);
		sd_event_source_disable_unref(guest->limit);
		clipboard_destroy(guest->qemu);
		free(guest);
	}
}

void guest_clipboard_publish(struct guest_clipboard *guest, struct publisher *publisher) {
	if (guest) {
		guest->published = publisher_add_clipboard(publisher, &published_impl, guest);
	}
}

void guest_clipboard_connect(struct guest_clipboard *guest, struct display_client *display) {
	if (!guest) {
		return;
	}
	clipboard_destroy(guest->qemu);
	guest->qemu = display ? clipboard_create(display, &qemu_impl, guest) : NULL;
	sd_event_source_set_enabled(guest->limit, SD_EVENT_OFF);
}

static void handle_copied(void *data, const char *text, size_t size) {
	struct guest_clipboard *guest = data;
	if (text) {
		desktop_clipboard_set(guest->server->clipboard, text, size);
		log_info(
			"%zu bytes of text were copied out of guest %s", size, guest->config->name);
	}
	share(guest); /* whoever is remote waited for the same */
}

void guest_clipboard_copy(struct guest_clipboard *guest) {
	if (!guest || !guest->qemu || !clipboard_peer_has_text(guest->qemu)) {
		return;
	}
	if (!may_copy(guest)) {
		log_info("guest %s may not copy: its file says so", guest->config->name);
		return;
	}
	clipboard_ask(guest->qemu, handle_copied, guest);
}

static void handle_desktop_text(void *data, const char *text, size_t size) {
	struct guest_clipboard *guest = data;
	if (text && guest->qemu) {
		offer(guest, text, size);
		log_info("%zu bytes of text can be pasted in guest %s", size, guest->config->name);
		desktop_clipboard_wipe(guest->server->clipboard);
	}
}

void guest_clipboard_paste(struct guest_clipboard *guest) {
	if (!guest || !guest->qemu) {
		return;
	}
	if (!may_paste(guest)) {
		log_info(
			"nothing may be pasted in guest %s: its file says so", guest->config->name);
		return;
	}
	desktop_clipboard_get(guest->server->clipboard, handle_desktop_text, guest);
}
