#include "vmm/guest.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"
#include "vmm/accel.h"
#include "vmm/guest_process.h"
#include "vmm/launch.h"
#include "vmm/qmp.h"

#define QUIT_TIME (5 * 1000 * 1000) // µs that QEMU has to end by itself

struct guest {
	sd_event *event;
	struct guest_config *config;
	const struct guest_impl *impl;
	void *data;
	char *user, *state_folder; /* of the options, or NULL */
	enum guest_state state;
	const char *accel;
	char *reason;

	struct guest_folder folder;
	pid_t pid;
	int pidfd;
	sd_event_source *ended; /* pidfd */
	sd_event_source *impatience; /* kills a QEMU that doesn't quit */

	struct qmp *qmp;
	bool ready; /* was told */
	bool asking_status;
	bool shutting_down, powering_off; /* asked for by us */
	bool by_guest; /* the guest shut itself down */
	unsigned int displays; /* asked for so far */
};

static const struct qmp_impl qmp_impl;
static const struct guest_impl silent_impl;

const char *guest_state_name(enum guest_state state) {
	static const char *const names[] = {
		[GUEST_OFF] = "off",
		[GUEST_STARTING] = "starting",
		[GUEST_RUNNING] = "running",
		[GUEST_PAUSED] = "paused",
		[GUEST_STOPPING] = "stopping",
		[GUEST_CRASHED] = "crashed",
	};
	return names[state];
}

static void set_state(struct guest *guest, enum guest_state state) {
	if (guest->state == state) {
		return;
	}
	guest->state = state;
	log_debug("guest %s: %s", guest->config->name, guest_state_name(state));
	if (guest->impl->state_changed) {
		guest->impl->state_changed(guest, guest->data);
	}
}

static void set_reason(struct guest *guest, char *reason) {
	free(guest->reason);
	guest->reason = reason;
}

static bool fail(char **error, const char *message) {
	*error = xstrdup(message);
	return false;
}

/* Status */

static enum guest_state state_of_status(const struct guest *guest, const char *status) {
	static const char *const crashed[] = {
		"internal-error", "io-error", "guest-panicked", "watchdog"};
	for (size_t i = 0; i < sizeof(crashed) / sizeof(crashed[0]); i++) {
		if (strcmp(status, crashed[i]) == 0) {
			return GUEST_CRASHED;
		}
	}
	if (strcmp(status, "running") == 0 || strcmp(status, "suspended") == 0) {
		return guest->shutting_down ? GUEST_STOPPING : GUEST_RUNNING;
	}
	return strcmp(status, "shutdown") == 0 ? GUEST_STOPPING : GUEST_PAUSED;
}

static void handle_status(void *data, struct json_object *result, const char *error) {
	struct guest *guest = data;
	struct json_object *status;
	guest->asking_status = false;
	if (!result || !json_object_is_type(result, json_type_object) ||
		!json_object_object_get_ex(result, "status", &status)) {
		if (qmp_is_ready(guest->qmp)) {
			log_error("guest %s: QEMU doesn't tell its status: %s", guest->config->name,
				error ? error : "an answer of a wrong shape");
		}
		return;
	}
	set_state(guest, state_of_status(guest, json_object_get_string(status)));
	if (!guest->ready) {
		guest->ready = true;
		if (guest->impl->ready) {
			guest->impl->ready(guest, guest->data);
		}
	}
}

static void ask_status(struct guest *guest) {
	if (!guest->asking_status) {
		guest->asking_status =
			qmp_execute(guest->qmp, "query-status", NULL, -1, handle_status, guest);
	}
}

static void handle_kvm(void *data, struct json_object *result, const char *error) {
	struct guest *guest = data;
	struct json_object *enabled;
	if (result && json_object_is_type(result, json_type_object) &&
		json_object_object_get_ex(result, "enabled", &enabled)) {
		guest->accel = json_object_get_boolean(enabled) ? "kvm" : "tcg";
	}
}

/* QMP */

static void handle_ready(void *data) {
	struct guest *guest = data;
	qmp_execute(guest->qmp, "query-kvm", NULL, -1, handle_kvm, guest);
	ask_status(guest);
}

