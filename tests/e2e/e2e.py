#!/usr/bin/python3
"""Drives the window as a person does: from its first picture to a recording that is opened again; TAP.

    xsession.sh e2e.py PROGRAM COMMAND_LINE_PROGRAM FOLDER_FOR_PICTURES_OF_FAILURES [TEST...]

The environment says where runner, scenarios and schema are. SPDX-License-Identifier: GPL-3.0-or-later
"""

import glob
import json
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import gui  # noqa: E402
from gui import App, wait, xdotool  # noqa: E402

PROGRAM, CLI, PICTURES = sys.argv[1:4]
WORK = os.environ["XDG_RUNTIME_DIR"]
RECORDINGS = os.path.join(os.environ["XDG_DATA_HOME"], "interleave", "recordings")
CLOCK = r"\d\d:\d\d\.\d"


def start(*arguments, **environment):
    return App([PROGRAM, *arguments], environment=environment)


def timeline(app):
    return app.get_shown("image", "Timeline")


def description(app):
    return timeline(app).get_description()


def visible_range(app):
    """Begin and end in seconds."""
    match = re.match(r"Visible range (-?[\d.]+) – (-?[\d.]+)\s*s", description(app))
    return (float(match.group(1)), float(match.group(2))) if match else (0.0, 0.0)


def settled_range(app):
    """The visible range once all input has been seen to: it is the same while the recording goes on."""
    seen = []

    def look():
        seen.append(visible_range(app))
        record_for(app, clock(app) + 0.1)
        return visible_range(app) == seen[-1]

    wait(look, "the view to be at rest")
    return seen[-1]


def span(app):
    begin, end = visible_range(app)
    return end - begin


def clock(app):
    """The record time in seconds."""
    minutes, seconds = app.get_shown("label", CLOCK).get_name().split(":")
    return int(minutes) * 60 + float(seconds)


def record_for(app, seconds):
    wait(lambda: clock(app) >= seconds, "the record time to reach %s s" % seconds)


def stop(app):
    app.press(app.get_shown("push button", "Stop"))
    wait(lambda: app.find_shown("push button", "Run"), "the run to end")


def runner_of(app):
    """Process id of the runner that records just now; the one that lists scenarios is gone by then."""
    output = subprocess.run(["ps", "--ppid", str(app.process.pid), "-o", "pid=,args="], capture_output=True, text=True).stdout
    return next((int(line.split()[0]) for line in output.splitlines() if "interleave-runner" in line and " run " in line), None)


def png_size(path):
    with open(path, "rb") as file:
        head = file.read(24)
    assert head[:8] == b"\x89PNG\r\n\x1a\n", "not a PNG: %r" % head
    return struct.unpack(">II", head[16:24])


def save_through_dialog(app, title, path, button="_?(Save|Export).*"):
    dialog = app.dialog(title)
    app.choose_path(dialog, path, button)
    wait(lambda: os.path.exists(path) and os.path.getsize(path) > 0, "%s to be written" % path)


# --- the tests, each with a window of its own


def test_comes_up_running():
    with start() as app:
        assert app.get_shown("push button", "Stop")
        wait(lambda: "following" in description(app), "the view to follow")
        record_for(app, 1.0)
        assert app.unnamed() == [], app.unnamed()
        wait(lambda: app.find_shown("label", "Producer and consumer"), "the session's title")
        assert wait(lambda: glob.glob(RECORDINGS + "/*-producer-consumer.interleave"), "the recording")
        assert app.quit() == 0


def test_hover_says_what_is_there():
    with start() as app:
        record_for(app, 1.0)
        stop(app)
        app.point(timeline(app), 0.6, 0.35)
        wait(lambda: app.find_shown("label", r".*(waited|ran|slept|running|ready|waiting).*"), "facts under the pointer")
        app.point(timeline(app), 0.05, 0.98)


