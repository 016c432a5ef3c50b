#include "tests/unit/vm-display/qemu.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS_MAX 64

static void fail(const char *what) {
	fprintf(stderr, "qemu: ");
	perror(what);
	exit(1);
}

/* Sends a command, with fd if it isn't -1, and waits for its answer. */
static void execute(struct qemu *qemu, const char *command, int fd) {
	struct iovec iov = {.iov_base = (void *)command, .iov_len = strlen(command)};
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	if (fd >= 0) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	}
	if (sendmsg(qemu->qmp, &msg, MSG_NOSIGNAL) < 0) {
		fail(command);
	}
	char answer[8192];
	size_t length = 0;
	do {
		ssize_t n = read(qemu->qmp, answer + length, sizeof(answer) - 1 - length);
		if (n <= 0) {
			fail("QMP ended");
		}
		length += n;
		answer[length] = '\0';
		if (strstr(answer, "\"error\"")) {
			fprintf(stderr, "qemu: %s: %s\n", command, answer);
			exit(1);
		}
	} while (!strstr(answer, "\"return\""));
}

static void run_qemu(const char *program, int qmp, const char *const *arguments) {
	char chardev[64];
	snprintf(chardev, sizeof(chardev), "socket,id=qmp,fd=%d", qmp);
	const char *argv[ARGUMENTS_MAX] = {program, "-nodefaults", "-no-user-config", "-accel",
		"tcg", "-display", "dbus,p2p=yes", "-chardev", chardev, "-mon",
		"chardev=qmp,mode=control"};
	int count = 11;
	for (int i = 0; arguments[i] && count < ARGUMENTS_MAX - 1; i++) {
		argv[count++] = arguments[i];
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execvp(argv[0], (char *const *)argv);
	perror(argv[0]);
	_exit(127);
}

void qemu_start(struct qemu *qemu, const char *program, const char *const *arguments) {
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0) {
		fail("socketpair");
	}
	qemu->pid = fork();
	if (qemu->pid < 0) {
		fail("fork");
	}
	if (qemu->pid == 0) {
		close(fds[0]);
		run_qemu(program, fds[1], arguments);
	}
	close(fds[1]);
	qemu->qmp = fds[0];
	execute(qemu, "{\"execute\":\"qmp_capabilities\"}\n", -1);
}

void qemu_execute(struct qemu *qemu, const char *command) {
	execute(qemu, command, -1);
}

void qemu_stop(struct qemu *qemu) {
	kill(qemu->pid, SIGKILL);
	waitpid(qemu->pid, NULL, 0);
	close(qemu->qmp);
}

int qemu_open_display(struct qemu *qemu) {
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		fail("socketpair");
	}
	execute(qemu, "{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"d\"}}\n", fds[1]);
	execute(qemu,
		"{\"execute\":\"add_client\",\"arguments\":{\"protocol\":\"@dbus-display\","
		"\"fdname\":\"d\"}}\n",
		-1);
	close(fds[1]);
	return fds[0];
}
