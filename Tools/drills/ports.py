"""A port for a program that has to be told its own."""
import random
import socket


def free_port():
    """A port of 127.0.0.1 that nobody has now. It lies below those that the system gives to whoever connects, of which
    one may be gone again before the program has started."""
    for _ in range(1_000):
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SystemExit("no port of the loopback is free")
