/* The only program of a guest that plays a tone, 1000 Hz, and has an agent for its clipboard. Its
 * serial line says what it does. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"
#include "tone.h"

int main(void) {
	setvbuf(stdout, NULL, _IONBF, 0);
	if (fork() == 0) {
		agent_serve("from the guest");
		printf("FAILED the agent: %s\n", strerror(errno));
		_exit(1);
	}
	if (tone_turn_up("/dev/snd/controlC0") < 0) {
		printf("FAILED the mixer: %s\n", strerror(errno));
		pause();
	}
	printf("PLAYING\n");
	tone_play("/dev/snd/pcmC0D0p", 1000);
	printf("FAILED playing: %s\n", strerror(errno));
	pause();
}
