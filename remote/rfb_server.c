#include "remote/rfb_server.h"

#include <errno.h>
#include <fcntl.h>
#include <rfb/rfb.h>
#include <rfb/rfbregion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "remote/picture.h"
#include "remote/rfb_audio.h"
#include "remote/rfb_clipboard.h"
#include "remote/rfb_extras.h"
#include "remote/rfb_flow.h"
#include "remote/rfb_library.h"
#include "remote/rfb_message.h"
#include "remote/rfb_output.h"
#include "remote/rfb_update.h"
#include "remote/rfb_wishes.h"
#include "util/log.h"
#include "util/mem.h"

#define MESSAGES_PER_DISPATCH 64 /* then others get their turn */
#define READ_SIZE 16384
#define ANSWERS_MAX (512 * 1024) /* bytes, to a client that doesn't read them */
#define BATCH (64 * 1024) /* bytes that are sent at once */

struct rfb_server {
	const struct picture *picture;
	const struct rfb_server_impl *impl;
	void *data;
	char *name;
	int fd; /* -1 once the client is gone */
	bool view_only;
	struct rfb_library library;
	struct rfb_buffer input;
	size_t input_used; /* bytes of it that are done with */
	struct rfb_buffer answers; /* they wait for the end of the present update */
	struct rfb_output output;
	struct rfb_wishes wishes;
	struct rfb_update update;
	struct rfb_extras extras;
	struct rfb_buffer extra_bytes; /* scratch */
	struct rfb_flow flow;
	struct rfb_clipboard clipboard;
	char *early_text; /* until the client's ClientInit: nothing may go before its answer */
	struct rfb_audio audio;
};

static void handle_keysym(void *data, uint32_t keysym, bool pressed) {
	struct rfb_server *server = data;
	if (!server->view_only) {
		server->impl->keysym(server->data, keysym, pressed);
	}
}

static void handle_got_text(void *data, const char *text) {
	struct rfb_server *server = data;
	if (!server->view_only && server->impl->got_text) {
		server->impl->got_text(server->data, text);
	}
}

static void handle_hear(void *data, bool wanted) {
	struct rfb_server *server = data;
	if (server->impl->hear) {
		server->impl->hear(server->data, wanted);
	}
}

struct rfb_server *rfb_server_create(int fd, const struct picture *picture, const char *name,
	const struct rfb_server_impl *impl, void *data) {
	struct rfb_server *server = xcalloc(1, sizeof(*server));
	server->picture = picture;
	server->impl = impl;
	server->data = data;
	server->name = xstrdup(name);
	server->fd = fd;
	server->clipboard.got_text = handle_got_text;
	server->clipboard.data = server;
	rfb_audio_init(&server->audio, handle_hear, server);
	rfb_wishes_read(&server->wishes, NULL, 0);
	rfb_output_init(&server->output, fd);
	rfb_extras_init(&server->extras, picture);
	rfb_update_init(&server->update, picture, &server->library, &server->output);
	if (!rfb_library_init(&server->library, picture, server->name, handle_keysym, server) ||
		fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
		log_error("can't start a VNC session: %s", strerror(errno));
		rfb_server_destroy(server);
		return NULL;
	}
	return server;
}

static void drop_client(struct rfb_server *server) {
	if (server->fd >= 0) {
		close(server->fd);
		server->fd = -1;
	}
}

void rfb_server_destroy(struct rfb_server *server) {
	if (!server) {
		return;
	}
	drop_client(server);
	rfb_update_finish(&server->update);
	rfb_output_finish(&server->output);
	rfb_extras_finish(&server->extras);
	rfb_clipboard_finish(&server->clipboard);
	free(server->early_text);
	rfb_audio_finish(&server->audio);
	rfb_buffer_finish(&server->input);
	rfb_buffer_finish(&server->answers);
	rfb_buffer_finish(&server->extra_bytes);
	rfb_library_finish(&server->library);
	free(server->name);
	free(server);
}

int rfb_server_fd(const struct rfb_server *server) {
	return server->fd;
}

void rfb_server_set_view_only(struct rfb_server *server, bool view_only) {
	server->view_only = view_only;
}

/* What the client says */

static bool is_starting(const struct rfb_server *server) {
	return server->library.client->state == RFB_INITIALISATION;
}

static uint32_t read_u16(const uint8_t *bytes) {
	return (uint32_t)bytes[0] << 8 | bytes[1];
}

