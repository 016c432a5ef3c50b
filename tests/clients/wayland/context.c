/* A door for sandboxed clients (security-context-v1), which stays open as long as we live. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "app.h"

void open_context(struct app *app, const char *name) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", getenv("XDG_RUNTIME_DIR"),
		name);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int alive[2];
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		listen(listener, 4) < 0 || pipe(alive) < 0) {
		fail("no socket %s", address.sun_path);
	}
	struct wp_security_context_v1 *context = wp_security_context_manager_v1_create_listener(
		app->context_manager, listener, alive[1]);
	wp_security_context_v1_set_sandbox_engine(context, "org.mullion.tests");
	wp_security_context_v1_set_app_id(context, name);
	wp_security_context_v1_commit(context);
	wp_security_context_v1_destroy(context);
	close(listener);
	close(alive[1]);
}
