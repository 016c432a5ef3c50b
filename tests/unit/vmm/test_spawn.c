#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/mem.h"
#include "vmm/guest_process.h"
#include "vmm/spawn.h"

static char runtime[64];
static struct guest_folder folder;

static int set_up(void **state) {
	snprintf(runtime, sizeof(runtime), "/tmp/mullion-spawn.XXXXXX");
	return mkdtemp(runtime) && guest_folder_init(&folder, runtime, "a") ? 0 : -1;
}

static int tear_down(void **state) {
	char *command = xasprintf("%s/guests", runtime);
	guest_folder_forget_process(&folder);
	unlinkat(folder.fd, "lock", 0);
	unlinkat(folder.fd, "stderr", 0);
	rmdir(folder.path);
	guest_folder_finish(&folder);
	rmdir(command);
	free(command);
	return rmdir(runtime);
}

static struct spawn spawn_of(char **argv) {
	return (struct spawn){
		.argv = argv,
		.stderr_fd = guest_folder_create_file(&folder, "stderr"),
		.process_fd = guest_folder_create_file(&folder, "process"),
		.user = geteuid() == 0 ? "nobody" : NULL,
	};
}

static void close_spawn(const struct spawn *spawn) {
	close(spawn->stderr_fd);
	close(spawn->process_fd);
}

static void wait_for_end(int pidfd) {
	struct pollfd poll_fd = {pidfd, POLLIN, 0};
	assert_int_equal(poll(&poll_fd, 1, 30000), 1);
}

static char *run_script(char *script, int inherited, enum process_end *end, int *code) {
	char *argv[] = {"/bin/sh", "-c", script, NULL};
	struct spawn spawn = spawn_of(argv);
	if (inherited >= 0) {
		spawn.fds[spawn.fd_count++] = inherited;
	}
	int pidfd;
	char *error = NULL;
	pid_t pid = spawn_detached(&spawn, &pidfd, &error);
	close_spawn(&spawn);
	assert_null(error);
	assert_true(pid > 0);
	wait_for_end(pidfd);
	*end = process_end(pid, pidfd, code);
	close(pidfd);
	return guest_folder_last_message(&folder, "sh");
}

