#include "input/binding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <xkbcommon/xkbcommon.h>

#include "keys/combo.h"

static int setup(void **state) {
	static struct binding_list list;
	binding_list_init(&list);
	binding_list_add_defaults(&list, COMBO_SUPER);
	*state = &list;
	return 0;
}

static int teardown(void **state) {
	struct binding_list *list = *state;
	binding_list_finish(list);
	assert_true(TAILQ_EMPTY(list));
	return 0;
}

static void assert_bound(struct binding_list *list, unsigned int modifiers, uint32_t keysym,
	int wheel, enum binding_action action, const char *argument) {
	const struct binding *binding = binding_list_find(list, modifiers, keysym, wheel);
	assert_non_null(binding);
	assert_int_equal(binding->action, action);
	if (argument) {
		assert_string_equal(binding->argument, argument);
	} else {
		assert_null(binding->argument);
	}
}

static void test_defaults(void **state) {
	struct binding_list *list = *state;
	assert_bound(list, COMBO_SUPER, XKB_KEY_1, 0, BINDING_FOCUS, "1");
	assert_bound(list, COMBO_SUPER, XKB_KEY_9, 0, BINDING_FOCUS, "9");
	assert_bound(list, COMBO_SUPER, XKB_KEY_Tab, 0, BINDING_NEXT, NULL);
	assert_bound(list, COMBO_SUPER | COMBO_SHIFT, XKB_KEY_Tab, 0, BINDING_PREVIOUS, NULL);
	assert_bound(list, COMBO_SUPER, XKB_KEY_f, 0, BINDING_LAYOUT, "toggle-single");
	assert_bound(list, COMBO_SUPER, XKB_KEY_g, 0, BINDING_LAYOUT, "grid");
	assert_bound(list, COMBO_SUPER, XKB_KEY_q, 0, BINDING_CLOSE, NULL);
	assert_bound(list, COMBO_SUPER, XKB_KEY_o, 0, BINDING_FOCUS_OUTPUT, "next");
	assert_bound(list, COMBO_SUPER | COMBO_SHIFT, XKB_KEY_o, 0, BINDING_MOVE_TO_OUTPUT, "next");
	assert_bound(list, COMBO_SUPER | COMBO_SHIFT, XKB_KEY_e, 0, BINDING_LEAVE, NULL);
	assert_bound(list, COMBO_SUPER, XKB_KEY_NoSymbol, 1, BINDING_OPACITY, "+0.05");
	assert_bound(list, COMBO_SUPER, XKB_KEY_NoSymbol, -1, BINDING_OPACITY, "-0.05");
	assert_bound(list, COMBO_SUPER, XKB_KEY_Escape, 0, BINDING_RELEASE_POINTER, NULL);
}

static void test_modifiers_match_exactly(void **state) {
	struct binding_list *list = *state;
	assert_null(binding_list_find(list, 0, XKB_KEY_1, 0));
	assert_null(binding_list_find(list, COMBO_SUPER | COMBO_CTRL, XKB_KEY_1, 0));
	assert_null(binding_list_find(list, COMBO_SUPER, XKB_KEY_e, 0));
	assert_null(binding_list_find(list, 0, XKB_KEY_NoSymbol, 1));
}

static void test_replaced(void **state) {
	struct binding_list *list = *state;
	const char *error = NULL;
	assert_true(binding_list_set(list, "super+1", "exec  foot -e sh", COMBO_SUPER, &error));
	assert_bound(list, COMBO_SUPER, XKB_KEY_1, 0, BINDING_EXEC, "foot -e sh");
	assert_true(binding_list_set(list, "mod+F5", "reload", COMBO_ALT, &error));
	assert_bound(list, COMBO_ALT, XKB_KEY_F5, 0, BINDING_RELOAD, NULL);
	assert_true(binding_list_set(list, "mod+wheelup", "opacity 0.5", COMBO_SUPER, &error));
	assert_bound(list, COMBO_SUPER, XKB_KEY_NoSymbol, 1, BINDING_OPACITY, "0.5");
	assert_true(binding_list_set(
		list, "mod+Delete", "send-keys ctrl+alt+Delete", COMBO_SUPER, &error));
	assert_bound(list, COMBO_SUPER, XKB_KEY_Delete, 0, BINDING_SEND_KEYS, "ctrl+alt+Delete");
}

static void test_none_removes(void **state) {
	struct binding_list *list = *state;
	const char *error = NULL;
	assert_true(binding_list_set(list, "mod+shift+e", "none", COMBO_SUPER, &error));
	assert_null(binding_list_find(list, COMBO_SUPER | COMBO_SHIFT, XKB_KEY_e, 0));
	assert_true(binding_list_set(list, "mod+x", "none", COMBO_SUPER, &error));
}

static void test_other_modifier(void **state) {
	struct binding_list list;
	binding_list_init(&list);
	binding_list_add_defaults(&list, COMBO_CTRL | COMBO_ALT);
	assert_bound(&list, COMBO_CTRL | COMBO_ALT, XKB_KEY_1, 0, BINDING_FOCUS, "1");
	assert_null(binding_list_find(&list, COMBO_SUPER, XKB_KEY_1, 0));
	binding_list_finish(&list);
}

static void test_mistakes(void **state) {
	static const struct {
		const char *combo, *action, *error;
	} cases[] = {
		{"mod+nosuchkey", "close", "no such key"},
		{"hyper+a", "close", "no such modifier"},
		{"mod", "close", "a binding needs a key or a wheel beside its modifiers"},
		{"wheelup", "opacity +0.1", "a wheel binding needs a modifier"},
		{"mod+a", "", "no such action"},
		{"mod+a", "clos", "no such action"},
		{"mod+a", "closed", "no such action"},
		{"mod+a", "close now", "the action takes no argument"},
		{"mod+a", "exec", "the action needs an argument"},
		{"mod+a", "focus 0", "focus needs a number from 1 to 9"},
		{"mod+a", "focus 10", "focus needs a number from 1 to 9"},
		{"mod+a", "layout gird", "layout needs grid, single, free or toggle-single"},
		{"mod+a", "opacity 2",
			"opacity needs a value from 0 to 1, or a step such as +0.05"},
		{"mod+a", "opacity nan",
			"opacity needs a value from 0 to 1, or a step such as +0.05"},
		{"mod+a", "send-keys ctrl+wheelup", "send-keys needs a key"},
		{"mod+a", "send-keys nosuchkey", "no such key"},
	};
	struct binding_list *list = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *error = NULL;
		assert_false(binding_list_set(
			list, cases[i].combo, cases[i].action, COMBO_SUPER, &error));
		assert_string_equal(error, cases[i].error);
	}
	assert_null(binding_list_find(list, COMBO_SUPER, XKB_KEY_a, 0));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_defaults),
		TEST(test_modifiers_match_exactly),
		TEST(test_replaced),
		TEST(test_none_removes),
		TEST(test_other_modifier),
		TEST(test_mistakes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
