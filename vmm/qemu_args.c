#include "vmm/qemu_args.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

struct args {
	char **list;
	size_t count;
};

static void add(struct args *args, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct args *args, const char *format, ...) {
	char *text = NULL;
	va_list list;
	va_start(list, format);
	if (vasprintf(&text, format, list) < 0) {
		abort();
	}
	va_end(list);
	args->list = xreallocarray(args->list, args->count + 2, sizeof(*args->list));
	args->list[args->count++] = text;
	args->list[args->count] = NULL;
}

/* An option and its value. */
#define ADD(args, option, ...) (add(args, "%s", option), add(args, __VA_ARGS__))

/* QEMU splits options at commas; one in a path is written twice. */
static char *escape(const char *path) {
	char *escaped = xcalloc(2, strlen(path) + 1);
	char *out = escaped;
	for (const char *c = path; *c; c++) {
		*out++ = *c;
		if (*c == ',') {
			*out++ = ',';
		}
	}
	return escaped;
}

void qemu_uuid(const char *name, char uuid[QEMU_UUID_SIZE]) {
	/* FNV-1a of 128 bits, marked as version 8: made in a way of our own. */
	const unsigned __int128 prime = ((unsigned __int128)1 << 88) + 0x13b;
	unsigned __int128 hash =
		((unsigned __int128)0x6c62272e07bb0142ull << 64) | 0x62b821756295c58dull;
	for (const char *c = name; *c; c++) {
		hash = (hash ^ (unsigned char)*c) * prime;
	}
	unsigned long long high = hash >> 64, low = hash;
	high = (high & ~0xf000ull) | 0x8000;
	low = (low & ~(3ull << 62)) | 2ull << 62;
	snprintf(uuid, QEMU_UUID_SIZE, "%08llx-%04llx-%04llx-%04llx-%012llx", high >> 32,
		high >> 16 & 0xffff, high & 0xffff, low >> 48, low & 0xffffffffffffull);
}

static bool is_x86(const struct guest_config *config) {
	return strcmp(config->arch, "x86_64") == 0 || strcmp(config->arch, "i386") == 0;
}

static bool is_arch(const struct guest_config *config, const char *arch) {
	return strcmp(config->arch, arch) == 0;
}

static const char *default_machine(const struct guest_config *config) {
	if (is_x86(config)) {
		return "q35,vmport=off";
	}
	if (is_arch(config, "aarch64")) {
		return "virt,gic-version=max";
	}
	return is_arch(config, "arm") || strncmp(config->arch, "riscv", 5) == 0 ||
			is_arch(config, "loongarch64")
		? "virt"
		: NULL;
}

static const char *default_cpu(const struct guest_config *config, bool kvm) {
	if (kvm) {
		return "host";
	}
	if (is_arch(config, "aarch64")) {
		return "max,pauth-impdef=on"; /* else pointer signing takes most of the time */
	}
	return is_x86(config) ? "max" : NULL;
}

static void add_machine(
	struct args *args, const struct guest_config *config, const struct qemu_start *start) {
	const char *machine = config->machine ? config->machine : default_machine(config);
	if (machine) {
		ADD(args, "-machine", "%s", machine);
	}
	bool threads = is_x86(config) || is_arch(config, "aarch64");
	ADD(args, "-accel", "%s",
		start->kvm        ? "kvm"
			: threads ? "tcg,thread=multi,tb-size=256"
				  : "tcg,tb-size=256");
	const char *cpu = config->cpu ? config->cpu : default_cpu(config, start->kvm);
	if (cpu) {
		ADD(args, "-cpu", "%s", cpu);
	}
	ADD(args, "-smp", "%u", config->cpus);
	ADD(args, "-m", "%u", config->memory);
	ADD(args, "-rtc", "base=utc");
	ADD(args, "-boot", "menu=off");
	ADD(args, "-action", "panic=pause");
}

