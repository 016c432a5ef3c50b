#include "kms.h"

#include <drm_fourcc.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define MODES_MAX 128
#define CURSOR_BUFFER_SIDE 64 /* px; what virtio-gpu takes */

static void die(const char *what) {
	printf("FAILED %s: %s\n", what, strerror(errno));
	exit(1);
}

static void call(struct kms *kms, unsigned long request, void *argument, const char *what) {
	int ret;
	do {
		ret = ioctl(kms->fd, request, argument);
	} while (ret < 0 && (errno == EINTR || errno == EAGAIN));
	if (ret < 0) {
		die(what);
	}
}

static void buffer_create(
	struct kms *kms, struct kms_buffer *buffer, int width, int height, uint32_t format) {
	struct drm_mode_create_dumb create = {
		.width = (uint32_t)width, .height = (uint32_t)height, .bpp = 32};
	call(kms, DRM_IOCTL_MODE_CREATE_DUMB, &create, "CREATE_DUMB");
	struct drm_mode_fb_cmd2 add = {
		.width = (uint32_t)width,
		.height = (uint32_t)height,
		.pixel_format = format,
		.handles = {create.handle},
		.pitches = {create.pitch},
	};
	call(kms, DRM_IOCTL_MODE_ADDFB2, &add, "ADDFB2");
	struct drm_mode_map_dumb map = {.handle = create.handle};
	call(kms, DRM_IOCTL_MODE_MAP_DUMB, &map, "MAP_DUMB");
	void *data = mmap(
		NULL, create.size, PROT_READ | PROT_WRITE, MAP_SHARED, kms->fd, (off_t)map.offset);
	if (data == MAP_FAILED) {
		die("mmap");
	}
	*buffer = (struct kms_buffer){
		.handle = create.handle,
		.framebuffer = add.fb_id,
		.size = create.size,
		.image = {data, create.pitch, width, height, 0},
	};
}

static void buffer_destroy(struct kms *kms, struct kms_buffer *buffer) {
	if (buffer->image.data == NULL) {
		return;
	}
	munmap(buffer->image.data, buffer->size);
	call(kms, DRM_IOCTL_MODE_RMFB, &buffer->framebuffer, "RMFB");
	struct drm_mode_destroy_dumb destroy = {.handle = buffer->handle};
	call(kms, DRM_IOCTL_MODE_DESTROY_DUMB, &destroy, "DESTROY_DUMB");
	*buffer = (struct kms_buffer){0};
}

static void buffer_flush(struct kms *kms, struct kms_buffer *buffer, struct pattern_rect rect) {
	rect = pattern_clip(&buffer->image, rect);
	if (rect.width == 0) {
		return;
	}
	struct drm_clip_rect clip = {
		.x1 = (uint16_t)rect.x,
		.y1 = (uint16_t)rect.y,
		.x2 = (uint16_t)(rect.x + rect.width),
		.y2 = (uint16_t)(rect.y + rect.height),
	};
	struct drm_mode_fb_dirty_cmd dirty = {
		.fb_id = buffer->framebuffer, .num_clips = 1, .clips_ptr = (uintptr_t)&clip};
	call(kms, DRM_IOCTL_MODE_DIRTYFB, &dirty, "DIRTYFB");
}

static void create_cursor(struct kms *kms) {
	buffer_create(
		kms, &kms->cursor, CURSOR_BUFFER_SIDE, CURSOR_BUFFER_SIDE, DRM_FORMAT_ARGB8888);
	for (int y = 0; y < PATTERN_CURSOR_SIDE; y++) {
		uint32_t *row =
			(uint32_t *)(kms->cursor.image.data + (size_t)y * kms->cursor.image.stride);
		for (int x = 0; x < PATTERN_CURSOR_SIDE; x++) {
			row[x] = PATTERN_CURSOR_COLOR;
		}
	}
}

void kms_init(struct kms *kms) {
	*kms = (struct kms){.fd = open("/dev/dri/card0", O_RDWR | O_CLOEXEC)};
	if (kms->fd < 0) {
		die("/dev/dri/card0");
	}
	uint32_t crtcs[KMS_HEADS_MAX], connectors[KMS_HEADS_MAX];
	struct drm_mode_card_res resources = {
		.crtc_id_ptr = (uintptr_t)crtcs,
		.connector_id_ptr = (uintptr_t)connectors,
		.count_crtcs = KMS_HEADS_MAX,
		.count_connectors = KMS_HEADS_MAX,
	};
	call(kms, DRM_IOCTL_MODE_GETRESOURCES, &resources, "GETRESOURCES");
	/* One CRTC a connector, in the same order: so it is on virtio-gpu. */
	while (kms->head_count < (int)resources.count_connectors &&
		kms->head_count < (int)resources.count_crtcs && kms->head_count < KMS_HEADS_MAX) {
		kms->heads[kms->head_count].connector = connectors[kms->head_count];
		kms->heads[kms->head_count].crtc = crtcs[kms->head_count];
		kms->head_count++;
	}
	create_cursor(kms);
}

