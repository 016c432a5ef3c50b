/* Listeners that don't behave, and those that are merely slow. */
#include "vm-display/publisher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "tests/unit/vm-display/harness.h"
#include "util/bus_server.h"

#define CONSOLE_PATH "/org/qemu/Display1/Console_0"
#define LISTENER_PATH "/org/qemu/Display1/Listener"
#define LISTENER_INTERFACE "org.qemu.Display1.Listener"
#define MAP_INTERFACE "org.qemu.Display1.Listener.Unix.Map"

struct fixture {
	sd_event *event;
	struct screen screen;
	struct publisher *publisher;
};

static const struct published_console_impl no_input = {0};

static void fixture_begin(struct fixture *f) {
	*f = (struct fixture){0};
	CHECK(sd_event_new(&f->event) >= 0);
	screen_init(&f->screen);
	struct frame *frame = frame_create_owned(256, 256, PIXMAN_x8r8g8b8);
	screen_set_frame(&f->screen, frame);
	frame_unref(frame);
	f->publisher = publisher_create(f->event, "test", "");
	struct published_console_info info = {.label = "test"};
	publisher_add_console(f->publisher, &info, &f->screen, &no_input, NULL);
}

static void fixture_end(struct fixture *f) {
	publisher_destroy(f->publisher);
	screen_finish(&f->screen);
	sd_event_unref(f->event);
}

/* A client written by hand. */
struct raw {
	struct fixture *f;
	sd_bus *bus;
	int listener_fd; /* ours, if nothing is served on it */
	sd_bus *listener;
	enum { RAW_ANSWERS, RAW_NO_INTERFACES, RAW_NO_ANSWERS } manners;
	char error[128]; /* RegisterListener's, "" if it went well */
	bool is_registered, is_gone;
	int scanouts, updates, bytes_updates;
	pixman_region32_t damage;
	sd_bus_message *unanswered; /* the one that expects an answer */
	bool delays; /* answers are left to the test */
};

static sd_bus *open_bus(struct raw *raw, int fd) {
	sd_bus *bus;
	CHECK(sd_bus_new(&bus) >= 0 && sd_bus_set_fd(bus, fd, fd) >= 0 &&
		sd_bus_negotiate_fds(bus, true) >= 0 && bus_server_start(bus, raw->f->event) >= 0);
	return bus;
}

static int handle_disconnected(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct raw *raw = data;
	raw->is_gone = true;
	return 0;
}

static void raw_open(struct raw *raw, struct fixture *f) {
	*raw = (struct raw){.f = f, .listener_fd = -1};
	pixman_region32_init(&raw->damage);
	raw->bus = open_bus(raw, publisher_open(f->publisher, PUBLISHER_ALL));
	CHECK(sd_bus_match_signal(raw->bus, NULL, NULL, NULL, "org.freedesktop.DBus.Local",
		      "Disconnected", handle_disconnected, raw) >= 0);
	/* Before that, a message with an fd would make sd-bus wait. */
	WAIT_FOR(f->event, sd_bus_is_ready(raw->bus) > 0);
}

static void raw_close(struct raw *raw) {
	sd_bus_message_unref(raw->unanswered);
	sd_bus_close_unref(raw->bus);
	sd_bus_close_unref(raw->listener);
	if (raw->listener_fd >= 0) {
		close(raw->listener_fd);
	}
	pixman_region32_fini(&raw->damage);
}

static int handle_registered(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct raw *raw = data;
	raw->is_registered = true;
	const sd_bus_error *e = sd_bus_message_get_error(message);
	snprintf(raw->error, sizeof(raw->error), "%s", e ? e->name : "");
	return 1;
}

static void raw_register(struct raw *raw, int fd) {
	raw->is_registered = false;
	CHECK(sd_bus_call_method_async(raw->bus, NULL, NULL, CONSOLE_PATH,
		      "org.qemu.Display1.Console", "RegisterListener", handle_registered, raw, "h",
		      fd) >= 0);
}

