/* Plays sound on PipeWire: 48 kHz, two channels, 16 bits. PipeWire's thread takes what the caller's
 * puts in a ring between the two; when nothing plays, nothing runs. */
#ifndef REMOTE_SOUND_PLAYER_H
#define REMOTE_SOUND_PLAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOUND_PLAYER_RING 16384 /* frames, a power of two: a third of a second */
#define SOUND_PLAYER_START 1920 /* frames that are there before it begins: 40 ms */

struct sound_player;

/* NULL after a log line, also when there is no PipeWire. `remote`: its name or the path of its
 * socket, NULL for the usual one. `lost` is called in PipeWire's thread when
 * its end is gone. */
struct sound_player *sound_player_create(
	const char *name, const char *remote, void (*lost)(void *data), void *data);
void sound_player_destroy(struct sound_player *player); /* NULL is legal */

void sound_player_set_playing(struct sound_player *player, bool playing);
/* What there is no room for is dropped. */
void sound_player_add(struct sound_player *player, const int16_t *samples, size_t frames);

#endif
