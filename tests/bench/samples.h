/* Measurements of one quantity, one a round. */
#ifndef TESTS_BENCH_SAMPLES_H
#define TESTS_BENCH_SAMPLES_H

#define SAMPLES_MAX 256

struct samples {
	double values[SAMPLES_MAX];
	int count;
};

void samples_add(struct samples *samples, double value);
double samples_median(const struct samples *samples); /* 0 if there are none */
double samples_least(const struct samples *samples);
/* The median of the quotients of each round: what drifts with the machine cancels out. */
double samples_ratio(const struct samples *samples, const struct samples *base);

#endif
