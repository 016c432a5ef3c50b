/* One head of the synthetic guest: it paints the pattern into a screen and publishes that. */
#ifndef TESTS_SYNTHETIC_HEAD_H
#define TESTS_SYNTHETIC_HEAD_H

#include "tests/synthetic/options.h"
#include "tests/synthetic/record.h"
#include "vm-display/publisher.h"
#include "vm-display/screen.h"

struct head {
	const struct options *options;
	struct record *record;
	unsigned int index;
	struct screen screen;
	struct frame *frame;
	uint8_t *pixels; /* of the frame, to be written to */
	struct pattern_picture picture;
	int mode; /* which of the options' */
	struct published_console *console; /* NULL while nobody is connected */
};

/* False after a message: there is no such memory here. */
bool head_init(struct head *head, const struct options *options, struct record *record,
	unsigned int index);
void head_finish(struct head *head);

void head_publish(struct head *head, struct publisher *publisher);
/* Before the publisher goes. */
void head_unpublish(struct head *head);

/* Paints the next picture, in another mode if it is time. */
void head_paint_next(struct head *head);

#endif
