#!/bin/sh
# Downloads the pinned npm packages from which the place names are made, into the folder $1.
set -eu
cd "$1"
for p in cldr-localenames-full@48.2.0 cldr-dates-full@48.2.0 i18n-nationality@1.4.0; do
	dir=${p%@*}
	[ -d "$dir" ] && continue
	tgz=$(npm pack --silent "$p")
	mkdir "$dir"
	tar xzf "$tgz" -C "$dir" --strip-components=1
	rm "$tgz"
done
