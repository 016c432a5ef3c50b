#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/mem.h"
#include "vmm/guest_config.h"

static char folder[64];

static void write_file(const char *name, const char *text) {
	FILE *file = fopen(name, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state) {
	snprintf(folder, sizeof(folder), "/tmp/mullion-config.XXXXXX");
	if (!mkdtemp(folder) || chdir(folder) < 0) {
		return -1;
	}
	write_file("disk.img", "");
	write_file("disk.unknown", "");
	write_file("some.iso", "");
	return mkdir("dir", 0700);
}

static int tear_down(void **state) {
	static const char *const files[] = {
		"disk.img", "disk.unknown", "some.iso", "bad.ini", "good.ini"};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		unlink(files[i]);
	}
	rmdir("dir");
	return chdir("/") < 0 ? -1 : rmdir(folder);
}

/* What the loader writes about this text; *config is what it returns. */
static char *load(const char *text, struct guest_config **config) {
	write_file("bad.ini", text);
	char *messages = NULL;
	size_t size;
	FILE *errors = open_memstream(&messages, &size);
	*config = guest_config_load("bad.ini", errors);
	fclose(errors);
	return messages;
}

#define G "[guest]\nname = a\n"
#define TEN "0123456789"
#define LONG TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct {
	const char *text, *messages; /* each message without "bad.ini:"; @ is the folder */
} bad[] = {
	{"", "1: [guest] has no `name`; every guest needs one\n"},
	{"# nothing\n", "1: [guest] has no `name`; every guest needs one\n"},
	{"name = a\n" G, "1: `name` stands before the first [section]\n"},
	{G "[gest]\nx = 1\n",
		"3: unknown section [gest]; there are [guest], [machine], [disk NAME], [boot], "
		"[network], [display], [input], [qemu]\n"},
	{G "colour = red\n",
		"3: [guest] has no `colour`; it has name, title, label, keyboard, "
		"autostart, sound, clipboard\n"},
	{G "[machine]\nmemory = 256\nmemory = 512\n",
		"5: a second `memory` (the first is in line 4)\n"},
	{G "just words\n",
		"3: neither `key = value` nor a [section]; a comment begins with # or "
		";\n"},
	{G "[machine\nmemory = 1\n",
		"3: the section's ']' is missing\n"
		"4: [guest] has no `memory`; it has name, title, label, keyboard, autostart, "
		"sound, clipboard\n"},
	{"[guest]\nname = -a\n",
		"2: bad name \"-a\": 1 to 32 letters, digits, '-', '_' or '.', "
		"the first one no '-' or '.'\n"},
	{"[guest]\nname = a b\n",
		"2: bad name \"a b\": 1 to 32 letters, digits, '-', '_' or '.', "
		"the first one no '-' or '.'\n"},
	{"[guest]\nname = ../a\n",
		"2: bad name \"../a\": 1 to 32 letters, digits, '-', '_' or "
		"'.', the first one no '-' or '.'\n"},
	{"[guest]\nname = " TEN TEN TEN "123\n",
		"2: bad name \"" TEN TEN TEN "123\": 1 to 32 letters, digits, '-', '_' or '.', the "
		"first one no '-' or '.'\n"},
	{"[guest]\nname =\n",
		"2: bad name \"\": 1 to 32 letters, digits, '-', '_' or '.', the "
		"first one no '-' or '.'\n"},
	{G "title = " TEN TEN TEN TEN TEN TEN TEN "\n",
		"3: `title` is 70 bytes long; 1 to 64 are allowed\n"},
	{G "label = #12345\n",
		"3: bad color \"#12345\": #rrggbb, or red, orange, yellow, green, "
		"cyan, blue, purple, magenta, gray, black, white\n"},
	{G "label = pink\n",
		"3: bad color \"pink\": #rrggbb, or red, orange, yellow, green, cyan, "
		"blue, purple, magenta, gray, black, white\n"},
	{G "keyboard = de(\n",
		"3: bad keyboard \"de(\": an XKB layout such as us, or de(nodeadkeys)\n"},
	{G "keyboard = de)x(\n",
		"3: bad keyboard \"de)x(\": an XKB layout such as us, or de(nodeadkeys)\n"},
	{G "autostart = maybe\n", "3: `autostart` is yes or no, not \"maybe\"\n"},
	{G "sound = loud\n", "3: `sound` can't be \"loud\"; it is one of no, yes, capture\n"},
	{G "clipboard = yes\n",
		"3: `clipboard` can't be \"yes\"; it is one of no, paste, copy, both\n"},
	{G "sound = yes\n[machine]\narch = s390x\n",
		"3: `sound` is known for q35, pc and virt machines of x86 and aarch64 only; "
		"elsewhere give a device by `extra`\n"},
	{G "clipboard = copy\n[machine]\narch = x86_64\nmachine = microvm\n",
		"3: `clipboard` is known for q35, pc and virt machines of x86 and aarch64 only\n"},
	{G "[machine]\nmemory = 8\n",
		"4: `memory` is a number of MiB from 16 to 1048576, or with "
		"M or G, not \"8\"\n"},
	{G "[machine]\nmemory = 2T\n",
		"4: `memory` is a number of MiB from 16 to 1048576, or with "
		"M or G, not \"2T\"\n"},
	{G "[machine]\nmemory = 99999999999999999999\n",
		"4: `memory` is a number of MiB from 16 to 1048576, or with M or G, not "
		"\"99999999999999999999\"\n"},
	{G "[machine]\ncpus = 0\n", "4: `cpus` is a number from 1 to 64, not \"0\"\n"},
	{G "[machine]\ncpus = -1\n", "4: `cpus` is a number from 1 to 64, not \"-1\"\n"},
	{G "[machine]\naccel = xen\n",
		"4: `accel` can't be \"xen\"; it is one of auto, kvm, tcg\n"},
	{G "[machine]\narch = x86-64\n",
		"4: bad arch \"x86-64\": the end of a program's name, as "
		"in qemu-system-aarch64\n"},
	{G "[machine]\narch = aarch64\nfirmware = bios\n",
		"5: aarch64 machines have no BIOS; `firmware` is uefi or none here\n"},
	{G "[machine]\narch = riscv64\nfirmware = uefi\n",
		"5: UEFI is known for x86_64 and aarch64 only; for riscv64 give it by `extra`\n"},
	{G "[machine]\nqemu = ./none\n",
		"4: `qemu`: can't run @/./none: No such file or directory\n"},
	{G "[disk]\n", "3: this [disk] has no `path`\n"},
	{G "[disk]\npath = none.img\n", "4: `path`: @/none.img: No such file or directory\n"},
	{G "[disk]\npath = dir\n", "4: `path`: @/dir is neither a file nor a block device\n"},
	{G "[disk]\npath =\n", "4: `path` is empty\n"},
	{G "[disk]\npath = disk.unknown\n",
		"4: the name doesn't tell the disk's format; say "
		"`format = qcow2` or `format = raw`\n"},
	{G "[disk]\npath = disk.img\nformat = zip\n",
		"5: `format` can't be \"zip\"; it is one of "
		"qcow2, raw, vmdk, vdi, vhdx, vpc, qed\n"},
	{G "[disk x]\npath = disk.img\n[disk x]\npath = disk.img\n",
		"5: a second [disk x] (the first is in line 3): give each disk a name of its own, "
		"[disk NAME]\n"},
	{G "[disk]\npath = disk.img\npath = disk.img\n",
		"5: a second `path` (the first is in line 4)\n"},
	{G "[disk 1]\npath=disk.img\n[disk 2]\npath=disk.img\n[disk 3]\npath=disk.img\n"
	   "[disk 4]\npath=disk.img\n[disk 5]\npath=disk.img\n[disk 6]\npath=disk.img\n"
	   "[disk 7]\npath=disk.img\n[disk 8]\npath=disk.img\n[disk 9]\npath=disk.img\n",
		"19: more than 8 disks\n"},
	{G "[boot]\ninitrd = disk.img\nappend = quiet\n",
		"4: `initrd` needs a `kernel`\n5: `append` needs a `kernel`\n"},
	{G "[boot]\ncdrom = /nonexistent/x.iso\n",
		"4: `cdrom`: /nonexistent/x.iso: No such file or directory\n"},
	{G "[network]\nmode = bridge\n",
		"4: `mode` can't be \"bridge\"; it is one of none, user, restricted\n"},
	{G "[display]\ndevice = ramfb\nheads = 2\n",
		"5: ramfb has one head; several need virtio-vga, virtio-gpu or qxl-vga\n"},
	{G "[display]\nheads = 9\n", "4: `heads` is a number from 1 to 8, not \"9\"\n"},
	{G "[display]\nwidth = 800\n", "4: `width` and `height` belong together\n"},
	{G "[display]\nwidth = 800px\nheight = 20000\n",
		"4: `width` is a number from 64 to 16384, not \"800px\"\n"
		"5: `height` is a number from 64 to 16384, not \"20000\"\n"},
	{G "[input]\ntablet = 1\n", "4: `tablet` is yes or no, not \"1\"\n"},
	{G "[qemu]\nextra = -x 'open\n",
		"4: `extra`: a quote isn't closed, or a backslash stands last\n"},
	{G "[machine]\nmemory = 256\n  cpus = 2\n",
		"5: an indented line continues the value above, which `memory` doesn't take; "
		"remove the blanks before it\n"},
	{G "title = a\x01\n", "3: control characters, or text that isn't UTF-8\n"},
	{G "title = \xff\n", "3: control characters, or text that isn't UTF-8\n"},
	{G "title = \xc2\x9b\n", "3: control characters, or text that isn't UTF-8\n"},
	{G "# " LONG "\n",
		"3: a line of 202 bytes, 198 at most; continue a long `append` or "
		"`extra` on the next line, indented\n"},
	{"[guest]\nname = w12\n",
		"2: bad name \"w12\": w and a number is what windows are called\n"},
	{"[guest]\nname = .\nlabel = x\n[boot]\nkernel = none\n[what]\n",
		"2: bad name \".\": 1 to 32 letters, digits, '-', '_' or '.', the first one no "
		"'-' or '.'\n"
		"3: bad color \"x\": #rrggbb, or red, orange, yellow, green, cyan, blue, purple, "
		"magenta, gray, black, white\n"
		"5: `kernel`: @/none: No such file or directory\n"
		"6: unknown section [what]; there are [guest], [machine], [disk NAME], [boot], "
		"[network], [display], [input], [qemu]\n"},
};

