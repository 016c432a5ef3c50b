/* SIGBUS: ours is survived, whoever else handles the signal, and a stranger's still kills. Each
 * case runs in a process of its own. */
#include "vm-display/guard.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/vm-display/harness.h"

#define SIZE 8192

/* Memory whose file is empty: each access is a bus error. */
static volatile uint8_t *broken_memory(void) {
	int fd = memfd_create("test", MFD_CLOEXEC);
	CHECK(fd >= 0 && ftruncate(fd, SIZE) == 0);
	void *map = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(map != MAP_FAILED && ftruncate(fd, 0) == 0);
	close(fd);
	return map;
}

static uint8_t *other_range; /* of the other handler, which stands for libwayland's */
static struct sigaction other_old;

/* Maps its own range; for a fault that isn't there, puts back what it found and raises again. */
static void other_handler(int number, siginfo_t *info, void *context) {
	uint8_t *address = info->si_addr;
	if (other_range && address >= other_range && address < other_range + SIZE) {
		mmap(other_range, SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		return;
	}
	sigaction(SIGBUS, &other_old, NULL);
	raise(SIGBUS);
}

static void install_other(void) {
	struct sigaction action = {
		.sa_sigaction = other_handler, .sa_flags = SA_SIGINFO | SA_NODEFER};
	sigemptyset(&action.sa_mask);
	CHECK(sigaction(SIGBUS, &action, &other_old) == 0);
}

static void read_ours(void) {
	volatile uint8_t *memory = broken_memory();
	int handle = guard_add((void *)memory, SIZE);
	CHECK(handle >= 0);
	CHECK(memory[SIZE - 1] == 0 && memory[0] == 0);
	guard_remove(handle);
}

static void read_others(void) {
	volatile uint8_t *memory = broken_memory();
	other_range = (uint8_t *)memory;
	CHECK(memory[5] == 0);
	other_range = NULL;
}

static void survive(void) {
	guard_install();
	guard_install();
	for (int i = 0; i < 3; i++) {
		read_ours();
	}
}

static void die_of_strangers(void) {
	guard_install();
	read_ours();
	(void)broken_memory()[0];
}

static void die_after_removal(void) {
	guard_install();
	volatile uint8_t *memory = broken_memory();
	guard_remove(guard_add((void *)memory, SIZE));
	(void)memory[0];
}

static void chain_to_earlier(void) {
	install_other();
	guard_install();
	read_others();
	read_ours();
	read_others();
	read_ours();
}

static void die_behind_earlier(void) {
	install_other();
	guard_install();
	read_ours();
	(void)broken_memory()[0];
}

/* The other one gives up at our fault; installed again, both work. */
static void survive_later_one(void) {
	guard_install();
	install_other();
	read_others();
	read_ours();
	read_ours();
	install_other();
	guard_install();
	read_others();
	read_ours();
}

static void die_before_later_one(void) {
	guard_install();
	install_other();
	(void)broken_memory()[0];
}

/* Each has the other as the one before: the signal must not go round for ever. */
static void die_in_circle(void) {
	guard_install();
	install_other();
	guard_install();
	read_ours();
	(void)broken_memory()[0];
}

/* From ourselves it may be another handler's echo, which ends nothing. */
static void survive_own_signal(void) {
	guard_install();
	raise(SIGBUS);
	read_ours();
}

static void die_of_kill(void) {
	guard_install();
	pid_t child = fork();
	if (child == 0) {
		kill(getppid(), SIGBUS);
		_exit(0);
	}
	pause();
}

static void survive_reuse(void) {
	int handles[GUARD_RANGES_MAX];
	static uint8_t memory[GUARD_RANGES_MAX];
	for (int i = 0; i < GUARD_RANGES_MAX; i++) {
		handles[i] = guard_add(&memory[i], 1);
		CHECK(handles[i] >= 0);
	}
	CHECK(guard_add(memory, 1) == -1);
	guard_remove(handles[7]);
	CHECK(guard_add(memory, 1) == handles[7]);
	guard_remove(-1);
}

static void run(const char *name, void (*body)(void), int signal_number) {
	printf("%s\n", name);
	fflush(stdout);
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		/* Without the sanitizers' own handlers. */
		signal(SIGBUS, SIG_DFL);
		signal(SIGSEGV, SIG_DFL);
		alarm(20);
		body();
		_exit(0);
	}
	int status;
	CHECK(waitpid(pid, &status, 0) == pid);
	if (signal_number) {
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == signal_number);
	} else {
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
}

#define RUN(body, signal_number) run(#body, body, signal_number)

int main(void) {
	RUN(survive, 0);
	RUN(die_of_strangers, SIGBUS);
	RUN(die_after_removal, SIGBUS);
	RUN(chain_to_earlier, 0);
	RUN(die_behind_earlier, SIGBUS);
	RUN(survive_later_one, 0);
	RUN(die_before_later_one, SIGBUS);
	RUN(die_in_circle, SIGBUS);
	RUN(survive_own_signal, 0);
	RUN(die_of_kill, SIGBUS);
	RUN(survive_reuse, 0);
	return 0;
}
