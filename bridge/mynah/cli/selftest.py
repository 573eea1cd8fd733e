"""`mynah selftest`: each part of a ring tested, with figures and the next step for what failed."""

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mynah.maker.selftest_report import Report

Link = Annotated[str, typer.Option(help="Which ring: ble:, serial:/dev/ttyACM0, or emulator:NAME.")]
AsJson = Annotated[
    Path | None, typer.Option("--json", help="Write the figures here, for other programs.")
]
Page = Annotated[Path | None, typer.Option(help="Write a page here, good to paste into an issue.")]
Only = Annotated[str, typer.Option(help="Only these tests, with commas between.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nobody; leave out what needs it.")]
WithId = Annotated[bool, typer.Option("--with-id", help="Name the ring in page and figures.")]


def selftest(
    link: Link = "ble:",
    as_json: AsJson = None,
    page: Page = None,
    only: Only = "",
    yes: Yes = False,
    with_id: WithId = False,
) -> None:
    """Every part of a ring tested. Nothing that it hears is kept.

    Exit code 1 if a test failed, or there was nothing to test.
    """
    from mynah.maker.selftest import chosen
    from mynah.maker.selftest_page import page as page_of

    names = chosen([name for name in only.replace(" ", "").split(",") if name])
    report = asyncio.run(_run(link, names, asks=not yes and sys.stdin.isatty()))
    if as_json is not None:
        told = json.dumps(report.as_json(with_id=with_id), indent=2)
        as_json.write_text(told + "\n", "utf-8")
    if page is not None:
        page.write_text(page_of(report, with_id=with_id), "utf-8")
    if not report.tested:
        typer.echo("nothing was tested", err=True)
    raise typer.Exit(0 if report.well and report.tested else 1)


async def _run(link: str, names: tuple[str, ...], *, asks: bool) -> "Report":
    from mynah.cli.selftest_view import SelftestView
    from mynah.maker.selftest import selftest as test_ring
    from mynah.terminal.shell import usable

    with SelftestView() as view:
        touching = view.touching if asks and usable() else None
        report = await test_ring(
            link, view.ask if asks else None, view.show, only=names, touching=touching
        )
    view.end(report)
    return report
