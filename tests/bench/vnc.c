/* What mullion-vnc's session costs for each update that a client gets, in CPU time, beside a paced
 * memcpy of the same bytes: raw, ZRLE and Tight, of the whole 1920x1080 picture and of a tenth of
 * it; and how long a key takes to its pixels. Beside it TigerVNC's Xvnc, with the same pictures, if
 * it is there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/process.h"
#include "tests/bench/samples.h"
#include "tests/bench/vnc_client.h"

#define RATE "30" /* pictures a second */
#define ROUNDS 5
#define WARM_UP 500000000u /* ns */
#define WINDOW 3000000000u
#define KEYS 20 /* a round */
#define SESSIONS_MAX 8

struct tools {
	char *server, *load, *copy;
	char *x_load; /* NULL: Xvnc isn't measured */
};

struct load {
	const char *mode; /* of bench-vnc-load */
	char *width, *height; /* px that change */
	struct samples copied; /* ms of CPU time per picture */
};

struct measure {
	const char *name;
	enum vnc_encoding encoding;
	struct load *load;
	bool by_xvnc;
	struct samples cpu; /* ms per update */
	struct samples bytes; /* MB per update */
	struct samples rate; /* updates a second */
	struct samples wakeups; /* per update */
};

struct stage { /* a load and a server of it */
	struct process load, server;
	int port;
	bool by_xvnc;
};

static const char *const environment[] = {NULL};

static void stage_start(struct stage *stage, const struct tools *tools, const char *mode) {
	char folder[PROCESS_PATH_MAX * 2], port[8];
	stage->port = vnc_client_free_port();
	process_init(&stage->load);
	stage->server = stage->load;
	snprintf(folder, sizeof(folder), "%s/mullion", stage->load.folder);
	snprintf(port, sizeof(port), "%d", stage->port);
	char *const make[] = {"mkdir", "-m", "700", folder, NULL};
	char text[16];
	process_run(&stage->load, make, text, sizeof(text));
	char *const load[] = {tools->load, folder, (char *)mode, RATE, NULL};
	char *const server[] = {tools->server, "--no-password", "--port", port, NULL};
	process_start(&stage->load, "load", load, environment);
	process_start(&stage->server, "server", server, environment);
}

static void stage_start_xvnc(struct stage *stage, const struct tools *tools, const char *mode) {
	char port[8], display[16], variable[32];
	stage->port = vnc_client_free_port();
	stage->by_xvnc = true;
	process_init(&stage->load);
	stage->server = stage->load;
	snprintf(port, sizeof(port), "%d", stage->port);
	snprintf(display, sizeof(display), ":%d", stage->port); /* nobody else has it */
	snprintf(variable, sizeof(variable), "DISPLAY=%s", display);
	char *const server[] = {"Xvnc", display, "-rfbport", port, "-SecurityTypes", "None",
		"-geometry", "1920x1080", "-depth", "24", "-FrameRate", "60", "-localhost", NULL};
	char *const load[] = {tools->x_load, (char *)mode, RATE, NULL};
	const char *const with_display[] = {variable, NULL};
	process_start(&stage->server, "server", server, environment);
	process_start(&stage->load, "load", load, with_display);
	bench_sleep(WARM_UP);
}

static void stage_finish(struct stage *stage) {
	process_stop(&stage->server);
	process_finish(&stage->load);
}

static void connect_to(struct stage *stage, struct vnc_client *client, enum vnc_encoding encoding) {
	/* The server is refused until the load listens. */
	for (int i = 0; i < 100; i++) {
		if (vnc_client_connect(client, stage->port, encoding)) {
			return;
		}
		bench_sleep(50000000);
	}
	process_print_output(&stage->server, "server");
	bench_fail("mullion-vnc doesn't serve");
}

static struct process_usage session_usage(const struct stage *stage) {
	struct process_usage usage = {0};
	pid_t sessions[SESSIONS_MAX];
	if (stage->by_xvnc) {
		return process_usage(stage->server.pid);
	}
	int count = process_children(stage->server.pid, sessions, SESSIONS_MAX);
	for (int i = 0; i < count; i++) {
		struct process_usage session = process_usage(sessions[i]);
		usage.cpu += session.cpu;
		usage.switches += session.switches;
	}
	return usage;
}

/* Reads updates for so long; returns how many came. */
static int read_for(struct vnc_client *client, uint64_t ns) {
	int count = 0;
	for (uint64_t end = bench_now() + ns; bench_now() < end; count++) {
		if (vnc_client_read(client) < 0) {
			bench_fail("the server hung up");
		}
	}
	return count;
}

static void run_server(struct measure *measure, const struct tools *tools) {
	static struct vnc_client client;
	struct stage stage = {0};
	if (measure->by_xvnc && !tools->x_load) {
		return;
	}
	if (measure->by_xvnc) {
		stage_start_xvnc(&stage, tools, measure->load->mode);
	} else {
		stage_start(&stage, tools, measure->load->mode);
	}
	connect_to(&stage, &client, measure->encoding);
	read_for(&client, WARM_UP);
	struct process_usage before = session_usage(&stage);
	uint64_t bytes = client.bytes, start = bench_now();
	double count = read_for(&client, WINDOW);
	struct process_usage after = session_usage(&stage);
	samples_add(&measure->rate, count / ((double)(bench_now() - start) / 1e9));
	samples_add(&measure->cpu, (double)(after.cpu - before.cpu) / 1e6 / count);
	samples_add(&measure->bytes, (double)(client.bytes - bytes) / 1e6 / count);
	samples_add(&measure->wakeups, (double)(after.switches - before.switches) / count);
	vnc_client_close(&client);
	stage_finish(&stage);
}

