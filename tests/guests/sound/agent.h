/* A guest's agent, as small as can be: offers one text, and tells what the host offers. */
#ifndef TESTS_GUESTS_SOUND_AGENT_H
#define TESTS_GUESTS_SOUND_AGENT_H

/* Finds the port by its name and serves it; returns only on failure. */
int agent_serve(const char *offered);

#endif
