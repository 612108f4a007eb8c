"""D3 of the promises: parts of the cluster are killed under load, and every write that was answered must be there.

The write is that of a citizen: POST /api/v1/cases with a session and an Idempotency-Key, through nginx. A client that
gets no answer asks again with the same key until it gets one, as a browser or an agency would. At the end the
database is asked for every key and every case: an answered one that is not there is lost, two for one key are doubled.
"""
import http.client
import http.cookiejar
import json
import os
import random
import re
import ssl
import subprocess
import threading
import time
import urllib.parse
import urllib.request

import cluster as running
import settings


class Writer(threading.Thread):
    def __init__(self, drill, number, account):
        super().__init__(daemon=True)
        self.drill, self.number, self.account = drill, number, account
        self.cookie = None
        self.acked = {}  # key -> case
        self.answers = []  # (when, seconds, status)
        self.open = None
        self.trouble = None

    def sign_in(self):
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=self.drill.trust), urllib.request.HTTPCookieProcessor(jar))
        page = opener.open(f"{settings.ORIGIN}/sign-in", timeout=20).read().decode()
        token = re.search(r'name="_form" value="([^"]+)"', page).group(1)
        form = urllib.parse.urlencode({"_form": token, "login": self.account[0], "password": self.account[1]}).encode()
        opener.open(f"{settings.ORIGIN}/sign-in", form, timeout=20).read()
        held = {cookie.name: cookie.value for cookie in jar}
        if "__Host-suban-session" not in held:
            raise running.Trouble(f"{self.account[0]} could not sign in; see {self.drill.cluster.logs}/node1.log")
        self.cookie = "; ".join(f"{name}={value}" for name, value in held.items())

    def run(self):
        try:
            self._write_on()
        except Exception as trouble:  # Told at the end: a client that is gone proves nothing.
            self.trouble = trouble
        finally:
            if self.open:
                self.open.close()

    def _write_on(self):
        chance = random.Random(self.drill.seed * 1_000 + self.number)
        count = 0
        while not self.drill.is_over.is_set():
            count += 1
            key = f"drill-{self.drill.seed}-{self.drill.mark}-{self.number}-{count}"
            region = chance.choice(["150203", "150103", "150202"])
            self.write(key, json.dumps({"item": "llc", "region": region}))

    def write(self, key, body):
        """Until it is answered, also after the load has ended: who waits for a receipt goes on asking."""
        while not self.drill.is_given_up.is_set():
            began = time.monotonic()
            try:
                if self.open is None:
                    self.open = http.client.HTTPSConnection("127.0.0.1", settings.PUBLIC, timeout=15, context=self.drill.trust)
                self.open.request("POST", "/api/v1/cases", body, {
                    "Content-Type": "application/json", "Idempotency-Key": key, "Cookie": self.cookie,
                    "Origin": settings.ORIGIN,
                })
                answer = self.open.getresponse()
                text = answer.read()
                status = answer.status
            except (OSError, http.client.HTTPException):
                self.open, status = None, 0
            ended = time.monotonic()
            self.answers.append((ended, ended - began, status))
            if status == 201:
                self.drill.note_answer(ended)
                self.acked[key] = json.loads(text)["id"]
                return
            if 400 <= status < 500 and status not in (409, 429):
                raise running.Trouble(f"a write was refused with {status}: {text[:300]!r}")
            time.sleep(0.2)


