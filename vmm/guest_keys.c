#include "vmm/guest_loader.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/mem.h"
#include "vmm/text.h"

typedef void (*guest_key_setter)(
	struct guest_loader *loader, const struct guest_key *key, const char *value, void *field);

struct guest_key {
	const char *section, *name;
	guest_key_setter set;
	size_t offset; /* of the field, in the guest_disk for [disk] */
	unsigned int min, max; /* of a number, or bytes of a text */
	const char *choices; /* separated by ' ', in the order of the enum's values */
	bool continues;
};

#define ERROR(...) guest_loader_error(loader, loader->value_line, __VA_ARGS__)

static void set_text(
	struct guest_loader *loader, const struct guest_key *key, const char *value, void *field) {
	size_t len = strlen(value);
	if (len < key->min || len > key->max) {
		ERROR("`%s` is %zu bytes long; %u to %u are allowed", key->name, len, key->min,
			key->max);
		return;
	}
	*(char **)field = xstrdup(value);
}

/* Letters, digits and `others`; the first one a letter or digit. */
static bool is_word(const char *value, const char *others) {
	for (const char *c = value; *c; c++) {
		if (!(isascii(*c) && isalnum(*c)) && (c == value || !strchr(others, *c))) {
			return false;
		}
	}
	return *value;
}

/* What windows are called on the control bus: w1, w2 … */
static bool is_window_id(const char *name) {
	return name[0] == 'w' && name[1] && !name[1 + strspn(name + 1, "0123456789")];
}

static void set_name(
	struct guest_loader *loader, const struct guest_key *key, const char *value, void *field) {
	if (!is_word(value[0] == '_' ? value + 1 : value, "-_.") ||
		strlen(value) > GUEST_NAME_MAX) {
		ERROR("bad name \"%s\": 1 to %d letters, digits, '-', '_' or '.', the first one "
		      "no '-' or '.'",
			value, GUEST_NAME_MAX);
		return;
	}
	if (is_window_id(value)) {
		ERROR("bad name \"%s\": w and a number is what windows are called", value);
		return;
	}
	*(char **)field = xstrdup(value);
}

static void set_arch(
	struct guest_loader *loader, const struct guest_key *key, const char *value, void *field) {
	if (!is_word(value, "_") || strlen(value) > 32) {
		ERROR("bad arch \"%s\": the end of a program's name, as in qemu-system-aarch64",
			value);
		return;
	}
	*(char **)field = xstrdup(value);
}

static void set_keyboard(
	struct guest_loader *loader, const struct guest_key *key, const char *value, void *field) {
	char *layout = xstrdup(value);
	char *open = strchr(layout, '('), *close = strchr(layout, ')');
	bool ok = !open == !close && strlen(value) <= 64;
	if (ok && open) {
		ok = open < close && !close[1];
		*open = *close = '\0';
		ok = ok && is_word(open + 1, "-_");
	}
	ok = ok && is_word(layout, "-_");
	free(layout);
	if (!ok) {
		ERROR("bad keyboard \"%s\": an XKB layout such as us, or de(nodeadkeys)", value);
		return;
	}
	*(char **)field = xstrdup(value);
}

static void set_color(
	struct guest_loader *loader, const struct guest_key *key, const char *value, void *field) {
	static const struct {
		const char *name;
		uint32_t color;
	} named[] = {{"red", 0xcc2b2b}, {"orange", 0xe07b1a}, {"yellow", 0xd8b90f},
		{"green", 0x3a9a3a}, {"cyan", 0x1c9a9a}, {"blue", 0x2f6fd0}, {"purple", 0x8a4bb8},
		{"magenta", 0xc23a8e}, {"gray", 0x808080}, {"black", 0x202020},
		{"white", 0xf0f0f0}};
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		if (strcmp(value, named[i].name) == 0) {
			*(uint32_t *)field = named[i].color;
			return;
		}
	}
	if (value[0] != '#' || strlen(value) != 7 ||
		strspn(value + 1, "0123456789abcdefABCDEF") != 6) {
		ERROR("bad color \"%s\": #rrggbb, or red, orange, yellow, green, cyan, blue, "
		      "purple, magenta, gray, black, white",
			value);
		return;
	}
	*(uint32_t *)field = strtoul(value + 1, NULL, 16);
}

static void set_bool(
	struct guest_loader *loader, const struct guest_key *key, const char *value, void *field) {
	static const char *const words[] = {"no", "yes", "off", "on", "false", "true"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(value, words[i]) == 0) {
			*(bool *)field = i % 2;
			return;
		}
	}
	ERROR("`%s` is yes or no, not \"%s\"", key->name, value);
}

