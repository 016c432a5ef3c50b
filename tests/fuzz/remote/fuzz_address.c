/* Addresses to listen on, and targets, which users choose when they log in. */
#include <stdlib.h>
#include <string.h>

#include "remote/vnc_door.h"
#include "remote/vnc_target.h"
#include "tests/fuzz/vmm/fuzz.h"

static void check(bool ok) {
	if (!ok) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	char text[300] = "";
	struct vnc_door_address address;
	struct vnc_target target;
	memcpy(text, bytes, size < sizeof(text) ? size : sizeof(text) - 1);
	const char *wrong = vnc_door_parse(&address, text);
	check(wrong || (address.size > 0 && address.size <= sizeof(address.address)));
	wrong = vnc_target_parse(&target, text);
	check(wrong || (target.path[0] && target.head <= VNC_HEAD_MAX));
	check(strnlen(target.path, sizeof(target.path)) <= VNC_TARGET_MAX);
	char *title = wrong ? NULL : vnc_target_title(&target);
	check(wrong || title[0]);
	free(title);
	return 0;
}
