#include "remote/pam_password.h"

#include <security/pam_appl.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

#define SERVICE "mullion"

static void free_answers(struct pam_response *answers, int count) {
	for (int i = 0; i < count; i++) {
		if (answers[i].resp) {
			explicit_bzero(answers[i].resp, strlen(answers[i].resp));
		}
		free(answers[i].resp);
	}
	free(answers);
}

/* Answers the one question that a password answers. */
static int handle_conversation(
	int count, const struct pam_message **messages, struct pam_response **answers, void *data) {
	const char *password = data;
	if (count <= 0 || count > PAM_MAX_NUM_MSG) {
		return PAM_CONV_ERR;
	}
	struct pam_response *made = calloc(count, sizeof(*made));
	bool ok = made;
	for (int i = 0; ok && i < count; i++) {
		switch (messages[i]->msg_style) {
		case PAM_PROMPT_ECHO_OFF:
			made[i].resp = strdup(password);
			ok = made[i].resp;
			break;
		case PAM_ERROR_MSG:
		case PAM_TEXT_INFO:
			break;
		default:
			ok = false;
		}
	}
	if (!ok && made) {
		free_answers(made, count);
	}
	*answers = ok ? made : NULL;
	return ok ? PAM_SUCCESS : PAM_CONV_ERR;
}

bool pam_password_check(const char *user, const char *password) {
	struct pam_conv conversation = {
		.conv = handle_conversation, .appdata_ptr = (void *)password};
	pam_handle_t *pam = NULL;
	int result = pam_start(SERVICE, user, &conversation, &pam);
	if (result == PAM_SUCCESS) {
		result = pam_authenticate(pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
	}
	if (result == PAM_SUCCESS) {
		result = pam_acct_mgmt(pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
	}
	if (result != PAM_SUCCESS) {
		log_info("user %s: PAM says no: %s", user, pam_strerror(pam, result));
	}
	if (pam) {
		pam_end(pam, result);
	}
	return result == PAM_SUCCESS;
}
