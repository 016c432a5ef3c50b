/* Reading users.ini. */
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <crypt.h>

#include "util/accounts_private.h"
#include "util/mem.h"

struct loader {
	const char *path, *next; /* next: the rest of the text */
	FILE *errors;
	struct accounts *accounts;
	struct account *account; /* whose section this is; NULL: none, or a wrong one */
	unsigned int line, section_line, mistakes;
	bool in_section, expects_key;
	size_t target_count;
	bool has_rights;
};

static void __attribute__((format(printf, 3, 4)))
mistake(struct loader *loader, unsigned int line, const char *format, ...) {
	fprintf(loader->errors, "%s:%u: ", loader->path, line);
	va_list args;
	va_start(args, format);
	vfprintf(loader->errors, format, args);
	va_end(args);
	fputc('\n', loader->errors);
	loader->mistakes++;
}

const char *account_name_mistake(const char *name) {
	size_t len =
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
	if (!name[0] || name[len] || len > ACCOUNT_NAME_MAX || name[0] == '-') {
		return "a user's name is of 1 to 32 letters, digits, dots, dashes and underscores";
	}
	return NULL;
}

const char *account_target_mistake(const char *target) {
	const char *colon = strchr(target, ':');
	bool named = colon && colon[1] &&
		(strncmp(target, "guest:", 6) == 0 || strncmp(target, "output:", 7) == 0);
	if (strlen(target) > ACCOUNT_TARGET_MAX) {
		return "a target is at most 150 bytes long";
	}
	if (strcmp(target, "desktop") != 0 && !named) {
		return "the targets are desktop, guest:NAME, guest:*, output:NAME and output:*";
	}
	for (const char *at = target; *at; at++) {
		if ((unsigned char)*at <= ' ' || *at == 0x7f || strchr(",;#", *at)) {
			return "a target holds no blanks, commas, semicolons or number signs";
		}
	}
	return NULL;
}

const char *account_password_mistake(const char *password) {
	if (!password[0]) {
		return "the password is empty";
	}
	return strlen(password) > ACCOUNT_PASSWORD_MAX ? "the password is longer than 255 bytes"
						       : NULL;
}

static void add_target(struct loader *loader, const char *target) {
	struct account *account = loader->account;
	const char *wrong = account_target_mistake(target);
	if (wrong) {
		mistake(loader, loader->line, "targets = %s: %s", target, wrong);
	} else if (loader->target_count == ACCOUNT_TARGETS_MAX) {
		mistake(loader, loader->line, "more than %d targets", ACCOUNT_TARGETS_MAX);
	} else {
		size_t n = ++loader->target_count;
		account->targets = xreallocarray(account->targets, n + 1, sizeof(char *));
		account->targets[n - 1] = xstrdup(target);
		account->targets[n] = NULL;
	}
}

static void finish_section(struct loader *loader) {
	struct account *account = loader->account;
	if (account && !account->hash && !account->vnc_password_file) {
		mistake(loader, loader->section_line,
			"[%s] has no password: `mullionctl remote add-user` sets one",
			account->name);
	}
	if (account && loader->target_count == 0) {
		add_target(loader, "desktop");
	}
	loader->account = NULL;
}

static void begin_section(struct loader *loader, const char *name) {
	finish_section(loader);
	struct accounts *accounts = loader->accounts;
	const char *wrong = account_name_mistake(name);
	loader->in_section = true;
	loader->section_line = loader->line;
	loader->target_count = 0;
	loader->has_rights = false;
	if (wrong) {
		mistake(loader, loader->line, "[%s]: %s", name, wrong);
	} else if (accounts_find(accounts, name)) {
		mistake(loader, loader->line, "a second section [%s]", name);
	} else if (accounts->count == ACCOUNTS_MAX) {
		mistake(loader, loader->line, "more than %d users", ACCOUNTS_MAX);
	} else {
		accounts->list =
			xreallocarray(accounts->list, accounts->count + 1, sizeof(struct account));
		loader->account = &accounts->list[accounts->count++];
		*loader->account = (struct account){.name = xstrdup(name)};
	}
}

/* A line that begins with '['. */
static void look_at_section(struct loader *loader, char *line) {
	char *close = strchr(line, ']');
	loader->in_section = true;
	if (!close) {
		finish_section(loader);
		mistake(loader, loader->line, "the section's ']' is missing");
		return;
	}
	*close = '\0';
	begin_section(loader, line + 1);
}

static void check_last_line(struct loader *loader) {
	if (loader->expects_key) {
		mistake(loader, loader->line,
			"neither `key = value` nor a [user]; a comment begins with # or ;");
		loader->expects_key = false;
	}
}

static bool is_clean(const char *line, size_t len) {
	for (size_t i = 0; i < len; i++) {
		if (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f) {
			return false;
		}
	}
	return true;
}

/* Is this for inih to parse? Sections, comments and mistakes aren't. */
static bool look_at_line(struct loader *loader, char *line) {
	const char *start = line + strspn(line, " \t");
	if (*start == '\0' || *start == ';' || *start == '#') {
		return false;
	}
	if (start > line) {
		mistake(loader, loader->line, "the line begins with blanks");
		return false;
	}
	if (*start == '[') {
		look_at_section(loader, line);
		return false;
	}
	loader->expects_key = true;
	return true;
}

