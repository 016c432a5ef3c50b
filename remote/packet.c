#include "remote/packet.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union fd_buffer { /* its padding has room for a second one */
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

bool packet_send(int channel, const void *bytes, size_t size, int passed) {
	struct iovec iov = {.iov_base = (void *)bytes, .iov_len = size};
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
	return sendmsg(channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size;
}

/* How many there are; the first one is in *fd, the others are closed. */
static size_t take_fds(struct msghdr *message, int *fd) {
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	*fd = -1;
	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
		return 0;
	}
	size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	for (size_t i = 0; i < count; i++) {
		int next;
		memcpy(&next, CMSG_DATA(header) + i * sizeof(int), sizeof(next));
		if (i == 0) {
			*fd = next;
		} else {
			close(next);
		}
	}
	return count;
}

enum packet_result packet_receive(int channel, void *bytes, size_t size, int *passed) {
	struct iovec iov = {.iov_base = bytes, .iov_len = size};
	union fd_buffer buffer;
	struct msghdr message = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = buffer.bytes,
		.msg_controllen = sizeof(buffer.bytes)};
	*passed = -1;
	ssize_t count = recvmsg(channel, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (count < 0) {
		return errno == EAGAIN || errno == EINTR ? PACKET_NONE : PACKET_ENDED;
	}
	int fd;
	bool many = take_fds(&message, &fd) > 1;
	if (many || count != (ssize_t)size || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
		if (fd >= 0) {
			close(fd);
		}
		return PACKET_ENDED;
	}
	*passed = fd;
	return PACKET_READ;
}
