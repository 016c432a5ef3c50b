/* The clipboard: our client on our publisher, and what breaks the rules. */
#include <stdarg.h>
#include <string.h>

#include "tests/unit/vm-display/harness.h"
#include "vm-display/clipboard.h"
#include "vm-display/display_client_private.h"
#include "vm-display/published_clipboard.h"

struct owner { /* of the publisher */
	char text[CLIPBOARD_MAX + 1];
	size_t size;
	int texts, joins, parts;
};

static void handle_owner_text(void *data, const char *text, size_t size) {
	struct owner *owner = data;
	memcpy(owner->text, text, size);
	owner->size = size;
	owner->texts++;
}

static void handle_owner_sharing(void *data, bool anybody) {
	struct owner *owner = data;
	owner->joins += anybody;
	owner->parts += !anybody;
}

static const struct published_clipboard_impl owner_impl = {
	.text = handle_owner_text,
	.sharing = handle_owner_sharing,
};

struct user { /* at a client */
	struct peer peer;
	struct clipboard *clipboard;
	int grabs, releases, takes, answers;
	char text[CLIPBOARD_MAX + 1];
	size_t size;
	bool is_null;
};

static void handle_answer(void *data, const char *text, size_t size) {
	struct user *user = data;
	user->answers++;
	user->is_null = !text;
	user->size = size;
	memcpy(user->text, text ? text : "", size);
}

static void handle_grabbed(void *data, bool has_text) {
	struct user *user = data;
	user->grabs += has_text;
	user->releases += !has_text;
	if (has_text) {
		clipboard_ask(user->clipboard, handle_answer, user);
	}
}

static void handle_taken(void *data) {
	((struct user *)data)->takes++;
}

static const struct clipboard_impl user_impl = {.grabbed = handle_grabbed, .taken = handle_taken};

struct fixture {
	sd_event *event;
	struct publisher *publisher;
	struct published_clipboard *published;
	struct owner owner;
	struct user a, b;
};

static void user_begin(struct fixture *f, struct user *user) {
	int joins = f->owner.joins;
	peer_open(&user->peer, f->event, publisher_open(f->publisher, PUBLISHER_CONTROL));
	user->clipboard = clipboard_create(user->peer.client, &user_impl, user);
	CHECK(user->clipboard);
	WAIT_FOR(f->event, f->owner.joins > joins);
}

static void user_end(struct user *user) {
	clipboard_destroy(user->clipboard);
	peer_close(&user->peer);
}

static void fixture_begin(struct fixture *f) {
	memset(f, 0, sizeof(*f));
	CHECK(sd_event_new(&f->event) >= 0);
	f->publisher = publisher_create(f->event, "test", "");
	f->published = publisher_add_clipboard(f->publisher, &owner_impl, &f->owner);
	user_begin(f, &f->a);
	user_begin(f, &f->b);
}

static void fixture_end(struct fixture *f) {
	user_end(&f->a);
	user_end(&f->b);
	WAIT_FOR(f->event, f->owner.parts == 1);
	settle(f->event);
	publisher_destroy(f->publisher);
	sd_event_unref(f->event);
}

static bool has(const char *text, size_t size, const char *wanted) {
	return size == strlen(wanted) && memcmp(text, wanted, size) == 0;
}

static void test_round_trip(void) {
	static struct fixture f;
	fixture_begin(&f);
	/* From the owner to all. */
	published_clipboard_offer(f.published, "größer", strlen("größer"));
	WAIT_FOR(f.event, f.a.answers == 1 && f.b.answers == 1);
	CHECK(has(f.a.text, f.a.size, "größer") && has(f.b.text, f.b.size, "größer"));
	/* From one to the owner and the other. */
	clipboard_offer(f.a.clipboard, "from a", 6);
	WAIT_FOR(f.event, f.owner.texts == 1 && f.b.answers == 2);
	CHECK(has(f.owner.text, f.owner.size, "from a") && has(f.b.text, f.b.size, "from a"));
	CHECK(f.a.takes == 1 && f.a.answers == 1);
	/* And back, with serials that go on. */
	clipboard_offer(f.b.clipboard, "from b", 6);
	WAIT_FOR(f.event, f.owner.texts == 2 && f.a.answers == 2);
	CHECK(has(f.a.text, f.a.size, "from b"));
	/* The same once more tells nobody. */
	published_clipboard_offer(f.published, "from b", 6);
	settle(f.event);
	CHECK(f.a.grabs == 2);
	published_clipboard_offer(f.published, NULL, 0);
	WAIT_FOR(f.event, f.a.releases == 1);
	CHECK(!clipboard_peer_has_text(f.a.clipboard));
	clipboard_ask(f.a.clipboard, handle_answer, &f.a);
	WAIT_FOR(f.event, f.a.answers == 3);
	CHECK(f.a.is_null);
	fixture_end(&f);
}

static void test_limits(void) {
	static struct fixture f;
	static char text[CLIPBOARD_MAX + 2];
	fixture_begin(&f);
	memset(text, 'x', sizeof(text));
	clipboard_offer(f.a.clipboard, text, CLIPBOARD_MAX);
	WAIT_FOR(f.event, f.owner.texts == 1);
	CHECK(f.owner.size == CLIPBOARD_MAX);
	clipboard_offer(f.a.clipboard, text, CLIPBOARD_MAX + 1);
	CHECK(!clipboard_offers(f.a.clipboard, NULL, 0));
	/* What isn't text ends with whom it is told to. */
	clipboard_offer(f.a.clipboard, "a\xff", 2);
	clipboard_offer(f.b.clipboard, "a\0b", 3);
	settle(f.event);
	CHECK(f.owner.texts == 1);
	static const char *const bad[] = {"\x80", "\xc0\x80", "\xe2\x82", "\xed\xa0\x80",
		"\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(!clipboard_is_text(bad[i], strlen(bad[i])));
	}
	const char *good = "\x7f\xc2\x80\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf";
	CHECK(clipboard_is_text(good, strlen(good)) && clipboard_is_text("", 0));
	fixture_end(&f);
}

