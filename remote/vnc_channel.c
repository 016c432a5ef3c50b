#include "remote/vnc_channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union fd_buffer {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

bool vnc_note_set_bytes(struct vnc_note *note, const void *bytes, size_t size) {
	if (size > sizeof(note->bytes)) {
		return false;
	}
	memcpy(note->bytes, bytes, size);
	note->size = size;
	return true;
}

bool vnc_note_send(int channel, const struct vnc_note *note, int passed) {
	struct iovec iov = {.iov_base = (void *)note, .iov_len = sizeof(*note)};
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
	return sendmsg(channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(*note);
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

enum vnc_note_result vnc_note_receive(int channel, struct vnc_note *note, int *passed) {
	struct iovec iov = {.iov_base = note, .iov_len = sizeof(*note)};
	union fd_buffer buffer;
	struct msghdr message = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = buffer.bytes,
		.msg_controllen = sizeof(buffer.bytes)};
	*passed = -1;
	ssize_t count = recvmsg(channel, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (count < 0) {
		return errno == EAGAIN || errno == EINTR ? VNC_NOTE_NONE : VNC_NOTE_ENDED;
	}
	int fd = take_fd(&message);
	if (count != sizeof(*note) || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ||
		note->size > sizeof(note->bytes)) {
		if (fd >= 0) {
			close(fd);
		}
		return VNC_NOTE_ENDED;
	}
	*passed = fd;
	note->text[sizeof(note->text) - 1] = '\0';
	note->secret[sizeof(note->secret) - 1] = '\0';
	return VNC_NOTE_READ;
}
