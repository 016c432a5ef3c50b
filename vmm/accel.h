/* Which accelerator a guest gets. That /dev/kvm exists is not enough: without hardware help behind
 * it, it can be far slower than TCG. */
#ifndef VMM_ACCEL_H
#define VMM_ACCEL_H

#include <stdbool.h>

#include "vmm/guest_config.h"

struct accel_host { /* what is looked at; the tests look elsewhere */
	const char *arch; /* as uname says it */
	const char *device; /* "/dev/kvm" */
	const char *cpu_info; /* "/proc/cpuinfo" */
};

struct accel_choice {
	bool kvm;
	char reason[128];
};

/* NULL: this host. Opens and closes the device. */
struct accel_choice accel_choose(
	enum guest_accel wanted, const char *guest_arch, const struct accel_host *host);

#endif
