"""D4 of the promises: the disk under the database fills up while citizens save their forms.

Who is refused gets 507 or 503 with a stable code and the request's number; whoever gets 200 finds what he saved; what is
there can be read all the while; after room is made the next save goes through within a minute; the log verifies.
Scripts/drills/disk-full calls it inside a mount name space of its own. Only the standard library and loopback.
"""
import collections
import http.client
import http.cookiejar
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

sys.dont_write_bytecode = True
from ports import free_port

HOME = pathlib.Path(__file__).resolve().parents[2]
MEGABYTES = {"sqlite": 64, "postgres": 160}
BEFORE, DURING, AFTER = 6.0, 12.0, 60.0
REFUSED = {503, 507}


class Trouble(Exception):
    pass


def program():
    built = [HOME / ".build" / kind / "suban" for kind in ("release", "debug")]
    found = [path for path in built if path.exists()]
    if not found:
        raise Trouble("build the program first: make release")
    return str(max(found, key=lambda path: path.stat().st_mtime))


class Postgres:
    """A server whose tables lie on the small disk and whose write-ahead log does not, as PostgreSQL itself advises: it
    gives up when it cannot write that."""

    def __init__(self, disk, folder):
        bins = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        if not bins:
            raise Trouble("PostgreSQL is not installed; on Debian: apt-get install postgresql-15")
        self.bin, self.data, self.port = bins[-1], disk / "pgdata", free_port()
        wal = folder / "wal"
        for path in (self.data, wal):
            path.mkdir()
            shutil.chown(path, "postgres", "postgres")
        folder.chmod(0o711)
        self.run("initdb", "--pgdata", str(self.data), "--waldir", str(wal), "--username", "suban", "--auth", "trust",
                 "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--wal-segsize=1")
        self.log = open(folder / "postgres.log", "wb")
        self.process = subprocess.Popen(
            self.lent() + [str(self.bin / "postgres"), "-D", str(self.data), "-p", str(self.port), "-c",
                           "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c",
                           "shared_buffers=16MB", "-c", "max_connections=100"],
            stdout=self.log, stderr=self.log, cwd=folder)
        for _ in range(400):
            if subprocess.run([str(self.bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0:
                return
            time.sleep(0.05)
        raise Trouble("PostgreSQL did not start")

    url = property(lambda self: f"postgres://suban@127.0.0.1:{self.port}/postgres")

    def lent(self):
        return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--"]

    def run(self, name, *words):
        done = subprocess.run(self.lent() + [str(self.bin / name), *words], capture_output=True, text=True, cwd="/")
        if done.returncode != 0:
            raise Trouble(f"{name}: {done.stderr}")

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)


class Server:
    def __init__(self, data, folder, url):
        self.port = free_port()
        self.errors = folder / "server.log"
        environment = dict(os.environ, DATABASE_URL=url or "")
        self.process = subprocess.Popen(
            [program(), "serve", "--demo", "--port", str(self.port), "--data", str(data), "--home", str(HOME)],
            stdout=subprocess.PIPE, stderr=open(self.errors, "wb"), text=True, env=environment)
        self.accounts = []
        for line in self.process.stdout:
            words = line.split()
            if line.startswith("  ") and "http://" not in line:
                self.accounts.append(words[:2])
            if words and words[0] == "tax":
                break
        else:
            raise Trouble(f"the server did not start: {self.errors.read_text()[-2000:]}")
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def stop(self):
        self.process.terminate()
        return self.process.wait(60)


class Citizen(threading.Thread):
    """Saves one form again and again, each time another text, and reads it in between."""

    def __init__(self, drill, account):
        super().__init__(daemon=True)
        self.drill, self.account, self.open = drill, account, None
        self.case, self.version, self.said = None, 0, ""
        self.maybe = None
        self.writes, self.reads, self.trouble = [], [], None

    def sign_in(self):
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        place = f"http://127.0.0.1:{self.drill.server.port}/sign-in"
        page = opener.open(place, timeout=20).read().decode()
        token = re.search(r'name="_form" value="([^"]+)"', page).group(1)
        form = {"_form": token, "login": self.account[0], "password": self.account[1]}
        opener.open(place, urllib.parse.urlencode(form).encode(), timeout=20).read()
        held = {cookie.name: cookie.value for cookie in jar}
        self.cookie = "; ".join(f"{name}={value}" for name, value in held.items())
        return "suban-session" in held

    def ask(self, method, path, body=None):
        if self.open is None:
            self.open = http.client.HTTPConnection("127.0.0.1", self.drill.server.port, timeout=30)
        try:
            self.open.request(method, path, body and json.dumps(body),
                              {"Content-Type": "application/json", "Cookie": self.cookie})
            answer = self.open.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.open = None
            raise Trouble(f"{method} {path} was not answered: {error!r}") from error

    def begin(self):
        status, answer = self.ask("POST", "/api/v1/cases", {"item": "llc", "region": "150203"})
        if status != 201:
            raise Trouble(f"a case could not be begun: {status} {answer}")
        self.case, self.version = answer["id"], answer["version"]

    def run(self):
        try:
            turn = 0
            while not self.drill.is_over.is_set():
                turn += 1
                self.save(f"{self.account[0]}-{turn}")
                self.look()
        except Exception as error:  # told at the end
            self.trouble = error

    def save(self, mark):
        text = mark + " " + "塞上" * 20_000
        status, answer = self.ask("PUT", f"/api/v1/cases/{self.case}/data",
                                  {"version": self.version, "data": {"business": {"note": text}}})
        self.writes.append((time.monotonic(), status))
        if status == 200:
            self.version, self.said = answer["case"]["version"], mark
        elif status not in REFUSED:
            raise Trouble(f"a save was answered with {status}: {answer}")
        elif not answer.get("code") or not answer.get("instance"):
            raise Trouble(f"a refusal has no code or number: {answer}")
        else:
            self.drill.codes[f"{status} {answer['code']}"] += 1
            time.sleep(0.05)

    def look(self):
        status, answer = self.ask("GET", f"/api/v1/cases/{self.case}")
        self.reads.append((time.monotonic(), status))
        if status == 200:
            self.judge(answer)

    def judge(self, answer):
        said = answer.get("data", {}).get("business", {}).get("note", "").split(" ")[0]
        if answer["version"] != self.version or said != self.said:
            raise Trouble(f"answered was {self.version} “{self.said}”, there is {answer['version']} “{said}”")


class Drill:
    def __init__(self, engine):
        self.engine, self.is_over, self.codes = engine, threading.Event(), collections.Counter()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="suban-disk-full."))

    def say(self, words):
        print(f"disk-full {self.engine}: {words}", flush=True)

    def run(self):
        disk = self.folder / "disk"
        disk.mkdir()
        size = MEGABYTES[self.engine]
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m,mode=755", "tmpfs", str(disk)], check=True)
        postgres = Postgres(disk, self.folder) if self.engine == "postgres" else None
        data = self.folder / "data" if postgres else disk / "data"
        try:
            self.server = Server(data, self.folder, postgres and postgres.url)
            self.drive(disk, size)
            if self.server.stop() != 0:
                raise Trouble(f"the server did not end well: {self.server.errors.read_text()[-2000:]}")
            self.verify(data, postgres)
        finally:
            if getattr(self, "server", None) and self.server.process.poll() is None:
                self.server.process.kill()
            if postgres:
                postgres.stop()
            subprocess.run(["umount", "--lazy", str(disk)])
            shutil.rmtree(self.folder, ignore_errors=True)

    def drive(self, disk, size):
        citizens = []
        for account in self.server.accounts:
            citizen = Citizen(self, account)
            if len(citizens) < 4 and citizen.sign_in():
                try:
                    citizen.begin()
                except Trouble:
                    continue  # staff begin no forms
                citizens.append(citizen)
        if len(citizens) < 2:
            raise Trouble("too few citizens could sign in")
        self.say(f"{len(citizens)} citizens save and read, {size} MB, {free(disk)} MB of it free")
        for citizen in citizens:
            citizen.start()
        time.sleep(BEFORE)
        filled = time.monotonic()
        filler = disk / "filler"
        stop = filled + DURING
        while time.monotonic() < stop:
            fill(filler)
            time.sleep(0.2)
        self.say(f"the disk was full for {DURING:.0f} s; room is made")
        freed = time.monotonic()
        filler.unlink()
        while time.monotonic() < freed + AFTER and not all(ok_since(c.writes, freed) for c in citizens):
            time.sleep(0.1)
        time.sleep(2)
        self.is_over.set()
        for citizen in citizens:
            citizen.join(40)
            if citizen.trouble:
                raise citizen.trouble
        self.count(citizens, filled, freed)
        for citizen in citizens:
            citizen.look()

    def count(self, citizens, filled, freed):
        writes = [write for citizen in citizens for write in citizen.writes]
        reads = [read for citizen in citizens for read in citizen.reads]
        refused = [at for at, status in writes if status in REFUSED]
        while_full = [status for at, status in reads if filled + 1 <= at <= freed]
        back = [min((at for at, status in c.writes if status == 200 and at > freed), default=None) for c in citizens]
        self.saves = len(writes)
        self.say(f"{sum(status == 200 for _, status in writes)} saves kept, {len(refused)} refused: "
                 + ", ".join(f"{count} x {code}" for code, count in sorted(self.codes.items())))
        self.say(f"{len(reads)} reads, {sum(status == 200 for status in while_full)} of {len(while_full)} answered while it was full")
        if not refused:
            raise Trouble("nothing was refused: the disk was never full")
        if not while_full or any(status != 200 for status in while_full):
            raise Trouble("reads were refused while the disk was full")
        if None in back:
            raise Trouble(f"no save went through within {AFTER:.0f} s after room was made")
        self.say(f"every citizen saves again {max(back) - freed:.1f} s after room was made")

    def verify(self, data, postgres):
        environment = dict(os.environ, DATABASE_URL=postgres.url if postgres else "")
        words = [program(), "verify", "--log", "--data", str(data), "--home", str(HOME)]
        done = subprocess.run(words, capture_output=True, text=True, env=environment)
        if done.returncode != 0:
            raise Trouble(f"the log does not verify: {done.stdout}{done.stderr}")
        self.say("the log verifies: " + done.stdout.strip().splitlines()[0])


def free(disk):
    return shutil.disk_usage(disk).free >> 20


def fill(path):
    """Takes every byte that is left."""
    with open(path, "ab", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 65_536)
        except OSError:
            pass
        try:
            while True:
                file.write(b"\0" * 4_096)
        except OSError:
            pass


def ok_since(writes, moment):
    return any(status == 200 and at > moment for at, status in list(writes))


def main():
    engine = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    if engine not in MEGABYTES:
        sys.exit("usage: disk_full.py sqlite|postgres")
    drill, begun = Drill(engine), time.monotonic()
    try:
        drill.run()
    except Trouble as trouble:
        print(f"TRUST D4 FAIL engine={engine} t={time.monotonic() - begun:.1f}", flush=True)
        sys.exit(f"disk-full {engine}: {trouble}")
    print(f"TRUST D4 PASS n={drill.saves} engine={engine} t={time.monotonic() - begun:.1f}", flush=True)


main()
