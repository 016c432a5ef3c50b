#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "remote/web_site_private.h"
#include "util/log.h"
#include "util/mem.h"

#define GZIP_WINDOW (15 + 16) /* zlib's way to ask for gzip's format */

struct making {
	int fd;
	struct web_site_head *head;
	size_t end; /* bytes of the file so far */
	gnutls_hash_hd_t sum; /* of all that is noVNC's */
	size_t novnc_first; /* index of noVNC's first file */
};

static bool append(struct making *making, const void *bytes, size_t size, uint32_t *offset) {
	*offset = making->end;
	const char *next = bytes;
	while (size > 0) {
		ssize_t n = pwrite(making->fd, next, size, making->end);
		if (n <= 0) {
			return false;
		}
		next += n;
		size -= n;
		making->end += n;
	}
	return true;
}

/* The caller's; NULL if it isn't to be had or saves nothing. */
static uint8_t *compress_gzip(const void *bytes, size_t size, uint32_t *compressed) {
	z_stream zip = {.next_in = (uint8_t *)bytes, .avail_in = size};
	if (deflateInit2(&zip, 9, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
		return NULL;
	}
	uint8_t *out = size > 0 ? malloc(size) : NULL;
	zip.next_out = out;
	zip.avail_out = size;
	bool shorter = out && deflate(&zip, Z_FINISH) == Z_STREAM_END;
	*compressed = zip.total_out;
	deflateEnd(&zip);
	if (!shorter) {
		free(out);
		return NULL;
	}
	return out;
}

static void set_tag(char tag[WEB_SITE_TAG_SIZE], const uint8_t *hash) {
	for (size_t i = 0; i < (WEB_SITE_TAG_SIZE - 1) / 2; i++) {
		snprintf(tag + 2 * i, 3, "%02x", hash[i]);
	}
}

static bool add_file(struct making *making, const char *path, const void *bytes, size_t size) {
	struct web_site_head *head = making->head;
	uint8_t hash[32], *zipped;
	if (head->count == WEB_SITE_FILES_MAX || strlen(path) >= sizeof(head->files[0].path)) {
		return false;
	}
	struct web_file *file = &head->files[head->count++];
	snprintf(file->path, sizeof(file->path), "%s", path);
	file->size = size;
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, size, hash) < 0 ||
		!append(making, bytes, size, &file->offset)) {
		return false;
	}
	set_tag(file->tag, hash);
	zipped = compress_gzip(bytes, size, &file->gzip_size);
	if (!zipped) {
		file->gzip_size = 0;
		return true;
	}
	bool ok = append(making, zipped, file->gzip_size, &file->gzip_offset);
	free(zipped);
	return ok;
}

/* noVNC */

/* The caller's; NULL if it isn't a file of a sensible size. */
static char *read_file(const char *path, size_t *size) {
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = NULL;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		st.st_size <= WEB_SITE_FILE_MAX) {
		text = xcalloc(1, st.st_size + 1);
		*size = st.st_size;
		if (read(fd, text, st.st_size) != st.st_size) {
			free(text);
			text = NULL;
		}
	}
	if (fd >= 0) {
		close(fd);
	}
	return text;
}

static bool is_script(const char *name) {
	size_t length = strlen(name);
	return name[0] != '.' && length > 3 && strcmp(name + length - 3, ".js") == 0 &&
		name[strspn(name,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] ==
		'\0';
}

static bool add_script(struct making *making, const char *path, const char *name) {
	size_t size = 0;
	char *text = read_file(path, &size);
	if (!text) {
		log_error("can't read %s: %s", path, strerror(errno));
		return false;
	}
	bool ok = gnutls_hash(making->sum, name, strlen(name)) >= 0 &&
		gnutls_hash(making->sum, text, size) >= 0 && add_file(making, name, text, size);
	free(text);
	return ok;
}

static int compare_names(const FTSENT **a, const FTSENT **b) {
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool add_scripts(struct making *making, const char *novnc) {
	char *core = xasprintf("%s/core", novnc), *vendor = xasprintf("%s/vendor", novnc);
	char *const folders[] = {core, vendor, NULL};
	FTS *tree = fts_open(folders, FTS_LOGICAL | FTS_NOCHDIR, compare_names);
	FTSENT *entry;
	bool ok = tree;
	while (ok && (entry = fts_read(tree))) {
		if (entry->fts_info == FTS_F && is_script(entry->fts_name)) {
			ok = add_script(making, entry->fts_path, entry->fts_path + strlen(novnc));
		}
	}
	if (tree) {
		fts_close(tree);
	}
	free(core);
	free(vendor);
	return ok;
}

/* Browsers keep noVNC's files for good: another version has other paths. */
static bool name_scripts(struct making *making) {
	struct web_site_head *head = making->head;
	uint8_t hash[32];
	char tag[WEB_SITE_TAG_SIZE];
	gnutls_hash_output(making->sum, hash);
	set_tag(tag, hash);
	for (size_t i = making->novnc_first; i < head->count; i++) {
		struct web_file *file = &head->files[i];
		char *path = xasprintf("/novnc-%s%s", tag, file->path);
		bool fits = strlen(path) < sizeof(file->path);
		bool is_main = strcmp(file->path, "/core/rfb.js") == 0;
		snprintf(file->path, sizeof(file->path), "%s", path);
		file->is_lasting = true;
		if (is_main) {
			snprintf(head->novnc, sizeof(head->novnc), "%s", path);
		}
		free(path);
		if (!fits) {
			return false;
		}
	}
	return true;
}

static bool add_novnc(struct making *making, const char *novnc) {
	making->novnc_first = making->head->count;
	if (gnutls_hash_init(&making->sum, GNUTLS_DIG_SHA256) < 0) {
		return false;
	}
	bool ok = add_scripts(making, novnc) && name_scripts(making);
	gnutls_hash_deinit(making->sum, NULL);
	if (ok && !making->head->novnc[0]) {
		log_error("%s/core/rfb.js isn't there: the page can't show screens; Debian has it "
			  "in the package novnc",
			novnc);
	}
	return ok;
}

static bool fill(struct making *making, const char *novnc) {
	for (size_t i = 0; i < web_pages_count; i++) {
		if (!add_file(making, web_pages[i].path, web_pages[i].bytes, web_pages[i].size)) {
			return false;
		}
	}
	return add_novnc(making, novnc) &&
		pwrite(making->fd, making->head, sizeof(*making->head), 0) ==
		sizeof(*making->head) &&
		fcntl(making->fd, F_ADD_SEALS,
			F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;
}

int web_site_make(const char *novnc) {
	struct making making = {.fd = memfd_create("mullion-web", MFD_CLOEXEC | MFD_ALLOW_SEALING),
		.head = xcalloc(1, sizeof(struct web_site_head)),
		.end = sizeof(struct web_site_head)};
	snprintf(making.head->magic, sizeof(making.head->magic), WEB_SITE_MAGIC);
	bool ok = making.fd >= 0 && fill(&making, novnc);
	if (!ok) {
		log_error("can't prepare the web page: %s", strerror(errno));
		if (making.fd >= 0) {
			close(making.fd);
		}
		making.fd = -1;
	}
	free(making.head);
	return making.fd;
}
