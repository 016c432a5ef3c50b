/* The sound of the desktop: that of all guests, mixed, and each guest's own for who listens to it.
 * A guest's QEMU is listened to only while somebody hears it. */
#ifndef COMPOSITOR_SOUND_H
#define COMPOSITOR_SOUND_H

#include <stdbool.h>

struct display_client;
struct sound_guest;
struct publisher;
struct sound;

struct sound *sound_create(void);
void sound_destroy(struct sound *sound); /* after publishers and guests; NULL is legal */
/* Offers the mix there: the desktop's and outputs' publishers. */
void sound_publish(struct sound *sound, struct publisher *publisher);

/* A guest that has a sound card. */
struct sound_guest *sound_guest_create(struct sound *sound);
/* After its publisher. All NULL-safe from here on. */
void sound_guest_destroy(struct sound_guest *guest);
void sound_guest_publish(struct sound_guest *guest, struct publisher *publisher);
/* Its display is ready, or about to go (NULL). */
void sound_guest_connect(struct sound_guest *guest, struct display_client *display);

#endif
