/* How guessing is slowed, and when an address is turned away. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "remote/vnc_gate.h"

#define SECOND ((uint64_t)1000000) /* us */
#define START (1000 * SECOND)

static struct in6_addr address(const char *text) {
	struct in6_addr made;
	assert_int_equal(inet_pton(AF_INET6, text, &made), 1);
	return made;
}

static void test_delay_grows(void **state) {
	struct vnc_gate gate = {0};
	struct in6_addr bad = address("::ffff:192.0.2.1"), good = address("::ffff:192.0.2.2");
	static const uint64_t delays[] = {1, 2, 4, 5, 5};
	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		assert_false(vnc_gate_failed(&gate, &bad, START));
		assert_int_equal(vnc_gate_delay(&gate, &bad, START), delays[i] * SECOND);
		assert_int_equal(vnc_gate_delay(&gate, &good, START), 0);
	}
	assert_int_equal(vnc_gate_delay(&gate, &bad, START + 61 * SECOND), 0);
	vnc_gate_passed(&gate, &bad);
	assert_int_equal(vnc_gate_delay(&gate, &bad, START), 0);
}

static void fail_often(struct vnc_gate *gate, const struct in6_addr *from, unsigned int times) {
	for (unsigned int i = 0; i < times; i++) {
		assert_false(vnc_gate_failed(gate, from, START));
	}
}

static void test_ban(void **state) {
	struct vnc_gate gate = {0};
	struct in6_addr bad = address("::ffff:192.0.2.1"), good = address("::ffff:192.0.2.2");
	fail_often(&gate, &bad, VNC_GATE_FAILURES_MAX - 1);
	vnc_gate_passed(&gate, &bad); /* with an account of its own, which doesn't help */
	assert_false(vnc_gate_is_shut(&gate, &bad, START));
	assert_true(vnc_gate_failed(&gate, &bad, START));
	assert_true(vnc_gate_is_shut(&gate, &bad, START + 1));
	assert_false(vnc_gate_is_shut(&gate, &good, START + 1));
	assert_false(vnc_gate_failed(&gate, &bad, START)); /* said once */
	uint64_t later = START + VNC_GATE_BAN_MINUTES * 60 * SECOND;
	assert_true(vnc_gate_is_shut(&gate, &bad, later - 1));
	assert_false(vnc_gate_is_shut(&gate, &bad, later));
	assert_false(vnc_gate_failed(&gate, &bad, later)); /* counts anew */
}

/* By a connection that is older than the ban. */
static void test_ban_again(void **state) {
	struct vnc_gate gate = {0};
	struct in6_addr bad = address("::ffff:192.0.2.1");
	uint64_t later = START + VNC_GATE_BAN_MINUTES * 60 * SECOND;
	fail_often(&gate, &bad, VNC_GATE_FAILURES_MAX - 1);
	assert_true(vnc_gate_failed(&gate, &bad, START));
	for (uint64_t now = START; now < later; now += 30 * SECOND) {
		assert_false(vnc_gate_failed(&gate, &bad, now));
	}
	assert_false(vnc_gate_is_shut(&gate, &bad, later));
	assert_true(vnc_gate_failed(&gate, &bad, later + SECOND));
	assert_true(vnc_gate_is_shut(&gate, &bad, later + 2 * SECOND));
}

static void test_a_network_is_one(void **state) {
	struct vnc_gate gate = {0};
	struct in6_addr one = address("2001:db8::1"), two = address("2001:db8::ffff:0:1"),
			other = address("2001:db8:0:1::1"), loopback = address("::1");
	assert_false(vnc_gate_failed(&gate, &one, START));
	assert_int_equal(vnc_gate_delay(&gate, &two, START), SECOND);
	assert_int_equal(vnc_gate_delay(&gate, &other, START), 0);
	assert_int_equal(vnc_gate_delay(&gate, &loopback, START), 0);
	assert_true(vnc_address_is_same(&one, &two));
	assert_false(vnc_address_is_same(&one, &other));
}

static void test_unix_socket_is_never_shut(void **state) {
	struct vnc_gate gate = {0};
	struct in6_addr none = {0};
	fail_often(&gate, &none, 2 * VNC_GATE_FAILURES_MAX);
	assert_false(vnc_gate_is_shut(&gate, &none, START));
	assert_int_equal(vnc_gate_delay(&gate, &none, START), VNC_GATE_DELAY_MAX);
}

static void test_the_quietest_is_forgotten(void **state) {
	struct vnc_gate gate = {0};
	for (unsigned int i = 0; i <= VNC_GATE_ADDRESSES_MAX; i++) {
		struct in6_addr from = address("::ffff:10.0.0.0");
		from.s6_addr[14] = i >> 8;
		from.s6_addr[15] = i;
		vnc_gate_failed(&gate, &from, START + i);
	}
	struct in6_addr first = address("::ffff:10.0.0.0"), second = address("::ffff:10.0.0.1"),
			last = address("::ffff:10.0.1.0");
	assert_int_equal(vnc_gate_delay(&gate, &first, START + 300), 0);
	assert_int_equal(vnc_gate_delay(&gate, &second, START + 300), SECOND);
	assert_int_equal(vnc_gate_delay(&gate, &last, START + 300), SECOND);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delay_grows),
		cmocka_unit_test(test_ban),
		cmocka_unit_test(test_ban_again),
		cmocka_unit_test(test_a_network_is_one),
		cmocka_unit_test(test_unix_socket_is_never_shut),
		cmocka_unit_test(test_the_quietest_is_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
