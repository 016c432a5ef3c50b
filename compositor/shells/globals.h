/* Protocols that wlroots serves alone once their global is there. */
#ifndef COMPOSITOR_SHELLS_GLOBALS_H
#define COMPOSITOR_SHELLS_GLOBALS_H

#include <stdbool.h>

struct shells;

bool globals_create(struct shells *shells); /* they go with the display */

#endif
