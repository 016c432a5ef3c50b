#include "password.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const int fatal_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
#define SIGNAL_COUNT (sizeof(fatal_signals) / sizeof(fatal_signals[0]))

static volatile sig_atomic_t caught; /* while a password is typed */

static void handle_signal(int number) {
	caught = number;
}

/* One line without its end. */
static const char *read_line(char *line, size_t size) {
	size_t len = 0;
	char c = '\0';
	ssize_t n;
	while ((n = read(STDIN_FILENO, &c, 1)) != 0 && c != '\n') {
		if (n < 0) {
			return errno == EINTR ? "interrupted" : strerror(errno);
		}
		if (c == '\0') {
			return "the password holds a NUL";
		}
		if (len == size - 1) {
			return "the password is too long";
		}
		line[len++] = c;
	}
	line[len] = '\0';
	return n == 0 && len == 0 ? "there is no password on standard input" : NULL;
}

/* Whatever ends us, the terminal has its echo again before. */
static const char *read_without_echo(const char *prompt, char *line, size_t size) {
	struct termios as_it_was, silent;
	struct sigaction old[SIGNAL_COUNT], action = {.sa_handler = handle_signal};
	if (tcgetattr(STDIN_FILENO, &as_it_was) < 0) {
		return strerror(errno);
	}
	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
		sigaction(fatal_signals[i], &action, &old[i]);
	}
	silent = as_it_was;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	fputs(prompt, stderr);
	const char *wrong = caught ? "interrupted" : read_line(line, size);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &as_it_was);
	fputc('\n', stderr);
	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
		sigaction(fatal_signals[i], &old[i], NULL);
	}
	if (caught) {
		raise(caught);
	}
	return wrong;
}

static const char *ask_twice(const char *user, char *password, size_t size) {
	char prompt[128], again[512];
	snprintf(prompt, sizeof(prompt), "Password for %s: ", user);
	const char *wrong = read_without_echo(prompt, password, size);
	if (!wrong) {
		wrong = read_without_echo("Again: ", again, sizeof(again));
	}
	if (!wrong && strcmp(password, again) != 0) {
		wrong = "the two passwords differ";
	}
	explicit_bzero(again, sizeof(again));
	return wrong;
}

const char *password_ask(const char *user, char *password, size_t size) {
	const char *wrong =
		isatty(STDIN_FILENO) ? ask_twice(user, password, size) : read_line(password, size);
	if (wrong) {
		explicit_bzero(password, size);
	}
	return wrong;
}
