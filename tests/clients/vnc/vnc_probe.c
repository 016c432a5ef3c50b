/* A VNC client on libvncclient, told by standard input what to do:
 *	vnc_probe PORT PASSWORD ENCODINGS [USER CERTIFICATE]
 * (the latter two: over TLS, with that certificate only)
 * prints "connected W H", "size W H", "updated"; obeys "pixel X Y" ("pixel R G B"), "save FILE"
 *(PPM, "saved"), "key KEYSYM DOWN", "pointer X Y MASK". */
#include <poll.h>
#include <rfb/rfbclient.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *password, *user, *certificate;
static bool has_size;

static char *give_password(rfbClient *client) {
	return strdup(password);
}

static rfbCredential *give_credential(rfbClient *client, int type) {
	rfbCredential *credential = calloc(1, sizeof(*credential));
	if (type == rfbCredentialTypeX509) {
		credential->x509Credential.x509CACertFile = strdup(certificate);
	} else {
		credential->userCredential.username = strdup(user);
		credential->userCredential.password = strdup(password);
	}
	return credential;
}

static void demand_tls(rfbClient *client) {
	static const uint32_t schemes[] = {rfbVeNCrypt, 0};
	SetClientAuthSchemes(client, schemes, -1);
	client->GetCredential = give_credential;
}

static rfbBool resize(rfbClient *client) {
	free(client->frameBuffer);
	client->frameBuffer = calloc(client->width, 4 * (size_t)client->height);
	printf("%s %d %d\n", has_size ? "size" : "connected", client->width, client->height);
	has_size = true;
	return client->frameBuffer ? TRUE : FALSE;
}

static void finish_update(rfbClient *client) {
	puts("updated");
}

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...) {
	va_list args;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
}

static void print_pixel(rfbClient *client, int x, int y) {
	if (x >= client->width || y >= client->height) {
		puts("pixel outside");
		return;
	}
	const uint8_t *pixel = client->frameBuffer + 4 * ((size_t)y * client->width + x);
	printf("pixel %u %u %u\n", pixel[0], pixel[1], pixel[2]);
}

static void save(rfbClient *client, const char *path) {
	FILE *file = fopen(path, "wb");
	if (!file) {
		perror(path);
		exit(1);
	}
	fprintf(file, "P6 %d %d 255\n", client->width, client->height);
	for (size_t i = 0; i < (size_t)client->width * client->height; i++) {
		fwrite(client->frameBuffer + 4 * i, 3, 1, file);
	}
	if (fclose(file) != 0) {
		perror(path);
		exit(1);
	}
	puts("saved");
}

static void obey(rfbClient *client, const char *line) {
	unsigned int a, b, c;
	char path[200];
	if (sscanf(line, "pixel %u %u", &a, &b) == 2) {
		print_pixel(client, a, b);
	} else if (sscanf(line, "save %199s", path) == 1) {
		save(client, path);
	} else if (sscanf(line, "key %u %u", &a, &b) == 2) {
		SendKeyEvent(client, a, b != 0);
	} else if (sscanf(line, "pointer %u %u %u", &a, &b, &c) == 3) {
		SendPointerEvent(client, a, b, c);
	} else {
		fprintf(stderr, "what is \"%s\"?\n", line);
		exit(1);
	}
}

static int serve(rfbClient *client) {
	struct pollfd polled[] = {
		{.fd = 0, .events = POLLIN}, {.fd = client->sock, .events = POLLIN}};
	char line[256];
	for (;;) {
		/* The library buffers what it has read. */
		if (client->buffered == 0 && poll(polled, 2, -1) < 0) {
			return 1;
		}
		if (client->buffered > 0 || polled[1].revents) {
			if (!HandleRFBServerMessage(client)) {
				puts("disconnected");
				return 0;
			}
		} else if (polled[0].revents) {
			if (!fgets(line, sizeof(line), stdin)) {
				return 0;
			}
			obey(client, line);
		}
	}
}

static void choose_encodings(rfbClient *client, char *text) {
	char *quality = strchr(text, '/');
	client->appData.encodingsString = text;
	client->appData.enableJPEG = quality != NULL;
	if (quality) {
		*quality = '\0';
		client->appData.qualityLevel = atoi(quality + 1);
	}
}

int main(int argc, char **argv) {
	if (argc != 4 && argc != 6) {
		fputs("usage: vnc_probe PORT PASSWORD ENCODINGS [USER CERTIFICATE]\n", stderr);
		return 2;
	}
	setvbuf(stdin, NULL, _IONBF, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	password = argv[2];
	rfbClientLog = say;
	rfbClientErr = say;
	rfbClient *client = rfbGetClient(8, 3, 4);
	client->GetPassword = give_password;
	client->MallocFrameBuffer = resize;
	client->FinishedFrameBufferUpdate = finish_update;
	client->canHandleNewFBSize = TRUE;
	choose_encodings(client, argv[3]);
	client->appData.useRemoteCursor = TRUE;
	if (argc == 6) {
		user = argv[4];
		certificate = argv[5];
		demand_tls(client);
	}
	client->serverHost = strdup("127.0.0.1");
	client->serverPort = atoi(argv[1]);
	if (!rfbInitClient(client, NULL, NULL)) {
		puts("refused");
		return 3; /* the library has freed the client */
	}
	int status = serve(client);
	free(client->frameBuffer);
	rfbClientCleanup(client);
	return status;
}
