#include "compositor/effects/kernels.h"

#ifdef __x86_64__

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE_AVX2 static inline __attribute__((target("avx2"), always_inline))

/* Four 16-bit copies of each of four 32-bit numbers below 65536: those of one half of `numbers`. */
INLINE_AVX2 __m256i four_times(__m256i numbers, int half) {
	const __m256i first = _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3);
	__m256i order = _mm256_add_epi32(first, _mm256_set1_epi32(half * 4));
	/* Lanes: a a b b | c c d d, so the bytes of a are 0 … 7, of b 8 … 15. */
	__m256i spread = _mm256_permutevar8x32_epi32(numbers, order);
	const __m256i low = _mm256_setr_epi8(0, 1, 0, 1, 0, 1, 0, 1, 8, 9, 8, 9, 8, 9, 8, 9, 0, 1,
		0, 1, 0, 1, 0, 1, 8, 9, 8, 9, 8, 9, 8, 9);
	return _mm256_shuffle_epi8(spread, low);
}

INLINE_AVX2 __m256i toward(__m256i a, __m256i b, __m256i weight) {
	return _mm256_add_epi16(a, _mm256_mulhrs_epi16(_mm256_sub_epi16(b, a), weight));
}

/* Two neighbours each at two places, as 16-bit channels. */
INLINE_AVX2 __m256i neighbours(const uint32_t *one, const uint32_t *two, __m128i fill) {
	__m128i pixels = _mm_unpacklo_epi64(
		_mm_loadl_epi64((const __m128i *)one), _mm_loadl_epi64((const __m128i *)two));
	return _mm256_slli_epi16(_mm256_cvtepu8_epi16(_mm_or_si128(pixels, fill)), 7);
}

struct corners {
	int32_t offsets[8];
	__m256i right, down; /* weights, 32-bit */
};

/* Four px. `down` holds pairs in the order of the loads: 0 and 2, 1 and 3. */
INLINE_AVX2 __m256i four_samples(const struct texture_level *level, __m128i fill,
	const int32_t *offsets, __m256i right, __m256i down) {
	const uint32_t *p0 = level->pixels + offsets[0], *p1 = level->pixels + offsets[1];
	const uint32_t *p2 = level->pixels + offsets[2], *p3 = level->pixels + offsets[3];
	size_t stride = level->stride;
	__m256i even = toward(neighbours(p0, p2, fill), neighbours(p0 + stride, p2 + stride, fill),
		_mm256_unpacklo_epi64(down, down));
	__m256i odd = toward(neighbours(p1, p3, fill), neighbours(p1 + stride, p3 + stride, fill),
		_mm256_unpackhi_epi64(down, down));
	return toward(_mm256_unpacklo_epi64(even, odd), _mm256_unpackhi_epi64(even, odd), right);
}

INLINE_AVX2 __m256 limited(__m256 value) {
	return _mm256_min_ps(_mm256_max_ps(value, _mm256_set1_ps(-2.0f)), _mm256_set1_ps(20000.0f));
}

INLINE_AVX2 __m256i fixed_point(float start, float step, __m256 numbers, __m256 inverse) {
	__m256 value =
		_mm256_add_ps(_mm256_set1_ps(start), _mm256_mul_ps(_mm256_set1_ps(step), numbers));
	value = limited(_mm256_mul_ps(value, inverse));
	return _mm256_cvtps_epi32(_mm256_mul_ps(value, _mm256_set1_ps(256.0f)));
}

/* False if a sample needs texels that aren't there. */
INLINE_AVX2 bool find_corners(const struct texture_level *level, const struct kernel_walk *walk,
	int i, struct corners *corners) {
	__m256 numbers = _mm256_cvtepi32_ps(
		_mm256_add_epi32(_mm256_set1_epi32(i), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)));
	__m256 q = _mm256_add_ps(
		_mm256_set1_ps(walk->q), _mm256_mul_ps(_mm256_set1_ps(walk->dq), numbers));
	__m256 inverse = _mm256_div_ps(_mm256_set1_ps(1.0f), q);
	__m256i u = fixed_point(walk->u, walk->du, numbers, inverse);
	__m256i v = fixed_point(walk->v, walk->dv, numbers, inverse);
	__m256i x = _mm256_srai_epi32(u, 8), y = _mm256_srai_epi32(v, 8);
	__m256i outside = _mm256_or_si256(_mm256_or_si256(x, y),
		_mm256_or_si256(_mm256_sub_epi32(_mm256_set1_epi32(level->width - 2), x),
			_mm256_sub_epi32(_mm256_set1_epi32(level->height - 2), y)));
	if (_mm256_movemask_ps(_mm256_castsi256_ps(outside))) {
		return false;
	}
	__m256i offsets =
		_mm256_add_epi32(_mm256_mullo_epi32(y, _mm256_set1_epi32((int)level->stride)), x);
	memcpy(corners->offsets, &offsets, sizeof(offsets));
	const __m256i low = _mm256_set1_epi32(255);
	corners->right = _mm256_slli_epi32(_mm256_and_si256(u, low), 7);
	corners->down = _mm256_slli_epi32(_mm256_and_si256(v, low), 7);
	return true;
}

