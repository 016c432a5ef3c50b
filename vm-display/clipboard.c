#include "vm-display/clipboard.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"
#include "util/mem.h"
#include "vm-display/display_client_private.h"

#define TEXT_TYPE "text/plain;charset=utf-8"
#define SELECTION 0 /* the clipboard, of three */
#define TYPES_MAX 64 /* that a peer may name */
#define UNREAD_MAX 16 /* messages that wait for a peer which still gets a text */

struct clipboard {
	sd_bus *bus;
	sd_bus_slot *object, *question;
	const struct clipboard_impl *impl;
	void *data;
	bool is_server, registered;
	uint32_t serial; /* of the last grab */
	char *text; /* what we offer; NULL: nothing */
	size_t size;
	bool peer_has_text;
	void (*done)(void *data, const char *text, size_t size);
	void *done_data;
};

static int sequence_length(uint8_t first) {
	return first < 0x80    ? 1
		: first < 0xc2 ? 0
		: first < 0xe0 ? 2
		: first < 0xf0 ? 3
		: first < 0xf5 ? 4
			       : 0;
}

bool clipboard_is_text(const char *bytes, size_t size) {
	const uint8_t *text = (const uint8_t *)bytes;
	for (size_t i = 0; i < size;) {
		int length = sequence_length(text[i]);
		if (length == 0 || size - i < (size_t)length || text[i] == 0) {
			return false;
		}
		for (int j = 1; j < length; j++) {
			if ((text[i + j] & 0xc0) != 0x80) {
				return false;
			}
		}
		if ((text[i] == 0xe0 && text[i + 1] < 0xa0) ||
			(text[i] == 0xed && text[i + 1] > 0x9f) ||
			(text[i] == 0xf0 && text[i + 1] < 0x90) ||
			(text[i] == 0xf4 && text[i + 1] > 0x8f)) {
			return false;
		}
		i += length;
	}
	return true;
}

static void wipe(struct clipboard *clipboard) {
	if (clipboard->text) {
		explicit_bzero(clipboard->text, clipboard->size);
	}
	free(clipboard->text);
	clipboard->text = NULL;
	clipboard->size = 0;
}

/* Nobody waits for the answer. */
static void call(struct clipboard *clipboard, const char *member, const char *types, ...) {
	sd_bus_message *message = NULL;
	int result = sd_bus_message_new_method_call(clipboard->bus, &message, NULL,
		DISPLAY_CLIPBOARD_PATH, DISPLAY_CLIPBOARD_INTERFACE, member);
	va_list list;
	va_start(list, types);
	if (result >= 0) {
		result = sd_bus_message_appendv(message, types, list);
	}
	va_end(list);
	if (result >= 0 && sd_bus_message_set_expect_reply(message, false) >= 0) {
		sd_bus_send(clipboard->bus, message, NULL);
	}
	sd_bus_message_unref(message);
}

static void grab(struct clipboard *clipboard) {
	if (clipboard->registered) {
		call(clipboard, "Grab", "uuas", SELECTION, ++clipboard->serial, 1, TEXT_TYPE);
	}
}

static void set_peer_text(struct clipboard *clipboard, bool has_text) {
	clipboard->peer_has_text = has_text;
	if (clipboard->impl->grabbed) {
		clipboard->impl->grabbed(clipboard->data, has_text);
	}
}

static void set_registered(struct clipboard *clipboard, bool registered) {
	clipboard->serial = 0;
	clipboard->registered = registered;
	if (clipboard->peer_has_text) {
		set_peer_text(clipboard, false);
	}
	if (clipboard->is_server && clipboard->impl->registered) {
		clipboard->impl->registered(clipboard->data, registered);
	}
	if (registered && clipboard->text) {
		grab(clipboard);
	}
}

static int handle_register(sd_bus_message *message, void *data, sd_bus_error *error) {
	set_registered(data, true);
	return sd_bus_reply_method_return(message, "");
}

static int handle_unregister(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct clipboard *clipboard = data;
	if (clipboard->registered) {
		set_registered(clipboard, false);
	}
	return sd_bus_reply_method_return(message, "");
}

/* Reads the beginning of a message. Zero if it was answered with an error. */
static int read_selection(struct clipboard *clipboard, sd_bus_message *message) {
	uint32_t selection;
	int result = sd_bus_message_read(message, "u", &selection);
	if (result < 0) {
		return result;
	}
	if (!clipboard->registered || selection != SELECTION) {
		sd_bus_reply_method_errorf(message, SD_BUS_ERROR_NOT_SUPPORTED,
			clipboard->registered ? "there is the clipboard only" : "not registered");
		return 0;
	}
	return 1;
}

