#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "util/accounts.h"

/* "secret", by yescrypt at its lowest price */
#define HASH "$y$j75$MBm2SXPs.EoJlyUsHl33S/$za9N7OczBrdDfoffG.VfROwMMPBoJIhM/1lELEYGd38"
#define H "password = " HASH "\n"

static char folder[64], path[96];

static int set_up(void **state) {
	snprintf(folder, sizeof(folder), "/tmp/mullion-accounts.XXXXXX");
	if (!mkdtemp(folder)) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/users.ini", folder);
	return 0;
}

static int tear_down(void **state) {
	unlink(path);
	return rmdir(folder);
}

static void write_file(const char *text, mode_t mode) {
	unlink(path);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static char *read_file(void) {
	static char text[4096];
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static struct accounts *load(char **messages) {
	size_t size;
	FILE *errors = open_memstream(messages, &size);
	struct accounts *accounts = accounts_load(path, errors);
	fclose(errors);
	return accounts;
}

static struct accounts *must_load(void) {
	char *messages;
	struct accounts *accounts = load(&messages);
	assert_string_equal(messages, "");
	assert_non_null(accounts);
	free(messages);
	return accounts;
}

static void test_loads(void **state) {
	write_file("# who\n[anna]\r\n" H "targets = desktop, guest:debian\ntargets=output:*\n"
		   "rights = view\n; and\n\n[bert]\n" H "[carl]\nvnc-password-file = /etc/vnc\n",
		0600);
	struct accounts *accounts = must_load();
	assert_int_equal(accounts_count(accounts), 3);
	const struct account *anna = accounts_find(accounts, "anna");
	assert_ptr_equal(anna, accounts_get(accounts, 0));
	assert_string_equal(anna->targets[0], "desktop");
	assert_string_equal(anna->targets[1], "guest:debian");
	assert_string_equal(anna->targets[2], "output:*");
	assert_null(anna->targets[3]);
	assert_true(anna->view_only);
	const struct account *bert = accounts_get(accounts, 1);
	assert_string_equal(bert->targets[0], "desktop");
	assert_null(bert->targets[1]);
	assert_false(bert->view_only);
	assert_null(accounts_get(accounts, 2)->hash);
	assert_string_equal(accounts_get(accounts, 2)->vnc_password_file, "/etc/vnc");
	assert_null(accounts_get(accounts, 3));
	assert_null(accounts_find(accounts, "ann"));
	accounts_destroy(accounts);
}

static void test_system_password(void **state) {
	write_file("[anna]\npassword = pam\n", 0600);
	struct accounts *accounts = must_load();
	assert_string_equal(accounts_find(accounts, "anna")->hash, ACCOUNT_PAM);
	assert_null(accounts_check(accounts, "anna", "pam"));
	assert_null(accounts_check(accounts, "anna", ""));
	accounts_destroy(accounts);
}

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct {
	const char *text, *messages; /* each without the file's name */
} bad[] = {
	{"password = x\n", ":1: `password` stands before the first [user]\n"},
	{"[anna]\n", ":1: [anna] has no password: `mullionctl remote add-user` sets one\n"},
	{"[anna]\nrights = view\n[bert]\n" H,
		":1: [anna] has no password: `mullionctl remote add-user` sets one\n"},
	{"[]\n" H,
		":1: []: a user's name is of 1 to 32 letters, digits, dots, dashes and "
		"underscores\n"},
	{"[an na]\n" H,
		":1: [an na]: a user's name is of 1 to 32 letters, digits, dots, dashes and "
		"underscores\n"},
	{"[" TEN TEN TEN "123]\n" H,
		":1: [" TEN TEN TEN "123]: a user's name is of 1 to 32 letters, digits, dots, "
		"dashes and underscores\n"},
	{"[anna]\n" H "[anna]\n" H, ":3: a second section [anna]\n"},
	{"[anna\n" H, ":1: the section's ']' is missing\n"},
	{"[anna]\n" H "hello\n",
		":3: neither `key = value` nor a [user]; a comment begins with # or ;\n"},
	{"[anna]\n" H " targets = desktop\n", ":3: the line begins with blanks\n"},
	{"[anna]\n" H "x = 1\n",
		":3: a user has no `x`; there are password, targets, rights and "
		"vnc-password-file\n"},
	{"[anna]\n" H H, ":3: a second `password`\n"},
	{"[anna]\n" H "rights = view\nrights = view\n", ":4: a second `rights`\n"},
	{"[anna]\n" H "rights = all\n", ":3: rights = all: expected view or control\n"},
	{"[anna]\n" H "targets = guest\n",
		":3: targets = guest: the targets are desktop, guest:NAME, guest:*, output:NAME "
		"and output:*\n"},
	{"[anna]\n" H "targets = guest:\n",
		":3: targets = guest:: the targets are desktop, guest:NAME, guest:*, output:NAME "
		"and output:*\n"},
	{"[anna]\n" H "targets = guest:a\001b\n", ":3: control characters\n"},
	{"[anna]\n" H "targets = guest:" HUNDRED HUNDRED "\n",
		":3: a line of 216 bytes, 198 at most: `targets` may stand several times\n"},
	{"[anna]\npassword = secret\n",
		":2: password: not what crypt() makes of a password with a modern method; "
		"`mullionctl remote add-user` sets it\n:1: [anna] has no password: `mullionctl "
		"remote add-user` sets one\n"},
	{"[anna]\npassword = $1$abc$def\nvnc-password-file = x\n",
		":2: password: not what crypt() makes of a password with a modern method; "
		"`mullionctl remote add-user` sets it\n:3: vnc-password-file = x: expected an "
		"absolute path\n:1: [anna] has no password: `mullionctl remote add-user` sets "
		"one\n"},
};

/* The messages with the file's name before each. */
static void compare(const char *messages, const char *expected) {
	char text[1024], *at = text;
	for (const char *line = expected; *line; line = strchr(line, '\n') + 1) {
		at += snprintf(at, text + sizeof(text) - at, "%s%.*s", path,
			(int)(strchr(line, '\n') + 1 - line), line);
	}
	assert_string_equal(messages, text);
}

static void test_tells_mistakes(void **state) {
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *messages;
		write_file(bad[i].text, 0600);
		assert_null(load(&messages));
		compare(messages, bad[i].messages);
		free(messages);
	}
}

static void test_refuses_open_files(void **state) {
	char *messages;
	write_file("[anna]\n" H, 0640);
	assert_null(load(&messages));
	compare(messages, ":0: others may read or write it (chmod 600 it)\n");
	free(messages);
	unlink(path);
	assert_null(load(&messages));
	compare(messages, ":0: No such file or directory\n");
	free(messages);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_null(load(&messages));
	compare(messages, ":0: it isn't a file\n");
	free(messages);
	assert_int_equal(rmdir(path), 0);
}

static bool put(const char *name, const char *password, const char *const *targets, int view_only) {
	const struct account_change change = {password, targets, view_only};
	return accounts_put(path, name, &change, stderr);
}

static double cost(const struct accounts *accounts, const char *name) {
	struct timespec start, end;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
	assert_null(accounts_check(accounts, name, "wrong"));
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	return (end.tv_sec - start.tv_sec) * 1e3 + (end.tv_nsec - start.tv_nsec) / 1e6; // ms
}

static void test_checks_passwords(void **state) {
	unlink(path);
	assert_true(put("anna", "correct horse battery staple", NULL, -1));
	assert_true(put("bert", "p;#=[]$ \xc3\xa4", NULL, -1));
	struct accounts *accounts = must_load();
	const struct account *anna = accounts_find(accounts, "anna");
	assert_ptr_equal(accounts_check(accounts, "anna", "correct horse battery staple"), anna);
	assert_non_null(accounts_check(accounts, "bert", "p;#=[]$ \xc3\xa4"));
	assert_null(accounts_check(accounts, "anna", "correct horse battery stapl"));
	assert_null(accounts_check(accounts, "anna", ""));
	assert_null(accounts_check(accounts, "bert", "correct horse battery staple"));
	assert_null(accounts_check(accounts, "nobody", "correct horse battery staple"));
	assert_null(accounts_check(accounts, "nobody", anna->hash));
	double known = cost(accounts, "anna"), unknown = cost(accounts, "nobody");
	printf("known %.1f ms, unknown %.1f ms\n", known, unknown);
	assert_true(unknown > known / 3 && known > 1);
	accounts_destroy(accounts);
}

static void test_an_empty_file_costs_too(void **state) {
	write_file("# nobody yet\n", 0600);
	struct accounts *accounts = must_load();
	assert_int_equal(accounts_count(accounts), 0);
	assert_true(cost(accounts, "anna") > 1);
	accounts_destroy(accounts);
}

static void test_knows_who_may_see_what(void **state) {
	static const struct {
		const char *targets, *target;
		bool may;
	} cases[] = {
		{"desktop", "desktop", true},
		{"desktop", "output:DP-1", true},
		{"desktop", "guest:debian", false},
		{"desktop", "desktop2", false},
		{"output:DP-1", "desktop", false},
		{"output:DP-1", "output:DP-1", true},
		{"output:DP-1", "output:DP-10", false},
		{"output:*", "output:DP-10", true},
		{"output:*", "guest:DP-10", false},
		{"guest:debian", "guest:debian", true},
		{"guest:debian", "guest:debian:1", true},
		{"guest:debian", "guest:debian2", false},
		{"guest:debian", "guest:debia", false},
		{"guest:deb*", "guest:debian:1", true},
		{"guest:deb*", "guest:de", false},
		{"guest:*", "guest:anything", true},
		{"guest:*", "desktop", false},
		{"guest:a, guest:b", "guest:b", true},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];
		snprintf(text, sizeof(text), "[anna]\n" H "targets = %s\n", cases[i].targets);
		write_file(text, 0600);
		struct accounts *accounts = must_load();
		assert_int_equal(
			account_may_see(accounts_get(accounts, 0), cases[i].target), cases[i].may);
		accounts_destroy(accounts);
	}
}

