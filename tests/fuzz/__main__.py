"""Fuzzes both decoders: `python -m tests.fuzz --records 10000000 --device 1000000 --json FILE`."""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path

import typer

from tests.fuzz.engine import Outcome
from tests.fuzz.shares import Share, begin, device_shares, host_shares, work
from tests.micropython.interpreters import MICROPYTHON, NO_MICROPYTHON

FOREVER_S = 1e9


def main() -> int:
    """1 if anything crashed or hung."""
    asked = _asked()
    found, totals = [], {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(asked.cores, context, begin) as pool:
        sides = {"host": (host_shares, asked.records), "device": (device_shares, asked.device)}
        if not MICROPYTHON.exists():
            typer.echo(f"the device's decoders are left out: {NO_MICROPYTHON}")
            del sides["device"]
        for side, (shares, records) in sides.items():
            total, engines = _all(side, pool, shares(records, asked.seed), asked)
            totals[side] = _told(total, engines)
            found += total.crashes + total.hangs
    if asked.json:
        asked.json.write_text(json.dumps(totals, indent=1) + "\n", encoding="utf-8")
    typer.echo("\n\n".join(found))
    return int(bool(found))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, help="for the host's decoders")
    parser.add_argument("--device", type=int, default=200_000, help="for the ring's")
    parser.add_argument("--seconds", type=float, default=FOREVER_S, help="for each of them at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cores", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the counts there")
    return parser.parse_args()


def _all(
    side: str, pool: ProcessPoolExecutor, todo: Iterator[Share], asked: argparse.Namespace
) -> tuple[Outcome, set[str]]:
    """Every share, a few at once, until the time is over; what came of it, by which engines."""
    began_s = time.perf_counter()
    total, engines = Outcome(), set()
    running: set[Future[Outcome]] = set()
    while True:
        over = time.perf_counter() - began_s > asked.seconds
        while not over and len(running) < asked.cores and (share := next(todo, None)):
            running.add(pool.submit(work, share))
            engines.add(share.engine)
        if not running:
            break
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            total.add(future.result())
        _progress(side, total, time.perf_counter() - began_s)
    total.seconds = time.perf_counter() - began_s
    typer.echo()
    return total, engines


def _progress(side: str, total: Outcome, seconds: float) -> None:
    rate = total.records / max(seconds, 1e-3)
    typer.echo(
        f"\r{side}: {total.records:,} records in {seconds:.0f} s, {rate:,.0f} a second, "
        f"{len(total.crashes)} crashes, {len(total.hangs)} hangs ",
        nl=False,
    )


def _told(outcome: Outcome, engines: set[str]) -> dict[str, object]:
    return {
        "records": outcome.records,
        "crashes": len(outcome.crashes),
        "hangs": len(outcome.hangs),
        "seconds": round(outcome.seconds, 1),
        "engine": ", ".join(sorted(engines)),
    }


if __name__ == "__main__":
    sys.exit(main())
