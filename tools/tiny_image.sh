#!/usr/bin/env bash
# A container image of a few hundred kilobytes for the tests of containers: busybox and nothing else, fetched from nowhere.
#   tools/tiny_image.sh install   installs podman and busybox with apt-get where they are missing (Debian, as root)
#   tools/tiny_image.sh build     builds localhost/consist-tests:1 and :2 in a store of its own, and prints the store's settings
# The store and its settings lie in $CONSIST_TESTS_STORE. The settings ask for little, so that containers also run where there is no systemd,
# no cgroup to write to and no network: runc, limits that an ordinary process may set, logs in files.
set -euo pipefail
store=${CONSIST_TESTS_STORE:-${TMPDIR:-/tmp}/consist-tests-$(id -u)}

fail() { echo "tiny_image.sh: $*" >&2; exit 1; }

install() {
  command -v podman >/dev/null && command -v runc >/dev/null && command -v buildah >/dev/null && command -v busybox >/dev/null && return
  command -v apt-get >/dev/null || fail "podman, runc, buildah and busybox are needed, and there is no apt-get to install them"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update >/dev/null && apt-get install -y --no-install-recommends podman runc buildah busybox-static >/dev/null || fail "apt-get could not install podman"
}

settings() {
  mkdir -p "$store"
  cat >"$store/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
log_driver = "k8s-file"
netns = "none"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "runc"
CONF
  cat >"$store/storage.conf" <<CONF
[storage]
driver = "vfs"
graphroot = "$store/images"
runroot = "$store/running"
CONF
  export CONTAINERS_CONF=$store/containers.conf CONTAINERS_STORAGE_CONF=$store/storage.conf
}

build() {
  local box context=$store/context
  box=$(command -v busybox) || fail "busybox is missing: run $0 install"
  settings
  rm -rf "$context"
  mkdir -p "$context/bin" "$context/tmp"
  cp "$(readlink -f "$box")" "$context/bin/busybox"
  (cd "$context/bin" && for name in $(./busybox --list); do [ -e "$name" ] || ln -s busybox "$name"; done)
  printf 'FROM scratch\nCOPY bin /bin\nCOPY tmp /tmp\nENV PATH=/bin\n' >"$context/one"
  printf 'FROM localhost/consist-tests:1\nENV EDITION=2\n' >"$context/two"
  for edition in one:1 two:2; do
    podman build --quiet --network none --timestamp 0 --file "$context/${edition%:*}" --tag "localhost/consist-tests:${edition#*:}" "$context" \
      >"$store/build.log" 2>&1 || fail "podman could not build the image: $(tail -n 3 "$store/build.log")"
  done
  printf '{"CONTAINERS_CONF":"%s","CONTAINERS_STORAGE_CONF":"%s"}\n' "$CONTAINERS_CONF" "$CONTAINERS_STORAGE_CONF"
}

case ${1:-} in
  install) install ;;
  build) build ;;
  *) fail "usage: $0 install | build" ;;
esac
