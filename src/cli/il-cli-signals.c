/* il-cli-signals.c - signals while a program runs in our place
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program is in our process group: what is typed into the terminal (Ctrl+C, Ctrl+\, Ctrl+Z) or
 * happens to it reaches the program as it reaches us, and what comes of it is the program's affair:
 * we end when it has ended.  Only once it has, and others that it left behind go on, are these ours
 * to end.  What the program sends to its whole group is not meant for us either.  A signal from
 * anywhere else is: whoever says so to the one that started the program wants to have it stopped.
 */

#include "config.h"

#include "il-cli-signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "il-process-tree.h"

static const int handled[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static IlRecorderSignals noted;

/**
 * il_cli_signals_note:
 *
 * Keeps what whoever started us has set, before anything is changed.
 */
void
il_cli_signals_note (void)
{
  sigemptyset (&noted.ignored);
  for (int i = 1; i < NSIG; i++)
    {
      struct sigaction action;

      if (sigaction (i, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
        sigaddset (&noted.ignored, i);
    }
  sigprocmask (SIG_SETMASK, NULL, &noted.blocked);
}

/**
 * il_cli_signals_get_noted:
 *
 * Returns: (transfer none): for a program that is to be as if it was started instead of us
 */
const IlRecorderSignals *
il_cli_signals_get_noted (void)
{
  return &noted;
}

/**
 * il_cli_signals_take:
 *
 * Lets signals be read from a descriptor from now on, and have no other effect in this thread and
 * in those that it makes.  Ignored ones stay ignored.
 *
 * Returns: the descriptor
 */
int
il_cli_signals_take (void)
{
  sigset_t signals;

  sigemptyset (&signals);
  for (guint i = 0; i < G_N_ELEMENTS (handled); i++)
    if (sigismember (&noted.ignored, handled[i]) == 0)
      sigaddset (&signals, handled[i]);
  sigprocmask (SIG_BLOCK, &signals, NULL);
  return signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/**
 * il_cli_signals_mean_stop:
 * @fd: from il_cli_signals_take()
 * @is_over: whether the program itself has ended
 *
 * Reads what has come.
 *
 * Returns: whether it means that all is to be stopped
 */
gboolean
il_cli_signals_mean_stop (int fd, gboolean is_over)
{
  struct signalfd_siginfo info;
  gboolean means_stop = FALSE;

  while (read (fd, &info, sizeof info) == (ssize_t)sizeof info)
    {
      gboolean is_of_terminal = info.ssi_code == SI_KERNEL;

      if (is_of_terminal)
        means_stop |= is_over;
      else
        means_stop |= !il_process_tree_has (getpid (), (pid_t)info.ssi_pid);
    }
  return means_stop;
}
