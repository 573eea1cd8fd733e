"""Which looks `mynah doctor` takes at this computer."""

from functools import partial
from importlib.util import find_spec
from pathlib import Path

from mynah import companions, config
from mynah.config import Settings
from mynah.doctor import hardware, software, traces
from mynah.doctor.finding import Check, Finding, Need
from mynah.doctor.languages import NAME, language
from mynah.doctor.rings import fault, rings
from mynah.emulator.interpreter import find_micropython
from mynah.errors import UserError
from mynah.link.faults_told import FaultsTold
from mynah.link.keys import KeyStore, data_folder
from mynah.link.last_trouble import LastTrouble
from mynah.link.place import shown_name
from mynah.needs import models_of
from mynah.seeing import log
from mynah.speech import models


def checks(path: Path | None = None) -> list[Check]:
    """All of them, for these settings."""
    store = KeyStore()
    settings = _settings(path)
    where = path or config.settings_path()
    wanted = models_of(settings)
    return [
        Check("python", "conversation", software.python),
        Check("settings", "conversation", partial(software.settings, where, lambda: _load(path))),
        Check("emulated ring", "conversation", partial(software.interpreter, find_micropython)),
        *(_model(kind, name, "conversation") for kind, name in wanted.items()),
        Check("piper", "conversation", software.piper),
        Check(NAME, "conversation", partial(_language, settings)),
        Check("companion", "conversation", partial(_companion, settings.companion)),
        Check("disk", "conversation", partial(_disk, list(wanted.values()))),
        Check("sound", "sound", hardware.sound),
        Check("bluetooth", "ring", hardware.bluetooth),
        Check("cable", "ring", hardware.cable),
        Check("keyring", "ring", partial(traces.keyring, store.folder)),
        Check("keys", "ring", partial(software.keys, store.folder, store.all)),
        Check("rings", "ring", partial(_rings, store)),
        *(Check(name, "ring", partial(fault, name, line)) for name, line in _faults(store)),
        Check("service", "ring", traces.service),
        Check("log", "trouble", lambda: traces.log(log.folder())),
        Check("crash reports", "trouble", lambda: traces.crashes(data_folder())),
    ]


def missing(names: list[str]) -> list[models.Model]:
    """Those of the pinned models with these names that are not here whole."""
    known = models.catalogue()
    return [known[name] for name in names if name in known and not models.is_here(known[name])]


def _model(kind: str, name: str, need: Need) -> Check:
    return Check(kind, need, partial(software.model, kind, name))


def _companion(name: str) -> Finding:
    return software.companion(name, companions.names(), find_spec)


def _language(settings: Settings) -> Finding:
    return language(settings.hearing.language, settings.speaking.voice)


def _disk(names: list[str]) -> Finding:
    return software.disk(models.cache_folder(), sum(model.bytes for model in missing(names)))


def _rings(store: KeyStore) -> Finding:
    keys, troubles = store.all(), LastTrouble(data_folder()).read()
    names = {key.device_id: shown_name(key.device_id) for key in keys}
    return rings(keys, {ring: troubles[name] for ring, name in names.items() if name in troubles})


def _faults(store: KeyStore) -> list[tuple[str, str]]:
    """What the paired rings said of themselves when they were last here, each as (ring, line)."""
    told = FaultsTold(data_folder()).read(key.device_id for key in store.all())
    return [(shown_name(ring), line) for ring, line in told]


def _load(path: Path | None) -> Settings:
    return config.load(path)


def _settings(path: Path | None) -> Settings:
    """The rest is looked at with the defaults when the file is wrong, which a finding tells."""
    try:
        return config.load(path)
    except UserError:
        return Settings()