def test_zoom_pan_and_fit():
    with start() as app:
        record_for(app, 2.0)
        stop(app)
        area = timeline(app)
        app.click(area, 1, 0.9, 0.95)  # focus
        app.key("Home")
        wait(lambda: visible_range(app)[0] == 0.0 and span(app) > 1.5, "the whole recording")
        whole = span(app)

        app.wheel(area, 4, 0.6, 0.4)
        wait(lambda: span(app) < whole / 2, "the wheel to zoom in")
        app.wheel(area, -1, 0.6, 0.4)
        for key, check in (
            ("ctrl+plus", lambda before: span(app) < before * 0.8),
            ("ctrl+minus", lambda before: span(app) > before * 1.2),
            ("w", lambda before: span(app) < before * 0.8),
            ("s", lambda before: span(app) > before * 1.2),
        ):
            before = span(app)
            app.key(key)
            wait(lambda check=check, before=before: check(before), "%s to zoom" % key)

        for key, sign in (("a", -1), ("d", 1), ("Left", -1), ("Right", 1)):
            before = visible_range(app)[0]
            app.key(key)
            wait(lambda before=before, sign=sign: (visible_range(app)[0] - before) * sign > 0, "%s to pan" % key)

        before = visible_range(app)[0]
        app.drag(area, 120, 0, 0.5, 0.4)
        wait(lambda: visible_range(app)[0] < before, "the drag to pan")
        xdotool("keydown", "shift")
        before = visible_range(app)[0]
        app.wheel(area, -2, 0.6, 0.4)
        xdotool("keyup", "shift")
        wait(lambda: visible_range(app)[0] > before, "shift and wheel to pan")

        app.action(timeline(app), "timeline.fit")
        wait(lambda: abs(span(app) - whole) < 0.05, "the whole recording again")
        app.action(timeline(app), "timeline.zoom-in")
        wait(lambda: span(app) < whole * 0.8, "the action to zoom")


def test_groups_fold():
    with start() as app:
        record_for(app, 0.5)
        stop(app)
        header = app.get_shown("push button", "Workers")
        locks = app.get_shown("push button", "Locks")
        below = app.extents(locks).y
        app.click(header, 1, 0.1, 0.5)
        wait(lambda: app.extents(locks).y < below - 30, "the workers to fold")
        app.press(header)
        wait(lambda: app.extents(locks).y == below, "the workers to unfold")


def test_follow_is_left_and_found_again():
    with start() as app:
        record_for(app, 1.5)
        wait(lambda: "following" in description(app), "the view to follow")
        app.drag(timeline(app), 200, 0, 0.4, 0.4)
        follow = app.get_shown("push button", "Follow")
        wait(lambda: "following" not in description(app), "the view to stay")
        before = settled_range(app)
        record_for(app, clock(app) + 0.5)
        assert visible_range(app) == before, f"the view moved by itself, from {before} to {visible_range(app)}"
        app.press(follow)
        wait(lambda: "following" in description(app), "the view to follow again")


def test_pause_and_resume():
    with start() as app:
        record_for(app, 0.5)
        app.press(app.get_shown("push button", "Pause"))
        app.press(app.get_shown("push button", "Resume"))
        app.get_shown("push button", "Pause")
        app.key("ctrl+space")
        app.get_shown("push button", "Resume")
        stop(app)


def hold_time(recording, begin, end):
    """The lock's median hold time in a part of a recording, in ms."""
    command = [CLI, "report", recording, "--from", "%.1fs" % begin, "--to", "%.1fs" % end, "--json"]
    report = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout)
    return report["locks"][0]["hold_ns"]["p50"] / 1e6


def test_live_knob():
    """The lock is held for as long as the knob says: nothing at first, then at least the 5 ms of its upper end."""
    known = set(glob.glob(RECORDINGS + "/*"))
    with start("--scenario", "lock-contention") as app:
        record_for(app, 0.3)
        slider = app.get_shown("slider", "Critical section")
        assert "sensitive" in app.states(slider)
        app.click(slider, 1, 0.5, 0.5)
        app.key("Home")
        app.get_shown("label", "0.*s")
        record_for(app, clock(app) + 0.3)
        short = clock(app), clock(app) + 0.5
        record_for(app, short[1])
        app.key("End")
        app.get_shown("label", r"5\Wms")
        record_for(app, clock(app) + 0.3)
        long = clock(app), clock(app) + 0.5
        record_for(app, long[1])
        stop(app)
        assert app.quit() == 0
    (recording,) = set(glob.glob(RECORDINGS + "/*")) - known
    assert hold_time(recording, *short) < 4.9
    assert hold_time(recording, *long) >= 4.9


