#include "remote/spice_head.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/log.h"
#include "vm-display/display_client.h"
#include "vm-display/frame.h"
#include "vm-display/screen.h"

#define BOXES_MAX 32 /* of one update; more are drawn as one */
#define NUDGE ((uint64_t)100000) /* us */
#define STUCK_NUDGES 10

static struct spice_head *head_of(QXLInstance *qxl) {
	return (struct spice_head *)((char *)qxl - offsetof(struct spice_head, qxl));
}

static size_t frame_size(const struct spice_head *head) {
	return (size_t)head->width * head->height * 4;
}

static void schedule_update(struct spice_head *head) {
	sd_event_source_set_enabled(head->update, SD_EVENT_ONESHOT);
}

static void show_all(struct spice_head *head) {
	head->show_all = head->cursor_changed = true;
	schedule_update(head);
}

/* On the library's thread */

static void signal_loop(struct spice_head *head) {
	uint64_t one = 1;
	/* It can't be full, nor closed. */
	(void)!write(head->signal_fd, &one, sizeof(one));
}

/* The library has too much already: a whole frame that it hasn't released, or what it hasn't even
 * taken, since one of its clients has too much. With the lock. */
static bool is_full(const struct spice_head *head) {
	return head->held > frame_size(head) || !TAILQ_EMPTY(&head->draws);
}

/* With the lock; true if the loop is to be told. */
static bool stop_waiting(struct spice_head *head) {
	bool enough = head->is_waiting && !is_full(head);
	if (enough) {
		head->is_waiting = false;
	}
	return enough;
}

static int take(struct spice_head *head, struct spice_draw_list *list, QXLCommandExt *command) {
	pthread_mutex_lock(&head->lock);
	struct spice_draw *draw = TAILQ_FIRST(list);
	if (draw) {
		TAILQ_REMOVE(list, draw, link);
		*command = draw->command;
	}
	bool enough = stop_waiting(head);
	pthread_mutex_unlock(&head->lock);
	if (enough) {
		signal_loop(head);
	}
	return draw != NULL;
}

static int is_empty(struct spice_head *head, struct spice_draw_list *list) {
	pthread_mutex_lock(&head->lock);
	bool empty = TAILQ_EMPTY(list);
	pthread_mutex_unlock(&head->lock);
	return empty;
}

static int qxl_get_command(QXLInstance *qxl, QXLCommandExt *command) {
	return take(head_of(qxl), &head_of(qxl)->draws, command);
}

static int qxl_req_cmd_notification(QXLInstance *qxl) {
	return is_empty(head_of(qxl), &head_of(qxl)->draws);
}

static int qxl_get_cursor_command(QXLInstance *qxl, QXLCommandExt *command) {
	return take(head_of(qxl), &head_of(qxl)->cursors, command);
}

static int qxl_req_cursor_notification(QXLInstance *qxl) {
	return is_empty(head_of(qxl), &head_of(qxl)->cursors);
}

static void give_back(struct spice_head *head, struct spice_draw *draw) {
	pthread_mutex_lock(&head->lock);
	head->held -= draw->size;
	bool enough = stop_waiting(head);
	pthread_mutex_unlock(&head->lock);
	spice_draw_destroy(draw);
	if (enough) {
		signal_loop(head);
	}
}

static void qxl_release_resource(QXLInstance *qxl, QXLReleaseInfoExt release) {
	if (release.info) {
		give_back(head_of(qxl), spice_draw_from_release(release.info));
	}
}

static void qxl_async_complete(QXLInstance *qxl, uint64_t cookie) {
	struct spice_head *head = head_of(qxl);
	pthread_mutex_lock(&head->lock);
	head->done++;
	pthread_mutex_unlock(&head->lock);
	signal_loop(head);
}

static int qxl_flush_resources(QXLInstance *qxl) {
	return 0; /* there is nothing of ours to free */
}

static void qxl_notify_update(QXLInstance *qxl, uint32_t update) {
	/* we never ask for an update */
}

static void qxl_update_area_complete(
	QXLInstance *qxl, uint32_t surface, QXLRect *rects, uint32_t count) {
	/* likewise */
}

static void qxl_set_client_capabilities(QXLInstance *qxl, uint8_t present, uint8_t *capabilities) {
	/* plain copies are all that we send */
}

static void qxl_set_compression_level(QXLInstance *qxl, int level) {
	/* our pixels aren't compressed before */
}

/* On ours */

static void qxl_get_init_info(QXLInstance *qxl, QXLDevInitInfo *info) {
	*info = (QXLDevInitInfo){.num_memslots_groups = 1,
		.num_memslots = 1,
		.memslot_gen_bits = 1,
		.memslot_id_bits = 1,
		.n_surfaces = 1};
}