static uint32_t read_u32(const uint8_t *bytes) {
	return read_u16(bytes) << 16 | read_u16(bytes + 2);
}

static bool pass(struct rfb_server *server, const uint8_t *message, size_t length) {
	return rfb_library_pass(&server->library, message, length, &server->answers);
}

static bool start(struct rfb_server *server, const uint8_t *message) {
	server->extras.told_width = server->picture->width;
	server->extras.told_height = server->picture->height;
	bool ok = pass(server, message, 1);
	rfb_clipboard_set_text(&server->clipboard, server->early_text, &server->answers);
	free(server->early_text);
	server->early_text = NULL;
	return ok;
}

static bool handle_encodings(struct rfb_server *server, const uint8_t *message) {
	rfb_wishes_read(&server->wishes, message + 4, read_u16(message + 2));
	rfb_extras_restart(&server->extras);
	rfb_flow_offer(&server->flow, &server->wishes, &server->answers);
	if (server->wishes.clipboard && !server->clipboard.is_extended) {
		rfb_clipboard_offer(&server->clipboard, &server->answers);
	}
	return true;
}

/* Hextile would go on in the new format: what is left is sent again. */
static bool handle_format(struct rfb_server *server, const uint8_t *message, size_t length) {
	if (server->update.is_active && server->update.encoding == RFB_ENCODING_HEXTILE) {
		rfb_update_void(&server->update);
		rfbMarkRectAsModified(server->library.screen, 0, 0, server->picture->width,
			server->picture->height);
	}
	server->extras.cursor_is_new = true;
	return pass(server, message, length);
}

static bool handle_request(struct rfb_server *server, const uint8_t *message, size_t length) {
	bool incremental = message[1];
	if (!incremental) {
		server->extras.size_is_new = true;
	}
	return pass(server, message, length);
}

static void handle_pointer(struct rfb_server *server, const uint8_t *message) {
	uint32_t x = read_u16(message + 2), y = read_u16(message + 4);
	uint32_t right = server->picture->width - 1, bottom = server->picture->height - 1;
	unsigned int buttons = message[1];
	if (server->wishes.mouse_buttons && buttons & RFB_POINTER_IS_EXTENDED) {
		buttons = (buttons & ~RFB_POINTER_IS_EXTENDED) | (unsigned int)message[6] << 7;
	}
	if (server->view_only) {
		return;
	}
	x = x > right ? right : x;
	y = y > bottom ? bottom : y;
	server->extras.pointer_x = x; /* the client knows */
	server->extras.pointer_y = y;
	server->impl->pointer(server->data, buttons, x, y);
}

static bool handle_extended_key(struct rfb_server *server, const uint8_t *message) {
	bool pressed = read_u16(message + 2) != 0;
	uint32_t keysym = read_u32(message + 4), qnum = read_u32(message + 8);
	if (server->view_only) {
		return true;
	}
	if (qnum > 0 && qnum < 256) {
		server->impl->qnum(server->data, qnum, pressed);
	} else {
		server->impl->keysym(server->data, keysym, pressed);
	}
	return true;
}

static void answer_size(struct rfb_server *server, int status) {
	server->extras.answers = true;
	server->extras.answer = status;
}

/* Not left to the library, which would leak with each of them. */
static void handle_desktop_size(struct rfb_server *server, const uint8_t *message) {
	uint32_t width = read_u16(message + 2), height = read_u16(message + 4);
	unsigned int screens = message[6];
	if (width == 0 || height == 0 || screens != 1) {
		answer_size(server, rfbExtDesktopSize_InvalidScreenLayout);
	} else if (server->view_only || !server->impl->resize(server->data, width, height)) {
		answer_size(server, rfbExtDesktopSize_ResizeProhibited);
	} else if (width == server->picture->width && height == server->picture->height) {
		answer_size(server, rfbExtDesktopSize_Success);
	} else { /* the answer is the new size, when it comes */
		server->extras.reason = RFB_SIZE_BY_CLIENT;
	}
}

static bool handle_continuous(struct rfb_server *server, const uint8_t *message) {
	bool before = server->flow.is_continuous;
	if (!rfb_flow_handle_continuous(&server->flow, message, &server->answers)) {
		return false;
	}
	if (before && !server->flow.is_continuous) {
		sraRgnMakeEmpty(server->library.client->requestedRegion);
	}
	return true;
}