/* "bad.ini:" before each line, the folder for @. */
static char *expand(const char *messages) {
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	for (const char *c = messages; *c; c++) {
		if (c == messages || c[-1] == '\n') {
			fputs("bad.ini:", out);
		}
		if (*c == '@') {
			fputs(folder, out);
		} else {
			fputc(*c, out);
		}
	}
	fclose(out);
	return text;
}

static void test_bad_files(void **state) {
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct guest_config *config;
		char *messages = load(bad[i].text, &config);
		char *expected = expand(bad[i].messages);
		assert_string_equal(messages, expected);
		assert_null(config);
		free(expected);
		free(messages);
	}
}

static void test_file_that_cant_be_read(void **state) {
	static const char *const cases[][2] = {
		{"none.ini", "none.ini: no such file\n"},
		{"dir", "dir: not a file\n"},
		{"big.ini", "big.ini: larger than 64 KiB: no guest file\n"},
	};
	write_file("big.ini", "");
	assert_int_equal(truncate("big.ini", 64 * 1024 + 1), 0);
	for (size_t i = 0; i < 3; i++) {
		char *messages = NULL;
		size_t size;
		FILE *errors = open_memstream(&messages, &size);
		assert_null(guest_config_load(cases[i][0], errors));
		fclose(errors);
		assert_string_equal(messages, cases[i][1]);
		free(messages);
	}
	unlink("big.ini");
}

