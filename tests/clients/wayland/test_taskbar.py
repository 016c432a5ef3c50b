"""Task bars: windows and guests, and what they ask of these."""

import os
import tempfile

from session import App, Session, main

GUEST = "[guest]\nname = debian\ntitle = Debian\n[display]\ndevice = VGA\n"


def with_guest(case):
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
        file.write(GUEST)
        file.flush()
        os.chmod(file.name, 0o644)
        with Session(file.name) as session:
            app = App(session)
            app.tell("toplevel a 0x0 ff204080 window")
            session.wait_for_views(2)
            app.expect("configure a .*")
            app.tell("taskbar")
            case(session, app)
            app.end()


def test_windows_and_guests_are_listed():
    def case(session, app):
        said = sorted(line for line in app.sync() + app.sync() if line.startswith("task "))
        assert said == ["task Debian — off (debian)", "task window (scripted) activated"], said
        app.tell("destroy a")
        app.expect("task-gone window")
        app.expect("task Debian — off .debian. activated")
        session.ctl("remove", "debian")
        app.expect("task-gone Debian — off")

    with_guest(case)


def test_a_guest_does_as_it_is_asked():
    def case(session, app):
        app.sync()
        app.tell("task activate Debian — off")
        app.expect("task Debian — off .debian. activated")
        app.tell("task fullscreen Debian — off")
        app.expect("task Debian — off .debian. .*fullscreen.*")
        assert session.layout() == "single"
        app.tell("task unfullscreen Debian — off")
        app.expect("task Debian — off .debian. activated")
        assert session.layout() == "grid"
        app.tell("task close Debian — off")
        session.log.expect(".*guest debian: .*")  # it is off, and says so
        app.tell("task close window")
        app.expect("close a")

    with_guest(case)


main(globals())
