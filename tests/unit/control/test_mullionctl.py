"""mullionctl, command by command, against the fake mullion."""

import json
import os
import signal
import struct
import subprocess
import tempfile
import time
import unittest
import zlib

import fake

FAKE, MULLIONCTL = fake.arguments(["FAKE_MULLION", "MULLIONCTL"])
COMMANDS = (
    "list start stop reset pause resume remove layout focus opacity move close output screenshot"
    " key type click scroll wait events remote status reload quit version"
).split()
OK, FAILED, USAGE, TIMEOUT, NOT_RUNNING = range(5)


def run(environment, *arguments, **options):
    return subprocess.run(
        [MULLIONCTL, *arguments], capture_output=True, timeout=2 * fake.PATIENCE, env=environment,
        **options,
    )


class Case(unittest.TestCase):
    def setUp(self):
        self.fake = fake.FakeMullion(FAKE)

    def tearDown(self):
        self.assertEqual(self.fake.finish(), 0)

    def ctl(self, *arguments, code=OK, **options):
        """Runs mullionctl; an error must be one line on standard error, and success silent."""
        answer = run(self.fake.environment, *arguments, **options)
        error = answer.stderr.decode()
        self.assertEqual(answer.returncode, code, (arguments, error))
        if code == OK:
            self.assertEqual(error, "")
        else:
            self.assertRegex(error, r"\Amullionctl( \w+)?: .+\n\Z")
        return answer.stdout

    def lines(self):
        """What the server was asked for since the last time."""
        self.ctl("reload")
        return self.fake.take_lines("reload")[:-1]