static void run_copy(struct load *load, const struct tools *tools) {
	char *const argv[] = {tools->copy, "1920", load->width, load->height, RATE, NULL};
	struct process process;
	process_init(&process);
	process_start(&process, "copy", argv, environment);
	bench_sleep(WARM_UP);
	uint64_t start = bench_now();
	struct process_usage before = process_usage(process.pid);
	bench_sleep(WINDOW);
	struct process_usage after = process_usage(process.pid);
	double count = (double)(bench_now() - start) / 1e9 * atoi(RATE);
	samples_add(&load->copied, (double)(after.cpu - before.cpu) / 1e6 / count);
	process_finish(&process);
}

static void run_keys(struct samples *latency, const struct tools *tools) {
	static struct vnc_client client;
	struct stage stage = {0};
	stage_start(&stage, tools, "key");
	connect_to(&stage, &client, VNC_RAW);
	vnc_client_settle(&client, 500);
	for (int i = 0; i < KEYS; i++) {
		uint64_t start = bench_now();
		vnc_client_press(&client, 'a', true);
		if (vnc_client_read(&client) > 0) {
			samples_add(latency, (double)(bench_now() - start) / 1e6);
		}
		vnc_client_press(&client, 'a', false);
		vnc_client_settle(&client, 20 + rand() % 40);
	}
	vnc_client_close(&client);
	stage_finish(&stage);
}

static void print_measure(const struct measure *measure) {
	if (measure->cpu.count == 0) {
		return;
	}
	printf("%-18s %9.2f %8.2f %8.1f %10.3f %9.1f %9.1f\n", measure->name,
		samples_median(&measure->cpu), samples_median(&measure->load->copied),
		samples_ratio(&measure->cpu, &measure->load->copied),
		samples_median(&measure->bytes), samples_median(&measure->rate),
		samples_median(&measure->wakeups));
}

int main(int argc, char **argv) {
	if (argc < 4) {
		bench_fail("usage: bench-vnc MULLION-VNC LOAD PACED-COPY [X-LOAD [ROUNDS]]");
	}
	struct tools tools = {.server = argv[1], .load = argv[2], .copy = argv[3]};
	tools.x_load = argc > 4 && access("/usr/bin/Xvnc", X_OK) == 0 ? argv[4] : NULL;
	int rounds = argc > 5 ? atoi(argv[5]) : ROUNDS;
	static struct load whole = {.mode = "full", .width = "1920", .height = "1080"};
	static struct load tenth = {.mode = "tenth", .width = "606", .height = "341"};
	static struct measure measures[] = {
		{.name = "raw", .encoding = VNC_RAW, .load = &whole},
		{.name = "raw, Xvnc", .encoding = VNC_RAW, .load = &whole, .by_xvnc = true},
		{.name = "tight", .encoding = VNC_TIGHT, .load = &whole},
		{.name = "tight, Xvnc", .encoding = VNC_TIGHT, .load = &whole, .by_xvnc = true},
		{.name = "zrle", .encoding = VNC_ZRLE, .load = &whole},
		{.name = "zrle, Xvnc", .encoding = VNC_ZRLE, .load = &whole, .by_xvnc = true},
		{.name = "raw tenth", .encoding = VNC_RAW, .load = &tenth},
		{.name = "raw tenth, Xvnc", .encoding = VNC_RAW, .load = &tenth, .by_xvnc = true},
		{.name = "tight tenth", .encoding = VNC_TIGHT, .load = &tenth},
		{.name = "tight tenth, Xvnc",
			.encoding = VNC_TIGHT,
			.load = &tenth,
			.by_xvnc = true},
		{.name = "zrle tenth", .encoding = VNC_ZRLE, .load = &tenth},
		{.name = "zrle tenth, Xvnc", .encoding = VNC_ZRLE, .load = &tenth, .by_xvnc = true},
	};
	static struct samples latency;
	for (int round = 0; round < rounds; round++) {
		run_copy(&whole, &tools);
		run_copy(&tenth, &tools);
		for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++) {
			run_server(&measures[i], &tools);
		}
		run_keys(&latency, &tools);
	}
	printf("repeat with: %s %s %s %s %s %d\n", argv[0], argv[1], argv[2], argv[3],
		argc > 4 ? argv[4] : "", rounds);
	printf("CPU time per update, medians of %d interleaved rounds, 1920x1080 at " RATE
	       " a second\n",
		rounds);
	printf("%-18s %9s %8s %8s %10s %9s %9s\n", "update", "server ms", "memcpy", "ratio", "MB",
		"a second", "wake-ups");
	for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++) {
		print_measure(&measures[i]);
	}
	printf("key to pixel: %.2f ms in the median of %d\n", samples_median(&latency),
		latency.count);
	return EXIT_SUCCESS;
}
