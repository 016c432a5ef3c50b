/* Whether anything wakes up when nothing changes: mullion and mullion-vnc with three idle guests
 * and a connected client, and what an idle guest costs in memory. Fails if there are wake-ups. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/desktop.h"
#include "tests/bench/vnc_client.h"

#define SETTLE 3000000000u /* ns */
#define SECONDS 10ull
#define QUIET 3000 /* ms: nothing comes for so long before it counts */
#define GUESTS 3
#define SESSIONS_MAX 8

static void start_vnc(
	struct process *vnc, const struct bench_desktop *desktop, char *program, int port) {
	static const char *const environment[] = {NULL};
	char port_text[8];
	snprintf(port_text, sizeof(port_text), "%d", port);
	char *const argv[] = {program, "--no-password", "--port", port_text, NULL};
	*vnc = (struct process){0};
	snprintf(vnc->folder, sizeof(vnc->folder), "%s", desktop->process.folder);
	process_start(vnc, "mullion-vnc", argv, environment);
}

/* Of the listener and its sessions. */
static struct process_usage vnc_usage(const struct process *vnc) {
	struct process_usage usage = process_usage(vnc->pid);
	pid_t sessions[SESSIONS_MAX];
	int count = process_children(vnc->pid, sessions, SESSIONS_MAX);
	if (count == 0) {
		bench_fail("mullion-vnc has no session");
	}
	for (int i = 0; i < count; i++) {
		struct process_usage session = process_usage(sessions[i]);
		usage.cpu += session.cpu;
		usage.switches += session.switches;
	}
	return usage;
}

static uint64_t report(
	const char *name, const struct process_usage *before, const struct process_usage *after) {
	if (before->cpu == 0 || after->cpu == 0) {
		bench_fail("%s isn't there", name);
	}
	uint64_t switches = after->switches - before->switches;
	printf("%-12s %6llu wake-ups in %llu s, %.3f ms of CPU time\n", name,
		(unsigned long long)switches, SECONDS, (double)(after->cpu - before->cpu) / 1e6);
	return switches;
}

/* Returns how many wake-ups there were. */
static uint64_t measure_idle(const struct bench_tools *tools, char *vnc_program) {
	const char *guest = bench_synthetic_guest(tools, "mode=1920x1080,fps=0,pattern=gradient");
	const char *guests[GUESTS] = {guest, guest, guest};
	struct bench_desktop desktop;
	bench_desktop_start(&desktop, tools, "grid", guests, GUESTS);
	struct process vnc;
	int port = vnc_client_free_port();
	start_vnc(&vnc, &desktop, vnc_program, port);
	struct vnc_client client;
	bool ok = vnc_client_connect(&client, port, VNC_RAW) && vnc_client_settle(&client, QUIET);
	if (!ok) {
		process_print_output(&vnc, "mullion-vnc");
	}
	struct process_usage mullion = process_usage(desktop.process.pid), server = vnc_usage(&vnc);
	bench_sleep(SECONDS * 1000000000);
	struct process_usage mullion_after = process_usage(desktop.process.pid);
	struct process_usage server_after = vnc_usage(&vnc);
	bool was_told = ok && vnc_client_was_told(&client);
	process_stop(&vnc);
	bench_desktop_finish(&desktop);
	vnc_client_close(&client);
	if (!ok || was_told) {
		bench_fail("the VNC client was %s", ok ? "told something" : "not served");
	}
	printf("three idle guests and a VNC client:\n");
	uint64_t switches = report("mullion", &mullion, &mullion_after);
	return switches + report("mullion-vnc", &server, &server_after);
}

static struct process_memory memory_with(const struct bench_tools *tools, int count) {
	const char *guest = bench_synthetic_guest(tools, "mode=1920x1080,fps=0,pattern=gradient");
	const char *guests[] = {guest, guest, guest, guest, guest};
	struct bench_desktop desktop;
	bench_desktop_start(&desktop, tools, "grid", guests, count);
	bench_sleep(SETTLE);
	struct process_memory memory = process_memory(desktop.process.pid);
	bench_desktop_finish(&desktop);
	return memory;
}

static void report_memory(const struct bench_tools *tools) {
	struct process_memory one = memory_with(tools, 1), five = memory_with(tools, 5);
	printf("mullion's memory per idle guest (from 1 to 5 of them): %ld KiB, frames %ld KiB\n",
		(five.own - one.own) / 4, (five.frames - one.frames) / 4);
}

int main(int argc, char **argv) {
	if (argc != 5) {
		bench_fail("usage: bench-idle MULLION MULLIONCTL SYNTHETIC-GUEST MULLION-VNC");
	}
	struct bench_tools tools = {.mullion = argv[1], .mullionctl = argv[2], .guest = argv[3]};
	printf("repeat with: %s %s %s %s %s\n", argv[0], argv[1], argv[2], argv[3], argv[4]);
	uint64_t switches = measure_idle(&tools, argv[4]);
	report_memory(&tools);
	return switches == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
