#include "remote/web_json.h"

#include <stdlib.h>
#include <string.h>

#include "util/utf8.h"

#define TEXT_MAX 512 /* bytes: names and titles are shorter */

void web_json_write(FILE *out, const char *text) {
	char *clean = utf8_sanitize(text, TEXT_MAX);
	fputc('"', out);
	for (const char *c = clean; *c; c++) {
		if (*c == '"' || *c == '\\' || *c == '<') { /* '<': should it ever be HTML */
			fprintf(out, "\\u%04x", *c);
		} else {
			fputc(*c, out);
		}
	}
	fputc('"', out);
	free(clean);
}
