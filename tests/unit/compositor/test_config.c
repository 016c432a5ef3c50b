/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compositor/config.h"
#include "compositor/remote_config.h"

static char path[] = "/tmp/mullion-test-config-XXXXXX";

static void write_config(const char *text) {
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* Loads `text`; *errors gets what was said, without the file's name. */
static struct config *load(const char *text, char *errors, size_t size) {
	write_config(text);
	char *said = NULL;
	size_t said_size = 0;
	FILE *stream = open_memstream(&said, &said_size);
	struct config *config = config_load(path, stream);
	fclose(stream);
	errors[0] = '\0';
	size_t used = 0;
	for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n")) {
		assert_int_equal(strncmp(line, path, strlen(path)), 0);
		used += snprintf(errors + used, size - used, "%s\n", line + strlen(path) + 1);
	}
	free(said);
	return config;
}

static void test_mistakes(void **state) {
	static const struct {
		const char *text, *errors;
	} cases[] = {
		{"[mullion]\nlayout = cube\n", "2: layout = cube: expected grid, single or free\n"},
		{"[mullion]\nmodifier = q\n",
			"2: modifier = q: expected super, alt, ctrl or shift, joined by '+'\n"},
		{"[mullion]\nxwayland = maybe\n", "2: xwayland = maybe: expected yes or no\n"},
		{"[mullion]\nguest = /nonexistent.ini\n",
			"2: guest = /nonexistent.ini: No such file or directory\n"},
		{"[mullion]\ncolour = red\n", "2: [mullion] has no setting 'colour'\n"},
		{"[nothing]\na = b\n", "2: [nothing] has no setting 'a'\n"},
		{"[keyboard]\nrepeat-rate = 1000\n",
			"2: repeat-rate = 1000: expected a number from 0 to 200\n"},
		{"[keyboard]\nrepeat-delay = soon\n",
			"2: repeat-delay = soon: expected a number from 1 to 10000\n"},
		{"[look]\nborder = 0\n", "2: border = 0: expected a number from 1 to 64\n"},
		{"[look]\ngap = 99999999999999999999\n",
			"2: gap = 99999999999999999999: expected a number from 0 to 256\n"},
		{"[look]\nbackground = blue\n",
			"2: background = blue: expected a colour as #rrggbb\n"},
		{"[look]\nwindow-label = #12345\n",
			"2: window-label = #12345: expected a colour as #rrggbb\n"},
		{"[output HDMI-A-1]\nmode = 0x0\n",
			"2: mode = 0x0: expected WIDTHxHEIGHT or WIDTHxHEIGHT@HZ\n"},
		{"[output HDMI-A-1]\nmode = 100000x100\n",
			"2: mode = 100000x100: expected WIDTHxHEIGHT or WIDTHxHEIGHT@HZ\n"},
		{"[output X]\nscale = 100\n", "2: scale = 100: expected a number from 0.25 to 8\n"},
		{"[output X]\nscale = nan\n", "2: scale = nan: expected a number from 0.25 to 8\n"},
		{"[output X]\nposition = 5\n", "2: position = 5: expected X,Y\n"},
		{"[output X]\ntransform = 45\n",
			"2: transform = 45: expected normal, 90, 180, 270, flipped or flipped-90 "
			"…\n"},
		{"[input touchpad]\ntap = 2\n", "2: tap = 2: expected yes or no\n"},
		{"[input *]\naccel-speed = fast\n",
			"2: accel-speed = fast: expected a number from -1 to 1\n"},
		{"[input *]\naccel-speed = nan\n",
			"2: accel-speed = nan: expected a number from -1 to 1\n"},
		{"[input Pad]\nscroll-method = thumb\n",
			"2: scroll-method = thumb: expected none, two-finger, edge or "
			"on-button-down\n"},
		{"[input Pad]\ncolor = red\n", "2: [input Pad] has no setting 'color'\n"},
		{"[output]\nmode = 1x1\n", "2: [output] has no setting 'mode'\n"},
		{"[mullion]\nlayout grid\n", "2: expected '[section]' or 'key = value'\n"},
		{"[remote]\nprotocol = vnc\n", "2: [remote] has no setting 'protocol'\n"},
		{"[remote a b]\nprotocol = vnc\n",
			"2: protocol = vnc: a server's name is of 1 to 32 letters, digits, dashes "
			"and underscores\n"},
		{"[remote ../x]\nprotocol = vnc\n",
			"2: protocol = vnc: a server's name is of 1 to 32 letters, digits, dashes "
			"and underscores\n"},
		{"[remote a]\n\nport = 1\n", "3: [remote a]: the server has no `protocol`\n"},
		{"[remote a]\nprotocol = rdp\n",
			"2: [remote a]: the protocols are vnc, spice and sound; another one needs "
			"a `program`\n"},
		{"[remote a]\nprotocol = vnc\nserver-name = b\n",
			"3: server-name = b: a server has no such option\n"},
		{"[remote a]\nprotocol = vnc\nPort = 5900\n",
			"3: Port = 5900: a server has no such option\n"},
		{"[remote a]\nprotocol = ../vnc\nport = 1\n",
			"2: protocol = ../vnc: expected vnc, spice or sound\n"
			"2: [remote a]: the server has no `protocol`\n"},
		{"[remote a]\nprotocol = vnc\nprogram = mullion-vnc\nautostart = soon\n",
			"3: program = mullion-vnc: expected an absolute path\n"
			"4: autostart = soon: expected yes or no\n"},
		/* All of them are told. */
		{"[look]\nborder = x\ngap = y\n",
			"2: border = x: expected a number from 1 to 64\n"
			"3: gap = y: expected a number from 0 to 256\n"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char errors[1024];
		struct config *config = load(cases[i].text, errors, sizeof(errors));
		assert_string_equal(errors, cases[i].errors);
		assert_null(config);
	}
}

static void test_bad_bindings(void **state) {
	static const char *const texts[] = {
		"[bindings]\nmod+nokey = close\n",
		"[bindings]\nmod+t = dance\n",
		"[bindings]\nmod+t = focus 0\n",
		"[bindings]\nmod+t = layout cube\n",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char errors[1024];
		assert_null(load(texts[i], errors, sizeof(errors)));
		assert_int_equal(strncmp(errors, "2: mod+", 7), 0);
	}
}

static void test_values(void **state) {
	char errors[1024];
	struct config *config = load("[bindings]\nmod+t = exec foot -e sh\n"
				     "[mullion]\nmodifier = ctrl+alt\nlayout = free\n"
				     "[look]\nbackground = #010203 ; dark\n"
				     "[output *]\nscale = 2\n"
				     "[output A]\nmode = 800x600@75\nposition = -5,7\n",
		errors, sizeof(errors));
	assert_string_equal(errors, "");
	assert_non_null(config);
	assert_int_equal(config->modifier, COMBO_CTRL | COMBO_ALT);
	assert_int_equal(config->layout, LAYOUT_FREE);
	assert_int_equal(config->background, 0x010203);
	/* The modifier may be set after the bindings that use it. */
	const struct binding *binding =
		binding_list_find(&config->bindings, COMBO_CTRL | COMBO_ALT, 't', 0);
	assert_non_null(binding);
	assert_int_equal(binding->action, BINDING_EXEC);
	assert_string_equal(binding->argument, "foot -e sh");
	assert_non_null(binding_list_find(&config->bindings, COMBO_CTRL | COMBO_ALT, '1', 0));
	const struct control_output_change *change = config_output(config, "A");
	assert_int_equal(change->width, 800);
	assert_int_equal(change->refresh, 75);
	assert_int_equal(change->x, -5);
	assert_true(change->scale < 0); /* what A doesn't say, '*' doesn't add */
	assert_int_equal(config_output(config, "B")->scale, 2);
	config_destroy(config);
}

static void test_remotes(void **state) {
	char errors[1024];
	struct config *config =
		load("[mullion]\nremote-user = anna\n"
		     "[remote all]\nprotocol = vnc\nlisten = 127.0.0.1:5900\n"
		     "listen = unix:/a b\nview-only = yes\nresize = no\n"
		     "[remote one]\nautostart = no\nprogram = /x/y\nprotocol = rdp\n",
			errors, sizeof(errors));
	assert_string_equal(errors, "");
	assert_string_equal(config->remote_user, "anna");
	assert_int_equal(wl_list_length(&config->remotes), 2);
	const struct remote_config *all = wl_container_of(config->remotes.next, all, link);
	assert_string_equal(all->name, "all");
	assert_string_equal(all->protocol, "vnc");
	assert_null(all->program);
	assert_true(all->autostart);
	assert_int_equal(all->option_count, 3);
	assert_string_equal(all->options[0], "--listen=127.0.0.1:5900");
	assert_string_equal(all->options[1], "--listen=unix:/a b");
	assert_string_equal(all->options[2], "--view-only");
	const struct remote_config *one = wl_container_of(all->link.next, one, link);
	assert_string_equal(one->program, "/x/y");
	assert_false(one->autostart);
	config_destroy(config);
}

static void test_default(void **state) {
	char errors[64];
	struct config *config = load("", errors, sizeof(errors));
	assert_int_equal(config->modifier, COMBO_SUPER);
	assert_int_equal(config->layout, LAYOUT_GRID);
	assert_null(config_output(config, "A"));
	config_destroy(config);
	assert_null(config_load("/nonexistent/config.ini", stderr));
}

static int set_up(void **state) {
	int fd = mkstemp(path);
	close(fd);
	return fd < 0;
}

static int tear_down(void **state) {
	return unlink(path);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_bad_bindings),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_remotes),
		cmocka_unit_test(test_default),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
