"""mullionctl remote: servers and sessions against the fake mullion, and the file of users."""

import fcntl
import json
import os
import pty
import signal
import subprocess
import termios
import unittest

import fake
from test_mullionctl import FAILED, MULLIONCTL, OK, Case


class Remotes(Case):
    def test_tables(self):
        header, row = self.ctl("remote", "list").decode().splitlines()
        self.assertEqual(header.split()[:3], ["REMOTE", "PROTOCOL", "STATE"])
        self.assertEqual(row.split(), ["web", "vnc", "running", "4343", "1", "1", "-"])
        header, row = self.ctl("remote", "sessions").decode().splitlines()
        self.assertEqual(row.split()[:7], ["0123abcd", "web", "vnc", "anna", "127.0.0.1",
                                           "guest:debian", "control+resize"])
        self.assertIn("2023-11-1", row)

    def test_json(self):
        (remote,) = json.loads(self.ctl("remote", "list", "--json"))
        self.assertEqual(remote["command"], ["/bin/mullion-vnc", "--server-name=web"])
        (session,) = json.loads(self.ctl("remote", "sessions", "--json"))
        self.assertEqual((session["id"], session["rights"]), ("0123abcd", 7))
        self.assertEqual((session["since"], session["connected"]), (1700000000, True))


class Users(Case):
    """The users' file; with a mullion whose one session is anna's."""

    def setUp(self):
        super().setUp()
        self.fake.environment["XDG_CONFIG_HOME"] = self.fake.folder.name + "/config"
        self.file = self.fake.folder.name + "/config/mullion/users.ini"

    def add(self, *arguments, password=b"secret\n", **options):
        return self.ctl("remote", "add-user", *arguments, input=password, **options)

    def users(self):
        return json.loads(self.ctl("remote", "users", "--json"))

    def test_life_of_a_user(self):
        self.add("anna")
        self.add("bert", "--target", "guest:*", "--target", "output:DP-1", "--view-only",
                 password=b"no newline")
        self.assertEqual(self.users(), [
            {"name": "anna", "rights": "control", "targets": ["desktop"]},
            {"name": "bert", "rights": "view", "targets": ["guest:*", "output:DP-1"]}])
        self.assertEqual(os.stat(self.file).st_mode & 0o777, 0o600)
        with open(self.file) as file:
            before = file.read()
        self.assertNotIn("secret", before)
        self.assertIn("password = $y$", before)
        self.add("bert", "--keep-password", "--control", password=b"")
        self.assertEqual(self.users()[1]["rights"], "control")
        self.add("bert")
        with open(self.file) as file:
            self.assertNotEqual(file.read(), before)
        rows = self.ctl("remote", "users").decode().splitlines()
        self.assertEqual(rows[1].split(), ["anna", "control", "desktop"])
        self.ctl("remote", "remove-user", "bert")
        self.assertEqual(self.lines(), [])  # anna's session is none of bert's
        self.ctl("remote", "remove-user", "anna")
        self.assertEqual(self.lines(), ["kick_session 0123abcd"])
        self.assertEqual(self.users(), [])
        self.ctl("remote", "remove-user", "anna", code=FAILED)

    def test_refusals(self):
        self.ctl("remote", "users", code=FAILED)  # there is no file
        self.add("anna", password=b"", code=FAILED)
        self.add("anna", password=b"\n", code=FAILED)
        self.add("anna", password=b"x" * 300 + b"\n", code=FAILED)
        self.add("anna", password=b"a\0b\n", code=FAILED)
        self.add("an na", code=FAILED)
        self.add("anna", "--keep-password", code=FAILED)
        self.assertFalse(os.path.exists(self.file))
        self.add("anna")
        os.chmod(self.file, 0o644)
        self.add("bert", code=FAILED)
        self.ctl("remote", "users", code=FAILED)

    def test_another_file(self):
        path = self.fake.folder.name + "/others.ini"
        self.add("anna", "--file", path)
        self.assertFalse(os.path.exists(self.file))
        self.assertIn(b"anna", self.ctl("remote", "users", "--file", path))

    def on_terminal(self, *lines, kill=None):
        """Types the lines, each when the echo is off; the exit status and what is on the screen."""
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [MULLIONCTL, "remote", "add-user", "anna"], stdin=slave, stdout=slave, stderr=slave,
            env=self.fake.environment, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        screen, prompts = b"", 0
        for line in lines:
            while screen.count(b": ") <= prompts:
                screen += os.read(master, 1000)
            self.assertFalse(termios.tcgetattr(slave)[3] & termios.ECHO)
            os.write(master, line)
            prompts += 1
        if kill:
            process.send_signal(kill)
        status = process.wait(fake.PATIENCE)
        self.assertTrue(termios.tcgetattr(slave)[3] & termios.ECHO)
        os.close(slave)
        try:
            while data := os.read(master, 1000):
                screen += data
        except OSError:
            pass
        os.close(master)
        return status, screen.decode()

    def test_terminal(self):
        status, screen = self.on_terminal(b"secret\n", b"secret\n")
        self.assertEqual((status, screen), (OK, "Password for anna: \r\nAgain: \r\n"))
        self.assertEqual([user["name"] for user in self.users()], ["anna"])

    def test_terminal_with_a_slip(self):
        status, screen = self.on_terminal(b"secret\n", b"secreT\n")
        self.assertEqual(status, FAILED)
        self.assertIn("the two passwords differ", screen)
        self.assertNotIn("secre", screen)
        self.assertFalse(os.path.exists(self.file))

    def test_terminal_when_interrupted(self):
        status, screen = self.on_terminal(b"\x03", kill=signal.SIGTERM)
        self.assertIn(status, (-signal.SIGINT, -signal.SIGTERM), screen)
        status, screen = self.on_terminal(b"half", kill=signal.SIGTERM)
        self.assertEqual(status, -signal.SIGTERM, screen)
        self.assertFalse(os.path.exists(self.file))


if __name__ == "__main__":
    unittest.main()
