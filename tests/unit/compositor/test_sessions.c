/* The sessions of remote servers, with the Display1 connections that belong to them. */
/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_output.h>

#include "compositor/config.h"
#include "compositor/output.h"
#include "compositor/sessions.h"
#include "vm-display/display_client.h"
#include "vm-display/publisher.h"
#include "world.h"

#define DESKTOP                                                                                    \
	{ "server", "vnc", "anna", "10.0.0.1", "desktop", "", PUBLISHER_ALL }

struct peer { /* a session's process */
	struct display_client *client;
	bool ready, lost;
};

static sd_event *event;
static struct options options;
static struct server *server;

static int set_up(void **state) {
	assert_true(sd_event_new(&event) >= 0);
	options = world_options();
	options.fresh = true;
	server = world_start(event, &options);
	return 0;
}

static int tear_down(void **state) {
	server_destroy(server);
	sd_event_unref(event);
	return 0;
}

static void handle_ready(struct display_client *client, void *data) {
	((struct peer *)data)->ready = true;
}

static void handle_lost(struct display_client *client, const char *reason, void *data) {
	((struct peer *)data)->lost = true;
}

static const struct display_client_impl impl = {.ready = handle_ready, .lost = handle_lost};

static void until(const bool *condition) {
	while (!*condition) {
		assert_true(sd_event_run(event, 10000000) > 0);
	}
}

static void connect_peer(struct peer *peer, const struct control_session *info, char *id) {
	char *error = NULL;
	int fd = sessions_open(server->sessions, info, id, &error);
	assert_null(error);
	assert_true(fd >= 0);
	*peer = (struct peer){0};
	peer->client = display_client_create(event, fd, &impl, peer);
	assert_non_null(peer->client);
	until(&peer->ready);
}

/* What ListSessions says: the number of sessions, and of those that are connected. */
static int count(int *connected) {
	sd_bus_message *message = NULL;
	sd_bus *bus = NULL;
	assert_true(sd_bus_new(&bus) >= 0);
	assert_true(sd_bus_set_address(bus, "unix:path=/nowhere") >= 0);
	sd_bus_start(bus);
	assert_true(sd_bus_message_new_method_call(bus, &message, NULL, "/a", "a.b", "c") >= 0);
	assert_true(sd_bus_message_open_container(message, 'a', "a{sv}") >= 0);
	sessions_list(server->sessions, message);
	assert_true(sd_bus_message_close_container(message) >= 0);
	assert_true(sd_bus_message_seal(message, 1, 0) >= 0);
	assert_true(sd_bus_message_enter_container(message, 'a', "a{sv}") >= 0);
	int sessions = 0;
	for (*connected = 0; sd_bus_message_enter_container(message, 'a', "{sv}") > 0; sessions++) {
		const char *key;
		while (sd_bus_message_enter_container(message, 'e', "sv") > 0) {
			int is_connected = 0;
			sd_bus_message_read(message, "s", &key);
			if (strcmp(key, "connected") == 0) {
				sd_bus_message_read(message, "v", "b", &is_connected);
			} else {
				sd_bus_message_skip(message, "v");
			}
			*connected += is_connected;
			sd_bus_message_exit_container(message);
		}
		sd_bus_message_exit_container(message);
	}
	sd_bus_message_unref(message);
	sd_bus_unref(bus);
	return sessions;
}

static void expect_sessions(int sessions, int connected) {
	int found_connected, found;
	for (int i = 0; i < 30; i++) { /* hanging up takes some turns of the loop */
		found = count(&found_connected);
		if (found == sessions && found_connected == connected) {
			return;
		}
		sd_event_run(event, 100000);
	}
	assert_int_equal(found, sessions);
	assert_int_equal(found_connected, connected);
}

static void test_opens_and_ends(void **state) {
	const struct control_session info = DESKTOP;
	struct peer one, two;
	char id_one[CONTROL_SESSION_ID_SIZE], id_two[CONTROL_SESSION_ID_SIZE];
	connect_peer(&one, &info, id_one);
	connect_peer(&two, &info, id_two);
	assert_string_not_equal(id_one, id_two);
	expect_sessions(2, 2);
	assert_int_equal(sessions_count(server->sessions, "server"), 2);
	assert_int_equal(sessions_count(server->sessions, "another"), 0);
	display_client_destroy(one.client);
	expect_sessions(1, 1);
	display_client_destroy(two.client);
	expect_sessions(0, 0);
}

static void test_refuses_wrong_targets(void **state) {
	static const char *const targets[] = {
		"nonsense", "guest:none", "output:none", "guest:", "output:"};
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		const struct control_session info = {"", "", "", "", targets[i], "", 1};
		char id[CONTROL_SESSION_ID_SIZE], *error = NULL;
		assert_int_equal(sessions_open(server->sessions, &info, id, &error), -1);
		assert_non_null(error);
		free(error);
	}
	expect_sessions(0, 0);
}

