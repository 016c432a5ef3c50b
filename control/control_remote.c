/* The methods about remote servers and their sessions. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "control/control_private.h"
#include "vm-display/publisher.h"

/* No method of ours but these; whoever takes over a server gets no more. */
bool control_is_for_servers(sd_bus_message *message) {
	static const char *const members[] = {
		"OpenSession", "OpenDisplay", "ListGuests", "ListOutputs", "ListSessions"};
	const char *interface = sd_bus_message_get_interface(message);
	const char *member = sd_bus_message_get_member(message);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (strcmp(member, members[i]) == 0) {
			return true;
		}
	}
	return interface && strcmp(interface, CONTROL_INTERFACE) != 0;
}

int control_handle_list_sessions(sd_bus_message *message, void *data, sd_bus_error *error) {
	return control_reply_list(message, control_impl_of(data)->list_sessions, data, error);
}

int control_handle_kick_session(sd_bus_message *message, void *data, sd_bus_error *error) {
	return control_call_with_name(message, control_impl_of(data)->kick_session, data, error);
}

int control_handle_list_remotes(sd_bus_message *message, void *data, sd_bus_error *error) {
	return control_reply_list(message, control_impl_of(data)->list_remotes, data, error);
}

int control_handle_start_remote(sd_bus_message *message, void *data, sd_bus_error *error) {
	return control_call_with_name(message, control_impl_of(data)->start_remote, data, error);
}

int control_handle_stop_remote(sd_bus_message *message, void *data, sd_bus_error *error) {
	return control_call_with_name(message, control_impl_of(data)->stop_remote, data, error);
}

/* Reads one variant into its member; 0 if there is no such key. */
static int read_member(sd_bus_message *message, const char *key, struct control_session *session) {
	const struct {
		const char *key, *type;
		void *value;
	} members[] = {{"server", "s", &session->server}, {"protocol", "s", &session->protocol},
		{"user", "s", &session->user}, {"address", "s", &session->address},
		{"target", "s", &session->target}, {"renew", "s", &session->renew},
		{"rights", "u", &session->rights}};
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (strcmp(members[i].key, key) == 0) {
			int r = sd_bus_message_read(
				message, "v", members[i].type, members[i].value);
			return r == 0 ? -ENXIO : r;
		}
	}
	return 0;
}

static int read_info(
	sd_bus_message *message, struct control_session *session, sd_bus_error *error) {
	int r = sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "{sv}");
	while (r >= 0 &&
		(r = sd_bus_message_enter_container(message, SD_BUS_TYPE_DICT_ENTRY, "sv")) > 0) {
		const char *key;
		if ((r = sd_bus_message_read(message, "s", &key)) < 0) {
			return r;
		}
		r = read_member(message, key, session);
		if (r <= 0) {
			return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
				r == 0 ? "A session has no %s"
				       : "The session's %s has another type",
				key);
		}
		r = sd_bus_message_exit_container(message);
	}
	return r < 0 ? r : sd_bus_message_exit_container(message);
}

static bool is_id(const char *text) {
	return strlen(text) == CONTROL_SESSION_ID_SIZE - 1 &&
		strspn(text, "0123456789abcdef") == strlen(text);
}

static const char *check_info(const struct control_session *session) {
	const char *texts[] = {session->server, session->protocol, session->user, session->address,
		session->target};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strlen(texts[i]) > CONTROL_SESSION_TEXT_MAX) {
			return "A string is longer than 255 bytes";
		}
	}
	if (!session->target[0]) {
		return "The target is missing";
	}
	if (session->rights == 0 || (session->rights & ~(uint32_t)PUBLISHER_ALL)) {
		return "The rights are a sum of 1, 2 and 4";
	}
	return session->renew[0] && !is_id(session->renew) ? "That is no session's id" : NULL;
}

int control_handle_open_session(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct control_client *client = data;
	const struct control_impl *impl = control_impl_of(data);
	if (!impl->open_session || sd_bus_can_send(client->bus, SD_BUS_TYPE_UNIX_FD) <= 0) {
		return control_not_supported(error);
	}
	struct control_session session = {"", "", "", "", "", "", 0};
	int r = read_info(message, &session, error);
	const char *wrong = r < 0 ? NULL : check_info(&session);
	if (r < 0 || wrong) {
		return r < 0 ? r : control_invalid(error, wrong);
	}
	char id[CONTROL_SESSION_ID_SIZE], *text = NULL;
	int fd = impl->open_session(control_data_of(data), &session, id, &text);
	if (fd < 0) {
		return control_failed(error, text);
	}
	r = sd_bus_reply_method_return(message, "sh", id, fd);
	close(fd);
	return r;
}
