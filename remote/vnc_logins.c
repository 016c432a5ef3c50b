#include "remote/vnc_logins.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include "remote/pam_password.h"
#include "remote/vnc_password.h"
#include "util/accounts.h"
#include "util/log.h"
#include "util/mem.h"

struct vnc_logins {
	sd_event *event;
	char *path;
	sd_event_source *next; /* starts those whose turn it is */
	unsigned int running;
	TAILQ_HEAD(, vnc_login) list; /* in order of arrival */
};

struct vnc_login {
	struct vnc_logins *logins;
	struct vnc_credentials credentials;
	struct accounts *accounts; /* what the process was asked about */
	void (*done)(void *data, const struct account *account);
	void *data;
	pid_t pid; /* 0: waits for its turn, or is over */
	int answer; /* a pipe, on which the process writes the user's number */
	sd_event_source *child;
	TAILQ_ENTRY(vnc_login) link;
};

/* In the process */

static int32_t find_by_response(
	const struct accounts *accounts, const struct vnc_credentials *credentials) {
	for (size_t i = 0; i < accounts_count(accounts); i++) {
		const char *file = accounts_get(accounts, i)->vnc_password_file;
		if (file &&
			vnc_password_check(file, credentials->challenge, credentials->response)) {
			return i;
		}
	}
	return -1;
}

static int32_t find_user(
	const struct accounts *accounts, const struct vnc_credentials *credentials) {
	if (!credentials->by_name) {
		return find_by_response(accounts, credentials);
	}
	/* A user of the system's costs the hash, too. */
	const struct account *known = accounts_find(accounts, credentials->name),
			     *account = accounts_check(
				     accounts, credentials->name, credentials->password);
	if (known && known->hash && strcmp(known->hash, ACCOUNT_PAM) == 0 &&
		pam_password_check(credentials->name, credentials->password)) {
		account = known;
	}
	for (size_t i = 0; account && i < accounts_count(accounts); i++) {
		if (accounts_get(accounts, i) == account) {
			return i;
		}
	}
	return -1;
}

static void answer(const struct vnc_login *login, int pipe) {
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(VNC_LOGIN_SECONDS);
	int32_t number = find_user(login->accounts, &login->credentials);
	_exit(write(pipe, &number, sizeof(number)) == sizeof(number) ? 0 : 1);
}

/* In the listener */

static void free_login(struct vnc_login *login) {
	struct vnc_logins *logins = login->logins;
	TAILQ_REMOVE(&logins->list, login, link);
	if (login->child) {
		logins->running--;
		sd_event_source_set_enabled(logins->next, SD_EVENT_ONESHOT);
	}
	sd_event_source_disable_unref(login->child);
	if (login->pid > 0) {
		kill(login->pid, SIGKILL);
		waitpid(login->pid, NULL, 0);
	}
	if (login->answer >= 0) {
		close(login->answer);
	}
	accounts_destroy(login->accounts);
	explicit_bzero(&login->credentials, sizeof(login->credentials));
	free(login);
}

void vnc_login_cancel(struct vnc_login *login) {
	if (login) {
		free_login(login);
	}
}

static void finish(struct vnc_login *login) {
	int32_t number = -1;
	const struct account *account = NULL;
	if (login->answer >= 0 && read(login->answer, &number, sizeof(number)) == sizeof(number) &&
		number >= 0) {
		account = accounts_get(login->accounts, number);
	}
	void (*done)(void *, const struct account *) = login->done;
	void *data = login->data;
	/* The account lives as long as the login. */
	done(data, account);
	free_login(login);
}

static int handle_child(sd_event_source *source, const siginfo_t *info, void *data) {
	struct vnc_login *login = data;
	login->pid = 0;
	if (info->si_code != CLD_EXITED) {
		log_error("a password's check was ended by signal %d", info->si_status);
	}
	finish(login);
	return 0;
}

static struct accounts *load_accounts(const char *path) {
	char *words = NULL;
	size_t size;
	FILE *errors = open_memstream(&words, &size);
	struct accounts *accounts = accounts_load(path, errors);
	fclose(errors);
	if (!accounts) {
		words[strcspn(words, "\n")] = '\0';
		log_error("nobody can log in: %s", words);
	}
	free(words);
	return accounts;
}

static bool start_process(struct vnc_login *login) {
	int ends[2];
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
		return false;
	}
	login->answer = ends[0];
	login->pid = fork();
	if (login->pid == 0) {
		answer(login, ends[1]);
	}
	close(ends[1]);
	return login->pid > 0 &&
		sd_event_add_child(login->logins->event, &login->child, login->pid, WEXITED,
			handle_child, login) >= 0;
}

static void start(struct vnc_login *login) {
	login->accounts = load_accounts(login->logins->path);
	if (login->accounts && start_process(login)) {
		login->logins->running++;
		return;
	}
	if (login->accounts) {
		log_error("can't check a password: %s", strerror(errno));
	}
	finish(login);
}

static struct vnc_login *find_waiting(const struct vnc_logins *logins) {
	struct vnc_login *login;
	TAILQ_FOREACH (login, &logins->list, link) {
		if (!login->child) {
			return login;
		}
	}
	return NULL;
}

static int handle_next(sd_event_source *source, void *data) {
	struct vnc_logins *logins = data;
	struct vnc_login *login;
	while (logins->running < VNC_LOGINS_AT_ONCE && (login = find_waiting(logins))) {
		start(login);
	}
	return 0;
}

struct vnc_login *vnc_logins_ask(struct vnc_logins *logins,
	const struct vnc_credentials *credentials,
	void (*done)(void *data, const struct account *account), void *data) {
	struct vnc_login *login = xcalloc(1, sizeof(*login));
	*login = (struct vnc_login){.logins = logins,
		.credentials = *credentials,
		.done = done,
		.data = data,
		.answer = -1};
	TAILQ_INSERT_TAIL(&logins->list, login, link);
	sd_event_source_set_enabled(logins->next, SD_EVENT_ONESHOT);
	return login;
}

struct vnc_logins *vnc_logins_create(sd_event *event, const char *path) {
	struct vnc_logins *logins = xcalloc(1, sizeof(*logins));
	logins->event = event;
	logins->path = xstrdup(path);
	TAILQ_INIT(&logins->list);
	int error = sd_event_add_defer(event, &logins->next, handle_next, logins);
	if (error < 0) {
		log_error("can't prepare for log-ins: %s", strerror(-error));
		vnc_logins_destroy(logins);
		return NULL;
	}
	sd_event_source_set_enabled(logins->next, SD_EVENT_OFF);
	return logins;
}

void vnc_logins_destroy(struct vnc_logins *logins) {
	if (!logins) {
		return;
	}
	assert(TAILQ_EMPTY(&logins->list));
	sd_event_source_disable_unref(logins->next);
	free(logins->path);
	free(logins);
}
