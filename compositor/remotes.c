#include "compositor/remotes.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <wayland-util.h>

#include "compositor/commands.h"
#include "compositor/config.h"
#include "compositor/loop.h"
#include "compositor/remote_command.h"
#include "compositor/remote_config.h"
#include "compositor/remote_door.h"
#include "compositor/remote_process.h"
#include "compositor/server.h"
#include "compositor/sessions.h"
#include "util/log.h"
#include "util/mem.h"

#define EXIT_WRONG 2 /* of a server whose options are wrong: the next time they would be, too */
#define END_MAX 1000 /* ms that we wait for servers when we end */

enum remote_state {
	REMOTE_STOPPED,
	REMOTE_RUNNING,
	REMOTE_WAITING, /* to be started again */
	REMOTE_STOPPING,
	REMOTE_FAILED,
};

struct remote {
	struct remotes *remotes;
	char *name, *protocol;
	char **argv; /* of the next start */
	enum remote_state state;
	struct remote_process process;
	sd_event_source *end; /* of the process; NULL without one */
	sd_event_source *timer; /* of the next start, or of the patience with the end */
	uint64_t started; /* us, CLOCK_MONOTONIC */
	unsigned int attempts; /* ends since it last lived long */
	unsigned int restarts;
	char *reason; /* of its last end; NULL */
	bool again; /* start it when it has stopped */
	bool leaves; /* its section is gone */
	struct wl_list link; /* remotes.list */
};

struct remotes {
	struct server *server;
	struct remote_door *door; /* for servers of another user; NULL until it's needed */
	struct wl_list list; /* remote.link */
};

static const char *state_name(enum remote_state state) {
	static const char *const names[] = {[REMOTE_STOPPED] = "stopped",
		[REMOTE_RUNNING] = "running",
		[REMOTE_WAITING] = "waiting",
		[REMOTE_STOPPING] = "stopping",
		[REMOTE_FAILED] = "failed"};
	return names[state];
}

static void set_state(struct remote *remote, enum remote_state state) {
	if (remote->state != state) {
		remote->state = state;
		commands_emit(remote->remotes->server->commands, "remote-state", remote->name,
			state_name(state));
	}
}

/* Takes `reason`. */
static void set_reason(struct remote *remote, char *reason) {
	free(remote->reason);
	remote->reason = reason;
}

static void set_timer(struct remote *remote, uint64_t delay) {
	sd_event_source_set_time_relative(remote->timer, delay);
	sd_event_source_set_enabled(remote->timer, SD_EVENT_ONESHOT);
}

static void stop_timer(struct remote *remote) {
	sd_event_source_set_enabled(remote->timer, SD_EVENT_OFF);
}

static void remote_destroy(struct remote *remote) {
	sd_event_source_disable_unref(remote->end);
	sd_event_source_disable_unref(remote->timer);
	remote_process_finish(&remote->process);
	wl_list_remove(&remote->link);
	remote_command_destroy(remote->argv);
	free(remote->name);
	free(remote->protocol);
	free(remote->reason);
	free(remote);
}

static int handle_end(sd_event_source *source, int fd, uint32_t events, void *data);

static void watch(struct remote *remote) {
	struct server *server = remote->remotes->server;
	remote->started = loop_now(server->event);
	sd_event_add_io(
		server->event, &remote->end, remote->process.pidfd, EPOLLIN, handle_end, remote);
	set_state(remote, REMOTE_RUNNING);
}

/* At once, then after 0.2 s, and so on. */
static void plan_start(struct remote *remote) {
	uint64_t lived = loop_now(remote->remotes->server->event) - remote->started;
	remote->attempts = lived >= REMOTES_STABLE ? 0 : remote->attempts;
	uint64_t delay = remote->attempts == 0 ? 0
		: remote->attempts < 6         ? (uint64_t)100000 << remote->attempts
					       : REMOTES_DELAY_MAX;
	remote->attempts++;
	remote->restarts++;
	log_error("remote %s: %s; it is started again", remote->name, remote->reason);
	set_state(remote, REMOTE_WAITING);
	set_timer(remote, delay);
}

/* Servers of another user come through a door of their own. */
static bool open_door(struct remotes *remotes, char **error) {
	const char *user = remote_command_user(remotes->server->config);
	if (user && !remotes->door) {
		remotes->door = remote_door_create(remotes->server, user, error);
	}
	return !user || remotes->door;
}

static bool start(struct remote *remote, char **error) {
	struct remotes *remotes = remote->remotes;
	const char *user = remote_command_user(remotes->server->config);
	bool ok = open_door(remotes, error);
	if (ok) {
		char **environment = remote_command_environment(
			user, user ? remote_door_folder(remotes->door) : NULL);
		ok = remote_process_start(&remote->process, remote->argv, environment, user, error);
		remote_command_destroy(environment);
	}
	if (!ok) {
		set_reason(remote, xstrdup(*error));
		set_state(remote, REMOTE_FAILED);
		return false;
	}
	log_info("remote %s: started, pid %d", remote->name, remote->process.pid);
	watch(remote);
	return true;
}