static int finish_message(struct raw *raw, sd_bus_message *message) {
	if (!sd_bus_message_get_expect_reply(message)) {
		return 1;
	}
	if (raw->manners == RAW_NO_ANSWERS || raw->delays) {
		CHECK(!raw->unanswered); /* at most one */
		raw->unanswered = sd_bus_message_ref(message);
		return 1;
	}
	return sd_bus_reply_method_return(message, "");
}

static int handle_scanout(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct raw *raw = data;
	raw->scanouts++;
	return finish_message(raw, message);
}

static int handle_update(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct raw *raw = data;
	int x, y, width, height;
	CHECK(sd_bus_message_read(message, "iiii", &x, &y, &width, &height) >= 0);
	CHECK(x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 256 && y + height <= 256);
	pixman_region32_union_rect(&raw->damage, &raw->damage, x, y, width, height);
	raw->updates++;
	return finish_message(raw, message);
}

static int handle_scanout_refused(sd_bus_message *message, void *data, sd_bus_error *error) {
	return sd_bus_reply_method_errorf(message, SD_BUS_ERROR_FAILED, "no");
}

static int get_interfaces(sd_bus *bus, const char *path, const char *interface,
	const char *property, sd_bus_message *reply, void *data, sd_bus_error *error) {
	return sd_bus_message_append(reply, "as", 1, MAP_INTERFACE);
}

