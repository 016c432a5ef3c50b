/* A cursor's picture as RFB carries it. Sources: RFC 6143 section 7.8.1 (Cursor), the community's
 * rfbproto (Cursor With Alpha). libvncserver's own cursors are drawn into the frame buffer, which
 * is read-only here, and end where its 32 KiB buffer does. */
#ifndef REMOTE_RFB_CURSOR_H
#define REMOTE_RFB_CURSOR_H

#include <rfb/rfb.h>
#include <stddef.h>
#include <stdint.h>

struct cursor_image;

/* Pixels in the client's format, then the mask of those that are at least half opaque. The caller
 * frees; NULL if memory is out. The format must have been checked (rfb_message.h). */
uint8_t *rfb_cursor_encode_masked(
	const struct cursor_image *cursor, const rfbPixelFormat *format, size_t *size);

/* Raw RGBA, premultiplied, behind the word that says so. The caller frees; NULL if memory is out.
 */
uint8_t *rfb_cursor_encode_alpha(const struct cursor_image *cursor, size_t *size);

#endif
