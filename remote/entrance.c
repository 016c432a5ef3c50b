#include "remote/entrance.h"

#include <assert.h>

void entrance_handle_note(struct entrance *entrance, const struct vnc_note *note, int passed) {
	entrance->impl->note(entrance, note, passed);
}

bool entrance_accept(struct entrance *entrance, int *fd, struct relay **relay) {
	assert(entrance->waits);
	return entrance->impl->accept(entrance, fd, relay);
}

void entrance_refuse(struct entrance *entrance, const char *reason) {
	assert(entrance->waits);
	entrance->impl->refuse(entrance, reason);
}

void entrance_destroy(struct entrance *entrance) {
	if (entrance) {
		entrance->impl->destroy(entrance);
	}
}