def decode_png(data):
    """The rows of an RGB picture of 8 bits."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, offset = {}, 8
    while offset < len(data):
        length, kind = struct.unpack(">I4s", data[offset : offset + 8])
        body = data[offset + 8 : offset + 8 + length]
        (crc,) = struct.unpack(">I", data[offset + 8 + length : offset + 12 + length])
        assert crc == zlib.crc32(kind + body)
        chunks[kind] = chunks.get(kind, b"") + body
        offset += 12 + length
    width, height, depth, color, *_ = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, color) == (8, 2)
    return unfilter(zlib.decompress(chunks[b"IDAT"]), width, height)


def unfilter(data, width, height):
    stride, rows, previous = width * 3, [], bytes(width * 3)
    for y in range(height):
        start = y * (stride + 1)
        kind, line = data[start], bytearray(data[start + 1 : start + 1 + stride])
        for i in range(stride):
            a = line[i - 3] if i >= 3 else 0
            b = previous[i]
            c = previous[i - 3] if i >= 3 else 0
            line[i] = (line[i] + (0, a, b, (a + b) // 2, paeth(a, b, c))[kind]) & 0xFF
        rows.append([tuple(line[x : x + 3]) for x in range(0, stride, 3)])
        previous = bytes(line)
    return rows


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def pattern(width, height):
    """As fake_display.c paints it."""
    rows = []
    for y in range(height):
        pixels = [x * 3 << 16 | y * 4 << 8 | (width + x + y) for x in range(width)]
        rows.append([(p >> 16 & 255, p >> 8 & 255, p & 255) for p in pixels])
    return rows


class Lists(Case):
    def test_json(self):
        lists = json.loads(self.ctl("list", "--json"))
        self.assertEqual(set(lists), {"guests", "views", "outputs"})
        self.assertEqual([g["name"] for g in lists["guests"]], ["debian", "uefi", "off"])
        self.assertEqual(lists["guests"][0]["pid"], 4242)
        self.assertEqual(lists["views"][0]["x"], -5)
        self.assertEqual(lists["views"][0]["opacity"], 0.5)
        self.assertEqual(lists["views"][0]["content"], [-4, 8, 328, 228])
        self.assertIs(lists["views"][0]["focused"], True)
        self.assertEqual(lists["outputs"][0]["scale"], 1.5)

    def test_tables(self):
        guests, views, outputs = self.ctl("list").decode().split("\n\n")
        self.assertEqual(guests.split()[:3], ["GUEST", "STATE", "PID"])
        rows = guests.splitlines()
        self.assertEqual(rows[0].index("TITLE"), rows[1].index("A title"))
        self.assertIn("330x230-5+7", views)
        self.assertIn("focused", outputs)

    def test_status_and_version(self):
        self.assertEqual(
            self.ctl("status"), b"mullion is running: guests 3, views 1, outputs 1\n")
        self.assertRegex(self.ctl("version"), rb"\Amullionctl \S+\nmullion \S+\n\Z")
        self.assertRegex(self.ctl("--version"), rb"\Amullionctl \S+\n\Z")


class Requests(Case):
    def test_each_request(self):
        for arguments, expected in (
            ("start debian", "power debian 0"),
            ("stop debian", "power debian 1"),
            ("stop --force debian", "power debian 2"),
            ("stop debian --force", "power debian 2"),
            ("reset debian", "power debian 3"),
            ("pause debian", "power debian 4"),
            ("resume debian", "power debian 5"),
            ("remove debian", "remove_guest debian"),
            ("layout grid", "set_layout grid -"),
            ("layout single --output fake-1", "set_layout single fake-1"),
            ("focus debian:1", "focus debian:1"),
            ("opacity w12 0.25", "set_opacity w12 0.25"),
            ("move debian -10 20", "move debian -10 20 330 230"),
            ("move w1 -10 -20 300 200", "move w1 -10 -20 300 200"),
            ("move --output fake-1 w1", "move_to_output w1 fake-1"),
            ("close w12", "close w12"),
            ("output create fake-2 800x600", "create_output fake-2 800 600"),
            ("output remove fake-2", "remove_output fake-2"),
            ("remote start web", "start_remote web"),
            ("remote stop web", "stop_remote web"),
            ("remote kick 0123abcd", "kick_session 0123abcd"),
            ("output configure fake-1 --mode 800x600@59.94 --scale 2",
             "configure_output fake-1 enabled=-1 mode=800x600@59.94 scale=2"
             " at=-2147483648,-2147483648 transform=-"),
            ("output configure fake-1 --position -5,6 --transform 90 --enable",
             "configure_output fake-1 enabled=1 mode=-1x-1@-1 scale=-1 at=-5,6 transform=90"),
            ("output configure fake-1 --disable",
             "configure_output fake-1 enabled=0 mode=-1x-1@-1 scale=-1"
             " at=-2147483648,-2147483648 transform=-"),
        ):
            with self.subTest(arguments):
                self.assertEqual(self.ctl(*arguments.split()), b"")
                self.assertIn(expected, self.lines())

    def test_output_list(self):
        self.assertEqual(self.ctl("output", "list"), b"fake-1\n")

    def test_start_file(self):
        with tempfile.TemporaryDirectory() as folder:
            open(os.path.join(folder, "added.ini"), "w").close()
            self.ctl("start", "added.ini", cwd=folder)
            path = os.path.realpath(os.path.join(folder, "added.ini"))
            self.assertEqual(self.lines(), ["add_guest " + path, "power added 0"])
            self.ctl("start", path)
            self.assertEqual(self.lines(), ["power added 0"])
        self.ctl("start", "./nowhere.ini", code=FAILED)

    def test_refusals(self):
        for arguments in ("start missing", "stop missing", "focus missing", "opacity missing 1",
                          "close missing", "remove missing", "move missing 1 2 3 4",
                          "remote start missing", "remote stop missing", "remote kick missing",
                          "output remove missing", "move nowhere 1 2",
                          "screenshot --guest missing -", "screenshot --output missing -",
                          "screenshot --guest debian:7 -", "key --guest missing a",
                          "click --guest debian:1 1 2"):
            with self.subTest(arguments):
                self.ctl(*arguments.split(), code=FAILED)

    def test_quit(self):
        self.ctl("quit", "--stop-guests")
        self.fake.wait_for_line("quit 1")
        self.assertFalse(os.path.exists(self.fake.socket))  # it was waited for
        self.assertEqual(self.fake.process.wait(fake.PATIENCE), 0)
        self.ctl("status", code=NOT_RUNNING)


class Usage(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=folder.name)

    def test_help(self):
        text = run(self.environment, "--help").stdout.decode()
        for command in COMMANDS:
            self.assertRegex(text, rf"(?m)^  {command}\b")
            answer = run(self.environment, command, "--help")
            self.assertEqual((answer.returncode, answer.stderr), (OK, b""))
            self.assertTrue(answer.stdout.startswith(b"usage: mullionctl " + command.encode()))

    def test_wrong_usage_needs_no_server(self):
        for arguments in (
            "", "nonsense", "list extra", "list --nonsense", "start", "start a b", "stop",
            "layout", "layout spiral", "layout grid --output", "focus", "opacity a", "opacity a 2",
            "opacity a x", "opacity a nan", "move a 1", "move a 1 2 3", "move a x y",
            "move a 1 2 0 5", "move --output o", "move --output o a 1 2", "output",
            "output explode", "output create a", "output create a 10", "output create a 0x10",
            "output remove", "output configure a", "output list --enable",
            "output configure a --mode 10", "output configure a --scale 0",
            "output configure a --position 5", "output configure a --enable --disable",
            "screenshot", "screenshot --guest a --output b c", "screenshot --guest a:x c",
            "screenshot --timeout -1 c", "key", "key hyper+a", "key nonsense", "key super+wheelup",
            "key --delay x a", "type", "type --nonsense", "click", "click 1", "click 1 x",
            "click -- -1 2", "click --button fourth 1 2", "scroll", "scroll left", "scroll up 0",
            "scroll up 1 2", "scroll up 1 2 3 4", "wait", "wait --still 5 --changed",
            "wait --still 0", "wait --still x", "wait --changed --timeout 0",
            "wait --changed --area 1,2,3", "wait --changed --area 1,2,3,0", "quit now",
            "events --xml", "version x", "remote", "remote explode", "remote list x",
            "remote start", "remote start a b", "remote start --json a", "remote kick",
            "remote add-user", "remote add-user a --target nonsense",
            "remote add-user a --view-only --control", "remote users --view-only",
        ):
            with self.subTest(arguments):
                answer = run(self.environment, *arguments.split())
                self.assertEqual(answer.returncode, USAGE, answer.stderr)
                self.assertRegex(answer.stderr.decode(), r"\Amullionctl( \w+)?: .+\n\Z")
                self.assertEqual(answer.stdout, b"")

    def test_no_server(self):
        for arguments in ("list", "start debian", "output list", "screenshot a.png", "key a",
                          "click 1 2", "wait --still 5", "events", "quit", "status",
                          "remote list", "remote sessions", "remote kick 01234567"):
            with self.subTest(arguments):
                answer = run(self.environment, *arguments.split())
                self.assertEqual(answer.returncode, NOT_RUNNING)
                self.assertRegex(answer.stderr.decode(), r"\Amullionctl: mullion isn't running")


class Screenshots(Case):
    def shoot(self, *arguments):
        return decode_png(self.ctl("screenshot", *arguments, "-"))

    def test_guest(self):
        self.assertEqual(self.shoot("--guest", "debian"), pattern(80, 60))
        self.assertEqual(self.shoot("--guest", "debian:0"), pattern(80, 60))
        self.assertEqual(self.shoot("--guest", "debian:1"), pattern(40, 30))

    def test_output_and_default(self):
        self.assertEqual(self.shoot("--output", "fake-1"), pattern(64, 48))
        self.assertEqual(self.shoot(), pattern(64, 48))
        self.assertIn("open_display output:fake-1 1", self.lines())

    def test_cursor(self):
        expected = pattern(64, 48)
        for y in range(28, 32):
            for x in range(19, 23):
                r, g, b = expected[y][x]
                expected[y][x] = (255, 0, 0) if y < 30 else (
                    128 + round(r * 127 / 255), round(g * 127 / 255), round(b * 127 / 255))
        picture = self.shoot("--cursor")
        for y, (row, expected_row) in enumerate(zip(picture, expected)):
            for x, (pixel, expected_pixel) in enumerate(zip(row, expected_row)):
                for value, expected_value in zip(pixel, expected_pixel):
                    self.assertLessEqual(abs(value - expected_value), 1, (x, y))

    def test_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "shot.png")
            self.ctl("screenshot", "--guest", "debian", path)
            with open(path, "rb") as file:
                self.assertEqual(decode_png(file.read()), pattern(80, 60))
            self.assertEqual(os.listdir(folder), ["shot.png"])
            self.ctl("screenshot", os.path.join(folder, "none", "shot.png"), code=FAILED)
            self.ctl("screenshot", folder, code=FAILED)
            self.assertEqual(os.listdir(folder), ["shot.png"])

    def test_nothing_to_see(self):
        self.ctl("screenshot", "--guest", "uefi", "--timeout", "0.5", "-", code=TIMEOUT)

    def test_guest_that_is_starting(self):
        self.assertEqual(self.shoot("--guest", "late"), pattern(32, 24))

    def test_guest_that_is_off(self):
        answer = self.ctl("screenshot", "--guest", "off", "-", code=FAILED)
        self.assertEqual(answer, b"")
        self.ctl("wait", "--still", "10", "--guest", "off", code=FAILED)
        self.ctl("screenshot", "--guest", "debian:2", "-", code=FAILED)

    def test_closed_standard_descriptors(self):
        def close():
            for number in range(3):
                os.close(number)
        process = subprocess.Popen([MULLIONCTL, "wait", "--guest", "debian", "--changed"],
                                   preexec_fn=close, env=self.fake.environment)
        try:
            self.fake.wait_for_line("open_display guest:debian 1")
            self.assertEqual([os.readlink(f"/proc/{process.pid}/fd/{i}") for i in range(3)],
                             ["/dev/null"] * 3)
        finally:
            process.kill()
            process.wait()

    def test_full_device(self):
        with open("/dev/full", "wb") as full:
            answer = subprocess.run([MULLIONCTL, "screenshot", "-"], stdout=full,
                                    stderr=subprocess.PIPE, env=self.fake.environment)
        self.assertEqual(answer.returncode, FAILED)
        self.assertIn(b"standard output", answer.stderr)


def strokes(*chords):
    """The lines for chords of qnums, on debian's first head."""
    lines = []
    for chord in chords:
        lines += [f"debian:0 key {key:#x} 1" for key in chord]
        lines += [f"debian:0 key {key:#x} 0" for key in reversed(chord)]
    return lines


