"""Input through virtual devices: pointer and keyboard reach the right surface, popups grab,
windows are moved and resized, things are dragged; and clients die in the middle of it."""

from session import App, Session, main

BLUE, RED, GREEN = (0x20, 0x40, 0x80), (0x90, 0, 0), (0, 0x90, 0)
LEFT_BUTTON = 272
TOP, BOTTOM_RIGHT = 1, 10


def box(session, view):
    """x, y, width and height of a view's frame, by name."""
    found = next(v for v in session.list()["views"] if v["id"] == view)
    return [found[key] for key in ("x", "y", "width", "height")]


def free_window(session, app, name="a"):
    app.tell(f"toplevel {name} 0x0 ff204080 one")
    session.wait_for_views(1)
    session.ctl("layout", "free", "--output", "A")
    session.ctl("move", "w1", 100, 100, 300, 200)
    app.expect(rf"configure {name} 294x\d+ .*")
    session.wait_for_pixel(250, 200, BLUE)
    app.sync()


def test_pointer_and_keyboard_reach_the_surface():
    with Session() as session:
        app = App(session)
        free_window(session, app)
        app.tell("point 203 224 800 600")
        app.expect("enter a (99|100),100")
        app.tell("point 213 234 800 600", f"button {LEFT_BUTTON} down", f"button {LEFT_BUTTON} up")
        app.expect("motion (109|110),110")
        app.expect(f"button {LEFT_BUTTON} up")
        app.tell("key 30 down", "key 30 up")
        app.expect("key 30 down")
        app.expect("key 30 up")
        app.tell("subsurface s a 50,50 100x100 ff900000")
        app.expect("enter s (59|60),60")
        app.tell("point 50 50 800 600")
        app.expect("leave s")
        app.tell("key 31 down", "unplug")
        app.expect("key 31 down")
        app.expect("key 31 up")
        app.end()


def test_small_window_is_hit_where_it_is_seen():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 100x80 ff900000 small")
        session.wait_for_pixel(400, 310, RED)
        app.sync()
        app.tell("point 400 310 800 600")
        where = app.expect(r"enter a (\d+),(\d+)")
        assert 45 < int(where.group(1)) < 55 and 35 < int(where.group(2)) < 45
        app.tell("point 100 100 800 600")
        app.expect("leave a")
        app.end()


def test_move_and_resize_by_the_client():
    with Session() as session:
        app = App(session)
        free_window(session, app)
        app.tell("move a")
        app.sync()
        assert box(session, "w1")[:2] == [100, 100], "not without a button held down"
        app.tell("point 203 224 800 600", f"button {LEFT_BUTTON} down")
        app.expect(f"button {LEFT_BUTTON} down")
        app.tell("move a", "sync m")
        app.expect("synced m")
        app.tell("point 253 264 800 600", f"button {LEFT_BUTTON} up")
        app.sync()
        assert box(session, "w1") == [150, 140, 300, 200]
        app.tell("point 303 264 800 600", f"button {LEFT_BUTTON} down")
        app.expect(f"button {LEFT_BUTTON} down")
        app.tell(f"resize a {BOTTOM_RIGHT}", "sync r")
        app.expect("synced r")
        app.tell("point 333 294 800 600")
        app.expect("configure a .* resizing activated")
        app.tell("point 353 294 800 600", f"button {LEFT_BUTTON} up")
        app.expect(r"configure a 344x\d+ activated")
        assert box(session, "w1") == [150, 140, 350, 230]
        app.end()


def test_client_dies_while_it_is_moved():
    with Session() as session:
        hand, app = App(session), App(session)
        free_window(session, app)
        hand.tell("point 203 224 800 600", f"button {LEFT_BUTTON} down")
        app.expect(f"button {LEFT_BUTTON} down")
        app.tell("move a", "sync m")
        app.expect("synced m")
        hand.tell("point 233 224 800 600")
        hand.sync()
        app.tell("crash")
        session.wait_for_views(0)
        hand.tell("point 253 264 800 600", f"button {LEFT_BUTTON} up")
        hand.sync()
        hand.tell("toplevel b 0x0 ff204080 two")
        session.wait_for_views(1)
        hand.end()


