#include "remote/rfb_squeeze.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "remote/rfb_buffer.h"

#define LITERALS 286 /* bytes, the end of a block, and lengths of matches */
#define DISTANCES 30
#define END_OF_BLOCK 256
#define BLOCK_SIZE                                                                                 \
	16384 /* bytes: new codes for each, since pictures change from place to place              \
	       */
#define LENGTH_MAX 14 /* bits of a code; four of them fit into what is written at once */
#define LENGTH_CODES 19
#define HEADER_MAX 400 /* bytes: that of a block, whatever its codes */
#define BLOCK_DYNAMIC 2
#define REPEAT_ZERO 18 /* 11 to 138 lengths of zero; 7 bits more say how many */
#define REPEAT_ZERO_LEAST 11
#define REPEAT_ZERO_MOST 138
#define MATCH_LEAST 3 /* bytes */
#define MATCH_MOST 258
#define MATCH_NEAR 4096 /* bytes: how far away the shortest matches may be to be worth it */
#define WINDOW 32768 /* bytes */
#define HASH_BITS 13
#define IS_MATCH (1u << 31)

struct bits { /* written, the lowest first */
	uint64_t held;
	unsigned int count;
	uint8_t *to;
};

struct code {
	uint16_t bits[LITERALS]; /* reversed, as they are written */
	uint8_t lengths[LITERALS]; /* 0: doesn't occur */
};

