#!/usr/bin/env python3
"""The peer of `suban load`: the same rows, written with nothing around the database's own means.

    bare_load.py sqlite SOURCE TARGET CACHE_KIB PAGES TABLE…    a loop of one prepared INSERT a table, 10,000 rows a transaction
    bare_load.py postgres SOURCE TARGET TABLE…            one COPY a table, by psql

SOURCE holds the rows, TARGET the same empty schema. Reading is not timed. Prints {"rows": …, "seconds": …}.
"""
import json
import sqlite3
import subprocess
import sys
import tempfile
import time

BATCH = 10_000


def sqlite(source, target, cache, pages, tables):
    reading = sqlite3.connect(source)
    writing = sqlite3.connect(target, isolation_level=None)
    settings = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", f"cache_size = -{cache}",
                f"wal_autocheckpoint = {pages}")
    for pragma in settings:
        writing.execute(f"PRAGMA {pragma}")
    rows, seconds = 0, 0.0
    for table in tables:
        cursor = reading.execute(f"SELECT * FROM {table}")
        names = ", ".join(column[0] for column in cursor.description)
        places = ", ".join("?" for _ in cursor.description)
        insert = f"INSERT INTO {table} ({names}) VALUES ({places})"
        while batch := cursor.fetchmany(BATCH):
            start = time.perf_counter()
            writing.execute("BEGIN IMMEDIATE")
            writing.executemany(insert, batch)
            writing.execute("COMMIT")
            seconds += time.perf_counter() - start
            rows += len(batch)
    return rows, seconds


def postgres(source, target, tables):
    rows, seconds = 0, 0.0
    for table in tables:
        with tempfile.TemporaryFile() as kept:
            out = f"COPY {table} TO STDOUT (FORMAT binary)"
            subprocess.run(["psql", "-qX", source, "-c", out], stdout=kept, check=True)
            kept.seek(0)
            start = time.perf_counter()
            done = subprocess.run(
                ["psql", "-X", target, "-c", f"COPY {table} FROM STDIN (FORMAT binary)"],
                stdin=kept, capture_output=True, check=True,
            )
            seconds += time.perf_counter() - start
            rows += int(done.stdout.split()[1])
    return rows, seconds


if __name__ == "__main__":
    engine, source, target, *rest = sys.argv[1:]
    if engine == "sqlite":
        rows, seconds = sqlite(source, target, rest[0], rest[1], rest[2:])
    else:
        rows, seconds = postgres(source, target, rest)
    print(json.dumps({"rows": rows, "seconds": seconds}))