static void test_edits(void **state) {
	static const char *const guests[] = {"guest:a", "guest:*", NULL};
	write_file("# top\n[anna]\n" H "targets = output:X\n# of bert\n[bert]\n" H
		   "rights = view\n\n# end\n",
		0600);
	assert_true(put("anna", NULL, NULL, 1));
	assert_string_equal(read_file(),
		"# top\n[anna]\n" H "targets = output:X\nrights = view\n# of bert\n[bert]\n" H
		"rights = view\n\n# end\n");
	assert_true(put("bert", NULL, guests, 0));
	assert_string_equal(read_file(),
		"# top\n[anna]\n" H "targets = output:X\nrights = view\n# of bert\n[bert]\n" H
		"targets = guest:a, guest:*\nrights = control\n\n# end\n");
	assert_true(put("carl", "secret", NULL, -1));
	assert_true(accounts_remove(path, "anna", stderr));
	struct accounts *accounts = must_load();
	assert_int_equal(accounts_count(accounts), 2);
	assert_non_null(accounts_check(accounts, "carl", "secret"));
	accounts_destroy(accounts);
	assert_true(put("carl", "other", NULL, -1));
	accounts = must_load();
	assert_null(accounts_check(accounts, "carl", "secret"));
	assert_non_null(accounts_check(accounts, "carl", "other"));
	assert_int_equal(strncmp(accounts_find(accounts, "carl")->hash, "$y$", 3), 0);
	accounts_destroy(accounts);
	assert_true(accounts_remove(path, "carl", stderr));
	assert_string_equal(read_file(),
		"# top\n# of bert\n[bert]\n" H
		"targets = guest:a, guest:*\nrights = control\n\n# end\n\n");
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_wraps_many_targets(void **state) {
	char names[ACCOUNT_TARGETS_MAX][32];
	const char *targets[ACCOUNT_TARGETS_MAX + 2] = {0};
	for (int i = 0; i < ACCOUNT_TARGETS_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "guest:number-%d-in-the-list", i);
		targets[i] = names[i];
	}
	unlink(path);
	assert_true(put("anna", "secret", targets, -1));
	struct accounts *accounts = must_load();
	const struct account *anna = accounts_get(accounts, 0);
	for (int i = 0; i < ACCOUNT_TARGETS_MAX; i++) {
		assert_string_equal(anna->targets[i], names[i]);
	}
	assert_null(anna->targets[ACCOUNT_TARGETS_MAX]);
	accounts_destroy(accounts);
	targets[ACCOUNT_TARGETS_MAX] = "desktop";
	assert_false(put("anna", "secret", targets, -1));
}

