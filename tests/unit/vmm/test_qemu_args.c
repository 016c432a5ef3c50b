#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "vmm/qemu_args.h"
#include "vmm/text.h"

#define SANDBOX "-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny "
#define BEGINNING(uuid)                                                                            \
	" /q -name a,debug-threads=on -uuid " uuid " -nodefaults -no-user-config " SANDBOX         \
	"-chardev socket,id=qmp,fd=7,server=on,wait=off -mon chardev=qmp,mode=control "
#define A BEGINNING("d228cb69-6f1a-8caf-b891-2b704e4a8964")

static struct guest_config config(const char *arch, const char *display) {
	return (struct guest_config){
		.name = "a",
		.arch = (char *)arch,
		.display = (char *)display,
		.memory = 256,
		.cpus = 1,
		.heads = 1,
		.firmware = GUEST_FIRMWARE_NONE,
	};
}

static void check(const struct guest_config *config, struct qemu_start start, const char *wanted) {
	start.program = "/q";
	start.qmp_fd = 7;
	char **words = qemu_args_create(config, &start);
	char *line = strdup("");
	for (size_t i = 0; words[i]; i++) {
		line = text_append(line, words[i]);
	}
	assert_string_equal(line, wanted);
	free(line);
	words_destroy(words);
}

static void test_small_pc(void **state) {
	struct guest_config small = config("x86_64", "none");
	check(&small, (struct qemu_start){0},
		A "-machine q35,vmport=off -accel tcg,thread=multi,tb-size=256 -cpu max -smp 1 "
		  "-m 256 -rtc base=utc -boot menu=off -action panic=pause -display dbus,p2p=yes "
		  "-object rng-builtin,id=rng0 -device virtio-rng,rng=rng0");
}

static void test_full_pc(void **state) {
	struct guest_config full = config("x86_64", "virtio-vga");
	full.heads = 2;
	full.tablet = true;
	full.network = GUEST_NETWORK_USER;
	full.disks[0] = (struct guest_disk){"/a,b", "qcow2", false};
	full.disks[1] = (struct guest_disk){"/c", "raw", true};
	full.disk_count = 2;
	full.cdrom = "/i.iso";
	full.kernel = "/k";
	full.initrd = "/r";
	full.append = "x y";
	full.machine = "pc";
	full.cpu = "qemu64";
	char *extra[] = {"-s", "w o", NULL};
	full.extra = extra;
	struct qemu_start start = {.kvm = true,
		.firmware_code = "/code,fd",
		.firmware_vars_fd = 9,
		.width = 640,
		.height = 480};
	check(&full, start,
		A "-machine pc -accel kvm -cpu qemu64 -smp 1 -m 256 -rtc base=utc -boot menu=off "
		  "-action panic=pause "
		  "-drive if=pflash,unit=0,format=raw,readonly=on,file=/code,,fd "
		  "-add-fd fd=9,set=1 "
		  "-drive if=pflash,unit=1,format=raw,auto-read-only=off,file=/dev/fdset/1 "
		  "-display dbus,p2p=yes "
		  "-device virtio-vga,id=video0,max_outputs=2,xres=640,yres=480 "
		  "-device qemu-xhci,id=usb0 -device usb-tablet,bus=usb0.0 "
		  "-object rng-builtin,id=rng0 -device virtio-rng,rng=rng0 "
		  "-netdev user,id=net0 -device virtio-net,netdev=net0,romfile= "
		  "-drive if=none,id=disk0,format=qcow2,discard=unmap,file=/a,,b "
		  "-device virtio-blk,drive=disk0,bootindex=1 "
		  "-drive if=none,id=disk1,format=raw,discard=unmap,readonly=on,file=/c "
		  "-device virtio-blk,drive=disk1,bootindex=2 "
		  "-drive if=none,id=cdrom0,media=cdrom,format=raw,readonly=on,file=/i.iso "
		  "-device ide-cd,drive=cdrom0,bootindex=3 "
		  "-kernel /k -initrd /r -append x y -s w o");
}

