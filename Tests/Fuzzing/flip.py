#!/usr/bin/env python3
"""Damages a file at random and asks a checker of Tools about it, again and again: it has to answer, never to break off.

    flip.py TOOL.py SEED COUNT FILE ARGUMENT…

ARGUMENT… are the checker's, with FILE where the damaged file belongs. The checker runs inside of this process, so that some
hundred files take seconds. Prints how often it said what, and exits with 1 when it broke off, after keeping that file.
"""
import collections, contextlib, importlib.util, io, os, random, sys, tempfile


class Words(io.StringIO):
    def reconfigure(self, **settings):
        pass


def damaged(data, chance):
    data = bytearray(data)
    for _ in range(1 if chance.random() < 0.7 else chance.randrange(2, 20)):
        place, kind = chance.randrange(len(data)), chance.random()
        if kind < 0.7:
            data[place] ^= 1 << chance.randrange(8)
        elif kind < 0.8 and len(data) > 100:
            del data[place:place + chance.randrange(1, 9)]
        elif kind < 0.9:
            data[place:place] = chance.randbytes(chance.randrange(1, 9))
        else:
            data[place] = chance.choice(b'0123456789-{}[]"<>/\\\0\xff')
    return bytes(data)


def main():
    tool, seed, count, source, *arguments = sys.argv[1:]
    specification = importlib.util.spec_from_file_location("tool", tool)
    checker = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(checker)
    chance, said = random.Random(int(seed)), collections.Counter()
    with open(source, "rb") as file:
        data = file.read()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "damaged")
        for turn in range(int(count)):
            file_now = damaged(data, chance)
            with open(path, "wb") as file:
                file.write(file_now)
            sys.argv = [tool] + [path if one == "FILE" else one for one in arguments]
            words = Words()
            try:
                with contextlib.redirect_stdout(words), contextlib.redirect_stderr(words):
                    status = checker.main()
            except SystemExit as end:
                status = end.code
            except Exception as error:  # what this program is for
                kept = os.path.join(tempfile.gettempdir(), f"flip-{os.path.basename(tool)}-{seed}-{turn}")
                with open(kept, "wb") as file:
                    file.write(file_now)
                print(f"{tool} broke off, seed {seed}, turn {turn}: {error!r}; the file is {kept}")
                return 1
            if status not in (0, 1, 2, None):
                print(f"{tool} ended with {status!r}, seed {seed}, turn {turn}")
                return 1
            said[0 if status is None else status] += 1
    print(f"{os.path.basename(tool)}: {count} files, seed {seed}: {dict(sorted(said.items()))}")
    return 0


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main())
