/* A wlr_buffer over a guest's frame; it holds a reference to the frame. Guests are opaque: a format
 * with alpha is shown without it. */
#ifndef COMPOSITOR_FRAME_BUFFER_H
#define COMPOSITOR_FRAME_BUFFER_H

#include <wlr/types/wlr_buffer.h>

struct frame;

/* As a dmabuf it is the whole buffer of a FRAME_DMABUF, in which the picture is a part; else it is
 * the picture, in memory: the frame must have `data`. The caller drops it. */
struct wlr_buffer *frame_buffer_create(struct frame *frame, bool as_dmabuf);

#endif
