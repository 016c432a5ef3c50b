#include "compositor/backend.h"

#include <EGL/egl.h>
#include <GLES2/gl2.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend.h>
#include <wlr/backend/headless.h>
#include <wlr/backend/multi.h>
#include <wlr/backend/wayland.h>
#include <wlr/backend/x11.h>
#include <wlr/config.h>
#include <wlr/render/allocator.h>
#include <wlr/render/egl.h>
#include <wlr/render/gles2.h>
#include <wlr/render/pixman.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_output.h>

#include "compositor/guests.h"
#include "compositor/options.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/soft_renderer.h"
#include "util/log.h"

static bool machine_has_gpu(void) {
	glob_t found;
	bool any = glob("/dev/dri/card*", 0, NULL, &found) == 0;
	globfree(&found);
	return any;
}

static const char *choose_backend(void) {
	if (getenv("WLR_BACKENDS")) {
		return "wlroots";
	}
	if (getenv("WAYLAND_DISPLAY") || getenv("WAYLAND_SOCKET")) {
		return "wayland";
	}
	if (getenv("DISPLAY")) {
		return "x11";
	}
	return machine_has_gpu() ? "drm" : "headless";
}

/* Backends in a session of the host, which make no window by themselves. */
static bool add_nested(struct server *server, const char *kind) {
	struct wl_event_loop *loop = wl_display_get_event_loop(server->display);
	struct wlr_backend *nested = NULL;
	if (strcmp(kind, "wayland") == 0) {
		nested = wlr_wl_backend_create(loop, NULL);
		if (nested) {
			wlr_wl_output_create(nested);
		}
	} else {
#if WLR_HAS_X11_BACKEND
		nested = wlr_x11_backend_create(loop, NULL);
		if (nested) {
			wlr_x11_output_create(nested);
		}
#endif
	}
	return nested && wlr_multi_backend_add(server->backend, nested);
}

static bool create_backend(struct server *server, const char *kind) {
	struct wl_event_loop *loop = wl_display_get_event_loop(server->display);
	if (strcmp(kind, "drm") == 0) {
		setenv("WLR_BACKENDS", "drm,libinput", 1);
		server->backend = wlr_backend_autocreate(loop, &server->session);
		unsetenv("WLR_BACKENDS");
	} else if (strcmp(kind, "wlroots") == 0) {
		server->backend = wlr_backend_autocreate(loop, &server->session);
	} else {
		server->backend = wlr_multi_backend_create(loop);
		if (server->backend && strcmp(kind, "headless") != 0 && !add_nested(server, kind)) {
			return false;
		}
	}
	return server->backend;
}

/* Outputs that are made at run time live on a headless backend beside the real one. */
static bool add_headless(struct server *server) {
	server->headless = wlr_headless_backend_create(wl_display_get_event_loop(server->display));
	return server->headless && wlr_multi_backend_add(server->backend, server->headless);
}

static struct wlr_renderer *create_renderer(struct server *server, const char *name) {
	if (strcmp(name, "auto") == 0 && getenv("WLR_RENDERER")) {
		return wlr_renderer_autocreate(server->backend);
	}
	int drm_fd = wlr_backend_get_drm_fd(server->backend);
	if (strcmp(name, "pixman") == 0 || (strcmp(name, "auto") == 0 && drm_fd < 0)) {
		return wlr_pixman_renderer_create();
	}
	if (strcmp(name, "gles2") == 0) {
		if (drm_fd < 0) {
			log_error("the gles2 renderer needs a DRM device, which this backend "
				  "doesn't have; "
				  "use --renderer pixman");
			return NULL;
		}
		return wlr_gles2_renderer_create_with_drm_fd(drm_fd);
	}
	return wlr_renderer_autocreate(server->backend);
}

static bool make_current(struct wlr_egl *egl, EGLContext context) {
	return eglMakeCurrent(wlr_egl_get_display(egl), EGL_NO_SURFACE, EGL_NO_SURFACE, context);
}

static bool draws_on_processor(struct wlr_renderer *renderer) {
	if (!wlr_renderer_is_gles2(renderer)) {
		return false;
	}
	struct wlr_egl *egl = wlr_gles2_renderer_get_egl(renderer);
	if (!make_current(egl, wlr_egl_get_context(egl))) {
		return false;
	}
	const char *name = (const char *)glGetString(GL_RENDERER);
	bool software = name && (strstr(name, "llvmpipe") || strstr(name, "softpipe"));
	make_current(egl, EGL_NO_CONTEXT);
	return software;
}

void backend_finish_drawing(struct server *server) {
	if (!server->draws_on_processor) {
		return;
	}
	struct wlr_egl *egl = wlr_gles2_renderer_get_egl(server->renderer);
	if (make_current(egl, wlr_egl_get_context(egl))) {
		glFinish();
		make_current(egl, EGL_NO_CONTEXT);
	}
}

static bool create_renderer_and_allocator(struct server *server, const char *name) {
	server->renderer = create_renderer(server, name);
	if (!server->renderer) {
		log_error("can't create a renderer");
		return false;
	}
	if (wlr_renderer_is_pixman(server->renderer)) {
		server->renderer = soft_renderer_create(server->renderer);
	}
	server->allocator = wlr_allocator_autocreate(server->backend, server->renderer);
	if (!server->allocator) {
		log_error("can't create an allocator");
		return false;
	}
	server->draws_on_processor = draws_on_processor(server->renderer);
	return true;
}

bool backend_init(struct server *server, const struct options *options) {
	const char *kind = options->backend;
	if (strcmp(kind, "auto") == 0) {
		kind = choose_backend();
	}
	if (!create_backend(server, kind)) {
		log_error("can't create the %s backend; see the lines above, or try --backend "
			  "headless",
			kind);
		return false;
	}
	if (!add_headless(server)) {
		log_error("can't create the headless backend");
		return false;
	}
	log_debug("backend: %s", kind);
	server->renderer_name = options->renderer;
	return create_renderer_and_allocator(server, options->renderer);
}

bool backend_renew_renderer(struct server *server) {
	struct wlr_renderer *old_renderer = server->renderer;
	struct wlr_allocator *old_allocator = server->allocator;
	if (!create_renderer_and_allocator(server, server->renderer_name)) {
		server->renderer = old_renderer;
		server->allocator = old_allocator;
		return false;
	}
	wlr_compositor_set_renderer(server->compositor, server->renderer);
	struct output *output;
	wl_list_for_each (output, &server->outputs->list, link) {
		wlr_output_init_render(output->wlr, server->allocator, server->renderer);
		wlr_damage_ring_add_whole(&output->scene_output->damage_ring);
		wlr_output_schedule_frame(output->wlr);
	}
	guests_renew_renderer(server->guests);
	wlr_allocator_destroy(old_allocator);
	wlr_renderer_destroy(old_renderer);
	return true;
}
