#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "util/mem.h"
#include "vmm/guest_loader.h"

#define DEFAULT_MEMORY 1024 // MiB

static const char *format_by_name(const char *path) {
	static const char *const endings[][2] = {{".qcow2", "qcow2"}, {".img", "raw"},
		{".raw", "raw"}, {".iso", "raw"}, {".vmdk", "vmdk"}, {".vdi", "vdi"},
		{".vhdx", "vhdx"}};
	size_t len = strlen(path);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t ending = strlen(endings[i][0]);
		if (len > ending && strcmp(path + len - ending, endings[i][0]) == 0) {
			return endings[i][1];
		}
	}
	return strncmp(path, "/dev/", 5) == 0 ? "raw" : NULL;
}

void guest_check_disk(struct guest_loader *loader) {
	struct guest_config *config = loader->config;
	struct guest_disk *disk = &config->disks[config->disk_count - 1];
	unsigned int line = loader->disk_lines[config->disk_count - 1];
	if (!disk->path) {
		if (!*guest_key_seen(loader, guest_key_find("disk", "path"))) {
			guest_loader_error(loader, line, "this [disk] has no `path`");
		}
		return;
	}
	line = guest_key_line(loader, "disk", "path");
	if (!disk->read_only && access(disk->path, W_OK) < 0) {
		guest_loader_error(loader, line,
			"`path`: can't write %s; make it writable or say `readonly = yes`",
			disk->path);
	}
	if (disk->format || *guest_key_seen(loader, guest_key_find("disk", "format"))) {
		return;
	}
	const char *format = format_by_name(disk->path);
	if (!format) {
		guest_loader_error(loader, line,
			"the name doesn't tell the disk's format; say `format = qcow2` or "
			"`format = raw`");
		return;
	}
	disk->format = xstrdup(format);
}

static bool is_x86(const struct guest_config *config) {
	return strcmp(config->arch, "x86_64") == 0 || strcmp(config->arch, "i386") == 0;
}

static void check_firmware(struct guest_loader *loader) {
	struct guest_config *config = loader->config;
	bool aarch64 = strcmp(config->arch, "aarch64") == 0;
	bool has_uefi = aarch64 || strcmp(config->arch, "x86_64") == 0;
	if (!*guest_key_seen(loader, guest_key_find("machine", "firmware"))) {
		config->firmware = is_x86(config) ? GUEST_FIRMWARE_BIOS
			: aarch64                 ? GUEST_FIRMWARE_UEFI
						  : GUEST_FIRMWARE_NONE;
		return;
	}
	unsigned int line = guest_key_line(loader, "machine", "firmware");
	if (config->firmware == GUEST_FIRMWARE_BIOS && !is_x86(config)) {
		guest_loader_error(loader, line,
			"%s machines have no BIOS; `firmware` is uefi or none here", config->arch);
	} else if (config->firmware == GUEST_FIRMWARE_UEFI && !has_uefi) {
		guest_loader_error(loader, line,
			"UEFI is known for x86_64 and aarch64 only; for %s give it by `extra`",
			config->arch);
	}
}

static void check_boot(struct guest_loader *loader) {
	static const char *const names[] = {"initrd", "append"};
	if (*guest_key_seen(loader, guest_key_find("boot", "kernel"))) {
		return;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		unsigned int line = *guest_key_seen(loader, guest_key_find("boot", names[i]));
		if (line > 0) {
			guest_loader_error(loader, line, "`%s` needs a `kernel`", names[i]);
		}
	}
}

static void check_display(struct guest_loader *loader) {
	struct guest_config *config = loader->config;
	if (!config->display) {
		config->display = xstrdup(is_x86(config) ? "virtio-vga" : "virtio-gpu");
	}
	bool many = strncmp(config->display, "virtio", 6) == 0 ||
		strcmp(config->display, "qxl-vga") == 0;
	if (config->heads > 1 && !many) {
		guest_loader_error(loader, guest_key_line(loader, "display", "heads"),
			"%s has one head; several need virtio-vga, virtio-gpu or qxl-vga",
			config->display);
	}
	bool has_width = *guest_key_seen(loader, guest_key_find("display", "width"));
	bool has_height = *guest_key_seen(loader, guest_key_find("display", "height"));
	if (has_width != has_height) {
		guest_loader_error(loader,
			guest_key_line(loader, "display", has_width ? "width" : "height"),
			"`width` and `height` belong together");
	}
}

