/* Sound: our client on our publisher, mixing, and what breaks the rules. */
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "tests/unit/vm-display/harness.h"
#include "vm-display/audio_client.h"
#include "vm-display/audio_listener.h"
#include "vm-display/audio_mix.h"
#include "vm-display/bus_link.h"
#include "vm-display/published_audio.h"

struct heard {
	int begun, ended, enabled, disabled, volumes;
	struct audio_format format;
	bool mute;
	uint8_t volume[AUDIO_CHANNELS_MAX];
	size_t bytes, writes;
	uint8_t last;
};

static void hear_begin(void *data, uint64_t id, const struct audio_format *format) {
	struct heard *heard = data;
	heard->begun++;
	heard->format = *format;
}

static void hear_end(void *data, uint64_t id) {
	((struct heard *)data)->ended++;
}

static void hear_enable(void *data, uint64_t id, bool enabled) {
	struct heard *heard = data;
	heard->enabled += enabled;
	heard->disabled += !enabled;
}

static void hear_volume(void *data, uint64_t id, bool mute, const uint8_t *volume) {
	struct heard *heard = data;
	heard->volumes++;
	heard->mute = mute;
	memcpy(heard->volume, volume, sizeof(heard->volume));
}

static void hear_write(void *data, uint64_t id, const void *pcm, size_t size) {
	struct heard *heard = data;
	heard->bytes += size;
	heard->writes++;
	heard->last = ((const uint8_t *)pcm)[size - 1];
}

static const struct audio_sink ear = {
	.begin = hear_begin,
	.end = hear_end,
	.enable = hear_enable,
	.volume = hear_volume,
	.write = hear_write,
};

static void handle_listening(void *data, bool anybody) {
	*(bool *)data = anybody;
}

static const struct published_audio_impl audio_impl = {.listening = handle_listening};
static const struct audio_sink *const sound = &published_audio_sink;

static void test_round_trip(void) {
	sd_event *event;
	CHECK(sd_event_new(&event) >= 0);
	struct publisher *publisher = publisher_create(event, "test", "");
	bool listened = false;
	struct published_audio *audio = publisher_add_audio(publisher, &audio_impl, &listened);
	uint8_t loud[AUDIO_CHANNELS_MAX] = {10, 20, 30, 40, 50, 60, 70, 80}, pcm[960] = {0};
	struct audio_format format = {8, false, false, false, 8000, 1};
	sound->begin(audio, 7, &format); /* before anybody listens */
	sound->volume(audio, 7, true, loud);
	sound->enable(audio, 7, true);
	struct peer peer;
	peer_open(&peer, event, publisher_open(publisher, PUBLISHER_VIEW));
	struct heard heard = {0};
	struct audio_client *client = audio_client_create(peer.client, &ear, &heard);
	WAIT_FOR(event, heard.enabled == 1);
	CHECK(listened && heard.begun == 1 && audio_format_equals(&heard.format, &format));
	CHECK(heard.mute && memcmp(heard.volume, loud, sizeof(loud)) == 0);
	CHECK(audio_client_streams(client)->count == 1);
	pcm[959] = 99;
	sound->write(audio, 7, pcm, sizeof(pcm));
	WAIT_FOR(event, heard.bytes == sizeof(pcm));
	CHECK(heard.last == 99);
	/* What a listener doesn't take in time is lost, the newest first, and nothing waits. */
	for (int i = 0; i < 1000; i++) {
		sound->write(audio, 7, pcm, sizeof(pcm));
	}
	settle(event);
	CHECK(heard.writes > 1 && heard.writes < 200 && !peer.is_lost);
	size_t before = heard.bytes;
	sound->write(audio, 7, pcm, sizeof(pcm));
	WAIT_FOR(event, heard.bytes == before + sizeof(pcm));
	sound->enable(audio, 7, false);
	sound->end(audio, 7);
	WAIT_FOR(event, heard.ended == 1);
	CHECK(heard.disabled == 1 && audio_client_streams(client)->count == 0);
	sound->begin(audio, 8, &audio_mix_format);
	WAIT_FOR(event, heard.begun == 2);
	audio_client_destroy(client);
	CHECK(heard.ended == 2);
	WAIT_FOR(event, !listened);
	peer_close(&peer);
	settle(event);
	publisher_destroy(publisher);
	sd_event_unref(event);
}

