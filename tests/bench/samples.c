#include "tests/bench/samples.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double at_rank(const struct samples *samples, int rank) {
	double sorted[SAMPLES_MAX];
	memcpy(sorted, samples->values, samples->count * sizeof(sorted[0]));
	qsort(sorted, samples->count, sizeof(sorted[0]), compare);
	return sorted[rank];
}

void samples_add(struct samples *samples, double value) {
	if (samples->count < SAMPLES_MAX) {
		samples->values[samples->count++] = value;
	}
}

double samples_median(const struct samples *samples) {
	if (samples->count == 0) {
		return 0;
	}
	int high = samples->count / 2, low = (samples->count - 1) / 2;
	return (at_rank(samples, low) + at_rank(samples, high)) / 2;
}

double samples_least(const struct samples *samples) {
	return samples->count > 0 ? at_rank(samples, 0) : 0;
}

double samples_ratio(const struct samples *samples, const struct samples *base) {
	struct samples quotients = {0};
	for (int i = 0; i < samples->count && i < base->count; i++) {
		if (base->values[i] > 0) {
			samples_add(&quotients, samples->values[i] / base->values[i]);
		}
	}
	return samples_median(&quotients);
}
