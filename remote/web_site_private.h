/* What the maker and the readers of a site share. */
#ifndef REMOTE_WEB_SITE_PRIVATE_H
#define REMOTE_WEB_SITE_PRIVATE_H

#include "remote/web_site.h"

#define WEB_SITE_MAGIC "mullion site 1"

struct web_site_head { /* the file begins with it; the contents follow */
	char magic[16];
	uint32_t count;
	char novnc[112];
	struct web_file files[WEB_SITE_FILES_MAX];
};

/* Our own page (remote/web_pages.c is made of data/web at build time). */
struct web_page {
	const char *path;
	const unsigned char *bytes;
	size_t size;
};
extern const struct web_page web_pages[];
extern const size_t web_pages_count;

#endif
