#!/usr/bin/env python3
"""Runs a program and prints as JSON how it ended and how many megabytes it had resident at most.

A process of its own, because the system counts what the starter of a program had resident as the program's."""
import json, resource, subprocess, sys

ended = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(json.dumps({"ended": ended, "megabytes": round(megabytes)}))