static void add_process(
	struct args *args, const struct guest_config *config, const struct qemu_start *start) {
	char uuid[QEMU_UUID_SIZE];
	qemu_uuid(config->name, uuid);
	add(args, "%s", start->program);
	ADD(args, "-name", "%s,debug-threads=on", config->name);
	ADD(args, "-uuid", "%s", uuid);
	add(args, "-nodefaults");
	add(args, "-no-user-config");
	ADD(args, "-sandbox",
		"on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
	ADD(args, "-chardev", "socket,id=qmp,fd=%d,server=on,wait=off", start->qmp_fd);
	ADD(args, "-mon", "chardev=qmp,mode=control");
}

static void add_firmware(struct args *args, const struct qemu_start *start) {
	if (!start->firmware_code) {
		return;
	}
	char *code = escape(start->firmware_code);
	ADD(args, "-drive", "if=pflash,unit=0,format=raw,readonly=on,file=%s", code);
	ADD(args, "-add-fd", "fd=%d,set=1", start->firmware_vars_fd);
	ADD(args, "-drive", "if=pflash,unit=1,format=raw,auto-read-only=off,file=/dev/fdset/1");
	free(code);
}

static bool begins(const char *text, const char *prefix) {
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static void add_display(
	struct args *args, const struct guest_config *config, const struct qemu_start *start) {
	const char *device = config->display;
	size_t len = strlen(device);
	bool gl = len > 3 && strcmp(device + len - 3, "-gl") == 0;
	ADD(args, "-display", "dbus,p2p=yes%s%s", gl ? ",gl=on" : "",
		config->sound != GUEST_SOUND_NO ? ",audiodev=sound0" : "");
	if (strcmp(device, "none") == 0) {
		return;
	}
	bool virtio = begins(device, "virtio");
	unsigned int width = config->width ? config->width : start->width;
	unsigned int height = config->height ? config->height : start->height;
	char size[64] = "", heads[32] = "";
	bool sized = virtio || !strcmp(device, "VGA") || !strcmp(device, "bochs-display");
	if (sized && width > 0 && height > 0) {
		snprintf(size, sizeof(size), ",xres=%u,yres=%u", width, height);
	}
	if (virtio || strcmp(device, "qxl-vga") == 0) {
		snprintf(heads, sizeof(heads), ",max_outputs=%u", config->heads);
	}
	ADD(args, "-device", "%s,id=video0%s%s%s", device,
		strcmp(device, "VGA") == 0 ? ",vgamem_mb=32" : "", heads, size);
}

static void add_input(struct args *args, const struct guest_config *config) {
	bool ps2 = is_x86(config);
	if (is_arch(config, "s390x")) { /* no USB there */
		ADD(args, "-device", "virtio-keyboard");
		ADD(args, "-device", config->tablet ? "virtio-tablet" : "virtio-mouse");
		return;
	}
	if (ps2 && !config->tablet) {
		return;
	}
	ADD(args, "-device", "qemu-xhci,id=usb0");
	if (!ps2) {
		ADD(args, "-device", "usb-kbd,bus=usb0.0");
	}
	ADD(args, "-device", "%s,bus=usb0.0", config->tablet ? "usb-tablet" : "usb-mouse");
}

static void add_network(struct args *args, const struct guest_config *config) {
	ADD(args, "-object", "rng-builtin,id=rng0");
	ADD(args, "-device", "virtio-rng,rng=rng0");
	if (config->network == GUEST_NETWORK_NONE) {
		return;
	}
	ADD(args, "-netdev", "user,id=net0%s",
		config->network == GUEST_NETWORK_RESTRICTED ? ",restrict=on" : "");
	/* No boot ROM: it would cost a second of every start. */
	ADD(args, "-device", "virtio-net,netdev=net0%s",
		is_arch(config, "s390x") ? "" : ",romfile=");
}

static void add_disks(struct args *args, const struct guest_config *config) {
	for (unsigned int i = 0; i < config->disk_count; i++) {
		const struct guest_disk *disk = &config->disks[i];
		char *path = escape(disk->path);
		ADD(args, "-drive", "if=none,id=disk%u,format=%s,discard=unmap%s,file=%s", i,
			disk->format, disk->read_only ? ",readonly=on" : "", path);
		ADD(args, "-device", "virtio-blk,drive=disk%u,bootindex=%u", i, i + 1);
		free(path);
	}
	if (!config->cdrom) {
		return;
	}
	char *path = escape(config->cdrom);
	ADD(args, "-drive", "if=none,id=cdrom0,media=cdrom,format=raw,readonly=on,file=%s", path);
	if (!is_x86(config)) {
		ADD(args, "-device", "virtio-scsi,id=scsi0");
	}
	ADD(args, "-device", "%s,drive=cdrom0,bootindex=%u", is_x86(config) ? "ide-cd" : "scsi-cd",
		config->disk_count + 1);
	free(path);
}

/* All guests sound alike: QEMU converts to the one format, so that mixing needs no resampling. */
static void add_sound(struct args *args, const struct guest_config *config) {
	if (config->sound == GUEST_SOUND_NO) {
		return;
	}
	ADD(args, "-audiodev",
		"dbus,id=sound0,out.frequency=48000,out.channels=2,out.format=s16,"
		"in.frequency=48000,in.channels=2,in.format=s16");
	ADD(args, "-device", "ich9-intel-hda,id=hda0");
	ADD(args, "-device", "hda-%s,bus=hda0.0,audiodev=sound0",
		config->sound == GUEST_SOUND_CAPTURE ? "duplex" : "output");
}

/* The port of spice-vdagent, which many systems run already. */
static void add_clipboard(struct args *args, const struct guest_config *config) {
	if (config->clipboard == GUEST_CLIPBOARD_NO) {
		return;
	}
	ADD(args, "-chardev", "qemu-vdagent,id=agent0,name=vdagent,mouse=off,clipboard=on");
	ADD(args, "-device", "virtio-serial,id=serial0");
	ADD(args, "-device", "virtserialport,bus=serial0.0,chardev=agent0,name=com.redhat.spice.0");
}

static void add_kernel(struct args *args, const struct guest_config *config) {
	const char *const options[][2] = {{"-kernel", config->kernel}, {"-initrd", config->initrd},
		{"-append", config->append}};
	for (size_t i = 0; config->kernel && i < 3; i++) {
		if (options[i][1]) {
			ADD(args, options[i][0], "%s", options[i][1]);
		}
	}
}

char **qemu_args_create(const struct guest_config *config, const struct qemu_start *start) {
	struct args args = {0};
	add_process(&args, config, start);
	add_machine(&args, config, start);
	add_firmware(&args, start);
	add_display(&args, config, start);
	add_input(&args, config);
	add_network(&args, config);
	add_disks(&args, config);
	add_sound(&args, config);
	add_clipboard(&args, config);
	add_kernel(&args, config);
	for (size_t i = 0; config->extra && config->extra[i]; i++) {
		add(&args, "%s", config->extra[i]);
	}
	return args.list;
}
