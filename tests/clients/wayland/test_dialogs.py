"""Dialogs: they float above their parents, in every layout, and go where these go."""

from session import App, Session, main

BLUE, RED, GREEN = (0x20, 0x40, 0x80), (0x90, 0, 0), (0, 0x90, 0)


def view(session, title):
    return next(v for v in session.list()["views"] if v["title"] == title)


def center(session, title):
    x, y, width, height = (view(session, title)[k] for k in ("x", "y", "width", "height"))
    return x + width / 2, y + height / 2


def check_centred(session):
    parent, dialog = center(session, "parent"), center(session, "dialog")
    assert abs(parent[0] - dialog[0]) <= 1 and abs(parent[1] - dialog[1]) <= 1, (parent, dialog)


def open_dialog(session, app, size="200x100"):
    app.tell("toplevel a 0x0 ff204080 parent")
    session.wait_for_views(1)
    app.tell("toplevel other 0x0 ff009000 other")
    session.wait_for_views(2)
    session.ctl("focus", "w1")
    app.sync()
    app.tell(f"toplevel d {size} ff900000 dialog", "parent d a")
    session.wait_for_views(3)


def test_dialog_floats_in_every_layout():
    with Session(outputs=("A=800x600",)) as session:
        app = App(session)
        open_dialog(session, app)
        app.expect("configure d 200x100 activated")
        assert view(session, "dialog")["content"][2:] == [200, 100], "its own size"
        assert view(session, "parent")["width"] == view(session, "other")["width"]
        check_centred(session)
        session.ctl("layout", "single", "--output", "A")
        views = {v["title"]: v["visible"] for v in session.list()["views"]}
        assert views == {"parent": True, "other": False, "dialog": True}, views
        check_centred(session)
        picture = session.wait_for_pixel(400, 310, RED)
        assert picture.at(250, 310) == BLUE
        session.ctl("layout", "free", "--output", "A")
        check_centred(session)
        session.ctl("move", "w1", 30, 40)
        check_centred(session)
        assert session.layout() == "free"
        app.end()


def test_dialog_follows_focus_and_goes_with_its_parent():
    with Session(outputs=("A=800x600", "B=800x600")) as session:
        app = App(session)
        open_dialog(session, app)
        session.ctl("layout", "single", "--output", "A")
        session.ctl("focus", "w2")
        assert not view(session, "dialog")["visible"]
        session.wait_for_pixel(400, 310, GREEN)
        session.ctl("focus", "w1")
        assert view(session, "dialog")["visible"]
        session.wait_for_pixel(400, 310, RED)
        session.ctl("move", "--output", "B", "w1")
        assert view(session, "dialog")["output"] == "B"
        check_centred(session)
        session.ctl("focus", "w3")
        app.tell("destroy d")
        session.wait_for_views(2)
        assert view(session, "parent")["focused"], "the focus returns"
        app.end()


def test_dialog_has_its_parent_s_opacity():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 parent")
        session.wait_for_views(1)
        session.ctl("opacity", "w1", 0.5)
        app.sync()
        app.tell("toplevel d 200x100 ff900000 dialog", "parent d a")
        session.wait_for_views(2)
        assert view(session, "dialog")["opacity"] == 0.5
        session.ctl("opacity", "w1", 0.7)
        assert view(session, "dialog")["opacity"] == 0.7
        session.ctl("opacity", "w2", 1)
        assert view(session, "parent")["opacity"] == 0.7
        app.end()


def test_parent_closes_first():
    with Session() as session:
        app = App(session)
        open_dialog(session, app)
        app.tell("toplevel n 100x60 ff009000 nested", "parent n d")
        session.wait_for_views(4)
        app.tell("destroy d")
        session.wait_for_views(3)
        nested = view(session, "nested")
        assert nested["content"][2:] == [100, 60]
        app.tell("destroy a")
        session.wait_for_views(2)
        assert view(session, "nested")["content"][2:] == [100, 60], "it goes on floating"
        session.wait_for_pixel(400, 310, GREEN)
        app.end()


def test_dialog_is_moved_and_sized_by_hand():
    with Session() as session:
        app = App(session)
        open_dialog(session, app)
        dialog = view(session, "dialog")
        x, y = dialog["x"] + 40, dialog["y"] + 10
        app.tell(f"point {x} {y} 800 600", "button 272 down")
        app.tell(f"point {x + 60} {y + 150} 800 600", "button 272 up")
        app.sync()
        moved = view(session, "dialog")
        assert (moved["x"], moved["y"]) == (dialog["x"] + 60, dialog["y"] + 150), moved
        assert session.layout() == "grid", "the others stay"
        app.tell("draw d 260x120 ff900000")
        app.sync()
        assert view(session, "dialog")["width"] == dialog["width"], "by hand it stays"
        app.end()


def test_dialog_grows_by_itself():
    with Session() as session:
        app = App(session)
        open_dialog(session, app)
        app.tell("draw d 260x140 ff900000")
        session.wait_for_pixel(*map(int, center(session, "dialog")), RED)
        app.sync()
        assert view(session, "dialog")["content"][2:] == [260, 140]
        check_centred(session)
        app.tell("draw d 3000x3000 ff900000")
        app.sync()
        large = view(session, "dialog")
        assert large["width"] == 800 and large["height"] == 600, "no larger than the output"
        app.end()


def test_window_of_a_fixed_size_floats():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 parent", "toplevel f 150x90 ff900000 dialog")
        app.tell("fixed f 150x90")
        session.wait_for_views(2)
        assert view(session, "dialog")["content"][2:] == [150, 90]
        assert view(session, "parent")["width"] > 700
        x, y = center(session, "dialog")
        assert abs(x - 400) <= 1 and abs(y - 300) <= 1, (x, y)
        session.ctl("focus", "w1")
        session.wait_for_pixel(400, 310, RED)
        app.end()


def test_dialog_fills_the_screen_and_returns():
    with Session() as session:
        app = App(session)
        open_dialog(session, app, "0x0")
        app.tell("fullscreen d on")
        app.expect(r"configure d 800x600 maximized fullscreen activated .*")
        app.tell("fullscreen d off")
        app.expect(r"configure d \d+x\d+ activated")
        assert session.layout() == "grid"
        app.end()


main(globals())
