/* Plays a tone on the first sound card, by the kernel's own interface. */
#ifndef TESTS_GUESTS_SOUND_TONE_H
#define TESTS_GUESTS_SOUND_TONE_H

#define TONE_RATE 48000 /* Hz */

/* Turns all that can be louder to its loudest. Negative on failure. */
int tone_turn_up(const char *control);
/* Plays a sine of this many Hz, at half of the full scale, for ever; returns only on failure. */
int tone_play(const char *pcm, double frequency);

#endif
