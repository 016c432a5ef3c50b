/* Which clients see which globals: what captures, types for others, reads clipboards unasked or
 * rules the desktop is hidden from sandboxed clients (security-context-v1), and X11's helper
 * protocol from all but Xwayland. */
#ifndef COMPOSITOR_SHELLS_SANDBOX_H
#define COMPOSITOR_SHELLS_SANDBOX_H

#include <stdbool.h>

struct shells;
struct wlr_security_context_manager_v1;

struct sandbox {
	struct shells *shells;
	struct wlr_security_context_manager_v1 *contexts;
};

struct sandbox *sandbox_create(struct shells *shells);
void sandbox_destroy(struct sandbox *sandbox); /* NULL is legal */
bool sandbox_forbids(const char *interface); /* to clients within one */

#endif
