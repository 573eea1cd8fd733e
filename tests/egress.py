"""What leaves the computer: `python -m tests.egress [--json FILE]`, on Linux.

Whole conversations are held in a network of their own, which has loopback and one way out that ends
in this program: every packet of every process is seen here, native code's as well.
"""

import argparse
import asyncio
import fcntl
import ipaddress
import json
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from mynah.companions.fakes.openai import FakeOpenAI

INSIDE = "MYNAH_EGRESS_INSIDE"
TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x1001
ALL_PROTOCOLS = 3  # ETH_P_ALL
ETHERNET_BYTES = 14
PACKET_BYTES = 2048
TCP, UDP, ICMP6 = 6, 17, 58
SYN, ACK = 0x02, 0x10
KERNELS_OWN = {133, 135, 136, 143}  # how IPv6 looks for neighbours, when an interface comes up
LONGEST_S = 240
SETTLE_S = 0.3
PROBE = ("192.0.2.77", 9)  # of the addresses that nobody has
WAYS = (
    "ip link set lo up",
    "ip addr add 192.0.2.2/24 dev out0",
    "ip -6 addr add 2001:db8::2/64 dev out0",
    "ip link set out0 up",
    "ip route add default dev out0",
    "ip -6 route add default dev out0",
)


def destination(packet):
    """Where a packet that opens something goes: (protocol, address, port), or None."""
    version = packet[0] >> 4
    if version == 4:
        protocol, start, address = packet[9], 4 * (packet[0] & 15), packet[16:20]
    else:
        protocol, start, address = packet[6], 40, packet[24:40]
    rest = packet[start:]
    if protocol == ICMP6 and rest[:1] and rest[0] in KERNELS_OWN:
        return None
    port = int.from_bytes(rest[2:4]) if protocol in {TCP, UDP} else 0
    if protocol == TCP and rest[13] & (SYN | ACK) != SYN:
        return None
    names = {TCP: "tcp", UDP: "udp"}
    return names.get(protocol, str(protocol)), str(ipaddress.ip_address(bytes(address))), port


class Watch:
    """Reads every packet that goes out, and every one that opens something over loopback."""

    def __init__(self):
        self.seen = {}  # destination -> packets
        self._out = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(self._out, TUNSETIFF, struct.pack("16sH22x", b"out0", IFF_TUN_NO_PI))
        for way in WAYS:
            subprocess.run(way.split(), check=True)
        self._loopback = socket.socket(
            socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PROTOCOLS)
        )
        self._loopback.bind(("lo", 0))
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            for ready in select.select([self._out, self._loopback], [], [])[0]:
                if ready is self._loopback:
                    found = destination(self._loopback.recv(PACKET_BYTES)[ETHERNET_BYTES:])
                else:
                    found = destination(os.read(self._out, PACKET_BYTES))
                if found is not None:
                    self.seen[found] = self.seen.get(found, 0) + 1

    def take(self):
        time.sleep(SETTLE_S)
        seen, self.seen = self.seen, {}
        return seen

    def check(self):
        """A watch that sees nothing would prove nothing."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.sendto(b"?", PROBE)
            probe.sendto(b"?", ("127.0.0.1", PROBE[1]))
        seen = self.take()
        assert {("udp", *PROBE), ("udp", "127.0.0.1", PROBE[1])} <= set(seen), seen


def converse(folder, *flags):
    """`mynah run` where nobody can talk: three lines are spoken into an emulated ring."""
    environment = {**os.environ, "MYNAH_DATA": str(folder / "data"), "DISPLAY": ""}
    for name in ("CI", "ORT_DISABLE_TELEMETRY", "HF_HUB_OFFLINE"):
        environment.pop(name, None)  # what would keep libraries quiet by chance
    command = [Path(sys.executable).with_name("mynah"), "run", "--link", "emulator:", *flags]
    return subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )


class Server:
    """The companion that was configured, in a process of its own."""

    def __enter__(self):
        command = [sys.executable, "-m", "tests.egress", "--serve"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


def runs(watch, folder):
    """Each conversation, and what it tried to reach."""
    with Server() as server:
        config = folder / "mynah.toml"
        config.write_text(f'[openai]\nbase_url = "http://127.0.0.1:{server.port}/v1"\n')
        own = {("tcp", "127.0.0.1", server.port)}
        for name, flags, allowed in (
            ("local", ("--companion", "local"), set()),
            ("local, hands free", ("--companion", "local", "--hands-free"), set()),
            ("openai", ("--companion", "openai", "--config", str(config)), own),
        ):
            watch.take()
            ran = converse(folder, *flags)
            yield name, ran, watch.take(), allowed


def inside():
    watch = Watch()
    watch.check()
    found = {"connections": [], "runs": [], "worked": True}
    with tempfile.TemporaryDirectory() as folder:
        for name, ran, seen, allowed in runs(watch, Path(folder)):
            worked = ran.returncode == 0
            found["runs"].append({"run": name, "worked": worked, "companion": len(allowed)})
            found["worked"] &= worked
            if not worked:
                sys.stderr.write(ran.stdout + ran.stderr)
            for (protocol, address, port), packets in sorted(seen.items()):
                found["connections"].append(
                    {
                        "run": name,
                        "to": f"{address}:{port}",
                        "protocol": protocol,
                        "packets": packets,
                        "companion": (protocol, address, port) in allowed,
                    }
                )
    found["others"] = sum(not each["companion"] for each in found["connections"])
    return found


def outside(path):
    """The same program again, in a network of its own."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        sys.exit("this needs Linux, and unshare")
    command = ["unshare", "-rn", sys.executable, "-m", "tests.egress"]
    ran = subprocess.run(
        command, env={**os.environ, INSIDE: "1"}, stdout=subprocess.PIPE, text=True, check=False
    )
    if ran.returncode or not ran.stdout:
        sys.exit(ran.returncode or 1)
    found = json.loads(ran.stdout)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    if path is not None:
        path.write_text(json.dumps(found, indent=2) + "\n")
    sys.exit(0 if found["worked"] and not found["others"] else 1)


async def serve():
    async with FakeOpenAI() as server:
        sys.stdout.write(server.base_url.rsplit(":", 1)[1].removesuffix("/v1") + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
    elif os.environ.get(INSIDE):
        sys.stdout.write(json.dumps(inside()))
    else:
        outside(options.json)


if __name__ == "__main__":
    main()