/* Whether text is among the types; negative if they are wrong. */
static int read_types(sd_bus_message *message) {
	int result = sd_bus_message_enter_container(message, 'a', "s");
	bool has_text = false;
	const char *type;
	for (int i = 0; result >= 0 && i < TYPES_MAX; i++) {
		result = sd_bus_message_read(message, "s", &type);
		if (result == 0) {
			break;
		}
		has_text = has_text || (result > 0 && strcmp(type, TEXT_TYPE) == 0);
	}
	return result < 0 ? result : has_text;
}

/* The higher serial wins; of two equal ones the client's, and any where nobody has grabbed yet. */
static int handle_grab(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct clipboard *clipboard = data;
	uint32_t serial;
	int result = read_selection(clipboard, message);
	if (result <= 0) {
		return result < 0 ? result : 1;
	}
	result = sd_bus_message_read(message, "u", &serial);
	int has_text = result < 0 ? result : read_types(message);
	if (has_text < 0) {
		return has_text;
	}
	bool wins = serial > clipboard->serial ||
		(serial == clipboard->serial && (clipboard->is_server || !clipboard->text));
	if (wins) {
		clipboard->serial = serial;
		wipe(clipboard);
		set_peer_text(clipboard, has_text);
	}
	return sd_bus_reply_method_return(message, "");
}

static int handle_release(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct clipboard *clipboard = data;
	int result = read_selection(clipboard, message);
	if (result <= 0) {
		return result < 0 ? result : 1;
	}
	if (clipboard->peer_has_text) {
		set_peer_text(clipboard, false);
	}
	return sd_bus_reply_method_return(message, "");
}

/* Texts are large: who asks on without reading mustn't fill our memory. */
static bool is_deaf(const struct clipboard *clipboard) {
	uint64_t count = 0;
	sd_bus_get_n_queued_write(clipboard->bus, &count);
	return count > UNREAD_MAX;
}

static int handle_request(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct clipboard *clipboard = data;
	int result = read_selection(clipboard, message);
	if (result <= 0) {
		return result < 0 ? result : 1;
	}
	int wants_text = read_types(message);
	if (wants_text <= 0 || !clipboard->text) {
		return wants_text < 0 ? wants_text
				      : sd_bus_reply_method_errorf(message, SD_BUS_ERROR_FAILED,
						"there is no such text");
	}
	if (is_deaf(clipboard)) {
		return sd_bus_reply_method_errorf(
			message, SD_BUS_ERROR_LIMITS_EXCEEDED, "too many answers wait");
	}
	sd_bus_message *reply = NULL;
	result = sd_bus_message_new_method_return(message, &reply);
	if (result >= 0) {
		result = sd_bus_message_append(reply, "s", TEXT_TYPE);
	}
	if (result >= 0) {
		result = sd_bus_message_append_array(reply, 'y', clipboard->text, clipboard->size);
	}
	if (result >= 0) {
		result = sd_bus_send(NULL, reply, NULL);
	}
	sd_bus_message_unref(reply);
	if (result >= 0 && clipboard->impl->taken) {
		clipboard->impl->taken(clipboard->data);
	}
	return result < 0 ? result : 1;
}

static int get_interfaces(sd_bus *bus, const char *path, const char *interface,
	const char *property, sd_bus_message *reply, void *data, sd_bus_error *error) {
	return sd_bus_message_append(reply, "as", 0);
}

#define CLIPBOARD_METHOD(name, in, out, handler)                                                   \
	SD_BUS_METHOD(name, in, out, handler, SD_BUS_VTABLE_UNPRIVILEGED)

