/* A program under measurement, in a runtime folder of its own. */
#ifndef TESTS_BENCH_PROCESS_H
#define TESTS_BENCH_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_PATH_MAX 64

struct process {
	pid_t pid; /* 0: not running */
	char folder[PROCESS_PATH_MAX]; /* its XDG_RUNTIME_DIR, and where its output goes */
};

struct process_usage {
	uint64_t cpu; /* ns, all threads, since the start */
	uint64_t switches; /* voluntary: how often a thread went to sleep */
};

struct process_memory { /* KiB, resident */
	long total;
	long own; /* without what is mapped from frame buffers (memfd, shared memory) */
	long private; /* of `own`, what no other process shares */
	long frames;
};

/* Monotonic, ns. */
uint64_t bench_now(void);
void bench_sleep(uint64_t ns);
/* Prints to stderr and exits. */
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes the folder; bench_fail if that isn't possible. */
void process_init(struct process *process);
/* `environment` holds NAME=VALUE up to NULL, beside ours; `argv` is found in PATH. The output goes
 * to FOLDER/NAME.log. */
void process_start(struct process *process, const char *name, char *const argv[],
	const char *const environment[]);
/* Runs a program beside it, as the same user and in the same folder; what it writes to its standard
 * output is the text, cut at size. Returns its exit status, or -1. */
int process_run(const struct process *process, char *const argv[], char *text, size_t size);
/* What it wrote so far, to stderr. */
void process_print_output(const struct process *process, const char *name);
bool process_is_running(struct process *process);
void process_stop(struct process *process);
/* Stops it and removes the folder. */
void process_finish(struct process *process);

/* All zero when there is no such process. */
struct process_usage process_usage(pid_t pid);
struct process_memory process_memory(pid_t pid);
/* Of the main thread alone. */
struct process_usage process_main_usage(pid_t pid);
int process_files(pid_t pid); /* open ones */
/* Children of `pid` into pids; returns how many. */
int process_children(pid_t pid, pid_t *pids, int max);

#endif
