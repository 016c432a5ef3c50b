/* Log lines on standard error: "mullion: [guest NAME: ]message", whose control characters become
 * question marks. */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* `program` is kept, not copied. Lines above `max` are dropped; the default is LOG_LEVEL_INFO. */
void log_init(const char *program, enum log_level max);
enum log_level log_max(void);

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
