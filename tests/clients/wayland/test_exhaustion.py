"""Clients that don't read, or ask without end: they go, mullion and the others stay."""

import os
import re
import select
import socket
import struct
import threading

from session import TIMEOUT, App, Session, main

GROWTH_MAX = 32  # MiB
DISPLAY, SYNC, GET_REGISTRY = 1, 0, 1


def resident(session):
    with open(f"/proc/{session.process.pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) / 1024


def connect(session):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(30)
    client.connect(os.path.join(session.folder, session.environment["WAYLAND_DISPLAY"]))
    return client


def registries(first, count):
    """Requests for so many registries, each of which is answered by all globals."""
    size = 12
    return b"".join(
        struct.pack("=IHHI", DISPLAY, GET_REGISTRY, size, number)
        for number in range(first, first + count)
    )


def send_without_reading(client):
    """Whether the server hangs up."""
    try:
        for turn in range(200):
            client.sendall(registries(2 + turn * 100, 100))
    except (BrokenPipeError, ConnectionResetError):
        return True
    waiter = select.poll()
    waiter.register(client, 0)  # hang-ups only
    return bool(waiter.poll(TIMEOUT * 1000))


def test_a_client_that_never_reads():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 one")
        session.wait_for_views(1)
        before = resident(session)
        deaf = [connect(session) for _ in range(8)]
        assert all([send_without_reading(client) for client in deaf]), "it is kept for ever"
        assert resident(session) - before < GROWTH_MAX, resident(session) - before
        app.tell("draw a 300x200 ff900000")
        session.wait_for_pixel(400, 310, (0x90, 0, 0))
        for client in deaf:
            client.close()
        app.end()


def flood(client, stop):
    """Requests without end, whose answers are read."""
    requests = struct.pack("=IHHI", DISPLAY, SYNC, 12, 2) * 4000

    def send():
        while not stop.is_set():
            client.sendall(requests)

    sender = threading.Thread(target=send)
    sender.start()
    while not stop.is_set():
        client.recv(1 << 20)
    client.settimeout(1)
    try:
        while sender.is_alive():
            client.recv(1 << 20)
    except TimeoutError:
        pass
    sender.join()


def test_a_client_that_never_pauses():
    with Session() as session:
        stop = threading.Event()
        clients = [connect(session) for _ in range(2)]
        flooders = [threading.Thread(target=flood, args=(client, stop)) for client in clients]
        for flooder in flooders:
            flooder.start()
        try:
            for _ in range(10):
                assert session.list()["views"] == []
        finally:
            stop.set()
            for flooder, client in zip(flooders, clients):
                flooder.join()
                client.close()


def test_garbage():
    with Session() as session:
        app = App(session)
        app.tell("toplevel a 0x0 ff204080 one")
        session.wait_for_views(1)
        for bytes_sent in (
            b"\xff" * 64,
            struct.pack("=IHH", 1, 1, 4),
            struct.pack("=IHH", 1, 1, 65532) + b"\0" * 70000,
            struct.pack("=IHHI", 7, 1, 12, 2),
            registries(0xFF000000, 1),
        ):
            client = connect(session)
            try:
                client.sendall(bytes_sent)
                client.shutdown(socket.SHUT_WR)
                while client.recv(65536):
                    pass
            except ConnectionError:
                pass
            finally:
                client.close()
        app.tell("draw a 300x200 ff900000")
        session.wait_for_pixel(400, 310, (0x90, 0, 0))
        app.end()


def test_windows_without_end():
    with Session() as session:
        app = App(session)
        app.tell("churn 300")
        app.expect("churned 300", timeout=60)
        before = resident(session)
        app.tell("churn 900")
        app.expect("churned 900", timeout=60)
        assert resident(session) - before < GROWTH_MAX, resident(session) - before
        session.wait_for_views(0)
        app.end()


main(globals())