/* Whether the devices for sound and clipboard are known to fit: those of PCI. */
static bool has_pci(const struct guest_config *config) {
	static const char *const machines[] = {"q35", "pc", "virt"};
	bool known = is_x86(config) || strcmp(config->arch, "aarch64") == 0;
	if (!known || !config->machine) {
		return known;
	}
	size_t len = strcspn(config->machine, ",-");
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		if (strlen(machines[i]) == len && strncmp(config->machine, machines[i], len) == 0) {
			return true;
		}
	}
	return false;
}

static void check_extras(struct guest_loader *loader) {
	struct guest_config *config = loader->config;
	unsigned int *sound = guest_key_seen(loader, guest_key_find("guest", "sound"));
	unsigned int *clipboard = guest_key_seen(loader, guest_key_find("guest", "clipboard"));
	bool fits = has_pci(config);
	if (!*sound) {
		config->sound = fits ? GUEST_SOUND_YES : GUEST_SOUND_NO;
	}
	if (!*clipboard) {
		config->clipboard = fits ? GUEST_CLIPBOARD_BOTH : GUEST_CLIPBOARD_NO;
	}
	if (!fits && config->sound != GUEST_SOUND_NO) {
		guest_loader_error(loader, *sound,
			"`sound` is known for q35, pc and virt machines of x86 and aarch64 only; "
			"elsewhere give a device by `extra`");
	}
	if (!fits && config->clipboard != GUEST_CLIPBOARD_NO) {
		guest_loader_error(loader, *clipboard,
			"`clipboard` is known for q35, pc and virt machines of x86 and aarch64 "
			"only");
	}
}

static char *host_arch(void) {
	struct utsname host;
	return xstrdup(uname(&host) == 0 ? host.machine : "x86_64");
}

/* A colour of its own for each name, of those that can be told apart. */
static uint32_t color_of_name(const char *name) {
	static const uint32_t colors[] = {
		0x2f6fd0, 0x3a9a3a, 0xe07b1a, 0x8a4bb8, 0x1c9a9a, 0xc23a8e, 0xd8b90f, 0xcc2b2b};
	uint32_t hash = 2166136261u;
	for (const char *c = name; *c; c++) {
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	}
	return colors[(hash ^ hash >> 16) % (sizeof(colors) / sizeof(colors[0]))];
}

static void set_default(char **field, const char *value) {
	if (!*field) {
		*field = xstrdup(value);
	}
}

static bool is_missing(struct guest_loader *loader, const char *section, const char *name) {
	return !*guest_key_seen(loader, guest_key_find(section, name));
}

void guest_check(struct guest_loader *loader) {
	struct guest_config *config = loader->config;
	if (is_missing(loader, "guest", "name")) {
		guest_loader_error(loader, 1, "[guest] has no `name`; every guest needs one");
	}
	if (!config->arch) {
		config->arch = host_arch();
	}
	check_firmware(loader);
	check_boot(loader);
	check_display(loader);
	check_extras(loader);
	if (loader->error_count > 0) {
		return;
	}
	set_default(&config->title, config->name);
	set_default(&config->keyboard, "us");
	config->memory = config->memory ? config->memory : DEFAULT_MEMORY;
	config->cpus = config->cpus ? config->cpus : 1;
	config->heads = config->heads ? config->heads : 1;
	config->label_color = is_missing(loader, "guest", "label") ? color_of_name(config->name)
								   : config->label_color;
	config->tablet = is_missing(loader, "input", "tablet") ? true : config->tablet;
	config->network =
		is_missing(loader, "network", "mode") ? GUEST_NETWORK_USER : config->network;
}
