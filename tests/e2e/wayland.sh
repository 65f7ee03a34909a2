#!/bin/bash
# wayland.sh - the window under Wayland: comes up, runs, draws and closes, and says nothing; TAP
#
#   wayland.sh PROGRAM PICTURE.png
#
# A compositor of its own, without a screen. The environment says where runner, scenarios and schema are.
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -u

program=$1
picture=$2
tmp=$(mktemp -d "${TMPDIR:-/tmp}/wayland.XXXXXX")
compositor=
cleanup() {
  [ -n "$compositor" ] && kill "$compositor" && wait "$compositor"
  rm -rf "$tmp"
} 2>/dev/null
trap cleanup EXIT
trap 'exit 143' TERM INT

# until_true WHAT COMMAND...: looks until the command succeeds; as patient as the machine is slow.
until_true() {
  local what=$1
  shift
  for _ in $(seq 600); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  echo "# timed out waiting for $what"
  return 1
}

number=0
failed=0
# report STATUS NAME: a line of TAP
report() {
  number=$((number + 1))
  [ "$1" -eq 0 ] || failed=1
  [ "$1" -eq 0 ] && echo "ok $number $2" || echo "not ok $number $2"
}

# The compositor refuses to be root.
mkdir -m 700 "$tmp/compositor" "$tmp/run"
mkdir "$tmp/home" "$tmp/data"
printf 'output HEADLESS-1 mode 1280x800\nxwayland disable\n' >"$tmp/config"
as_user=()
if [ "$(id -u)" -eq 0 ]; then
  chmod 711 "$tmp"
  chmod 644 "$tmp/config"
  chown nobody "$tmp/compositor"
  as_user=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
fi
(
  cd "$tmp/compositor" || exit 1
  exec "${as_user[@]}" env -u DISPLAY -u WAYLAND_DISPLAY HOME="$tmp/compositor" XDG_RUNTIME_DIR="$tmp/compositor" \
    WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1 sway -c "$tmp/config"
) >"$tmp/compositor.log" 2>&1 &
compositor=$!

echo 1..4
find_socket() { compgen -G "$tmp/compositor/$1"; }
if ! until_true "the compositor" find_socket "wayland-?" || ! until_true "its control" find_socket "sway-ipc.*"; then
  sed 's/^/# /' "$tmp/compositor.log"
  echo "Bail out! no compositor"
  exit 1
fi
SWAYSOCK=$(find_socket "sway-ipc.*")
export SWAYSOCK WAYLAND_DISPLAY=$tmp/compositor/wayland-1 XDG_RUNTIME_DIR=$tmp/run HOME=$tmp/home \
  XDG_DATA_HOME=$tmp/data XDG_CONFIG_HOME=$tmp/home XDG_CACHE_HOME=$tmp/home GDK_BACKEND=wayland GSETTINGS_BACKEND=memory \
  LANG=C.UTF-8 LC_ALL=C.UTF-8
unset DISPLAY DBUS_SESSION_BUS_ADDRESS

# What the bus says is not the program's.
# shellcheck disable=SC2016
dbus-run-session -- bash -c 'exec "$0" 2>"$1"' "$program" "$tmp/said" >"$tmp/bus.log" 2>&1 &
session=$!

is_shown() { swaymsg -t get_tree | grep -q '"name": "Interleave"'; }
until_true "the window" is_shown
report $? "comes up"

is_recorded() { [ -n "$(find "$tmp/data" -name '*.interleave' -size +20k)" ]; }
# The colour of a running worker, where the lanes are.
is_drawn() {
  is_recorded && grim "$picture" &&
    convert "$picture" -crop 860x460+404+120 -format %c histogram:info:- | grep -q '#1A9E77'
}
until_true "a picture of what runs" is_drawn
report $? "runs and draws"

swaymsg '[title="Interleave"] kill' >/dev/null
until_true "the program to end" eval "! kill -0 $session"
wait "$session"
report $? "closes"

! grep -E 'WARNING|CRITICAL|ERROR|Sanitizer|runtime error' "$tmp/said" | sed 's/^/# /' | grep .
report $? "says nothing"
exit $failed
