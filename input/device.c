#include "input/device.h"

#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_input_device.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_seat.h>

#include "input/cursor.h"
#include "input/keyboard.h"
#include "input/pointer.h"
#include "input/seat_private.h"
#include "input/touch.h"
#include "util/mem.h"

void seat_update_capabilities(struct seat *seat) {
	if (!seat->ready) {
		return;
	}
	uint32_t capabilities = WL_SEAT_CAPABILITY_KEYBOARD | WL_SEAT_CAPABILITY_POINTER;
	struct seat_device *device;
	wl_list_for_each (device, &seat->devices, link) {
		if (device->wlr->type == WLR_INPUT_DEVICE_TOUCH) {
			capabilities |= WL_SEAT_CAPABILITY_TOUCH;
		}
	}
	wlr_seat_set_capabilities(seat->wlr, capabilities);
}

static void unmap(struct seat_device *device) {
	wl_list_remove(&device->output_destroy.link);
	wl_list_init(&device->output_destroy.link);
	device->output = NULL;
}

static void device_destroy(struct seat_device *device) {
	unmap(device);
	wl_list_remove(&device->destroy.link);
	wl_list_remove(&device->link);
	device->wlr->data = NULL;
	free(device);
}

static void handle_destroy(struct wl_listener *listener, void *data) {
	struct seat_device *device = wl_container_of(listener, device, destroy);
	struct seat *seat = device->seat;
	bool touch = device->wlr->type == WLR_INPUT_DEVICE_TOUCH;
	device_destroy(device);
	if (touch) {
		touch_cancel(seat->touch);
	}
	seat_update_capabilities(seat);
}

static void handle_output_destroy(struct wl_listener *listener, void *data) {
	struct seat_device *device = wl_container_of(listener, device, output_destroy);
	unmap(device);
}

static void configure(struct seat_device *device) {
	const struct device_rules *rules = device->seat->config.devices;
	if (rules) {
		device_rules_apply(rules, device->wlr);
	}
}

void seat_configure_devices(struct seat *seat) {
	struct seat_device *device;
	wl_list_for_each (device, &seat->devices, link) {
		configure(device);
	}
}

static void add(struct seat *seat, struct wlr_input_device *wlr, struct wlr_output *output) {
	struct seat_device *device = xcalloc(1, sizeof(*device));
	device->seat = seat;
	device->wlr = wlr;
	wlr->data = device;
	device->destroy.notify = handle_destroy;
	wl_signal_add(&wlr->events.destroy, &device->destroy);
	device->output_destroy.notify = handle_output_destroy;
	wl_list_init(&device->output_destroy.link);
	if (output) {
		device->output = output;
		wl_signal_add(&output->events.destroy, &device->output_destroy);
	}
	wl_list_insert(&seat->devices, &device->link);
	configure(device);
	seat_update_capabilities(seat);
}

void seat_add_device(
	struct seat *seat, struct wlr_input_device *device, struct wlr_output *output) {
	switch (device->type) {
	case WLR_INPUT_DEVICE_KEYBOARD:
		keyboard_add_device(seat->keyboard, device);
		break;
	case WLR_INPUT_DEVICE_POINTER:
		add(seat, device, output);
		pointer_add_device(seat->pointer, device);
		break;
	case WLR_INPUT_DEVICE_TOUCH:
		add(seat, device, output);
		pointer_add_device(seat->pointer, device);
		break;
	default:
		break; /* tablets and switches have nobody to go to */
	}
}

void seat_remove_devices(struct seat *seat) {
	struct seat_device *device, *next;
	wl_list_for_each_safe (device, next, &seat->devices, link) {
		device_destroy(device);
	}
}

static struct wlr_output *output_by_name(const struct wlr_output_layout *layout, const char *name) {
	struct wlr_output_layout_output *output;
	wl_list_for_each (output, &layout->outputs, link) {
		if (name && strcmp(output->output->name, name) == 0) {
			return output->output;
		}
	}
	return NULL;
}

bool seat_absolute_to_layout(const struct seat *seat, const struct seat_device *device,
	const char *output_name, double x, double y, double *lx, double *ly) {
	struct wlr_output *output = device->output;
	if (!output) {
		output = output_by_name(seat->layout, output_name);
	}
	struct wlr_box box;
	wlr_output_layout_get_box(seat->layout, output, &box);
	if (wlr_box_empty(&box)) {
		return false;
	}
	struct wlr_fbox point = {.x = x, .y = y};
	if (output) {
		wlr_fbox_transform(&point, &point, output->transform, 1, 1);
	}
	*lx = box.x + point.x * box.width;
	*ly = box.y + point.y * box.height;
	return true;
}
