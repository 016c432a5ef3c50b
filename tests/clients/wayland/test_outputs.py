"""Views and the focus go from output to output, by keys and by the pointer."""

import os

from session import App, Session, main

OUTPUTS = ("A=800x600", "B=640x480", "C=400x300")


def focused_output(session):
    return next(o["name"] for o in session.list()["outputs"] if o["focused"])


def view(session, name):
    return next(v for v in session.list()["views"] if v["id"] == name)


def start(session):
    app = App(session)
    app.tell("toplevel a 0x0 ff204080 one", "toplevel b 0x0 ff900000 two")
    session.wait_for_views(2)
    app.sync()
    return app


def test_focus_goes_to_the_next_output():
    with Session(outputs=OUTPUTS) as session:
        app = start(session)
        assert focused_output(session) == "A"
        seen = []
        for _ in range(3):
            session.ctl("key", "super+o")
            seen.append(focused_output(session))
        assert seen == ["B", "C", "A"], seen
        assert view(session, "w2")["focused"], "the last one there"
        session.ctl("key", "super+o")
        app.tell("toplevel c 0x0 ff009000 three")
        session.wait_for_views(3)
        assert view(session, "w3")["output"] == "B", "a new window opens where one is"
        app.end()


def test_a_view_is_taken_along():
    with Session(outputs=OUTPUTS) as session:
        app = start(session)
        session.ctl("key", "super+shift+o")
        assert view(session, "w2")["output"] == "B" and focused_output(session) == "B"
        assert view(session, "w1")["output"] == "A"
        session.ctl("key", "super+f")
        assert (session.layout("A"), session.layout("B")) == ("grid", "single")
        session.ctl("key", "super+o")
        session.ctl("key", "super+f")
        assert session.layout("C") == "single", "the layout of one without views, too"
        app.end()


def test_outputs_by_name_and_direction():
    with Session(outputs=OUTPUTS) as session:
        path = os.path.join(session.folder, "mullion", "config.ini")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(
                "[bindings]\nmod+1 = focus-output C\nmod+2 = focus-output left\n"
                "mod+3 = move-to-output right\nmod+4 = move-to-output previous\n"
                "mod+5 = focus-output nowhere\n"
            )
        session.ctl("reload")
        app = start(session)
        seen = []
        for number in (1, 2, 2, 2, 5, 3, 4):
            session.ctl("key", f"super+{number}")
            seen.append(focused_output(session))
        assert seen == ["C", "B", "A", "A", "A", "B", "A"], seen
        assert view(session, "w2")["output"] == "A", "it went there and back"
        app.end()


def test_a_view_is_dragged_into_a_grid():
    with Session(outputs=("A=800x600", "B=800x600")) as session:
        app = start(session)
        session.ctl("layout", "free", "--output", "A")
        session.ctl("move", "w2", 50, 60, 300, 200)
        session.ctl("move", "w1", 400, 300, 300, 200)
        session.ctl("move", "--output", "B", "w1")
        app.sync()
        app.tell("point 150 70 1600 600", "button 272 down", "point 1100 200 1600 600")
        app.sync()
        there = view(session, "w2")
        assert there["output"] == "B" and session.layout("B") == "grid", there
        assert there["width"] == view(session, "w1")["width"], "a cell like the other's"
        app.tell("point 250 120 1600 600", "button 272 up")
        app.sync()
        back = view(session, "w2")
        assert back["output"] == "A" and (back["x"], back["y"]) == (150, 110), back
        assert (back["width"], back["height"]) == (300, 200), "as it was"
        app.end()


main(globals())
