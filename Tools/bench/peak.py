#!/usr/bin/env python3
"""Runs a program and prints as JSON how it ended and how many megabytes it took at most.

`own` is what it took for itself, while it ran: memory that nobody shares with it. `resident` counts the pages of the
program and its libraries as well, which lie in files that every program shares. `--own N` lets the system refuse it more
than N megabytes of its own, so that one that needs more does not end well."""
import argparse, json, os, resource, subprocess, time

arguments = argparse.ArgumentParser()
arguments.add_argument("--own", type=int, help="megabytes of its own that the system allows")
arguments.add_argument("command", nargs=argparse.REMAINDER)
arguments = arguments.parse_args()


def limit():
    if arguments.own:
        # Stacks count as a whole, however little of them is used.
        resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, 1 << 20))
        resource.setrlimit(resource.RLIMIT_DATA, (arguments.own << 20, arguments.own << 20))


program = subprocess.Popen(
    arguments.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=limit
)
own = 0
status = f"/proc/{program.pid}/status"
while program.poll() is None:
    try:
        with open(status) as lines:
            own = max([own] + [int(line.split()[1]) for line in lines if line.startswith("RssAnon:")])
    except OSError:
        break
    time.sleep(0.001)
ended = program.wait()
resident = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"ended": ended, "own": round(own / 1024, 1), "resident": round(resident / 1024)}))
