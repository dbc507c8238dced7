#!/usr/bin/env bash
# Measures the speed of the built package beside floors and peers of the same run, and prints one table of all figures.
# `npm run bench -- start requests` runs only bench/start.ts and bench/requests.ts.
set -eu
cd "$(dirname "$0")/.."
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

bash scripts/setup.sh
npm run --silent build

figures=$(mktemp)
trap 'rm -f "$figures"' EXIT
export KUBEWRIGHT_BENCH_FIGURES=$figures
failed=0
if [ $# -eq 0 ]; then
  set -- bench/*.ts
fi
for name in "$@"; do
  name=$(basename "$name" .ts)
  echo "bench: $name"
  node scripts/run.mjs "bench/$name.ts" || failed=1
done
node scripts/run.mjs bench/support/print-table.ts "$figures"
exit $failed