static void qxl_attached_worker(QXLInstance *qxl) {
	/* Commands hold our own pointers. */
	QXLDevMemSlot slot = {.virt_end = ~(uintptr_t)0, .qxl_ram_size = ~(uint32_t)0};
	spice_qxl_add_memslot(qxl, &slot);
}

static int qxl_client_monitors_config(QXLInstance *qxl, VDAgentMonitorsConfig *config) {
	struct spice_head *head = head_of(qxl);
	if (config && head->wants_resize && (uint32_t)qxl->id < config->num_of_monitors) {
		uint32_t width = config->monitors[qxl->id].width;
		uint32_t height = config->monitors[qxl->id].height;
		if (width > 0 && height > 0 && width <= FRAME_SIDE_MAX &&
			height <= FRAME_SIDE_MAX) {
			head->impl->resize(head, width, height);
		}
	}
	return head->wants_resize;
}

static const QXLInterface qxl_interface = {
	.base.type = SPICE_INTERFACE_QXL,
	.base.description = "mullion",
	.base.major_version = SPICE_INTERFACE_QXL_MAJOR,
	.base.minor_version = SPICE_INTERFACE_QXL_MINOR,
	.attached_worker = qxl_attached_worker,
	.set_compression_level = qxl_set_compression_level,
	.get_init_info = qxl_get_init_info,
	.get_command = qxl_get_command,
	.req_cmd_notification = qxl_req_cmd_notification,
	.release_resource = qxl_release_resource,
	.get_cursor_command = qxl_get_cursor_command,
	.req_cursor_notification = qxl_req_cursor_notification,
	.notify_update = qxl_notify_update,
	.flush_resources = qxl_flush_resources,
	.async_complete = qxl_async_complete,
	.update_area_complete = qxl_update_area_complete,
	.set_client_capabilities = qxl_set_client_capabilities,
	.client_monitors_config = qxl_client_monitors_config,
};

/* The primary surface */

static void describe_surface(const struct spice_head *head, QXLDevSurfaceCreate *surface) {
	*surface = (QXLDevSurfaceCreate){.width = head->width,
		.height = head->height,
		.stride = -(int32_t)head->width * 4, /* as the library's users do */
		.format = SPICE_SURFACE_FMT_32_xRGB,
		.mouse_mode = 1, /* the client's pointer may be used */
		.type = QXL_SURF_TYPE_PRIMARY,
		.mem = (uintptr_t)head->memory};
}

static bool has_right_size(const struct spice_head *head) {
	return head->width == head->display.picture.width &&
		head->height == head->display.picture.height;
}

/* What is queued was for the old surface. */
static void drop_draws(struct spice_head *head) {
	struct spice_draw_list dropped = TAILQ_HEAD_INITIALIZER(dropped);
	struct spice_draw *draw;
	pthread_mutex_lock(&head->lock);
	TAILQ_CONCAT(&dropped, &head->draws, link);
	pthread_mutex_unlock(&head->lock);
	while ((draw = TAILQ_FIRST(&dropped))) {
		TAILQ_REMOVE(&dropped, draw, link);
		give_back(head, draw);
	}
}

/* The library finishes with the old surface first, for which it may wait for slow clients: not on
 * our thread. */
static void start_change(struct spice_head *head) {
	if (head->stage == SPICE_HEAD_STABLE) {
		head->stage = SPICE_HEAD_UNMAKING;
		drop_draws(head);
		spice_qxl_destroy_primary_surface_async(&head->qxl, 0, 0);
	}
}

/* Without memory the old size stays, and the picture is cut. */
static void allocate(struct spice_head *head) {
	const struct picture *picture = &head->display.picture;
	uint8_t *memory = calloc((size_t)picture->width * picture->height, 4);
	head->is_cut = !memory;
	if (!memory) {
		log_error("no memory for a surface of %ux%u", picture->width, picture->height);
		return;
	}
	free(head->memory);
	head->memory = memory;
	head->width = picture->width;
	head->height = picture->height;
}

static void go_on_changing(struct spice_head *head) {
	QXLDevSurfaceCreate surface;
	if (head->stage == SPICE_HEAD_UNMAKING) {
		head->stage = SPICE_HEAD_MAKING;
		allocate(head);
		describe_surface(head, &surface);
		spice_qxl_create_primary_surface_async(&head->qxl, 0, &surface, 0);
		return;
	}
	head->stage = SPICE_HEAD_STABLE;
	show_all(head);
	if (!head->is_cut && !has_right_size(head)) {
		start_change(head);
	}
}

/* Drawing */