static void test_clean_process(void **state) {
	int pipe_fds[2], code;
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	int passed = fcntl(pipe_fds[0], F_DUPFD_CLOEXEC, 20);
	signal(SIGPIPE, SIG_IGN);
	enum process_end end;
	/* Session, folder, open fds (3 is the shell's), ignored signals, new privileges. */
	char *text = run_script("exec >&2; set -- $(cat /proc/self/stat); echo \"$([ $6 = $$ ] && "
				"echo session) $(pwd) $(cd /proc/$$/fd; echo *) $(grep -E "
				"'SigIgn|NoNewPrivs' /proc/self/status | tr -d '\\n\\t')\"; exit 3",
		passed, &end, &code);
	signal(SIGPIPE, SIG_DFL);
	assert_string_equal(text, "session / 0 1 2 20 3 SigIgn:0000000000000000NoNewPrivs:1");
	assert_int_equal(end, PROCESS_END_EXIT);
	assert_int_equal(code, 3);
	free(text);
	close(passed);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

static void test_ended_by_signal(void **state) {
	int code;
	enum process_end end;
	char *text = run_script("kill -9 $$", -1, &end, &code);
	assert_string_equal(text, "");
	assert_int_equal(end, PROCESS_END_SIGNAL);
	assert_int_equal(code, 9);
	free(text);
}

static void test_other_user(void **state) {
	if (geteuid() != 0) {
		skip();
	}
	int code;
	enum process_end end;
	char *text =
		run_script("exec >&2; grep -hE '^(Uid|Groups)' /proc/self/status | tr -d '\\n\\t'",
			-1, &end, &code);
	struct passwd *nobody = getpwnam("nobody");
	assert_non_null(nobody);
	char *wanted = xasprintf("Uid:%u%u%u%uGroups: ", nobody->pw_uid, nobody->pw_uid,
		nobody->pw_uid, nobody->pw_uid);
	assert_string_equal(text, wanted);
	free(wanted);
	free(text);
}

static void check_failure(struct spawn spawn, const char *wanted) {
	int pidfd;
	char *error = NULL;
	assert_int_equal(spawn_detached(&spawn, &pidfd, &error), -1);
	assert_string_equal(error, wanted);
	assert_int_equal(pidfd, -1);
	free(error);
	close_spawn(&spawn);
	/* Nobody waits to be buried (GCC 14's sanitizer has a child of its own). */
	assert_true(waitpid(-1, NULL, WNOHANG) <= 0);
}

static void test_failures(void **state) {
	char *missing[] = {"/nonexistent/qemu", NULL};
	struct spawn spawn = spawn_of(missing);
	check_failure(spawn,
		spawn.user ? "can't run /nonexistent/qemu as user nobody: No such file or directory"
			   : "can't run /nonexistent/qemu: No such file or directory");
	char *existing[] = {"/bin/true", NULL};
	spawn = spawn_of(existing);
	spawn.user = "no-such-user";
	check_failure(spawn, "there is no user no-such-user to run QEMU as");
	spawn = spawn_of(existing);
	spawn.user = "root";
	check_failure(spawn, "QEMU shall not run as root (user root)");
}

static void test_file_of_another_user(void **state) {
	if (geteuid() != 0) {
		skip();
	}
	char *argv[] = {"/bin/true", NULL};
	struct spawn spawn = spawn_of(argv);
	char *path = xasprintf("%s/lock", folder.path);
	spawn.files[spawn.file_count++] = (struct spawn_file){"/etc/passwd", false};
	spawn.files[spawn.file_count++] = (struct spawn_file){path, false};
	char *wanted = xasprintf("can't read %s as user nobody: Permission denied", path);
	check_failure(spawn, wanted);
	spawn = spawn_of(argv);
	spawn.files[spawn.file_count++] = (struct spawn_file){"/etc/passwd", true};
	check_failure(spawn, "can't write to /etc/passwd as user nobody: Permission denied");
	free(wanted);
	free(path);
}

static void test_find_process_again(void **state) {
	char *argv[] = {"/bin/sleep", "1000", NULL};
	struct spawn spawn = spawn_of(argv);
	int pidfd, found_fd, code;
	bool ended;
	char *error = NULL;
	pid_t pid = spawn_detached(&spawn, &pidfd, &error);
	close_spawn(&spawn);
	assert_true(pid > 0);
	assert_int_equal(guest_folder_find_process(&folder, &found_fd, &ended), pid);
	assert_false(ended);
	close(found_fd);
	assert_int_equal(kill(pid, SIGTERM), 0);
	wait_for_end(pidfd);
	assert_int_equal(process_end(pid, pidfd, &code), PROCESS_END_SIGNAL);
	close(pidfd);
	assert_int_equal(guest_folder_find_process(&folder, &found_fd, &ended), 0);
	assert_true(ended);
	assert_int_equal(found_fd, -1);
	guest_folder_forget_process(&folder);
	assert_int_equal(guest_folder_find_process(&folder, &found_fd, &ended), 0);
	assert_false(ended);
}

/* A pid that now belongs to another process: ours. */
static void test_pid_of_another_process(void **state) {
	static const char *const texts[] = {
		"%d (qemu (x) ) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 17 0 0\n",
		"%d (qemu) S 1\n", "%d", "-%d (q) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 17 0\n"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int fd = guest_folder_create_file(&folder, "process");
		char *text = xasprintf("%d", getpid());
		char *at = strstr(texts[i], "%d");
		assert_true(
			dprintf(fd, "%.*s%s%s", (int)(at - texts[i]), texts[i], text, at + 2) > 0);
		close(fd);
		free(text);
		int pidfd;
		bool ended;
		assert_int_equal(guest_folder_find_process(&folder, &pidfd, &ended), 0);
		assert_int_equal(pidfd, -1);
	}
}

static void test_one_owner(void **state) {
	struct guest_folder second;
	assert_false(guest_folder_init(&second, runtime, "a"));
	guest_folder_finish(&second);
}

static void test_find_program(void **state) {
	char *program = spawn_find_program("sh");
	assert_non_null(program);
	assert_int_equal(program[0], '/');
	free(program);
	assert_null(spawn_find_program("no-such-program-at-all"));
	assert_null(spawn_find_program("/tmp"));
	assert_null(spawn_find_program("/etc/passwd"));
	assert_null(spawn_find_program("bin/sh"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean_process),
		cmocka_unit_test(test_ended_by_signal),
		cmocka_unit_test(test_other_user),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_file_of_another_user),
		cmocka_unit_test(test_find_process_again),
		cmocka_unit_test(test_pid_of_another_process),
		cmocka_unit_test(test_one_owner),
		cmocka_unit_test(test_find_program),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