static void test_arm(void **state) {
	struct guest_config arm = config("aarch64", "virtio-gpu-gl");
	arm.network = GUEST_NETWORK_RESTRICTED;
	arm.cdrom = "/i.iso";
	arm.width = 800;
	arm.height = 600;
	check(&arm, (struct qemu_start){.width = 640, .height = 480},
		A "-machine virt,gic-version=max -accel tcg,thread=multi,tb-size=256 "
		  "-cpu max,pauth-impdef=on -smp 1 -m 256 -rtc base=utc -boot menu=off "
		  "-action panic=pause -display dbus,p2p=yes,gl=on "
		  "-device virtio-gpu-gl,id=video0,max_outputs=1,xres=800,yres=600 "
		  "-device qemu-xhci,id=usb0 -device usb-kbd,bus=usb0.0 "
		  "-device usb-mouse,bus=usb0.0 "
		  "-object rng-builtin,id=rng0 -device virtio-rng,rng=rng0 "
		  "-netdev user,id=net0,restrict=on -device virtio-net,netdev=net0,romfile= "
		  "-drive if=none,id=cdrom0,media=cdrom,format=raw,readonly=on,file=/i.iso "
		  "-device virtio-scsi,id=scsi0 -device scsi-cd,drive=cdrom0,bootindex=1");
}

static void test_other_machine(void **state) {
	struct guest_config other = config("s390x", "VGA");
	other.tablet = true;
	check(&other, (struct qemu_start){.width = 640, .height = 480},
		A "-accel tcg,tb-size=256 -smp 1 -m 256 -rtc base=utc -boot menu=off "
		  "-action panic=pause -display dbus,p2p=yes "
		  "-device VGA,id=video0,vgamem_mb=32,xres=640,yres=480 "
		  "-device virtio-keyboard -device virtio-tablet "
		  "-object rng-builtin,id=rng0 -device virtio-rng,rng=rng0");
}

static void test_sound_and_clipboard(void **state) {
	struct guest_config guest = config("x86_64", "none");
	guest.machine = "pc";
	guest.sound = GUEST_SOUND_CAPTURE;
	guest.clipboard = GUEST_CLIPBOARD_COPY;
	check(&guest, (struct qemu_start){0},
		A "-machine pc -accel tcg,thread=multi,tb-size=256 -cpu max -smp 1 -m 256 "
		  "-rtc base=utc -boot menu=off -action panic=pause "
		  "-display dbus,p2p=yes,audiodev=sound0 "
		  "-object rng-builtin,id=rng0 -device virtio-rng,rng=rng0 "
		  "-audiodev dbus,id=sound0,out.frequency=48000,out.channels=2,out.format=s16,"
		  "in.frequency=48000,in.channels=2,in.format=s16 "
		  "-device ich9-intel-hda,id=hda0 "
		  "-device hda-duplex,bus=hda0.0,audiodev=sound0 "
		  "-chardev qemu-vdagent,id=agent0,name=vdagent,mouse=off,clipboard=on "
		  "-device virtio-serial,id=serial0 "
		  "-device virtserialport,bus=serial0.0,chardev=agent0,name=com.redhat.spice.0");
}

static void test_uuid(void **state) {
	char a[QEMU_UUID_SIZE], b[QEMU_UUID_SIZE], again[QEMU_UUID_SIZE];
	qemu_uuid("debian", a);
	qemu_uuid("debian2", b);
	qemu_uuid("debian", again);
	assert_string_equal(a, again);
	assert_string_not_equal(a, b);
	assert_int_equal(strlen(a), 36);
	assert_int_equal(a[14], '8');
	assert_non_null(strchr("89ab", a[19]));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_pc),
		cmocka_unit_test(test_full_pc),
		cmocka_unit_test(test_arm),
		cmocka_unit_test(test_other_machine),
		cmocka_unit_test(test_sound_and_clipboard),
		cmocka_unit_test(test_uuid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
