"""Programs by others: terminals, demos, X11, screen lockers, backgrounds, launchers, clipboards."""

import os
import shutil
import signal
import subprocess
import sys
import time

from session import App, Session, main

NEEDED = (
    "foot weston-simple-shm weston-subsurfaces xterm xclock Xwayland swaylock swaybg fuzzel "
    "wl-copy wl-paste wlr-randr wtype wayland-info grim"
).split()


def colors(picture, box):
    x, y, width, height = box
    return {picture.at(i, j) for i in range(x, x + width, 3) for j in range(y, y + height, 3)}


def content(session, title):
    view = next(v for v in session.list()["views"] if v["title"] == title)
    return view["content"]


def wait_for_drawing(session, title, count):
    """Until a view shows at least that many colours."""
    for _ in range(200):
        if len(colors(session.picture(), content(session, title))) >= count:
            return
    raise AssertionError(f"{title} draws nothing")


def test_wayland_clients():
    with Session(outputs=("A=1280x800",)) as session:
        session.run("foot", "--config=/dev/null", "-T", "one", "sh", "-c", "seq 40; exec sleep 100")
        session.wait_for_views(1)
        session.run("weston-simple-shm")
        session.run("weston-subsurfaces")
        session.wait_for_views(3)
        wait_for_drawing(session, "one", 5)
        wait_for_drawing(session, "simple-shm", 50)
        wait_for_drawing(session, "Wayland Sub-surface Demo", 5)


def test_typing_reaches_a_terminal():
    with Session() as session:
        mark = os.path.join(session.folder, "typed")
        session.run("foot", "--config=/dev/null", "sh", "-c", f"read -r line; echo $line >{mark}; exec sleep 100")
        session.wait_for_views(1)
        app = App(session)
        end = 200
        while not os.path.exists(mark) and end:
            subprocess.run(["wtype", "Hello\n"], env=session.environment, check=True, timeout=30)
            end -= 1
        with open(mark, encoding="utf-8") as file:
            assert "Hello" in file.read()
        app.end()


RESTART_AGE = 6.5  # s: a younger Xwayland that dies isn't started again by wlroots

EXEC = (
    "-e",
    'cd "$XDG_RUNTIME_DIR" && echo "$DISPLAY" >new && mv new environment',
)


def x11_display(session):
    path = os.path.join(session.folder, "environment")
    for _ in range(1000):
        if os.path.exists(path) and os.path.getsize(path):
            break
        subprocess.run(["sleep", "0.01"], check=True)
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def test_x11_clients():
    with Session(*EXEC, outputs=("A=1280x800",)) as session:
        display = {"DISPLAY": x11_display(session)}
        session.run("xterm", "-T", "in X", "-e", "sh", "-c", "seq 40; exec sleep 100", environment=display)
        session.wait_for_views(1)
        session.run("xclock", environment=display)
        session.wait_for_views(2)
        wait_for_drawing(session, "in X", 2)
        wait_for_drawing(session, "xclock", 2)
        x, y, width, height = content(session, "xclock")
        found = subprocess.run(
            ["xwininfo", "-name", "xclock"], env={**session.environment, **display},
            capture_output=True, text=True, check=True, timeout=30,
        ).stdout
        assert f"Absolute upper-left X:  {x}\n" in found and f"Absolute upper-left Y:  {y}\n" in found
        assert f"Width: {width}\n" in found and f"Height: {height}\n" in found
        session.ctl("close", next(v["id"] for v in session.list()["views"] if v["title"] == "xclock"))
        session.wait_for_views(1)
        time.sleep(RESTART_AGE)  # then mullion leaves while a window is shown


def xwayland_pid(display):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                if file.read().split("\0")[:2] == ["Xwayland", display]:
                    return int(pid)
        except OSError:
            pass
    raise AssertionError("no Xwayland")


def test_x11_menus_and_the_death_of_xwayland():
    with Session(*EXEC) as session:
        display = {"DISPLAY": x11_display(session)}
        xterm = session.run(
            "xterm", "-bg", "#203040", "-e", "sh", "-c", "exec cat", environment=display
        )
        session.wait_for_views(1)
        session.wait_for_pixel(500, 400, (0x20, 0x30, 0x40))
        app = App(session)
        app.tell("point 300 200 800 600", "key 29 down", "button 272 down")
        session.wait_for_pixel(370, 202, (0, 0, 0))  # the entry that is chosen
        app.tell("point 600 500 800 600", "button 272 up", "key 29 up")
        session.wait_for_pixel(370, 202, (0x20, 0x30, 0x40))
        time.sleep(RESTART_AGE)
        os.kill(xwayland_pid(display["DISPLAY"]), signal.SIGKILL)
        session.wait_for_views(0)
        xterm.wait(30)
        session.run("foot", "--config=/dev/null", "sleep", "100")
        session.wait_for_views(1)
        session.run("xterm", environment=display)
        session.wait_for_views(2)
        app.end()


def test_background_launcher_and_locker():
    with Session() as session:
        session.run("swaybg", "-c", "#305030")
        picture = session.wait_for_pixel(400, 300, (0x30, 0x50, 0x30))
        assert picture.at(1, 1) == picture.at(798, 598) == (0x30, 0x50, 0x30), "one colour"
        session.run("fuzzel", "--config=/dev/null", "--background-color=801010ff", "--border-width=0")
        session.wait_for_pixel(400, 300, (0x80, 0x10, 0x10))
        session.run("swaylock", "-c", "102030", "-u")
        picture = session.wait_for_pixel(400, 300, (0x10, 0x20, 0x30))
        assert picture.at(1, 1) == (0x10, 0x20, 0x30)
        session.children[-1].kill()
        session.wait_for_pixel(1, 1, (18, 18, 23))


def test_clipboard_between_clients():
    with Session() as session:
        text = "from one to the other"
        subprocess.run(["wl-copy"], input=text.encode(), env=session.environment, check=True, timeout=30)
        for options in ([], ["--primary"]):
            if options:
                subprocess.run(
                    ["wl-copy", *options], input=text.encode(), env=session.environment,
                    check=True, timeout=30,
                )
            found = subprocess.run(
                ["wl-paste", "-n", *options], env=session.environment, capture_output=True,
                check=True, timeout=30,
            )
            assert found.stdout.decode() == text
        subprocess.run(["wl-copy", "--clear"], env=session.environment, check=True, timeout=30)
        subprocess.run(["wl-copy", "--primary", "--clear"], env=session.environment, check=True, timeout=30)


def test_outputs_are_managed():
    with Session(outputs=("A=800x600", "B=640x480")) as session:
        def randr(*words):
            return subprocess.run(
                ["wlr-randr", *words], env=session.environment, capture_output=True, text=True,
                check=True, timeout=30,
            ).stdout

        assert "640x480" in randr()
        randr("--output", "B", "--custom-mode", "500x300", "--pos", "800,100", "--transform", "90")
        output = next(o for o in session.list()["outputs"] if o["name"] == "B")
        assert (output["width"], output["height"]) == (500, 300), output
        assert (output["x"], output["y"], output["transform"]) == (800, 100, "90"), output
        randr("--output", "B", "--scale", "2")
        assert "Scale: 2.000000" in randr()
        info = subprocess.run(
            ["wayland-info"], env=session.environment, capture_output=True, text=True,
            check=True, timeout=30,
        ).stdout
        assert "zxdg_output_manager_v1" in info and "logical_width: 150" in info, info


if [name for name in NEEDED if not shutil.which(name)]:
    print("these programs are missing:", *[name for name in NEEDED if not shutil.which(name)])
    sys.exit(77)
main(globals())
