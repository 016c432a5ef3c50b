/* Writing users.ini. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <crypt.h>

#include "util/accounts_private.h"
#include "util/mem.h"

#define LINE_MAX_WRITTEN 180 // bytes; inih reads 200

struct edit {
	char *path; /* where links lead */
	int lock;
	char *text; /* as it was */
	struct accounts *accounts; /* likewise */
};

static bool fail(FILE *errors, const char *path) {
	fprintf(errors, "%s: %s\n", path, strerror(errno));
	return false;
}

/* The folder and those above it. */
static bool make_folders(char *path) {
	for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		int result = mkdir(path, 0700);
		*slash = '/';
		if (result < 0 && errno != EEXIST) {
			return false;
		}
	}
	return true;
}

/* One writer at a time: the lock is the folder's, so that it survives the file's replacement. */
static int lock_folder(const char *path) {
	char *copy = xstrdup(path);
	int fd = make_folders(copy) ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	free(copy);
	if (fd >= 0 && flock(fd, LOCK_EX) < 0) {
		int saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

static void edit_finish(struct edit *edit) {
	if (edit->lock >= 0) {
		close(edit->lock);
	}
	accounts_destroy(edit->accounts);
	free(edit->text);
	free(edit->path);
}

static bool edit_init(struct edit *edit, const char *path, FILE *errors) {
	char *real = realpath(path, NULL);
	*edit = (struct edit){.path = real ? real : xstrdup(path)};
	edit->lock = lock_folder(edit->path);
	if (edit->lock < 0) {
		fail(errors, edit->path);
	} else {
		edit->text = accounts_read(edit->path, true, errors);
	}
	if (edit->text) {
		edit->accounts = accounts_parse(edit->path, edit->text, errors);
	}
	if (!edit->accounts) {
		edit_finish(edit);
	}
	return edit->accounts;
}

static bool write_all(int fd, const char *text, size_t len) {
	while (len > 0) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return false;
		}
		text += n;
		len -= n;
	}
	return fsync(fd) == 0;
}

static bool replace_file(const char *path, const char *text, FILE *errors) {
	char *temporary = xasprintf("%s.new", path);
	unlink(temporary); /* of one that was killed: we hold the lock */
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = fd >= 0 && write_all(fd, text, strlen(text)) && rename(temporary, path) == 0;
	if (!ok) {
		fail(errors, path);
		unlink(temporary);
	}
	if (fd >= 0) {
		close(fd);
	}
	free(temporary);
	return ok;
}

static const char *next_line(const char *line) {
	line += strcspn(line, "\n");
	return line + (*line == '\n');
}

static bool is_header_of(const char *line, const char *name) {
	size_t len = strlen(name);
	return strncmp(line + 1, name, len) == 0 && line[1 + len] == ']';
}

/* Where the user's section is: from its header to its last key. Of length 0 at the end if there is
 * none. */
static void find_section(const char *text, const char *name, const char **start, const char **end) {
	*start = *end = NULL;
	for (const char *line = text; *line; line = next_line(line)) {
		bool is_header = line[0] == '[';
		if (is_header && *start) {
			return;
		}
		if (is_header && is_header_of(line, name)) {
			*start = line;
		}
		if (*start && !strchr("#;\r\n \t", line[0])) {
			*end = next_line(line);
		}
	}
	if (!*start) {
		*start = *end = text + strlen(text);
	}
}

static void write_targets(FILE *out, char *const *targets) {
	size_t used = 0;
	for (char *const *target = targets; *target; target++) {
		size_t len = strlen(*target) + 2;
		bool fits = used > 0 && used + len <= LINE_MAX_WRITTEN;
		fprintf(out, "%s%s", fits ? ", " : used ? "\ntargets = " : "targets = ", *target);
		used = fits ? used + len : strlen("targets = ") + len;
	}
	fputc('\n', out);
}

