#include "vmm/guest_config.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/mem.h"
#include "vmm/guest_loader.h"
#include "vmm/text.h"

void guest_loader_error(struct guest_loader *loader, unsigned int line, const char *format, ...) {
	fprintf(loader->errors, "%s:", loader->path);
	if (line > 0) {
		fprintf(loader->errors, "%u:", line);
	}
	fputc(' ', loader->errors);
	va_list args;
	va_start(args, format);
	vfprintf(loader->errors, format, args);
	va_end(args);
	fputc('\n', loader->errors);
	loader->error_count++;
}

/* Gives the collected value to its key. */
static void finish_value(struct guest_loader *loader) {
	if (loader->key) {
		guest_key_set(loader, loader->key, loader->value);
	}
	free(loader->value);
	loader->value = NULL;
	loader->key = NULL;
}

static void finish_section(struct guest_loader *loader) {
	finish_value(loader);
	loader->after_key = false;
	if (loader->section_known && strcmp(loader->section, "disk") == 0) {
		guest_check_disk(loader);
	}
}

static void begin_disk(struct guest_loader *loader, const char *name) {
	struct guest_config *config = loader->config;
	for (unsigned int i = 0; i < config->disk_count; i++) {
		if (strcmp(loader->disk_names[i], name) == 0) {
			guest_loader_error(loader, loader->line,
				"a second [disk%s%s] (the first is in line %u): give each disk a "
				"name of its own, [disk NAME]",
				*name ? " " : "", name, loader->disk_lines[i]);
			loader->section_known = false;
			return;
		}
	}
	if (config->disk_count == GUEST_DISKS_MAX) {
		guest_loader_error(loader, loader->line, "more than %d disks", GUEST_DISKS_MAX);
		loader->section_known = false;
		return;
	}
	loader->disk_names[config->disk_count] = xstrdup(name);
	loader->disk_lines[config->disk_count++] = loader->line;
	guest_keys_forget(loader, "disk");
}

/* `text` is what stands between the brackets. */
static void begin_section(struct guest_loader *loader, char *text) {
	finish_section(loader);
	char *name = text + strspn(text, " \t");
	size_t len = strlen(name);
	while (len > 0 && strchr(" \t", name[len - 1])) {
		name[--len] = '\0';
	}
	char *space = strpbrk(name, " \t");
	bool is_disk = strncmp(name, "disk", 4) == 0 && (!name[4] || space == name + 4);
	if (is_disk) {
		const char *own = name + 4 + strspn(name + 4, " \t");
		snprintf(loader->section, sizeof(loader->section), "disk");
		loader->section_known = true;
		begin_disk(loader, own);
		return;
	}
	loader->section_known = guest_section_is_known(name);
	if (!loader->section_known) {
		guest_loader_error(loader, loader->line, "unknown section [%s]; there are %s", name,
			guest_section_names());
	}
	snprintf(loader->section, sizeof(loader->section), "%s", name);
}

/* Looks at a line before inih does. False if inih shall not see it. */
static bool look_at_line(struct guest_loader *loader, const char *line) {
	const char *start = line + strspn(line, " \t\r");
	loader->continues = start > line && loader->after_key;
	if (!*start || *start == ';' || *start == '#') {
		return false;
	}
	if (*start == '[' && !loader->continues) {
		const char *close = strchr(start, ']');
		if (!close) {
			guest_loader_error(loader, loader->line, "the section's ']' is missing");
			return false;
		}
		char *name = strndup(start + 1, close - start - 1);
		if (name) {
			begin_section(loader, name);
		}
		free(name);
		return true;
	}
	loader->expects_key = true;
	return true;
}

static void check_last_line(struct guest_loader *loader) {
	if (loader->expects_key) {
		guest_loader_error(loader, loader->line,
			"neither `key = value` nor a [section]; a comment begins with # or ;");
		loader->expects_key = false;
	}
}

/* inih's reader: gives one line a call, an empty one in place of a line that is wrong. */
static char *read_line(char *buffer, int size, void *stream) {
	struct guest_loader *loader = stream;
	check_last_line(loader);
	if (loader->next == loader->end || size < 3) {
		return NULL;
	}
	const char *newline = memchr(loader->next, '\n', loader->end - loader->next);
	size_t len = (newline ? newline : loader->end) - loader->next;
	const char *line = loader->next;
	loader->next += len + (newline != NULL);
	loader->line++;
	if (len > 0 && line[len - 1] == '\r') {
		len--;
	}
	snprintf(buffer, size, "\n");
	if (len > (size_t)size - 2) {
		guest_loader_error(loader, loader->line,
			"a line of %zu bytes, %d at most; continue a long `append` or `extra` on "
			"the next line, indented",
			len, size - 2);
	} else if (!text_is_clean(line, len)) {
		guest_loader_error(
			loader, loader->line, "control characters, or text that isn't UTF-8");
	} else {
		memcpy(buffer, line, len);
		buffer[len] = '\0';
		bool wanted = look_at_line(loader, buffer);
		snprintf(buffer + (wanted ? len : 0), size - (wanted ? len : 0), "\n");
	}
	return buffer;
}

