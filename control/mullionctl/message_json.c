#include "message_json.h"

#include <stdint.h>
#include <string.h>

static struct json_object *basic_to_json(sd_bus_message *message, char type) {
	union {
		uint8_t y;
		int b;
		int16_t n;
		uint16_t q;
		int32_t i;
		uint32_t u;
		int64_t x;
		uint64_t t;
		double d;
		const char *s;
	} value;
	if (sd_bus_message_read_basic(message, type, &value) <= 0) {
		return NULL;
	}
	switch (type) {
	case SD_BUS_TYPE_BYTE:
		return json_object_new_int(value.y);
	case SD_BUS_TYPE_BOOLEAN:
		return json_object_new_boolean(value.b);
	case SD_BUS_TYPE_INT16:
		return json_object_new_int(value.n);
	case SD_BUS_TYPE_UINT16:
		return json_object_new_int(value.q);
	case SD_BUS_TYPE_INT32:
		return json_object_new_int(value.i);
	case SD_BUS_TYPE_UINT32:
		return json_object_new_int64(value.u);
	case SD_BUS_TYPE_INT64:
		return json_object_new_int64(value.x);
	case SD_BUS_TYPE_UINT64:
		return json_object_new_uint64(value.t);
	case SD_BUS_TYPE_DOUBLE:
		return json_object_new_double(value.d);
	case SD_BUS_TYPE_STRING:
	case SD_BUS_TYPE_OBJECT_PATH:
	case SD_BUS_TYPE_SIGNATURE:
		return json_object_new_string(value.s);
	default:
		return NULL;
	}
}

/* An array's or a struct's members. */
static struct json_object *members_to_json(
	sd_bus_message *message, char type, const char *contents) {
	struct json_object *array = json_object_new_array();
	if (sd_bus_message_enter_container(message, type, contents) <= 0) {
		return array;
	}
	while (sd_bus_message_at_end(message, 0) == 0) {
		struct json_object *value = message_to_json(message);
		if (!value) {
			break;
		}
		json_object_array_add(array, value);
	}
	sd_bus_message_exit_container(message);
	return array;
}

static struct json_object *dict_to_json(sd_bus_message *message, const char *contents) {
	struct json_object *object = json_object_new_object();
	if (sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, contents) <= 0) {
		return object;
	}
	const char *type, *entry, *key;
	while (sd_bus_message_peek_type(message, NULL, &type) > 0) {
		entry = type;
		if (sd_bus_message_enter_container(message, SD_BUS_TYPE_DICT_ENTRY, entry) <= 0 ||
			sd_bus_message_read_basic(message, SD_BUS_TYPE_STRING, &key) <= 0) {
			break;
		}
		struct json_object *value = message_to_json(message);
		if (!value || sd_bus_message_exit_container(message) < 0) {
			json_object_put(value);
			break;
		}
		json_object_object_add(object, key, value);
	}
	sd_bus_message_exit_container(message);
	return object;
}

static struct json_object *variant_to_json(sd_bus_message *message, const char *contents) {
	if (sd_bus_message_enter_container(message, SD_BUS_TYPE_VARIANT, contents) <= 0) {
		return NULL;
	}
	struct json_object *value = message_to_json(message);
	sd_bus_message_exit_container(message);
	return value;
}

struct json_object *message_to_json(sd_bus_message *message) {
	char type;
	const char *contents;
	if (sd_bus_message_peek_type(message, &type, &contents) <= 0) {
		return NULL;
	}
	if (type == SD_BUS_TYPE_VARIANT) {
		return variant_to_json(message, contents);
	}
	if (type == SD_BUS_TYPE_ARRAY && strncmp(contents, "{s", 2) == 0) {
		return dict_to_json(message, contents);
	}
	if (type == SD_BUS_TYPE_ARRAY || type == SD_BUS_TYPE_STRUCT) {
		return members_to_json(message, type, contents);
	}
	return basic_to_json(message, type);
}