static bool handle_message(
	struct rfb_server *server, const uint8_t *message, size_t length, const char **why) {
	switch (message[0]) {
	case RFB_MESSAGE_SET_PIXEL_FORMAT:
		return handle_format(server, message, length);
	case RFB_MESSAGE_SET_ENCODINGS:
		return handle_encodings(server, message);
	case RFB_MESSAGE_UPDATE_REQUEST:
		return handle_request(server, message, length);
	case RFB_MESSAGE_POINTER:
		handle_pointer(server, message);
		return true;
	case RFB_MESSAGE_CUT_TEXT:
		return rfb_clipboard_handle(
			&server->clipboard, message, length, &server->answers, why);
	case RFB_MESSAGE_FENCE:
		*why = "a fence that wasn't offered";
		return rfb_flow_handle_fence(&server->flow, message, &server->answers);
	case RFB_MESSAGE_CONTINUOUS:
		*why = "continuous updates, which weren't offered";
		return handle_continuous(server, message);
	case RFB_MESSAGE_QEMU:
		*why = "a sound of a format that isn't offered";
		return message[1] == RFB_AUDIO_SUBTYPE
			? rfb_audio_handle(&server->audio, message, &server->answers)
			: handle_extended_key(server, message);
	case RFB_MESSAGE_SET_DESKTOP_SIZE:
		handle_desktop_size(server, message);
		return true;
	default: /* keys */
		return pass(server, message, length);
	}
}

/* False if the client is to be dropped. *handled: there was a whole message. */
static bool handle_next(struct rfb_server *server, bool *handled, const char **why) {
	size_t count = server->input.size - server->input_used, length = 1;
	*handled = false;
	if (count == 0) {
		return true;
	}
	const uint8_t *head = server->input.bytes + server->input_used;
	bool starts = is_starting(server);
	enum rfb_message_verdict verdict = starts
		? RFB_MESSAGE_KNOWN
		: rfb_message_inspect(head, count, server->wishes.mouse_buttons, &length, why);
	if (verdict == RFB_MESSAGE_BAD) {
		return false;
	}
	if (verdict == RFB_MESSAGE_SHORT || count < length) {
		return true;
	}
	*handled = true;
	server->input_used += length;
	bool ok = starts ? start(server, head) : handle_message(server, head, length, why);
	if (ok && server->answers.size > ANSWERS_MAX) {
		*why = "it doesn't read the answers";
	}
	return ok && server->answers.size <= ANSWERS_MAX;
}

