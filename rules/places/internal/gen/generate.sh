#!/bin/sh
# Makes ../../data anew from the pinned packages and the hand-written files in lang/.
set -eu
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
sh fetch.sh "$tmp"
go run . -packages "$tmp" -out ../../data
