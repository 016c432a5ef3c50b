#include "remote/spice_note.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union fd_buffer {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

bool spice_note_send(int channel, const struct spice_note *note, int passed) {
	struct spice_note copy = *note;
	struct iovec iov = {.iov_base = &copy, .iov_len = sizeof(copy)};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	union fd_buffer buffer = {0};
	if (passed >= 0) {
		message.msg_control = buffer.bytes;
		message.msg_controllen = sizeof(buffer.bytes);
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &passed, sizeof(int));
	}
	return sendmsg(channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(copy);
}

static int take_fd(struct msghdr *message) {
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
		header->cmsg_len != CMSG_LEN(sizeof(int))) {
		return -1;
	}
	int fd;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

enum spice_note_result spice_note_receive(int channel, struct spice_note *note, int *passed) {
	struct iovec iov = {.iov_base = note, .iov_len = sizeof(*note)};
	union fd_buffer buffer;
	struct msghdr message = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = buffer.bytes,
		.msg_controllen = sizeof(buffer.bytes)};
	*passed = -1;
	ssize_t count = recvmsg(channel, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (count < 0) {
		return errno == EAGAIN || errno == EINTR ? SPICE_NOTE_NONE : SPICE_NOTE_ENDED;
	}
	int fd = take_fd(&message);
	if (count != sizeof(*note) || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
		if (fd >= 0) {
			close(fd);
		}
		return SPICE_NOTE_ENDED;
	}
	*passed = fd;
	note->text[sizeof(note->text) - 1] = '\0';
	return SPICE_NOTE_READ;
}
