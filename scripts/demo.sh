#!/usr/bin/env bash
# From nothing to a running guestbook: sets the machine up, builds the example's images, and runs it on a local cluster.
set -eu
cd "$(dirname "$0")/.."
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

bash scripts/setup.sh
node scripts/run.mjs scripts/images.ts
# The cluster's network needs root.
as_root=
[ "$(id -u)" = 0 ] || as_root="sudo -E env PATH=$PATH"
$as_root node dist/cli.js up examples/guestbook/app.ts
node scripts/run.mjs scripts/demo-visit.ts http://127.0.0.1:30080/ 3
cat <<'TEXT'

Try next:
  kubectl get pods -o wide
  kubectl scale deployment guestbook --replicas=5
  node dist/cli.js down examples/guestbook/app.ts
  node dist/cli.js cluster delete
TEXT
