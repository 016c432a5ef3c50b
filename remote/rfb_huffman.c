#include "remote/rfb_huffman.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "remote/rfb_buffer.h"

#define LITERALS 257 /* with the end of a block */
#define END_OF_BLOCK 256
#define BLOCK_SIZE                                                                                 \
	16384 /* bytes: new codes for each, since pictures change from place to place              \
	       */
#define LENGTH_MAX 14 /* bits of a code; four of them fit into what is written at once */
#define LENGTH_CODES 19
#define HEADER_MAX 320 /* bytes: that of a block, whatever its codes */
#define BLOCK_DYNAMIC 2
#define REPEAT_ZERO 18 /* 11 to 138 lengths of zero; 7 bits more say how many */
#define REPEAT_ZERO_LEAST 11
#define REPEAT_ZERO_MOST 138

struct bits { /* written, the lowest first */
	uint64_t held;
	unsigned int count;
	uint8_t *to;
};

struct code {
	uint16_t bits[LITERALS]; /* reversed, as they are written */
	uint8_t lengths[LITERALS]; /* 0: doesn't occur */
};

struct node {
	uint32_t weight;
	int16_t left, right; /* of nodes; -1: it is a symbol */
	uint16_t symbol;
};

static void put(struct bits *bits, uint64_t value, unsigned int count) {
	bits->held |= value << bits->count;
	bits->count += count;
}

/* Leaves less than a byte. */
static void spill(struct bits *bits) {
	memcpy(bits->to, &(uint64_t){htole64(bits->held)}, sizeof(uint64_t));
	bits->to += bits->count / 8;
	bits->held >>= bits->count & ~7u;
	bits->count &= 7;
}

static int compare_weights(const void *a, const void *b) {
	const struct node *x = a, *y = b;
	return x->weight != y->weight ? (x->weight > y->weight ? 1 : -1)
				      : (int)x->symbol - (int)y->symbol;
}

/* Which of the two sorted queues, symbols or joined nodes, begins with the lighter one. */
static int16_t take_lightest(
	const struct node *nodes, int *symbol, int symbols, int *joined, int end) {
	bool use_symbol = *symbol < symbols &&
		(*joined == end || nodes[*symbol].weight <= nodes[*joined].weight);
	return use_symbol ? (int16_t)(*symbol)++ : (int16_t)(*joined)++;
}

/* Returns the longest code's length. */
static unsigned int measure(const struct node *nodes, int root, uint8_t *lengths) {
	uint8_t depths[2 * LITERALS];
	unsigned int longest = 0;
	depths[root] = 0;
	for (int i = root; i >= 0; i--) {
		if (nodes[i].left < 0) {
			lengths[nodes[i].symbol] = depths[i] > 0 ? depths[i] : 1;
			longest = depths[i] > longest ? depths[i] : longest;
		} else {
			depths[nodes[i].left] = depths[nodes[i].right] = depths[i] + 1;
		}
	}
	return longest;
}

static unsigned int try_lengths(const uint32_t *weights, uint8_t *lengths) {
	struct node nodes[2 * LITERALS];
	int symbols = 0;
	for (int i = 0; i < LITERALS; i++) {
		if (weights[i] > 0) {
			nodes[symbols++] = (struct node){weights[i], -1, -1, i};
		}
	}
	qsort(nodes, symbols, sizeof(nodes[0]), compare_weights);
	int symbol = 0, joined = symbols, end = symbols;
	for (; end < 2 * symbols - 1; end++) {
		int16_t left = take_lightest(nodes, &symbol, symbols, &joined, end);
		int16_t right = take_lightest(nodes, &symbol, symbols, &joined, end);
		nodes[end] =
			(struct node){nodes[left].weight + nodes[right].weight, left, right, 0};
	}
	memset(lengths, 0, LITERALS);
	return measure(nodes, end - 1, lengths);
}

static uint16_t reverse(uint16_t value, unsigned int count) {
	uint16_t result = 0;
	for (unsigned int i = 0; i < count; i++) {
		result |= (value >> i & 1) << (count - 1 - i);
	}
	return result;
}

/* RFC 1951, section 3.2.2. */
static void assign_bits(uint16_t *bits, const uint8_t *lengths, int count) {
	uint16_t next[16] = {0}, counts[16] = {0}, value = 0;
	for (int i = 0; i < count; i++) {
		counts[lengths[i]]++;
	}
	counts[0] = 0;
	for (int length = 1; length < 16; length++) {
		value = (value + counts[length - 1]) << 1;
		next[length] = value;
	}
	for (int i = 0; i < count; i++) {
		bits[i] = reverse(next[lengths[i]]++, lengths[i]);
	}
}

