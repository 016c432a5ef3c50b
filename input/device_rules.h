/* Settings of touchpads, mice and touch screens (libinput's), by kind or name of the device. */
#ifndef INPUT_DEVICE_RULES_H
#define INPUT_DEVICE_RULES_H

#include <stdbool.h>
#include <sys/queue.h>

struct device_rule;
struct wlr_input_device;

TAILQ_HEAD(device_rules, device_rule);

void device_rules_init(struct device_rules *rules); /* empty */
void device_rules_finish(struct device_rules *rules);

/* "key = value" for devices that `match`: "touchpad", "pointer" (mice and the like), "touch", or a
 * pattern of names, as the shell's. Later ones win. False with *error (a static string), NULL if
 * there is no such key. */
bool device_rules_set(struct device_rules *rules, const char *match, const char *key,
	const char *value, const char **error);

/* Everything that isn't set is as libinput has it; devices that aren't libinput's, or don't know a
 * setting, are left alone. */
void device_rules_apply(const struct device_rules *rules, struct wlr_input_device *device);

#endif
