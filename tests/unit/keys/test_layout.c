/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/input-event-codes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

#include "keys/layout.h"
#include "keys/qnum.h"
#include "util/log.h"

static void check_keys(const struct layout_keys *keys, uint32_t key, const uint32_t *modifiers) {
	assert_int_equal(keys->key, key);
	unsigned int count = 0;
	for (; modifiers && modifiers[count]; count++) {
		assert_true(count < keys->modifier_count);
		assert_int_equal(keys->modifiers[count], modifiers[count]);
	}
	assert_int_equal(keys->modifier_count, count);
}

static void check_character(
	const char *name, uint32_t code_point, uint32_t key, const uint32_t *modifiers) {
	struct layout *layout = layout_create(name);
	assert_non_null(layout);
	struct layout_keys keys[2];
	assert_int_equal(layout_find_character(layout, code_point, keys), 1);
	check_keys(&keys[0], key, modifiers);
	layout_destroy(layout);
}

static const uint32_t shift[] = {KEY_LEFTSHIFT, 0}, altgr[] = {KEY_RIGHTALT, 0};

static void test_us(void **state) {
	check_character("us", 'a', KEY_A, NULL);
	check_character("us", 'A', KEY_A, shift);
	check_character("us", 'z', KEY_Z, NULL);
	check_character("us", '1', KEY_1, NULL);
	check_character("us", '!', KEY_1, shift);
	check_character("us", '~', KEY_GRAVE, shift);
	check_character("us", '\\', KEY_BACKSLASH, NULL);
	check_character("us", ' ', KEY_SPACE, NULL);
	check_character("us", '\n', KEY_ENTER, NULL);
	check_character("us", '\t', KEY_TAB, NULL);
	/* Also on the key beside the left shift, which most US keyboards lack. */
	check_character("us", '<', KEY_COMMA, shift);
	check_character("us", '*', KEY_8, shift);
	check_character("us", '/', KEY_SLASH, NULL);
}

static void test_de(void **state) {
	check_character("de", 'z', KEY_Y, NULL);
	check_character("de", 'y', KEY_Z, NULL);
	check_character("de", 0xe4, KEY_APOSTROPHE, NULL); /* ä */
	check_character("de", 0xd6, KEY_SEMICOLON, shift); /* Ö */
	check_character("de", 0xdf, KEY_MINUS, NULL); /* ß */
	check_character("de", '@', KEY_Q, altgr);
	check_character("de", 0x20ac, KEY_E, altgr); /* € */
	check_character("de", '\\', KEY_MINUS, altgr);
	check_character("de", '{', KEY_7, altgr);
	check_character("de", '<', KEY_102ND, NULL);
	check_character("de", '|', KEY_102ND, altgr);
	check_character("de(nodeadkeys)", '^', KEY_GRAVE, NULL);
}

static void test_fr(void **state) {
	check_character("fr", 'a', KEY_Q, NULL);
	check_character("fr", 'q', KEY_A, NULL);
	check_character("fr", '1', KEY_1, shift);
	check_character("fr", '&', KEY_1, NULL);
	check_character("fr", 0xe9, KEY_2, NULL); /* é */
	check_character("fr", '#', KEY_3, altgr);
}

static void test_dead_keys(void **state) {
	struct layout *de = layout_create("de"), *be = layout_create("be"),
		      *intl = layout_create("us(intl)");
	struct layout_keys keys[2];
	assert_int_equal(layout_find_character(de, 0xe9, keys), 2); /* é */
	check_keys(&keys[0], KEY_EQUAL, NULL);
	check_keys(&keys[1], KEY_E, NULL);
	assert_int_equal(layout_find_character(de, 0xc8, keys), 2); /* È */
	check_keys(&keys[0], KEY_EQUAL, shift);
	check_keys(&keys[1], KEY_E, shift);
	assert_int_equal(layout_find_character(de, '^', keys), 2);
	check_keys(&keys[0], KEY_GRAVE, NULL);
	check_keys(&keys[1], KEY_SPACE, NULL);
	assert_int_equal(layout_find_character(be, 0xea, keys), 2); /* ê */
	check_keys(&keys[0], KEY_LEFTBRACE, NULL);
	check_keys(&keys[1], KEY_E, NULL);
	assert_int_equal(layout_find_character(intl, 0x175, keys), 2); /* ŵ */
	check_keys(&keys[0], KEY_6, shift);
	check_keys(&keys[1], KEY_W, NULL);
	layout_destroy(de);
	layout_destroy(be);
	layout_destroy(intl);
}

static void test_impossible_characters(void **state) {
	struct layout *us = layout_create("us");
	struct layout_keys keys[2];
	assert_int_equal(layout_find_character(us, 0xe9, keys), 0);
	assert_int_equal(layout_find_character(us, 0x4e2d, keys), 0);
	assert_int_equal(layout_find_character(us, 0, keys), 0);
	assert_int_equal(layout_find_character(us, UINT32_MAX, keys), 0);
	layout_destroy(us);
}

