/* A DRM device and its heads, by the kernel's own interface (drm.h): each connected head shows the
 * pattern in its preferred mode. Whatever fails is printed and ends the machine, because nothing of
 * it may be overlooked in a test. */
#ifndef TESTS_GUESTS_KMS_KMS_H
#define TESTS_GUESTS_KMS_KMS_H

#include <drm.h>
#include <drm_mode.h>
#include <stdbool.h>
#include <stdint.h>

#include "pattern.h"

#define KMS_HEADS_MAX 16

struct kms_buffer { /* a dumb buffer with a framebuffer on it */
	uint32_t handle, framebuffer;
	uint64_t size; /* bytes */
	struct pattern_image image; /* data NULL: none */
};

struct kms_head {
	uint32_t connector, crtc;
	bool is_connected;
	struct drm_mode_modeinfo mode;
	struct kms_buffer buffer;
};

struct kms {
	int fd;
	struct kms_head heads[KMS_HEADS_MAX];
	int head_count;
	struct kms_buffer cursor;
	bool keys[PATTERN_KEYS_MAX]; /* white ones */
};

void kms_init(struct kms *kms);
/* Asks every connector for its state and follows it; prints READY lines for what has changed. */
void kms_update(struct kms *kms);

void kms_toggle_key(struct kms *kms, unsigned int code);
void kms_draw_cross(struct kms *kms, int x, int y); /* px of head 0 */
void kms_move_cursor(struct kms *kms, int x, int y); /* px of head 0 */

#endif
