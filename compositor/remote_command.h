/* How a remote server is run: its program, arguments, environment and user. */
#ifndef COMPOSITOR_REMOTE_COMMAND_H
#define COMPOSITOR_REMOTE_COMMAND_H

#include <stdbool.h>

struct config;
struct remote_config;

/* Both end with NULL and are destroyed by remote_command_destroy. The program of a protocol is
 * mullion-PROTOCOL beside ours, else where programs are installed. */
char **remote_command_create(const struct remote_config *remote);
/* `user`: NULL for ourselves; another one gets `runtime` as XDG_RUNTIME_DIR. */
char **remote_command_environment(const char *user, const char *runtime);
void remote_command_destroy(char **words); /* NULL is legal */

bool remote_command_is_same(char **a, char **b);

/* Who runs servers; NULL: we ourselves, who aren't root. */
const char *remote_command_user(const struct config *config);

#endif