static void find_code(struct code *code, const uint8_t *bytes, size_t count) {
	uint32_t weights[4][LITERALS] = {0};
	for (size_t i = 0; i < count; i++) {
		weights[i & 3][bytes[i]]++;
	}
	for (int i = 0; i < END_OF_BLOCK; i++) {
		weights[0][i] += weights[1][i] + weights[2][i] + weights[3][i];
	}
	weights[0][END_OF_BLOCK] = 1;
	/* Flatter weights make shorter codes. */
	while (try_lengths(weights[0], code->lengths) > LENGTH_MAX) {
		for (int i = 0; i < LITERALS; i++) {
			weights[0][i] = (weights[0][i] + 1) / 2;
		}
	}
	assign_bits(code->bits, code->lengths, LITERALS);
}

/* Codes of a fixed length of 4 bits for lengths 0 to 14, and for the repetition of zeros. */
static void put_code(struct bits *bits, const struct code *code) {
	static const uint8_t order[LENGTH_CODES] = {
		16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
	uint8_t lengths[LENGTH_CODES] = {0};
	uint16_t words[LENGTH_CODES];
	for (int i = 0; i <= LENGTH_MAX; i++) {
		lengths[i] = 4;
	}
	lengths[REPEAT_ZERO] = 4;
	assign_bits(words, lengths, LENGTH_CODES);
	put(bits, BLOCK_DYNAMIC << 1, 3);
	put(bits, LITERALS - 257, 5);
	put(bits, 2 - 1, 5); /* two distances, so that their code is complete */
	put(bits, LENGTH_CODES - 4, 4);
	spill(bits);
	for (int i = 0; i < LENGTH_CODES; i++) {
		put(bits, lengths[order[i]], 3);
		spill(bits);
	}
	for (int i = 0; i < LITERALS;) {
		int zeros = 0;
		while (i + zeros < LITERALS && zeros < REPEAT_ZERO_MOST &&
			code->lengths[i + zeros] == 0) {
			zeros++;
		}
		if (zeros >= REPEAT_ZERO_LEAST) {
			put(bits, words[REPEAT_ZERO], 4);
			put(bits, zeros - REPEAT_ZERO_LEAST, 7);
			i += zeros;
		} else {
			put(bits, words[code->lengths[i++]], 4);
		}
		spill(bits);
	}
	put(bits, words[1], 4);
	put(bits, words[1], 4);
	spill(bits);
}

static void put_bytes(
	struct bits *bits, const struct code *code, const uint8_t *bytes, size_t count) {
	size_t i = 0;
	for (; i + 4 <= count; i += 4) {
		put(bits, code->bits[bytes[i]], code->lengths[bytes[i]]);
		put(bits, code->bits[bytes[i + 1]], code->lengths[bytes[i + 1]]);
		put(bits, code->bits[bytes[i + 2]], code->lengths[bytes[i + 2]]);
		put(bits, code->bits[bytes[i + 3]], code->lengths[bytes[i + 3]]);
		spill(bits);
	}
	for (; i < count; i++) {
		put(bits, code->bits[bytes[i]], code->lengths[bytes[i]]);
		spill(bits);
	}
	put(bits, code->bits[END_OF_BLOCK], code->lengths[END_OF_BLOCK]);
	spill(bits);
}

static void add_block(
	struct bits *bits, const uint8_t *bytes, size_t count, struct rfb_buffer *out) {
	struct code code;
	find_code(&code, bytes, count);
	uint8_t *start = rfb_buffer_room(out, HEADER_MAX + count * 2 + sizeof(uint64_t));
	bits->to = start;
	put_code(bits, &code);
	put_bytes(bits, &code, bytes, count);
	out->size += bits->to - start;
}

/* An empty block that isn't compressed begins with whole bytes. */
static void align(struct bits *bits, struct rfb_buffer *out) {
	uint8_t *start = rfb_buffer_room(out, 2 * sizeof(uint64_t));
	bits->to = start;
	put(bits, 0, 3);
	put(bits, 0, (8 - bits->count % 8) % 8);
	spill(bits);
	put(bits, 0xffff0000u, 32);
	spill(bits);
	out->size += bits->to - start;
}

void rfb_huffman_add(
	struct rfb_huffman *huffman, const uint8_t *bytes, size_t count, struct rfb_buffer *out) {
	struct bits bits = {0};
	if (!huffman->started) {
		rfb_buffer_add(out, "\x78\x01", 2);
		huffman->started = true;
	}
	for (size_t i = 0; i < count; i += BLOCK_SIZE) {
		size_t size = count - i < BLOCK_SIZE ? count - i : BLOCK_SIZE;
		add_block(&bits, bytes + i, size, out);
	}
	align(&bits, out);
}
