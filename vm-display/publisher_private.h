/* Shared by the files of the publisher.
 *
 * publisher -> published_client (a connection) -> published_object (a console as this connection
 * sees it) -> published_listener (one socket to which frames go). */
#ifndef VM_DISPLAY_PUBLISHER_PRIVATE_H
#define VM_DISPLAY_PUBLISHER_PRIVATE_H

#include <systemd/sd-bus.h>

#include "vm-display/bus_link.h"
#include "vm-display/display_client_private.h"
#include "vm-display/publisher.h"

#define PUBLISHER_KEYS 256 /* qnums */
#define PUBLISHER_BUTTONS 7
#define PUBLISHER_TOUCHES 10 /* slots; QEMU's own number */

struct published_client;
struct published_object;
struct published_listener;
struct published_audio;
struct published_audio_listener;
struct published_clipboard;
struct published_clipboard_end;

struct publisher {
	sd_event *event;
	char *name, *uuid;
	TAILQ_HEAD(, published_console) consoles; /* in id order */
	TAILQ_HEAD(, published_client) clients;
	int client_count;
	struct published_audio *audio; /* NULL: it has no sound */
	struct published_clipboard *clipboard; /* NULL: it has none */
};

struct published_console {
	struct publisher *publisher;
	uint32_t id, head;
	char *label;
	bool mouse_absolute, keeps_memory;
	uint32_t leds;
	struct screen *screen;
	struct screen_observer observer; /* tells clients of a new size */
	uint32_t width, height; /* px, as last told */
	const struct published_console_impl *impl;
	void *data;
	int listener_count; /* of all connections */
	char path[DISPLAY_PATH_SIZE];
	TAILQ_ENTRY(published_console) link;
};

bool published_console_has_mouse(const struct published_console *console);

struct published_object {
	struct published_client *client;
	struct published_console *console;
	sd_bus_slot *slots[4];
	int slot_count;
	/* What this connection holds down. */
	bool keys[PUBLISHER_KEYS];
	bool buttons[PUBLISHER_BUTTONS];
	bool touches[PUBLISHER_TOUCHES];
	TAILQ_HEAD(, published_listener) listeners;
	int listener_count;
	TAILQ_ENTRY(published_object) link;
};

struct published_client {
	struct publisher *publisher;
	unsigned int rights;
	struct bus_link *link;
	TAILQ_HEAD(, published_object) objects;
	struct published_audio_listener *audio_listener; /* NULL: it doesn't hear */
	struct published_clipboard_end *clipboard_end; /* NULL: it may not share it */
	/* publisher_open_watched; NULL: nobody watches. */
	void (*ended)(void *data, bool by_peer);
	void *ended_data;
	bool left; /* by the peer */
	TAILQ_ENTRY(published_client) client_link;
};

/* Takes fd. NULL after a log line. */
struct published_client *published_client_create(
	struct publisher *publisher, int fd, unsigned int rights);
void published_client_destroy(struct published_client *client);
/* Ends the connection, soon. */
void published_client_fail(struct published_client *client, const char *reason);
void published_client_add_console(
	struct published_client *client, struct published_console *console);
void published_client_remove_console(
	struct published_client *client, struct published_console *console);
/* `property` of `interface` of a console changed. */
void published_client_tell(struct published_client *client, struct published_console *console,
	const char *interface, const char *property);

/* NULL after a log line. */
struct published_object *published_object_create(
	struct published_client *client, struct published_console *console);
/* Releases what is held. */
void published_object_destroy(struct published_object *object);

/* Takes fd. NULL after a log line. */
struct published_listener *published_listener_create(struct published_object *object, int fd);
void published_listener_destroy(struct published_listener *listener);

/* published_audio.c: to a new connection; true also where there is no sound. */
bool published_audio_offer(struct published_client *client);
void published_audio_forget(struct published_client *client);
void published_audio_destroy(struct published_audio *audio); /* NULL is legal */

/* published_clipboard.c, likewise. */
bool published_clipboard_join(struct published_client *client);
void published_clipboard_leave(struct published_client *client);
void published_clipboard_destroy(struct published_clipboard *clipboard); /* NULL is legal */

/* The socket calls of sd-bus don't wait whatever the peer does to its flags; those on other files
 * could. */
bool published_is_stream_socket(int fd);

extern const sd_bus_vtable published_keyboard_vtable[];
extern const sd_bus_vtable published_mouse_vtable[];
extern const sd_bus_vtable published_touch_vtable[];
void published_object_release(struct published_object *object); /* all that is held */

/* Answers with an error and returns true if the connection lacks a right. */
bool published_object_refuses(
	struct published_object *object, sd_bus_message *message, enum publisher_right right);

#endif
