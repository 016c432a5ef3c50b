/* A guest file: an INI file that defines a virtual machine (docs/mullion-guest.5.scd). */
#ifndef VMM_GUEST_CONFIG_H
#define VMM_GUEST_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum guest_firmware { GUEST_FIRMWARE_BIOS, GUEST_FIRMWARE_UEFI, GUEST_FIRMWARE_NONE };
enum guest_accel { GUEST_ACCEL_AUTO, GUEST_ACCEL_KVM, GUEST_ACCEL_TCG };
/* USER: outwards through QEMU's own stack; RESTRICTED: the stack without a way out. */
enum guest_network { GUEST_NETWORK_NONE, GUEST_NETWORK_USER, GUEST_NETWORK_RESTRICTED };

/* CAPTURE: the guest also has a microphone, which hears nothing yet. */
enum guest_sound { GUEST_SOUND_NO, GUEST_SOUND_YES, GUEST_SOUND_CAPTURE };
/* Which way the clipboard's text may go. PASTE: into the guest; COPY: out of it. */
enum guest_clipboard_way {
	GUEST_CLIPBOARD_NO,
	GUEST_CLIPBOARD_PASTE,
	GUEST_CLIPBOARD_COPY,
	GUEST_CLIPBOARD_BOTH
};

#define GUEST_NAME_MAX 32 /* bytes: letters, digits, '-', '_', '.'; the first one no '.' or '-' */
#define GUEST_DISKS_MAX 8
#define GUEST_HEADS_MAX 8

struct guest_disk {
	char *path; /* absolute */
	char *format; /* "qcow2", "raw" … */
	bool read_only;
};

struct guest_config { /* all strings owned; NULL where the file says nothing and there is no default
		       */
	char *path; /* of the file, absolute */
	char *name;
	char *title; /* what people read; the name if not given */
	uint32_t label_color; /* 0xRRGGBB */
	char *arch; /* as in qemu-system-ARCH */
	char *qemu; /* the program, if not found by arch */
	char *machine, *cpu; /* NULL: chosen by arch and accelerator */
	enum guest_accel accel;
	unsigned int memory; /* MiB */
	unsigned int cpus;
	enum guest_firmware firmware;
	struct guest_disk disks[GUEST_DISKS_MAX];
	unsigned int disk_count;
	char *cdrom, *kernel, *initrd, *append; /* paths absolute */
	enum guest_network network;
	char *display; /* display device: virtio-vga, virtio-gpu, VGA, ramfb, qxl-vga, none … */
	unsigned int heads;
	unsigned int width, height; /* px, of the first mode; 0: the view's */
	char *keyboard; /* XKB layout of the guest, "us" or "de(nodeadkeys)" */
	bool tablet; /* absolute pointer */
	bool autostart;
	enum guest_sound sound;
	enum guest_clipboard_way clipboard;
	char **extra; /* further QEMU arguments, NULL-terminated */
};

/* Reads `path`. Every mistake is written to `errors` as "FILE:LINE: what is wrong" and counted;
 * NULL if there was one. */
struct guest_config *guest_config_load(const char *path, FILE *errors);
void guest_config_destroy(struct guest_config *config); /* NULL is legal */

#endif
