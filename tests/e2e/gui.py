"""Drives a GTK window: AT-SPI to find and to read, xdotool for real input.

Needs python3-gi, gir1.2-atspi-2.0, xdotool and imagemagick; to be used inside xsession.sh.

SPDX-License-Identifier: GPL-3.0-or-later
"""

import contextlib
import itertools
import os
import re
import subprocess
import sys
import tempfile
import time
import warnings

warnings.simplefilter("ignore", DeprecationWarning)

import gi  # noqa: E402

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

# Roles of what a person can press, turn or type into.
INTERACTIVE = {
    "push button", "toggle button", "check box", "entry", "text", "combo box", "slider", "spin button",
    "menu item", "link", "tree table", "image", "switch",
}  # fmt: skip


def patience():
    """Seconds to wait for something: sanitizers need more of them."""
    return float(os.environ.get("GUI_PATIENCE", "20"))


# In milliseconds: a window that gets no core for a second answers late, and has not failed.
Atspi.set_timeout(int(patience() * 1000), int(patience() * 1000))


class Starvation:
    """What the kernel let processes wait for a core. A program that gets none is not late: a test is only as
    patient with a busy machine as that is busy."""

    def __init__(self):
        self.delays = {os.getpid(): 0.0}

    def watch(self, process):
        self.delays[process] = 0.0

    def seconds(self):
        """Never falls: a process that is gone keeps what it had."""
        for process, delay in self.delays.items():
            try:
                with open("/proc/%d/schedstat" % process) as file:
                    self.delays[process] = max(delay, int(file.read().split()[1]) / 1e9)
            except (OSError, IndexError):
                pass
        return sum(self.delays.values())


starvation = Starvation()


def wait(condition, what, timeout=None):
    """Polls until the condition is truthy and returns its value. No test sleeps for a fixed time."""
    begin, starved = time.monotonic(), starvation.seconds()
    while True:
        try:
            value = condition()
            if value:
                return value
        except GLib.Error:  # the object vanished between two calls
            pass
        if time.monotonic() - begin - (starvation.seconds() - starved) > (timeout or patience()):
            raise AssertionError("timed out waiting for " + what)
        time.sleep(0.03)