/* Without the right, without sound, and a second listener of one connection. */
static void test_refusals(void) {
	sd_event *event;
	CHECK(sd_event_new(&event) >= 0);
	struct publisher *publisher = publisher_create(event, "test", "");
	struct publisher *silent = publisher_create(event, "silent", "");
	bool listened = false;
	struct published_audio *audio = publisher_add_audio(publisher, &audio_impl, &listened);
	sound->begin(audio, 1, &audio_mix_format);
	struct peer blind, mute, peer;
	struct heard heard = {0}, other = {0};
	peer_open(&blind, event, publisher_open(publisher, PUBLISHER_CONTROL));
	peer_open(&mute, event, publisher_open(silent, PUBLISHER_ALL));
	peer_open(&peer, event, publisher_open(publisher, PUBLISHER_VIEW));
	struct audio_client *clients[] = {audio_client_create(blind.client, &ear, &heard),
		audio_client_create(mute.client, &ear, &heard)};
	settle(event);
	CHECK(heard.begun == 0 && !audio_client_streams(clients[0]) && !listened);
	CHECK(!audio_client_streams(clients[1]) && !mute.is_lost && !blind.is_lost);
	struct audio_client *first = audio_client_create(peer.client, &ear, &heard);
	struct audio_client *second = audio_client_create(peer.client, &ear, &other);
	WAIT_FOR(event, heard.begun == 1);
	/* It asks again, until the place is free. */
	audio_client_destroy(first);
	WAIT_FOR(event, other.begun == 1);
	audio_client_destroy(second);
	audio_client_destroy(clients[0]);
	audio_client_destroy(clients[1]);
	peer_close(&peer);
	peer_close(&mute);
	peer_close(&blind);
	settle(event);
	publisher_destroy(publisher);
	publisher_destroy(silent);
	sd_event_unref(event);
}

/* A peer that speaks to a listener by hand. */
struct hand {
	sd_event *event;
	struct audio_listener *listener;
	struct bus_link *link;
	struct heard heard;
	const char *violation;
	bool ended;
};

static void handle_ended(void *data, const char *violation) {
	struct hand *hand = data;
	hand->ended = true;
	hand->violation = violation;
}

static void handle_hand_closed(struct bus_link *link, const char *reason, bool failed, void *data) {
	struct hand *hand = data;
	bus_link_destroy(link);
	hand->link = NULL;
}

static const struct bus_link_impl hand_impl = {.closed = handle_hand_closed};

static void hand_begin(struct hand *hand) {
	int fd;
	*hand = (struct hand){0};
	CHECK(sd_event_new(&hand->event) >= 0);
	hand->listener =
		audio_listener_create(hand->event, &fd, &ear, &hand->heard, handle_ended, hand);
	CHECK(hand->listener);
	hand->link = bus_link_create(hand->event, fd, BUS_LINK_SERVER, &hand_impl, hand);
	CHECK(hand->link && bus_link_start(hand->link));
}

static void hand_end(struct hand *hand) {
	audio_listener_destroy(hand->listener);
	settle(hand->event);
	bus_link_destroy(hand->link);
	sd_event_unref(hand->event);
}

static void hand_send(struct hand *hand, const char *member, const char *types, ...) {
	sd_bus_message *message;
	CHECK(sd_bus_message_new_method_call(bus_link_bus(hand->link), &message, NULL,
		      AUDIO_OUT_LISTENER_PATH, AUDIO_OUT_LISTENER_INTERFACE, member) >= 0);
	va_list list;
	va_start(list, types);
	CHECK(sd_bus_message_appendv(message, types, list) >= 0);
	va_end(list);
	CHECK(sd_bus_send(bus_link_bus(hand->link), message, NULL) >= 0);
	sd_bus_message_unref(message);
}

#define INIT "tybbuyuub"

