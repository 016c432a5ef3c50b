/* The firmware of UEFI guests, and each guest's own copy of its variables. */
#ifndef VMM_UEFI_H
#define VMM_UEFI_H

#include <stdbool.h>

struct uefi_image {
	const char *arch, *code, *vars; /* vars: the template */
};

/* The first pair of files that exists here; NULL if there is none. */
const struct uefi_image *uefi_find(const char *arch);

/* Opens FOLDER/uefi-vars.fd for reading and writing, made from the template if it isn't there or
 * belongs to another firmware. -1 with *error allocated. */
int uefi_open_vars(const struct uefi_image *image, const char *folder, char **error);

/* STATE/NAME (STATE NULL: $XDG_STATE_HOME/mullion, else ~/.local/state/mullion), made if need be,
 * allocated; `fallback` if it can't be made. */
char *uefi_state_folder(const char *state, const char *name, const char *fallback);

#endif
