/* Shared by the files of the listener: one for its life, one for each way that frames come. */
#ifndef VM_DISPLAY_LISTENER_PRIVATE_H
#define VM_DISPLAY_LISTENER_PRIVATE_H

#include <systemd/sd-bus.h>

#include "vm-display/bus_link.h"
#include "vm-display/listener.h"

#define LISTENER_INTERFACE "org.qemu.Display1.Listener"
#define LISTENER_MAP_INTERFACE "org.qemu.Display1.Listener.Unix.Map"
#define LISTENER_DMABUF2_INTERFACE "org.qemu.Display1.Listener.Unix.ScanoutDMABUF2"
#define LISTENER_DMABUF2_SIGNATURE "ahuuuuauauuuuutb"

struct listener {
	struct bus_link *link;
	struct screen *screen;
	bool share_memory;
	enum console_path path;
	const struct listener_impl *impl;
	void *data;
	int mouse_x, mouse_y; /* px: the top left corner of the cursor's image */
	bool mouse_on;
	sd_bus_message *updates[LISTENER_UPDATES_MAX]; /* UpdateDMABUFs to be answered */
	int update_count;
};

/* The peer broke a rule; returns what a handler of the bus should return. */
int listener_fail(struct listener *listener, const char *reason);
void listener_set_frame(struct listener *listener, struct frame *frame, enum console_path path);

/* Handlers of methods, with a struct listener as data. */
int listener_handle_scanout(sd_bus_message *message, void *data, sd_bus_error *error);
int listener_handle_update(sd_bus_message *message, void *data, sd_bus_error *error);
int listener_handle_scanout_map(sd_bus_message *message, void *data, sd_bus_error *error);
int listener_handle_update_map(sd_bus_message *message, void *data, sd_bus_error *error);
int listener_handle_scanout_dmabuf(sd_bus_message *message, void *data, sd_bus_error *error);
int listener_handle_scanout_dmabuf2(sd_bus_message *message, void *data, sd_bus_error *error);
int listener_handle_update_dmabuf(sd_bus_message *message, void *data, sd_bus_error *error);
int listener_handle_mouse_set(sd_bus_message *message, void *data, sd_bus_error *error);
int listener_handle_cursor_define(sd_bus_message *message, void *data, sd_bus_error *error);

/* Answers the UpdateDMABUFs that wait for the screen's observers, or drops them unanswered. */
void listener_answer_updates(struct listener *listener);
void listener_drop_updates(struct listener *listener);

#endif