static void test_hostile(void) {
	static const struct {
		unsigned int bits, is_float, rate, channels, frame, second;
	} bad[] = {
		{0, 0, 48000, 2, 0, 0},
		{24, 0, 48000, 2, 6, 288000},
		{16, 1, 48000, 2, 4, 192000},
		{64, 1, 48000, 2, 16, 768000},
		{16, 0, 0, 2, 4, 0},
		{16, 0, 192001, 2, 4, 768004},
		{16, 0, 48000, 0, 0, 0},
		{16, 0, 48000, 9, 18, 864000},
		{16, 0, 48000, 2, 3, 192000},
		{16, 0, 48000, 2, 4, 192001},
	};
	struct hand hand;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		hand_begin(&hand);
		hand_send(&hand, "Init", INIT, (uint64_t)1, bad[i].bits, 1, bad[i].is_float,
			bad[i].rate, bad[i].channels, bad[i].frame, bad[i].second, 0);
		WAIT_FOR(hand.event, hand.ended);
		CHECK(hand.violation && hand.heard.begun == 0);
		hand_end(&hand);
	}
	for (int i = 0; i < 5; i++) {
		hand_begin(&hand);
		hand_send(&hand, "Init", INIT, (uint64_t)1, 16, 1, 0, 48000, 2, 4, 192000, 0);
		hand_send(&hand, "SetEnabled", "tb", (uint64_t)1, 1);
		switch (i) {
		case 0:
			hand_send(&hand, "Write", "tay", (uint64_t)2, 4, 1, 2, 3, 4);
			break;
		case 1:
			hand_send(&hand, "Write", "tay", (uint64_t)1, 3, 1, 2, 3);
			break;
		case 2:
			hand_send(&hand, "Fini", "t", (uint64_t)9);
			break;
		case 3:
			for (uint64_t id = 2; id < 2 + AUDIO_STREAMS_MAX; id++) {
				hand_send(
					&hand, "Init", INIT, id, 16, 1, 0, 48000, 2, 4, 192000, 0);
			}
			break;
		case 4:
			bus_link_destroy(hand.link);
			hand.link = NULL;
			break;
		}
		WAIT_FOR(hand.event, hand.ended);
		CHECK((hand.violation != NULL) == (i < 4));
		CHECK(hand.heard.bytes == 0 && hand.heard.ended == hand.heard.begun);
		hand_end(&hand);
	}
}

struct out {
	int begins, stops;
	size_t frames;
	int16_t samples[200000][2];
};

static void handle_playing(void *data, bool playing) {
	struct out *out = data;
	out->begins += playing;
	out->stops += !playing;
}

static void handle_pcm(void *data, const int16_t *samples, size_t frames) {
	struct out *out = data;
	CHECK(out->begins == out->stops + 1 && frames > 0 && frames <= AUDIO_MIX_PIECE);
	CHECK(out->frames + frames <= 200000);
	memcpy(out->samples[out->frames], samples, frames * sizeof(out->samples[0]));
	out->frames += frames;
}

static const struct audio_mix_impl mix_impl = {.playing = handle_playing, .pcm = handle_pcm};
static const struct audio_sink *const mixer = &audio_mix_sink;

static void write_constant(
	struct audio_mix_source *source, uint64_t id, int left, int right, size_t frames) {
	int16_t pcm[AUDIO_MIX_PIECE][2];
	CHECK(frames <= AUDIO_MIX_PIECE);
	for (size_t i = 0; i < frames; i++) {
		pcm[i][0] = left;
		pcm[i][1] = right;
	}
	mixer->write(source, id, pcm, frames * sizeof(pcm[0]));
}

static bool is_constant(const struct out *out, size_t from, size_t to, int left, int right) {
	bool same = to <= out->frames;
	for (size_t i = from; i < to && same; i++) {
		same = out->samples[i][0] == left && out->samples[i][1] == right;
	}
	return same;
}

