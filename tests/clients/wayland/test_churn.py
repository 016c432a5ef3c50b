"""Many windows with popups and subsurfaces come and go, in every order, while outputs do so too."""

from session import App, Session, main

BLUE = (0x20, 0x40, 0x80)


def test_churn():
    with Session(outputs=("A=800x600", "B=640x480")) as session:
        apps = [App(session) for _ in range(2)]
        for app in apps:
            app.tell("churn 100")
        for i in range(10):
            session.ctl("output", "create", "C", f"{320 + 10 * i}x200")
            session.ctl("layout", ("grid", "single", "free")[i % 3], "--output", "A")
            session.ctl("output", "remove", ("B", "C")[i % 2])
            if i % 2 == 0:
                session.ctl("output", "create", "B", "640x480")
                session.ctl("output", "remove", "C")
        for app in apps:
            app.expect("churned 100")
            app.end()
        session.wait_for_views(0)
        app = App(session)
        session.ctl("layout", "grid", "--output", "A")
        app.tell("toplevel a 0x0 ff204080 after")
        session.wait_for_pixel(400, 300, BLUE)
        app.end()


def test_no_outputs_at_all():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 one", "popup p a 10,10 50x50 ff900000")
        app.expect("popup p .*")
        session.ctl("output", "remove", "A")
        app.expect("output-gone A")
        app.tell("layer bar 2 13 0x40 40 0 ff900000 -")
        app.expect("closed bar")
        app.tell("toplevel b 0x0 ff204080 two", "popup q b 10,10 50x50 ff900000", "churn 10")
        app.expect("churned 10")
        session.ctl("output", "create", "D", "800x600")
        app.expect("output D")
        app.tell("destroy q", "destroy b")
        session.wait_for_views(1)
        session.wait_for_pixel(400, 300, BLUE, output="D")
        app.end()


def test_client_dies_with_everything_open():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 one", "toplevel b 0x0 ff204080 two")
        app.sync()
        app.tell("subsurface s a 5,5 50x50 ff900000", "popup p a 10,10 50x50 ff900000")
        app.tell("popup q b 10,10 50x50 ff900000", "layer bar 2 13 0x40 40 1 ff900000 -")
        app.tell("inhibit a", "idle 100000", "fullscreen a on")
        app.sync()
        app.tell("crash")
        session.wait_for_views(0)


main(globals())
