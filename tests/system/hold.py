#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""usage: hold.py PID COMMAND

Runs a shell command while the main thread of a process does nothing, as if it
were busy; the process's other threads go on.  Exits with the command's status.
"""

import ctypes
import os
import subprocess
import sys

PTRACE_DETACH = 17
PTRACE_SEIZE = 0x4206
PTRACE_INTERRUPT = 0x4207
WALL = 0x40000000               # __WALL: a thread, too.

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long] * 2 + [ctypes.c_void_p] * 2


def ptrace(request, tid):
    if libc.ptrace(request, tid, None, None):
        raise OSError(ctypes.get_errno(), "ptrace")


def main():
    tid = int(sys.argv[1])
    ptrace(PTRACE_SEIZE, tid)
    ptrace(PTRACE_INTERRUPT, tid)
    os.waitpid(tid, WALL)
    try:
        return subprocess.call(sys.argv[2], shell=True)
    finally:
        ptrace(PTRACE_DETACH, tid)


if __name__ == "__main__":
    sys.exit(main())
