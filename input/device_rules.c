#include "input/device_rules.h"

#include <fnmatch.h>
#include <libinput.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend/libinput.h>
#include <wlr/types/wlr_input_device.h>

#include "util/log.h"
#include "util/mem.h"

#define SPEED_ONE 1000 /* of accel-speed, as a whole number */

struct setting {
	const char *name;
	const char *error; /* of a value that isn't one */
	struct {
		const char *word;
		int value;
	} words[7]; /* none: a number from -1 to 1 */
	enum libinput_config_status (*set)(struct libinput_device *device, int value);
	int (*get_default)(struct libinput_device *device);
};

struct device_rule {
	char *match;
	const struct setting *setting;
	int value;
	TAILQ_ENTRY(device_rule) link;
};

/* libinput's functions, each with an enumeration of its own as its argument. */
#define DEFINE_SETTING(name, set_function, default_function)                                       \
	static enum libinput_config_status set_##name(struct libinput_device *device, int value) { \
		return set_function(device, value);                                                \
	}                                                                                          \
	static int default_##name(struct libinput_device *device) {                                \
		return default_function(device);                                                   \
	}

DEFINE_SETTING(
	tap, libinput_device_config_tap_set_enabled, libinput_device_config_tap_get_default_enabled)
DEFINE_SETTING(drag, libinput_device_config_tap_set_drag_enabled,
	libinput_device_config_tap_get_default_drag_enabled)
DEFINE_SETTING(natural_scroll, libinput_device_config_scroll_set_natural_scroll_enabled,
	libinput_device_config_scroll_get_default_natural_scroll_enabled)
DEFINE_SETTING(left_handed, libinput_device_config_left_handed_set,
	libinput_device_config_left_handed_get_default)
DEFINE_SETTING(
	dwt, libinput_device_config_dwt_set_enabled, libinput_device_config_dwt_get_default_enabled)
DEFINE_SETTING(middle, libinput_device_config_middle_emulation_set_enabled,
	libinput_device_config_middle_emulation_get_default_enabled)
DEFINE_SETTING(scroll_method, libinput_device_config_scroll_set_method,
	libinput_device_config_scroll_get_default_method)
DEFINE_SETTING(click_method, libinput_device_config_click_set_method,
	libinput_device_config_click_get_default_method)
DEFINE_SETTING(profile, libinput_device_config_accel_set_profile,
	libinput_device_config_accel_get_default_profile)
DEFINE_SETTING(events, libinput_device_config_send_events_set_mode,
	libinput_device_config_send_events_get_default_mode)

static enum libinput_config_status set_speed(struct libinput_device *device, int value) {
	return libinput_device_config_accel_set_speed(device, (double)value / SPEED_ONE);
}

static int default_speed(struct libinput_device *device) {
	return (int)(libinput_device_config_accel_get_default_speed(device) * SPEED_ONE);
}

#define YES_OR_NO                                                                                  \
	"expected yes or no", {                                                                    \
		{"yes", 1}, {"no", 0}, {"on", 1}, {"off", 0}, {"true", 1}, {                       \
			"false", 0                                                                 \
		}                                                                                  \
	}

