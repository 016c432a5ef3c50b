#include "remote/vnc_channel.h"

#include <string.h>
#include <unistd.h>

bool vnc_note_set_bytes(struct vnc_note *note, const void *bytes, size_t size) {
	if (size > sizeof(note->bytes)) {
		return false;
	}
	memcpy(note->bytes, bytes, size);
	note->size = size;
	return true;
}

bool vnc_note_send(int channel, const struct vnc_note *note, int passed) {
	return packet_send(channel, note, sizeof(*note), passed);
}

enum packet_result vnc_note_receive(int channel, struct vnc_note *note, int *passed) {
	enum packet_result result = packet_receive(channel, note, sizeof(*note), passed);
	if (result != PACKET_READ) {
		return result;
	}
	if (note->size > sizeof(note->bytes)) {
		if (*passed >= 0) {
			close(*passed);
		}
		*passed = -1;
		return PACKET_ENDED;
	}
	note->text[sizeof(note->text) - 1] = '\0';
	note->secret[sizeof(note->secret) - 1] = '\0';
	return PACKET_READ;
}
