"""A worker for tests: does what each request says. Run as a script."""

import os
import sys
import threading

from mynah.speech.child import ChildPipe


class Obedient:
    def __init__(self):
        self._sent = 0
        self._given_up = 0
        self.cancelled = threading.Event()

    def answer(self, request):
        return getattr(self, request.fields["do"])(request)

    def echo(self, request):
        yield {"pid": os.getpid()}, request.payload

    def count(self, request):
        for number in range(request.fields["to"]):
            self._sent += 1
            yield {"number": number}, bytes(4096)

    def sent(self, request):
        yield {"sent": self._sent, "given_up": self._given_up}, b""

    def work_until_cancelled(self, request):
        self.cancelled.wait()
        self._given_up += 1
        raise RuntimeError("a model that was told to stop")
        yield {}, b""

    def hesitate_until_cancelled(self, request):
        """Before there is anything to ask for a reply."""
        return list(self.work_until_cancelled(request))

    def environment(self, request):
        yield dict(os.environ), b""

    def chatter(self, request):
        sys.stdout.write('{"kind": "reply", "id": 1, "bytes": 0}\n')
        os.write(1, b"from a library in C\n")
        yield {}, b"clean"

    def boast(self, request):
        yield {"words": "x" * 100_000}, b""

    def hoard(self, request):
        """Heap that is free and does not go by itself, for what lies above it is kept."""
        blocks = [b"x" * 1_000_000 for _ in range(request.fields["megabytes"])]
        self.kept = b"y" * 1_000_000
        del blocks
        yield {}, b""

    def hang(self, request):
        threading.Event().wait()
        yield {}, b""

    def die(self, request):
        raise RuntimeError("the dog ate it")

    def vanish(self, request):
        os._exit(3)


if __name__ == "__main__":
    pipe = ChildPipe()
    sys.stdout.write("loading a model is never quiet\n")
    if "broken" in sys.argv:
        sys.exit("no such model: /nowhere")
    obedient = Obedient()
    pipe.on_cancel = obedient.cancelled.set
    pipe.serve(obedient.answer)
