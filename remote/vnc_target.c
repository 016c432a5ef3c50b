#include "remote/vnc_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

static const char *cut_head(struct vnc_target *target, char *colon) {
	char *rest;
	unsigned long head = strtoul(colon + 1, &rest, 10);
	if (colon[1] < '0' || colon[1] > '9' || *rest || head > VNC_HEAD_MAX) {
		return "a guest's head is a number from 0 to 15";
	}
	target->head = head;
	*colon = '\0';
	return NULL;
}

const char *vnc_target_parse(struct vnc_target *target, const char *text) {
	*target = (struct vnc_target){0};
	if (strlen(text) > VNC_TARGET_MAX) {
		return "too long";
	}
	snprintf(target->path, sizeof(target->path), "%s", text);
	char *name = strchr(target->path, ':');
	char *colon = name ? strchr(name + 1, ':') : NULL;
	bool guest = strncmp(text, "guest:", 6) == 0, output = strncmp(text, "output:", 7) == 0;
	if (guest && colon && colon > name + 1) {
		return cut_head(target, colon);
	}
	if (strcmp(text, "desktop") == 0 || ((guest || output) && name[1] && colon != name + 1)) {
		return NULL;
	}
	return "expected desktop, output:NAME or guest:NAME[:HEAD]";
}

char *vnc_target_title(const struct vnc_target *target) {
	const char *colon = strchr(target->path, ':');
	return colon ? xasprintf("%s - mullion", colon + 1) : xstrdup("mullion");
}