def xdotool(*arguments):
    command = ["xdotool", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


# What nobody may say, and what GTK 4.8 says when an accessible is asked for just while it goes.
COMPLAINT = re.compile(r"-(WARNING|CRITICAL|ERROR) \*\*|runtime error:|Sanitizer")
KNOWN = re.compile(r"g_variant_is_object_path|g_variant_new_object_path|g_variant_is_floating|dbind-WARNING")


class App:
    """A program with one main window; a context manager that ends it, and takes a picture when a test fails.

    What the program says is read when it has ended: it is not stopped at its first complaint, since some of
    these are GTK's own.
    """

    def __init__(self, arguments, title="Interleave", environment=None):
        self.scale = int((environment or {}).get("GDK_SCALE", "1"))
        self.said = tempfile.TemporaryFile("w+")
        # GTK's file chooser leaks; what does not need it is checked for leaks by the tests of the widgets.
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        surroundings = {**os.environ, "G_DEBUG": "", "ASAN_OPTIONS": sanitizer, **(environment or {})}
        self.process = subprocess.Popen(arguments, env=surroundings, stderr=self.said)
        starvation.watch(self.process.pid)
        self.accessible = wait(self._find_self, "the application on the accessibility bus")
        self.accessible.set_cache_mask(Atspi.Cache.NONE)  # libatspi would answer from a stale cache
        self.window = wait(lambda: self.find("frame", title), "the main window")
        name = "^%s$" % title
        self.window_id = xdotool("search", "--sync", "--all", "--onlyvisible", "--pid", self.process.pid, "--name", name).split()[0]
        wait(lambda: "visible" in self.states(self.window) and self.extents(self.window).width > 1, "the first layout")

    def _find_self(self):
        if self.process.poll() is not None:
            raise AssertionError("the program ended with status %d" % self.process.returncode)
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(i)
            if child and child.get_process_id() == self.process.pid:
                return child
        return None

    # --- finding and reading

    def walk(self, root=None):
        root = root or self.accessible
        yield root
        for i in range(root.get_child_count()):
            child = root.get_child_at_index(i)
            if child is not None:
                yield from self.walk(child)

    def find(self, role, name=None, root=None):
        pattern = re.compile(name if name is not None else ".*", re.DOTALL)
        for item in self.walk(root):
            if item.get_role_name() == role and pattern.fullmatch(item.get_name() or ""):
                return item
        return None

    def walk_shown(self, root=None):
        """GTK 4.8 says of a widget whether it is visible, not whether its parents are."""
        root = root or self.accessible
        if root != self.accessible and "visible" not in self.states(root):
            return
        yield root
        for i in range(root.get_child_count()):
            child = root.get_child_at_index(i)
            if child is not None:
                yield from self.walk_shown(child)

    def find_shown(self, role, name=None, root=None):
        pattern = re.compile(name if name is not None else ".*", re.DOTALL)
        for item in self.walk_shown(root):
            if item.get_role_name() == role and pattern.fullmatch(item.get_name() or ""):
                return item
        return None

    def get(self, role, name=None, root=None):
        return wait(lambda: self.find(role, name, root), "%s %r" % (role, name))

    def get_shown(self, role, name=None, root=None):
        return wait(lambda: self.find_shown(role, name, root), "%s %r to show" % (role, name))

    def walk_down(self, root, depth):
        yield root
        for i in range(root.get_child_count() if depth > 0 else 0):
            child = root.get_child_at_index(i)
            if child is not None:
                yield from self.walk_down(child, depth - 1)

    def find_in_toast(self, role, name):
        """Toasts are the last children of what holds the whole window."""
        node = self.window
        for _ in range(6):
            count = node.get_child_count()
            if count > 1:
                for item in self.walk_down(node.get_child_at_index(count - 1), 3):
                    if item is not None and item.get_role_name() == role and re.fullmatch(name, item.get_name() or "", re.DOTALL):
                        return item
            node = node.get_child_at_index(0) if count > 0 else None
            if node is None:
                break
        return None

    def get_in_toast(self, role, name):
        """Without a walk through the window, which on a slow machine takes longer than a toast is there."""
        return wait(lambda: self.find_in_toast(role, name), "%s %r in a toast" % (role, name))

    def windows(self):
        return [self.accessible.get_child_at_index(i) for i in range(self.accessible.get_child_count())]

    def dialog(self, name):
        return wait(lambda: next((w for w in self.windows() if w and w.get_name() == name), None), "dialog %r" % name)

    @staticmethod
    def states(item):
        return {state.value_nick for state in item.get_state_set().get_states()}

    @staticmethod
    def text(item):
        return Atspi.Text.get_text(item, 0, item.get_character_count())  # an end of -1 gives '' with GTK 4.8

    @staticmethod
    def extents(item):
        return item.get_extents(Atspi.CoordType.WINDOW)

    def unnamed(self):
        """What a screen reader could not announce: GTK falls back to the type's name."""
        return [
            (item.get_role_name(), item.get_name(), item.get_description())
            for item in self.walk_shown()
            if item.get_role_name() in INTERACTIVE
            and (not item.get_name() or re.match(r"(Gtk|Adw|Il)[A-Z]|.*_", item.get_name()))
        ]

    # --- acting

    def press(self, item):
        assert item.get_n_actions() and item.do_action(0), "no action on %r" % item.get_name()

    def action(self, item, name):
        for i in range(item.get_n_actions()):
            if item.get_action_name(i) == name:
                return item.do_action(i)
        raise AssertionError("no action " + name)

    def position(self, item, across=0.5, down=0.5):
        """On the screen: the X window's place, its client-side border, and the widget's place within."""
        lines = xdotool("getwindowgeometry", "--shell", self.window_id).split()
        geometry = dict(line.split("=") for line in lines)
        frame, inner = self.extents(self.window), self.extents(item)
        border_x = (int(geometry["WIDTH"]) // self.scale - frame.width) // 2
        border_y = (int(geometry["HEIGHT"]) // self.scale - frame.height) // 2
        return (
            int(geometry["X"]) + self.scale * (border_x + inner.x + int(inner.width * across)),
            int(geometry["Y"]) + self.scale * (border_y + inner.y + int(inner.height * down)),
        )

    def point(self, item, across=0.5, down=0.5):
        xdotool("mousemove", *self.position(item, across, down))

    def rest_on(self, item, condition, what):
        """Rests the pointer on it, each time for longer and a little beside, until the condition is truthy. Where the
        window is slow GTK sees one movement of several, and takes it for the end of what was pointed at before."""
        begin = time.monotonic()
        for attempt in itertools.count():
            with contextlib.suppress(AssertionError, GLib.Error):
                self.point(item, 0.5 + 0.1 * (attempt % 2))
                return wait(condition, what, 2**attempt)
            if time.monotonic() - begin > patience():
                raise AssertionError("pointed in vain for " + what)

    def click(self, item, button=1, across=0.5, down=0.5):
        xdotool("mousemove", *self.position(item, across, down), "click", button)

    def wheel(self, item, notches, across=0.5, down=0.5):
        """Up (towards the screen) where positive."""
        button = 4 if notches > 0 else 5
        xdotool("mousemove", *self.position(item, across, down), "click", "--repeat", abs(notches), button)

    def drag(self, item, dx, dy, across=0.5, down=0.5, steps=10):
        x, y = self.position(item, across, down)
        xdotool("mousemove", x, y, "mousedown", 1)
        for i in range(1, steps + 1):
            xdotool("mousemove", x + dx * i // steps, y + dy * i // steps)
        xdotool("mouseup", 1)

    def key(self, *keys):
        xdotool("key", *keys)

    def choose_path(self, dialog, path, button):
        """Types a path into a file chooser that saves, and presses its button."""
        entry = wait(
            lambda: next((o for o in self.walk_shown(dialog) if "EditableText" in o.get_interfaces()), None),
            "the name's entry",
        )
        Atspi.EditableText.set_text_contents(entry, path)
        title = dialog.get_name()
        self.press(self.get("push button", button, dialog))
        # Who asks a dialog for its children just while it goes makes GTK 4.8 fall: the X server tells when it is gone.
        wait(lambda: not self.is_on_screen(title), "%r to close" % title)

    def is_on_screen(self, title):
        command = ["xdotool", "search", "--all", "--onlyvisible", "--pid", str(self.process.pid), "--name", "^%s$" % title]
        return subprocess.run(command, capture_output=True, timeout=120).returncode == 0

    @staticmethod
    def on_screen():
        """Windows of X, among them menus and tooltips, of which assistive technology is not told."""
        command = ["xdotool", "search", "--onlyvisible", "--name", ".*"]
        return set(subprocess.run(command, capture_output=True, text=True, timeout=120).stdout.split())

    def shot(self, path):
        subprocess.run(["import", "-silent", "-window", "root", path], check=True)

    def quit(self, keys="ctrl+q"):
        self.key(keys)
        return self.ended()

    def ended(self):
        """Waits for the program to end by itself; its exit status."""
        wait(lambda: self.process.poll() is not None, "the program to end")
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        if kind:
            try:
                self.shot(os.environ.get("GUI_FAILURE_PICTURE", "gui-failure.png"))
            except (OSError, subprocess.SubprocessError):
                pass
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.said.seek(0)
        said = self.said.read()
        self.said.close()
        sys.stderr.write(said)
        complaints = [line for line in said.splitlines() if COMPLAINT.search(line) and not KNOWN.search(line)]
        if not kind:
            assert complaints == [], complaints