/* A decimal number and what follows it; false if there is none or it is huge. */
static bool parse_number(const char *value, unsigned long *number, const char **rest) {
	char *end;
	errno = 0;
	*number = strtoul(value, &end, 10);
	*rest = end;
	return isdigit((unsigned char)value[0]) && errno == 0 && *number <= UINT_MAX;
}

static void set_number(
	struct guest_loader *loader, const struct guest_key *key, const char *value, void *field) {
	unsigned long number;
	const char *rest;
	if (!parse_number(value, &number, &rest) || *rest || number < key->min ||
		number > key->max) {
		ERROR("`%s` is a number from %u to %u, not \"%s\"", key->name, key->min, key->max,
			value);
		return;
	}
	*(unsigned int *)field = number;
}

static void set_memory(
	struct guest_loader *loader, const struct guest_key *key, const char *value, void *field) {
	unsigned long number;
	const char *rest;
	bool ok = parse_number(value, &number, &rest);
	if (ok && *rest && strchr("MmGg", *rest) && !rest[1]) {
		number *= strchr("Gg", *rest) ? 1024 : 1;
		rest++;
	}
	if (!ok || *rest || number < key->min || number > key->max) {
		ERROR("`memory` is a number of MiB from %u to %u, or with M or G, not \"%s\"",
			key->min, key->max, value);
		return;
	}
	*(unsigned int *)field = number;
}

/* The position of `value` in the list, -1 if it isn't there. */
static int find_choice(const char *choices, const char *value) {
	size_t len = strlen(value);
	int index = 0;
	for (const char *c = choices; *c; index++) {
		size_t size = strcspn(c, " ");
		if (size == len && memcmp(c, value, len) == 0) {
			return index;
		}
		c += size + (c[size] == ' ');
	}
	return -1;
}

static void report_choice(
	struct guest_loader *loader, const struct guest_key *key, const char *value) {
	char *list = xstrdup("");
	for (const char *c = key->choices; *c;) {
		size_t size = strcspn(c, " ");
		char *longer = xasprintf("%s%s%.*s", list, *list ? ", " : "", (int)size, c);
		free(list);
		list = longer;
		c += size + (c[size] == ' ');
	}
	ERROR("`%s` can't be \"%s\"; it is one of %s", key->name, value, list);
	free(list);
}

static void set_choice(
	struct guest_loader *loader, const struct guest_key *key, const char *value, void *field) {
	int index = find_choice(key->choices, value);
	if (index < 0) {
		report_choice(loader, key, value);
		return;
	}
	*(unsigned int *)field = index;
}

static void set_word_choice(
	struct guest_loader *loader, const struct guest_key *key, const char *value, void *field) {
	if (find_choice(key->choices, value) < 0) {
		report_choice(loader, key, value);
		return;
	}
	*(char **)field = xstrdup(value);
}

static char *expand_path(struct guest_loader *loader, const char *value) {
	if (value[0] == '/') {
		return xstrdup(value);
	}
	const char *home = getenv("HOME");
	if (value[0] == '~' && value[1] == '/' && home && home[0] == '/') {
		return xasprintf("%s%s", home, value + 1);
	}
	return xasprintf("%s/%s", loader->folder, value);
}

static void set_path(
	struct guest_loader *loader, const struct guest_key *key, const char *value, void *field) {
	if (!*value) {
		ERROR("`%s` is empty", key->name);
		return;
	}
	char *path = expand_path(loader, value);
	struct stat st;
	if (stat(path, &st) < 0) {
		ERROR("`%s`: %s: %s", key->name, path, strerror(errno));
	} else if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)) {
		ERROR("`%s`: %s is neither a file nor a block device", key->name, path);
	} else if (access(path, R_OK) < 0) {
		ERROR("`%s`: can't read %s: %s", key->name, path, strerror(errno));
	} else {
		*(char **)field = path;
		return;
	}
	free(path);
}

static void set_program(
	struct guest_loader *loader, const struct guest_key *key, const char *value, void *field) {
	if (!strchr(value, '/')) { /* found in PATH at the start */
		set_text(loader, key, value, field);
		return;
	}
	char *path = expand_path(loader, value);
	if (access(path, X_OK) < 0) {
		ERROR("`%s`: can't run %s: %s", key->name, path, strerror(errno));
		free(path);
		return;
	}
	*(char **)field = path;
}

