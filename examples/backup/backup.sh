#!/bin/sh
set -eu
file="/archive/shop-$(date +%Y-%m-%d).dump"
pg_dump --format=custom --file="$file.part"
mv "$file.part" "$file"
# The newest seven stay, also when there has been none for a while.
ls /archive/*.dump | head -n -7 | xargs -r rm --
