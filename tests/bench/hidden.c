/* What QEMU does by itself for a guest that is seen, for one that nobody sees, whose listener
 * mullion gives back, and for one that was hidden and shown many times: QEMU 10 keeps what is given
 * back, so mullion must not do it again and again. In QEMU's main thread, without the virtual
 * processors. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/bench/desktop.h"

#define SETTLE 4000000000u /* ns */
#define BOOT 16 /* s */
#define SECONDS 10
#define TOGGLES 20
#define EXIT_SKIPPED 77

#define ISO "/usr/lib/memtest86+/memtest86+x64.iso"

static const char guest_text[] =
	"[machine]\narch = x86_64\nmemory = 128\naccel = tcg\n[boot]\ncdrom = " ISO
	"\n[network]\nmode = none\n[display]\ndevice = virtio-vga";

struct phase {
	const char *name;
	double qemu, mullion; /* wake-ups a second */
	double cpu; /* ms a second, of QEMU's main thread */
	int files; /* that QEMU has open */
};

static struct phase measure(struct bench_desktop *desktop, pid_t qemu, const char *name) {
	bench_sleep(SETTLE);
	struct process_usage qemu_before = process_main_usage(qemu);
	struct process_usage before = process_usage(desktop->process.pid);
	for (int i = 0; i < SECONDS; i++) {
		bench_sleep(1000000000);
	}
	struct process_usage after = process_usage(desktop->process.pid);
	struct process_usage qemu_after = process_main_usage(qemu);
	struct phase phase = {
		.name = name,
		.qemu = (double)(qemu_after.switches - qemu_before.switches) / SECONDS,
		.mullion = (double)(after.switches - before.switches) / SECONDS,
		.cpu = (double)(qemu_after.cpu - qemu_before.cpu) / 1e6 / SECONDS,
		.files = process_files(qemu),
	};
	return phase;
}

static void print_phase(const struct phase *phase) {
	printf("%-14s %9.1f %9.1f %9.2f %6d\n", phase->name, phase->mullion, phase->qemu,
		phase->cpu, phase->files);
}

static void command(struct bench_desktop *desktop, char *first, char *second) {
	char *const words[] = {first, second, NULL};
	if (!bench_desktop_command(desktop, words)) {
		bench_desktop_finish(desktop);
		bench_fail("mullionctl %s %s failed", first, second);
	}
}

int main(int argc, char **argv) {
	if (argc != 4) {
		bench_fail("usage: bench-hidden MULLION MULLIONCTL SYNTHETIC-GUEST");
	}
	if (access(ISO, R_OK) != 0) {
		printf("%s isn't there (package memtest86+)\n", ISO);
		return EXIT_SKIPPED;
	}
	struct bench_tools tools = {.mullion = argv[1], .mullionctl = argv[2], .guest = argv[3]};
	const char *guests[] = {bench_synthetic_guest(&tools, "mode=1920x1080,fps=0"), guest_text};
	struct bench_desktop desktop;
	bench_desktop_start(&desktop, &tools, "grid", guests, 2);
	pid_t qemu = bench_desktop_guest_pid(&desktop, 1);
	for (int i = 0; i < BOOT; i++) {
		bench_sleep(1000000000);
	}
	struct phase seen = measure(&desktop, qemu, "seen");
	command(&desktop, "focus", "g0");
	command(&desktop, "layout", "single");
	struct phase hidden = measure(&desktop, qemu, "hidden");
	for (int i = 0; i < TOGGLES; i++) {
		command(&desktop, "layout", "grid");
		bench_sleep(150000000);
		command(&desktop, "layout", "single");
		bench_sleep(150000000);
	}
	struct phase toggled = measure(&desktop, qemu, "hidden often");
	bench_desktop_finish(&desktop);
	printf("repeat with: %s %s %s %s\n", argv[0], argv[1], argv[2], argv[3]);
	printf("memtest86+ on virtio-vga; wake-ups and CPU time a second\n");
	printf("%-14s %9s %9s %9s %6s\n", "", "mullion", "qemu", "qemu ms", "files");
	print_phase(&seen);
	print_phase(&hidden);
	print_phase(&toggled);
	return toggled.files <= hidden.files + 2 && hidden.mullion == 0 ? EXIT_SUCCESS
									: EXIT_FAILURE;
}