static void set_words(
	struct guest_loader *loader, const struct guest_key *key, const char *value, void *field) {
	const char *error = NULL;
	char **words = words_split(value, &error);
	if (!words) {
		ERROR("`%s`: %s", key->name, error);
		return;
	}
	*(char ***)field = words;
}

#define AT(member) offsetof(struct guest_config, member)
#define DISK(member) offsetof(struct guest_disk, member)

static const struct guest_key keys[] = {
	{"guest", "name", set_name, AT(name)},
	{"guest", "title", set_text, AT(title), 1, 64},
	{"guest", "label", set_color, AT(label_color)},
	{"guest", "keyboard", set_keyboard, AT(keyboard)},
	{"guest", "autostart", set_bool, AT(autostart)},
	{"guest", "sound", set_choice, AT(sound), .choices = "no yes capture"},
	{"guest", "clipboard", set_choice, AT(clipboard), .choices = "no paste copy both"},
	{"machine", "arch", set_arch, AT(arch)},
	{"machine", "qemu", set_program, AT(qemu), 1, 255},
	{"machine", "machine", set_text, AT(machine), 1, 150},
	{"machine", "cpu", set_text, AT(cpu), 1, 150},
	{"machine", "accel", set_choice, AT(accel), .choices = "auto kvm tcg"},
	{"machine", "memory", set_memory, AT(memory), 16, 1024 * 1024},
	{"machine", "cpus", set_number, AT(cpus), 1, 64},
	{"machine", "firmware", set_choice, AT(firmware), .choices = "bios uefi none"},
	{"disk", "path", set_path, DISK(path)},
	{"disk", "format", set_word_choice, DISK(format),
		.choices = "qcow2 raw vmdk vdi vhdx vpc qed"},
	{"disk", "readonly", set_bool, DISK(read_only)},
	{"boot", "cdrom", set_path, AT(cdrom)},
	{"boot", "kernel", set_path, AT(kernel)},
	{"boot", "initrd", set_path, AT(initrd)},
	{"boot", "append", set_text, AT(append), 0, 2000, .continues = true},
	{"network", "mode", set_choice, AT(network), .choices = "none user restricted"},
	{"display", "device", set_word_choice, AT(display),
		.choices = "virtio-vga virtio-gpu virtio-vga-gl virtio-gpu-gl VGA bochs-display "
			   "cirrus-vga qxl-vga vmware-svga ramfb none"},
	{"display", "heads", set_number, AT(heads), 1, GUEST_HEADS_MAX},
	{"display", "width", set_number, AT(width), 64, 16384},
	{"display", "height", set_number, AT(height), 64, 16384},
	{"input", "tablet", set_bool, AT(tablet)},
	{"qemu", "extra", set_words, AT(extra), .continues = true},
};
#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))
_Static_assert(KEY_COUNT <= GUEST_KEYS_MAX, "the loader has room for all keys");

bool guest_section_is_known(const char *section) {
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (strcmp(keys[i].section, section) == 0) {
			return true;
		}
	}
	return false;
}

const char *guest_section_names(void) {
	return "[guest], [machine], [disk NAME], [boot], [network], [display], [input], [qemu]";
}

const struct guest_key *guest_key_find(const char *section, const char *name) {
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].name, name) == 0) {
			return &keys[i];
		}
	}
	return NULL;
}

char *guest_key_names(const char *section) {
	char *list = xstrdup("");
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (strcmp(keys[i].section, section) == 0) {
			char *longer = xasprintf("%s%s%s", list, *list ? ", " : "", keys[i].name);
			free(list);
			list = longer;
		}
	}
	return list;
}

const char *guest_key_name(const struct guest_key *key) {
	return key->name;
}

unsigned int *guest_key_seen(struct guest_loader *loader, const struct guest_key *key) {
	return &loader->seen[key - keys];
}

bool guest_key_continues(const struct guest_key *key) {
	return key->continues;
}

void guest_key_set(struct guest_loader *loader, const struct guest_key *key, const char *value) {
	struct guest_config *config = loader->config;
	char *base = (char *)config;
	if (strcmp(key->section, "disk") == 0) {
		base = (char *)&config->disks[config->disk_count - 1];
	}
	key->set(loader, key, value, base + key->offset);
}

unsigned int guest_key_line(struct guest_loader *loader, const char *section, const char *name) {
	const struct guest_key *key = guest_key_find(section, name);
	unsigned int line = key ? *guest_key_seen(loader, key) : 0;
	return line > 0 ? line : 1;
}

void guest_keys_forget(struct guest_loader *loader, const char *section) {
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (strcmp(keys[i].section, section) == 0) {
			loader->seen[i] = 0;
		}
	}
}