static struct guest_config *load_good(const char *text) {
	struct guest_config *config;
	char *messages = load(text, &config);
	assert_string_equal(messages, "");
	free(messages);
	assert_non_null(config);
	return config;
}

static void test_defaults(void **state) {
	struct guest_config *config = load_good("[guest]\nname = a.b-c_9\n");
	assert_string_equal(config->name, "a.b-c_9");
	assert_string_equal(config->title, "a.b-c_9");
	assert_string_equal(config->keyboard, "us");
	assert_int_equal(config->memory, 1024);
	assert_int_equal(config->cpus, 1);
	assert_int_equal(config->heads, 1);
	assert_int_equal(config->accel, GUEST_ACCEL_AUTO);
	assert_int_equal(config->network, GUEST_NETWORK_USER);
	assert_true(config->tablet);
	assert_false(config->autostart);
	assert_null(config->machine);
	assert_null(config->extra);
	assert_int_not_equal(config->label_color, 0);
	assert_non_null(config->arch);
	guest_config_destroy(config);
}

static void test_defaults_by_arch(void **state) {
	struct guest_config *config = load_good(G "[machine]\narch = aarch64\n");
	assert_int_equal(config->firmware, GUEST_FIRMWARE_UEFI);
	assert_string_equal(config->display, "virtio-gpu");
	guest_config_destroy(config);
	config = load_good(G "[machine]\narch = x86_64\n");
	assert_int_equal(config->firmware, GUEST_FIRMWARE_BIOS);
	assert_string_equal(config->display, "virtio-vga");
	guest_config_destroy(config);
	config = load_good(G "[machine]\narch = riscv64\n");
	assert_int_equal(config->firmware, GUEST_FIRMWARE_NONE);
	guest_config_destroy(config);
}

