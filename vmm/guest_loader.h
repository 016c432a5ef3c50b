/* What the parts of the guest file's loader share: guest_config.c reads lines, guest_keys.c knows
 * the keys, guest_check.c fills in the defaults and checks what concerns several keys. */
#ifndef VMM_GUEST_LOADER_H
#define VMM_GUEST_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "vmm/guest_config.h"

#define GUEST_FILE_MAX (64 * 1024) /* bytes */
#define GUEST_VALUE_MAX 4096 /* bytes, of a value with its continuation lines */
#define GUEST_KEYS_MAX 40

struct guest_key;

struct guest_loader {
	const char *path; /* as the caller wrote it, for messages */
	char *folder; /* absolute, that relative paths start from */
	FILE *errors;
	unsigned int error_count;

	const char *next, *end; /* what isn't read yet */
	unsigned int line; /* of what was read last */
	bool continues; /* this line is indented, so it may continue the value above */
	bool expects_key; /* this line must lead to a call of the handler */
	bool after_key; /* an indented line would continue a value */

	char section[32]; /* "": none yet */
	bool section_known;
	const struct guest_key *key; /* whose value is being collected, or NULL */
	char *value;
	unsigned int value_line;
	unsigned int seen[GUEST_KEYS_MAX]; /* the line of each key, in this [disk] if it is one; 0
					    */
	char *disk_names[GUEST_DISKS_MAX];
	unsigned int disk_lines[GUEST_DISKS_MAX];
	struct guest_config *config;
};

/* Writes "FILE:LINE: …", or "FILE: …" with line 0, and counts it. */
void guest_loader_error(struct guest_loader *loader, unsigned int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* guest_keys.c */
bool guest_section_is_known(const char *section);
const char *guest_section_names(void); /* for messages */
/* NULL if the section has no such key. */
const struct guest_key *guest_key_find(const char *section, const char *name);
char *guest_key_names(const char *section); /* for messages, allocated */
const char *guest_key_name(const struct guest_key *key);
unsigned int *guest_key_seen(struct guest_loader *loader, const struct guest_key *key);
bool guest_key_continues(const struct guest_key *key); /* takes indented lines */
void guest_key_set(struct guest_loader *loader, const struct guest_key *key, const char *value);
/* The line of a key, 1 if it isn't in the file. */
unsigned int guest_key_line(struct guest_loader *loader, const char *section, const char *name);
void guest_keys_forget(struct guest_loader *loader, const char *section);

/* guest_check.c */
void guest_check_disk(struct guest_loader *loader); /* at the end of its section */
void guest_check(struct guest_loader *loader); /* at the end of the file */

#endif