def report_of(recording, begin=None, end=None):
    command = [CLI, "report", recording, "--json"]
    if end is not None:
        command += ["--from", "%.1fs" % begin, "--to", "%.1fs" % end]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout)


def new_recording(known):
    (recording,) = set(glob.glob(RECORDINGS + "/*")) - known
    return recording


def selected(app):
    match = re.search(r"Selected: (.*)", description(app))
    return match.group(1) if match else None


def select_lane(app, name):
    """By keyboard, from the top."""
    app.click(timeline(app), 1, 0.9, 0.97)  # focus
    app.key("Escape")
    wait(lambda: not selected(app), "nothing to be selected")
    for _ in range(30):
        before = selected(app)
        if before == name:
            return
        app.key("ctrl+Down")
        wait(lambda before=before: selected(app) != before, "another lane to be selected")
    raise AssertionError("no lane " + name)


def test_choose_a_scenario_by_typing():
    with start("--no-run") as app:
        app.get_shown("label", "Nothing Recorded Yet")
        app.key("ctrl+l")
        search = app.get_shown("entry", "Search scenarios")
        wait(lambda: "focused" in app.states(search), "the focus on the search")
        xdotool("type", "--delay", 20, "ordered dining")
        app.key("Return")
        app.get_shown("push button", "Scenario: Dining philosophers, ordered")
        app.key("ctrl+r")
        record_for(app, 0.3)
        wait(lambda: glob.glob(RECORDINGS + "/*-dining-philosophers-ordered.interleave"), "the recording")
        assert app.unnamed() == [], app.unnamed()
        assert app.quit() == 0


def test_deadlock_is_found():
    """Told at once, shown when asked for; who opens the recording finds it as well."""
    known = set(glob.glob(RECORDINGS + "/*"))
    endless = os.path.join(WORK, "endless.scenario")
    with open(os.path.join(os.environ["INTERLEAVE_SCENARIOS"], "deadlock.scenario"), encoding="utf-8") as file:
        text = file.read()
    with open(endless, "w", encoding="utf-8") as file:
        file.write(re.sub("^Duration=.*\n", "", text, flags=re.MULTILINE))
    with start(endless) as app:
        app.get_shown("label", "Deadlock: .* and .* wait for each other")
        app.get_shown("status bar", "1 finding")
        app.press(app.get_shown("push button", "Show"))
        wait(lambda: re.fullmatch("(Forth|Back) 1", selected(app) or ""), "who takes part to be selected")
        wait(lambda: "following" not in description(app) and span(app) < 0.5, "the moment to be shown")
        stop(app)
        wait(lambda: not app.find_shown("label", "Deadlock: .*"), "the banner to go")
        assert app.quit() == 0
    with start(new_recording(known)) as app:
        app.click(app.get_shown("label", "Deadlock", app.get_shown("list", "Findings")))
        wait(lambda: re.fullmatch("(Forth|Back) 1", selected(app) or ""), "who took part to be selected")
        wait(lambda: span(app) < 0.5, "the moment to be shown")
        app.action(timeline(app), "timeline.fit")
        wait(lambda: span(app) > 0.5, "all to be shown")
        app.key("F4")
        wait(lambda: span(app) < 0.5, "the moment to be shown again")
        # The order of locks that led to it is a part of it.
        app.get_shown("status bar", "1 finding")
        assert app.find_shown("label", "Opposite lock orders") is None
        assert app.find_shown("label", "Deadlock: .*") is None
        assert app.quit() == 0


def switches(recording, begin, end):
    return sum(worker["voluntary_switches"] for worker in report_of(recording, begin, end)["workers"])


