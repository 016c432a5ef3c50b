#include "tests/bench/desktop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATIENCE 600 /* tries of 100 ms */

static const char *const environment[] = {NULL};

static void write_guest(const struct bench_desktop *desktop, int index, const char *text) {
	char path[PROCESS_PATH_MAX * 2];
	snprintf(path, sizeof(path), "%s/g%d.ini", desktop->process.folder, index);
	FILE *file = fopen(path, "we");
	if (!file || fprintf(file, "[guest]\nname = g%d\n%s\n", index, text) < 0 ||
		fclose(file) != 0) {
		bench_fail("can't write %s", path);
	}
	chmod(path, 0644);
}

bool bench_desktop_command(const struct bench_desktop *desktop, char *const words[]) {
	char *argv[8] = {desktop->tools->mullionctl};
	for (int i = 0; i < 6 && words[i]; i++) {
		argv[i + 1] = words[i];
	}
	return process_run(&desktop->process, argv, NULL, 0) == 0;
}

/* Of `list`, a line a guest: GUEST STATE PID LABEL ACCEL KEYBOARD FRAMES SIZE ... */
static bool find_guest(const struct bench_desktop *desktop, int index, int *pid, char frames[16]) {
	char *const argv[] = {desktop->tools->mullionctl, "list", NULL};
	char text[8192], wanted[16];
	process_run(&desktop->process, argv, text, sizeof(text));
	snprintf(wanted, sizeof(wanted), "g%d ", index);
	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, wanted, strlen(wanted)) == 0) {
			return sscanf(line, "%*s %*s %d %*s %*s %*s %15s", pid, frames) == 2;
		}
	}
	return false;
}

pid_t bench_desktop_guest_pid(const struct bench_desktop *desktop, int index) {
	int pid;
	char frames[16];
	return find_guest(desktop, index, &pid, frames) ? pid : 0;
}

static void wait_until_painted(struct bench_desktop *desktop, int index) {
	for (int i = 0; i < PATIENCE && process_is_running(&desktop->process); i++) {
		int pid;
		char frames[16];
		if (find_guest(desktop, index, &pid, frames) && strcmp(frames, "none") != 0 &&
			strcmp(frames, "-") != 0) {
			return;
		}
		bench_sleep(100000000);
	}
	process_print_output(&desktop->process, "mullion");
	bench_desktop_finish(desktop);
	bench_fail("guest g%d doesn't paint", index);
}

void bench_desktop_start(struct bench_desktop *desktop, const struct bench_tools *tools,
	const char *layout, const char *const *guests, int guest_count) {
	desktop->tools = tools;
	desktop->guest_count = guest_count;
	process_init(&desktop->process);
	char *argv[32] = {tools->mullion, "--backend", "headless", "--renderer", "pixman",
		"--output", "1920x1080", "--layout", (char *)layout};
	char paths[16][PROCESS_PATH_MAX * 2];
	for (int i = 0; i < guest_count; i++) {
		write_guest(desktop, i, guests[i]);
		snprintf(paths[i], sizeof(paths[i]), "%s/g%d.ini", desktop->process.folder, i);
		argv[9 + i] = paths[i];
	}
	process_start(&desktop->process, "mullion", argv, environment);
	for (int i = 0; i < guest_count; i++) {
		wait_until_painted(desktop, i);
	}
}

void bench_desktop_finish(struct bench_desktop *desktop) {
	char *const words[] = {"quit", "--stop-guests", NULL};
	bench_desktop_command(desktop, words);
	for (int i = 0; i < PATIENCE && process_is_running(&desktop->process); i++) {
		bench_sleep(100000000);
	}
	process_finish(&desktop->process);
}

const char *bench_synthetic_guest(const struct bench_tools *tools, const char *synthetic) {
	static char text[1024];
	snprintf(text, sizeof(text), "[machine]\nqemu = %s\n[qemu]\nextra = -synthetic %s",
		tools->guest, synthetic);
	return text;
}
