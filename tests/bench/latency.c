/* From a key to the pixels that it changes, in GRUB: straight from QEMU, and through mullion, where
 * the key goes through the seat and the pixels are taken from the composed output. QEMU looks at
 * what a VGA shows every 30 ms, which is most of what is measured. */
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "tests/bench/desktop.h"
#include "tests/bench/samples.h"
#include "tests/unit/vm-display/harness.h"
#include "tests/unit/vm-display/qemu.h"

#define ISO "/usr/lib/grub-rescue/grub-rescue-cdrom.iso"
#define EXIT_SKIPPED 77
#define ROUNDS 3
#define KEYS 20 /* a round */
#define BOOT 20 /* s until GRUB shows its menu */
#define ANSWER_MAX 3000000000u /* ns */
#define QNUM_DOWN 0xd0
#define QNUM_UP 0xc8

struct viewer {
	sd_event *event;
	struct peer peer;
	struct console *console;
	struct screen_observer observer;
	unsigned int cell; /* px: a character's width there; what is wider than one isn't the
		blinking cursor */
	bool is_changed;
};

static void handle_damage(struct screen_observer *observer) {
	struct viewer *viewer =
		(struct viewer *)((char *)observer - offsetof(struct viewer, observer));
	const pixman_box32_t *box = pixman_region32_extents(&observer->damage);
	viewer->is_changed |= (unsigned int)(box->x2 - box->x1) > viewer->cell * 3 / 2;
	pixman_region32_clear(&observer->damage);
}

static void handle_frame(struct screen_observer *observer) {
	pixman_region32_clear(&observer->damage);
}

static const struct screen_observer_impl observer_impl = {
	.frame = handle_frame,
	.damage = handle_damage,
};

/* Handles events for so long, or until the picture changes. */
static bool wait_for_change(struct viewer *viewer, uint64_t ns) {
	uint64_t end = bench_now() + ns, now;
	while (!viewer->is_changed && (now = bench_now()) < end) {
		sd_event_run(viewer->event, (end - now) / 1000 + 1);
	}
	return viewer->is_changed;
}

static void rest(struct viewer *viewer, uint64_t ns) {
	for (uint64_t end = bench_now() + ns; bench_now() < end;) {
		viewer->is_changed = false;
		wait_for_change(viewer, end - bench_now());
	}
	viewer->is_changed = false;
}

static void viewer_begin(struct viewer *viewer, int fd) {
	CHECK(sd_event_new(&viewer->event) >= 0);
	peer_open(&viewer->peer, viewer->event, fd);
	viewer->console = TAILQ_FIRST(display_client_consoles(viewer->peer.client));
	CHECK(viewer->console);
	console_listen(viewer->console, true);
	screen_observe(&viewer->console->screen, &viewer->observer, &observer_impl);
	rest(viewer, BOOT * (uint64_t)1000000000);
	CHECK(viewer->console->screen.frame);
	viewer->cell = viewer->console->screen.frame->width / 80;
}

static void viewer_end(struct viewer *viewer) {
	screen_unobserve(&viewer->observer);
	peer_close(&viewer->peer);
	sd_event_unref(viewer->event);
}

/* Up and down in the menu, at moments that have nothing to do with QEMU's clock. */
static void type_keys(struct viewer *viewer, struct samples *samples) {
	for (int i = 0; i < KEYS; i++) {
		uint32_t key = i % 2 ? QNUM_UP : QNUM_DOWN;
		rest(viewer, 200000000 + (uint64_t)(rand() % 60) * 1000000);
		uint64_t start = bench_now();
		console_key(viewer->console, key, true);
		if (wait_for_change(viewer, ANSWER_MAX)) {
			samples_add(samples, (double)(bench_now() - start) / 1e6);
		}
		console_key(viewer->console, key, false);
	}
}

static void measure_qemu(struct samples *samples) {
	const char *arguments[] = {
		"-m", "128", "-device", "VGA", "-cdrom", ISO, "-boot", "d", NULL};
	struct qemu qemu;
	struct viewer viewer = {0};
	qemu_start(&qemu, "qemu-system-x86_64", arguments);
	viewer_begin(&viewer, qemu_open_display(&qemu));
	type_keys(&viewer, samples);
	viewer_end(&viewer);
	qemu_stop(&qemu);
}

/* A Display1 connection to the output; the fd is the caller's. */
static int open_output(const struct bench_desktop *desktop) {
	char address[PROCESS_PATH_MAX * 2];
	snprintf(address, sizeof(address), "unix:path=%s/mullion/control", desktop->process.folder);
	sd_bus *bus;
	sd_bus_message *reply = NULL;
	int fd;
	CHECK(sd_bus_new(&bus) >= 0 && sd_bus_set_address(bus, address) >= 0 &&
		sd_bus_negotiate_fds(bus, true) >= 0 && sd_bus_start(bus) >= 0);
	CHECK(sd_bus_call_method(bus, NULL, "/org/mullion/Control1", "org.mullion.Control1",
		      "OpenDisplay", NULL, &reply, "su", "output:HEADLESS-1", 3u) >= 0);
	CHECK(sd_bus_message_read(reply, "h", &fd) >= 0);
	fd = dup(fd);
	sd_bus_message_unref(reply);
	sd_bus_close_unref(bus);
	return fd;
}

static void measure_mullion(const struct bench_tools *tools, struct samples *samples) {
	const char *guest =
		"[machine]\narch = x86_64\nmemory = 128\naccel = tcg\n[boot]\ncdrom = " ISO
		"\n[network]\nmode = none\n[display]\ndevice = VGA";
	struct bench_desktop desktop;
	struct viewer viewer = {0};
	bench_desktop_start(&desktop, tools, "single", &guest, 1);
	viewer_begin(&viewer, open_output(&desktop));
	type_keys(&viewer, samples);
	viewer_end(&viewer);
	bench_desktop_finish(&desktop);
}

static void print_row(const char *name, const struct samples *samples) {
	printf("%-8s %8.1f %8.1f %6d\n", name, samples_median(samples), samples_least(samples),
		samples->count);
}

int main(int argc, char **argv) {
	if (argc < 3) {
		bench_fail("usage: bench-latency MULLION MULLIONCTL [ROUNDS]");
	}
	if (access(ISO, R_OK) != 0) {
		printf("%s isn't there (package grub-rescue-pc)\n", ISO);
		return EXIT_SKIPPED;
	}
	int rounds = argc > 3 ? atoi(argv[3]) : ROUNDS;
	struct bench_tools tools = {.mullion = argv[1], .mullionctl = argv[2]};
	struct samples direct = {0}, through = {0};
	for (int round = 0; round < rounds; round++) {
		measure_qemu(&direct);
		measure_mullion(&tools, &through);
	}
	printf("repeat with: %s %s %s %d\n", argv[0], argv[1], argv[2], rounds);
	printf("ms from a key to its pixels, %d interleaved rounds\n", rounds);
	printf("%-8s %8s %8s %6s\n", "", "median", "least", "keys");
	print_row("qemu", &direct);
	print_row("mullion", &through);
	printf("ratio    %8.2f\n", samples_median(&through) / samples_median(&direct));
	return through.count > 0 && direct.count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
