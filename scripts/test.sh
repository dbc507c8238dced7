#!/usr/bin/env bash
# Sets the machine up, runs the checks and every suite; the last line is "N passed, N failed" over all of them.
set -u
cd "$(dirname "$0")/.."
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

bash scripts/setup.sh --for-tests || { echo "0 passed, 1 failed"; exit 1; }
node scripts/run.mjs scripts/images.ts || { echo "0 passed, 1 failed"; exit 1; }
exec node scripts/run.mjs scripts/run-suites.ts "$@"