static const struct setting settings[] = {
	{"tap", YES_OR_NO, set_tap, default_tap},
	{"tap-drag", YES_OR_NO, set_drag, default_drag},
	{"natural-scroll", YES_OR_NO, set_natural_scroll, default_natural_scroll},
	{"left-handed", YES_OR_NO, set_left_handed, default_left_handed},
	{"dwt", YES_OR_NO, set_dwt, default_dwt},
	{"middle-emulation", YES_OR_NO, set_middle, default_middle},
	{"accel-speed", "expected a number from -1 to 1", {{0}}, set_speed, default_speed},
	{"accel-profile", "expected flat or adaptive",
		{{"flat", LIBINPUT_CONFIG_ACCEL_PROFILE_FLAT},
			{"adaptive", LIBINPUT_CONFIG_ACCEL_PROFILE_ADAPTIVE}},
		set_profile, default_profile},
	{"scroll-method", "expected none, two-finger, edge or on-button-down",
		{{"none", LIBINPUT_CONFIG_SCROLL_NO_SCROLL},
			{"two-finger", LIBINPUT_CONFIG_SCROLL_2FG},
			{"edge", LIBINPUT_CONFIG_SCROLL_EDGE},
			{"on-button-down", LIBINPUT_CONFIG_SCROLL_ON_BUTTON_DOWN}},
		set_scroll_method, default_scroll_method},
	{"click-method", "expected none, button-areas or clickfinger",
		{{"none", LIBINPUT_CONFIG_CLICK_METHOD_NONE},
			{"button-areas", LIBINPUT_CONFIG_CLICK_METHOD_BUTTON_AREAS},
			{"clickfinger", LIBINPUT_CONFIG_CLICK_METHOD_CLICKFINGER}},
		set_click_method, default_click_method},
	{"events", "expected enabled, disabled or disabled-on-external-mouse",
		{{"enabled", LIBINPUT_CONFIG_SEND_EVENTS_ENABLED},
			{"disabled", LIBINPUT_CONFIG_SEND_EVENTS_DISABLED},
			{"disabled-on-external-mouse",
				LIBINPUT_CONFIG_SEND_EVENTS_DISABLED_ON_EXTERNAL_MOUSE}},
		set_events, default_events},
};

#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

void device_rules_init(struct device_rules *rules) {
	TAILQ_INIT(rules);
}

void device_rules_finish(struct device_rules *rules) {
	struct device_rule *rule;
	while ((rule = TAILQ_FIRST(rules))) {
		TAILQ_REMOVE(rules, rule, link);
		free(rule->match);
		free(rule);
	}
}

static bool parse(const struct setting *setting, const char *text, int *value) {
	if (!setting->words[0].word) {
		char *end;
		double number = strtod(text, &end);
		*value = number >= -1 && number <= 1 ? (int)(number * SPEED_ONE) : 0;
		return end != text && !*end && number >= -1 && number <= 1;
	}
	size_t count = sizeof(setting->words) / sizeof(setting->words[0]);
	for (size_t i = 0; i < count && setting->words[i].word; i++) {
		if (strcmp(setting->words[i].word, text) == 0) {
			*value = setting->words[i].value;
			return true;
		}
	}
	return false;
}

bool device_rules_set(struct device_rules *rules, const char *match, const char *key,
	const char *value, const char **error) {
	*error = NULL;
	for (size_t i = 0; i < SETTINGS; i++) {
		if (strcmp(settings[i].name, key) != 0) {
			continue;
		}
		int number;
		if (!parse(&settings[i], value, &number)) {
			*error = settings[i].error;
			return false;
		}
		struct device_rule *rule = xcalloc(1, sizeof(*rule));
		rule->match = xstrdup(match);
		rule->setting = &settings[i];
		rule->value = number;
		TAILQ_INSERT_TAIL(rules, rule, link);
		return true;
	}
	return false;
}

static bool matches(const char *match, const struct wlr_input_device *device,
	struct libinput_device *libinput) {
	bool touchpad = libinput_device_config_tap_get_finger_count(libinput) > 0;
	if (strcmp(match, "touchpad") == 0) {
		return touchpad;
	}
	if (strcmp(match, "pointer") == 0) {
		return device->type == WLR_INPUT_DEVICE_POINTER && !touchpad;
	}
	if (strcmp(match, "touch") == 0) {
		return device->type == WLR_INPUT_DEVICE_TOUCH;
	}
	return fnmatch(match, libinput_device_get_name(libinput), 0) == 0;
}

void device_rules_apply(const struct device_rules *rules, struct wlr_input_device *device) {
	if (!wlr_input_device_is_libinput(device)) {
		return;
	}
	struct libinput_device *libinput = wlr_libinput_get_device_handle(device);
	for (size_t i = 0; i < SETTINGS; i++) {
		const struct device_rule *rule, *last = NULL;
		TAILQ_FOREACH (rule, rules, link) {
			if (rule->setting == &settings[i] &&
				matches(rule->match, device, libinput)) {
				last = rule;
			}
		}
		int value = last ? last->value : settings[i].get_default(libinput);
		if (settings[i].set(libinput, value) == LIBINPUT_CONFIG_STATUS_SUCCESS && last) {
			log_debug("device %s: %s is set", libinput_device_get_name(libinput),
				settings[i].name);
		}
	}
}
