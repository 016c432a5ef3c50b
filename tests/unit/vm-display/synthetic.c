/* The synthetic guest as others use it: started like QEMU, with a display opened over QMP. */
#include <string.h>
#include <unistd.h>

#include "tests/synthetic/dmabuf.h"
#include "tests/synthetic/pattern.h"
#include "tests/unit/vm-display/harness.h"
#include "tests/unit/vm-display/qemu.h"

static const char *synthetic_guest;

struct session {
	sd_event *event;
	struct qemu qemu;
	struct peer peer;
	struct console *console; /* the first one */
	struct watch watch;
};

static void open_session(struct session *session, const char *options) {
	printf("%s\n", options);
	const char *arguments[] = {"-m", "64", "-synthetic", options, NULL};
	*session = (struct session){0};
	CHECK(sd_event_new(&session->event) >= 0);
	qemu_start(&session->qemu, synthetic_guest, arguments);
	peer_open(&session->peer, session->event, qemu_open_display(&session->qemu));
	session->console = peer_console(&session->peer, 0);
	CHECK(session->console);
	watch_begin(&session->watch, &session->console->screen);
}

static void close_session(struct session *session) {
	watch_end(&session->watch);
	peer_close(&session->peer);
	qemu_stop(&session->qemu);
	sd_event_unref(session->event);
}

static bool shows(const struct frame *frame, enum pattern_kind kind, unsigned int head) {
	struct pattern pattern = {.kind = kind, .color = 0x123456};
	struct pattern_picture picture = {
		.width = frame->width, .height = frame->height, .head = head};
	for (uint32_t y = 0; y < frame->height; y++) {
		const uint32_t *row = (const uint32_t *)(frame->data + (size_t)y * frame->stride);
		for (uint32_t x = 0; x < frame->width; x++) {
			if ((row[x] & 0xffffff) != pattern_pixel(&pattern, &picture, x, y)) {
				return false;
			}
		}
	}
	return true;
}

static void test_paths(void) {
	struct session session;
	open_session(&session, "pattern=solid,color=123456,mode=320x240");
	console_listen(session.console, true);
	WAIT_FOR(session.event, session.console->screen.frame);
	CHECK(session.console->path == CONSOLE_PATH_MAP);
	CHECK(session.console->screen.frame->width == 320);
	CHECK(shows(session.console->screen.frame, PATTERN_SOLID, 0));
	close_session(&session);

	open_session(&session, "path=bytes,mode=333x77");
	console_listen(session.console, true);
	WAIT_FOR(session.event, session.console->screen.frame);
	CHECK(session.console->path == CONSOLE_PATH_BYTES);
	CHECK(shows(session.console->screen.frame, PATTERN_GRADIENT, 0));
	close_session(&session);
}

/* In mid-stream, for some hundred pictures. */
static void test_modes(const char *options) {
	struct session session;
	open_session(&session, options);
	console_listen(session.console, true);
	WAIT_FOR(session.event, session.watch.frames >= 20 && session.watch.damages > 20);
	CHECK(!session.peer.is_lost);
	close_session(&session);
}

/* Only where there are dmabufs; tests/guests/display_qemu has a machine for it. */
static void test_dmabuf(void) {
	struct session session;
	open_session(&session, "path=dmabuf,mode=320x240");
	console_listen(session.console, true);
	WAIT_FOR(session.event, session.console->screen.frame);
	const struct frame *frame = session.console->screen.frame;
	CHECK(session.console->path == CONSOLE_PATH_DMABUF && frame->kind == FRAME_DMABUF);
	CHECK(frame->width == 320 && frame->buffer_width == 320 && frame->data);
	frame_begin_read(frame);
	CHECK(shows(frame, PATTERN_GRADIENT, 0));
	frame_end_read(frame);
	CHECK(frame_open_read_only(frame) == -1);
	close_session(&session);
	test_modes("path=dmabuf,pattern=rect,fps=100,mode=320x240+640x480,mode-every=5");
}

static void test_heads(void) {
	struct session session;
	open_session(&session, "heads=3,mode=200x100,cursor=on");
	for (unsigned int head = 0; head < 3; head++) {
		struct console *console = peer_console(&session.peer, head);
		CHECK(console && console->head == head);
		console_listen(console, true);
		WAIT_FOR(session.event, console->screen.frame && console->screen.cursor_visible);
		CHECK(shows(console->screen.frame, PATTERN_GRADIENT, head));
		CHECK(console->screen.cursor->width == 16 && console->screen.cursor_x == 20);
	}
	close_session(&session);
}

static void test_follow(void) {
	struct session session;
	char path[] = "/tmp/mullion-record-XXXXXX", options[128], line[128];
	close(mkstemp(path));
	snprintf(options, sizeof(options), "follow=on,record=%s", path);
	open_session(&session, options);
	console_listen(session.console, true);
	WAIT_FOR(session.event, session.console->screen.frame);
	console_set_ui_info(session.console, 300, 200, 777, 555);
	console_key(session.console, 30, true);
	WAIT_FOR(session.event, session.console->screen.frame->width == 777);
	CHECK(session.console->screen.frame->height == 555);
	FILE *record = fopen(path, "r");
	CHECK(record);
	bool has_ui = false;
	while (fgets(line, sizeof(line), record)) {
		has_ui |= strcmp(line, "0 ui 777 555 300 200\n") == 0;
	}
	CHECK(has_ui);
	fclose(record);
	unlink(path);
	close_session(&session);
}

/* The last display that is opened wins. */
static void test_reopen(void) {
	struct session session;
	struct peer second;
	open_session(&session, "mode=64x64");
	console_listen(session.console, true);
	WAIT_FOR(session.event, session.console->screen.frame);
	peer_open(&second, session.event, qemu_open_display(&session.qemu));
	WAIT_FOR(session.event, session.peer.is_lost);
	struct console *console = peer_console(&second, 0);
	console_listen(console, true);
	WAIT_FOR(session.event, console->screen.frame);
	CHECK(session.console->screen.frame); /* the last one stays */
	peer_close(&second);
	qemu_execute(&session.qemu, "{\"execute\":\"system_reset\"}\n");
	qemu_execute(&session.qemu, "{\"execute\":\"stop\"}\n");
	qemu_execute(&session.qemu, "{\"execute\":\"cont\"}\n");
	close_session(&session);
}

int main(int argc, char **argv) {
	CHECK(argc == 2 || argc == 3);
	synthetic_guest = argv[1];
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3 && strcmp(argv[2], "dmabuf") == 0) {
		CHECK(dmabuf_available());
		test_dmabuf();
		return 0;
	}
	test_paths();
	test_heads();
	test_modes("pattern=rect,fps=500,mode=320x240+640x480+64x64,mode-every=5");
	test_modes("pattern=full,fps=500,mode=320x240+640x480+64x64,mode-every=5,path=bytes");
	test_follow();
	test_reopen();
	return 0;
}
