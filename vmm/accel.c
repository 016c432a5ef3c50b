#include "vmm/accel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>

static struct accel_choice choose(bool kvm, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static struct accel_choice choose(bool kvm, const char *format, ...) {
	struct accel_choice choice = {.kvm = kvm};
	va_list args;
	va_start(args, format);
	vsnprintf(choice.reason, sizeof(choice.reason), format, args);
	va_end(args);
	return choice;
}

/* Does the first "flags" line have this word? */
static bool flags_have(const char *line, const char *word) {
	size_t len = strlen(word);
	for (const char *at = line; (at = strstr(at, word)); at += len) {
		if (at > line && strchr(" \t", at[-1]) && strchr(" \t\n", at[len])) {
			return true;
		}
	}
	return false;
}

static bool cpu_has_virtualization(const char *cpu_info) {
	FILE *file = fopen(cpu_info, "re");
	char *line = NULL;
	size_t size = 0;
	bool found = false;
	while (file && getline(&line, &size, file) > 0) {
		if (strncmp(line, "flags", 5) == 0) {
			found = flags_have(line, "vmx") || flags_have(line, "svm");
			break;
		}
	}
	free(line);
	if (file) {
		fclose(file);
	}
	return found;
}

static bool is_native(const char *guest, const char *host) {
	return strcmp(guest, host) == 0 ||
		(strcmp(guest, "i386") == 0 && strcmp(host, "x86_64") == 0);
}

/* Can a machine be made? A kernel may have the device without the means. */
static struct accel_choice try_device(const char *device) {
	int fd = open(device, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		return choose(false, "can't open %s: %s", device, strerror(errno));
	}
	int version = ioctl(fd, KVM_GET_API_VERSION, 0);
	int machine = version == KVM_API_VERSION ? ioctl(fd, KVM_CREATE_VM, 0) : -1;
	int error = errno;
	close(fd);
	if (version != KVM_API_VERSION) {
		return choose(false, "%s is not the KVM that QEMU needs", device);
	}
	if (machine < 0) {
		return choose(false, "%s makes no machine: %s", device, strerror(error));
	}
	close(machine);
	return choose(true, "%s works", device);
}

struct accel_choice accel_choose(
	enum guest_accel wanted, const char *guest_arch, const struct accel_host *host) {
	if (wanted != GUEST_ACCEL_AUTO) {
		return choose(wanted == GUEST_ACCEL_KVM, "the guest file says so");
	}
	struct utsname name;
	if (uname(&name) < 0) {
		return choose(false, "the host's architecture is unknown");
	}
	struct accel_host this_host = {name.machine, "/dev/kvm", "/proc/cpuinfo"};
	host = host ? host : &this_host;
	if (!is_native(guest_arch, host->arch)) {
		return choose(false, "the guest is %s, the host %s", guest_arch, host->arch);
	}
	if (strcmp(host->arch, "x86_64") == 0 && !cpu_has_virtualization(host->cpu_info)) {
		return choose(false, "the processor shows neither vmx nor svm");
	}
	return try_device(host->device);
}