static const sd_bus_vtable listener_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("Scanout", "uuuuay", "", handle_scanout, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("Update", "iiiiuuay", "", handle_update, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_PROPERTY("Interfaces", "as", get_interfaces, 0, 0),
	SD_BUS_VTABLE_END,
};
static const sd_bus_vtable map_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("ScanoutMap", "huuuuu", "", handle_scanout, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("UpdateMap", "iiii", "", handle_update, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};
static const sd_bus_vtable refusing_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD(
		"ScanoutMap", "huuuuu", "", handle_scanout_refused, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};

static int swallow(sd_bus_message *message, void *data, sd_bus_error *error) {
	return sd_bus_message_is_method_call(message, "org.freedesktop.DBus.Properties", NULL);
}

static void raw_listen(struct raw *raw, const sd_bus_vtable *map) {
	int fds[2];
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	raw_register(raw, fds[1]);
	raw->listener = open_bus(raw, fds[0]);
	CHECK(sd_bus_add_object_vtable(raw->listener, NULL, LISTENER_PATH, LISTENER_INTERFACE,
		      listener_vtable, raw) >= 0);
	CHECK(sd_bus_add_object_vtable(
		      raw->listener, NULL, LISTENER_PATH, MAP_INTERFACE, map, raw) >= 0);
	if (raw->manners == RAW_NO_INTERFACES) {
		CHECK(sd_bus_add_filter(raw->listener, NULL, swallow, NULL) >= 0);
	}
	WAIT_FOR(raw->f->event, raw->is_registered);
	CHECK(!raw->error[0]);
	close(fds[1]);
}

static void answer(struct raw *raw) {
	CHECK(raw->unanswered);
	CHECK(sd_bus_reply_method_return(raw->unanswered, "") >= 0);
	raw->unanswered = sd_bus_message_unref(raw->unanswered);
}

/* While one batch is unanswered everything else is one union. */
static void test_slow(void) {
	struct fixture f;
	struct raw raw;
	fixture_begin(&f);
	raw_open(&raw, &f);
	raw.delays = true;
	raw_listen(&raw, map_vtable);
	WAIT_FOR(f.event, raw.scanouts == 1);
	answer(&raw);
	WAIT_FOR(f.event, raw.updates == 1); /* the whole of it */
	for (int i = 0; i < 1000; i++) {
		screen_add_damage(&f.screen, i % 200, i % 150, 10, 10);
		if (i % 100 == 0) {
			settle(f.event);
		}
	}
	settle(f.event);
	CHECK(raw.updates == 1);
	pixman_region32_clear(&raw.damage);
	answer(&raw);
	WAIT_FOR(f.event, raw.unanswered);
	CHECK(raw.updates > 1 && raw.updates <= 1 + 64);
	pixman_box32_t box = *pixman_region32_extents(&raw.damage);
	CHECK(box.x1 == 0 && box.y1 == 0 && box.x2 == 209 && box.y2 == 159);
	int updates = raw.updates;
	answer(&raw);
	settle(f.event);
	CHECK(raw.updates == updates);
	raw_close(&raw);
	fixture_end(&f);
}

/* Who refuses the memory gets bytes. */
static void test_fallback(void) {
	struct fixture f;
	struct raw raw;
	fixture_begin(&f);
	raw_open(&raw, &f);
	raw_listen(&raw, refusing_vtable);
	WAIT_FOR(f.event, raw.scanouts == 1);
	screen_add_damage(&f.screen, 5, 6, 7, 8);
	WAIT_FOR(f.event, raw.updates == 1);
	CHECK(!raw.is_gone);
	raw_close(&raw);
	fixture_end(&f);
}

static void expect_refusal(struct raw *raw, int fd, const char *error) {
	raw_register(raw, fd);
	close(fd);
	WAIT_FOR(raw->f->event, raw->is_registered);
	CHECK(strstr(raw->error, error));
}

/* Who gives a listener back while it is being sent to keeps the connection. */
static void test_hangs_up(void) {
	struct fixture f;
	struct raw raw;
	fixture_begin(&f);
	raw_open(&raw, &f);
	raw_listen(&raw, map_vtable);
	WAIT_FOR(f.event, raw.scanouts == 1);
	settle(f.event);
	raw.listener = sd_bus_close_unref(raw.listener);
	screen_add_damage(&f.screen, 0, 0, 16, 16);
	settle(f.event);
	CHECK(!raw.is_gone);
	raw_listen(&raw, map_vtable);
	WAIT_FOR(f.event, raw.scanouts == 2);
	raw_close(&raw);
	settle(f.event);
	fixture_end(&f);
}

static void test_refusals(void) {
	struct fixture f;
	struct raw raw;
	fixture_begin(&f);
	raw_open(&raw, &f);
	int fds[2], sockets[PUBLISHER_LISTENERS_MAX][2];
	CHECK(pipe(fds) == 0);
	expect_refusal(&raw, fds[0], "InvalidArgs");
	close(fds[1]);
	expect_refusal(&raw, open("/dev/null", O_RDWR), "InvalidArgs");
	expect_refusal(&raw, socket(AF_INET, SOCK_STREAM, 0), "InvalidArgs");
	expect_refusal(&raw, socket(AF_UNIX, SOCK_DGRAM, 0), "InvalidArgs");
	for (int i = 0; i < PUBLISHER_LISTENERS_MAX; i++) {
		CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets[i]) == 0);
		raw_register(&raw, sockets[i][1]);
		WAIT_FOR(f.event, raw.is_registered);
		CHECK(!raw.error[0]);
		close(sockets[i][1]);
	}
	int more[2];
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, more) == 0);
	expect_refusal(&raw, more[1], "LimitsExceeded");
	close(more[0]);
	/* Listeners that just go leave room, and nothing else happens. */
	for (int i = 0; i < PUBLISHER_LISTENERS_MAX; i++) {
		close(sockets[i][0]);
	}
	settle(f.event);
	CHECK(!raw.is_gone);
	raw_listen(&raw, map_vtable);
	WAIT_FOR(f.event, raw.updates > 0);
	raw_close(&raw);
	fixture_end(&f);
}