static void note_shutdown(struct guest *guest, struct json_object *payload) {
	struct json_object *by_guest = NULL;
	if (payload && json_object_object_get_ex(payload, "guest", &by_guest)) {
		guest->by_guest = json_object_get_boolean(by_guest);
	}
}

static void handle_qmp_event(void *data, const char *name, struct json_object *payload) {
	static const char *const changing[] = {
		"STOP", "RESUME", "RESET", "GUEST_PANICKED", "SUSPEND", "WAKEUP"};
	struct guest *guest = data;
	if (strcmp(name, "SHUTDOWN") == 0) {
		note_shutdown(guest, payload);
		set_state(guest, GUEST_STOPPING);
	}
	if (strcmp(name, "RESET") == 0) {
		guest->shutting_down = false;
	}
	for (size_t i = 0; i < sizeof(changing) / sizeof(changing[0]); i++) {
		if (strcmp(name, changing[i]) == 0) {
			ask_status(guest);
		}
	}
	if (guest->impl->event) {
		guest->impl->event(guest, name,
			payload ? json_object_to_json_string_ext(payload, JSON_C_TO_STRING_PLAIN)
				: "{}",
			guest->data);
	}
}

static void handle_lost(void *data, const char *reason, bool violation) {
	struct guest *guest = data;
	qmp_destroy(guest->qmp);
	guest->qmp = NULL;
	/* Without a violation QEMU is about to end, which its pidfd tells. */
	log_write(violation ? LOG_LEVEL_ERROR : LOG_LEVEL_DEBUG,
		"guest %s: the connection to QEMU is closed: %s", guest->config->name, reason);
}

static const struct qmp_impl qmp_impl = {
	.ready = handle_ready,
	.event = handle_qmp_event,
	.lost = handle_lost,
};

static void connect_qmp(struct guest *guest) {
	int fd = guest_folder_connect(&guest->folder);
	if (fd < 0) {
		/* It is about to end, most likely. */
		log_info("guest %s: process %d takes no connection: %s", guest->config->name,
			guest->pid, strerror(errno));
		return;
	}
	guest->qmp = qmp_create(guest->event, fd, guest->config->name, &qmp_impl, guest);
}

/* The end of the process */

/* What QEMU itself said last; allocated. */
static char *last_message(struct guest *guest) {
	char *name = launch_program_name(guest->config);
	const char *slash = strrchr(name, '/');
	char *message = guest_folder_last_message(&guest->folder, slash ? slash + 1 : name);
	free(name);
	return message;
}

static char *describe_end(struct guest *guest, enum process_end end, int code) {
	if (guest->powering_off || guest->by_guest) {
		return xstrdup("powered off");
	}
	if (end == PROCESS_END_SIGNAL && code == SIGKILL) {
		return xasprintf("killed by signal %d", code);
	}
	char *message = last_message(guest), *reason;
	if (end == PROCESS_END_SIGNAL) {
		reason =
			xasprintf("killed by signal %d%s%s", code, message[0] ? ": " : "", message);
	} else if (message[0]) {
		return message;
	} else if (end == PROCESS_END_EXIT) {
		reason = xasprintf("QEMU ended with status %d", code);
	} else {
		reason = xstrdup("QEMU ended");
	}
	free(message);
	return reason;
}

/* Forgets all about the process but the reason. */
static void drop_process(struct guest *guest) {
	guest->ended = sd_event_source_disable_unref(guest->ended);
	guest->impatience = sd_event_source_disable_unref(guest->impatience);
	qmp_destroy(guest->qmp);
	guest->qmp = NULL;
	if (guest->pidfd >= 0) {
		close(guest->pidfd);
	}
	guest->pidfd = -1;
	guest->pid = 0;
	guest->ready = guest->asking_status = false;
	guest->shutting_down = guest->powering_off = guest->by_guest = false;
}

