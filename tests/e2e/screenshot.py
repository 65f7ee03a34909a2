#!/usr/bin/python3
"""Takes one picture of the window, for documentation.

    xsession.sh screenshot.py PROGRAM PICTURE.png WIDTHxHEIGHT|export light|dark
    xsession.sh screenshot.py PROGRAM PICTURE.png WIDTHxHEIGHT light|dark SCRIPT

SCRIPT is a Python program that takes turns under the interpreter's lock; without one it is the bundled scenario.

SPDX-License-Identifier: GPL-3.0-or-later
"""

import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gui import App, wait, xdotool  # noqa: E402


def write_settings(width, height, scheme, programs):
    folder = os.path.join(os.environ["XDG_CONFIG_HOME"], "glib-2.0", "settings")
    os.makedirs(folder)
    with open(os.path.join(folder, "keyfile"), "w") as file:
        file.write(
            "[io/github/interleave/Interleave]\n"
            f"color-scheme='{scheme}'\nwindow-width={width}\nwindow-height={height}\nshow-scheduler-hint=false\n"
            f"recent-programs={programs}\n"
        )


def record_for(app, seconds):
    def recorded():
        label = app.find_shown("label", r"\d\d:\d\d\.\d")
        return label and float(label.get_name()[3:]) >= seconds

    wait(recorded, "%s s of recording" % seconds, 30)


def take(app, picture):
    """Just the window: without the border that GTK draws where there is no window manager."""
    frame = app.extents(app.window)
    lines = xdotool("getwindowgeometry", "--shell", app.window_id).split()
    geometry = dict(line.split("=") for line in lines)
    left = int(geometry["X"]) + (int(geometry["WIDTH"]) - frame.width) // 2
    top = int(geometry["Y"]) + (int(geometry["HEIGHT"]) - frame.height) // 2
    crop = "%dx%d+%d+%d" % (frame.width, frame.height, left, top)
    subprocess.run(["import", "-silent", "-window", "root", "-crop", crop, "+repage", picture], check=True)


def main():
    program, picture, size, scheme = sys.argv[1:5]
    script = sys.argv[5] if len(sys.argv) > 5 else None
    width, height = map(int, re.findall(r"\d+", size)) if size != "export" else (1280, 800)
    programs = "@a(sssb) []"
    if script:
        # What the window says of it is to be the same everywhere.
        for name in (os.path.basename(script), "named.py"):  # which it imports
            shutil.copy(os.path.join(os.path.dirname(script), name), os.environ["HOME"])
        programs = f"[('./{os.path.basename(script)}', '~', '', false)]"
    write_settings(width, height, scheme, programs)
    compositor = subprocess.Popen(["xcompmgr"], stderr=subprocess.DEVNULL)
    try:
        with App([program, *(["--no-run"] if script else [])]) as app:
            if script:
                take_program(app, picture)
                return
            record_for(app, 6)
            if size == "export":
                app.key("ctrl+e")
                app.choose_path(app.dialog("Export Picture"), picture + ".new", "_?Save.*")
                wait(lambda: app.find("label", "Exported to .*"), "the picture")
                os.replace(picture + ".new", picture)
                return
            # While it goes on recording: a step back, and the facts of a span under the pointer.
            timeline = app.get_shown("image", "Timeline")
            app.drag(timeline, 40, 0, 0.6, 0.9)
            app.get_shown("push button", "Follow")
            for across in (0.62, 0.6, 0.58, 0.64, 0.66, 0.56, 0.68, 0.54, 0.7, 0.52, 0.72):
                app.point(timeline, across, tip_height(app))
                time.sleep(0.3)
                if app.find_shown("label", r".* waited .* for .*"):
                    break
            take(app, picture)
    finally:
        compositor.terminate()
        compositor.wait()


def take_program(app, picture):
    """When it has ended: some hand-overs of the lock, with the facts of one of them under the pointer."""
    app.get_shown("push button", "Run a Program…")
    app.key("ctrl+shift+r")
    app.dialog("Run a Program")
    app.key("ctrl+Return")
    app.get_in_toast("label", "The program ended with status 0")
    wait(lambda: not app.find_in_toast("label", "The program ended.*"), "the toast to go")
    timeline = app.get_shown("image", "Timeline")
    app.wheel(timeline, 10, 0.6, 0.9)
    below = app.extents(app.get_shown("push button", "Locks"))
    row = (below.y - app.extents(timeline).y + below.height + 18) / app.extents(timeline).height
    for across in (0.6, 0.57, 0.63, 0.54, 0.66, 0.51, 0.69):
        app.point(timeline, across, row)
        time.sleep(0.5)
        if app.find_shown("label", r"Python GIL .* held by .*") and app.find_shown("label", r"\D.*waited for it.*"):
            break
    take(app, picture)


def tip_height(app):
    """Across the row of the second worker: below the header that says Workers."""
    timeline = app.extents(app.get_shown("image", "Timeline"))
    header = app.extents(app.get_shown("push button", "Workers"))
    return (header.y - timeline.y + header.height + 52) / timeline.height


if __name__ == "__main__":
    sys.exit(main())
