/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/input-event-codes.h>

#include "keys/qnum.h"

static void test_known_values(void **state) {
	static const struct {
		uint32_t evdev, qnum;
	} known[] = {{KEY_ESC, 0x01}, {KEY_1, 0x02}, {KEY_ENTER, 0x1c}, {KEY_A, 0x1e},
		{KEY_LEFTCTRL, 0x1d}, {KEY_LEFTSHIFT, 0x2a}, {KEY_RIGHTSHIFT, 0x36},
		{KEY_KPASTERISK, 0x37}, {KEY_LEFTALT, 0x38}, {KEY_SPACE, 0x39}, {KEY_F1, 0x3b},
		{KEY_F10, 0x44}, {KEY_NUMLOCK, 0x45}, {KEY_SCROLLLOCK, 0x46}, {KEY_KP7, 0x47},
		{KEY_SYSRQ, 0x54}, {KEY_102ND, 0x56}, {KEY_F11, 0x57}, {KEY_F12, 0x58},
		{KEY_KPEQUAL, 0x59}, {KEY_KATAKANAHIRAGANA, 0x70}, {KEY_HANJA, 0x71},
		{KEY_HANGEUL, 0x72}, {KEY_RO, 0x73}, {KEY_HENKAN, 0x79}, {KEY_MUHENKAN, 0x7b},
		{KEY_YEN, 0x7d}, {KEY_KPCOMMA, 0x7e}, {KEY_F13, 0x5d}, {KEY_F24, 0x6f},
		{KEY_PREVIOUSSONG, 0x90}, {KEY_NEXTSONG, 0x99}, {KEY_KPENTER, 0x9c},
		{KEY_RIGHTCTRL, 0x9d}, {KEY_MUTE, 0xa0}, {KEY_CALC, 0xa1}, {KEY_PLAYPAUSE, 0xa2},
		{KEY_STOPCD, 0xa4}, {KEY_VOLUMEDOWN, 0xae}, {KEY_VOLUMEUP, 0xb0},
		{KEY_HOMEPAGE, 0xb2}, {KEY_KPSLASH, 0xb5}, {KEY_RIGHTALT, 0xb8}, {KEY_PAUSE, 0xc6},
		{KEY_HOME, 0xc7}, {KEY_UP, 0xc8}, {KEY_PAGEUP, 0xc9}, {KEY_LEFT, 0xcb},
		{KEY_RIGHT, 0xcd}, {KEY_END, 0xcf}, {KEY_DOWN, 0xd0}, {KEY_PAGEDOWN, 0xd1},
		{KEY_INSERT, 0xd2}, {KEY_DELETE, 0xd3}, {KEY_LEFTMETA, 0xdb}, {KEY_RIGHTMETA, 0xdc},
		{KEY_COMPOSE, 0xdd}, {KEY_POWER, 0xde}, {KEY_SLEEP, 0xdf}, {KEY_WAKEUP, 0xe3},
		{KEY_MAIL, 0xec}, {KEY_MEDIA, 0xed}};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		assert_int_equal(qnum_from_evdev(known[i].evdev), known[i].qnum);
		assert_int_equal(evdev_from_qnum(known[i].qnum), known[i].evdev);
	}
}

static void test_round_trip(void **state) {
	unsigned int keys = 0;
	for (uint32_t evdev = 0; evdev < 1024; evdev++) {
		uint32_t qnum = qnum_from_evdev(evdev);
		if (qnum != 0) {
			assert_int_equal(evdev_from_qnum(qnum), evdev);
			assert_in_range(qnum, 1, 0xff);
			keys++;
		}
	}
	assert_int_equal(keys, 159); /* all that QEMU 10 has a key for */
}

static void test_set1_prefix(void **state) {
	/* The codes of the main block are the same on both sides. */
	for (uint32_t evdev = KEY_ESC; evdev <= KEY_KPDOT; evdev++) {
		assert_int_equal(qnum_from_evdev(evdev), evdev);
	}
}

static void test_unknown(void **state) {
	assert_int_equal(qnum_from_evdev(KEY_RESERVED), 0);
	assert_int_equal(qnum_from_evdev(KEY_FN), 0);
	assert_int_equal(qnum_from_evdev(UINT32_MAX), 0);
	assert_int_equal(qnum_from_evdev(BTN_LEFT), 0);
	assert_int_equal(evdev_from_qnum(0), 0);
	assert_int_equal(evdev_from_qnum(0x100), 0);
	assert_int_equal(evdev_from_qnum(UINT32_MAX), 0);
}

static void test_print_alias(void **state) {
	assert_int_equal(evdev_from_qnum(0xb7), KEY_SYSRQ);
	assert_int_equal(evdev_from_qnum(0x54), KEY_SYSRQ);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_values),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_set1_prefix),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_print_alias),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