def resting(runner):
    """What the kernel counted of each worker, where all of them sleep; else nothing."""
    counts = []
    for path in glob.glob("/proc/%d/task/*/status" % runner):
        with open(path) as file:
            status = file.read()
        if re.search(r"^Name:\s*Worker", status, re.MULTILINE):
            if not re.search(r"^State:\s*S", status, re.MULTILINE):
                return None
            counts.append(re.findall(r"ctxt_switches:\s*(\d+)", status))
    return counts


def come_to_rest(runner):
    """Who got no core for long stands still later than the window says."""
    seen = [None] * 5

    def is_quiet():
        seen.append(resting(runner))
        return seen[-1] and all(counts == seen[-1] for counts in seen[-5:])

    wait(is_quiet, "all workers to stand still")


def test_step_while_paused():
    """Paused, nobody does anything; with each step one does, and is pointed out."""
    known = set(glob.glob(RECORDINGS + "/*"))
    with start("--scenario", "lock-contention") as app:
        record_for(app, 0.3)
        assert app.find_shown("push button", "Step") is None
        app.press(app.get_shown("push button", "Pause"))
        step = app.get_shown("push button", "Step")
        come_to_rest(runner_of(app))
        begin = clock(app) + 0.3
        record_for(app, begin + 0.5)
        end = clock(app) - 0.2
        steps = 60
        moved = set()
        # Who holds the lock makes steps alone, up to its end; 20 for 2 ms.
        while len(moved) < 2 and steps > 0:
            steps -= 1
            app.press(step)
            wait(lambda: selected(app), "who made the step")
            moved.add(selected(app))
            app.click(timeline(app), 1, 0.9, 0.97)
            app.key("Escape")
            wait(lambda: not selected(app), "nobody to be selected")
        app.key("period")
        wait(lambda: selected(app), "who made the step")
        assert len(moved) > 1, moved
        record_for(app, clock(app) + 0.3)
        last = clock(app)
        stop(app)
        assert app.quit() == 0
    recording = new_recording(known)
    assert switches(recording, begin, end) == 0
    assert switches(recording, end, last) > 0


def test_kill_a_worker():
    """From the menu of its lane; another takes its place."""
    with start("--scenario", "lock-contention", "--no-run") as app:
        app.click(app.get_shown("push button", "Processes"))
        known = set(glob.glob(RECORDINGS + "/*"))
        app.key("ctrl+r")
        record_for(app, 0.5)
        select_lane(app, "Worker 2")
        app.key("shift+F10")
        app.press(app.get_shown("menu item", "Kill Worker 2"))
        record_for(app, clock(app) + 1.0)
        stop(app)
        assert app.quit() == 0
    report = report_of(new_recording(known))
    names = [worker["name"] for worker in report["workers"]]
    assert sorted(name for name in names if name.startswith("Worker 2")) == ["Worker 2", "Worker 2 (2)"], names
    tasks = report["tasks"]
    assert tasks["submitted"] == tasks["done"] + tasks["failed"] + tasks["cancelled"] + tasks["lost"], tasks


def test_a_thread_cannot_be_killed():
    with start("--scenario", "lock-contention") as app:
        record_for(app, 0.5)
        app.point(timeline(app), 0.1, 0.5)
        select_lane(app, "Worker 1")
        app.key("Menu")
        app.press(app.get_shown("menu item", "Kill Worker 1"))
        app.get_in_toast("label", "Worker 1 is a thread, .*")
        app.press(app.get_in_toast("push button", "Run as Processes.*"))
        processes = app.get_shown("push button", "Processes")
        wait(lambda: "pressed" in app.states(processes), "processes to be chosen")
        wait(lambda: len(glob.glob(RECORDINGS + "/*-lock-contention*.interleave")) >= 2, "another run")
        record_for(app, 0.3)
        assert app.quit() == 0


