"""The control bus as any D-Bus tool sees it: introspection, calls, errors, limits."""

import os
import re
import socket
import subprocess
import threading
import time
import unittest
import xml.etree.ElementTree as xml

import fake

FAKE, XML = fake.arguments(["FAKE_MULLION", "INTERFACE_XML"])
SIGNALS = 40000
NAME, PATH = "org.mullion.Control1", "/org/mullion/Control1"


class BusTest(unittest.TestCase):
    def setUp(self):
        self.fake = fake.FakeMullion(FAKE)

    def tearDown(self):
        self.assertEqual(self.fake.finish(), 0)

    def run_tool(self, *command):
        return subprocess.run(
            command, capture_output=True, text=True, timeout=fake.PATIENCE, env=self.fake.environment
        )

    def busctl(self, *arguments):
        return self.run_tool("busctl", f"--address={self.fake.address}", *arguments)

    def gdbus(self, verb, *arguments):
        return self.run_tool(
            "gdbus", verb, "--address", self.fake.address, "--dest", NAME, "--object-path", PATH,
            *arguments,
        )

    def gdbus_call(self, method, *arguments):
        return self.gdbus("call", "--method", f"{NAME}.{method}", *arguments)


def describe(interface):
    """The members of an interface with their arguments' names, types and directions."""
    members = {}
    for member in interface:
        if member.tag in ("method", "signal"):
            default = "in" if member.tag == "method" else "out"
            members[member.tag, member.get("name")] = [
                (arg.get("name"), arg.get("type"), arg.get("direction", default))
                for arg in member.iter("arg")
            ]
        elif member.tag == "property":
            members["property", member.get("name")] = [
                (member.get("type"), member.get("access"))
            ]
    return members


class Introspection(BusTest):
    def test_as_specified(self):
        answer = self.gdbus("introspect", "--xml")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        served = xml.fromstring(answer.stdout)
        served = next(i for i in served.iter("interface") if i.get("name") == NAME)
        specified = xml.parse(XML).getroot().find("interface")
        self.assertEqual(specified.get("name"), NAME)
        self.assertEqual(describe(served), describe(specified))

    def test_every_argument_is_documented(self):
        with open(XML) as file:
            text = file.read()
        for member, comment in self.comments(text):
            name = member.get("name")
            self.assertRegex(comment, rf"^\s*{name}:")
            for arg in member.iter("arg"):
                self.assertRegex(comment, rf"\n\s*@{arg.get('name')}: \S", name)

    @staticmethod
    def comments(text):
        parser = xml.XMLParser(target=xml.TreeBuilder(insert_comments=True))
        interface = xml.fromstring(text, parser).find("interface")
        previous = None
        for child in interface:
            if child.tag is not xml.Comment:
                yield child, previous.text
            previous = child

    def test_busctl(self):
        answer = self.busctl("introspect", NAME, PATH)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertRegex(answer.stdout, r"\.OpenDisplay +method +su +h ")
        self.assertRegex(answer.stdout, r"\.Event +signal +sss ")
        self.assertIn(PATH, self.busctl("tree", NAME).stdout)
        names = self.busctl("list").stdout
        self.assertIn(NAME, names)


