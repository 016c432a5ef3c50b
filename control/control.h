/* The control bus: the D-Bus interface org.mullion.Control1 (protocols/org.mullion.Control1.xml) on
 * a unix socket, peer to peer, answering what busctl and gdbus need of a bus. The server side, for
 * the compositor; `mullionctl` is the client. */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#define CONTROL_SOCKET_NAME "control" /* in the runtime folder, mode 0600 */
#define CONTROL_CLIENTS_MAX 64 /* through each door */

struct control;

enum control_power {
	CONTROL_START,
	CONTROL_SHUT_DOWN,
	CONTROL_POWER_OFF,
	CONTROL_RESET,
	CONTROL_PAUSE,
	CONTROL_RESUME,
};

struct control_output_change {
	int enabled; /* 0, 1; -1: as it is */
	int width, height; /* px; -1 */
	double refresh; /* Hz; -1 */
	double scale; /* -1 */
	int x, y; /* logical px; INT_MIN */
	const char *transform; /* "normal", "90" … "flipped-270"; NULL */
};

#define CONTROL_SESSION_ID_SIZE 9 /* 8 hexadecimal digits */
#define CONTROL_SESSION_TEXT_MAX 255 /* bytes */

struct control_session { /* of OpenSession; "" where nothing was said */
	const char *server, *protocol, *user, *address, *target, *renew;
	uint32_t rights; /* enum publisher_right */
};

/* What the interface's methods do. A bool answers whether it was done; if not, *error is an
 * allocated message, which is sent as org.mullion.Error.Failed and freed. The list functions append
 * to an open container of type "aa{sv}". Names of views: a guest's name (its first head),
 * NAME:HEAD, or a window's id ("w12"). */
struct control_impl {
	bool (*list_guests)(void *data, sd_bus_message *reply);
	bool (*list_views)(void *data, sd_bus_message *reply);
	bool (*list_outputs)(void *data, sd_bus_message *reply);
	bool (*add_guest)(void *data, const char *path, char **error);
	bool (*remove_guest)(void *data, const char *guest, char **error);
	bool (*power)(void *data, const char *guest, enum control_power power, char **error);
	bool (*set_layout)(void *data, const char *layout, const char *output, char **error);
	bool (*focus)(void *data, const char *view, char **error);
	bool (*set_opacity)(void *data, const char *view, double opacity, char **error);
	/* Layout coordinates of the frame's outer edge, in logical px; switches to the free layout.
	 */
	bool (*move)(
		void *data, const char *view, int x, int y, int width, int height, char **error);
	bool (*move_to_output)(void *data, const char *view, const char *output, char **error);
	bool (*close)(void *data, const char *view, char **error);
	bool (*create_output)(void *data, const char *name, int width, int height, char **error);
	bool (*remove_output)(void *data, const char *name, char **error);
	bool (*configure_output)(void *data, const char *name,
		const struct control_output_change *change, char **error);
	/* An fd of a Display1 connection that shows exactly `target`: "desktop", "output:NAME" or
	 * "guest:NAME"; -1 with *error. `rights` as enum publisher_right. */
	int (*open_display)(void *data, const char *target, unsigned int rights, char **error);
	/* Likewise; writes the session's id. */
	int (*open_session)(void *data, const struct control_session *session,
		char id[CONTROL_SESSION_ID_SIZE], char **error);
	bool (*list_sessions)(void *data, sd_bus_message *reply);
	bool (*kick_session)(void *data, const char *id, char **error);
	bool (*list_remotes)(void *data, sd_bus_message *reply);
	bool (*start_remote)(void *data, const char *name, char **error);
	bool (*stop_remote)(void *data, const char *name, char **error);
	bool (*reload)(void *data, char **error);
	void (*quit)(void *data, bool stop_guests);
};

/* Listens on FOLDER/control; NULL after a log line (another mullion answers there, say). A socket
 * that nobody answers is replaced. */
struct control *control_create(
	sd_event *event, const char *folder, const struct control_impl *impl, void *data);
void control_destroy(struct control *control); /* NULL is legal */

/* Listens on FOLDER/control, too, for processes of this user, which can do only what a remote
 * server needs: sessions, displays and lists. The folder is to be closed to others. False after a
 * log line; there can be one such door. */
bool control_open_door(struct control *control, const char *folder, uid_t user);

/* Sends the signal Event(s kind, s object, s detail) to all clients that have sent a message, for
 * instance ("guest-state", "debian", "running"), ("view-added", …), ("focus", …), ("layout", …),
 * ("output-added", …). */
void control_emit(
	struct control *control, const char *kind, const char *object, const char *detail);

#endif
