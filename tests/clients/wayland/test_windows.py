"""Windows: sizes, states, popups, subsurfaces, clipping and opacity, as clients and people see
them."""

from session import App, Session, main

BLUE, RED, GREEN, YELLOW = (0x20, 0x40, 0x80), (0x90, 0, 0), (0, 0x90, 0), (0x90, 0x90, 0)


def test_window_fills_its_cell():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 hello")
        app.expect("decoration a server")
        size = app.expect(r"configure a (\d+)x(\d+) activated tiled-left .*tiled-bottom")
        assert 700 < int(size.group(1)) < 800 and 500 < int(size.group(2)) < 600
        picture = session.wait_for_pixel(400, 300, BLUE)
        frame = picture.at(400, 10)
        assert frame != BLUE and frame == picture.at(10, 400), "the frame is ours"
        session.ctl("layout", "single", "--output", "A")
        app.expect(r"configure a 800x\d+ maximized activated .*")
        session.ctl("layout", "free", "--output", "A")
        app.expect(r"configure a \d+x\d+ activated")
        app.end()


def test_quiet_when_nothing_changes():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 one", "toplevel b 0x0 ff204080 two")
        session.wait_for_views(2)
        app.sync()
        session.wait_for_pixel(400, 150, BLUE)
        app.sync()
        session.ctl("layout", "grid", "--output", "A")
        session.ctl("focus", "w1")
        app.sync()
        app.tell("draw a 100x100 ff900000", "draw a 100x100 ff009000")
        said = [line for line in app.sync() if line.startswith("configure")]
        assert not said, f"commits bring no configures: {said}"
        app.end()


def test_large_window_is_cut_and_small_one_centred():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 2000x2000 ff900000 large")
        picture = session.wait_for_pixel(400, 300, RED)
        frame = picture.at(10, 300)
        assert frame != RED and picture.at(788, 300) == RED and picture.at(790, 300) != RED
        app.tell("draw a 100x80 ff009000")
        picture = session.wait_for_pixel(400, 310, GREEN)
        assert picture.at(300, 310) != GREEN and picture.at(500, 310) != GREEN
        app.end()


def test_free_layout_keeps_the_client_s_size():
    with Session("-l", "free") as session:
        app = App(session)
        app.tell("toplevel a 320x240 ff900000 small", "toplevel b 0x0 ff204080 default")
        views = {view["title"]: view["content"][2:] for view in session.wait_for_views(2)}
        assert views == {"small": [320, 240], "default": [300, 200]}, views
        app.end()


def test_subsurface_stays_within_the_frame():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 parent", "sync 0")
        app.expect("synced 0")
        session.wait_for_pixel(400, 300, BLUE)
        app.tell("subsurface s a -200,-200 1500x1500 ff900000")
        picture = session.wait_for_pixel(400, 300, RED)
        assert picture.at(400, 10) != RED and picture.at(4, 300) != RED
        assert picture.at(796, 300) != RED and picture.at(400, 596) != RED
        app.tell("destroy s")
        session.wait_for_pixel(400, 300, BLUE)
        app.end()


def test_window_geometry_leaves_shadows_out():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 400x300 ff900000 shadow", "sync 0")
        app.expect("synced 0")
        session.wait_for_pixel(400, 300, RED)
        app.tell("geometry a 50,50 100x100", "draw a 400x300 ff009000")
        picture = session.wait_for_pixel(400, 310, GREEN)
        assert picture.at(480, 310) != GREEN, "what lies outside the geometry isn't shown"
        app.end()


def test_popup_follows_and_stays_on_the_output():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 parent")
        session.wait_for_pixel(400, 300, BLUE)
        app.sync()
        app.tell("popup p a 100,50 200x100 ff900000")
        app.expect("popup p 100,50 200x100")
        picture = session.wait_for_pixel(11 + 110, 32 + 60, RED)
        assert picture.at(11 + 95, 32 + 60) == BLUE
        app.tell("popup n p 150,80 900x40 ff009000")
        place = app.expect(r"popup n (-?\d+),(-?\d+) 900x40")
        assert int(place.group(1)) == -111, "it slides back to the output's left edge"
        session.wait_for_pixel(400, 32 + 50 + 90, GREEN)
        app.tell("destroy n", "destroy p")
        session.wait_for_pixel(11 + 110, 32 + 60, BLUE)
        app.tell("popup q a 700,500 200x100 ff900000")
        app.expect("popup q 578,457 200x100")
        app.end()


def test_parent_goes_before_its_popup():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 parent")
        session.wait_for_pixel(400, 300, BLUE)
        app.tell("popup p a 10,10 200x100 ff900000", "sync 0", "popup n p 10,10 50x50 ff009000")
        app.expect("popup n .*")
        app.tell("destroy a")
        app.expect("popup-done n")
        app.expect("popup-done p")
        session.wait_for_views(0)
        app.end()


def test_opacity_blends_every_surface():
    with Session() as session:
        app = App(session)
        empty = session.picture().at(400, 300)
        app.tell("toplevel a 0x0 ff204080 parent")
        session.wait_for_pixel(400, 300, BLUE)
        session.ctl("opacity", "w1", 0.5)
        backdrop = session.wait_for_pixel(400, 300, half(BLUE, empty)).at(400, 300)
        app.tell("subsurface s a 100,100 300x300 ff900000")
        session.wait_for_pixel(200, 200, half(RED, half(BLUE, empty)))
        app.tell("draw s 300x300 ff009000")
        session.wait_for_pixel(200, 200, half(GREEN, backdrop))
        session.ctl("opacity", "w1", 1)
        session.wait_for_pixel(200, 200, GREEN)
        session.wait_for_pixel(600, 500, BLUE)
        app.end()


def half(a, b):
    return tuple((x + y) // 2 for x, y in zip(a, b))


def test_titles_are_printable():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 evil\u202etext\x07" + "x" * 90)
        (view,) = session.wait_for_views(1)
        assert view["title"].startswith("eviltextxxx") and view["app"] == "scripted", view
        app.end()


def test_fullscreen_is_the_single_layout():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 one", "toplevel b 0x0 ff900000 two")
        session.wait_for_views(2)
        session.ctl("focus", "w1")
        app.tell("fullscreen b on")
        app.expect(r"configure b \d+x\d+ .*")
        assert session.layout() == "grid", "not for a window without the focus"
        app.tell("fullscreen a on")
        app.expect(r"configure a 800x\d+ maximized fullscreen activated .*")
        app.tell("fullscreen a off")
        app.expect(r"configure a \d\d\dx\d+ activated .*")
        assert session.layout() == "grid"
        app.tell("fullscreen a on")
        app.expect(r"configure a 800x\d+ maximized fullscreen activated .*")
        app.tell("destroy a")
        session.wait_for_views(1)
        assert session.layout() == "grid", "it takes its layout along"
        app.tell("maximize b", "minimize b")
        app.expect(r"configure b .*")
        app.end()


def test_close_asks_the_client():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 one")
        session.wait_for_views(1)
        session.ctl("close", "w1")
        app.expect("close a")
        app.end()
        session.wait_for_views(0)


def test_hidden_window_is_suspended():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 one", "toplevel b 0x0 ff900000 two")
        session.wait_for_views(2)
        session.ctl("focus", "w1")
        session.ctl("layout", "single", "--output", "A")
        session.wait_for_pixel(400, 300, BLUE)
        session.ctl("focus", "w2")
        session.wait_for_pixel(400, 300, RED)
        app.expect("keyboard-leave a")
        app.expect("keyboard b")
        app.end()


main(globals())
