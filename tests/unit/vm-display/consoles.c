/* Consoles that come and go while somebody is connected. */
#include <string.h>

#include "tests/unit/vm-display/harness.h"
#include "vm-display/publisher.h"

struct follower {
	struct display_client *client;
	bool is_ready;
	int added, removed;
	uint32_t last; /* id of the last one that was told */
	char label[DISPLAY_LABEL_MAX + 1]; /* its label, known by then */
};

static void handle_ready(struct display_client *client, void *data) {
	struct follower *follower = data;
	follower->is_ready = true;
}

static void handle_added(struct console *console, void *data) {
	struct follower *follower = data;
	CHECK(follower->is_ready);
	follower->added++;
	follower->last = console->id;
	memcpy(follower->label, console->label, sizeof(follower->label));
}

static void handle_removed(struct console *console, void *data) {
	struct follower *follower = data;
	follower->removed++;
	follower->last = console->id;
}

static void handle_lost(struct display_client *client, const char *reason, void *data) {
	CHECK(!"lost");
}

static const struct display_client_impl following = {
	.ready = handle_ready,
	.console_added = handle_added,
	.console_removed = handle_removed,
	.lost = handle_lost,
};
static const struct display_client_impl staying = {.ready = handle_ready, .lost = handle_lost};

static const struct published_console_impl no_input = {0};

struct fixture {
	sd_event *event;
	struct screen screen;
	struct publisher *publisher;
};

static void fixture_begin(struct fixture *f) {
	CHECK(sd_event_new(&f->event) >= 0);
	screen_init(&f->screen);
	struct frame *frame = frame_create_owned(64, 48, PIXMAN_x8r8g8b8);
	screen_set_frame(&f->screen, frame);
	frame_unref(frame);
	f->publisher = publisher_create(f->event, "test", "");
}

static void fixture_end(struct fixture *f) {
	publisher_destroy(f->publisher);
	screen_finish(&f->screen);
	sd_event_unref(f->event);
}

static struct published_console *publish(struct fixture *f, uint32_t id, const char *label) {
	struct published_console_info info = {.id = id, .label = label, .head = id};
	return publisher_add_console(f->publisher, &info, &f->screen, &no_input, NULL);
}

static void follow(
	struct follower *follower, struct fixture *f, const struct display_client_impl *impl) {
	*follower = (struct follower){0};
	follower->client = display_client_create(
		f->event, publisher_open(f->publisher, PUBLISHER_VIEW), impl, follower);
	CHECK(follower->client);
	WAIT_FOR(f->event, follower->is_ready);
}

static struct console *first_console(struct follower *follower) {
	return TAILQ_FIRST(display_client_consoles(follower->client));
}

static void listen_to(struct fixture *f, struct console *console) {
	console_listen(console, true);
	WAIT_FOR(f->event, console->screen.frame);
}

/* As a guest that is started while somebody waits for it, and started again. */
static void test_come_and_go(void) {
	struct fixture f;
	struct follower follower;
	fixture_begin(&f);
	follow(&follower, &f, &following);
	CHECK(!first_console(&follower));
	for (int round = 1; round <= 3; round++) {
		struct published_console *console = publish(&f, 5, "late");
		WAIT_FOR(f.event, follower.added == round);
		CHECK(follower.last == 5 && strcmp(follower.label, "late") == 0);
		CHECK(first_console(&follower)->id == 5);
		listen_to(&f, first_console(&follower));
		publisher_remove_console(console);
		WAIT_FOR(f.event, follower.removed == round);
		CHECK(!first_console(&follower));
	}
	display_client_destroy(follower.client);
	settle(f.event);
	fixture_end(&f);
}

static void test_order(void) {
	struct fixture f;
	struct follower follower;
	fixture_begin(&f);
	publish(&f, 2, "two");
	follow(&follower, &f, &following);
	CHECK(follower.added == 0); /* those of `ready` aren't told again */
	publish(&f, 3, "three");
	publish(&f, 1, "one");
	WAIT_FOR(f.event, follower.added == 2);
	uint32_t id = 1;
	struct console *console;
	TAILQ_FOREACH (console, display_client_consoles(follower.client), link) {
		CHECK(console->id == id++);
	}
	CHECK(id == 4);
	display_client_destroy(follower.client);
	settle(f.event);
	fixture_end(&f);
}

/* One that goes before it has said what it is was never there. */
static void test_gone_at_once(void) {
	struct fixture f;
	struct follower follower;
	fixture_begin(&f);
	follow(&follower, &f, &following);
	publisher_remove_console(publish(&f, 1, "gone"));
	publish(&f, 2, "stays");
	WAIT_FOR(f.event, follower.added == 1);
	CHECK(follower.last == 2 && follower.removed == 0);
	display_client_destroy(follower.client);
	settle(f.event);
	fixture_end(&f);
}

static void test_who_does_not_follow(void) {
	struct fixture f;
	struct follower follower;
	fixture_begin(&f);
	struct published_console *console = publish(&f, 1, "first");
	follow(&follower, &f, &staying);
	listen_to(&f, first_console(&follower));
	publish(&f, 2, "second");
	publisher_remove_console(console);
	WAIT_FOR(f.event, !first_console(&follower)->screen.frame);
	CHECK(first_console(&follower)->id == 1 && !TAILQ_NEXT(first_console(&follower), link));
	display_client_destroy(follower.client);
	settle(f.event);
	fixture_end(&f);
}

int main(void) {
	test_come_and_go();
	test_order();
	test_gone_at_once();
	test_who_does_not_follow();
	return 0;
}
