/* All that the web server has to show, in one sealed file: our page, and noVNC as Debian installs
 * it. The listener makes it once; sessions, which open no files, map it and look names up. */
#ifndef REMOTE_WEB_SITE_H
#define REMOTE_WEB_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEB_SITE_FILES_MAX 256
#define WEB_SITE_FILE_MAX (1024 * 1024) /* bytes */
#define WEB_SITE_TAG_SIZE 17 /* 16 hexadecimal digits */

struct web_file {
	char path[112]; /* from '/' on */
	char tag[WEB_SITE_TAG_SIZE]; /* changes with the contents */
	bool is_lasting; /* the path changes with the contents, too */
	uint32_t offset, size; /* bytes */
	uint32_t gzip_offset, gzip_size; /* 0: it wouldn't be shorter */
};

struct web_site {
	const uint8_t *bytes; /* mapped */
	size_t size;
};

/* The file, the caller's: -1 after a log line. `novnc` is the folder that holds core/rfb.js; a site
 * without it can't show a screen, which is logged. */
int web_site_make(const char *novnc);

/* Doesn't take `fd`. False if it's none of ours. */
bool web_site_open(struct web_site *site, int fd);
void web_site_close(struct web_site *site);

/* NULL: there is none of that path. */
const struct web_file *web_site_find(const struct web_site *site, const char *path);
/* Where noVNC's RFB class is; "" without noVNC. */
const char *web_site_novnc(const struct web_site *site);
/* By the path's ending. */
const char *web_file_type(const struct web_file *file);

#endif