def test_popup_grab_ends_by_a_click_elsewhere():
    with Session() as session:
        app, other = App(session), App(session)
        app.tell("toplevel a 0x0 ff204080 one")
        session.wait_for_views(1)
        other.tell("toplevel b 0x0 ff204080 two")
        session.wait_for_views(2)
        session.ctl("focus", "w1")
        app.expect("keyboard a")
        x, y, width, height = box(session, "w1")
        app.tell(f"point {x + 50} {y + 60} 800 600", f"button {LEFT_BUTTON} down")
        app.expect(f"button {LEFT_BUTTON} down")
        app.tell(f"button {LEFT_BUTTON} up", "popup p a 40,40 100x60 ff900000 grab")
        app.expect("popup p 40,40 100x60")
        session.wait_for_pixel(x + 3 + 90, y + 24 + 70, RED)
        x, y, width, height = box(session, "w2")
        app.tell(f"point {x + width // 2} {y + height // 2} 800 600")
        app.tell(f"button {LEFT_BUTTON} down", f"button {LEFT_BUTTON} up")
        app.expect("popup-done p")
        other.expect("keyboard b")
        app.end()
        other.end()


def test_popup_grab_ends_when_the_focus_goes():
    with Session() as session:
        app, other = App(session), App(session)
        app.tell("toplevel a 0x0 ff204080 one")
        session.wait_for_views(1)
        other.tell("toplevel b 0x0 ff204080 two")
        session.wait_for_views(2)
        session.ctl("focus", "w1")
        app.expect("keyboard a")
        x, y = box(session, "w1")[:2]
        app.tell(f"point {x + 50} {y + 60} 800 600", f"button {LEFT_BUTTON} down")
        app.expect(f"button {LEFT_BUTTON} down")
        app.tell(f"button {LEFT_BUTTON} up", "popup p a 40,40 100x60 ff900000 grab")
        app.expect("popup p .*")
        app.sync()
        session.ctl("focus", "w2")
        app.expect("popup-done p")
        other.expect("keyboard b")
        app.tell("key 30 down", "key 30 up")
        other.expect("key 30 up")
        app.end()
        other.end()


def test_popup_grab_needs_the_input():
    with Session() as session:
        app, other = App(session), App(session)
        app.tell("toplevel a 0x0 ff204080 one")
        session.wait_for_views(1)
        other.tell("toplevel b 0x0 ff204080 two")
        session.wait_for_views(2)
        session.ctl("focus", "w1")
        app.tell("key 30 down", "key 30 up")
        app.expect("key 30 up")
        other.tell("popup p b 40,40 100x60 ff900000 grab")
        other.expect("popup-done p")
        app.tell("key 31 down", "key 31 up")
        app.expect("key 31 up")
        app.end()
        other.end()


def start_drag(session, app, hand):
    hand.tell("point 203 224 800 600", f"button {LEFT_BUTTON} down")
    app.expect(f"button {LEFT_BUTTON} down")
    app.tell("drag a icon 40x40 ff900000")
    app.sync()
    hand.tell("point 600 400 800 600")
    session.wait_for_pixel(610, 410, RED)


def test_drag_icon_follows_the_pointer():
    with Session() as session:
        hand, app = App(session), App(session)
        free_window(session, app)
        start_drag(session, app, hand)
        hand.tell("point 500 500 800 600")
        picture = session.wait_for_pixel(510, 510, RED)
        assert picture.at(610, 410) != RED
        hand.tell(f"button {LEFT_BUTTON} up")
        app.expect("drag-cancelled")
        hand.sync()
        assert session.picture().at(510, 510) != RED
        app.end()
        hand.end()


def test_client_dies_in_the_middle_of_a_drag():
    with Session() as session:
        hand, app = App(session), App(session)
        free_window(session, app)
        start_drag(session, app, hand)
        app.tell("crash")
        session.wait_for_views(0)
        hand.tell("point 500 500 800 600", f"button {LEFT_BUTTON} up")
        hand.sync()
        assert session.picture().at(510, 510) != RED
        hand.tell("toplevel b 0x0 ff204080 two")
        hand.expect("keyboard b")
        hand.end()


main(globals())
