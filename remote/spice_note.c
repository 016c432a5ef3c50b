#include "remote/spice_note.h"

bool spice_note_send(int channel, const struct spice_note *note, int passed) {
	return packet_send(channel, note, sizeof(*note), passed);
}

enum packet_result spice_note_receive(int channel, struct spice_note *note, int *passed) {
	enum packet_result result = packet_receive(channel, note, sizeof(*note), passed);
	if (result == PACKET_READ) {
		note->text[sizeof(note->text) - 1] = '\0';
	}
	return result;
}
