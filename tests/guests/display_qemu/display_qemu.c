/* Our display client against a real QEMU: each way that frames come, several heads, a mode change,
 * keys, and what happens when QEMU is gone. */
#include <string.h>

#include "tests/unit/vm-display/harness.h"
#include "tests/unit/vm-display/qemu.h"
#include "vm-display/display_client.h"
#include "vm-display/frame.h"
#include "vm-display/guard.h"

#define MEMTEST_ISO "/usr/lib/memtest86+/memtest86+x64.iso"
#define GRUB_ISO "/usr/lib/grub-rescue/grub-rescue-cdrom.iso"
#define OVMF_CODE "/usr/share/OVMF/OVMF_CODE_4M.fd"

struct session {
	sd_event *event;
	struct qemu qemu;
	struct peer peer;
	struct watch watches[DISPLAY_CONSOLES_MAX];
	int count; /* of consoles, which are watched in their order */
};

static void open_session(struct session *session, const char *const *arguments) {
	*session = (struct session){0};
	CHECK(sd_event_new(&session->event) >= 0);
	qemu_start(&session->qemu, "qemu-system-x86_64", arguments);
	peer_open(&session->peer, session->event, qemu_open_display(&session->qemu));
	struct console *console;
	TAILQ_FOREACH (console, display_client_consoles(session->peer.client), link) {
		watch_begin(&session->watches[session->count++], &console->screen);
	}
}

static struct console *get_console(struct session *session, uint32_t id) {
	struct console *console = peer_console(&session->peer, id);
	CHECK(console);
	return console;
}

static void close_session(struct session *session) {
	for (int i = 0; i < session->count; i++) {
		watch_end(&session->watches[i]);
	}
	peer_close(&session->peer);
	qemu_stop(&session->qemu);
	sd_event_unref(session->event);
}

/* More than one colour: something was painted. */
static bool is_painted(const struct console *console) {
	const struct frame *frame = console->screen.frame;
	if (!frame || !frame->data) {
		return false;
	}
	size_t pixel = PIXMAN_FORMAT_BPP(frame->format) / 8;
	for (uint32_t y = 0; y < frame->height; y++) {
		const uint8_t *row = frame->data + (size_t)y * frame->stride;
		for (uint32_t x = 0; x < frame->width; x++) {
			if (memcmp(row + x * pixel, frame->data, pixel) != 0) {
				return true;
			}
		}
	}
	return false;
}

static void describe(const struct console *console) {
	const struct frame *frame = console->screen.frame;
	printf("console %u \"%s\" head %u: %ux%u stride %u format %x path %d\n", console->id,
		console->label, console->head, frame->width, frame->height, frame->stride,
		frame->format, console->path);
}

static void test_memtest(const char *device) {
	printf("memtest86+ on %s\n", device);
	const char *arguments[] = {
		"-m", "64", "-device", device, "-cdrom", MEMTEST_ISO, "-boot", "d", NULL};
	struct session session;
	open_session(&session, arguments);
	CHECK(session.count == 1);
	struct console *console = get_console(&session, 0);
	CHECK(console->graphic && console->has_keyboard && console->has_mouse);
	console_listen(console, true);
	WAIT_FOR(session.event, is_painted(console) && console->screen.frame->width == 720);
	CHECK(console->path == CONSOLE_PATH_MAP);
	describe(console);
	/* memtest86+ changes its screen all the time. */
	int damages = session.watches[0].damages;
	WAIT_FOR(session.event, session.watches[0].damages > damages + 20);
	/* The frame stays when nobody listens, and comes again. */
	console_unlisten(console);
	CHECK(is_painted(console));
	console_listen(console, true);
	int frames = session.watches[0].frames;
	WAIT_FOR(session.event, session.watches[0].frames > frames && is_painted(console));
	close_session(&session);
}