static void test_keysyms(void **state) {
	static const struct {
		uint32_t keysym, key;
	} plain[] = {{XKB_KEY_Return, KEY_ENTER}, {XKB_KEY_F12, KEY_F12},
		{XKB_KEY_Delete, KEY_DELETE}, {XKB_KEY_Up, KEY_UP}, {XKB_KEY_Super_L, KEY_LEFTMETA},
		{XKB_KEY_Shift_L, KEY_LEFTSHIFT}, {XKB_KEY_Shift_R, KEY_RIGHTSHIFT},
		{XKB_KEY_Control_L, KEY_LEFTCTRL}, {XKB_KEY_Alt_L, KEY_LEFTALT},
		{XKB_KEY_Print, KEY_SYSRQ}, {XKB_KEY_Pause, KEY_PAUSE}, {XKB_KEY_Menu, KEY_COMPOSE},
		{XKB_KEY_KP_Enter, KEY_KPENTER}, {XKB_KEY_KP_1, KEY_KP1}, {XKB_KEY_KP_End, KEY_KP1},
		{XKB_KEY_KP_Add, KEY_KPPLUS}, {XKB_KEY_Caps_Lock, KEY_CAPSLOCK},
		{XKB_KEY_Num_Lock, KEY_NUMLOCK}, {XKB_KEY_XF86AudioMute, KEY_MUTE}};
	struct layout *us = layout_create("us");
	struct layout_keys keys;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		assert_true(layout_find_keysym(us, plain[i].keysym, &keys));
		check_keys(&keys, plain[i].key, NULL);
	}
	assert_false(layout_find_keysym(us, XKB_KEY_NoSymbol, &keys));
	assert_false(layout_find_keysym(us, XKB_KEY_Cyrillic_a, &keys));
	assert_false(layout_find_keysym(us, UINT32_MAX, &keys));
	layout_destroy(us);
}

static void test_modifiers_of_layout(void **state) {
	struct layout *de = layout_create("de"), *ru = layout_create("ru");
	struct layout_keys keys[2];
	assert_true(layout_find_keysym(de, XKB_KEY_ISO_Level3_Shift, &keys[0]));
	check_keys(&keys[0], KEY_RIGHTALT, NULL);
	assert_int_equal(layout_find_character(ru, 0x444, keys), 1); /* ф */
	check_keys(&keys[0], KEY_A, NULL);
	layout_destroy(de);
	layout_destroy(ru);
}

/* What an XKB keyboard of this layout makes of the keys. */
static uint32_t press(struct xkb_keymap *keymap, const struct layout_keys *keys) {
	struct xkb_state *state = xkb_state_new(keymap);
	for (unsigned int i = 0; i < keys->modifier_count; i++) {
		xkb_state_update_key(state, keys->modifiers[i] + 8, XKB_KEY_DOWN);
	}
	uint32_t keysym = xkb_state_key_get_one_sym(state, keys->key + 8);
	xkb_state_unref(state);
	return xkb_keysym_to_utf32(keysym);
}

/* All printable ASCII can be typed on these, and what is pressed gives what was asked for. */
static void test_ascii_complete(void **state) {
	static const struct {
		const char *name, *layout, *variant;
	} layouts[] = {{"us", "us", ""}, {"gb", "gb", ""}, {"de", "de", ""}, {"fr", "fr", ""},
		{"de(nodeadkeys)", "de", "nodeadkeys"}, {"de(neo)", "de", "neo"},
		{"us(dvorak)", "us", "dvorak"}, {"es", "es", ""}, {"it", "it", ""},
		{"pt", "pt", ""}, {"pl", "pl", ""}, {"se", "se", ""}, {"jp", "jp", ""},
		{"br", "br", ""}, {"us(intl)", "us", "intl"}};
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		struct xkb_rule_names names = {
			"evdev", "pc105", layouts[i].layout, layouts[i].variant, ""};
		struct xkb_keymap *keymap = xkb_keymap_new_from_names(context, &names, 0);
		struct layout *layout = layout_create(layouts[i].name);
		assert_non_null(layout);
		for (uint32_t c = ' '; c <= '~'; c++) {
			struct layout_keys keys[2];
			size_t count = layout_find_character(layout, c, keys);
			if (count == 0) {
				fail_msg("%s can't type '%c'", layouts[i].name, (char)c);
			}
			assert_int_not_equal(qnum_from_evdev(keys[0].key), 0);
			if (count == 1) {
				assert_int_equal(press(keymap, &keys[0]), c);
			} else {
				assert_int_equal(press(keymap, &keys[1]), ' ');
			}
		}
		layout_destroy(layout);
		xkb_keymap_unref(keymap);
	}
	xkb_context_unref(context);
}

static void compare(const char *name) {
	char *text = layout_compile(name);
	assert_non_null(text);
	struct layout *layout = layout_create(name), *copy = layout_create_from_text(text);
	assert_non_null(layout);
	assert_non_null(copy);
	for (uint32_t code_point = 0; code_point < 0x2200; code_point++) {
		struct layout_keys keys[2] = {0}, copied[2] = {0};
		assert_int_equal(layout_find_character(layout, code_point, keys),
			layout_find_character(copy, code_point, copied));
		assert_memory_equal(keys, copied, sizeof(keys));
	}
	layout_destroy(layout);
	layout_destroy(copy);
	free(text);
}

static void test_texts(void **state) {
	log_init("test", LOG_LEVEL_ERROR);
	compare("us");
	compare("de");
	compare("fr(bepo)");
	compare("ru");
	assert_null(layout_compile("nonsense"));
	assert_null(layout_create_from_text(""));
	assert_null(layout_create_from_text("xkb_keymap { include \"/etc/passwd\" };"));
}

static void test_bad_names(void **state) {
	log_init("test", LOG_LEVEL_ERROR);
	char too_long[256];
	memset(too_long, 'a', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	const char *const names[] = {"", "nonsense", "de(", "de)", "(nodeadkeys)",
		"de(nodeadkeys)x", "de(nonsense)", "../us", too_long};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_null(layout_create(names[i]));
	}
	layout_destroy(NULL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_us),
		cmocka_unit_test(test_de),
		cmocka_unit_test(test_fr),
		cmocka_unit_test(test_dead_keys),
		cmocka_unit_test(test_impossible_characters),
		cmocka_unit_test(test_keysyms),
		cmocka_unit_test(test_modifiers_of_layout),
		cmocka_unit_test(test_ascii_complete),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_bad_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
