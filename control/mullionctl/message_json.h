/* What a D-Bus message holds, as JSON. */
#ifndef MULLIONCTL_MESSAGE_JSON_H
#define MULLIONCTL_MESSAGE_JSON_H

#include <json-c/json.h>
#include <systemd/sd-bus.h>

/* The next value of the message: numbers, booleans, strings, arrays, structs as arrays, a{s*} as an
 * object, variants as what they hold. NULL for anything else and at the end. */
struct json_object *message_to_json(sd_bus_message *message);

#endif