class Drill:
    def __init__(self, cluster, seconds, clients, seed, gap):
        self.cluster, self.seconds, self.clients, self.seed, self.gap_most = cluster, seconds, clients, seed, gap
        self.mark = int(time.time())
        self.is_over, self.is_given_up = threading.Event(), threading.Event()
        self.trust = None
        self.began = 0.0
        self.answered, self.last = threading.Lock(), None

    def note_answer(self, moment):
        """Says when writes go on after two seconds without any."""
        with self.answered:
            gap, self.last = moment - (self.last or moment), max(moment, self.last or moment)
        if gap > 2:
            self.say(f"writes are answered again, after {gap:.1f} s without")

    def say(self, what):
        print(f"{time.monotonic() - self.began:6.1f} s  {what}", flush=True)

    def run(self):
        if not self.cluster.status():
            raise running.Trouble("not everything runs; say Deploy/demo stop, then start")
        # What it kills it starts again, as the user who started it.
        owner = self.cluster.folder.stat().st_uid
        if owner != os.geteuid():
            raise running.Trouble(f"user {owner} started it; say this as that user")
        self.trust = ssl.create_default_context(cafile=f"{self.cluster.folder}/site.crt")
        accounts = _citizens()
        writers = [Writer(self, number, accounts[number % len(accounts)]) for number in range(self.clients)]
        for writer in writers:
            writer.sign_in()
        self.began = time.monotonic()
        self.say(f"{self.clients} clients write for {self.seconds} s, seed {self.seed}")
        for writer in writers:
            writer.start()
        old = self._kill_parts()
        while time.monotonic() - self.began < self.seconds:
            time.sleep(0.1)
        load = time.monotonic()
        self.is_over.set()
        for writer in writers:
            writer.join(timeout=max(1, 60 - (time.monotonic() - load)))
        self.is_given_up.set()
        return self._judge(writers, old, load)

    def _kill_parts(self):
        self._at(10)
        self.cluster.kill("node1")
        self.say("killed node 1 (SIGKILL)")
        self._at(14)
        self.cluster.start_node(1)
        self.say("node 1 is started again")
        self._at(18)
        old = self.cluster.leader()
        self.cluster.kill(f"patroni{old}")
        self.cluster.kill_postgres(old)
        self.say(f"killed the leader pg{old} and its Patroni (SIGKILL)")
        new = self._until(lambda: self.cluster.leader() not in (None, old) and self.cluster.leader(), 60)
        self.say(f"pg{new} leads" if new else "nobody leads yet")
        self.cluster.start_database(old)
        self.say(f"pg{old} is started again")
        self._at(max(time.monotonic() - self.began + 3, self.seconds - 12))
        self.cluster.kill("etcd")
        time.sleep(1)
        self.cluster.start_etcd()
        self.say("etcd was killed and started again")
        return old

    def _at(self, second):
        time.sleep(max(0, self.began + second - time.monotonic()))

    def _until(self, find, seconds):
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            found = find()
            if found:
                return found
            time.sleep(0.2)
        return None

    def _judge(self, writers, old, load):
        is_back = self._until(lambda: self.cluster.sync_standby() == old, 60) is not None
        self._until(lambda: all(self.cluster.is_ready(number) for number in settings.NODES), 60)
        acked = {key: case for writer in writers for key, case in writer.acked.items()}
        answers = [answer for writer in writers for answer in writer.answers]
        like = f"drill-{self.seed}-{self.mark}-%"
        keys = {row[0] for row in self.cluster.ask(
            f"SELECT key FROM jobs_idempotency WHERE key LIKE '{like}' AND answer IS NOT NULL")}
        whole = {row[0] for row in self.cluster.ask(
            "SELECT c.id FROM case_case c WHERE (SELECT COUNT(*) FROM jobs_event e WHERE e.object = 'case:' || c.id"
            " AND e.name = 'case.started') = 1 AND EXISTS (SELECT 1 FROM audit_entry a WHERE a.object = 'case:' || c.id)")}
        cases = int(self.cluster.ask(f"SELECT COUNT(*) FROM case_case WHERE created_at >= {self.mark * 1000}")[0][0])
        present = [key for key, case in acked.items() if key in keys and case in whole]
        lost, doubled = len(acked) - len(set(acked[key] for key in present)), cases - len(keys)
        times = sorted(ended for ended, _, status in answers if status == 201)
        marks = [self.began, *[moment for moment in times if moment <= load], load]
        gap = max(later - sooner for sooner, later in zip(marks, marks[1:]))
        good = sorted(seconds for _, seconds, status in answers if status == 201)
        p99 = good[int(len(good) * 0.99)] if good else float("inf")
        unanswered = sum(writer.is_alive() for writer in writers)
        broken = [writer for writer in writers if writer.trouble]
        for writer in broken:
            print(f"  client {writer.number} gave up: {writer.trouble}")
        print(f"  acked {len(acked)}  present {len(present)}  lost {lost}  doubled {doubled}  never answered {unanswered}")
        print(f"  write gap {gap:.1f} s (at most {self.gap_most:g})  p99 of answered writes {p99 * 1000:.0f} ms"
              f"  {len(acked) / self.seconds:.0f} writes/s  other answers {_tally(answers)}")
        print(f"  pg{old} {'is the synchronous standby again' if is_back else 'has NOT rejoined'}, {self._rejoined(old)}")
        is_whole = self._verify()
        is_good = lost == 0 and doubled == 0 and unanswered == 0 and not broken and gap <= self.gap_most and is_back and is_whole and acked
        print(f"TRUST D3 {'PASS' if is_good else 'FAIL'} n={len(acked)} seed={self.seed} t={time.monotonic() - self.began:.0f}")
        return 0 if is_good else 1

    def _rejoined(self, number):
        log = (self.cluster.logs / f"patroni{number}.log").read_text(errors="replace")
        if "running pg_rewind" in log:
            return "by pg_rewind"
        return "without pg_rewind: its timeline had not parted from the new leader's"

    def _verify(self):
        """The log of the platform, whole and against its signed heads."""
        ran = subprocess.run(
            [running._program(), "verify", "--log", "--data", str(self.cluster.data), "--home", str(self.cluster.home)],
            env={**os.environ, "DATABASE_URL": self.cluster.database}, capture_output=True, text=True,
        )
        lines = (ran.stdout + ran.stderr).strip().splitlines() or ["nothing was said"]
        print(f"  the log: {lines[0]}")
        return ran.returncode == 0


def _citizens():
    rows = [line.split("\t") for line in (running.ROOT / "Resources/standards/demo-accounts.tsv").read_text().splitlines()]
    head = rows[0]
    return [(row[0], row[head.index("password")]) for row in rows[1:] if row[1] == "person" and row[head.index("level")] == "face"]


def _tally(answers):
    counts = {}
    for _, _, status in answers:
        if status != 201:
            counts[status or "none"] = counts.get(status or "none", 0) + 1
    return ", ".join(f"{status}: {count}" for status, count in sorted(counts.items(), key=str)) or "none"
