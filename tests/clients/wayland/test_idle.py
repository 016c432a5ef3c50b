"""Idle notification, and who may inhibit it."""

from session import App, Session, main


def test_idle_and_activity():
    with Session() as session:
        app, hand = App(session), App(session)
        app.tell("idle 300")
        app.expect("idled")
        hand.tell("point 10 10 800 600")
        app.expect("resumed")
        app.expect("idled")
        app.end()
        hand.end()


def test_inhibited_while_it_is_seen():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 film", "toplevel b 0x0 ff900000 other")
        session.wait_for_views(2)
        session.ctl("focus", "w1")
        session.ctl("layout", "single", "--output", "A")
        app.tell("inhibit a", "idle 200", "idle 600000")
        app.sync()
        app.tell("point 10 10 800 600")
        app.sync()
        session.ctl("focus", "w2")
        app.expect("idled")
        session.ctl("focus", "w1")
        app.expect("resumed")
        app.tell("uninhibit")
        app.expect("idled")
        app.end()


main(globals())