class Calls(BusTest):
    def test_calls_of_both_tools(self):
        answer = self.busctl("call", NAME, PATH, NAME, "ListOutputs")
        self.assertTrue(answer.stdout.startswith('aa{sv} 1 11 "name" s "fake-1"'), answer)
        answer = self.gdbus_call("ListGuests")
        self.assertIn("'keyboard': <'de'>", answer.stdout)
        answer = self.busctl("get-property", NAME, PATH, NAME, "Version")
        self.assertRegex(answer.stdout, r'^s "\d+\.\d+\.\d+"$')

    def test_many_connections_of_gdbus(self):
        # GDBus sends its first message right behind the handshake: util/bus_server.h.
        for _ in range(60):
            self.assertEqual(self.gdbus_call("Reload").returncode, 0)

    def test_connecting_amid_signals(self):
        # A bus's client takes nothing but the answer to Hello first.
        busy = fake.RawClient(self.fake.socket)
        stop = threading.Event()

        def flood():
            while not stop.is_set():
                busy.call("Focus", "debian")
                busy.read_some()

        thread = threading.Thread(target=flood)
        thread.start()
        try:
            for _ in range(20):
                self.assertEqual(self.gdbus_call("Reload").returncode, 0)
                answer = self.busctl("call", NAME, PATH, NAME, "Reload")
                self.assertEqual(answer.returncode, 0, answer.stderr)
        finally:
            stop.set()
            thread.join()
            busy.close()

    def test_failure_has_its_reason(self):
        answer = self.gdbus_call("Focus", "missing")
        self.assertNotEqual(answer.returncode, 0)
        self.assertIn("org.mullion.Error.Failed: there is no \"missing\"", answer.stderr)

    def test_invalid_arguments(self):
        for method, *arguments in (
            ("Power", "debian", "explode"),
            ("SetLayout", "spiral", ""),
            ("SetOpacity", "debian", "1.5"),
            ("SetOpacity", "debian", "nan"),
            ("SetOpacity", "debian", "-0.1"),
            ("Move", "debian", "0", "0", "0", "10"),
            ("Move", "debian", "0", "0", "10", "16385"),
            ("Move", "debian", "2000000", "0", "10", "10"),
            ("CreateOutput", "", "10", "10"),
            ("CreateOutput", "a", "-1", "10"),
            ("AddGuest", "relative.ini"),
            ("OpenDisplay", "desktop", "0"),
            ("OpenDisplay", "desktop", "8"),
            ("OpenSession", "{'target': <'desktop'>}"),
            ("OpenSession", "{'target': <'desktop'>, 'rights': <uint32 8>}"),
            ("OpenSession", "{'target': <'desktop'>, 'rights': <1>}"),
            ("OpenSession", "{'rights': <uint32 1>}"),
            ("OpenSession", "{'target': <'desktop'>, 'rights': <uint32 1>, 'nonsense': <1>}"),
            ("OpenSession", "{'target': <'desktop'>, 'rights': <uint32 1>, 'renew': <'12'>}"),
            ("OpenSession",
             "{'target': <'desktop'>, 'rights': <uint32 1>, 'user': <'" + 256 * "a" + "'>}"),
            ("ConfigureOutput", "fake-1", "{'nonsense': <1>}"),
            ("ConfigureOutput", "fake-1", "{'scale': <1>}"),
            ("ConfigureOutput", "fake-1", "{'scale': <0.0>}"),
            ("ConfigureOutput", "fake-1", "{'width': <10>}"),
            ("ConfigureOutput", "fake-1", "{'refresh': <60.0>}"),
            ("ConfigureOutput", "fake-1", "{'x': <10>}"),
            ("ConfigureOutput", "fake-1", "{'transform': <'upside-down'>}"),
        ):
            answer = self.gdbus_call(method, "--", *arguments)
            self.assertNotEqual(answer.returncode, 0, method)
            self.assertIn("InvalidArgs", answer.stderr, (method, arguments))
        self.gdbus_call("Reload")
        self.assertEqual(self.fake.take_lines("reload"), ["reload"])

    def test_changes_of_an_output(self):
        changes = "{'enabled': <true>, 'x': <-5>, 'y': <6>, 'transform': <'flipped-90'>}"
        self.assertEqual(self.gdbus_call("ConfigureOutput", "fake-1", changes).returncode, 0)
        self.fake.wait_for_line(
            "configure_output fake-1 enabled=1 mode=-1x-1@-1 scale=-1 at=-5,6"
            " transform=flipped-90"
        )

    def test_sessions(self):
        answer = self.busctl(
            "call", NAME, PATH, NAME, "OpenSession", "a{sv}", "7", "server", "s", "web",
            "protocol", "s", "vnc", "user", "s", "anna", "address", "s", "10.0.0.1", "target", "s",
            "guest:debian", "rights", "u", "3", "renew", "s", "89abcdef")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertRegex(answer.stdout, r'^sh "0123abcd" \d+')
        self.fake.wait_for_line("open_session web vnc anna 10.0.0.1 3 89abcdef")
        self.fake.wait_for_line("open_display guest:debian 3")
        answer = self.busctl("call", NAME, PATH, NAME, "OpenSession", "a{sv}", "2", "target", "s",
                             "guest:none", "rights", "u", "1")
        self.assertIn("there is no target", answer.stderr)

    def test_signals_in_both_monitors(self):
        for command in (
            ["busctl", f"--address={self.fake.address}", "monitor"],
            ["gdbus", "monitor", "--address", self.fake.address, "--dest", NAME],
        ):
            monitor = subprocess.Popen(
                ["stdbuf", "-oL", *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            seen, end = "", time.monotonic() + fake.PATIENCE
            while "guest-state" not in seen and time.monotonic() < end:
                self.gdbus_call("Power", "debian", "start")  # it may not listen yet
                seen += fake.read_available(monitor.stdout)
            monitor.kill()
            monitor.wait()
            monitor.stdout.close()
            self.assertIn("guest-state", seen, command)


class Limits(BusTest):
    def flood(self, client, data):
        """Sends until the server hangs up."""
        end = time.monotonic() + fake.PATIENCE
        try:
            while time.monotonic() < end:
                client.socket.send(data)
        except (BrokenPipeError, ConnectionResetError):
            return
        self.fail("the server takes anything")

    def test_client_that_does_not_read_answers(self):
        client = fake.RawClient(self.fake.socket)
        before = self.fake.memory()
        self.flood(client, client.call_bytes("ListGuests"))
        self.assertLess(self.fake.memory() - before, 16 << 20)
        client.close()
        self.assertEqual(self.gdbus_call("Reload").returncode, 0)

    def test_client_that_does_not_read_signals(self):
        deaf = fake.RawClient(self.fake.socket)
        deaf.call("Reload")
        busy = fake.RawClient(self.fake.socket)
        before = self.fake.memory()
        # The kernel's buffer holds some 10,000 before any wait in the server.
        batch = b"".join(busy.call_bytes("Focus", "debian") for _ in range(50))
        for _ in range(SIGNALS // 50):
            busy.socket.sendall(batch)
            busy.read_some()
        self.assertLess(self.fake.memory() - before, 16 << 20)
        received = 0
        while data := deaf.socket.recv(1 << 20):
            received += data.count(b"Event")
        self.assertGreater(received, 100)
        self.assertLess(received, SIGNALS)
        deaf.close()
        busy.close()

    def test_number_of_clients(self):
        clients = [fake.RawClient(self.fake.socket) for _ in range(64)]
        extra = socket.socket(socket.AF_UNIX)
        extra.settimeout(fake.PATIENCE)
        extra.connect(self.fake.socket)
        self.assertEqual(extra.recv(1), b"")
        extra.close()
        clients.pop().close()
        # The server learns of the end some time; until then it may refuse.
        end = time.monotonic() + fake.PATIENCE
        while self.gdbus_call("Reload").returncode != 0:
            self.assertLess(time.monotonic(), end)
        for client in clients:
            client.close()

    def test_garbage(self):
        for data in (b"GET / HTTP/1.0\r\n\r\n", b"\0" * 4096, b"\0AUTH EXTERNAL 3\r\n",
                     os.urandom(4096)):
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(fake.PATIENCE)
            client.connect(self.fake.socket)
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            try:
                while client.recv(4096):
                    pass
            except ConnectionResetError:
                pass
            client.close()
        client = fake.RawClient(self.fake.socket)
        self.flood(client, b"\xff" * 64)
        client.close()
        self.assertEqual(self.gdbus_call("Reload").returncode, 0)

    @unittest.skipUnless(os.getuid() == 0, "only root can be somebody else")
    def test_other_user(self):
        self.assertEqual(os.stat(self.fake.socket).st_mode & 0o777, 0o600)
        os.chmod(self.fake.socket, 0o666)
        os.chmod(self.fake.runtime, 0o755)
        os.chmod(self.fake.folder.name, 0o755)
        script = (
            "import socket,sys; s=socket.socket(socket.AF_UNIX); s.settimeout(30);"
            "s.connect(sys.argv[1]); sys.exit(7 if s.recv(1) == b'' else 8)"
        )
        answer = subprocess.run(
            ["/usr/bin/python3", "-c", script, self.fake.socket], user=65534, timeout=fake.PATIENCE
        )
        self.assertEqual(answer.returncode, 7)


class Socket(BusTest):
    def test_second_server_is_refused(self):
        answer = subprocess.run(
            [FAKE, self.fake.runtime], capture_output=True, text=True, timeout=fake.PATIENCE
        )
        self.assertEqual(answer.returncode, 1)
        self.assertIn("another mullion", answer.stderr)
        self.assertEqual(self.gdbus_call("Reload").returncode, 0)

    def test_socket_left_behind_is_replaced(self):
        self.fake.process.kill()
        self.fake.stop()
        self.assertTrue(os.path.exists(self.fake.socket))
        self.fake.start()
        self.assertEqual(self.gdbus_call("Reload").returncode, 0)

    def test_socket_is_removed(self):
        self.assertEqual(self.fake.stop(), 0)
        self.assertFalse(os.path.exists(self.fake.socket))
        self.fake.start()


if __name__ == "__main__":
    unittest.main()