static int handle_ended(sd_event_source *source, int fd, uint32_t events, void *data) {
	struct guest *guest = data;
	if (guest->qmp) {
		qmp_drain(guest->qmp); /* its last words */
	}
	int code = 0;
	enum process_end end = process_end(guest->pid, guest->pidfd, &code);
	set_reason(guest, describe_end(guest, end, code));
	log_info("guest %s: off: %s", guest->config->name, guest->reason);
	drop_process(guest);
	guest_folder_forget_process(&guest->folder);
	set_state(guest, GUEST_OFF);
	return 0;
}

static bool watch_process(struct guest *guest, pid_t pid, int pidfd) {
	guest->pid = pid;
	guest->pidfd = pidfd;
	return sd_event_add_io(guest->event, &guest->ended, pidfd, EPOLLIN, handle_ended, guest) >=
		0;
}

/* Start */

static bool run_qemu(
	struct guest *guest, bool kvm, unsigned int width, unsigned int height, char **error) {
	struct launch launch = {
		.config = guest->config,
		.folder = &guest->folder,
		.user = guest->user,
		.state_folder = guest->state_folder,
		.kvm = kvm,
		.width = width,
		.height = height,
	};
	int pidfd;
	pid_t pid = launch_qemu(&launch, &pidfd, error);
	if (pid < 0) {
		guest_folder_forget_process(&guest->folder);
		return false;
	}
	if (!watch_process(guest, pid, pidfd)) {
		pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
		drop_process(guest);
		return fail(error, "can't watch the process");
	}
	return true;
}

bool guest_start(struct guest *guest, unsigned int width, unsigned int height, char **error) {
	const struct guest_config *config = guest->config;
	if (guest->state != GUEST_OFF) {
		return fail(error, "it runs already");
	}
	struct accel_choice accel = accel_choose(config->accel, config->arch, NULL);
	if (!run_qemu(guest, accel.kvm, width, height, error)) {
		set_reason(guest, xstrdup(*error));
		log_error("guest %s: %s", config->name, *error);
		return false;
	}
	guest->accel = accel.kvm ? "kvm" : "tcg";
	set_reason(guest, xstrdup(""));
	log_info("guest %s: started, process %d, %s: %s", config->name, guest->pid, guest->accel,
		accel.reason);
	connect_qmp(guest);
	set_state(guest, GUEST_STARTING);
	return true;
}

/* Control */

static bool execute(struct guest *guest, const char *command, char **error) {
	if (guest->state == GUEST_OFF) {
		return fail(error, "it is off");
	}
	if (!qmp_execute(guest->qmp, command, NULL, -1, NULL, NULL)) {
		return fail(error,
			guest->state == GUEST_STARTING ? "it isn't ready yet"
						       : "QEMU takes no commands");
	}
	return true;
}

bool guest_shut_down(struct guest *guest, char **error) {
	if (guest->state == GUEST_PAUSED || guest->state == GUEST_CRASHED) {
		return fail(error, "it stands still and can't shut down; resume it or power off");
	}
	if (!execute(guest, "system_powerdown", error)) {
		return false;
	}
	guest->shutting_down = true;
	set_state(guest, GUEST_STOPPING);
	return true;
}

static int handle_impatience(sd_event_source *source, uint64_t now, void *data) {
	struct guest *guest = data;
	log_info("guest %s: QEMU doesn't end; killing process %d", guest->config->name, guest->pid);
	pidfd_send_signal(guest->pidfd, SIGKILL, NULL, 0);
	return 0;
}

bool guest_power_off(struct guest *guest, char **error) {
	if (guest->state == GUEST_OFF) {
		return fail(error, "it is off");
	}
	char *refusal = NULL;
	if (!execute(guest, "quit", &refusal)) {
		free(refusal);
		pidfd_send_signal(guest->pidfd, SIGTERM, NULL, 0);
	}
	if (!guest->impatience) {
		sd_event_add_time_relative(guest->event, &guest->impatience, CLOCK_MONOTONIC,
			QUIT_TIME, 0, handle_impatience, guest);
	}
	guest->powering_off = true;
	set_state(guest, GUEST_STOPPING);
	return true;
}

bool guest_reset(struct guest *guest, char **error) {
	return execute(guest, "system_reset", error);
}

bool guest_pause(struct guest *guest, char **error) {
	return execute(guest, "stop", error);
}