struct block {
	uint32_t tokens[BLOCK_SIZE]; /* a byte, or IS_MATCH with length << 16 and distance - 1 */
	size_t count;
	uint32_t literals[LITERALS], distances[LITERALS]; /* how often each occurs */
	struct code literal_code, distance_code;
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

/* RFC 1951, section 3.2.5: codes come in groups, each with a bit more than the one before. */
static unsigned int length_symbol(unsigned int length, unsigned int *extra) {
	unsigned int rest = length - MATCH_LEAST;
	*extra = 0;
	if (length == MATCH_MOST) {
		return 285;
	}
	if (rest < 8) {
		return 257 + rest;
	}
	*extra = 29 - (unsigned int)__builtin_clz(rest);
	return 257 + 4 * (*extra + 1) + (rest >> *extra & 3);
}

/* `distance` less one. */
static unsigned int distance_symbol(unsigned int distance, unsigned int *extra) {
	*extra = 0;
	if (distance < 4) {
		return distance;
	}
	*extra = 30 - (unsigned int)__builtin_clz(distance);
	return 2 * (*extra + 1) + (distance >> *extra & 1);
}

/* Flatter weights make shorter codes. */
static void find_code(struct code *code, uint32_t *weights) {
	while (try_lengths(weights, code->lengths) > LENGTH_MAX) {
		for (int i = 0; i < LITERALS; i++) {
			weights[i] = (weights[i] + 1) / 2;
		}
	}
	assign_bits(code->bits, code->lengths, LITERALS);
}

static void find_codes(struct block *block) {
	block->literals[END_OF_BLOCK] = 1;
	/* A code of one distance wouldn't be complete. */
	block->distances[0] += block->distances[0] == 0;
	block->distances[1] += block->distances[1] == 0;
	find_code(&block->literal_code, block->literals);
	find_code(&block->distance_code, block->distances);
}

static void put_lengths(
	struct bits *bits, const uint16_t *words, const uint8_t *lengths, int count) {
	for (int i = 0; i < count;) {
		int zeros = 0;
		while (i + zeros < count && zeros < REPEAT_ZERO_MOST && lengths[i + zeros] == 0) {
			zeros++;
		}
		if (zeros >= REPEAT_ZERO_LEAST) {
			put(bits, words[REPEAT_ZERO], 4);
			put(bits, zeros - REPEAT_ZERO_LEAST, 7);
			i += zeros;
		} else {
			put(bits, words[lengths[i++]], 4);
		}
		spill(bits);
	}
}

/* Codes of a fixed length of 4 bits for lengths 0 to 14, and for the repetition of zeros. */
static void put_codes(struct bits *bits, const struct block *block) {
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
	put(bits, DISTANCES - 1, 5);
	put(bits, LENGTH_CODES - 4, 4);
	spill(bits);
	for (int i = 0; i < LENGTH_CODES; i++) {
		put(bits, lengths[order[i]], 3);
		spill(bits);
	}
	put_lengths(bits, words, block->literal_code.lengths, LITERALS);
	put_lengths(bits, words, block->distance_code.lengths, DISTANCES);
}

static void put_literal(struct bits *bits, const struct code *code, unsigned int symbol) {
	put(bits, code->bits[symbol], code->lengths[symbol]);
}

static void put_match(struct bits *bits, const struct block *block, uint32_t token) {
	unsigned int length = token >> 16 & 0x7fff, distance = token & 0xffff, extra;
	unsigned int symbol = length_symbol(length, &extra);
	put_literal(bits, &block->literal_code, symbol);
	put(bits, (length - MATCH_LEAST) & ((1u << extra) - 1), extra);
	symbol = distance_symbol(distance, &extra);
	put_literal(bits, &block->distance_code, symbol);
	put(bits, distance & ((1u << extra) - 1), extra);
}

static void put_tokens(struct bits *bits, const struct block *block) {
	for (size_t i = 0; i < block->count; i++) {
		uint32_t token = block->tokens[i];
		if (token & IS_MATCH) {
			put_match(bits, block, token);
		} else {
			put_literal(bits, &block->literal_code, token);
		}
		spill(bits);
	}
	put_literal(bits, &block->literal_code, END_OF_BLOCK);
	spill(bits);
}

static void clear(struct block *block) {
	block->count = 0;
	memset(block->literals, 0, sizeof(block->literals));
	memset(block->distances, 0, sizeof(block->distances));
}

static void end_block(struct bits *bits, struct block *block, struct rfb_buffer *out) {
	if (block->count > 0) {
		find_codes(block);
		uint8_t *start =
			rfb_buffer_room(out, HEADER_MAX + block->count * 6 + sizeof(uint64_t));
		bits->to = start;
		put_codes(bits, block);
		put_tokens(bits, block);
		out->size += bits->to - start;
	}
	clear(block);
}

static void add_literal(struct block *block, uint8_t byte) {
	block->tokens[block->count++] = byte;
	block->literals[byte]++;
}

static void add_match(struct block *block, unsigned int length, unsigned int distance) {
	unsigned int extra;
	block->tokens[block->count++] = IS_MATCH | length << 16 | (distance - 1);
	block->literals[length_symbol(length, &extra)]++;
	block->distances[distance_symbol(distance - 1, &extra)]++;
}

static uint32_t read_three(const uint8_t *bytes) {
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;
}

/* Notes where these three bytes are; returns where they were before, if that is near enough, else
 * -1. */
static int32_t look_up(int32_t *places, const uint8_t *bytes, size_t at) {
	uint32_t three = read_three(bytes + at);
	int32_t *place = &places[three * 0x9e3779b1u >> (32 - HASH_BITS)];
	int32_t before = *place;
	*place = (int32_t)at;
	bool found =
		before >= 0 && at - (size_t)before <= WINDOW && read_three(bytes + before) == three;
	return found ? before : -1;
}

static size_t match_length(const uint8_t *a, const uint8_t *b, size_t most) {
	size_t length = MATCH_LEAST;
	while (length < most && a[length] == b[length]) {
		length++;
	}
	return length;
}

/* Tokens of bytes[from, to). */
static void find_tokens(
	struct block *block, int32_t *places, const uint8_t *bytes, size_t from, size_t to) {
	size_t at = from;
	while (at + MATCH_LEAST <= to) {
		int32_t before = look_up(places, bytes, at);
		size_t most = to - at < MATCH_MOST ? to - at : MATCH_MOST, length = 0;
		if (before >= 0) {
			length = match_length(bytes + at, bytes + before, most);
		}
		if (length > MATCH_LEAST || (length > 0 && at - before <= MATCH_NEAR)) {
			add_match(block, length, at - before);
			for (size_t end = at + length; ++at < end;) {
				if (at + MATCH_LEAST <= to) {
					look_up(places, bytes, at);
				}
			}
		} else {
			add_literal(block, bytes[at++]);
		}
	}
	for (; at < to; at++) {
		add_literal(block, bytes[at]);
	}
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

static void start(struct rfb_squeeze *squeeze, struct rfb_buffer *out) {
	if (!squeeze->started) {
		rfb_buffer_add(out, "\x78\x01", 2);
		squeeze->started = true;
	}
}

void rfb_squeeze_add_noise(
	struct rfb_squeeze *squeeze, const uint8_t *bytes, size_t count, struct rfb_buffer *out) {
	struct block block;
	struct bits bits = {0};
	start(squeeze, out);
	clear(&block);
	for (size_t i = 0; i < count; i++) {
		add_literal(&block, bytes[i]);
		if (block.count == BLOCK_SIZE) {
			end_block(&bits, &block, out);
		}
	}
	end_block(&bits, &block, out);
	align(&bits, out);
}

void rfb_squeeze_add(struct rfb_squeeze *squeeze, const uint8_t *bytes, const size_t *ends,
	size_t end_count, struct rfb_buffer *out) {
	static int32_t places[1 << HASH_BITS];
	struct block block;
	struct bits bits = {0};
	size_t from = 0;
	memset(places, 0xff, sizeof(places));
	start(squeeze, out);
	clear(&block);
	for (size_t i = 0; i < end_count; i++) {
		while (from < ends[i]) {
			size_t to = ends[i] - from < BLOCK_SIZE ? ends[i] : from + BLOCK_SIZE;
			find_tokens(&block, places, bytes, from, to);
			end_block(&bits, &block, out);
			from = to;
		}
	}
	align(&bits, out);
}