static void check_disks(const struct guest_config *config) {
	assert_int_equal(config->disk_count, 2);
	char *path = xasprintf("%s/disk.img", folder);
	assert_string_equal(config->disks[0].path, path);
	assert_string_equal(config->disks[0].format, "raw");
	assert_false(config->disks[0].read_only);
	free(path);
	assert_string_equal(config->disks[1].format, "qcow2");
	assert_true(config->disks[1].read_only);
}

static void test_all_keys(void **state) {
	struct guest_config *config = load_good(
		"\xef\xbb\xbf; a comment, after a byte order mark\r\n"
		"[ guest ]\r\nname = full\r\ntitle = Gr\xc3\xbc\xc3\x9f\x65 ; a remark\r\n"
		"label = #A0b1C2\r\nkeyboard = de(nodeadkeys)\r\nautostart = Yes\r\n"
		"[machine]\narch = x86_64\nqemu = /bin/true\nmachine = pc,hpet=off\ncpu = qemu64\n"
		"accel = kvm\nmemory = 2G\ncpus = 4\nfirmware = uefi\n"
		"[disk]\npath = disk.img\n\n[disk  data]\npath = disk.unknown\nformat = qcow2\n"
		"readonly = on\n"
		"[boot]\ncdrom = some.iso\nkernel = disk.img\ninitrd = disk.img\n"
		"append = root=/dev/vda\n\tquiet\n\t# no word\n\tx=[1]\n"
		"[network]\nmode = restricted\n"
		"[display]\ndevice = virtio-gpu\nheads = 8\nwidth = 800\nheight = 600\n"
		"[input]\ntablet = off\n"
		"[qemu]\nextra = -device 'a b' \\\"c\n  -d \"e \\\" f\"\n");
	assert_string_equal(config->title, "Gr\xc3\xbc\xc3\x9f\x65");
	assert_int_equal(config->label_color, 0xa0b1c2);
	assert_string_equal(config->keyboard, "de(nodeadkeys)");
	assert_true(config->autostart);
	assert_string_equal(config->qemu, "/bin/true");
	assert_string_equal(config->machine, "pc,hpet=off");
	assert_int_equal(config->accel, GUEST_ACCEL_KVM);
	assert_int_equal(config->memory, 2048);
	assert_int_equal(config->cpus, 4);
	assert_int_equal(config->firmware, GUEST_FIRMWARE_UEFI);
	check_disks(config);
	assert_string_equal(config->append, "root=/dev/vda quiet x=[1]");
	assert_int_equal(config->network, GUEST_NETWORK_RESTRICTED);
	assert_int_equal(config->heads, 8);
	assert_int_equal(config->width, 800);
	assert_false(config->tablet);
	static const char *const words[] = {"-device", "a b", "\"c", "-d", "e \" f"};
	for (size_t i = 0; i < 5; i++) {
		assert_string_equal(config->extra[i], words[i]);
	}
	assert_null(config->extra[5]);
	guest_config_destroy(config);
}

static void test_home_folder(void **state) {
	assert_int_equal(setenv("HOME", folder, 1), 0);
	struct guest_config *config = load_good(G "[boot]\ncdrom = ~/some.iso\n");
	char *path = xasprintf("%s/some.iso", folder);
	assert_string_equal(config->cdrom, path);
	free(path);
	guest_config_destroy(config);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_file_that_cant_be_read),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_defaults_by_arch),
		cmocka_unit_test(test_all_keys),
		cmocka_unit_test(test_home_folder),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
