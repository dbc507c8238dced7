#!/usr/bin/env bash
# Brings a Debian or Ubuntu machine to where `npm test` and `npm run demo` work: system packages, a running Docker,
# node packages, generated sources and the built package. Does nothing, in well under a second, when all is there.
# With --for-tests also what only tests need: a browser for the dashboard, an etcd for the store.
set -eu

cd "$(dirname "$0")/.."
# The tools of administration are not in every user's path.
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
tests=no
[ "${1:-}" != --for-tests ] || tests=yes
stamps=node_modules/.cache/kubewright
docker_log=/var/log/kubewright-dockerd.log

say() { echo "setup: $*"; }
fail() {
  echo "setup: $1" >&2
  shift
  for line in "$@"; do echo "  $line" >&2; done
  exit 1
}

# Names of the Debian packages whose programs are missing.
missing_packages() {
  docker_answers || command -v dockerd >/dev/null || echo docker.io
  command -v nft >/dev/null || echo nftables
  command -v ip >/dev/null || echo iproute2
  command -v iptables >/dev/null || echo iptables
  command -v conntrack >/dev/null || echo conntrack
  command -v nsenter >/dev/null || echo util-linux
  command -v sysctl >/dev/null || echo procps
  static_busybox || echo busybox-static
  [ "$tests" = yes ] || return 0
  browser_found || echo chromium
  command -v etcd >/dev/null || echo etcd-server
}

browser_found() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }

static_busybox() {
  local path
  for path in /bin/busybox /usr/bin/busybox; do
    [ -x "$path" ] && ! ldd "$path" >/dev/null 2>&1 && return 0
  done
  return 1
}

check_node() {
  local how="Install Node.js 20.19 or later with npm: https://nodejs.org/en/download"
  command -v node >/dev/null && command -v npm >/dev/null || fail "node or npm is missing." "$how" "Then run again: $0"
  node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' ||
    fail "Node.js $(node --version) is too old." "$how" "Then run again: $0"
}

check_system() {
  [ "$(uname -s)" = Linux ] && return
  fail "the cluster's network needs Linux, and this is $(uname -s)." \
    "Use a Linux machine or a virtual one, for example:" \
    "  limactl start --name kubewright template://debian && limactl shell kubewright" \
    "and run scripts/setup.sh in there."
}

# The command that makes one root: empty for root itself. The argument is what it would be needed for.
need_root() {
  sudo=
  [ "$(id -u)" = 0 ] && return
  if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    sudo=sudo
    return
  fi
  fail "root is needed, and this is $(id -un) without a usable sudo. As root, run:" "$1" "Then run again: $0"
}

install_packages() {
  local packages
  packages=$(missing_packages | tr '\n' ' ')
  packages=${packages% }
  [ -n "$packages" ] || return 0
  command -v apt-get >/dev/null || fail "missing: $packages (as Debian names them), and there is no apt-get here." \
    "Install them with this system's package manager (busybox as a static executable), then run again: $0"
  need_root "apt-get update && apt-get install -y $packages"
  say "installing $packages"
  # shellcheck disable=SC2086 # one word per package
  apt_install $packages || {
    say "updating the list of packages"
    $sudo apt-get update -qq -o DPkg::Lock::Timeout=300
    apt_install $packages || fail "apt-get could not install: $packages. Its own words are above."
  }
}

apt_install() {
  $sudo env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get install -y -qq --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "$@" >/dev/null
}

docker_socket() {
  case "${DOCKER_HOST:-}" in
    unix://*) echo "${DOCKER_HOST#unix://}" ;;
    '') echo /var/run/docker.sock ;;
    *) fail "DOCKER_HOST is $DOCKER_HOST, but only a local socket can be used." "Run: unset DOCKER_HOST" ;;
  esac
}

# Asks the socket ($1) until it answers or seconds ($2) are over, or the process ($3, may be empty) has ended.
ping_docker() {
  ${sudo:-} "$(command -v node)" -e '
    const [socketPath, seconds, pid] = process.argv.slice(1);
    const deadline = Date.now() + Number(seconds) * 1000;
    const alive = () => !pid || require("fs").existsSync(`/proc/${pid}`);
    const again = () => (Date.now() < deadline && alive() ? setTimeout(ask, 100) : process.exit(1));
    function ask() {
      require("http")
        .get({ socketPath, path: "/_ping", timeout: 5000 }, (answer) => (answer.statusCode === 200 ? process.exit(0) : again()))
        .on("timeout", function () { this.destroy(); })
        .on("error", again);
    }
    ask();' "$@"
}