static void test_too_many_clients(void) {
	struct fixture f;
	int fds[PUBLISHER_CLIENTS_MAX];
	fixture_begin(&f);
	for (int i = 0; i < PUBLISHER_CLIENTS_MAX; i++) {
		fds[i] = publisher_open(f.publisher, PUBLISHER_VIEW);
		CHECK(fds[i] >= 0);
	}
	CHECK(publisher_open(f.publisher, PUBLISHER_VIEW) == -1);
	for (int i = 0; i < PUBLISHER_CLIENTS_MAX; i++) {
		close(fds[i]);
	}
	settle(f.event);
	CHECK(publisher_connection_count(f.publisher) == 0);
	fixture_end(&f);
}

/* A flood of questions whose answers aren't read. */
static void test_deaf(void) {
	struct fixture f;
	fixture_begin(&f);
	int fd = publisher_open(f.publisher, PUBLISHER_VIEW);
	CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	static const char hello[] = "\0AUTH ANONYMOUS\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n";
	CHECK(write(fd, hello, sizeof(hello) - 1) == sizeof(hello) - 1);
	/* org.freedesktop.DBus.Peer.Ping to "/" */
	static const unsigned char ping[88] =
		"l\1\0\1\0\0\0\0\1\0\0\0E\0\0\0\1\1o\0\1\0\0\0/\0\0\0\0\0\0\0"
		"\2\1s\0\31\0\0\0org.freedesktop.DBus.Peer\0\0\0\0\0\0\0\3\1s\0\4\0\0\0Ping";
	while (publisher_connection_count(f.publisher) > 0) {
		ssize_t n = write(fd, ping, sizeof(ping));
		CHECK(n == sizeof(ping) || (n < 0 && (errno == EAGAIN || errno == EPIPE)));
		sd_event_run(f.event, n < 0 ? 1000 : 0);
	}
	close(fd);
	fixture_end(&f);
}

/* All of these lose their connection at a limit of time, while others go on. */
static void test_limits(void) {
	struct fixture f;
	struct raw silent, curious, mute;
	struct peer good;
	fixture_begin(&f);
	/* Neither authenticates at all … */
	int stranger = publisher_open(f.publisher, PUBLISHER_VIEW);
	/* … nor on the listener's socket … */
	raw_open(&silent, &f);
	int fds[2];
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	raw_register(&silent, fds[1]);
	close(fds[1]);
	silent.listener_fd = fds[0];
	/* … nor tells its interfaces … */
	raw_open(&curious, &f);
	curious.manners = RAW_NO_INTERFACES;
	raw_listen(&curious, map_vtable);
	/* … nor answers. */
	raw_open(&mute, &f);
	mute.manners = RAW_NO_ANSWERS;
	raw_listen(&mute, map_vtable);
	peer_open(&good, f.event, publisher_open(f.publisher, PUBLISHER_VIEW));
	struct console *console = peer_console(&good, 0);
	struct watch watch = {0};
	watch_begin(&watch, &console->screen);
	console_listen(console, true);
	WAIT_FOR(f.event, console->screen.frame && mute.scanouts == 1);
	settle(f.event);
	int damages = watch.damages;
	screen_add_damage(&f.screen, 0, 0, 1, 1);
	WAIT_FOR(f.event, watch.damages > damages);
	CHECK(!silent.is_gone && !curious.is_gone && !mute.is_gone);
	WAIT_FOR(f.event, silent.is_gone && curious.is_gone && mute.is_gone);
	WAIT_FOR(f.event, publisher_connection_count(f.publisher) == 1);
	damages = watch.damages;
	screen_add_damage(&f.screen, 0, 0, 1, 1);
	WAIT_FOR(f.event, watch.damages > damages);
	close(stranger);
	raw_close(&silent);
	raw_close(&curious);
	raw_close(&mute);
	watch_end(&watch);
	peer_close(&good);
	fixture_end(&f);
}

int main(void) {
	signal(SIGPIPE, SIG_IGN);
	test_slow();
	test_fallback();
	test_hangs_up();
	test_refusals();
	test_too_many_clients();
	test_deaf();
	test_limits();
	return 0;
}
