# SPDX-License-Identifier: Apache-2.0
"""Running commands, and failing with a sentence."""

import shlex
import subprocess
import time


class Failed(Exception):
    """Something did not work; the text is for the user."""


class WrongOption(Failed):
    """What the user asked for makes no sense."""


class Interrupted(BaseException):
    """A signal asked the tool to end."""


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def run(*argv, env=None, timeout=60, log=None):
    """Returns what the command prints.  'log', a list, takes a note of it."""
    argv = [str(arg) for arg in argv]
    if log is not None:
        log.append(shlex.join(argv))
    try:
        done = subprocess.run(argv, env=env, timeout=timeout, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True)
    except OSError as error:
        raise Failed(f"{argv[0]}: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise Failed(f"{shlex.join(argv)}: no end after {timeout} s") from None
    if done.returncode:
        said = last_line(done.stderr or done.stdout)
        raise Failed(f"{shlex.join(argv)}: {said}")
    return done.stdout


def wait_until(condition, seconds, failure):
    """Polls until condition() is true; after so many seconds, fails."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise Failed(failure)
        time.sleep(0.02)
    return value
