#include "remote/sound_player.h"

#include <pipewire/pipewire.h>
#include <spa/param/audio/format-utils.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"
#include "util/mem.h"
#include "vm-display/audio_mix.h"

#define FRAME_SIZE (AUDIO_MIX_CHANNELS * sizeof(int16_t))

struct sound_player {
	struct pw_thread_loop *loop;
	struct pw_stream *stream;
	void (*lost)(void *data);
	void *data;
	int16_t ring[SOUND_PLAYER_RING][AUDIO_MIX_CHANNELS];
	atomic_size_t put, taken; /* frames, ever */
	bool starts; /* PipeWire's thread: waits until enough is there */
};

/* In PipeWire's thread: silence for what isn't there. */
static void fill(struct sound_player *player, int16_t *out, size_t frames) {
	size_t taken = atomic_load(&player->taken);
	size_t filled = atomic_load(&player->put) - taken;
	if (player->starts && filled < SOUND_PLAYER_START) {
		filled = 0;
	}
	size_t count = filled < frames ? filled : frames;
	for (size_t i = 0; i < count; i++) {
		memcpy(out + i * AUDIO_MIX_CHANNELS, player->ring[(taken + i) % SOUND_PLAYER_RING],
			FRAME_SIZE);
	}
	memset(out + count * AUDIO_MIX_CHANNELS, 0, (frames - count) * FRAME_SIZE);
	atomic_store(&player->taken, taken + count);
	player->starts = count < frames;
}

static void handle_process(void *data) {
	struct sound_player *player = data;
	struct pw_buffer *buffer = pw_stream_dequeue_buffer(player->stream);
	if (!buffer) {
		return;
	}
	struct spa_data *plane = &buffer->buffer->datas[0];
	size_t frames = plane->data ? plane->maxsize / FRAME_SIZE : 0;
	if (buffer->requested > 0 && buffer->requested < frames) {
		frames = buffer->requested;
	}
	if (plane->data) {
		fill(player, plane->data, frames);
	}
	plane->chunk->offset = 0;
	plane->chunk->stride = FRAME_SIZE;
	plane->chunk->size = frames * FRAME_SIZE;
	pw_stream_queue_buffer(player->stream, buffer);
}

static void handle_state(
	void *data, enum pw_stream_state old, enum pw_stream_state state, const char *error) {
	struct sound_player *player = data;
	if (player->lost &&
		(state == PW_STREAM_STATE_ERROR || state == PW_STREAM_STATE_UNCONNECTED)) {
		player->lost(player->data);
	}
}

static const struct pw_stream_events stream_events = {
	PW_VERSION_STREAM_EVENTS,
	.state_changed = handle_state,
	.process = handle_process,
};

static bool connect_stream(struct sound_player *player) {
	uint8_t bytes[1024];
	struct spa_pod_builder builder = SPA_POD_BUILDER_INIT(bytes, sizeof(bytes));
	struct spa_audio_info_raw info = {.format = SPA_AUDIO_FORMAT_S16,
		.rate = AUDIO_MIX_RATE,
		.channels = AUDIO_MIX_CHANNELS,
		.position = {SPA_AUDIO_CHANNEL_FL, SPA_AUDIO_CHANNEL_FR}};
	const struct spa_pod *params[] = {
		spa_format_audio_raw_build(&builder, SPA_PARAM_EnumFormat, &info)};
	return pw_stream_connect(player->stream, PW_DIRECTION_OUTPUT, PW_ID_ANY,
		       PW_STREAM_FLAG_AUTOCONNECT | PW_STREAM_FLAG_MAP_BUFFERS |
			       PW_STREAM_FLAG_INACTIVE | PW_STREAM_FLAG_RT_PROCESS,
		       params, 1) >= 0;
}

static bool start(struct sound_player *player, const char *name, const char *remote) {
	player->loop = pw_thread_loop_new("mullion-sound", NULL);
	if (!player->loop) {
		return false;
	}
	struct pw_properties *properties = pw_properties_new(PW_KEY_MEDIA_TYPE, "Audio",
		PW_KEY_MEDIA_CATEGORY, "Playback", PW_KEY_NODE_NAME, "mullion",
		PW_KEY_NODE_DESCRIPTION, name, PW_KEY_NODE_LATENCY, "960/48000", NULL);
	pw_properties_set(properties, PW_KEY_REMOTE_NAME, remote);
	pw_thread_loop_lock(player->loop);
	player->stream = pw_stream_new_simple(
		pw_thread_loop_get_loop(player->loop), name, properties, &stream_events, player);
	bool ok = player->stream && connect_stream(player);
	pw_thread_loop_unlock(player->loop);
	return ok && pw_thread_loop_start(player->loop) >= 0;
}

struct sound_player *sound_player_create(
	const char *name, const char *remote, void (*lost)(void *data), void *data) {
	struct sound_player *player = xcalloc(1, sizeof(*player));
	player->lost = lost;
	player->data = data;
	player->starts = true;
	pw_init(NULL, NULL);
	if (!start(player, name, remote)) {
		log_error("no PipeWire to play on");
		sound_player_destroy(player);
		return NULL;
	}
	return player;
}

void sound_player_destroy(struct sound_player *player) {
	if (!player) {
		return;
	}
	if (player->loop) {
		pw_thread_loop_stop(player->loop);
	}
	player->lost = NULL;
	if (player->stream) {
		pw_stream_destroy(player->stream);
	}
	if (player->loop) {
		pw_thread_loop_destroy(player->loop);
	}
	free(player);
}

void sound_player_set_playing(struct sound_player *player, bool playing) {
	pw_thread_loop_lock(player->loop);
	pw_stream_set_active(player->stream, playing);
	pw_thread_loop_unlock(player->loop);
}

void sound_player_add(struct sound_player *player, const int16_t *samples, size_t frames) {
	size_t put = atomic_load(&player->put);
	size_t room = SOUND_PLAYER_RING - (put - atomic_load(&player->taken));
	size_t count = frames < room ? frames : room;
	for (size_t i = 0; i < count; i++) {
		memcpy(player->ring[(put + i) % SOUND_PLAYER_RING],
			samples + i * AUDIO_MIX_CHANNELS, FRAME_SIZE);
	}
	atomic_store(&player->put, put + count);
}