/* False if nothing is connected. */
static bool find_mode(struct kms *kms, struct kms_head *head, struct drm_mode_modeinfo *mode) {
	static struct drm_mode_modeinfo modes[MODES_MAX];
	struct drm_mode_get_connector probe = {.connector_id = head->connector};
	call(kms, DRM_IOCTL_MODE_GETCONNECTOR, &probe, "GETCONNECTOR");
	struct drm_mode_get_connector get = {
		.connector_id = head->connector,
		.count_modes = MODES_MAX,
		.modes_ptr = (uintptr_t)modes,
	};
	call(kms, DRM_IOCTL_MODE_GETCONNECTOR, &get, "GETCONNECTOR");
	uint32_t count = get.count_modes < MODES_MAX ? get.count_modes : MODES_MAX;
	if (get.connection != 1 /* connected */ || count == 0) {
		return false;
	}
	*mode = modes[0];
	for (uint32_t i = 0; i < count; i++) {
		if (modes[i].type & DRM_MODE_TYPE_PREFERRED) {
			*mode = modes[i];
			break;
		}
	}
	return true;
}

static void set_crtc(struct kms *kms, struct kms_head *head) {
	struct drm_mode_crtc crtc = {.crtc_id = head->crtc};
	if (head->is_connected) {
		crtc.fb_id = head->buffer.framebuffer;
		crtc.set_connectors_ptr = (uintptr_t)&head->connector;
		crtc.count_connectors = 1;
		crtc.mode_valid = 1;
		crtc.mode = head->mode;
	}
	call(kms, DRM_IOCTL_MODE_SETCRTC, &crtc, "SETCRTC");
}

static void set_cursor(struct kms *kms) {
	struct drm_mode_cursor2 cursor = {
		.flags = DRM_MODE_CURSOR_BO,
		.crtc_id = kms->heads[0].crtc,
		.width = CURSOR_BUFFER_SIDE,
		.height = CURSOR_BUFFER_SIDE,
		.handle = kms->cursor.handle,
	};
	call(kms, DRM_IOCTL_MODE_CURSOR2, &cursor, "CURSOR2");
}

static void head_show(struct kms *kms, struct kms_head *head) {
	int index = (int)(head - kms->heads);
	struct kms_buffer old = head->buffer;
	buffer_create(
		kms, &head->buffer, head->mode.hdisplay, head->mode.vdisplay, DRM_FORMAT_XRGB8888);
	struct pattern_image *image = &head->buffer.image;
	image->head = index;
	pattern_draw(image, (struct pattern_rect){0, 0, image->width, image->height});
	for (unsigned int code = 0; code < PATTERN_KEYS_MAX; code++) {
		if (kms->keys[code]) {
			pattern_draw_key(image, code, true);
		}
	}
	set_crtc(kms, head);
	buffer_flush(kms, &head->buffer, (struct pattern_rect){0, 0, image->width, image->height});
	buffer_destroy(kms, &old);
	if (index == 0) {
		set_cursor(kms);
	}
	printf("READY head %d %dx%d\n", index, image->width, image->height);
}

static void head_update(struct kms *kms, struct kms_head *head) {
	struct drm_mode_modeinfo mode = {0};
	bool is_connected = find_mode(kms, head, &mode);
	if (is_connected == head->is_connected && mode.hdisplay == head->mode.hdisplay &&
		mode.vdisplay == head->mode.vdisplay) {
		return;
	}
	head->is_connected = is_connected;
	head->mode = mode;
	if (is_connected) {
		head_show(kms, head);
	} else {
		set_crtc(kms, head);
		buffer_destroy(kms, &head->buffer);
		printf("GONE head %d\n", (int)(head - kms->heads));
	}
}

void kms_update(struct kms *kms) {
	for (int i = 0; i < kms->head_count; i++) {
		head_update(kms, &kms->heads[i]);
	}
}

void kms_toggle_key(struct kms *kms, unsigned int code) {
	if (code >= PATTERN_KEYS_MAX) {
		return;
	}
	kms->keys[code] = !kms->keys[code];
	for (int i = 0; i < kms->head_count; i++) {
		if (kms->heads[i].is_connected) {
			pattern_draw_key(&kms->heads[i].buffer.image, code, kms->keys[code]);
			buffer_flush(kms, &kms->heads[i].buffer, pattern_key_rect(code));
		}
	}
}

void kms_draw_cross(struct kms *kms, int x, int y) {
	struct kms_head *head = &kms->heads[0];
	if (head->is_connected) {
		buffer_flush(kms, &head->buffer, pattern_draw_cross(&head->buffer.image, x, y));
	}
}

void kms_move_cursor(struct kms *kms, int x, int y) {
	if (!kms->heads[0].is_connected) {
		return;
	}
	struct drm_mode_cursor2 cursor = {
		.flags = DRM_MODE_CURSOR_MOVE,
		.crtc_id = kms->heads[0].crtc,
		.x = x,
		.y = y,
	};
	call(kms, DRM_IOCTL_MODE_CURSOR2, &cursor, "CURSOR2");
}