static void continue_value(struct guest_loader *loader, const char *value) {
	if (!loader->key) {
		return; /* that key was wrong already */
	}
	if (!guest_key_continues(loader->key)) {
		guest_loader_error(loader, loader->line,
			"an indented line continues the value above, which `%s` doesn't take; "
			"remove the blanks before it",
			guest_key_name(loader->key));
		return;
	}
	loader->value = text_append(loader->value, value);
	if (strlen(loader->value) > GUEST_VALUE_MAX) {
		guest_loader_error(loader, loader->line, "`%s` is longer than %d bytes",
			guest_key_name(loader->key), GUEST_VALUE_MAX);
		loader->key = NULL;
	}
}

static void begin_value(struct guest_loader *loader, const char *name, const char *value) {
	loader->key = guest_key_find(loader->section, name);
	if (!loader->key) {
		char *names = guest_key_names(loader->section);
		guest_loader_error(loader, loader->line, "[%s] has no `%s`; it has %s",
			loader->section, name, names);
		free(names);
		return;
	}
	unsigned int *seen = guest_key_seen(loader, loader->key);
	if (*seen) {
		guest_loader_error(loader, loader->line, "a second `%s` (the first is in line %u)",
			name, *seen);
		loader->key = NULL;
		return;
	}
	*seen = loader->line;
	loader->value_line = loader->line;
	loader->value = xstrdup(value);
}

static int handle_pair(void *data, const char *section, const char *name, const char *value) {
	struct guest_loader *loader = data;
	loader->expects_key = false;
	if (!loader->section[0]) {
		guest_loader_error(
			loader, loader->line, "`%s` stands before the first [section]", name);
		return 1;
	}
	if (!loader->section_known) {
		return 1; /* said at its beginning */
	}
	if (loader->continues) {
		continue_value(loader, value);
		return 1;
	}
	finish_value(loader);
	loader->after_key = true;
	begin_value(loader, name, value);
	return 1;
}

/* The whole file, allocated; NULL after an error. */
static char *read_file(struct guest_loader *loader, size_t *len) {
	int fd = open(loader->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0) {
		guest_loader_error(
			loader, 0, "%s", errno == ENOENT ? "no such file" : strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		guest_loader_error(loader, 0, "not a file");
	} else {
		char *text = xcalloc(1, GUEST_FILE_MAX + 1);
		ssize_t n = 0;
		for (*len = 0; *len <= GUEST_FILE_MAX; *len += n) {
			n = read(fd, text + *len, GUEST_FILE_MAX + 1 - *len);
			if (n <= 0) {
				break;
			}
		}
		close(fd);
		if (n == 0 && *len <= GUEST_FILE_MAX) {
			return text;
		}
		guest_loader_error(
			loader, 0, n < 0 ? "can't read it" : "larger than 64 KiB: no guest file");
		free(text);
		return NULL;
	}
	if (fd >= 0) {
		close(fd);
	}
	return NULL;
}

static void parse(struct guest_loader *loader) {
	size_t len;
	char *text = read_file(loader, &len);
	if (!text) {
		return;
	}
	loader->next = text;
	loader->end = text + len;
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		loader->next += 3;
	}
	ini_parse_stream(read_line, loader, handle_pair, loader);
	check_last_line(loader);
	finish_section(loader);
	guest_check(loader);
	free(text);
}

static char *absolute_path(const char *path) {
	char *real = realpath(path, NULL);
	return real ? real : xstrdup(path);
}

struct guest_config *guest_config_load(const char *path, FILE *errors) {
	struct guest_loader loader = {
		.path = path,
		.errors = errors,
		.config = xcalloc(1, sizeof(struct guest_config)),
	};
	loader.config->path = absolute_path(path);
	char *copy = xstrdup(loader.config->path);
	loader.folder = xstrdup(dirname(copy));
	free(copy);
	parse(&loader);
	for (unsigned int i = 0; i < GUEST_DISKS_MAX; i++) {
		free(loader.disk_names[i]);
	}
	free(loader.value);
	free(loader.folder);
	if (loader.error_count > 0) {
		guest_config_destroy(loader.config);
		return NULL;
	}
	return loader.config;
}

void guest_config_destroy(struct guest_config *config) {
	if (!config) {
		return;
	}
	for (unsigned int i = 0; i < config->disk_count; i++) {
		free(config->disks[i].path);
		free(config->disks[i].format);
	}
	char *texts[] = {config->path, config->name, config->title, config->arch, config->qemu,
		config->machine, config->cpu, config->cdrom, config->kernel, config->initrd,
		config->append, config->display, config->keyboard};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		free(texts[i]);
	}
	words_destroy(config->extra);
	free(config);
}
