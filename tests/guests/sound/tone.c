#include "tone.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sound/asound.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define CHANNELS 2
#define PERIOD 1024 /* frames */
#define PERIODS 8
#define ELEMENTS 64

static void turn_up(int fd, const struct snd_ctl_elem_id *id) {
	struct snd_ctl_elem_info info = {.id = *id};
	struct snd_ctl_elem_value value = {.id = *id};
	if (ioctl(fd, SNDRV_CTL_IOCTL_ELEM_INFO, &info) < 0 ||
		(info.type != SNDRV_CTL_ELEM_TYPE_INTEGER &&
			info.type != SNDRV_CTL_ELEM_TYPE_BOOLEAN)) {
		return;
	}
	for (unsigned int i = 0; i < info.count; i++) {
		value.value.integer.value[i] = info.value.integer.max;
	}
	ioctl(fd, SNDRV_CTL_IOCTL_ELEM_WRITE, &value);
}

int tone_turn_up(const char *control) {
	static struct snd_ctl_elem_id ids[ELEMENTS];
	struct snd_ctl_elem_list list = {.space = ELEMENTS, .pids = ids};
	int fd = open(control, O_RDWR);
	if (fd < 0 || ioctl(fd, SNDRV_CTL_IOCTL_ELEM_LIST, &list) < 0) {
		return -1;
	}
	for (unsigned int i = 0; i < list.used; i++) {
		turn_up(fd, &ids[i]);
	}
	return close(fd);
}

static void set_mask(struct snd_pcm_hw_params *params, int which, unsigned int bit) {
	struct snd_mask *mask = &params->masks[which - SNDRV_PCM_HW_PARAM_FIRST_MASK];
	memset(mask, 0, sizeof(*mask));
	mask->bits[bit / 32] = 1u << bit % 32;
}

static void set_interval(struct snd_pcm_hw_params *params, int which, unsigned int value) {
	struct snd_interval *interval =
		&params->intervals[which - SNDRV_PCM_HW_PARAM_FIRST_INTERVAL];
	*interval = (struct snd_interval){.min = value, .max = value, .integer = 1};
}

static int set_up(int fd) {
	struct snd_pcm_hw_params params = {.rmask = ~0u};
	memset(params.masks, 0xff, sizeof(params.masks));
	for (size_t i = 0; i < sizeof(params.intervals) / sizeof(params.intervals[0]); i++) {
		params.intervals[i].max = ~0u;
	}
	set_mask(&params, SNDRV_PCM_HW_PARAM_ACCESS, SNDRV_PCM_ACCESS_RW_INTERLEAVED);
	set_mask(&params, SNDRV_PCM_HW_PARAM_FORMAT, SNDRV_PCM_FORMAT_S16_LE);
	set_interval(&params, SNDRV_PCM_HW_PARAM_CHANNELS, CHANNELS);
	set_interval(&params, SNDRV_PCM_HW_PARAM_RATE, TONE_RATE);
	set_interval(&params, SNDRV_PCM_HW_PARAM_PERIOD_SIZE, PERIOD);
	set_interval(&params, SNDRV_PCM_HW_PARAM_PERIODS, PERIODS);
	return ioctl(fd, SNDRV_PCM_IOCTL_HW_PARAMS, &params) < 0 ||
			ioctl(fd, SNDRV_PCM_IOCTL_PREPARE) < 0
		? -1
		: 0;
}

int tone_play(const char *pcm, double frequency) {
	static int16_t samples[PERIOD][CHANNELS];
	int fd = open(pcm, O_WRONLY);
	if (fd < 0 || set_up(fd) < 0) {
		return -1;
	}
	for (uint64_t at = 0;; at += PERIOD) {
		for (int i = 0; i < PERIOD; i++) {
			/* Of whole seconds, so that it stays exact. */
			double phase = 2 * M_PI * frequency * ((at + i) % TONE_RATE) / TONE_RATE;
			samples[i][0] = samples[i][1] = lrint(16383 * sin(phase));
		}
		struct snd_xferi transfer = {.buf = samples, .frames = PERIOD};
		if (ioctl(fd, SNDRV_PCM_IOCTL_WRITEI_FRAMES, &transfer) < 0 &&
			(errno != EPIPE || ioctl(fd, SNDRV_PCM_IOCTL_PREPARE) < 0)) {
			return -1;
		}
	}
}