static void push(struct spice_head *head, struct spice_draw_list *list, struct spice_draw *draw) {
	if (!draw) {
		log_error("no memory for a piece of the picture");
		head->show_all = true; /* with the next change */
		return;
	}
	pthread_mutex_lock(&head->lock);
	TAILQ_INSERT_TAIL(list, draw, link);
	head->held += draw->size;
	pthread_mutex_unlock(&head->lock);
}

/* Only the newest cursor is of interest. */
static void drop_cursors(struct spice_head *head) {
	struct spice_draw *draw;
	pthread_mutex_lock(&head->lock);
	while ((draw = TAILQ_FIRST(&head->cursors))) {
		TAILQ_REMOVE(&head->cursors, draw, link);
		spice_draw_destroy(draw);
	}
	pthread_mutex_unlock(&head->lock);
}

static bool draw_cursor(struct spice_head *head) {
	const struct screen *screen = vnc_display_screen(&head->display);
	bool visible = screen && screen->cursor &&
		(screen->cursor_visible || head->display.console->mouse_absolute);
	if (!head->cursor_changed && !(head->cursor_moved && visible)) {
		return false;
	}
	if (head->cursor_changed) {
		drop_cursors(head);
		push(head, &head->cursors,
			visible ? spice_draw_cursor(
					  screen->cursor, screen->cursor_x, screen->cursor_y)
				: spice_draw_no_cursor());
	} else {
		push(head, &head->cursors,
			spice_draw_cursor_at(screen->cursor_x, screen->cursor_y));
	}
	head->cursor_changed = head->cursor_moved = false;
	return true;
}

static void draw_region(struct spice_head *head, pixman_region32_t *region) {
	const struct picture *picture = &head->display.picture;
	uint32_t width = picture->width < head->width ? picture->width : head->width;
	uint32_t height = picture->height < head->height ? picture->height : head->height;
	int count;
	pixman_region32_intersect_rect(region, region, 0, 0, width, height);
	pixman_box32_t *boxes = pixman_region32_rectangles(region, &count);
	if (count > BOXES_MAX) {
		boxes = pixman_region32_extents(region);
		count = 1;
	}
	for (int i = 0; i < count; i++) {
		push(head, &head->draws, spice_draw_picture(picture, &boxes[i]));
	}
}

static bool draw_picture(struct spice_head *head) {
	pixman_region32_t damage;
	pixman_region32_init(&damage);
	vnc_display_take_damage(&head->display, &damage);
	if (head->show_all) {
		pixman_region32_union_rect(&damage, &damage, 0, 0, head->width, head->height);
		head->show_all = false;
	}
	bool any = pixman_region32_not_empty(&damage);
	if (any) {
		draw_region(head, &damage);
	}
	pixman_region32_fini(&damage);
	return any;
}

static void set_stuck(struct spice_head *head, bool stuck) {
	if (head->is_stuck != stuck) {
		head->is_stuck = stuck;
		head->impl->stuck(head, stuck);
	}
}

