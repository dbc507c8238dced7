#!/bin/sh
set -eu
file="/archive/shop-$(date +%Y-%m-%d).dump"
pg_dump --format=custom --file="$file.part"
mv "$file.part" "$file"
find /archive -name '*.dump' -mtime +7 -delete
