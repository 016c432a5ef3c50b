#include "vm-display/guard.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The handler reads this table at any moment, on any thread: `size` is written last when a range
 * is added and first when it is removed. */
static struct guard_range {
	_Atomic(uintptr_t) start;
	_Atomic(size_t) size; /* 0: free */
} guard_ranges[GUARD_RANGES_MAX];
static pthread_mutex_t guard_lock = PTHREAD_MUTEX_INITIALIZER; /* of its writers */

static struct sigaction guard_next; /* who was there before */

static bool map_zero_pages(uintptr_t address) {
	for (int i = 0; i < GUARD_RANGES_MAX; i++) {
		size_t size = atomic_load(&guard_ranges[i].size);
		uintptr_t start = atomic_load(&guard_ranges[i].start);
		if (size > 0 && address >= start && address - start < size) {
			return mmap((void *)start, size, PROT_READ,
				       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
				       0) != MAP_FAILED;
		}
	}
	return false;
}

static void restore_default(void) {
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, NULL);
}

/* libwayland's handler, given a fault that isn't its own, puts back what it found when it was
 * installed and raises the signal again. That signal is pending when it returns, and must be the
 * end: otherwise the two handlers would call each other for ever. */
static void chain(int number, siginfo_t *info, void *context) {
	if (guard_next.sa_flags & SA_SIGINFO) {
		guard_next.sa_sigaction(number, info, context);
	} else if (guard_next.sa_handler == SIG_DFL || guard_next.sa_handler == SIG_IGN) {
		restore_default();
		return;
	} else {
		guard_next.sa_handler(number);
	}
	sigset_t pending;
	if (sigpending(&pending) == 0 && sigismember(&pending, SIGBUS)) {
		restore_default();
	}
}

static void handle_sigbus(int number, siginfo_t *info, void *context) {
	if (info->si_code <= 0) {
		/* Somebody's raise. From ourselves it is libwayland's, installed after us: on
		 * return the access faults again and comes here directly. */
		if (info->si_pid != getpid()) {
			restore_default();
			raise(SIGBUS);
		}
		return;
	}
	if (!map_zero_pages((uintptr_t)info->si_addr)) {
		chain(number, info, context);
	}
}

static bool is_installed(const struct sigaction *action) {
	return (action->sa_flags & SA_SIGINFO) && action->sa_sigaction == handle_sigbus;
}

void guard_install(void) {
	struct sigaction current;
	if (sigaction(SIGBUS, NULL, &current) < 0 || is_installed(&current)) {
		return;
	}
	guard_next = current;
	struct sigaction action = {
		.sa_sigaction = handle_sigbus,
		.sa_flags = SA_SIGINFO | SA_ONSTACK,
	};
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, NULL);
}

int guard_add(void *address, size_t size) {
	int handle = -1;
	pthread_mutex_lock(&guard_lock);
	for (int i = 0; i < GUARD_RANGES_MAX && size > 0; i++) {
		if (atomic_load(&guard_ranges[i].size) == 0) {
			atomic_store(&guard_ranges[i].start, (uintptr_t)address);
			atomic_store(&guard_ranges[i].size, size);
			handle = i;
			break;
		}
	}
	pthread_mutex_unlock(&guard_lock);
	return handle;
}

void guard_remove(int handle) {
	if (handle >= 0 && handle < GUARD_RANGES_MAX) {
		pthread_mutex_lock(&guard_lock);
		atomic_store(&guard_ranges[handle].size, 0);
		pthread_mutex_unlock(&guard_lock);
	}
}
