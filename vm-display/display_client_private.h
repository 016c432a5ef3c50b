/* Shared by display_client.c (the connection), console.c and console_input.c. */
#ifndef VM_DISPLAY_DISPLAY_CLIENT_PRIVATE_H
#define VM_DISPLAY_DISPLAY_CLIENT_PRIVATE_H

#include "vm-display/bus_link.h"
#include "vm-display/display_client.h"

#define DISPLAY_ROOT "/org/qemu/Display1"
#define DISPLAY_VM_PATH DISPLAY_ROOT "/VM"
#define DISPLAY_VM_INTERFACE "org.qemu.Display1.VM"
#define DISPLAY_CONSOLE_INTERFACE "org.qemu.Display1.Console"
#define DISPLAY_KEYBOARD_INTERFACE "org.qemu.Display1.Keyboard"
#define DISPLAY_MOUSE_INTERFACE "org.qemu.Display1.Mouse"
#define DISPLAY_TOUCH_INTERFACE "org.qemu.Display1.MultiTouch"
#define DISPLAY_AUDIO_PATH DISPLAY_ROOT "/Audio"
#define DISPLAY_AUDIO_INTERFACE "org.qemu.Display1.Audio"
#define DISPLAY_CLIPBOARD_PATH DISPLAY_ROOT "/Clipboard"
#define DISPLAY_CLIPBOARD_INTERFACE "org.qemu.Display1.Clipboard"
#define DISPLAY_PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

#define DISPLAY_PATH_SIZE 48 /* bytes, of a console's object path */

struct console_private {
	char path[DISPLAY_PATH_SIZE];
	bool is_known; /* its properties are, and the user was told of it */
	struct listener *listener; /* NULL: nobody listens */
	struct parting *parting; /* of the listener before, while it isn't decided */
	bool keeps_listeners; /* the peer does, even those that hung up: it gets no more of them */
	bool is_unwanted; /* console_unlisten, while we must go on */
	sd_bus_slot *registration; /* the unanswered RegisterListener */
	sd_bus_slot *farewell; /* the question whether a listener's end is the peer's */
	sd_bus_slot *sync;
	void (*sync_done)(void *data, bool ok);
	void *sync_data;
	/* Motion that waits until the peer reads again. */
	bool has_position, has_motion;
	uint32_t x, y;
	int dx, dy;
};

sd_bus *display_client_bus(struct display_client *client); /* NULL when the connection is gone */
void display_client_note_answer(struct display_client *client); /* as bus_link's */
size_t display_client_queued(struct display_client *client);
sd_event *display_client_event(struct display_client *client);

/* Ends the connection and tells the user, soon; `reason` is a static string. */
void display_client_fail(struct display_client *client, const char *reason);

/* NULL if there is none, or no longer. */
struct console *display_client_find(struct display_client *client, uint32_t id);

struct console *console_create(struct display_client *client, uint32_t id);
void console_destroy(struct console *console);

/* Asks for the properties; `done` is called once for each of *requests, even if the console is
 * gone by then. */
bool console_request_properties(
	struct console *console, void (*done)(struct display_client *client), int *requests);
/* Reads an a{sv} of `interface`; negative if a type is wrong. */
int console_read_properties(
	struct console *console, const char *interface, sd_bus_message *message);

/* Sends the motion that waits; called when the connection has room again. */
void console_flush_motion(struct console *console);
/* The connection is gone. */
void console_lose(struct console *console);

#endif