static const sd_bus_vtable vtable[] = {
	SD_BUS_VTABLE_START(0),
	CLIPBOARD_METHOD("Register", "", "", handle_register),
	CLIPBOARD_METHOD("Unregister", "", "", handle_unregister),
	CLIPBOARD_METHOD("Grab", "uuas", "", handle_grab),
	CLIPBOARD_METHOD("Release", "u", "", handle_release),
	CLIPBOARD_METHOD("Request", "uas", "say", handle_request),
	SD_BUS_PROPERTY("Interfaces", "as", get_interfaces, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_VTABLE_END,
};

static struct clipboard *create(sd_bus *bus, const struct clipboard_impl *impl, void *data) {
	struct clipboard *clipboard = xcalloc(1, sizeof(*clipboard));
	clipboard->bus = sd_bus_ref(bus);
	clipboard->impl = impl;
	clipboard->data = data;
	if (sd_bus_add_object_vtable(bus, &clipboard->object, DISPLAY_CLIPBOARD_PATH,
		    DISPLAY_CLIPBOARD_INTERFACE, vtable, clipboard) < 0) {
		log_error("can't share a clipboard");
		clipboard_destroy(clipboard);
		return NULL;
	}
	return clipboard;
}

struct clipboard *clipboard_create(
	struct display_client *display, const struct clipboard_impl *impl, void *data) {
	sd_bus *bus = display_client_bus(display);
	struct clipboard *clipboard = bus ? create(bus, impl, data) : NULL;
	if (clipboard) {
		call(clipboard, "Unregister", "");
		call(clipboard, "Register", "");
		clipboard->registered = true;
	}
	return clipboard;
}

struct clipboard *clipboard_create_server(
	sd_bus *bus, const struct clipboard_impl *impl, void *data) {
	struct clipboard *clipboard = create(bus, impl, data);
	if (clipboard) {
		clipboard->is_server = true;
	}
	return clipboard;
}

void clipboard_destroy(struct clipboard *clipboard) {
	if (!clipboard) {
		return;
	}
	if (!clipboard->is_server && clipboard->registered) {
		call(clipboard, "Unregister", "");
	}
	wipe(clipboard);
	sd_bus_slot_unref(clipboard->question);
	sd_bus_slot_unref(clipboard->object);
	sd_bus_unref(clipboard->bus);
	free(clipboard);
}

void clipboard_offer(struct clipboard *clipboard, const char *text, size_t size) {
	wipe(clipboard);
	if (size > CLIPBOARD_MAX) {
		clipboard_release(clipboard);
		return;
	}
	clipboard->text = xcalloc(1, size + 1);
	memcpy(clipboard->text, text, size);
	clipboard->size = size;
	clipboard->peer_has_text = false;
	grab(clipboard);
}

void clipboard_release(struct clipboard *clipboard) {
	wipe(clipboard);
	if (clipboard->registered) {
		call(clipboard, "Release", "u", SELECTION);
	}
}

void clipboard_forget(struct clipboard *clipboard) {
	wipe(clipboard);
}

bool clipboard_offers(const struct clipboard *clipboard, const char *text, size_t size) {
	return clipboard->text &&
		(!text || (clipboard->size == size && memcmp(clipboard->text, text, size) == 0));
}

bool clipboard_peer_has_text(const struct clipboard *clipboard) {
	return clipboard->peer_has_text;
}

/* The answer's text; NULL if it isn't one that we take. */
static const char *read_text(sd_bus_message *message, size_t *size) {
	const char *type;
	const void *text;
	if (sd_bus_message_is_method_error(message, NULL) ||
		!sd_bus_message_has_signature(message, "say") ||
		sd_bus_message_read(message, "s", &type) < 0 ||
		sd_bus_message_read_array(message, 'y', &text, size) < 0) {
		return NULL;
	}
	if (*size > CLIPBOARD_MAX || strcmp(type, TEXT_TYPE) != 0 ||
		!clipboard_is_text(text, *size)) {
		log_debug("a clipboard's text isn't taken: it is too long, or isn't UTF-8");
		return NULL;
	}
	return text;
}

static int handle_answer(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct clipboard *clipboard = data;
	clipboard->question = sd_bus_slot_unref(clipboard->question);
	size_t size = 0;
	const char *text = read_text(message, &size);
	clipboard->done(clipboard->done_data, text, text ? size : 0);
	return 1;
}

void clipboard_ask(struct clipboard *clipboard,
	void (*done)(void *data, const char *text, size_t size), void *data) {
	clipboard->question = sd_bus_slot_unref(clipboard->question);
	clipboard->done = done;
	clipboard->done_data = data;
	if (!clipboard->registered ||
		sd_bus_call_method_async(clipboard->bus, &clipboard->question, NULL,
			DISPLAY_CLIPBOARD_PATH, DISPLAY_CLIPBOARD_INTERFACE, "Request",
			handle_answer, clipboard, "uas", SELECTION, 1, TEXT_TYPE) < 0) {
		done(data, NULL, 0);
	}
}