def test_more_workers_while_it_runs():
    known = set(glob.glob(RECORDINGS + "/*"))
    with start("--scenario", "lock-contention") as app:
        record_for(app, 0.5)
        slider = app.get_shown("slider", "Workers")
        assert "sensitive" in app.states(slider)
        app.click(slider, 1, 0.3, 0.5)
        app.key("Home")
        app.key("Right", "Right", "Right", "Right", "Right", "Right")  # from 1 to 7
        select_lane(app, "Worker 7")
        record_for(app, clock(app) + 0.5)
        app.click(slider, 1, 0.9, 0.5)
        app.key("End")
        record_for(app, clock(app) + 0.3)
        stop(app)
        assert app.quit() == 0
    names = {worker["name"] for worker in report_of(new_recording(known))["workers"]}
    assert "Worker 7" in names, names


def test_tooltips_come_up_while_it_runs():
    """Though figures and clock change several times a second. In between, the pointer rests on the title: that has no
    tooltip and never moves, while what is told of the run makes room for itself below, with tooltips of its own."""
    with start() as app:
        record_for(app, 0.5)
        title = app.get_shown("label", "Interleave")
        app.point(title)
        bare = app.on_screen()
        for name in ("Export…", "Pause", "Sidebar"):
            app.rest_on(app.get_shown("push button", name), lambda: app.on_screen() - bare, "the tooltip of " + name)
            app.rest_on(title, lambda: app.on_screen() == bare, "the tooltip of %s to go" % name)
        stop(app)


def test_shortcuts():
    """The window of shortcuts comes and goes, and GTK has nothing to complain about."""
    with start("--no-run") as app:
        app.get_shown("label", "Nothing Recorded Yet")
        app.key("ctrl+question")
        app.get_shown("label", "Newest moment, and follow it", app.dialog("Keyboard shortcuts"))
        app.key("Escape")
        wait(lambda: not app.is_on_screen("Keyboard shortcuts"), "the shortcuts to close")
        assert app.quit() == 0


def tip_names(app, header, down, lane):
    """Whether what is said at a height below a group's header is of that lane."""
    area, top = app.extents(timeline(app)), app.extents(app.get_shown("push button", header))
    for across in (0.6, 0.61, 0.62, 0.63):
        app.point(timeline(app), across, (top.y - area.y + top.height + down) / area.height)
        if app.find_shown("label", lane + r"\b.*"):
            return True
    return False


def test_scale_factor_two():
    """On a screen with twice the pixels the pointer meets what it points at."""
    with start(GDK_SCALE="2") as app:
        xdotool("windowsize", "--sync", app.window_id, 1270, 790)
        record_for(app, 1.0)
        stop(app)
        header = app.get_shown("push button", "Cores")
        workers = app.get_shown("push button", "Workers")
        below = app.extents(workers).y
        app.click(header, 1, 0.1, 0.5)
        wait(lambda: app.extents(workers).y < below - 30, "the cores to fold")
        wait(lambda: tip_names(app, "Workers", 22, "Producer 1"), "the first lane below the pointer")
        wait(lambda: tip_names(app, "Workers", 52, "Producer 2"), "the second lane below the pointer")


def test_choosing_a_scenario_restarts():
    with start("--scenario", "lock-contention") as app:
        record_for(app, 0.5)
        app.click(app.get_shown("push button", "Processes"))
        wait(lambda: len(glob.glob(RECORDINGS + "/*-lock-contention*.interleave")) >= 2, "a second recording")
        record_for(app, 0.3)
        stop(app)


def test_export_save_reopen():
    picture = os.path.join(WORK, "picture.png")
    copy = os.path.join(WORK, "copy.interleave")
    with start() as app:
        record_for(app, 1.5)
        app.key("ctrl+e")
        save_through_dialog(app, "Export Picture", picture)
        app.get_in_toast("label", "Exported to picture.png")
        width, height = png_size(picture)
        assert width >= 1280 and height >= 400, (width, height)
        stop(app)
        app.key("ctrl+s")
        save_through_dialog(app, "Save Recording As", copy)
        app.get_in_toast("label", "Recording saved")
        recorded = clock(app)
        assert app.quit() == 0

    with start(copy) as app:
        app.get_shown("push button", "Run")
        wait(lambda: clock(app) > 0, "the recording's length")
        assert abs(clock(app) - recorded) < 0.5, (clock(app), recorded)
        wait(lambda: span(app) > 1.0, "the whole recording in view")
        assert app.find_shown("label", ".*copy.interleave"), "the subtitle names the file"
        assert app.quit() == 0


