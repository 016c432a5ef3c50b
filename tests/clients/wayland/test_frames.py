"""What clients may show outside their windows: no guest is covered, or imitated."""

import os
import tempfile

from session import App, Session, main

BLUE, RED = (0x20, 0x40, 0x80), (0x90, 0, 0)
LABEL, WINDOWS = (0xC0, 0x30, 0xC0), (0x6C, 0x7A, 0x96)
GUEST = "[guest]\nname = debian\nlabel = #c030c0\n[display]\ndevice = VGA\n"


class GuestSession(Session):
    """With a guest that is off, beside the windows."""

    def __init__(self, *options, **more):
        with tempfile.NamedTemporaryFile("w", suffix=".ini", delete=False) as file:
            file.write(GUEST)
        self.file = file.name
        super().__init__(*options, self.file, **more)

    def __exit__(self, *error):
        os.unlink(self.file)
        super().__exit__(*error)

    def box(self, name):
        view = next(v for v in self.list()["views"] if v["id"] == name)
        return view["x"], view["y"], view["width"], view["height"]


def content(session, name):
    return next(v["content"] for v in session.list()["views"] if v["id"] == name)


def is_label(pixel):
    """Bright, or dimmed without the focus."""
    dimmed = tuple(part // 2 + 0x1C for part in LABEL)
    return any(all(abs(a - b) < 3 for a, b in zip(pixel, c)) for c in (LABEL, dimmed))


def frame_of(box):
    """Points along the frame, but for the name's."""
    x, y, width, height = box
    across, down = range(x, x + width, 7), range(y + 30, y + height, 7)
    return (
        [(i, y + 1) for i in across]
        + [(i, y + height - 2) for i in across]
        + [(x + 1, j) for j in down]
        + [(x + width - 2, j) for j in down]
    )


def check_guest(picture, box):
    """Its frame is seen, and nothing of a popup within it."""
    bad = [(p, picture.at(*p)) for p in frame_of(box) if not is_label(picture.at(*p))]
    assert not bad, f"covered: {bad[:5]}"
    x, y, width, height = box
    inner = [(i, j) for i in range(x, x + width, 5) for j in range(y, y + height, 5)]
    assert not [p for p in inner if picture.at(*p) in (RED, WINDOWS)], "imitated"


def open_popup(session, app, size="1000x1000"):
    """One of a window's, over all that there is."""
    app.tell("toplevel a 0x0 ff204080 window")
    session.wait_for_views(2)
    app.expect(r"configure a .*")
    app.sync()
    x, y, *_ = session.box("w1")
    app.tell(f"popup p a {-x - 3},{-y - 24} {size} ff900000")
    app.expect("popup p .*")


def test_popup_covers_no_guest():
    with GuestSession() as session:
        app = App(session)
        open_popup(session, app)
        guest = session.box("debian")
        x, y, width, height = guest
        check_guest(session.wait_for_pixel(400, 4, RED), guest)
        app.tell(f"point {x + width // 2} {y + 3} 800 600", "button 272 down", "button 272 up")
        app.sync()
        focused = [v["id"] for v in session.list()["views"] if v["focused"]]
        assert focused == ["debian"], "what is seen is what is clicked"
        app.end()


def test_popup_of_a_sandboxed_client():
    with GuestSession() as session:
        outside = App(session)
        outside.tell("context inside")
        outside.sync()
        app = App(session, {"WAYLAND_DISPLAY": "inside"})
        open_popup(session, app)
        check_guest(session.wait_for_pixel(400, 4, RED), session.box("debian"))
        app.end()
        outside.end()


def test_popup_has_an_outline():
    with GuestSession() as session:
        app = App(session)
        open_popup(session, app, "300x200")
        x, y, *_ = content(session, "w1")
        session.wait_for_pixel(x + 150, y + 100, RED)
        app.tell("geometry p 10,10 300x200", "draw p 500x400 ff900000")
        picture = session.wait_for_pixel(x + 250, y + 150, RED)
        for i, j in ((0, 100), (1, 100), (298, 100), (299, 100), (150, 0), (150, 199)):
            assert picture.at(x + i, y + j) == WINDOWS, (i, j, picture.at(x + i, y + j))
        assert picture.at(x + 301, y + 100) == BLUE == picture.at(x + 150, y + 201)
        app.tell("destroy p")
        session.wait_for_pixel(x + 150, y + 100, BLUE)
        app.end()


def test_popup_stays_in_its_cell_if_it_fits():
    with GuestSession() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 window")
        session.wait_for_views(2)
        app.expect(r"configure a .*")
        app.sync()
        left, top, width, height = content(session, "w1")
        app.tell(f"popup p a {width - 20},{height - 20} 100x80 ff900000")
        app.expect(f"popup p {width - 100},{height - 80} 100x80")
        session.wait_for_pixel(left + width - 50, top + height - 40, RED)
        app.end()


def test_guest_in_the_free_layout():
    with GuestSession("-l", "free") as session:
        app = App(session)
        app.tell("toplevel a 300x200 ff204080 window")
        session.wait_for_views(2)
        session.ctl("move", "debian", 400, 250, 300, 250)
        session.ctl("move", "w1", 20, 20)
        app.expect(r"configure a .*")
        app.sync()
        app.tell("popup p a -23,-44 800x600 ff900000")
        app.expect("popup p .*")
        picture = session.wait_for_pixel(20, 500, RED)
        check_guest(picture, session.box("debian"))
        app.tell("destroy p")
        session.ctl("move", "w1", 350, 300)
        picture = session.wait_for_pixel(500, 400, BLUE)
        assert picture.at(401, 400) == BLUE, "a view, with a frame of its own, may lie above"
        session.ctl("focus", "debian")
        picture = session.wait_for_pixel(401, 400, LABEL)
        check_guest(picture, session.box("debian"))
        app.end()


def test_nothing_overlaps_a_guest_on_the_whole_screen():
    with GuestSession() as session:
        app = App(session)
        app.tell("toplevel a 780x560 ffff0000 window", "fixed a 780x560")
        session.wait_for_views(2)
        session.ctl("focus", "debian")
        session.ctl("layout", "single", "--output", "A")
        shown = [v["id"] for v in session.list()["views"] if v["visible"]]
        assert shown == ["debian"], "a floating window isn't one of its dialogs"
        app.tell("popup p a 0,0 800x600 ff900000")
        app.expect("popup p .*")
        app.sync()
        picture = session.wait_for_pixel(400, 1, LABEL)
        assert picture.at(5, 300) == (0, 0, 0) == picture.at(795, 590)
        session.ctl("focus", "w1")
        picture = session.wait_for_pixel(400, 300, RED)
        assert not is_label(picture.at(400, 1)), "the guest's strip is gone with it"
        app.end()


def test_layer_surfaces_may_cover_guests():
    """Bars, launchers and lockers are the user's own: sandboxed clients see no such protocol."""
    with GuestSession() as session:
        app = App(session)
        app.tell("layer veil 3 15 0x0 -1 0 ff900000 -")
        app.expect("layer veil 800x600")
        session.wait_for_pixel(1, 1, RED)
        app.tell("destroy veil")
        session.wait_for_pixel(*frame_of(session.box("debian"))[0], LABEL)
        app.end()


def test_what_is_dragged_is_small():
    with GuestSession() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 window")
        session.wait_for_views(2)
        app.expect("configure a .*")
        app.sync()
        x, y, width, height = session.box("w1")
        app.tell(f"point {x + 50} {y + 50} 800 600", "button 272 down")
        app.expect("button 272 down")
        app.tell("drag a icon 2000x2000 ff900000")
        picture = session.wait_for_pixel(x + 150, y + 150, RED)
        assert picture.at(x + 50 + 252, y + 150) == RED
        assert picture.at(x + 50 + 259, y + 150) != RED
        app.tell("button 272 up")
        app.end()


main(globals())