docker_answers() { [ "$answers" = yes ]; }

start_docker() {
  docker_answers && return
  local begun_as_pid= remedy="systemctl start docker (or, without an init system: dockerd &)"
  [ ! -S "$socket" ] || [ -w "$socket" ] || remedy="usermod -aG docker $(id -un) (and log in again as $(id -un))"
  need_root "$remedy"
  # A user outside the group docker gets no answer from a daemon that runs.
  if [ -n "$sudo" ] && ping_docker "$socket" 0; then return; fi
  if [ -d /run/systemd/system ]; then
    say "starting Docker by systemd"
    $sudo systemctl start docker || fail "systemd could not start Docker." "Look at: journalctl -u docker"
  else
    say "starting dockerd, since no init system does (its log: $docker_log)"
    mount_cgroups
    forget_dead /var/run/docker.pid dockerd
    forget_dead /var/run/docker/containerd/containerd.pid containerd
    # Its own session, so that it outlives this terminal.
    begun_as_pid=$($sudo sh -c 'setsid dockerd --host "unix://$1" >>"$2" 2>&1 </dev/null & echo $!' sh "$socket" "$docker_log")
  fi
  ping_docker "$socket" 60 "$begun_as_pid" && return
  [ -z "$begun_as_pid" ] || $sudo tail -n 5 "$docker_log" >&2
  fail "Docker was started but does not answer at $socket." "Look at $docker_log, or: journalctl -u docker"
}

# A daemon that was killed leaves its pid behind; where another process has that number by now, dockerd refuses to start.
forget_dead() {
  local file=$1 name=$2 pid
  [ -f "$file" ] || return 0
  pid=$($sudo cat "$file")
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$name" ] || $sudo rm -f "$file"
}

# Without an init system nobody may have mounted them either.
mount_cgroups() {
  [ -e /sys/fs/cgroup/cgroup.controllers ] || [ -d /sys/fs/cgroup/memory ] && return
  say "mounting cgroups"
  $sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup || fail "cgroups could not be mounted at /sys/fs/cgroup."
}

digest() { sha256sum | cut -d ' ' -f 1; }

# True when the stamp ($1) holds this digest ($2).
fresh() { [ -f "$stamps/$1" ] && [ "$(cat "$stamps/$1")" = "$2" ]; }

stamp() {
  mkdir -p "$stamps"
  echo "$2" >"$stamps/$1"
}

# True when every package of the lock file is there in its version; those for other systems are left out by npm.
packages_match() {
  node -e '
    const read = (file) => JSON.parse(require("fs").readFileSync(file, "utf8")).packages;
    const [wanted, found] = [read("package-lock.json"), read("node_modules/.package-lock.json")];
    const same = ([path, entry]) => path === "" || (found[path] ? found[path].version === entry.version : entry.optional);
    process.exit(Object.entries(wanted).every(same) ? 0 : 1)' 2>/dev/null
}

install_node_packages() {
  local wanted
  wanted=$(cat package.json package-lock.json | digest)
  fresh packages "$wanted" && return
  packages_match || {
    say "installing node packages (npm ci)"
    npm ci --no-audit --no-fund --loglevel=error || fail "npm ci failed. Its own words are above."
  }
  stamp packages "$wanted"
}

build_package() {
  local wanted
  wanted=$(find src scripts package.json package-lock.json tsconfig.json -type f -not -name '*.gen.*' -print0 |
    sort -z | xargs -0 sha256sum | digest)
  if [ -f dist/cli.js ] && [ -d src/types/kinds/generated ] && fresh build "$wanted"; then return; fi
  say "building the package (npm run build)"
  npm run --silent build || fail "the build failed. Its own words are above."
  stamp build "$wanted"
}

check_system
check_node
socket=$(docker_socket)
if ping_docker "$socket" 0; then answers=yes; else answers=no; fi
install_packages
start_docker
install_node_packages
build_package
