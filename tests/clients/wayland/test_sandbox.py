"""What a sandboxed client can't even see."""

import os

from session import App, Session, main

FORBIDDEN = {
    "ext_session_lock_manager_v1",
    "wp_security_context_manager_v1",
    "zwlr_data_control_manager_v1",
    "zwlr_foreign_toplevel_manager_v1",
    "zwlr_layer_shell_v1",
    "zwlr_output_manager_v1",
    "zwlr_output_power_manager_v1",
    "zwlr_screencopy_manager_v1",
    "zwlr_virtual_pointer_manager_v1",
    "zwp_virtual_keyboard_manager_v1",
}


def test_what_a_sandbox_hides():
    with Session() as session:
        app = App(session)
        assert not FORBIDDEN - app.globals.keys(), FORBIDDEN - app.globals.keys()
        assert "xwayland_shell_v1" not in app.globals, "for Xwayland alone"
        app.tell("context inside")
        app.sync()
        inside = App(session, {"WAYLAND_DISPLAY": "inside"})
        assert not FORBIDDEN & inside.globals.keys(), FORBIDDEN & inside.globals.keys()
        assert app.globals.keys() - inside.globals.keys() == FORBIDDEN
        inside.tell("toplevel a 0x0 ff204080 boxed")
        session.wait_for_pixel(400, 300, (0x20, 0x40, 0x80))
        inside.end()
        app.end()
        assert os.path.exists(os.path.join(session.folder, "inside"))


main(globals())
