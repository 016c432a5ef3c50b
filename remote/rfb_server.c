#include "remote/rfb_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <rfb/rfb.h>
#include <rfb/rfbregion.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "remote/picture.h"
#include "remote/rfb_cursor.h"
#include "remote/rfb_extensions.h"
#include "remote/rfb_message.h"
#include "util/log.h"
#include "util/mem.h"
#include "vm-display/screen.h"

#define MESSAGES_PER_DISPATCH 64 /* then others get their turn */
#define DISCARD_SIZE 4096

struct rfb_server {
	const struct picture *picture;
	const struct rfb_server_impl *impl;
	void *data;
	char *name;
	rfbScreenInfoPtr screen;
	rfbClientPtr client; /* NULL once it is gone */
	struct rfb_extensions extensions;
	int told_width, told_height; /* px: the size that the client knows */
	size_t discard; /* bytes of a cut text still to be dropped */
	struct cursor_image *cursor;
	uint32_t leds;
	bool cursor_is_new, leds_are_new, keys_are_new; /* not told yet */
};

static struct rfb_server *server_of(rfbClientPtr client) {
	return client->screen->screenData;
}

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
	struct rfb_server *server = server_of(client);
	server->impl->keysym(server->data, keysym, down);
}

static void handle_pointer(int buttons, int x, int y, rfbClientPtr client) {
	struct rfb_server *server = server_of(client);
	int right = client->screen->width - 1, bottom = client->screen->height - 1;
	x = x < 0 ? 0 : x > right ? right : x;
	y = y < 0 ? 0 : y > bottom ? bottom : y;
	rfbDefaultPtrAddEvent(buttons, x, y, client);
	server->impl->pointer(server->data, buttons, x, y);
}

static int handle_desktop_size(int width, int height, int screen_count,
	struct rfbExtDesktopScreen *screens, rfbClientPtr client) {
	struct rfb_server *server = server_of(client);
	if (width <= 0 || height <= 0 || screen_count != 1) {
		return rfbExtDesktopSize_InvalidScreenLayout;
	}
	if (client->viewOnly || !server->impl->resize(server->data, width, height)) {
		return rfbExtDesktopSize_ResizeProhibited;
	}
	return rfbExtDesktopSize_Success;
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

static void show_picture(struct rfb_server *server) {
	server->screen->frameBuffer = (char *)server->picture->pixels;
	server->screen->paddedWidthInBytes = server->picture->stride;
}

static rfbScreenInfoPtr make_screen(struct rfb_server *server) {
	rfbLog = handle_log;
	rfbErr = handle_log;
	rfbScreenInfoPtr screen =
		rfbGetScreen(NULL, NULL, server->picture->width, server->picture->height, 8, 3, 4);
	if (!screen) {
		return NULL;
	}
	set_format(screen);
	screen->screenData = server;
	screen->desktopName = server->name;
	screen->alwaysShared = TRUE;
	screen->deferUpdateTime = 0;
	screen->maxClientWait = RFB_SERVER_STALL_SECONDS * 1000;
	screen->permitFileTransfer = FALSE;
	screen->cursor = NULL;
	screen->getCursorPtr = no_cursor;
	screen->kbdAddEvent = handle_key;
	screen->ptrAddEvent = handle_pointer;
	screen->setDesktopSizeHook = handle_desktop_size;
	return screen;
}

/* The client of the inner handshake is ourselves, with everything said in advance: so the library
 * waits for nothing, nor looks for a WebSocket for 100 ms. */
static rfbClientPtr shake_hands(rfbScreenInfoPtr screen, int ends[2]) {
	static const char said[] = "RFB 003.008\n\001";
	if (send(ends[1], said, sizeof(said) - 1, MSG_NOSIGNAL) != sizeof(said) - 1) {
		return NULL;
	}
	rfbClientPtr client = rfbNewClient(screen, ends[0]);
	for (int i = 0; i < 2 && client && client->sock != RFB_INVALID_SOCKET; i++) {
		rfbProcessClientMessage(client);
	}
	if (client && client->state != RFB_INITIALISATION) {
		rfbCloseClient(client);
		rfbClientConnectionGone(client);
		return NULL;
	}
	return client;
}

/* Then the real socket takes the place of the inner one. */
static rfbClientPtr make_client(rfbScreenInfoPtr screen, int fd) {
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
		return NULL;
	}
	rfbClientPtr client = shake_hands(screen, ends);
	close(ends[1]);
	if (!client) {
		return NULL; /* the library has closed the other end */
	}
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || dup3(fd, client->sock, O_CLOEXEC) < 0) {
		rfbClientConnectionGone(client);
		return NULL;
	}
	return client;
}

