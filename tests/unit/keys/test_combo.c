/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <xkbcommon/xkbcommon.h>

#include "keys/combo.h"

static void test_good(void **state) {
	static const struct {
		const char *text;
		struct combo combo;
	} cases[] = {
		{"Return", {0, XKB_KEY_Return, 0}},
		{"return", {0, XKB_KEY_Return, 0}},
		{"Enter", {0, XKB_KEY_Return, 0}},
		{"esc", {0, XKB_KEY_Escape, 0}},
		{"F5", {0, XKB_KEY_F5, 0}},
		{"f5", {0, XKB_KEY_F5, 0}},
		{"a", {0, XKB_KEY_a, 0}},
		{"A", {0, XKB_KEY_a, 0}},
		{"/", {0, XKB_KEY_slash, 0}},
		{"+", {0, XKB_KEY_plus, 0}},
		{"ctrl++", {COMBO_CTRL, XKB_KEY_plus, 0}},
		{"ctrl+plus", {COMBO_CTRL, XKB_KEY_plus, 0}},
		{"space", {0, XKB_KEY_space, 0}},
		{"ctrl+alt+Delete", {COMBO_CTRL | COMBO_ALT, XKB_KEY_Delete, 0}},
		{"Control+Mod1+del", {COMBO_CTRL | COMBO_ALT, XKB_KEY_Delete, 0}},
		{"super+1", {COMBO_SUPER, XKB_KEY_1, 0}},
		{"logo+Shift+E", {COMBO_SUPER | COMBO_SHIFT, XKB_KEY_e, 0}},
		{"win+Tab", {COMBO_SUPER, XKB_KEY_Tab, 0}},
		{"mod+Tab", {COMBO_ALT | COMBO_CTRL, XKB_KEY_Tab, 0}},
		{"Control_L", {0, XKB_KEY_Control_L, 0}},
		{"super", {COMBO_SUPER, XKB_KEY_NoSymbol, 0}},
		{"ctrl+shift", {COMBO_CTRL | COMBO_SHIFT, XKB_KEY_NoSymbol, 0}},
		{"super+wheelup", {COMBO_SUPER, XKB_KEY_NoSymbol, 1}},
		{"super+WheelDown", {COMBO_SUPER, XKB_KEY_NoSymbol, -1}},
		{"XF86AudioMute", {0, XKB_KEY_XF86AudioMute, 0}},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct combo combo;
		const char *error = NULL;
		if (!combo_parse(cases[i].text, COMBO_ALT | COMBO_CTRL, &combo, &error)) {
			fail_msg("%s: %s", cases[i].text, error);
		}
		assert_int_equal(combo.modifiers, cases[i].combo.modifiers);
		assert_int_equal(combo.keysym, cases[i].combo.keysym);
		assert_int_equal(combo.wheel, cases[i].combo.wheel);
	}
}

static void test_bad(void **state) {
	static const struct {
		const char *text, *error;
	} cases[] = {
		{"", "a key is missing"},
		{"ctrl+", "a key is missing"},
		{"hyper+a", "no such modifier"},
		{"a+b", "no such modifier"},
		{"a+", "no such modifier"},
		{"ctrl+nonsense", "no such key"},
		{" ", "no such key"},
		{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
			"no such key"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct combo combo;
		const char *error = NULL;
		assert_false(combo_parse(cases[i].text, COMBO_SUPER, &combo, &error));
		assert_string_equal(error, cases[i].error);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
