#include "remote/entrance_tls.h"

#include <assert.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "remote/entrance.h"
#include "remote/vnc_channel.h"
#include "util/mem.h"

#define SIGNATURE_TIMEOUT 5000 /* ms; the listener is busy with others for so long at most */

/* The file is sealed, and its offset is shared with other sessions. */
static char *map_chain(int fd) {
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size <= 0 || st.st_size > TLS_CHAIN_MAX) {
		return NULL;
	}
	char *text = NULL;
	void *mapped = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (mapped != MAP_FAILED) {
		text = xcalloc(1, st.st_size + 1);
		memcpy(text, mapped, st.st_size);
		munmap(mapped, st.st_size);
	}
	return text;
}

static bool wait_for_note(int channel, struct vnc_note *note) {
	struct pollfd polled = {.fd = channel, .events = POLLIN};
	int passed;
	if (poll(&polled, 1, SIGNATURE_TIMEOUT) <= 0 ||
		vnc_note_receive(channel, note, &passed) != PACKET_READ) {
		return false;
	}
	if (passed >= 0) {
		close(passed);
	}
	return true;
}

/* Asks the listener, which has the key. Nothing else is due from it in this state. */
static bool handle_sign(void *data, uint32_t algorithm, const void *hash, size_t hash_size,
	uint8_t *signature, size_t *size) {
	struct entrance *entrance = data;
	struct vnc_note note = {.kind = VNC_NOTE_SIGN, .number = algorithm};
	if (!vnc_note_set_bytes(&note, hash, hash_size) ||
		!vnc_note_send(entrance->host.channel, &note, -1) ||
		!wait_for_note(entrance->host.channel, &note) || note.kind != VNC_NOTE_SIGNED ||
		note.size == 0) {
		return false;
	}
	static_assert(TLS_SIGNATURE_MAX == VNC_NOTE_BYTES_MAX, "any signature fits");
	memcpy(signature, note.bytes, note.size);
	*size = note.size;
	return true;
}

char *entrance_read_chain(int fd) {
	char *text = map_chain(fd);
	if (fd >= 0) {
		close(fd);
	}
	return text;
}

struct tls_signer entrance_signer(struct entrance *entrance) {
	return (struct tls_signer){.sign = handle_sign, .data = entrance};
}
