/* The only program of a guest that plays a tone, 1000 Hz. Its serial line says what it does. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tone.h"

int main(void) {
	setvbuf(stdout, NULL, _IONBF, 0);
	if (tone_turn_up("/dev/snd/controlC0") < 0) {
		printf("FAILED the mixer: %s\n", strerror(errno));
		pause();
	}
	printf("PLAYING\n");
	tone_play("/dev/snd/pcmC0D0p", 1000);
	printf("FAILED playing: %s\n", strerror(errno));
	pause();
}