SHIFT, CTRL, ALT, ALTGR, SUPER = 0x2A, 0x1D, 0x38, 0xB8, 0xDB


class Input(Case):
    def typed(self, *arguments, **options):
        self.ctl(*arguments, **options)
        return [line for line in self.lines() if not line.startswith("open_display")]

    def test_type_by_the_guests_layout(self):
        self.assertEqual(
            self.typed("type", "--guest", "debian", "zY ß@", "é^\n"),
            strokes([0x15], [SHIFT, 0x2C], [0x39], [0x0C], [ALTGR, 0x10], [0x39],
                    [0x0D], [0x12], [0x29], [0x39], [0x1C]),
        )

    def test_type_by_a_given_layout(self):
        self.assertEqual(self.typed("type", "--guest", "debian", "--layout", "us", "--", "-z"),
                         strokes([0x0C], [0x2C]))

    def test_type_standard_input(self):
        self.assertEqual(
            self.typed("type", "--guest", "debian", "-", input=b"a\tb\n"),
            strokes([0x1E], [0x0F], [0x30], [0x1C]))

    def test_untypable_text_types_nothing(self):
        for text in ("ab\u4e2d", b"ab\xff", b"ab\xc3"):
            code = FAILED if isinstance(text, str) else USAGE
            self.ctl("type", "--guest", "debian", text, code=code)
        self.ctl("type", "--layout", "nonsense", "a", code=FAILED)
        self.assertEqual([line for line in self.lines() if "key" in line], [])

    def test_long_text(self):
        text = "the quick brown fox jumps over the lazy dog " * 5
        self.assertEqual(len(self.typed("type", "--guest", "debian", "--delay", "0", text)),
                         2 * len(text))

    def test_keys(self):
        self.assertEqual(
            self.typed("key", "--guest", "debian", "ctrl+alt+Delete", "F2", "super", "shift+z",
                       "ctrl+@", "Print"),
            strokes([CTRL, ALT, 0xD3], [0x3C], [SUPER], [SHIFT, 0x15], [CTRL, ALTGR, 0x10], [0x54]),
        )

    def test_desktop_gets_keys_by_default(self):
        self.assertEqual(self.typed("key", "super+1"), [
            f"fake-1 key {SUPER:#x} 1", "fake-1 key 0x2 1",
            "fake-1 key 0x2 0", f"fake-1 key {SUPER:#x} 0"])

    def test_click(self):
        press = ["debian:0 button 2 1", "debian:0 button 2 0"]
        self.assertEqual(
            self.typed("click", "--guest", "debian", "--button", "right", "5", "6"),
            ["debian:0 move 5 6", *press])
        self.assertEqual(
            self.typed("click", "--guest", "debian", "--button", "right", "--double", "5", "6"),
            ["debian:0 move 5 6", *press, *press])
        self.assertEqual(
            self.typed("click", "3", "4"),
            ["fake-1 move 3 4", "fake-1 button 0 1", "fake-1 button 0 0"])

    def test_scroll(self):
        down = ["debian:0 button 4 1", "debian:0 button 4 0"]
        self.assertEqual(self.typed("scroll", "--guest", "debian", "down", "3"), down * 3)
        self.assertEqual(self.typed("scroll", "--output", "fake-1", "up", "1", "7", "8"),
                         ["fake-1 move 7 8", "fake-1 button 3 1", "fake-1 button 3 0"])


