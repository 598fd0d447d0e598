#!/bin/sh
# Asks a server for a sample over REST: client.sh MODEL [URL]. Prints text, or the file: client.sh dcgan > sample.png
set -eu
here=$(dirname "$0")
answer=$(curl -sS --fail-with-body -d "@$here/$1.json" "${2:-http://localhost:8501}/v1/models/$1:predict") || {
    echo "$answer" >&2
    exit 1
}
case $answer in
*b64*) printf %s "$answer" | sed 's/.*"b64": *"\([^"]*\)".*/\1/' | tr -d '\n' | sed 's/\\//g' | base64 -d ;;
*) printf '%s\n' "$answer" ;;
esac