static void write_section(FILE *out, const struct account *account) {
	fprintf(out, "[%s]\n", account->name);
	if (account->hash) {
		fprintf(out, "password = %s\n", account->hash);
	}
	write_targets(out, account->targets);
	fprintf(out, "rights = %s\n", account->view_only ? "view" : "control");
	if (account->vnc_password_file) {
		fprintf(out, "vnc-password-file = %s\n", account->vnc_password_file);
	}
}

/* The text with the section in the place of the user's; `account` NULL: with none. */
static bool write_edited(
	const struct edit *edit, const char *name, const struct account *account, FILE *errors) {
	const char *start, *end;
	char *text = NULL;
	size_t size;
	find_section(edit->text, name, &start, &end);
	FILE *out = open_memstream(&text, &size);
	fwrite(edit->text, 1, start - edit->text, out);
	if (account && start > edit->text && start[-1] != '\n') {
		fputc('\n', out);
	}
	if (account && start > edit->text && !*start) {
		fputc('\n', out);
	}
	if (account) {
		write_section(out, account);
	}
	fputs(end, out);
	fclose(out);
	struct accounts *check = accounts_parse(edit->path, text, errors);
	bool ok = check && replace_file(edit->path, text, errors);
	accounts_destroy(check);
	free(text);
	return ok;
}

static char *hash_password(const char *password) {
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	/* The library's best method and its usual price: yescrypt. */
	if (!crypt_gensalt_rn(NULL, 0, NULL, 0, setting, sizeof(setting))) {
		return NULL;
	}
	struct crypt_data data = {0}; /* 32 KiB */
	const char *result = crypt_rn(password, setting, &data, sizeof(data));
	char *hash = result ? xstrdup(result) : NULL;
	explicit_bzero(&data, sizeof(data));
	return hash;
}

static const char *find_mistake(const char *name, const struct account_change *change) {
	const char *wrong = account_name_mistake(name);
	if (!wrong && change->password) {
		wrong = account_password_mistake(change->password);
	}
	size_t count = 0;
	for (const char *const *target = change->targets; !wrong && target && *target; target++) {
		wrong = account_target_mistake(*target);
		count++;
	}
	return wrong || count <= ACCOUNT_TARGETS_MAX ? wrong : "too many targets";
}

static bool put(
	struct edit *edit, const char *name, const struct account_change *change, FILE *errors) {
	static char *desktop[] = {"desktop", NULL};
	const struct account *old = accounts_find(edit->accounts, name);
	char *hash = change->password ? hash_password(change->password) : NULL;
	if (!hash && (change->password || !old)) {
		fprintf(errors, "%s: %s\n", name,
			change->password ? "the password can't be hashed"
					 : "a new user needs a password");
		return false;
	}
	struct account account = old ? *old : (struct account){.targets = desktop};
	account.name = (char *)name;
	account.hash = hash ? hash : account.hash;
	account.targets = change->targets ? (char **)change->targets : account.targets;
	account.view_only = change->view_only < 0 ? account.view_only : change->view_only;
	bool ok = write_edited(edit, name, &account, errors);
	free(hash);
	return ok;
}

bool accounts_put(
	const char *path, const char *name, const struct account_change *change, FILE *errors) {
	const char *wrong = find_mistake(name, change);
	struct edit edit;
	if (wrong) {
		fprintf(errors, "%s: %s\n", name, wrong);
		return false;
	}
	if (!edit_init(&edit, path, errors)) {
		return false;
	}
	bool ok = put(&edit, name, change, errors);
	edit_finish(&edit);
	return ok;
}

bool accounts_remove(const char *path, const char *name, FILE *errors) {
	struct edit edit;
	if (!edit_init(&edit, path, errors)) {
		return false;
	}
	bool ok = accounts_find(edit.accounts, name);
	if (ok) {
		ok = write_edited(&edit, name, NULL, errors);
	} else {
		fprintf(errors, "%s: there is no such user\n", name);
	}
	edit_finish(&edit);
	return ok;
}