/* inih's reader: one line a call, an empty one in place of what inih isn't to see. */
static char *read_line(char *buffer, int size, void *stream) {
	struct loader *loader = stream;
	check_last_line(loader);
	if (!*loader->next || size < 3) {
		return NULL;
	}
	const char *line = loader->next;
	size_t len = strcspn(line, "\n");
	loader->next += len + (line[len] == '\n');
	loader->line++;
	len -= len > 0 && line[len - 1] == '\r';
	bool wanted = false;
	if (len > (size_t)size - 2) {
		mistake(loader, loader->line,
			"a line of %zu bytes, %d at most: `targets` may stand several times", len,
			size - 2);
	} else if (!is_clean(line, len)) {
		mistake(loader, loader->line, "control characters");
	} else {
		memcpy(buffer, line, len);
		buffer[len] = '\0';
		wanted = look_at_line(loader, buffer);
	}
	snprintf(buffer + (wanted ? len : 0), size - (wanted ? len : 0), "\n");
	return buffer;
}

static void add_targets(struct loader *loader, const char *value) {
	char *copy = xstrdup(value), *rest = copy, *target;
	while ((target = strsep(&rest, ", \t"))) {
		if (target[0]) {
			add_target(loader, target);
		}
	}
	free(copy);
}

/* A key that stands once. */
static void set_once(struct loader *loader, char **field, const char *key, const char *value) {
	if (*field) {
		mistake(loader, loader->line, "a second `%s`", key);
	} else {
		*field = xstrdup(value);
	}
}

static void set_password(struct loader *loader, const char *value) {
	bool hash = value[0] == '$' && crypt_checksalt(value) == CRYPT_SALT_OK;
	if (!hash && strcmp(value, ACCOUNT_PAM) != 0) {
		mistake(loader, loader->line,
			"password: not what crypt() makes of a password with a modern method; "
			"`mullionctl remote add-user` sets it");
		return;
	}
	set_once(loader, &loader->account->hash, "password", value);
}

static void set_rights(struct loader *loader, const char *value) {
	bool view = strcmp(value, "view") == 0;
	if (loader->has_rights) {
		mistake(loader, loader->line, "a second `rights`");
	} else if (!view && strcmp(value, "control") != 0) {
		mistake(loader, loader->line, "rights = %s: expected view or control", value);
	} else {
		loader->account->view_only = view;
	}
	loader->has_rights = true;
}

static int handle_pair(void *data, const char *section, const char *key, const char *value) {
	struct loader *loader = data;
	loader->expects_key = false;
	if (!loader->account) {
		if (!loader->in_section) {
			mistake(loader, loader->line, "`%s` stands before the first [user]", key);
		}
		return 1;
	}
	if (strcmp(key, "password") == 0) {
		set_password(loader, value);
	} else if (strcmp(key, "targets") == 0) {
		add_targets(loader, value);
	} else if (strcmp(key, "rights") == 0) {
		set_rights(loader, value);
	} else if (strcmp(key, "vnc-password-file") == 0 && value[0] != '/') {
		mistake(loader, loader->line, "%s = %s: expected an absolute path", key, value);
	} else if (strcmp(key, "vnc-password-file") == 0) {
		set_once(loader, &loader->account->vnc_password_file, key, value);
	} else {
		mistake(loader, loader->line,
			"a user has no `%s`; there are password, targets, rights and "
			"vnc-password-file",
			key);
	}
	return 1;
}

struct accounts *accounts_parse(const char *path, const char *text, FILE *errors) {
	struct accounts *accounts = xcalloc(1, sizeof(*accounts));
	struct loader loader = {.path = path, .next = text, .errors = errors, .accounts = accounts};
	ini_parse_stream(read_line, &loader, handle_pair, &loader);
	check_last_line(&loader);
	finish_section(&loader);
	if (loader.mistakes) {
		accounts_destroy(accounts);
		return NULL;
	}
	return accounts;
}

static const char *check_file(const struct stat *st) {
	if (!S_ISREG(st->st_mode)) {
		return "it isn't a file";
	}
	if (st->st_uid != geteuid()) {
		return "it isn't ours";
	}
	if (st->st_mode & 0077) {
		return "others may read or write it (chmod 600 it)";
	}
	return st->st_size > ACCOUNTS_FILE_MAX ? "it is larger than 256 KiB" : NULL;
}

static const char *read_text(int fd, char *text) {
	size_t len = 0;
	ssize_t n;
	while ((n = read(fd, text + len, ACCOUNTS_FILE_MAX + 1 - len)) > 0) {
		len += n;
	}
	if (n < 0) {
		return strerror(errno);
	}
	if (len > ACCOUNTS_FILE_MAX) {
		return "it is larger than 256 KiB";
	}
	return strlen(text) < len ? "it holds a NUL" : NULL;
}

char *accounts_read(const char *path, bool may_miss, FILE *errors) {
	char *text = xcalloc(1, ACCOUNTS_FILE_MAX + 2);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT && may_miss) {
		return text;
	}
	struct stat st;
	const char *wrong = fd < 0 || fstat(fd, &st) < 0 ? strerror(errno) : check_file(&st);
	wrong = wrong ? wrong : read_text(fd, text);
	if (fd >= 0) {
		close(fd);
	}
	if (wrong) {
		fprintf(errors, "%s:0: %s\n", path, wrong);
		free(text);
		return NULL;
	}
	return text;
}
