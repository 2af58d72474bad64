#!/bin/sh
# Makes ../../data anew from the pinned package and points.tsv.
set -eu
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
sh fetch.sh "$tmp"
go run . -world "$tmp/world/110m.json" -points points.tsv -out ../../data/world.tsv