static int handle_reply(sd_bus_message *message, void *data, sd_bus_error *error) {
	*(int *)data = sd_bus_message_is_method_error(message, NULL) ? -1 : 1;
	return 1;
}

/* Says something to the publisher; 1 if it was taken, -1 if it was refused. */
static int say(struct fixture *f, struct peer *peer, const char *member, const char *types, ...) {
	int answer = 0;
	va_list list;
	va_start(list, types);
	CHECK(sd_bus_call_method_asyncv(display_client_bus(peer->client), NULL, NULL,
		      DISPLAY_CLIPBOARD_PATH, DISPLAY_CLIPBOARD_INTERFACE, member, handle_reply,
		      &answer, types, list) >= 0);
	va_end(list);
	WAIT_FOR(f->event, answer != 0);
	return answer;
}

static void test_refusals(void) {
	static struct fixture f;
	fixture_begin(&f);
	struct peer viewer, stranger;
	peer_open(&viewer, f.event, publisher_open(f.publisher, PUBLISHER_VIEW));
	CHECK(say(&f, &viewer, "Register", "") < 0); /* it may only look */
	peer_open(&stranger, f.event, publisher_open(f.publisher, PUBLISHER_ALL));
	CHECK(say(&f, &stranger, "Grab", "uuas", 0, 1, 0) < 0); /* not registered */
	CHECK(say(&f, &stranger, "Register", "") > 0);
	CHECK(say(&f, &stranger, "Grab", "uuas", 1, 1, 1, "text/plain;charset=utf-8") < 0);
	CHECK(say(&f, &stranger, "Grab", "us", 0, "x") < 0);
	CHECK(say(&f, &stranger, "Request", "uas", 0, 1, "text/plain;charset=utf-8") < 0);
	published_clipboard_offer(f.published, "x", 1);
	CHECK(say(&f, &stranger, "Request", "uas", 0, 1, "image/png") < 0);
	CHECK(say(&f, &stranger, "Request", "uas", 0, 1, "text/plain;charset=utf-8") > 0);
	CHECK(say(&f, &stranger, "Grab", "uuas", 0, 0, 1, "text/plain;charset=utf-8") > 0);
	settle(f.event);
	CHECK(f.owner.texts == 0); /* its serial was too old */
	CHECK(say(&f, &stranger, "Unregister", "") > 0);
	CHECK(say(&f, &stranger, "Request", "uas", 0, 1, "text/plain;charset=utf-8") < 0);
	peer_close(&viewer);
	peer_close(&stranger);
	fixture_end(&f);
}

#define QUESTIONS 900

struct deaf { /* a peer that asks and asks before it reads */
	sd_bus *bus;
	int texts, errors;
};

static int handle_deaf_answer(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct deaf *deaf = data;
	bool is_error = sd_bus_message_is_method_error(message, NULL);
	deaf->errors += is_error;
	deaf->texts += !is_error;
	return 0;
}

static void deaf_begin(struct deaf *deaf, struct fixture *f) {
	int fd = publisher_open(f->publisher, PUBLISHER_CONTROL), joins = f->owner.joins;
	*deaf = (struct deaf){0};
	CHECK(sd_bus_new(&deaf->bus) >= 0 && sd_bus_set_fd(deaf->bus, fd, fd) >= 0);
	CHECK(sd_bus_start(deaf->bus) >= 0);
	while (sd_bus_is_ready(deaf->bus) == 0) {
		CHECK(sd_bus_process(deaf->bus, NULL) >= 0);
		CHECK(sd_event_run(f->event, 1000) >= 0);
	}
	CHECK(sd_bus_call_method_async(deaf->bus, NULL, NULL, DISPLAY_CLIPBOARD_PATH,
		      DISPLAY_CLIPBOARD_INTERFACE, "Register", NULL, NULL, "") >= 0);
	CHECK(sd_bus_flush(deaf->bus) >= 0);
	WAIT_FOR(f->event, f->owner.joins > joins);
}

static void test_deaf(void) {
	static struct fixture f;
	static char text[CLIPBOARD_MAX];
	struct deaf deaf;
	fixture_begin(&f);
	memset(text, 'x', sizeof(text));
	published_clipboard_offer(f.published, text, sizeof(text));
	WAIT_FOR(f.event, f.a.answers == 1 && f.b.answers == 1);
	deaf_begin(&deaf, &f);
	published_clipboard_offer(f.published, text, sizeof(text));
	for (int i = 0; i < QUESTIONS; i++) {
		CHECK(sd_bus_call_method_async(deaf.bus, NULL, NULL, DISPLAY_CLIPBOARD_PATH,
			      DISPLAY_CLIPBOARD_INTERFACE, "Request", handle_deaf_answer, &deaf,
			      "uas", 0, 1, "text/plain;charset=utf-8") >= 0);
	}
	CHECK(sd_bus_flush(deaf.bus) >= 0);
	settle(f.event);
	while (deaf.texts + deaf.errors < QUESTIONS) {
		CHECK(sd_bus_process(deaf.bus, NULL) >= 0);
		CHECK(sd_event_run(f.event, 1000) >= 0);
	}
	/* What the socket holds, and a few. */
	CHECK(deaf.texts > 0 && deaf.texts < QUESTIONS / 2);
	sd_bus_close_unref(deaf.bus);
	fixture_end(&f);
}

int main(void) {
	test_round_trip();
	test_limits();
	test_refusals();
	test_deaf();
	return 0;
}
