"""The session lock: nothing is seen or reached past it, not even when the locker dies."""

from session import App, Session, main

BLUE, RED, GREEN = (0x20, 0x40, 0x80), (0x90, 0, 0), (0, 0x90, 0)
COVER = (18, 18, 23)


def lock(app, color="ff900000"):
    app.tell("lock")
    app.expect("locked")
    app.tell(f"lock-surface l A {color}")
    app.expect("lock l 800x600")


def test_lock_covers_all_and_unlocks():
    with Session() as session:
        app, locker = App(session), App(session)
        app.tell("toplevel a 0x0 ff204080 one")
        app.expect("keyboard a")
        session.wait_for_pixel(400, 300, BLUE)
        app.tell("layer top 3 0 100x100 0 1 ff009000 -")
        app.expect("keyboard top")
        lock(locker)
        app.expect("keyboard-leave top")
        locker.expect("keyboard l")
        picture = session.wait_for_pixel(400, 300, RED)
        assert picture.at(2, 2) == RED and picture.at(400, 10) == RED
        app.tell("point 400 300 800 600", "button 272 down", "button 272 up")
        app.tell("key 30 down", "key 30 up")
        locker.expect("enter l 400,300")
        locker.expect("key 30 up")
        said = app.sync()
        assert not [line for line in said if line.startswith(("enter", "key", "button"))], said
        locker.tell("unlock")
        app.expect("keyboard top")
        session.wait_for_pixel(400, 300, GREEN)
        app.tell("destroy top")
        app.expect("keyboard a")
        session.wait_for_pixel(400, 300, BLUE)
        app.end()
        locker.end()


def test_second_locker_is_refused():
    with Session() as session:
        first, second = App(session), App(session)
        lock(first)
        second.tell("lock")
        second.expect("finished")
        session.wait_for_pixel(400, 300, RED)
        first.tell("unlock")
        first.sync()
        first.end()
        second.end()


def test_dead_locker_leaves_it_locked():
    with Session() as session:
        app, locker = App(session), App(session)
        app.tell("toplevel a 0x0 ff204080 one")
        app.expect("keyboard a")
        lock(locker)
        session.wait_for_pixel(400, 300, RED)
        locker.tell("crash")
        session.wait_for_pixel(400, 300, COVER)
        app.tell("point 400 300 800 600", "button 272 down", "button 272 up")
        app.tell("key 30 down", "key 30 up")
        said = app.sync()
        assert not [line for line in said if line.startswith(("enter", "key 30"))], said
        session.ctl("output", "create", "B", "320x200")
        session.wait_for_pixel(160, 100, COVER, output="B")
        app.tell("toplevel b 0x0 ff204080 two")
        session.wait_for_views(2)
        session.wait_for_pixel(400, 300, COVER)
        successor = App(session)
        lock(successor, "ff009000")
        session.wait_for_pixel(400, 300, GREEN)
        session.wait_for_pixel(160, 100, COVER, output="B")
        successor.expect("keyboard l")
        successor.tell("unlock")
        app.expect("keyboard b")
        picture = session.picture()
        assert picture.at(2, 2) not in (COVER, GREEN)
        app.end()
        successor.end()


def test_outputs_come_and_go_while_locked():
    with Session() as session:
        locker = App(session)
        lock(locker)
        session.ctl("output", "create", "B", "320x200")
        locker.expect("output B")
        locker.tell("lock-surface m B ff009000")
        locker.expect("lock m 320x200")
        session.wait_for_pixel(160, 100, GREEN, output="B")
        session.ctl("output", "remove", "A")
        locker.expect("output-gone A")
        session.wait_for_pixel(160, 100, GREEN, output="B")
        session.ctl("output", "create", "A", "500x400")
        session.wait_for_pixel(250, 200, COVER)
        locker.tell("unlock")
        locker.sync()
        locker.end()


main(globals())
