/* Text through a pipe of a Wayland client, which may be slow or never come: read up to a limit, or
 * written. Given up after TEXT_PIPE_TIME. */
#ifndef COMPOSITOR_TEXT_PIPE_H
#define COMPOSITOR_TEXT_PIPE_H

#include <stddef.h>
#include <systemd/sd-event.h>

#define TEXT_PIPE_TIME 5000000 /* us */

struct text_pipe;

/* Calls back once, never from within; the callee may destroy the pipe. What was read, or NULL if
 * that failed, took too long, or is longer than the limit. */
typedef void (*text_pipe_done)(void *data, const char *text, size_t size);

/* Both take `fd` on every path. NULL after a log line. */
struct text_pipe *text_pipe_read(
	sd_event *event, int fd, size_t max, text_pipe_done done, void *data);
/* `text` is copied; what `done` gets has no meaning. */
struct text_pipe *text_pipe_write(
	sd_event *event, int fd, const char *text, size_t size, text_pipe_done done, void *data);
void text_pipe_destroy(struct text_pipe *pipe); /* NULL is legal; silent */

#endif
