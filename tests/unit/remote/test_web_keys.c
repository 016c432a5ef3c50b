#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* After those that it needs. */
#include <cmocka.h>

#include "remote/web_keys.h"

#define SECOND ((uint64_t)1000000) /* us */

static struct web_keys keys;
static const struct in6_addr here = {.s6_addr = {1}}, elsewhere = {.s6_addr = {2}};

static int set_up(void **state) {
	web_keys_init(&keys);
	return 0;
}

static int tear_down(void **state) {
	web_keys_finish(&keys);
	return 0;
}

static void add(enum web_key_kind kind, const struct in6_addr *address, uint64_t now,
	char text[WEB_KEY_SIZE]) {
	struct web_key model = {.kind = kind, .address = *address, .view_only = true};
	web_keys_prove(model.proof, "hash");
	snprintf(model.user, sizeof(model.user), "anna");
	vnc_target_parse(&model.target, "guest:alpha");
	assert_true(web_keys_add(&keys, &model, now, text));
	assert_int_equal(strlen(text), WEB_KEY_SIZE - 1);
}

static void test_key(void **state) {
	char text[WEB_KEY_SIZE], wrong[WEB_KEY_SIZE];
	add(WEB_KEY, &here, 0, text);
	assert_non_null(web_keys_find(&keys, text, &here, SECOND));
	assert_null(web_keys_find(&keys, text, &elsewhere, SECOND));
	memcpy(wrong, text, sizeof(wrong));
	wrong[31] = wrong[31] == '0' ? '1' : '0';
	assert_null(web_keys_find(&keys, wrong, &here, SECOND));
	assert_null(web_keys_find(&keys, "", &here, SECOND));
	struct web_key token;
	assert_false(web_keys_take(&keys, text, &here, SECOND, &token));
	web_keys_drop(&keys, "");
	web_keys_drop(&keys, text);
	assert_null(web_keys_find(&keys, text, &here, SECOND));
}

static void test_key_lives_while_it_is_used(void **state) {
	char text[WEB_KEY_SIZE];
	uint64_t life = WEB_KEY_SECONDS * SECOND;
	add(WEB_KEY, &here, 0, text);
	assert_non_null(web_keys_find(&keys, text, &here, life - 1));
	assert_non_null(web_keys_find(&keys, text, &here, 2 * life - 2));
	assert_null(web_keys_find(&keys, text, &here, 3 * life));
}

static void test_token_opens_once(void **state) {
	char text[WEB_KEY_SIZE];
	struct web_key token;
	add(WEB_TOKEN, &here, 0, text);
	assert_null(web_keys_find(&keys, text, &here, 0));
	assert_false(web_keys_take(&keys, text, &elsewhere, 0, &token));
	assert_true(web_keys_take(&keys, text, &here, SECOND, &token));
	assert_string_equal(token.user, "anna");
	assert_string_equal(token.target.path, "guest:alpha");
	assert_false(web_keys_take(&keys, text, &here, SECOND, &token));
	add(WEB_TOKEN, &here, 0, text);
	assert_false(web_keys_take(&keys, text, &here, WEB_TOKEN_SECONDS * SECOND, &token));
}

static void test_limits(void **state) {
	char first[WEB_KEY_SIZE], second[WEB_KEY_SIZE], other[WEB_KEY_SIZE], text[WEB_KEY_SIZE];
	add(WEB_KEY, &elsewhere, 0, other);
	add(WEB_KEY, &here, 0, first);
	add(WEB_KEY, &here, 0, second);
	for (int i = 2; i < WEB_KEYS_PER_ADDRESS_MAX; i++) {
		add(WEB_KEY, &here, 0, text);
		add(WEB_TOKEN, &here, 0, text);
	}
	assert_non_null(web_keys_find(&keys, first, &here, 0)); /* which makes it the newest */
	add(WEB_KEY, &here, 0, text);
	assert_non_null(web_keys_find(&keys, first, &here, 0));
	assert_null(web_keys_find(&keys, second, &here, 0));
	assert_non_null(web_keys_find(&keys, other, &elsewhere, 0));
	for (int i = 0; i < WEB_KEYS_MAX; i++) {
		struct in6_addr many = {.s6_addr = {3, i / 8}};
		add(WEB_KEY, &many, 0, text);
	}
	assert_null(web_keys_find(&keys, other, &elsewhere, 0));
}

static void test_users_keys_go(void **state) {
	char text[WEB_KEY_SIZE];
	add(WEB_KEY, &here, 0, text);
	web_keys_drop_user(&keys, "ben");
	assert_non_null(web_keys_find(&keys, text, &here, 0));
	web_keys_drop_user(&keys, "anna");
	assert_null(web_keys_find(&keys, text, &here, 0));
}

static void test_file(void **state) {
	char path[] = "/tmp/mullion-test-keys-XXXXXX", text[WEB_KEY_SIZE], token[WEB_KEY_SIZE];
	struct web_key taken;
	close(mkstemp(path));
	add(WEB_KEY, &here, 5, text);
	add(WEB_TOKEN, &here, 5, token);
	web_keys_save(&keys, path);
	web_keys_finish(&keys);
	web_keys_load(&keys, path);
	assert_false(web_keys_take(&keys, token, &here, 6, &taken));
	assert_null(web_keys_find(&keys, text, &elsewhere, 6));
	const struct web_key *key = web_keys_find(&keys, text, &here, 6);
	char proof[WEB_PROOF_SIZE];
	web_keys_prove(proof, "hash");
	assert_non_null(key);
	assert_string_equal(key->user, "anna");
	assert_string_equal(key->proof, proof);
	assert_true(key->view_only);
	web_keys_finish(&keys);
	web_keys_load(&keys, path);
	assert_null(web_keys_find(&keys, text, &here, WEB_KEY_SECONDS * SECOND + 5));
	/* One that others may read isn't believed, nor is half a line. */
	chmod(path, 0644);
	web_keys_finish(&keys);
	web_keys_load(&keys, path);
	assert_null(web_keys_find(&keys, text, &here, 6));
	chmod(path, 0600);
	assert_int_equal(truncate(path, 100), 0);
	web_keys_load(&keys, path);
	assert_true(TAILQ_EMPTY(&keys.list));
	unlink(path);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_key, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_key_lives_while_it_is_used, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_token_opens_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_users_keys_go, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_file, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