class Waits(Case):
    def start(self, *arguments):
        return subprocess.Popen([MULLIONCTL, *arguments], env=self.fake.environment,
                                stdout=subprocess.PIPE)

    def until_it_ends(self, process, *arguments):
        """Repeats a request: the process looks at the screen some time after its start."""
        end = time.monotonic() + fake.PATIENCE
        while process.poll() is None and time.monotonic() < end:
            self.ctl(*arguments)
        process.stdout.close()
        return process.wait(fake.PATIENCE)

    def test_still_at_once(self):
        self.ctl("wait", "--guest", "debian", "--still", "50")

    def test_still_after_an_animation(self):
        self.ctl("pause", "debian")
        self.ctl("wait", "--guest", "debian", "--still", "1500")
        self.assertIn("animation ended", self.lines())

    def test_still_outside_of_what_moves(self):
        waiting = self.start("wait", "--guest", "debian", "--still", "1000", "--area", "40,0,5,5")
        self.assertEqual(self.until_it_ends(waiting, "resume", "debian"), OK)

    def test_never_still(self):
        waiting = self.start("wait", "--guest", "debian", "--still", "2000", "--timeout", "4")
        self.assertEqual(self.until_it_ends(waiting, "resume", "debian"), TIMEOUT)

    def test_nothing_is_not_still(self):
        self.ctl("wait", "--guest", "uefi", "--still", "50", "--timeout", "1", code=TIMEOUT)

    def test_changed(self):
        waiting = self.start("wait", "--guest", "debian", "--changed")
        self.assertEqual(self.until_it_ends(waiting, "resume", "debian"), OK)

    def test_damage_is_no_change(self):
        waiting = self.start("wait", "--guest", "debian", "--changed", "--timeout", "1")
        self.assertEqual(self.until_it_ends(waiting, "reset", "debian"), TIMEOUT)

    def test_changed_elsewhere(self):
        waiting = self.start("wait", "--guest", "debian", "--changed", "--timeout", "1",
                             "--area", "40,0,40,60")
        self.assertEqual(self.until_it_ends(waiting, "resume", "debian"), TIMEOUT)


