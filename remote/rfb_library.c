#include "remote/rfb_library.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "remote/picture.h"
#include "util/log.h"

#define CHUNK 32768 /* bytes: as much as the library writes at once */
#define HELLO "RFB 003.008\n\001" /* of the inner client: the version, and no authentication */

static void handle_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void handle_log(const char *format, ...) {
	char line[512];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	line[strcspn(line, "\n")] = '\0';
	log_debug("libvncserver: %s", line);
}

static void handle_key(rfbBool down, rfbKeySym keysym, rfbClientPtr client) {
	struct rfb_library *library = client->screen->screenData;
	library->keysym(library->data, keysym, down);
}

/* Without a cursor the library never draws one: it would do so in the read-only frame buffer. */
static rfbCursorPtr no_cursor(rfbClientPtr client) {
	return NULL;
}

static void set_format(rfbScreenInfoPtr screen) {
	screen->serverFormat.depth = 24;
	screen->serverFormat.redShift = 16;
	screen->serverFormat.greenShift = 8;
	screen->serverFormat.blueShift = 0;
	screen->depth = 24;
}

static void show_picture(struct rfb_library *library, const struct picture *picture) {
	library->screen->frameBuffer = (char *)picture->pixels;
	library->screen->paddedWidthInBytes = picture->stride;
}

static bool make_screen(
	struct rfb_library *library, const struct picture *picture, const char *name) {
	rfbLog = handle_log;
	rfbErr = handle_log;
	rfbScreenInfoPtr screen =
		rfbGetScreen(NULL, NULL, picture->width, picture->height, 8, 3, 4);
	if (!screen) {
		return false;
	}
	set_format(screen);
	screen->screenData = library;
	screen->desktopName = name;
	screen->alwaysShared = TRUE;
	screen->permitFileTransfer = FALSE;
	screen->cursor = NULL;
	screen->getCursorPtr = no_cursor;
	screen->kbdAddEvent = handle_key;
	library->screen = screen;
	show_picture(library, picture);
	return true;
}

/* What the library has written. */
static void collect(struct rfb_library *library, struct rfb_buffer *out) {
	for (ssize_t n = 1; n > 0;) {
		n = recv(library->fd, rfb_buffer_room(out, CHUNK), CHUNK, MSG_DONTWAIT);
		out->size += n > 0 ? (size_t)n : 0;
	}
}

/* The client of the inner handshake is ourselves, with everything said in advance: so the library
 * waits for nothing, nor looks for a WebSocket for 100 ms. */
static bool shake_hands(struct rfb_library *library, int end) {
	if (send(library->fd, HELLO, sizeof(HELLO) - 1, MSG_NOSIGNAL) != sizeof(HELLO) - 1) {
		close(end);
		return false;
	}
	library->client = rfbNewClient(library->screen, end);
	for (int i = 0; i < 2 && library->client && library->client->sock != RFB_INVALID_SOCKET;
		i++) {
		rfbProcessClientMessage(library->client);
	}
	struct rfb_buffer said = {0};
	collect(library, &said);
	rfb_buffer_finish(&said);
	return library->client && library->client->state == RFB_INITIALISATION;
}

bool rfb_library_init(struct rfb_library *library, const struct picture *picture, const char *name,
	void (*keysym)(void *data, uint32_t keysym, bool pressed), void *data) {
	int ends[2];
	*library = (struct rfb_library){.fd = -1, .keysym = keysym, .data = data};
	if (!make_screen(library, picture, name) ||
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
		return false;
	}
	library->fd = ends[1];
	return shake_hands(library, ends[0]);
}

void rfb_library_finish(struct rfb_library *library) {
	if (library->client) {
		rfbClientConnectionGone(library->client);
	}
	if (library->screen) {
		rfbScreenCleanup(library->screen);
	}
	if (library->fd >= 0) {
		close(library->fd);
	}
	*library = (struct rfb_library){.fd = -1};
}

static bool is_open(const struct rfb_library *library) {
	return library->client->sock != RFB_INVALID_SOCKET;
}

bool rfb_library_pass(
	struct rfb_library *library, const uint8_t *message, size_t count, struct rfb_buffer *out) {
	if (send(library->fd, message, count, MSG_NOSIGNAL) != (ssize_t)count) {
		return false;
	}
	rfbProcessClientMessage(library->client);
	collect(library, out);
	return is_open(library);
}

bool rfb_library_hextile(
	struct rfb_library *library, const rfbRectangle *area, struct rfb_buffer *out) {
	bool ok = rfbSendRectEncodingHextile(library->client, area->x, area->y, area->w, area->h) &&
		rfbSendUpdateBuf(library->client);
	collect(library, out);
	return ok && is_open(library);
}

void rfb_library_set_picture(struct rfb_library *library, const struct picture *picture) {
	rfbScreenInfoPtr screen = library->screen;
	if ((int)picture->width != screen->width || (int)picture->height != screen->height) {
		rfbNewFramebuffer(
			screen, (char *)picture->pixels, picture->width, picture->height, 8, 3, 4);
		set_format(screen);
		screen->setTranslateFunction(library->client);
	}
	show_picture(library, picture);
	rfbMarkRectAsModified(screen, 0, 0, picture->width, picture->height);
}