/* False: it is gone. *again: there may be more. */
static bool read_more(struct rfb_server *server, bool *again) {
	rfb_buffer_drop(&server->input, server->input_used);
	server->input_used = 0;
	ssize_t n = recv(
		server->fd, rfb_buffer_room(&server->input, READ_SIZE), READ_SIZE, MSG_DONTWAIT);
	*again = n > 0 || (n < 0 && errno == EINTR);
	server->input.size += n > 0 ? (size_t)n : 0;
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool dispatch_one(struct rfb_server *server, bool *again, const char **why) {
	bool handled;
	if (!handle_next(server, &handled, why)) {
		return false;
	}
	return handled || read_more(server, again);
}

bool rfb_server_dispatch(struct rfb_server *server, bool *more, const char **why) {
	*more = true;
	*why = "it is gone";
	for (int i = 0; i < MESSAGES_PER_DISPATCH && *more; i++) {
		if (!dispatch_one(server, more, why)) {
			drop_client(server);
			return false;
		}
	}
	return true;
}

/* What it is told */

void rfb_server_set_picture(struct rfb_server *server) {
	const rfbScreenInfo *screen = server->library.screen;
	if ((int)server->picture->width != screen->width ||
		(int)server->picture->height != screen->height) {
		rfb_update_void(&server->update);
	}
	rfb_library_set_picture(&server->library, server->picture);
}

void rfb_server_add_damage(struct rfb_server *server, const pixman_region32_t *damage) {
	int count;
	const pixman_box32_t *boxes =
		pixman_region32_rectangles((pixman_region32_t *)damage, &count);
	for (int i = 0; i < count; i++) {
		/* Clips. */
		rfbMarkRectAsModified(
			server->library.screen, boxes[i].x1, boxes[i].y1, boxes[i].x2, boxes[i].y2);
	}
}

void rfb_server_set_cursor(struct rfb_server *server, struct cursor_image *cursor) {
	rfb_extras_set_cursor(&server->extras, cursor);
}

void rfb_server_move_cursor(struct rfb_server *server, int x, int y) {
	rfb_extras_move_pointer(&server->extras, x, y);
}

void rfb_server_set_leds(struct rfb_server *server, uint32_t leds) {
	rfb_extras_set_leds(&server->extras, leds);
}

void rfb_server_set_text(struct rfb_server *server, const char *text) {
	if (is_starting(server)) {
		free(server->early_text);
		server->early_text = text ? xstrdup(text) : NULL;
	} else {
		rfb_clipboard_set_text(&server->clipboard, text, &server->answers);
	}
}

void rfb_server_set_playing(struct rfb_server *server, bool playing) {
	rfb_audio_set_playing(&server->audio, playing, &server->answers);
}

void rfb_server_add_sound(struct rfb_server *server, const int16_t *samples, size_t frames) {
	rfb_audio_add(&server->audio, samples, frames, &server->answers);
}

static bool wants_update(const struct rfb_server *server) {
	return server->library.client->state == RFB_NORMAL &&
		(server->flow.is_continuous
				? rfb_flow_is_open(&server->flow)
				: !sraRgnEmpty(server->library.client->requestedRegion));
}

bool rfb_server_is_wanted(const struct rfb_server *server) {
	return server->fd >= 0 &&
		(wants_update(server) || server->answers.size > 0 || server->update.is_active ||
			!rfb_output_is_empty(&server->output));
}

static void request_area(struct rfb_server *server) {
	const rfbRectangle *area = &server->flow.area;
	if (server->flow.is_continuous) {
		sraRegionPtr region =
			sraRgnCreateRect(area->x, area->y, area->x + area->w, area->y + area->h);
		sraRgnOr(server->library.client->requestedRegion, region);
		sraRgnDestroy(region);
	}
}

/* One update, if there is something to tell, so that a client gets no more than it asked for. */
static bool begin_update(struct rfb_server *server, const char **why) {
	struct rfb_buffer *out = &server->output.bytes;
	unsigned int count = 0;
	bool alone = false;
	server->extra_bytes.size = 0;
	*why = "it can't follow a change of the picture's size";
	if (!rfb_extras_add(&server->extras, &server->wishes, &server->library.client->format,
		    &server->extra_bytes, &count, &alone)) {
		return false;
	}
	request_area(server);
	if (alone || !rfb_update_begin(&server->update, &server->wishes, count)) {
		if (count == 0) {
			return true;
		}
		rfb_buffer_add_update(out, count);
		sraRgnMakeEmpty(server->library.client->requestedRegion);
	}
	rfb_buffer_add(out, server->extra_bytes.bytes, server->extra_bytes.size);
	return true;
}

static bool go_on(struct rfb_server *server, const char **why) {
	*why = "out of memory";
	if (!rfb_update_step(&server->update)) {
		return false;
	}
	if (!server->update.is_active) {
		rfb_flow_note_update(&server->flow, &server->answers);
	}
	return true;
}

/* Adds what is next to the output, as much as is to be sent at once. *blocked: it is better to wait
 * for the socket, since the picture goes on. */
static bool produce(struct rfb_server *server, bool *blocked, const char **why) {
	struct rfb_output *output = &server->output;
	bool more = true;
	while (more && !rfb_output_has_rows(output) && rfb_output_waiting(output) < BATCH) {
		if (server->update.is_active) {
			if (!go_on(server, why)) {
				return false;
			}
		} else if (server->answers.size > 0) {
			rfb_buffer_add(&output->bytes, server->answers.bytes, server->answers.size);
			server->answers.size = 0;
		} else if (wants_update(server) && rfb_output_is_empty(output)) {
			*blocked = !rfb_output_can_send(output);
			if (*blocked || !begin_update(server, why)) {
				return *blocked;
			}
			more = !rfb_output_is_empty(output);
		} else {
			more = false;
		}
	}
	return true;
}

static bool send_all(struct rfb_server *server, bool *blocked, const char **why) {
	bool more = true;
	while (more && !*blocked) {
		if (!produce(server, blocked, why)) {
			return false;
		}
		bool stuck = *blocked;
		more = !rfb_output_is_empty(&server->output);
		*why = "it is gone";
		if (!rfb_output_flush(&server->output, blocked)) {
			return false;
		}
		*blocked = *blocked || stuck;
	}
	return true;
}

bool rfb_server_update(struct rfb_server *server, bool *blocked, const char **why) {
	*blocked = false;
	if (send_all(server, blocked, why)) {
		return true;
	}
	drop_client(server);
	return false;
}