bool guest_resume(struct guest *guest, char **error) {
	return execute(guest, "cont", error);
}

/* Display */

struct display_request {
	struct guest *guest;
	int fd; /* our end */
};

static void handle_display(void *data, struct json_object *result, const char *error) {
	struct display_request *request = data;
	struct guest *guest = request->guest;
	if (guest->impl->display && error) {
		guest->impl->display(guest, -1, error, guest->data);
	} else if (guest->impl->display) {
		guest->impl->display(guest, request->fd, NULL, guest->data);
		request->fd = -1;
	}
	if (request->fd >= 0) {
		close(request->fd);
	}
	free(request);
}

static struct json_object *display_arguments(const char *name) {
	struct json_object *arguments = json_object_new_object();
	json_object_object_add(arguments, "protocol", json_object_new_string("@dbus-display"));
	json_object_object_add(arguments, "fdname", json_object_new_string(name));
	return arguments;
}

bool guest_open_display(struct guest *guest, char **error) {
	int fds[2];
	if (!qmp_is_ready(guest->qmp)) {
		return fail(error, guest->state == GUEST_OFF ? "it is off" : "it isn't ready yet");
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0) {
		return fail(error, "can't make a socket");
	}
	char name[32];
	snprintf(name, sizeof(name), "display%u", guest->displays++);
	struct json_object *arguments = json_object_new_object();
	json_object_object_add(arguments, "fdname", json_object_new_string(name));
	struct display_request *request = xcalloc(1, sizeof(*request));
	*request = (struct display_request){guest, fds[0]};
	if (qmp_execute(guest->qmp, "getfd", arguments, fds[1], NULL, NULL) &&
		qmp_execute(guest->qmp, "add_client", display_arguments(name), -1, handle_display,
			request)) {
		return true;
	}
	close(fds[0]);
	free(request);
	return fail(error, "too many commands wait for QEMU");
}

/* Life */

/* Goes on with a QEMU that an earlier mullion started. */
static void attach(struct guest *guest) {
	int pidfd;
	bool ended;
	pid_t pid = guest_folder_find_process(&guest->folder, &pidfd, &ended);
	if (pid > 0 && watch_process(guest, pid, pidfd)) {
		guest->state = GUEST_STARTING;
		connect_qmp(guest);
		log_info("guest %s: attached to process %d", guest->config->name, pid);
	} else if (ended) {
		set_reason(guest, describe_end(guest, PROCESS_END_UNKNOWN, 0));
		log_info("guest %s: off: %s", guest->config->name, guest->reason);
		guest_folder_forget_process(&guest->folder);
	}
}

struct guest *guest_create(sd_event *event, const struct guest_options *options,
	struct guest_config *config, const struct guest_impl *impl, void *data) {
	struct guest *guest = xcalloc(1, sizeof(*guest));
	guest->config = config;
	guest->impl = impl;
	guest->data = data;
	guest->accel = "";
	guest->reason = xstrdup("");
	guest->pidfd = -1;
	guest->event = sd_event_ref(event);
	guest->user = options->user ? xstrdup(options->user) : NULL;
	guest->state_folder = options->state ? xstrdup(options->state) : NULL;
	if (!guest_folder_init(&guest->folder, options->runtime, config->name)) {
		guest_destroy(guest);
		return NULL;
	}
	attach(guest);
	return guest;
}

void guest_destroy(struct guest *guest) {
	if (!guest) {
		return;
	}
	guest->impl = &silent_impl;
	drop_process(guest);
	guest_folder_finish(&guest->folder);
	guest_config_destroy(guest->config);
	sd_event_unref(guest->event);
	free(guest->user);
	free(guest->state_folder);
	free(guest->reason);
	free(guest);
}

const struct guest_config *guest_config(const struct guest *guest) {
	return guest->config;
}

enum guest_state guest_state(const struct guest *guest) {
	return guest->state;
}

pid_t guest_pid(const struct guest *guest) {
	return guest->pid;
}

const char *guest_accel(const struct guest *guest) {
	return guest->accel;
}

const char *guest_reason(const struct guest *guest) {
	return guest->reason;
}
