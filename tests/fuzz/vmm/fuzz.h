/* A fuzz target is one function, as libFuzzer wants it. driver.c runs it without libFuzzer. */
#ifndef TESTS_FUZZ_VMM_FUZZ_H
#define TESTS_FUZZ_VMM_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
