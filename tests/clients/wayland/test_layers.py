"""Layer surfaces: places, exclusive zones, the keyboard, popups, and outputs that vanish."""

from session import App, Session, main

RED, GREEN, BLUE = (0x90, 0, 0), (0, 0x90, 0), (0x20, 0x40, 0x80)
BACKGROUND, BOTTOM, TOP, OVERLAY = range(4)
ABOVE, BELOW, LEFT, RIGHT = 1, 2, 4, 8
NONE, EXCLUSIVE, ON_DEMAND = range(3)


def layer(name, level, anchor, size, zone, keyboard, color, output="-"):
    return f"layer {name} {level} {anchor} {size} {zone} {keyboard} {color} {output}"


def test_bar_takes_its_zone_from_windows():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 one")
        full = app.expect(r"configure a (\d+)x(\d+) activated tiled.*")
        app.tell(layer("bar", TOP, ABOVE | LEFT | RIGHT, "0x40", 40, NONE, "ff900000"))
        app.expect("layer bar 800x40")
        less = app.expect(r"configure a (\d+)x(\d+) activated tiled.*")
        assert int(full.group(2)) - int(less.group(2)) == 40
        picture = session.wait_for_pixel(400, 20, RED)
        assert picture.at(400, 41) != RED
        app.tell("destroy bar")
        app.expect(rf"configure a {full.group(1)}x{full.group(2)} activated tiled.*")
        app.end()


def test_layers_lie_in_their_order():
    with Session() as session:
        app = App(session)
        whole = ABOVE | BELOW | LEFT | RIGHT
        app.tell(layer("wallpaper", BACKGROUND, whole, "0x0", -1, NONE, "ff009000"))
        app.expect("layer wallpaper 800x600")
        session.wait_for_pixel(400, 300, GREEN)
        app.tell("toplevel a 0x0 ff204080 one")
        session.wait_for_pixel(400, 300, BLUE)
        assert session.picture().at(2, 2) == GREEN
        app.tell(layer("note", OVERLAY, ABOVE | RIGHT, "200x100", 0, NONE, "ff900000"))
        session.wait_for_pixel(700, 50, RED)
        app.end()


def test_nothing_covers_the_label_of_a_full_screen():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 one")
        session.ctl("layout", "single", "--output", "A")
        session.wait_for_pixel(400, 300, BLUE)
        label = session.picture().at(400, 1)
        assert label != BLUE
        whole = ABOVE | BELOW | LEFT | RIGHT
        app.tell(layer("veil", OVERLAY, whole, "0x0", -1, NONE, "ff900000"))
        picture = session.wait_for_pixel(400, 300, RED)
        assert picture.at(400, 1) == label and picture.at(400, 3) == RED, picture.at(400, 1)
        session.ctl("layout", "grid", "--output", "A")
        session.ctl("layout", "single", "--output", "A")
        app.tell("destroy veil")
        picture = session.wait_for_pixel(400, 300, BLUE)
        assert picture.at(400, 1) == label and picture.at(400, 3) == BLUE
        app.end()


def test_absurd_zones_are_ignored():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 one")
        app.expect(r"configure a \d+x\d+ activated tiled.*")
        app.tell(layer("bar", TOP, ABOVE | LEFT | RIGHT, "0x40", 2000000000, NONE, "ff900000"))
        app.expect("layer bar 800x40")
        session.wait_for_pixel(400, 20, RED)
        session.wait_for_pixel(400, 300, BLUE)
        app.end()


def test_keyboard_goes_to_a_launcher_and_back():
    with Session() as session:
        app = App(session)
        app.tell("key 30 down", "key 30 up", "toplevel a 0x0 ff204080 one")
        app.expect("keyboard a")
        app.tell(layer("menu", OVERLAY, 0, "300x200", 0, EXCLUSIVE, "ff900000"))
        app.expect("keyboard-leave a")
        app.expect("keyboard menu")
        session.ctl("focus", "w1")
        app.tell("key 31 down", "key 31 up")
        app.expect("key 31 up")
        assert "keyboard a" not in app.sync(), "a window can't take it away"
        app.tell("destroy menu")
        app.expect("keyboard a")
        app.end()


def test_keyboard_on_demand_by_click():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 one")
        app.expect("keyboard a")
        app.tell(layer("bar", TOP, ABOVE | LEFT | RIGHT, "0x40", 40, ON_DEMAND, "ff900000"))
        session.wait_for_pixel(400, 20, RED)
        assert "keyboard bar" not in app.sync()
        app.tell("point 400 20 800 600", "button 272 down", "button 272 up")
        app.expect("enter bar 400,20")
        app.expect("keyboard bar")
        app.tell("point 400 300 800 600", "button 272 down", "button 272 up")
        app.expect("keyboard a")
        app.end()


def test_popup_of_a_bar():
    with Session() as session:
        app = App(session)
        app.tell(layer("bar", TOP, ABOVE | LEFT | RIGHT, "0x40", 40, NONE, "ff900000"))
        app.expect("layer bar 800x40")
        app.tell("sync 0", "popup p bar 700,40 200x100 ff009000")
        app.expect("popup p 600,40 200x100")
        session.wait_for_pixel(650, 90, GREEN)
        app.tell("destroy bar")
        app.expect("popup-done p")
        app.end()


def test_output_vanishes_with_its_surfaces():
    with Session(outputs=("A=800x600", "B=400x300")) as session:
        app = App(session)
        whole = ABOVE | BELOW | LEFT | RIGHT
        app.tell(layer("wallpaper", BACKGROUND, whole, "0x0", -1, NONE, "ff009000", "B"))
        app.expect("layer wallpaper 400x300")
        app.tell(layer("menu", OVERLAY, 0, "100x100", 0, EXCLUSIVE, "ff900000", "B"))
        app.tell("sync 0", "popup p menu 50,50 50x50 ff204080")
        app.expect("popup p .*")
        session.ctl("output", "remove", "B")
        gone = [app.expect(r"closed (\w+)").group(1), app.expect(r"closed (\w+)").group(1)]
        assert sorted(gone) == ["menu", "wallpaper"]
        app.tell("destroy p", "destroy menu", "destroy wallpaper")
        app.sync()
        session.ctl("output", "create", "B", "640x480")
        app.expect("output B")
        app.tell(layer("again", BACKGROUND, whole, "0x0", -1, NONE, "ff009000", "B"))
        app.expect("layer again 640x480")
        session.wait_for_pixel(300, 200, GREEN, output="B")
        app.end()


main(globals())
