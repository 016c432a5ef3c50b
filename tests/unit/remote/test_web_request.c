#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* After those that it needs. */
#include <cmocka.h>

#include "remote/web_request.h"

static char buffer[WEB_HEAD_MAX + 64];
static struct web_request request;
static size_t size;
static int status;
static const char *error;

static enum web_request_verdict parse(const char *text) {
	size_t count = strlen(text);
	assert_true(count < sizeof(buffer));
	memcpy(buffer, text, count);
	size = 0;
	status = 0;
	return web_request_parse(&request, buffer, count, &size, &status, &error);
}

static void test_whole(void **state) {
	static const char text[] = "GET /rfb?token=abc HTTP/1.1\r\nHost: [::1]:6080\r\n"
				   "ORIGIN:  https://[::1]:6080 \r\n"
				   "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
				   "Accept-Encoding: br, gzip;q=0.5\r\n"
				   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
				   "Sec-WebSocket-Version: 13\r\n\r\nmore";
	assert_int_equal(parse(text), WEB_REQUEST_WHOLE);
	assert_int_equal(size, strlen(text) - 4);
	assert_int_equal(request.method, WEB_GET);
	assert_string_equal(request.path, "/rfb");
	assert_string_equal(request.query, "token=abc");
	assert_string_equal(request.host, "[::1]:6080");
	assert_string_equal(request.origin, "https://[::1]:6080");
	assert_true(request.upgrade && request.gzip && !request.close);
	assert_true(web_origin_is_own(&request, true));
	assert_false(web_origin_is_own(&request, false));
}

static void test_every_cut_is_short(void **state) {
	static const char text[] =
		"POST /api/login HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n";
	for (size_t i = 0; i < strlen(text); i++) {
		memcpy(buffer, text, i);
		assert_int_equal(web_request_parse(&request, buffer, i, &size, &status, &error),
			WEB_REQUEST_SHORT);
		assert_memory_equal(buffer, text, i);
	}
	assert_int_equal(parse(text), WEB_REQUEST_WHOLE);
	assert_int_equal(request.content_length, 3);
}

