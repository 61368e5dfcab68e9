#!/usr/bin/env python3
"""Kills trainings of every task, or fills their disk, at random moments, and looks at what is left: the files that were
there are whole, --resume goes on to the bytes of a training that nothing happened to, and nothing else lies there.

Usage: tests/moments.py PROGRAM [--moments 200] [--seed 1] [--folder FOLDER] [--full]

--full fills the disk instead: --folder is then a file system of its own that may be filled, such as
  mount -t tmpfs -o size=64m none FOLDER
tests/cli/faults_test.cc does the same at every call that writes a file; this tries the moments between.
"""
import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

TINY = ["--hidden", "64", "--threads", "1"]
TASKS = {
    "lm": (["lm", "--batch", "4", "--epochs", "4"] + TINY, "the cat sat on a mat\nand a rat ran by\n" * 700),
    "conditioned": (["lm", "--conditioned", "--epochs", "3"] + TINY, "verse\tto be or not\nprose\tit was so\n" * 200),
    "classify": (["classify", "--epochs", "8"] + TINY, "place\twhere is it\nname\twho is it\n" * 400),
    "tag": (["tag", "--epochs", "5"] + TINY, "the O\nold B-x\ncat I-x\n\nhere O\n\n" * 200),
    "translate": (["translate", "--epochs", "3"] + TINY, "a b\tb a\nb c a\ta c b\n" * 200),
}
MODEL, CHECKPOINT = "m.safetensors", "m.last.safetensors"


class Place:
    """A folder in which a task is trained."""

    def __init__(self, program, folder, task):
        self.program, self.folder = program, folder
        arguments, data = TASKS[task]
        self.write("data", data.encode())
        self.train = ["train"] + arguments + ["--data", self.path("data"), "--out", self.path(MODEL)]
        self.must_run(self.train + ["--seed", "2"])
        self.old = {name: self.read(name) for name in (MODEL, CHECKPOINT)}
        start = time.monotonic()
        self.must_run(self.train)
        self.seconds = time.monotonic() - start
        self.expected = self.read(MODEL)

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content)

    def run(self, arguments):
        return subprocess.run([self.program] + arguments, capture_output=True, text=True, check=False)

    def must_run(self, arguments):
        done = self.run(arguments)
        if done.returncode != 0:
            sys.exit(f"{' '.join(arguments)}: {done.returncode}\n{done.stderr}")

    def begin(self):
        for name, content in self.old.items():
            self.write(name, content)
        return subprocess.Popen([self.program] + self.train, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def kill(self, moment):
        process = self.begin()
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return "killed" if process.returncode == -signal.SIGKILL else "ended before"

    def fill(self, moment):
        process = self.begin()
        time.sleep(moment)
        with open(self.path("filler"), "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(1 << 12))
            except OSError:
                pass
            said = process.communicate()[1].decode()
        os.unlink(self.path("filler"))
        if process.returncode == 0:
            return "ended before"
        if process.returncode != 1 or "No space left on device" not in said:
            return f"exit code {process.returncode}: {said}"
        return "full"

    def check(self):
        """What is wrong with what is left; nothing: ""."""
        for name in (MODEL, CHECKPOINT):
            if self.run(["info", self.path(name)]).returncode != 0:
                return f"{name} is not whole"
        begun = self.read(CHECKPOINT) != self.old[CHECKPOINT]
        rest = self.run(self.train + (["--resume"] if begun else []))
        if rest.returncode != 0:
            return f"it does not go on: {rest.stderr}"
        if self.read(MODEL) != self.expected:
            return "it ends in another model"
        left = set(os.listdir(self.folder)) - {"data", MODEL, CHECKPOINT}
        return f"left over: {left}" if left else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--moments", type=int, default=200, help="in all, the tasks in turn")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", help="where to train [a temporary folder]")
    parser.add_argument("--full", action="store_true", help="fill the disk instead of killing")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    failed, done, early = 0, 0, 0
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        places = []
        for task in TASKS:
            os.mkdir(os.path.join(folder, task))
            places.append((task, Place(os.path.abspath(options.program), os.path.join(folder, task), task)))
        while done < options.moments:
            task, place = places[done % len(places)]
            moment = draw.uniform(0, place.seconds)
            outcome = place.fill(moment) if options.full else place.kill(moment)
            if outcome == "ended before":  # as it may; that is no moment in a training
                early += 1
                continue
            done += 1
            wrong = place.check() if outcome in ("killed", "full") else outcome
            if wrong:
                failed += 1
                print(f"{task}, {moment:.3f} of {place.seconds:.3f} s, {outcome}: {wrong}", flush=True)
    print(f"{done} moments, {failed} failed; {early} trainings ended before theirs")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