static void test_refuses_wrong_edits(void **state) {
	static const char *const wrong[] = {"guest:a,b", NULL};
	const char *text = "[anna]\n" H;
	char long_password[ACCOUNT_PASSWORD_MAX + 2] = {0};
	memset(long_password, 'x', ACCOUNT_PASSWORD_MAX + 1);
	write_file(text, 0600);
	assert_false(put("a b", "secret", NULL, -1));
	assert_false(put("-x", "secret", NULL, -1));
	assert_false(put("carl", "", NULL, -1));
	assert_false(put("carl", long_password, NULL, -1));
	assert_false(put("carl", NULL, NULL, -1));
	assert_false(put("carl", "secret", wrong, -1));
	assert_false(accounts_remove(path, "carl", stderr));
	assert_string_equal(read_file(), text);
	write_file("[anna]\n", 0600);
	assert_false(put("carl", "secret", NULL, -1));
	write_file(text, 0644);
	assert_false(put("carl", "secret", NULL, -1));
	assert_string_equal(read_file(), text);
}

static void test_makes_the_folder(void **state) {
	char deep[128], parent[128];
	snprintf(parent, sizeof(parent), "%s/a", folder);
	snprintf(deep, sizeof(deep), "%s/a/users.ini", folder);
	const struct account_change change = {"secret", NULL, -1};
	assert_true(accounts_put(deep, "anna", &change, stderr));
	struct stat st;
	assert_int_equal(stat(parent, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(unlink(deep), 0);
	assert_int_equal(rmdir(parent), 0);
}

static void test_loses_nobody_side_by_side(void **state) {
	unlink(path);
	pid_t pids[8];
	for (int i = 0; i < 8; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0) {
			char name[16];
			snprintf(name, sizeof(name), "user%d", i);
			_exit(put(name, "secret", NULL, -1) ? 0 : 1);
		}
	}
	for (int i = 0; i < 8; i++) {
		int status;
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	struct accounts *accounts = must_load();
	assert_int_equal(accounts_count(accounts), 8);
	accounts_destroy(accounts);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loads),
		cmocka_unit_test(test_system_password),
		cmocka_unit_test(test_tells_mistakes),
		cmocka_unit_test(test_refuses_open_files),
		cmocka_unit_test(test_checks_passwords),
		cmocka_unit_test(test_an_empty_file_costs_too),
		cmocka_unit_test(test_knows_who_may_see_what),
		cmocka_unit_test(test_edits),
		cmocka_unit_test(test_wraps_many_targets),
		cmocka_unit_test(test_refuses_wrong_edits),
		cmocka_unit_test(test_makes_the_folder),
		cmocka_unit_test(test_loses_nobody_side_by_side),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