struct rfb_server *rfb_server_create(int fd, const struct picture *picture, const char *name,
	const struct rfb_server_impl *impl, void *data) {
	struct rfb_server *server = xcalloc(1, sizeof(*server));
	server->picture = picture;
	server->impl = impl;
	server->data = data;
	server->name = xstrdup(name);
	server->extensions.qnum = impl->qnum;
	server->extensions.data = data;
	rfb_extensions_register(&server->extensions);
	server->screen = make_screen(server);
	if (server->screen) {
		show_picture(server);
		server->client = make_client(server->screen, fd);
	}
	close(fd);
	if (!server->client) {
		log_error("can't start a VNC session: %s", strerror(errno));
		rfb_server_destroy(server);
		return NULL;
	}
	return server;
}

static void drop_client(struct rfb_server *server) {
	if (server->client) {
		rfb_extensions_release(server->client);
		rfbClientConnectionGone(server->client);
		server->client = NULL;
	}
}

void rfb_server_destroy(struct rfb_server *server) {
	if (!server) {
		return;
	}
	drop_client(server);
	if (server->screen) {
		rfbScreenCleanup(server->screen);
	}
	cursor_image_unref(server->cursor);
	free(server->name);
	free(server);
}

int rfb_server_fd(const struct rfb_server *server) {
	return server->client ? server->client->sock : -1;
}

void rfb_server_set_view_only(struct rfb_server *server, bool view_only) {
	server->client->viewOnly = view_only;
}

static bool discard_text(struct rfb_server *server, bool *again) {
	char bytes[DISCARD_SIZE];
	size_t size = server->discard < sizeof(bytes) ? server->discard : sizeof(bytes);
	ssize_t n = recv(server->client->sock, bytes, size, MSG_DONTWAIT);
	if (n < 0) {
		*again = false;
		return errno == EAGAIN || errno == EINTR;
	}
	server->discard -= n;
	return n > 0;
}

/* One complete message lies in the socket. */
static void pass_message(struct rfb_server *server, uint8_t type) {
	bool starts = server->client->state == RFB_INITIALISATION;
	if (type == RFB_MESSAGE_SET_ENCODINGS && !starts) {
		server->extensions.wishes = (struct rfb_wishes){0};
	}
	rfbProcessClientMessage(server->client);
	if (starts) {
		server->told_width = server->screen->width;
		server->told_height = server->screen->height;
	} else if (type == RFB_MESSAGE_SET_ENCODINGS) {
		server->keys_are_new = server->extensions.wishes.extended_keys;
		server->leds_are_new = server->extensions.wishes.leds;
		server->cursor_is_new = true;
	}
}

static bool handle_message(struct rfb_server *server, const uint8_t *head, size_t count,
	bool *again, const char **why) {
	size_t length = 1; /* ClientInit's */
	enum rfb_message_verdict verdict = RFB_MESSAGE_KNOWN;
	if (server->client->state == RFB_NORMAL) {
		verdict = rfb_message_inspect(head, count, &length, why);
	}
	int available = 0;
	if (verdict == RFB_MESSAGE_BAD || ioctl(server->client->sock, FIONREAD, &available) < 0) {
		return false;
	}
	if (verdict == RFB_MESSAGE_KNOWN && server->client->state == RFB_NORMAL &&
		head[0] == RFB_MESSAGE_CUT_TEXT) {
		server->discard = length; /* there is no clipboard to put it in */
		return true;
	}
	*again = verdict == RFB_MESSAGE_KNOWN && (size_t)available >= length;
	if (*again) {
		pass_message(server, head[0]);
	}
	return server->client->sock != RFB_INVALID_SOCKET;
}

