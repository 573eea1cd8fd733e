"""What a person does about an update that a ring refused, by how its reason begins."""

from typing import Final

_BY_CABLE: Final = "connect it by USB and run `mynah flash --app`"
_MAKE_ANEW: Final = "the bundle is damaged or was changed: make or fetch it again"

_ADVICE: Final = (
    ("it trusts no key", f"{_BY_CABLE}: that gives it this computer's key"),
    ("signed by key", "sign it with this computer's key: `mynah update --sign FILE`"),
    ("the signature", _MAKE_ANEW),
    ("the head", _MAKE_ANEW),
    ("no update for this ring", _MAKE_ANEW),
    ("it is not what was offered", _MAKE_ANEW),
    ("made for", "let `mynah update` make one for this ring: leave out --bundle"),
    ("not made for", "let `mynah update` make one for this ring: leave out --bundle"),
    ("full", f"let a bridge fetch what it still keeps, or {_BY_CABLE}"),
    ("its battery", "then run it again: it goes on where it stopped"),
    ("it has no loader", _BY_CABLE),
    ("its NVS", _BY_CABLE),
    ("its memory", "switch it off and on, then run it again"),
    ("its flash", f"run it again; if that does not help, {_BY_CABLE}"),
)


def advice(detail: str, *, has_cable: bool = True) -> str:
    """For a person, in one clause; an emulated ring has no cable."""
    told = _advice(detail)
    return told if has_cable else told.replace(f", or {_BY_CABLE}", "")


def _advice(detail: str) -> str:
    for begins, what in _ADVICE:
        if detail.startswith(begins):
            return what
    if detail.startswith("build "):
        return _about_builds(detail)
    return _MAKE_ANEW if detail.endswith("signed") else "run it again with --debug, and tell us"


def _about_builds(detail: str) -> str:
    if detail.endswith("runs again"):
        return "it raised, or no host met it: `mynah logs` may say why"
    return f"a ring goes only forward: say --build with a higher number, or {_BY_CABLE}"