class Events(Case):
    def events(self, *arguments):
        """Events as they come, until mullion ends."""
        process = subprocess.Popen([MULLIONCTL, "events", *arguments], env=self.fake.environment,
                                   stdout=subprocess.PIPE)
        end, text = time.monotonic() + fake.PATIENCE, ""
        while not text and time.monotonic() < end:
            self.ctl("focus", "w1")  # it may not listen yet
            text = fake.read_available(process.stdout)
        self.ctl("start", "debian")
        self.ctl("quit")
        text += process.stdout.read().decode()
        process.stdout.close()
        self.assertEqual(process.wait(fake.PATIENCE), OK)
        return text.splitlines()

    def test_ends_with_its_reader(self):
        process = subprocess.Popen([MULLIONCTL, "events"], env=self.fake.environment,
                                   stdout=subprocess.PIPE)
        end = time.monotonic() + fake.PATIENCE
        while not fake.read_available(process.stdout) and time.monotonic() < end:
            self.ctl("focus", "w1")
        process.stdout.close()
        self.assertIn(process.wait(fake.PATIENCE), (OK, -signal.SIGPIPE))

    def test_plain(self):
        lines = self.events()
        self.assertEqual(lines[0], "focus w1")
        self.assertEqual(lines[-1], "guest-state debian running")

    def test_json(self):
        lines = [json.loads(line) for line in self.events("--json")]
        self.assertEqual(lines[0], {"kind": "focus", "object": "w1", "detail": ""})
        self.assertEqual(
            lines[-1], {"kind": "guest-state", "object": "debian", "detail": "running"})


if __name__ == "__main__":
    unittest.main()
