#!/bin/sh
# Tell the companion that you touched something, and play its answer on this computer.
# `mynah serve` must be running here. Say something else: sh summon.sh "Good night."
set -eu
SERVER=${SERVER:-http://127.0.0.1:8355/v1}
DATA=${HOME:-}/.local/share/mynah
[ -d "${HOME:-}/Library/Application Support" ] && DATA="$HOME/Library/Application Support/mynah"
KEPT=${MYNAH_DATA:-$DATA}/serving.token
absent() { echo "nobody answers at $SERVER: run \`mynah serve\` first, and leave it running" >&2; exit 1; }
[ -r "$KEPT" ] || absent
TOKEN=$(cat "$KEPT")
# Any answer will do, a refusal too: without one, nobody listens there.
curl --silent --output /dev/null "$SERVER/models" || absent
SOUND=$(mktemp)
trap 'rm -f "$SOUND"' EXIT

ask() { curl --silent --show-error --fail -H "Authorization: Bearer $TOKEN" -d "$2" "$SERVER/$1"; }
said() { python3 -c 'import json, sys; print(json.dumps({"messages": [{"role": "user", "content": sys.argv[1]}]}))' "$1"; }
spoken() { python3 -c 'import json, sys; print(json.dumps({"response_format": "wav", "input": json.load(sys.stdin)["choices"][0]["message"]["content"]}))'; }

ANSWER=$(ask chat/completions "$(said "${1:-I touched the ring.}")" | spoken)
ask audio/speech "$ANSWER" > "$SOUND"
for PLAYER in ${PLAYER:-paplay aplay afplay}; do
  if command -v "$PLAYER" > /dev/null; then "$PLAYER" "$SOUND"; exit; fi
done
echo "no program to play sound with: install alsa-utils or pulseaudio-utils" >&2
exit 1
