"""A worker for tests: does what each request says. Run as a script."""

import os
import sys
import threading

from mynah.speech.child import ChildPipe

sent = 0


def answer(request):
    global sent
    match request.fields["do"]:
        case "echo":
            yield {"pid": os.getpid()}, request.payload
        case "count":
            for number in range(request.fields["to"]):
                sent += 1
                yield {"number": number}, bytes(4096)
        case "sent":
            yield {"sent": sent}, b""
        case "environment":
            yield dict(os.environ), b""
        case "print":
            print('{"kind": "reply", "id": 1, "bytes": 0}')
            os.write(1, b"from a library in C\n")
            yield {}, b"clean"
        case "die":
            raise RuntimeError("the dog ate it")
        case "vanish":
            os._exit(3)
        case "hang":
            threading.Event().wait()
        case "boast":
            yield {"words": "x" * 100_000}, b""


if __name__ == "__main__":
    pipe = ChildPipe()
    print("loading a model is never quiet")
    if "broken" in sys.argv:
        sys.exit("no such model: /nowhere")
    pipe.serve(answer)