AVX2 static void project(const struct texture_level *level, uint32_t fill,
	const struct kernel_walk *walk, int16_t *out, int count) {
	__m128i filling = _mm_set1_epi32((int)fill);
	int i = 0;
	for (; i + 8 <= count; i += 8) {
		struct corners corners;
		if (!find_corners(level, walk, i, &corners)) {
			for (int j = i; j < i + 8; j++) {
				kernel_project_one(level, fill, walk, j, out + j * 4);
			}
			continue;
		}
		for (int half = 0; half < 2; half++) {
			__m256i samples = four_samples(level, filling, corners.offsets + half * 4,
				four_times(corners.right, half), four_times(corners.down, half));
			_mm256_storeu_si256((__m256i *)(out + (i + half * 4) * 4), samples);
		}
	}
	for (; i < count; i++) {
		kernel_project_one(level, fill, walk, i, out + i * 4);
	}
}

INLINE_AVX2 __m256i four_texels(const uint32_t *pixels, __m128i fill) {
	__m128i four = _mm_or_si128(_mm_loadu_si128((const __m128i *)pixels), fill);
	return _mm256_slli_epi16(_mm256_cvtepu8_epi16(four), 7);
}

AVX2 static void between(const uint32_t *above, const uint32_t *below, int16_t weight,
	uint32_t fill, int16_t *out, int count) {
	__m128i filling = _mm_set1_epi32((int)fill);
	__m256i weights = _mm256_set1_epi16(weight);
	int i = 0;
	for (; i + 4 <= count; i += 4) {
		__m256i row = toward(
			four_texels(above + i, filling), four_texels(below + i, filling), weights);
		_mm256_storeu_si256((__m256i *)(out + i * 4), row);
	}
	kernels_portable.between(above + i, below + i, weight, fill, out + i * 4, count - i);
}

INLINE_AVX2 __m256i two_pairs(const int16_t *one, const int16_t *two) {
	return _mm256_inserti128_si256(
		_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)one)),
		_mm_loadu_si128((const __m128i *)two), 1);
}