static void test_kicks_for_good(void **state) {
	struct control_session info = DESKTOP;
	struct peer peer;
	char id[CONTROL_SESSION_ID_SIZE], *error = NULL;
	connect_peer(&peer, &info, id);
	assert_true(sessions_kick(server->sessions, id, &error));
	expect_sessions(0, 0);
	until(&peer.lost);
	display_client_destroy(peer.client);
	info.renew = id;
	char other[CONTROL_SESSION_ID_SIZE];
	assert_int_equal(sessions_open(server->sessions, &info, other, &error), -1);
	assert_non_null(strstr(error, "ended by the user"));
	free(error);
	error = NULL;
	assert_false(sessions_kick(server->sessions, id, &error));
	free(error);
	info.renew = ""; /* who logs in again may come */
	connect_peer(&peer, &info, other);
	display_client_destroy(peer.client);
	expect_sessions(0, 0);
}

static void test_is_renewed(void **state) {
	struct control_session info = {"server", "vnc", "", "", "output:RIGHT", "", PUBLISHER_VIEW};
	struct peer peer, second;
	char id[CONTROL_SESSION_ID_SIZE], again[CONTROL_SESSION_ID_SIZE], *error = NULL;
	connect_peer(&peer, &info, id);
	assert_true(output_remove(output_by_name(server->outputs, "RIGHT"), &error));
	until(&peer.lost);
	expect_sessions(1, 0);
	info.renew = id;
	info.target = "output:LEFT";
	connect_peer(&second, &info, again);
	assert_string_equal(id, again);
	expect_sessions(1, 1);
	display_client_destroy(peer.client);
	/* A session may change its target, too. */
	info.target = "desktop";
	connect_peer(&peer, &info, again);
	assert_string_equal(id, again);
	until(&second.lost);
	expect_sessions(1, 1);
	display_client_destroy(second.client);
	display_client_destroy(peer.client);
	expect_sessions(0, 0);
}

static void test_keeps_the_id_of_an_earlier_mullion(void **state) {
	struct control_session info = DESKTOP;
	struct peer peer;
	char id[CONTROL_SESSION_ID_SIZE];
	info.renew = "89abcdef";
	connect_peer(&peer, &info, id);
	assert_string_equal(id, "89abcdef");
	expect_sessions(1, 1);
	display_client_destroy(peer.client);
	expect_sessions(0, 0);
}

/* Nobody renews it. */
static void test_ends_when_lost(void **state) {
	const struct control_session info = {"", "", "", "", "output:RIGHT", "", 1};
	struct peer peer;
	char id[CONTROL_SESSION_ID_SIZE], *error = NULL;
	connect_peer(&peer, &info, id);
	assert_true(output_remove(output_by_name(server->outputs, "RIGHT"), &error));
	until(&peer.lost);
	display_client_destroy(peer.client);
	expect_sessions(1, 0);
	int connected;
	while (count(&connected) > 0) {
		assert_true(sd_event_run(event, (uint64_t)2 * SESSIONS_RENEWAL) > 0);
	}
}

static void synced(void *data, bool ok) {
	*(bool *)data = true;
}

/* Asks each console for its own size, and waits until mullion has read it. */
static void ask_sizes(struct peer *peer) {
	struct console *console;
	TAILQ_FOREACH (console, display_client_consoles(peer->client), link) {
		bool done = false;
		console_set_ui_info(console, 0, 0, 1000 + console->id, 700 + console->id);
		console_sync(console, synced, &done);
		until(&done);
	}
	world_settle(event);
}

static void test_resizes_with_the_right_to(void **state) {
	struct control_session info = DESKTOP;
	struct output *left = output_by_name(server->outputs, "LEFT");
	struct output *right = output_by_name(server->outputs, "RIGHT");
	struct peer peer;
	char id[CONTROL_SESSION_ID_SIZE];
	info.rights = PUBLISHER_VIEW | PUBLISHER_CONTROL;
	connect_peer(&peer, &info, id);
	ask_sizes(&peer);
	assert_int_equal(left->wlr->width, 640);
	assert_int_equal(right->wlr->width, 800);
	display_client_destroy(peer.client);

	info.rights = PUBLISHER_ALL;
	connect_peer(&peer, &info, id);
	ask_sizes(&peer); /* each console's its own output's */
	assert_int_equal(left->wlr->width, 1000);
	assert_int_equal(left->wlr->height, 700);
	assert_int_equal(right->wlr->width, 1001);
	assert_int_equal(right->wlr->height, 701);
	assert_int_equal(right->box.x, 1000); /* still beside each other */
	display_client_destroy(peer.client);
	expect_sessions(0, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_opens_and_ends, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refuses_wrong_targets, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_kicks_for_good, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_is_renewed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_keeps_the_id_of_an_earlier_mullion, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ends_when_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_resizes_with_the_right_to, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