/* A firmware's screen comes as bytes, also to those who could map it. */
static void test_ovmf(bool share_memory) {
	printf("OVMF on virtio-vga, %s\n", share_memory ? "memory shared" : "bytes only");
	const char *arguments[] = {"-m", "128", "-machine", "q35", "-drive",
		"if=pflash,format=raw,readonly=on,file=" OVMF_CODE, "-device",
		"virtio-vga,xres=1024,yres=768", NULL};
	struct session session;
	open_session(&session, arguments);
	struct console *console = get_console(&session, 0);
	console_listen(console, share_memory);
	WAIT_FOR(session.event,
		is_painted(console) && console->path == CONSOLE_PATH_BYTES &&
			session.watches[0].damages > 2);
	CHECK(console->screen.frame->kind == FRAME_BYTES);
	describe(console);
	close_session(&session);
}

static void handle_synced(void *data, bool ok) {
	CHECK(ok);
	*(bool *)data = true;
}

static void test_heads(void) {
	printf("two heads\n");
	const char *arguments[] = {"-m", "64", "-device", "virtio-vga,max_outputs=2", "-device",
		"usb-ehci", "-device", "usb-tablet", "-cdrom", MEMTEST_ISO, "-boot", "d", NULL};
	struct session session;
	open_session(&session, arguments);
	CHECK(session.count == 2);
	struct console *first = get_console(&session, 0), *second = get_console(&session, 1);
	CHECK(first->head == 0 && second->head == 1);
	console_listen(first, true);
	console_listen(second, true);
	WAIT_FOR(session.event, is_painted(first) && first->screen.frame->width == 720);
	WAIT_FOR(session.event, second->screen.frame);
	console_set_ui_info(second, 0, 0, 800, 600);
	bool synced = false;
	console_sync(second, handle_synced, &synced);
	WAIT_FOR(session.event, synced);
	describe(first);
	describe(second);
	close_session(&session);
}

static void press(struct console *console, uint32_t qnum) {
	console_key(console, qnum, true);
	console_key(console, qnum, false);
}

/* Whether more than a cursor or a spinner changes within a tenth of a second or two. */
static bool changes_widely(struct session *session) {
	struct watch *watch = &session->watches[0];
	for (int i = 0; i < 4; i++) {
		sd_event_run(session->event, 50 * 1000);
	}
	pixman_box32_t box = *pixman_region32_extents(&watch->observer.damage);
	pixman_region32_clear(&watch->observer.damage);
	return box.x2 - box.x1 > 100 && box.y2 - box.y1 > 30;
}

/* GRUB scrolls its screen for each line that is entered, and is still otherwise. */
static void test_keys(void) {
	printf("keys to GRUB\n");
	const char *arguments[] = {
		"-m", "64", "-device", "VGA", "-cdrom", GRUB_ISO, "-boot", "d", NULL};
	struct session session;
	open_session(&session, arguments);
	struct console *console = get_console(&session, 0);
	console_listen(console, true);
	WAIT_FOR(session.event, is_painted(console) && session.watches[0].damages > 30);
	session.watches[0].keeps_damage = true;
	for (int still = 0; still < 10;) {
		still = changes_widely(&session) ? 0 : still + 1;
	}
	bool is_wide = false;
	for (int i = 0; i < 100 && !is_wide; i++) {
		bool synced = false;
		press(console, 0x1e); /* a */
		press(console, 0x1c); /* Enter */
		console_sync(console, handle_synced, &synced);
		WAIT_FOR(session.event, synced);
		is_wide = changes_widely(&session);
	}
	CHECK(is_wide);
	close_session(&session);
}

/* QEMU dies: the connection is lost, the last frame stays. */
static void test_death(void) {
	printf("death\n");
	const char *arguments[] = {"-m", "64", "-device", "VGA", NULL};
	struct session session;
	open_session(&session, arguments);
	struct console *console = get_console(&session, 0);
	console_listen(console, true);
	WAIT_FOR(session.event, is_painted(console));
	qemu_stop(&session.qemu);
	WAIT_FOR(session.event, session.peer.is_lost);
	CHECK(is_painted(console) && !console_is_listening(console));
	watch_end(&session.watches[0]);
	peer_close(&session.peer);
	sd_event_unref(session.event);
}

int main(void) {
	setvbuf(stdout, NULL, _IOLBF, 0);
	guard_install();
	test_memtest("virtio-vga");
	test_memtest("VGA");
	test_ovmf(true);
	test_ovmf(false);
	test_heads();
	test_keys();
	test_death();
	return 0;
}
