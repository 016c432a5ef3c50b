#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
/* After those that it needs. */
#include <cmocka.h>

#include "remote/vnc_channel.h"
#include "remote/web_asks.h"
#include "remote/web_service.h"

static struct web_service service;
static struct web_request request;
static struct web_reply reply;
static struct vnc_note ask;

static int set_up(void **state) {
	int fd = web_site_make("/nonexistent"); /* which is logged, and no error */
	bool ok = fd >= 0 && web_site_open(&service.site, fd);
	close(fd);
	return ok ? 0 : -1;
}

static int tear_down(void **state) {
	web_reply_finish(&reply);
	web_site_close(&service.site);
	return 0;
}

static bool is_answered(const char *text, const char *body) {
	static char bytes[WEB_HEAD_MAX];
	size_t size;
	int status;
	const char *error;
	snprintf(bytes, sizeof(bytes), "%s", text);
	assert_int_equal(web_request_parse(&request, bytes, strlen(bytes), &size, &status, &error),
		WEB_REQUEST_WHOLE);
	web_reply_finish(&reply);
	return web_service_handle(&service, &request, body, &reply, &ask);
}

static void expect_status(int status, const char *text, const char *body) {
	int got = 0;
	assert_true(is_answered(text, body));
	sscanf(reply.head, "HTTP/1.1 %d", &got);
	if (got != status) {
		fail_msg("%s: %d instead of %d", text, got, status);
	}
	assert_non_null(strstr(reply.head, "Content-Security-Policy: default-src 'none'"));
	assert_non_null(strstr(reply.head, "X-Frame-Options: DENY"));
	assert_non_null(strstr(reply.head, "Referrer-Policy: no-referrer"));
}

#define OWN "Host: 127.0.0.1\r\nOrigin: https://127.0.0.1\r\n"
#define FOREIGN "Host: 127.0.0.1\r\nOrigin: https://evil.org\r\n"
#define SOCKET                                                                                     \
	"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"               \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static void test_files(void **state) {
	service.secure = true;
	snprintf(service.auth, sizeof(service.auth), WEB_AUTH_USERS);
	expect_status(200, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "");
	assert_non_null(strstr(reply.head, "Content-Type: text/html"));
	assert_true(reply.body_size > 1000);
	char *tag = strstr(reply.head, "ETag: ");
	char text[256];
	snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: %.18s\r\n\r\n",
		tag + 6);
	expect_status(304, text, "");
	assert_int_equal(reply.body_size, 0);
	expect_status(200, "HEAD /app.js HTTP/1.1\r\nHost: a\r\n\r\n", "");
	assert_int_equal(reply.body_size, 0);
	expect_status(200, "GET /app.js HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n", "");
	assert_non_null(strstr(reply.head, "Content-Encoding: gzip"));
	assert_memory_equal(reply.body, "\x1f\x8b", 2);
	static const char *const missing[] = {"/../etc/passwd", "/%2e%2e/etc/passwd",
		"//etc/passwd", "/app.js/", "/App.js", "/novnc/core/rfb.js", "/web_pages.c", "/."};
	for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
		snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", missing[i]);
		expect_status(404, text, "");
		assert_int_not_equal(reply.body_size, 0);
		snprintf(text, sizeof(text), "HEAD %s HTTP/1.1\r\nHost: a\r\n\r\n", missing[i]);
		expect_status(404, text, "");
		assert_int_equal(reply.body_size, 0);
	}
	expect_status(405, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "");
}

static void test_log_in(void **state) {
	service.secure = true;
	snprintf(service.auth, sizeof(service.auth), WEB_AUTH_USERS);
	assert_false(is_answered("POST /api/login HTTP/1.1\r\n" OWN "Content-Length: 28\r\n\r\n",
		"user=anna&password=secret%2B"));
	assert_int_equal(ask.number, WEB_ASK_LOGIN);
	assert_string_equal(ask.text, "anna");
	expect_status(
		400, "POST /api/login HTTP/1.1\r\n" OWN "Content-Length: 9\r\n\r\n", "user=anna");
	expect_status(403, "POST /api/login HTTP/1.1\r\n" FOREIGN "Content-Length: 9\r\n\r\n",
		"user=anna");
	expect_status(403,
		"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n", "");
	expect_status(405, "GET /api/login HTTP/1.1\r\n" OWN "\r\n", "");
}

static void test_keys(void **state) {
	service.secure = true;
	expect_status(401, "POST /api/targets HTTP/1.1\r\n" OWN "Content-Length: 0\r\n\r\n", "");
	assert_false(is_answered("POST /api/token HTTP/1.1\r\n" OWN
				 "Authorization: Bearer 1234\r\nContent-Length: 14\r\n\r\n",
		"target=desktop"));
	assert_int_equal(ask.number, WEB_ASK_TOKEN);
	assert_string_equal(ask.text, "1234");
	assert_string_equal(ask.secret, "desktop");
	struct vnc_note answer = {.number = 200};
	snprintf(answer.text, sizeof(answer.text), "abc");
	web_service_answer(&request, &ask, &answer, -1, &reply);
	assert_string_equal(reply.text, "{\"token\":\"abc\"}\n");
	web_reply_finish(&reply);
	answer.number = 403;
	snprintf(answer.text, sizeof(answer.text), "a \"b\" <c>");
	web_service_answer(&request, &ask, &answer, -1, &reply);
	assert_string_equal(reply.text, "{\"error\":\"a \\u0022b\\u0022 \\u003cc>\"}\n");
}

static void test_upgrade(void **state) {
	service.secure = true;
	assert_false(is_answered("GET /rfb?token=12 HTTP/1.1\r\n" OWN SOCKET "\r\n", ""));
	assert_int_equal(ask.number, WEB_ASK_ENTER);
	assert_string_equal(ask.text, "12");
	const struct vnc_note yes = {.number = 200};
	web_service_answer(&request, &ask, &yes, -1, &reply);
	assert_non_null(strstr(reply.head, "HTTP/1.1 101 "));
	assert_non_null(strstr(reply.head, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
	expect_status(403, "GET /rfb?token=12 HTTP/1.1\r\n" FOREIGN SOCKET "\r\n", "");
	expect_status(403, "GET /rfb?token=12 HTTP/1.1\r\nHost: a\r\n" SOCKET "\r\n", "");
	expect_status(403, "GET /rfb HTTP/1.1\r\n" OWN SOCKET "\r\n", "");
	expect_status(426, "GET /rfb?token=12 HTTP/1.1\r\n" OWN "\r\n", "");
	expect_status(403,
		"GET /rfb?token=12 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
		"Origin: http://127.0.0.1\r\n" SOCKET "\r\n",
		"");
}

/* Without users a foreign name that leads here is refused, and a proxy's scheme is not. */
static void test_local(void **state) {
	service.secure = false;
	snprintf(service.auth, sizeof(service.auth), WEB_AUTH_NONE);
	expect_status(200, "GET / HTTP/1.1\r\nHost: 127.0.0.1:6080\r\n\r\n", "");
	expect_status(403, "GET / HTTP/1.1\r\nHost: evil.org:6080\r\n\r\n", "");
	assert_false(is_answered("GET /rfb?token=12 HTTP/1.1\r\n" OWN SOCKET "\r\n", ""));
	assert_false(is_answered("GET /rfb?token=12 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
				 "Origin: http://127.0.0.1\r\n" SOCKET "\r\n",
		""));
	assert_false(
		is_answered("POST /api/login HTTP/1.1\r\n" OWN "Content-Length: 0\r\n\r\n", ""));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_log_in),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_upgrade),
		cmocka_unit_test(test_local),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