static bool dispatch_one(struct rfb_server *server, bool *again, const char **why) {
	if (server->discard > 0) {
		return discard_text(server, again);
	}
	uint8_t head[RFB_HEAD_MAX];
	ssize_t n = recv(server->client->sock, head, sizeof(head), MSG_PEEK | MSG_DONTWAIT);
	if (n > 0) {
		return handle_message(server, head, n, again, why);
	}
	*again = false;
	return n < 0 && (errno == EAGAIN || errno == EINTR);
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

void rfb_server_set_picture(struct rfb_server *server) {
	const struct picture *picture = server->picture;
	if ((int)picture->width != server->screen->width ||
		(int)picture->height != server->screen->height) {
		rfbNewFramebuffer(server->screen, (char *)picture->pixels, picture->width,
			picture->height, 8, 3, 4);
		set_format(server->screen);
		server->screen->setTranslateFunction(server->client);
	}
	show_picture(server);
	rfbMarkRectAsModified(server->screen, 0, 0, picture->width, picture->height);
}

void rfb_server_add_damage(struct rfb_server *server, const pixman_region32_t *damage) {
	int count;
	const pixman_box32_t *boxes =
		pixman_region32_rectangles((pixman_region32_t *)damage, &count);
	for (int i = 0; i < count; i++) {
		/* Clips. */
		rfbMarkRectAsModified(
			server->screen, boxes[i].x1, boxes[i].y1, boxes[i].x2, boxes[i].y2);
	}
}

void rfb_server_set_cursor(struct rfb_server *server, struct cursor_image *cursor) {
	cursor_image_ref(cursor);
	cursor_image_unref(server->cursor);
	server->cursor = cursor;
	server->cursor_is_new = true;
}

void rfb_server_move_cursor(struct rfb_server *server, int x, int y) {
	if (server->client->enableCursorPosUpdates &&
		(x != server->screen->cursorX || y != server->screen->cursorY)) {
		server->screen->cursorX = x;
		server->screen->cursorY = y;
		server->client->cursorWasMoved = TRUE;
	}
}

void rfb_server_set_leds(struct rfb_server *server, uint32_t leds) {
	if (leds != server->leds) {
		server->leds = leds;
		server->leds_are_new = server->extensions.wishes.leds;
	}
}

static bool send_cursor(struct rfb_server *server) {
	bool alpha = server->extensions.wishes.alpha_cursor;
	server->cursor_is_new = false;
	if (!alpha && !server->client->useRichCursorEncoding) {
		return true;
	}
	struct cursor_image *cursor = server->cursor;
	int32_t encoding = alpha ? RFB_PSEUDO_ALPHA_CURSOR : RFB_PSEUDO_CURSOR;
	if (!cursor) {
		static const uint8_t raw[4]; /* an alpha cursor of no pixels names its encoding */
		rfbRectangle none = {0};
		return rfb_send_rectangle(
			server->client, &none, encoding, raw, alpha ? sizeof(raw) : 0);
	}
	size_t size;
	uint8_t *bytes = alpha ? rfb_cursor_encode_alpha(cursor, &size)
			       : rfb_cursor_encode_masked(cursor, &server->client->format, &size);
	rfbRectangle rectangle = {cursor->hot_x, cursor->hot_y, cursor->width, cursor->height};
	bool ok = bytes && rfb_send_rectangle(server->client, &rectangle, encoding, bytes, size);
	free(bytes);
	return ok;
}

/* What goes beside the library's own updates. */
static bool send_extras(struct rfb_server *server) {
	static const rfbRectangle whole = {0, 0, 1, 1};
	if (server->keys_are_new) {
		server->keys_are_new = false;
		if (!rfb_send_rectangle(
			    server->client, &whole, RFB_PSEUDO_EXTENDED_KEYS, NULL, 0)) {
			return false;
		}
	}
	if (server->leds_are_new) {
		uint8_t leds = server->leds & 7;
		server->leds_are_new = false;
		if (!rfb_send_rectangle(
			    server->client, &whole, RFB_PSEUDO_LEDS, &leds, sizeof(leds))) {
			return false;
		}
	}
	/* The library's word for its own cursor, which it doesn't have. */
	server->client->cursorWasChanged = FALSE;
	return !server->cursor_is_new || send_cursor(server);
}

bool rfb_server_is_wanted(const struct rfb_server *server) {
	return server->client && server->client->state == RFB_NORMAL &&
		!sraRgnEmpty(server->client->requestedRegion);
}

static bool socket_takes(const struct rfb_server *server) {
	struct pollfd poller = {.fd = server->client->sock, .events = POLLOUT};
	return poll(&poller, 1, 0) != 0;
}

/* False if the picture's size changed and the client can't follow. */
static bool tell_size(struct rfb_server *server) {
	rfbScreenInfoPtr screen = server->screen;
	if (screen->width == server->told_width && screen->height == server->told_height) {
		return true;
	}
	if (!server->client->useNewFBSize) {
		return false;
	}
	server->client->newFBSizePending = TRUE;
	server->told_width = screen->width;
	server->told_height = screen->height;
	return true;
}

static bool send_update(struct rfb_server *server) {
	if (!send_extras(server)) {
		return false;
	}
	/* A change of size goes by itself, and what it shows by a second update. */
	for (int i = 0; i < 2 && rfb_server_is_wanted(server); i++) {
		rfbUpdateClient(server->client);
	}
	return server->client->sock != RFB_INVALID_SOCKET;
}

bool rfb_server_update(struct rfb_server *server, bool *blocked, const char **why) {
	*blocked = false;
	if (!rfb_server_is_wanted(server)) {
		return true;
	}
	*blocked = !socket_takes(server);
	if (*blocked) {
		return true;
	}
	*why = "it can't follow a change of the picture's size";
	if (tell_size(server)) {
		*why = "it stopped reading, or is gone";
		if (send_update(server)) {
			return true;
		}
	}
	drop_client(server);
	return false;
}