def test_quit_leaves_a_whole_recording():
    """Also the oldest recordings go, once there are more than twenty."""
    for number in range(25):
        with open(os.path.join(RECORDINGS, "2000-01-01-00.00.%02d-old.interleave" % number), "w"):
            pass
    with start("--scenario", "pool-batches") as app:
        record_for(app, 0.5)
        assert app.quit() == 0
    assert len(glob.glob(RECORDINGS + "/*.interleave")) == 20
    (path,) = glob.glob(RECORDINGS + "/*-pool-batches.interleave")
    with start(path) as app:
        wait(lambda: span(app) > 0.2, "the whole recording in view")
        assert app.find_shown("label", ".*cut off.*") is None
        assert app.quit() == 0


def test_dragged_recording_opens():
    """Dragged over from another program's window, as from a file manager."""
    path = max(glob.glob(RECORDINGS + "/*.interleave"))
    with start("--no-run") as app, tempfile.TemporaryFile("w+") as said:
        page = app.get_shown("label", "Nothing Recorded Yet")
        source = subprocess.Popen([os.environ["DRAG_SOURCE"], path], stdout=said)
        try:
            window = xdotool("search", "--sync", "--onlyvisible", "--pid", source.pid, "--name", "^Source$").split()[0]
            xdotool("windowmove", "--sync", window, 1000, 600)
            xdotool("mousemove", 1100, 650, "mousedown", 1)
            x, y = app.position(page)

            def accepted():
                """Moves on: who drags would, and the first moves only begin it."""
                for step in range(11):
                    xdotool("mousemove", 1100 + (x - 1100) * step // 10, 650 + (y - 650) * step // 10)
                said.seek(0)
                return "accepted" in said.read()

            wait(accepted, "the window to take the file")
            xdotool("mouseup", 1)
            wait(lambda: source.poll() is not None, "the drag to end")
        finally:
            source.kill()
            source.wait()
        wait(lambda: app.find_shown("label", ".* – " + re.escape(os.path.basename(path))), "the title")
        wait(lambda: span(app) > 0.1, "the recording in view")
        assert app.quit() == 0


def test_second_start_opens_a_second_window():
    path = max(glob.glob(RECORDINGS + "/*.interleave"))
    with start("--scenario", "lock-contention") as app:
        record_for(app, 0.3)
        subprocess.run([PROGRAM, path], check=True, timeout=30)
        wait(lambda: len(app.windows()) == 2, "a second window")
        subprocess.run([PROGRAM], check=True, timeout=30)
        assert len(app.windows()) == 2
        assert app.quit() == 0


def test_save_by_keyboard():
    copy = os.path.join(WORK, "typed.interleave")
    with start() as app:
        record_for(app, 0.5)
        stop(app)
        app.key("ctrl+s")
        dialog = app.dialog("Save Recording As")
        wait(lambda: app.is_on_screen("Save Recording As"), "the dialog to show")
        entry = wait(
            lambda: next((o for o in app.walk_shown(dialog) if "EditableText" in o.get_interfaces()), None),
            "the name's entry",
        )
        wait(lambda: "focused" in app.states(entry), "the focus on the name")
        app.key("ctrl+a")
        xdotool("type", "--delay", 20, copy)
        wait(lambda: app.text(entry) == copy, "the name to be typed")
        app.key("Return")
        wait(lambda: os.path.exists(copy) and os.path.getsize(copy) > 0, "the copy")
        wait(lambda: not app.is_on_screen("Save Recording As"), "the dialog to close")
        assert app.quit() == 0


def test_save_while_recording_waits():
    copy = os.path.join(WORK, "later.interleave")
    with start() as app:
        record_for(app, 0.5)
        app.key("ctrl+s")
        app.choose_path(app.dialog("Save Recording As"), copy, "_?Save.*")
        assert not os.path.exists(copy)
        stop(app)
        wait(lambda: os.path.exists(copy) and os.path.getsize(copy) > 0, "the copy")


def run_program(app, command):
    """Asked for by the keyboard alone; without its locks."""
    app.key("ctrl+shift+r")
    dialog = app.dialog("Run a Program")
    entry = app.get_shown("text", "Command line", dialog)
    switch = app.get_shown("check box", "Record its locks", dialog)
    xdotool("type", "--delay", 10, command)
    wait(lambda: app.text(entry) == command, "the command to be typed")
    # The pencil and the arrow of libadwaita's rows have no names.
    unnamed = [item for item in app.unnamed() if item[:2] != ("image", "GtkImage")]
    assert unnamed == [], unnamed
    app.key("Tab", "Tab", "Tab", "space")
    wait(lambda: "checked" not in app.states(switch), "the locks to be left out")
    app.key("ctrl+Return")
    wait(lambda: not app.is_on_screen("Run a Program"), "the dialog to close")


def test_program_runs():
    """Asked for by the keyboard; its output, its end; and from its recording it does not run unasked."""
    command = "sh -c 'echo some words; sleep 0.3; exit 3'"
    with start("--no-run") as app:
        app.get_shown("label", "Nothing Recorded Yet")
        run_program(app, command)
        app.get_shown("label", "The program ended with status 3.")
        app.get_shown("label", "some words")
        app.get_shown("label", re.escape(command))
        assert app.find_shown("push button", "Pause") is None
        assert app.unnamed() == [], app.unnamed()
        assert app.quit() == 0

    (path,) = glob.glob(RECORDINGS + "/*-sh.interleave")
    with start(path) as app:
        app.get_shown("push button", "Run")
        wait(lambda: clock(app) > 0, "the recording's length")
        windows = app.on_screen()
        app.key("ctrl+r")
        app.get_shown("label", "Run This Command\\?")
        app.key("Return")  # which is Cancel
        wait(lambda: app.on_screen() == windows, "the question to go")
        assert app.find_shown("push button", "Stop") is None
        assert len(glob.glob(RECORDINGS + "/*-sh.interleave")) == 1
        assert app.quit() == 0


def test_program_is_stopped():
    with start("--no-run") as app:
        app.get_shown("label", "Nothing Recorded Yet")
        run_program(app, "sleep 1000")
        record_for(app, 0.3)
        assert len(glob.glob(RECORDINGS + "/*-sleep.interleave")) == 1
        stop(app)
        app.get_in_toast("label", "The program was stopped")
        assert app.quit() == 0


def test_program_is_not_closed_unasked():
    with start("--no-run") as app:
        app.get_shown("label", "Nothing Recorded Yet")
        run_program(app, "sleep 1000")
        record_for(app, 0.3)
        app.key("ctrl+q")
        app.get_shown("label", "Stop the Program\\?")
        app.key("Escape")
        wait(lambda: app.find_shown("label", "Stop the Program\\?") is None, "the question to go")
        assert app.find_shown("push button", "Stop")
        app.process.send_signal(signal.SIGTERM)
        assert app.ended() == 0


def test_runner_is_killed():
    with start() as app:
        record_for(app, 1.0)
        os.kill(wait(lambda: runner_of(app), "the runner"), signal.SIGKILL)
        app.get_shown("label", r".*(killed|signal 9|SIGKILL).*")
        app.get_shown("push button", "Run")
        wait(lambda: span(app) > 0.1, "what was recorded to stay")
        app.press(app.get_shown("push button", "Run"))
        wait(lambda: app.find_shown("push button", "Stop"), "another run")
        record_for(app, 0.3)
        assert app.quit() == 0


def test_wrong_files():
    wrong = os.path.join(WORK, "wrong.interleave")
    with open(wrong, "w") as file:
        file.write("This is not a recording.\n" * 50)
    with start(wrong) as app:
        app.get_shown("label", "Could Not Open the Recording")
        app.press(app.get_shown("push button", "Run Scenario"))
        record_for(app, 0.3)
        assert app.quit() == 0
    with start(os.path.join(WORK, "missing.interleave")) as app:
        app.get_shown("label", "Could Not Open the Recording")
        assert app.quit() == 0


def test_wrong_scenarios():
    broken = os.path.join(WORK, "broken.scenario")
    with open(broken, "w") as file:
        file.write("[Scenario]\nName=Broken\nModel=nonsense\n")
    with start("--scenario", "nonsense") as app:
        app.get_shown("label", "There is no scenario “nonsense”.*")
        app.press(app.get_shown("push button", "Run"))
        record_for(app, 0.3)
        assert app.quit() == 0
    with start(broken) as app:
        app.get_shown("label", r".*broken\.scenario:3.*")
        app.get_shown("label", "Nothing Recorded Yet")
        run = app.get_shown("push button", "Run")
        wait(lambda: "sensitive" in app.states(run), "the button that runs what is chosen instead")
        app.press(run)
        record_for(app, 0.3)
        assert app.find_shown("label", r".*broken\.scenario:3.*") is None
        assert app.quit() == 0


def test_signals_end_the_run():
    """As when a session or a terminal ends: the recording is whole and nothing else is left."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        known = set(glob.glob(RECORDINGS + "/*"))
        with start() as app:
            record_for(app, 0.5)
            runner = runner_of(app)
            app.process.send_signal(number)
            assert app.ended() == 0
        assert not os.path.exists("/proc/%d" % runner)
        assert not glob.glob(os.environ["XDG_RUNTIME_DIR"] + "/interleave-*")
        new = set(glob.glob(RECORDINGS + "/*")) - known
        assert len(new) == 1, new
        with start(new.pop()) as app:
            app.get_shown("label", "Producer and consumer – .*")
            assert app.find_shown("label", ".*cut off.*") is None
            assert app.quit() == 0


def test_without_a_runner():
    with start(INTERLEAVE_RUNNER=os.path.join(WORK, "no-runner")) as app:
        app.get_shown("label", ".*no-runner.*")
        app.get_shown("label", "Nothing Recorded Yet")
        assert app.quit() == 0


def test_unwritable_recordings():
    folder = os.path.join(WORK, "full")
    os.makedirs(folder)
    with open(os.path.join(folder, "interleave"), "w"):
        pass  # where the folder should be
    with start(XDG_DATA_HOME=folder) as app:
        app.get_shown("label", "This run is shown, but not kept.*")
        record_for(app, 0.5)
        stop(app)
        app.key("ctrl+w")
        app.get_shown("label", "Discard the Recording\\?")
        app.key("alt+d")
        assert app.ended() == 0


def test_no_run_and_narrow():
    with start("--no-run") as app:
        app.get_shown("label", "Nothing Recorded Yet")
        assert runner_of(app) is None
        xdotool("windowsize", "--sync", app.window_id, 620, 480)
        sidebar = app.get_shown("push button", "Sidebar")
        wait(lambda: "pressed" not in app.states(sidebar), "the sidebar to fold")
        app.key("F9")
        wait(lambda: "pressed" in app.states(sidebar), "the sidebar to open")
        assert app.unnamed() == [], app.unnamed()
        app.key("F9")
        app.key("ctrl+r")
        wait(lambda: app.find_shown("push button", "Stop"), "the run")
        record_for(app, 0.3)
        assert app.quit() == 0


def main():
    tests = [(name, value) for name, value in globals().items() if name.startswith("test_")]
    chosen = [test for test in tests if not sys.argv[4:] or test[0] in sys.argv[4:]]
    failed = 0
    print("1..%d" % len(chosen), flush=True)
    for number, (name, function) in enumerate(chosen, 1):
        os.environ["GUI_FAILURE_PICTURE"] = os.path.join(PICTURES, name.replace("_", "-") + ".png")
        try:
            function()
            print("ok %d %s" % (number, name), flush=True)
        except (AssertionError, subprocess.SubprocessError, gui.GLib.Error, OSError):
            failed += 1
            print("not ok %d %s" % (number, name))
            for line in traceback.format_exc().splitlines()[-14:]:
                print("# " + line)
            sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
