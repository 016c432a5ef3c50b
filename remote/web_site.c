#include "remote/web_site.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "remote/web_site_private.h"

static const struct {
	const char *ending, *type;
} types[] = {
	{".html", "text/html; charset=utf-8"},
	{".css", "text/css; charset=utf-8"},
	{".js", "text/javascript; charset=utf-8"},
	{".svg", "image/svg+xml"},
	{".webmanifest", "application/manifest+json"},
};

static const struct web_site_head *head_of(const struct web_site *site) {
	return (const struct web_site_head *)site->bytes;
}

bool web_site_open(struct web_site *site, int fd) {
	struct stat st;
	*site = (struct web_site){0};
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size < (off_t)sizeof(struct web_site_head)) {
		return false;
	}
	void *bytes = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED) {
		return false;
	}
	*site = (struct web_site){.bytes = bytes, .size = st.st_size};
	if (strcmp(head_of(site)->magic, WEB_SITE_MAGIC) != 0 ||
		head_of(site)->count > WEB_SITE_FILES_MAX) {
		web_site_close(site);
		return false;
	}
	return true;
}

void web_site_close(struct web_site *site) {
	if (site->bytes) {
		munmap((void *)site->bytes, site->size);
	}
	*site = (struct web_site){0};
}

const struct web_file *web_site_find(const struct web_site *site, const char *path) {
	const struct web_site_head *head = head_of(site);
	for (uint32_t i = 0; i < head->count; i++) {
		if (strcmp(head->files[i].path, path) == 0) {
			return &head->files[i];
		}
	}
	return NULL;
}

const char *web_site_novnc(const struct web_site *site) {
	return head_of(site)->novnc;
}

const char *web_file_type(const struct web_file *file) {
	size_t length = strlen(file->path);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t size = strlen(types[i].ending);
		if (length > size && strcmp(file->path + length - size, types[i].ending) == 0) {
			return types[i].type;
		}
	}
	return "application/octet-stream";
}
