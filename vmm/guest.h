/* A guest: one virtual machine, its QEMU process and the life cycle. It outlives us: QEMU runs
 * detached, with its sockets in the runtime folder, and the next mullion attaches to it again. */
#ifndef VMM_GUEST_H
#define VMM_GUEST_H

#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "vmm/guest_config.h"

enum guest_state {
	GUEST_OFF, /* no process; `guest_reason` says why if it ever ran */
	GUEST_STARTING, /* the process is there, QMP isn't yet */
	GUEST_RUNNING,
	GUEST_PAUSED,
	GUEST_STOPPING, /* asked to shut down */
	GUEST_CRASHED, /* the machine stopped by itself (panic, internal error); the process is
			  there */
};
const char *guest_state_name(enum guest_state state); /* "off", "running" … */

struct guest;

struct guest_impl { /* each may be NULL; the callee must not destroy the guest */
	void (*state_changed)(struct guest *guest, void *data);
	/* QMP is up (also after attaching again): the moment to open the display. */
	void (*ready)(struct guest *guest, void *data);
	/* The answer to guest_open_display: fd is the callee's, or -1 with the reason. */
	void (*display)(struct guest *guest, int fd, const char *error, void *data);
	/* A QMP event by its name ("RESET", "SHUTDOWN", …) and its data as JSON text. */
	void (*event)(struct guest *guest, const char *name, const char *json, void *data);
};

struct guest_options { /* copied */
	const char *runtime; /* the folder of util/runtime.h */
	/* Whom QEMU runs as if we are root; NULL: "nobody". Not used if we aren't root. */
	const char *user;
	/* Where firmware variables are kept: STATE/NAME; NULL: $XDG_STATE_HOME/mullion. */
	const char *state;
};

/* Takes `config` on every path. If a QEMU of this name runs already, attaches to it. NULL after a
 * log line (locked by another mullion, say). Callbacks come from the event loop, never from here.
 */
struct guest *guest_create(sd_event *event, const struct guest_options *options,
	struct guest_config *config, const struct guest_impl *impl, void *data);
/* The QEMU process goes on. NULL is legal. */
void guest_destroy(struct guest *guest);

const struct guest_config *guest_config(const struct guest *guest);
enum guest_state guest_state(const struct guest *guest);
pid_t guest_pid(const struct guest *guest); /* 0 if there is no process */
const char *guest_accel(const struct guest *guest); /* "kvm" or "tcg"; "" before the first start */
/* Why there is no process: "powered off", "killed by signal 9", QEMU's own last message … or "". */
const char *guest_reason(const struct guest *guest);

/* Each returns false with *error set to an allocated message (the caller frees it) if it can't be
 * done in this state; what happens later is told by state_changed, which may come from within the
 * call for GUEST_STARTING and GUEST_STOPPING. `width` and `height` are the view's size in px for
 * the first mode, or 0. A QEMU that doesn't end within 5 s of guest_power_off is killed. */
bool guest_start(struct guest *guest, unsigned int width, unsigned int height, char **error);
bool guest_shut_down(struct guest *guest, char **error); /* the ACPI power button */
bool guest_power_off(struct guest *guest, char **error); /* at once */
bool guest_reset(struct guest *guest, char **error);
bool guest_pause(struct guest *guest, char **error);
bool guest_resume(struct guest *guest, char **error);

/* Asks QEMU for a new Display1 connection (getfd, add_client @dbus-display); the answer comes
 * through impl->display. The earlier connection is reset by QEMU. */
bool guest_open_display(struct guest *guest, char **error);

#endif
