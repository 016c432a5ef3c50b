#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm/accel.h"

static char cpu_info[] = "/tmp/mullion-cpuinfo.XXXXXX";

static void write_flags(const char *flags) {
	int fd = open(cpu_info, O_WRONLY | O_TRUNC);
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "processor\t: 0\nflags\t\t: fpu %s\nbugs\t\t: none\n", flags) > 0);
	close(fd);
}

static void check(enum guest_accel wanted, const char *guest, const char *host, const char *device,
	bool kvm, const char *reason) {
	struct accel_host where = {host, device, cpu_info};
	struct accel_choice choice = accel_choose(wanted, guest, &where);
	assert_string_equal(choice.reason, reason);
	assert_int_equal(choice.kvm, kvm);
}

static void test_guest_file_decides(void **state) {
	write_flags("");
	check(GUEST_ACCEL_KVM, "s390x", "x86_64", "/none", true, "the guest file says so");
	check(GUEST_ACCEL_TCG, "x86_64", "x86_64", "/none", false, "the guest file says so");
}

static void test_other_architecture(void **state) {
	write_flags("vmx");
	check(GUEST_ACCEL_AUTO, "aarch64", "x86_64", "/none", false,
		"the guest is aarch64, the host x86_64");
	check(GUEST_ACCEL_AUTO, "x86_64", "i386", "/none", false,
		"the guest is x86_64, the host i386");
}

static void test_processor_flags(void **state) {
	static const char *const without[] = {"", "vmxx", "xsvm", "svm_lock", "ssvm vmx2"};
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		write_flags(without[i]);
		check(GUEST_ACCEL_AUTO, "x86_64", "x86_64", "/none", false,
			"the processor shows neither vmx nor svm");
	}
	static const char *const with[] = {"vmx", "svm", "a vmx b", "svm_lock svm"};
	for (size_t i = 0; i < sizeof(with) / sizeof(with[0]); i++) {
		write_flags(with[i]);
		check(GUEST_ACCEL_AUTO, "i386", "x86_64", "/none", false,
			"can't open /none: No such file or directory");
	}
}

static void test_device(void **state) {
	write_flags("vmx");
	check(GUEST_ACCEL_AUTO, "x86_64", "x86_64", "/dev/null", false,
		"/dev/null is not the KVM that QEMU needs");
	/* Elsewhere the flags mean nothing. */
	write_flags("");
	check(GUEST_ACCEL_AUTO, "aarch64", "aarch64", "/none", false,
		"can't open /none: No such file or directory");
}

static void test_this_host(void **state) {
	struct accel_choice choice = accel_choose(GUEST_ACCEL_AUTO, "no-such-arch", NULL);
	assert_false(choice.kvm);
	assert_non_null(strstr(choice.reason, "the guest is no-such-arch, the host "));
}

static int set_up(void **state) {
	int fd = mkstemp(cpu_info);
	return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state) {
	return unlink(cpu_info);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guest_file_decides),
		cmocka_unit_test(test_other_architecture),
		cmocka_unit_test(test_processor_flags),
		cmocka_unit_test(test_device),
		cmocka_unit_test(test_this_host),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
