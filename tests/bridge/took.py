"""How long work takes, to be compared with other work in the same run: never with a clock."""

import time

TRIES = 5


def took_s(work):
    """Of this thread's processor time. The fastest try tells of the work, the others of what else
    the computer did.
    """

    def once():
        begun_s = time.thread_time()
        work()
        return time.thread_time() - begun_s

    return min(once() for _ in range(TRIES))