static void start_logged(struct remote *remote) {
	char *error = NULL;
	if (!start(remote, &error)) {
		log_error("remote %s: %s", remote->name, error);
		free(error);
	}
}

static void decide(struct remote *remote, int status) {
	if (remote->leaves) {
		remote_destroy(remote);
	} else if (remote->again) {
		remote->again = false;
		start_logged(remote);
	} else if (remote->state == REMOTE_STOPPING) {
		set_state(remote, REMOTE_STOPPED);
	} else if (status == EXIT_WRONG) {
		set_reason(remote, xstrdup("its options are wrong (status 2); see the log"));
		log_error("remote %s: %s", remote->name, remote->reason);
		set_state(remote, REMOTE_FAILED);
	} else {
		plan_start(remote);
	}
}

static int handle_end(sd_event_source *source, int fd, uint32_t events, void *data) {
	struct remote *remote = data;
	int status;
	remote->end = sd_event_source_disable_unref(remote->end);
	stop_timer(remote);
	set_reason(remote, remote_process_take_end(&remote->process, &status));
	decide(remote, status);
	return 0;
}

static int handle_timer(sd_event_source *source, uint64_t usec, void *data) {
	struct remote *remote = data;
	if (remote->state == REMOTE_WAITING) {
		start_logged(remote);
	} else if (remote->state == REMOTE_STOPPING) {
		log_error("remote %s: it doesn't end; it is killed", remote->name);
		remote_process_signal(&remote->process, SIGKILL);
	}
	return 0;
}

static void stop(struct remote *remote) {
	if (remote->state == REMOTE_RUNNING) {
		remote_process_signal(&remote->process, SIGTERM);
		set_state(remote, REMOTE_STOPPING);
		set_timer(remote, REMOTES_STOP_MAX);
	} else if (remote->state != REMOTE_STOPPING) {
		stop_timer(remote);
		set_state(remote, REMOTE_STOPPED);
	}
}

/* The one of an earlier mullion, or a new one. */
static void begin(struct remote *remote, bool autostart) {
	bool same;
	if (remote_process_find(&remote->process, remote->argv, &same)) {
		char *error = NULL;
		if (!open_door(remote->remotes, &error)) {
			log_error("remote %s: %s", remote->name, error);
			free(error);
		}
		log_info("remote %s: taken over, pid %d", remote->name, remote->process.pid);
		watch(remote);
		if (!same || !autostart) {
			remote->again = autostart;
			stop(remote);
		}
	} else if (autostart) {
		start_logged(remote);
	}
}

static void remote_create(struct remotes *remotes, const struct remote_config *config) {
	struct remote *remote = xcalloc(1, sizeof(*remote));
	remote->remotes = remotes;
	remote->name = xstrdup(config->name);
	remote->protocol = xstrdup(config->protocol);
	remote->argv = remote_command_create(config);
	wl_list_insert(remotes->list.prev, &remote->link);
	if (!remote_process_init(&remote->process, remotes->server->runtime, remote->name) ||
		sd_event_add_time_relative(remotes->server->event, &remote->timer, CLOCK_MONOTONIC,
			0, 10000, handle_timer, remote) < 0) {
		remote_destroy(remote);
		return;
	}
	stop_timer(remote);
	begin(remote, config->autostart && !remote_process_was_stopped(&remote->process));
}

static struct remote *find(const struct remotes *remotes, const char *name) {
	struct remote *remote;
	wl_list_for_each (remote, &remotes->list, link) {
		if (strcmp(remote->name, name) == 0 && !remote->leaves) {
			return remote;
		}
	}
	return NULL;
}

static void configure(struct remote *remote, const struct remote_config *config) {
	char **argv = remote_command_create(config);
	if (remote_command_is_same(remote->argv, argv)) {
		remote_command_destroy(argv);
		return;
	}
	bool runs = remote->state != REMOTE_STOPPED && !remote->leaves;
	remote_command_destroy(remote->argv);
	remote->argv = argv;
	remote->attempts = remote->restarts = 0;
	free(remote->protocol);
	remote->protocol = xstrdup(config->protocol);
	stop(remote);
	if (remote->state == REMOTE_STOPPING) {
		remote->again = runs;
	} else if (runs) {
		start_logged(remote);
	}
}

static void drop(struct remote *remote) {
	stop(remote);
	if (remote->state == REMOTE_STOPPING) {
		remote->leaves = true;
	} else {
		remote_destroy(remote);
	}
}

static const struct remote_config *find_config(const struct config *config, const char *name) {
	const struct remote_config *remote;
	wl_list_for_each (remote, &config->remotes, link) {
		if (strcmp(remote->name, name) == 0) {
			return remote;
		}
	}
	return NULL;
}

void remotes_configure(struct remotes *remotes) {
	const struct config *config = remotes->server->config;
	struct remote *remote, *tmp;
	wl_list_for_each_safe (remote, tmp, &remotes->list, link) {
		const struct remote_config *section = find_config(config, remote->name);
		if (!section && !remote->leaves) {
			drop(remote);
		} else if (section && !remote->leaves) {
			configure(remote, section);
		}
	}
	const struct remote_config *section;
	wl_list_for_each (section, &config->remotes, link) {
		if (!find(remotes, section->name)) {
			remote_create(remotes, section);
		}
	}
}