AVX2 static void stretch(const int16_t *row, int32_t u, int32_t du, int16_t *out, int count) {
	const __m256i steps = _mm256_mullo_epi32(
		_mm256_set1_epi32(du), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
	int i = 0;
	for (; i + 8 <= count; i += 8, u += du * 8) {
		__m256i at = _mm256_add_epi32(_mm256_set1_epi32(u), steps);
		__m256i weights =
			_mm256_srli_epi32(_mm256_and_si256(at, _mm256_set1_epi32(0xffff)), 1);
		for (int half = 0; half < 2; half++) {
			int32_t first = u + du * half * 4;
			__m256i even = two_pairs(
				row + (first >> 16) * 4, row + ((first + du * 2) >> 16) * 4);
			__m256i odd = two_pairs(
				row + ((first + du) >> 16) * 4, row + ((first + du * 3) >> 16) * 4);
			__m256i samples = toward(_mm256_unpacklo_epi64(even, odd),
				_mm256_unpackhi_epi64(even, odd), four_times(weights, half));
			_mm256_storeu_si256((__m256i *)(out + (i + half * 4) * 4), samples);
		}
	}
	kernels_portable.stretch(row, u, du, out + i * 4, count - i);
}

AVX2 static void mix(int16_t *one, const int16_t *two, int32_t first, int32_t step, int count) {
	const __m256i steps = _mm256_mullo_epi32(
		_mm256_set1_epi32(step), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
	int i = 0;
	for (; i + 8 <= count; i += 8, first += step * 8) {
		__m256i weights =
			_mm256_srai_epi32(_mm256_add_epi32(_mm256_set1_epi32(first), steps), 1);
		weights = _mm256_max_epi32(weights, _mm256_setzero_si256());
		weights = _mm256_min_epi32(weights, _mm256_set1_epi32(KERNEL_ONE));
		for (int half = 0; half < 2; half++) {
			__m256i *a = (__m256i *)(one + (i + half * 4) * 4);
			const __m256i *b = (const __m256i *)(two + (i + half * 4) * 4);
			_mm256_storeu_si256(a,
				toward(_mm256_loadu_si256(a), _mm256_loadu_si256(b),
					four_times(weights, half)));
		}
	}
	kernels_portable.mix(one + i * 4, two + i * 4, first, step, count - i);
}

/* Four colours over four pixels' channels; 8-bit values in 16 bits, some above 255. */
INLINE_AVX2 __m256i over_four(__m256i below, __m256i colors, __m256i factors) {
	const __m256i alphas = _mm256_setr_epi8(6, 7, 6, 7, 6, 7, 6, 7, 14, 15, 14, 15, 14, 15, 14,
		15, 6, 7, 6, 7, 6, 7, 6, 7, 14, 15, 14, 15, 14, 15, 14, 15);
	colors = _mm256_mulhrs_epi16(colors, factors);
	__m256i rest =
		_mm256_sub_epi16(_mm256_set1_epi16(255 * 128), _mm256_shuffle_epi8(colors, alphas));
	rest = _mm256_add_epi16(rest, _mm256_srli_epi16(rest, 8));
	__m256i sum =
		_mm256_add_epi16(colors, _mm256_mulhrs_epi16(_mm256_slli_epi16(below, 7), rest));
	return _mm256_srli_epi16(_mm256_add_epi16(sum, _mm256_set1_epi16(64)), 7);
}

INLINE_AVX2 __m256i factors_of(int16_t alpha, int16_t shade) {
	return _mm256_setr_epi16(shade, shade, shade, alpha, shade, shade, shade, alpha, shade,
		shade, shade, alpha, shade, shade, shade, alpha);
}

/* Unpacking within the halves puts pixels 0, 1, 4, 5 and 2, 3, 6, 7 together. */
AVX2 static void over(
	uint32_t *pixels, const int16_t *colors, int16_t alpha, int16_t shade, int count) {
	const __m256i zero = _mm256_setzero_si256(), factors = factors_of(alpha, shade);
	int i = 0;
	for (; i + 8 <= count; i += 8) {
		__m256i below = _mm256_loadu_si256((const __m256i *)(pixels + i));
		const __m256i *from = (const __m256i *)(colors + i * 4);
		__m256i first = _mm256_loadu_si256(from), second = _mm256_loadu_si256(from + 1);
		__m256i low = over_four(_mm256_unpacklo_epi8(below, zero),
			_mm256_permute2x128_si256(first, second, 0x20), factors);
		__m256i high = over_four(_mm256_unpackhi_epi8(below, zero),
			_mm256_permute2x128_si256(first, second, 0x31), factors);
		_mm256_storeu_si256((__m256i *)(pixels + i), _mm256_packus_epi16(low, high));
	}
	kernels_portable.over(pixels + i, colors + i * 4, alpha, shade, count - i);
}

AVX2 static void blend(uint32_t *pixels, const uint32_t *from, uint32_t fill, int16_t alpha,
	int16_t shade, int count) {
	const __m256i zero = _mm256_setzero_si256(), factors = factors_of(alpha, shade);
	const __m256i filling = _mm256_set1_epi32((int)fill);
	int i = 0;
	for (; i + 8 <= count; i += 8) {
		__m256i below = _mm256_loadu_si256((const __m256i *)(pixels + i));
		__m256i above =
			_mm256_or_si256(_mm256_loadu_si256((const __m256i *)(from + i)), filling);
		__m256i low = over_four(_mm256_unpacklo_epi8(below, zero),
			_mm256_slli_epi16(_mm256_unpacklo_epi8(above, zero), 7), factors);
		__m256i high = over_four(_mm256_unpackhi_epi8(below, zero),
			_mm256_slli_epi16(_mm256_unpackhi_epi8(above, zero), 7), factors);
		_mm256_storeu_si256((__m256i *)(pixels + i), _mm256_packus_epi16(low, high));
	}
	kernels_portable.blend(pixels + i, from + i, fill, alpha, shade, count - i);
}

static const struct kernels avx2 = {
	.project = project,
	.between = between,
	.stretch = stretch,
	.mix = mix,
	.over = over,
	.blend = blend,
};

const struct kernels *kernels_avx2(void) {
	return __builtin_cpu_supports("avx2") ? &avx2 : NULL;
}

#else

const struct kernels *kernels_avx2(void) {
	return NULL;
}

#endif