static void test_bad(void **state) {
#define LINE "GET / HTTP/1.1\r\n"
#define HOST "Host: a\r\n"
	static const struct {
		const char *text;
		int status;
	} cases[] = {
		{"\r\n\r\n", 400},
		{"hello\r\n\r\n", 400},
		{"GET /\r\n\r\n", 400},
		{"GET / HTTP/1.0\r\n" HOST "\r\n", 505},
		{"GET / HTTP/2.0\r\n" HOST "\r\n", 505},
		{"GET / SPDY/1\r\n" HOST "\r\n", 400},
		{"GET  / HTTP/1.1\r\n" HOST "\r\n", 400},
		{"BREW / HTTP/1.1\r\n" HOST "\r\n", 501},
		{"G@T / HTTP/1.1\r\n" HOST "\r\n", 400},
		{"GET http://a/ HTTP/1.1\r\n" HOST "\r\n", 400},
		{"GET /a\"b HTTP/1.1\r\n" HOST "\r\n", 400},
		{"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 501},
		{LINE "\r\n", 400},
		{LINE "Host:\r\n\r\n", 400},
		{LINE HOST HOST "\r\n", 400},
		{LINE HOST "nocolon\r\n\r\n", 400},
		{LINE HOST " folded: x\r\n\r\n", 400},
		{LINE HOST "a b: x\r\n\r\n", 400},
		{LINE HOST ": x\r\n\r\n", 400},
		{LINE HOST "a: b\nc: d\r\n\r\n", 400},
		{LINE HOST "a: b\rc: d\r\n\r\n", 400},
		{LINE HOST "a: \001\r\n\r\n", 400},
		{LINE HOST "a: \x80\r\n\r\n", 400},
		{LINE HOST "Transfer-Encoding: chunked\r\n\r\n", 501},
		{LINE HOST "Expect: 100-continue\r\n\r\n", 417},
		{LINE HOST "Content-Length: 5\r\n\r\n", 400},
		{"POST / HTTP/1.1\r\n" HOST "\r\n", 411},
		{"POST / HTTP/1.1\r\n" HOST "Content-Length: \r\n\r\n", 400},
		{"POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400},
		{"POST / HTTP/1.1\r\n" HOST "Content-Length: 0x10\r\n\r\n", 400},
		{"POST / HTTP/1.1\r\n" HOST "Content-Length: 2049\r\n\r\n", 413},
		{"POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999999\r\n\r\n", 413},
		{"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (parse(cases[i].text) != WEB_REQUEST_BAD || status != cases[i].status) {
			fail_msg("%s: status %d", cases[i].text, status);
		}
	}
	memcpy(buffer, "\x16\x03\x01\x00", 4); /* TLS, to a door without it */
	assert_int_equal(
		web_request_parse(&request, buffer, 4, &size, &status, &error), WEB_REQUEST_BAD);
}

static void test_too_long(void **state) {
	memset(buffer, 'a', sizeof(buffer));
	assert_int_equal(
		web_request_parse(&request, buffer, WEB_HEAD_MAX - 1, &size, &status, &error),
		WEB_REQUEST_SHORT);
	assert_int_equal(web_request_parse(&request, buffer, WEB_HEAD_MAX, &size, &status, &error),
		WEB_REQUEST_BAD);
	assert_int_equal(status, 431);
	char text[WEB_PATH_MAX + 64];
	snprintf(text, sizeof(text), "GET /%0*d HTTP/1.1\r\nHost: a\r\n\r\n", WEB_PATH_MAX, 1);
	assert_int_equal(parse(text), WEB_REQUEST_BAD);
	assert_int_equal(status, 414);
}

static void test_too_many_fields(void **state) {
	char text[WEB_HEAD_MAX] = "GET / HTTP/1.1\r\nHost: a\r\n";
	size_t length = strlen(text);
	for (int i = 0; i < WEB_FIELDS_MAX; i++) {
		length += snprintf(text + length, sizeof(text) - length, "a: b\r\n");
	}
	snprintf(text + length, sizeof(text) - length, "\r\n");
	assert_int_equal(parse(text), WEB_REQUEST_BAD);
	assert_int_equal(status, 431);
}

static bool form(const char *text, const char *name, char *value, size_t value_size) {
	return web_form_get(text, strlen(text), name, value, value_size);
}

static void test_forms(void **state) {
	char value[16];
	assert_true(form("user=anna&password=a%2bb+c%26", "password", value, sizeof(value)));
	assert_string_equal(value, "a+b c&");
	assert_true(form("a=&b=1", "a", value, sizeof(value)));
	assert_string_equal(value, "");
	assert_false(form("xuser=1", "user", value, sizeof(value)));
	assert_false(form("user", "user", value, sizeof(value)));
	assert_false(form("user=%0", "user", value, sizeof(value)));
	assert_false(form("user=%zz", "user", value, sizeof(value)));
	assert_false(form("user=a%00b", "user", value, sizeof(value)));
	assert_false(form("user=0123456789abcdef", "user", value, sizeof(value)));
	assert_true(form("user=0123456789abcde", "user", value, sizeof(value)));
	assert_false(form("", "user", value, sizeof(value)));
}

static void test_hosts(void **state) {
	static const char *const literal[] = {
		"127.0.0.1", "127.0.0.1:6080", "localhost", "LOCALHOST:1", "[::1]", "[::1]:6080"};
	static const char *const names[] = {"example.org", "example.org:6080", "127.0.0.1.evil.org",
		"localhost.evil.org", "[evil]:1", "", ":80"};
	for (size_t i = 0; i < sizeof(literal) / sizeof(literal[0]); i++) {
		assert_true(web_host_is_literal(literal[i]));
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_false(web_host_is_literal(names[i]));
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_every_cut_is_short),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_too_many_fields),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_hosts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