/* Servers of sections that are gone since an earlier mullion crashed. */
static void end_strays(struct remotes *remotes) {
	char *path = xasprintf("%s/" REMOTES_FOLDER, remotes->server->runtime);
	char *nothing[] = {NULL};
	DIR *folder = opendir(path);
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		struct remote_process process;
		bool same;
		if (entry->d_name[0] == '.' ||
			find_config(remotes->server->config, entry->d_name)) {
			continue;
		}
		if (remote_process_init(&process, remotes->server->runtime, entry->d_name) &&
			remote_process_find(&process, nothing, &same)) {
			log_info(
				"remote %s: isn't configured any more; it is ended", entry->d_name);
			remote_process_signal(&process, SIGTERM);
		}
		remote_process_finish(&process);
	}
	if (folder) {
		closedir(folder);
	}
	free(path);
}

struct remotes *remotes_create(struct server *server) {
	struct remotes *remotes = xcalloc(1, sizeof(*remotes));
	remotes->server = server;
	wl_list_init(&remotes->list);
	end_strays(remotes);
	remotes_configure(remotes);
	return remotes;
}

/* Who is told to end has some time for it; the next mullion waits for the rest. */
static void wait_for_ends(struct remotes *remotes) {
	struct remote *remote;
	int left = END_MAX;
	wl_list_for_each (remote, &remotes->list, link) {
		struct pollfd fd = {.fd = remote->process.pidfd, .events = POLLIN};
		for (; fd.fd >= 0 && left > 0 && poll(&fd, 1, 10) == 0; left -= 10) {
		}
	}
}

void remotes_destroy(struct remotes *remotes) {
	if (!remotes) {
		return;
	}
	struct remote *remote, *tmp;
	wl_list_for_each (remote, &remotes->list, link) {
		remote_process_set_stopped(&remote->process, false);
		remote_process_signal(&remote->process, SIGTERM);
	}
	wait_for_ends(remotes);
	wl_list_for_each_safe (remote, tmp, &remotes->list, link) {
		remote_destroy(remote);
	}
	remote_door_destroy(remotes->door);
	free(remotes);
}

static struct remote *need(struct remotes *remotes, const char *name, char **error) {
	struct remote *remote = find(remotes, name);
	if (!remote) {
		*error = xasprintf("there is no remote server '%s'", name);
	}
	return remote;
}

bool remotes_start(struct remotes *remotes, const char *name, char **error) {
	struct remote *remote = need(remotes, name, error);
	if (!remote) {
		return false;
	}
	if (remote->state == REMOTE_RUNNING) {
		*error = xasprintf("remote server '%s' runs already", name);
		return false;
	}
	remote->attempts = remote->restarts = 0;
	remote_process_set_stopped(&remote->process, false);
	if (remote->state == REMOTE_STOPPING) {
		remote->again = true;
		return true;
	}
	stop_timer(remote);
	return start(remote, error);
}

bool remotes_stop(struct remotes *remotes, const char *name, char **error) {
	struct remote *remote = need(remotes, name, error);
	if (!remote) {
		return false;
	}
	if (remote->state == REMOTE_STOPPED) {
		*error = xasprintf("remote server '%s' doesn't run", name);
		return false;
	}
	remote->again = false;
	remote_process_set_stopped(&remote->process, true);
	stop(remote);
	return true;
}

static void put_string(sd_bus_message *reply, const char *key, const char *value) {
	sd_bus_message_append(reply, "{sv}", key, "s", value ? value : "");
}

static void put_uint(sd_bus_message *reply, const char *key, uint32_t value) {
	sd_bus_message_append(reply, "{sv}", key, "u", value);
}

static void put_command(sd_bus_message *reply, char **argv) {
	sd_bus_message_open_container(reply, 'e', "sv");
	sd_bus_message_append(reply, "s", "command");
	sd_bus_message_open_container(reply, 'v', "as");
	sd_bus_message_append_strv(reply, argv);
	sd_bus_message_close_container(reply);
	sd_bus_message_close_container(reply);
}

void remotes_list(struct remotes *remotes, sd_bus_message *reply) {
	struct sessions *sessions = remotes->server->sessions;
	struct remote *remote;
	wl_list_for_each (remote, &remotes->list, link) {
		sd_bus_message_open_container(reply, 'a', "{sv}");
		put_string(reply, "name", remote->name);
		put_string(reply, "protocol", remote->protocol);
		put_string(reply, "state", state_name(remote->state));
		put_uint(reply, "pid", remote->process.pid);
		put_string(reply, "reason", remote->reason);
		put_uint(reply, "restarts", remote->restarts);
		put_uint(reply, "sessions", sessions_count(sessions, remote->name));
		put_command(reply, remote->argv);
		sd_bus_message_close_container(reply);
	}
}
