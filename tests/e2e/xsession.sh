#!/bin/bash
# xsession.sh - runs a command inside a private X server, session bus and home; its exit status is the command's
#
#   xsession.sh COMMAND [ARG...]
#
# Environment: XGEOM (default 1280x800x24), XEXTRA (more arguments for Xvfb), LANG_OVERRIDE (default C.UTF-8),
#              GSETTINGS_BACKEND (default memory), GSETTINGS_SCHEMA_DIR
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -u

tmp=$(mktemp -d "${TMPDIR:-/tmp}/xsession.XXXXXX")
mkdir -m 700 "$tmp/run"
mkdir -p "$tmp/home" "$tmp/config/gtk-4.0" "$tmp/data" "$tmp/cache" "$tmp/tmp"
# Without an X settings daemon GTK would take whatever font there is; animations and a blinking cursor
# would make pictures of the same window differ.
printf '%s\n' '[Settings]' 'gtk-font-name=Cantarell 11' 'gtk-enable-animations=0' 'gtk-cursor-blink=0' \
  'gtk-xft-antialias=1' 'gtk-xft-hinting=1' 'gtk-xft-hintstyle=hintslight' 'gtk-xft-rgba=none' \
  'gtk-xft-dpi=98304' >"$tmp/config/gtk-4.0/settings.ini"

# The server picks the display's number itself, so that runs side by side cannot take each other's.
mkfifo "$tmp/display"
# shellcheck disable=SC2086
Xvfb -displayfd 3 -screen 0 "${XGEOM:-1280x800x24}" -nolisten tcp -noreset ${XEXTRA:-} \
  3>"$tmp/display" >"$tmp/xvfb.log" 2>&1 &
server=$!
cleanup() {
  kill "$server" 2>/dev/null
  wait "$server" 2>/dev/null
  rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 143' TERM INT
read -r -t 20 number <"$tmp/display" || {
  cat "$tmp/xvfb.log" >&2
  echo "Xvfb did not start" >&2
  exit 99
}

export DISPLAY=:$number HOME=$tmp/home XDG_RUNTIME_DIR=$tmp/run XDG_CONFIG_HOME=$tmp/config \
  XDG_DATA_HOME=$tmp/data XDG_CACHE_HOME=$tmp/cache TMPDIR=$tmp/tmp GDK_BACKEND=x11 LIBGL_ALWAYS_SOFTWARE=1 \
  GSETTINGS_BACKEND="${GSETTINGS_BACKEND:-memory}" GTK_USE_PORTAL=0 \
  LANG="${LANG_OVERRIDE:-C.UTF-8}" LC_ALL="${LANG_OVERRIDE:-C.UTF-8}"
unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS

# What dbus-daemon and those whom it starts say is not the command's output.
exec 8>&1 9>&2
dbus-run-session -- bash -c 'exec "$@" 1>&8 2>&9 8>&- 9>&-' _ "$@" >"$tmp/dbus.log" 2>&1
