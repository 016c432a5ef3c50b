/* Strings for JSON. */
#ifndef REMOTE_WEB_JSON_H
#define REMOTE_WEB_JSON_H

#include <stdio.h>

/* With its quotes. What isn't UTF-8 or not printable comes out cleaned. */
void web_json_write(FILE *out, const char *text);

#endif
