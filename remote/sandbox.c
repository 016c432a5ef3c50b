#include "remote/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "util/log.h"

#ifndef __has_feature /* gcc */
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
	__has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1 /* their run-time needs address space, threads and files of its own */
#else
#define SANITIZED 0
#endif

#define ADDRESS_SPACE_MAX                                                                          \
	((rlim_t)6 << 30) /* bytes: the largest frame, twice, and the encoders                     \
			   */
/* The kernel holds it against all of the user's fds on their way through sockets, too: others may
 * have many. */
#define FILES_MAX 1024
#define NEW_NAMESPACES                                                                             \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
		CLONE_NEWPID | CLONE_NEWNET)

static bool set_limit(int resource, rlim_t max) {
	struct rlimit limit = {.rlim_cur = max, .rlim_max = max};
	return setrlimit(resource, &limit) == 0;
}

static bool set_limits(void) {
	return set_limit(RLIMIT_CORE, 0) && set_limit(RLIMIT_NOFILE, FILES_MAX) &&
		(SANITIZED || set_limit(RLIMIT_AS, ADDRESS_SPACE_MAX));
}

/* What sd-event, sd-bus, libvncserver, malloc and our own code call. The rest fails with EPERM. */
static const int allowed[] = {SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev),
	SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(recvfrom), SCMP_SYS(sendto),
	SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
	SCMP_SYS(socketpair), SCMP_SYS(shutdown), SCMP_SYS(close), SCMP_SYS(dup), SCMP_SYS(dup3),
	SCMP_SYS(fstat), SCMP_SYS(fstatfs), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(lseek),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6),
	SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_pwait2), SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),
	SCMP_SYS(timerfd_gettime), SCMP_SYS(eventfd2), SCMP_SYS(munmap), SCMP_SYS(mremap),
	SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(memfd_create), SCMP_SYS(ftruncate),
	SCMP_SYS(fallocate), SCMP_SYS(futex), SCMP_SYS(getrandom), SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
	SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(uname), SCMP_SYS(sysinfo),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(restart_syscall), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity),
	SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(getrusage), SCMP_SYS(exit),
	SCMP_SYS(exit_group)};

/* Threads, but no processes. clone3's arguments lie in memory, where a filter can't look: where it
 * isn't there, the C library takes clone. */
static bool add_thread_rules(scmp_filter_ctx filter) {
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_VM | NEW_NAMESPACES,
				CLONE_THREAD | CLONE_VM)) == 0;
}

/* Only with these values of that argument, of which the kernel looks at 32 bits. */
static bool allow_some(scmp_filter_ctx filter, int call, unsigned int argument,
	const uint32_t *values, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
			    SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, UINT32_MAX, values[i])) < 0) {
			return false;
		}
	}
	return true;
}

/* Others would have the kernel signal whom they name, change other processes' limits, or type into
 * the terminal. */
static bool add_narrow_rules(scmp_filter_ctx filter) {
	static const uint32_t commands[] = {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL,
		F_SETFL, F_ADD_SEALS, F_GET_SEALS};
	static const uint32_t requests[] = {FIONREAD, FIONBIO, DMA_BUF_IOCTL_SYNC};
	static const uint32_t self[] = {0};
	return allow_some(filter, SCMP_SYS(fcntl), 1, commands,
		       sizeof(commands) / sizeof(commands[0])) &&
		allow_some(filter, SCMP_SYS(ioctl), 1, requests,
			sizeof(requests) / sizeof(requests[0])) &&
		allow_some(filter, SCMP_SYS(prlimit64), 0, self, 1);
}

static bool add_common_rules(scmp_filter_ctx filter) {
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) < 0) {
			return false;
		}
	}
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
		       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0 &&
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0 &&
		add_thread_rules(filter) && add_narrow_rules(filter) &&
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 0) == 0 &&
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(seccomp), 0) == 0;
}

static bool load_filter(void) {
	if (SANITIZED) {
		return true;
	}
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool ok = filter && add_common_rules(filter) && seccomp_load(filter) == 0;
	if (filter) {
		seccomp_release(filter);
	}
	if (!ok) {
		log_error("can't install a system call filter");
	}
	return ok;
}

bool sandbox_enter(void) {
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || !set_limits() ||
		(!SANITIZED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)) {
		log_error("can't give up privileges: %s", strerror(errno));
		return false;
	}
	return load_filter();
}
