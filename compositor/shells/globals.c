#include "compositor/shells/globals.h"

#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/types/wlr_drm.h>
#include <wlr/types/wlr_export_dmabuf_v1.h>
#include <wlr/types/wlr_fractional_scale_v1.h>
#include <wlr/types/wlr_linux_dmabuf_v1.h>
#include <wlr/types/wlr_presentation_time.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_screencopy_v1.h>
#include <wlr/types/wlr_single_pixel_buffer_v1.h>
#include <wlr/types/wlr_viewporter.h>
#include <wlr/types/wlr_xdg_foreign_registry.h>
#include <wlr/types/wlr_xdg_foreign_v1.h>
#include <wlr/types/wlr_xdg_foreign_v2.h>
#include <wlr/types/wlr_xdg_output_v1.h>

#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/shells/assembly.h"

#define FRACTIONAL_SCALE_VERSION 1
#define LINUX_DMABUF_VERSION 4

/* Clients' dmabufs are of use only to a renderer that imports them. */
static bool create_dmabuf(struct server *server) {
	struct wlr_renderer *renderer = server->renderer;
	if (!wlr_renderer_get_texture_formats(renderer, WLR_BUFFER_CAP_DMABUF)) {
		return true;
	}
	struct wlr_linux_dmabuf_v1 *dmabuf = wlr_linux_dmabuf_v1_create_with_renderer(
		server->display, LINUX_DMABUF_VERSION, renderer);
	if (!dmabuf) {
		return false;
	}
	wlr_scene_set_linux_dmabuf_v1(server->scene, dmabuf);
	wlr_export_dmabuf_manager_v1_create(server->display);
	return wlr_renderer_get_drm_fd(renderer) < 0 || wlr_drm_create(server->display, renderer);
}

static bool create_foreign_surfaces(struct wl_display *display) {
	struct wlr_xdg_foreign_registry *registry = wlr_xdg_foreign_registry_create(display);
	return registry && wlr_xdg_foreign_v1_create(display, registry) &&
		wlr_xdg_foreign_v2_create(display, registry);
}

bool globals_create(struct shells *shells) {
	struct server *server = shells->server;
	struct wl_display *display = server->display;
	return wlr_viewporter_create(display) &&
		wlr_fractional_scale_manager_v1_create(display, FRACTIONAL_SCALE_VERSION) &&
		wlr_presentation_create(display, server->backend) &&
		wlr_single_pixel_buffer_manager_v1_create(display) &&
		wlr_xdg_output_manager_v1_create(display, server->outputs->layout) &&
		wlr_screencopy_manager_v1_create(display) && create_foreign_surfaces(display) &&
		create_dmabuf(server);
}
