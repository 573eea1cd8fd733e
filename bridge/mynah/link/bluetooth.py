"""A computer's Bluetooth that can't be used, told in one line with the next step."""

from collections.abc import Iterator
from contextlib import contextmanager

from bleak.exc import BleakError

from mynah.errors import BluetoothError


@contextmanager
def usable_bluetooth() -> Iterator[None]:
    """What Bluetooth itself raises in here becomes a BluetoothError."""
    try:
        yield
    except TimeoutError as error:
        raise BluetoothError("Bluetooth does not answer; run mynah doctor") from error
    except FileNotFoundError as error:
        raise BluetoothError("there is no Bluetooth on this computer; run mynah doctor") from error
    except (BleakError, OSError, EOFError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise BluetoothError(
            f"Bluetooth can't be used here ({reason}); run mynah doctor"
        ) from error