/* What the library could do without, but holds, it lets go of when it is told of a shortage. */
static bool must_wait(struct spice_head *head) {
	pthread_mutex_lock(&head->lock);
	bool wait = is_full(head);
	head->is_waiting = wait;
	pthread_mutex_unlock(&head->lock);
	if (wait) {
		spice_qxl_oom(&head->qxl);
		sd_event_source_set_time_relative(head->patience, NUDGE);
	}
	sd_event_source_set_enabled(head->patience, wait ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
	return wait;
}

static void be_ready(struct spice_head *head) {
	if (!head->is_ready && !picture_is_placeholder(&head->display.picture)) {
		head->is_ready = true;
		head->impl->ready(head);
	}
}

static int handle_update(sd_event_source *source, void *data) {
	struct spice_head *head = data;
	if (!head->is_open || head->stage != SPICE_HEAD_STABLE) {
		return 0;
	}
	bool any = draw_cursor(head);
	if (!must_wait(head)) {
		head->nudges = 0;
		set_stuck(head, false);
		any = draw_picture(head) || any;
		be_ready(head);
	}
	if (any) {
		spice_qxl_wakeup(&head->qxl);
	}
	return 0;
}

/* Only while the library holds too much. */
static int handle_patience(sd_event_source *source, uint64_t time, void *data) {
	struct spice_head *head = data;
	if (++head->nudges >= STUCK_NUDGES) {
		set_stuck(head, true);
	}
	schedule_update(head);
	return 0;
}

static int handle_signal(sd_event_source *source, int fd, uint32_t events, void *data) {
	struct spice_head *head = data;
	uint64_t count;
	if (read(fd, &count, sizeof(count)) != sizeof(count)) {
		return 0;
	}
	pthread_mutex_lock(&head->lock);
	unsigned int done = head->done;
	head->done = 0;
	pthread_mutex_unlock(&head->lock);
	while (done-- > 0) {
		go_on_changing(head);
	}
	schedule_update(head);
	return 0;
}

/* What mullion shows */

static void handle_display_picture(void *data) {
	struct spice_head *head = data;
	if (has_right_size(head)) {
		show_all(head);
	} else {
		start_change(head);
	}
}

static void handle_display_damage(void *data) {
	schedule_update(data);
}

static void handle_display_cursor_image(void *data) {
	struct spice_head *head = data;
	head->cursor_changed = true;
	schedule_update(head);
}

static void handle_display_cursor_position(void *data) {
	struct spice_head *head = data;
	const struct screen *screen = vnc_display_screen(&head->display);
	bool visible = screen && screen->cursor_visible;
	/* A pointer that the client moves needn't be moved by us. */
	head->cursor_moved = screen && !head->display.console->mouse_absolute;
	head->cursor_changed = head->cursor_changed || visible != head->cursor_visible;
	head->cursor_visible = visible;
	if (head->cursor_moved || head->cursor_changed) {
		schedule_update(head);
	}
}

static void handle_display_console(void *data) {
	struct spice_head *head = data;
	handle_display_cursor_image(head);
	head->impl->console(head);
}

static void handle_display_missing(void *data) {
	/* It may come: a guest that is off has no consoles. */
}

static void handle_display_lost(void *data, const char *reason) {
	struct spice_head *head = data;
	head->impl->lost(head, reason);
}

static void handle_display_client(void *data, struct display_client *client) {
	struct spice_head *head = data;
	head->impl->client(head, client);
}

static const struct vnc_display_impl display_impl = {
	.picture = handle_display_picture,
	.damage = handle_display_damage,
	.cursor_image = handle_display_cursor_image,
	.cursor_position = handle_display_cursor_position,
	.console = handle_display_console,
	.missing = handle_display_missing,
	.lost = handle_display_lost,
	.client = handle_display_client,
};

bool spice_head_open(struct spice_head *head, int fd) {
	head->is_open = vnc_display_open(&head->display, fd);
	return head->is_open;
}

void spice_head_close(struct spice_head *head) {
	head->is_open = head->is_ready = false;
	sd_event_source_set_enabled(head->patience, SD_EVENT_OFF);
	set_stuck(head, false);
	vnc_display_finish(&head->display);
	vnc_display_init(&head->display, head->event, head->shown, &display_impl, head);
}

/* Assembly */

static bool add_sources(struct spice_head *head) {
	head->signal_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return head->signal_fd >= 0 &&
		sd_event_add_io(head->event, &head->signal, head->signal_fd, EPOLLIN, handle_signal,
			head) >= 0 &&
		sd_event_add_time_relative(head->event, &head->patience, CLOCK_MONOTONIC, 0, 0,
			handle_patience, head) >= 0 &&
		sd_event_source_set_enabled(head->patience, SD_EVENT_OFF) >= 0 &&
		sd_event_add_defer(head->event, &head->update, handle_update, head) >= 0 &&
		sd_event_source_set_enabled(head->update, SD_EVENT_OFF) >= 0 &&
		sd_event_source_set_priority(head->update, SD_EVENT_PRIORITY_IDLE) >= 0;
}

bool spice_head_init(struct spice_head *head, SpiceServer *server, sd_event *event, uint32_t number,
	uint32_t shown, const struct spice_head_impl *impl, void *data) {
	QXLDevSurfaceCreate surface;
	head->event = event;
	head->shown = shown;
	head->impl = impl;
	head->data = data;
	pthread_mutex_init(&head->lock, NULL);
	TAILQ_INIT(&head->draws);
	TAILQ_INIT(&head->cursors);
	head->qxl.base.sif = &qxl_interface.base;
	head->qxl.id = number;
	if (!vnc_display_init(&head->display, event, shown, &display_impl, head) ||
		!add_sources(head) || spice_server_add_interface(server, &head->qxl.base) != 0) {
		log_error("can't make head %u", number);
		return false;
	}
	allocate(head);
	describe_surface(head, &surface);
	spice_qxl_create_primary_surface(&head->qxl, 0, &surface);
	return !head->is_cut;
}

void spice_head_finish(struct spice_head *head) {
	drop_draws(head);
	drop_cursors(head);
	vnc_display_finish(&head->display);
	sd_event_source_disable_unref(head->update);
	sd_event_source_disable_unref(head->signal);
	sd_event_source_disable_unref(head->patience);
	close(head->signal_fd);
	free(head->memory);
	pthread_mutex_destroy(&head->lock);
}