static void test_mix(void) {
	static struct out out;
	struct audio_mix *mix = audio_mix_create(&mix_impl, &out);
	struct audio_mix_source *a = audio_mix_add_source(mix), *b = audio_mix_add_source(mix);
	mixer->begin(a, 1, &audio_mix_format);
	mixer->begin(b, 1, &audio_mix_format);
	CHECK(out.begins == 0);
	mixer->enable(a, 1, true);
	CHECK(out.begins == 1);
	write_constant(a, 1, 100, -200, 480);
	CHECK(out.frames == 480 && is_constant(&out, 0, 480, 100, -200)); /* alone: at once */
	mixer->enable(b, 1, true);
	write_constant(b, 1, 32000, -32000, 480);
	CHECK(out.frames == 480); /* waits for the other */
	write_constant(a, 1, 1000, -1000, 480);
	CHECK(out.frames == 960 && is_constant(&out, 480, 960, 32767, -32768));
	/* One stops without a word: the other goes on, late by no more than the lead. */
	for (size_t i = 0; i < 100; i++) {
		write_constant(a, 1, 5, 6, 480);
		CHECK(960 + (i + 1) * 480 - out.frames <= AUDIO_MIX_LEAD);
	}
	CHECK(is_constant(&out, 960, out.frames, 5, 6));
	uint8_t half[AUDIO_CHANNELS_MAX] = {51, 255, 255, 255, 255, 255, 255, 255};
	mixer->volume(a, 1, false, half);
	mixer->enable(b, 1, false);
	size_t before = out.frames;
	write_constant(a, 1, 500, 500, 480);
	CHECK(is_constant(&out, before, before + 480, 100, 500));
	mixer->volume(a, 1, true, half);
	before = out.frames;
	write_constant(a, 1, 500, 500, 480);
	CHECK(is_constant(&out, before, before + 480, 0, 0));
	mixer->end(a, 1);
	CHECK(out.stops == 1);
	audio_mix_remove_source(b);
	audio_mix_destroy(mix);
}

/* How much of the frequency is in the left side, relative to a full-scale tone. */
static double tone_share(const struct out *out, size_t from, size_t count, double frequency) {
	double re = 0, im = 0;
	for (size_t i = 0; i < count; i++) {
		double phase = 2 * M_PI * frequency * i / AUDIO_MIX_RATE;
		re += out->samples[from + i][0] / 32767.0 * cos(phase);
		im += out->samples[from + i][0] / 32767.0 * sin(phase);
	}
	return 2 * sqrt(re * re + im * im) / count;
}

/* A second of 1 kHz in many formats is 1 kHz. */
static void test_formats(void) {
	static const struct audio_format formats[] = {
		{16, true, false, false, 44100, 2},
		{16, true, false, true, 48000, 1},
		{8, false, false, false, 8000, 1},
		{8, true, false, false, 48000, 2},
		{32, true, false, false, 96000, 2},
		{32, false, false, true, 192000, 8},
		{32, true, true, false, 22050, 2},
	};
	static uint8_t pcm[192000 * 32];
	static struct out out;
	for (size_t f = 0; f < sizeof(formats) / sizeof(formats[0]); f++) {
		const struct audio_format *format = &formats[f];
		int size = format->bits / 8;
		for (size_t i = 0; i < (size_t)format->rate * format->channels; i++) {
			double phase = 2 * M_PI * 1000 * (i / format->channels) / format->rate;
			double value = 0.5 * sin(phase);
			float real = value;
			int64_t number = llround(value * ((1ll << (format->bits - 1)) - 1));
			number += format->is_signed ? 0 : 1ll << (format->bits - 1);
			if (format->is_float) {
				memcpy(&number, &real, sizeof(real));
			}
			for (int b = 0; b < size; b++) {
				int place = format->big_endian ? size - 1 - b : b;
				pcm[i * size + place] = number >> (8 * b);
			}
		}
		memset(&out, 0, sizeof(out));
		struct audio_mix *mix = audio_mix_create(&mix_impl, &out);
		struct audio_mix_source *source = audio_mix_add_source(mix);
		mixer->begin(source, 5, format);
		mixer->enable(source, 5, true);
		mixer->write(source, 5, pcm, format->rate * audio_frame_size(format));
		CHECK(out.frames > 47900 && out.frames < 48100);
		CHECK(fabs(tone_share(&out, 4800, 38400, 1000) - 0.5) < 0.02);
		CHECK(tone_share(&out, 4800, 38400, 1500) < 0.01);
		audio_mix_destroy(mix);
	}
}

int main(void) {
	test_round_trip();
	test_refusals();
	test_hostile();
	test_mix();
	test_formats();
	return 0;
}
