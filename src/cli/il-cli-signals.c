/* il-cli-signals.c - signals while a program runs in our place
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program is in our process group: what is typed into the terminal (Ctrl+C, Ctrl+\, Ctrl+Z) or
 * happens to it reaches the program as it reaches us, and what comes of it is the program's affair:
 * we end when it has ended.  Only once it has, and others that it left behind go on, are these ours
 * to end.  What the program sends to its whole group is not meant for us either.  A signal from
 * anywhere else is: whoever says so to the one that started the program wants to have it stopped.
 *
 * A signal that makes processes stand still does so to us only once the program does: until then it
 * may have to put the terminal in order, or may not obey at all, and a shell that sees us stand
 * still takes the terminal at once.  While we do, nothing is recorded; what others of the program
 * do meanwhile may be lost, and is counted.
 */

#include "config.h"

#include "il-cli-signals.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "il-process-tree.h"

static const int handled[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU };

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

static IlCliSignals
interpret (const struct signalfd_siginfo *info, gboolean is_over)
{
  gboolean is_of_terminal = info->ssi_code == SI_KERNEL;
  gboolean is_for_us
      = is_of_terminal ? is_over : !il_process_tree_has (getpid (), (pid_t)info->ssi_pid);

  if (!is_for_us || info->ssi_signo == SIGTTIN || info->ssi_signo == SIGTTOU)
    return 0;
  return info->ssi_signo == SIGTSTP ? IL_CLI_SIGNALS_SUSPEND : IL_CLI_SIGNALS_STOP;
}

/**
 * il_cli_signals_read:
 * @fd: from il_cli_signals_take()
 * @is_over: whether the program itself has ended, but not all that it started
 *
 * Reads what has come.
 *
 * Returns: what it means
 */
IlCliSignals
il_cli_signals_read (int fd, gboolean is_over)
{
  struct signalfd_siginfo info;
  IlCliSignals meaning = 0;

  while (read (fd, &info, sizeof info) == (ssize_t)sizeof info)
    meaning |= interpret (&info, is_over);
  return meaning;
}

/**
 * il_cli_signals_suspend:
 *
 * Stands still, with all threads, until somebody lets us go on: a shell sees that and takes the
 * terminal back.  Where there is no terminal, or nobody to see it, nothing happens.
 *
 * Returns: FALSE if there is no terminal
 */
gboolean
il_cli_signals_suspend (void)
{
  int terminal_fd = open ("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  sigset_t stops, before;

  if (terminal_fd < 0)
    return FALSE;
  close (terminal_fd);
  sigemptyset (&stops);
  sigaddset (&stops, SIGTSTP);
  sigprocmask (SIG_UNBLOCK, &stops, &before);
  /* Not SIGSTOP: this one stops nobody who would never be let go on. */
  kill (getpid (), SIGTSTP);
  sigprocmask (SIG_SETMASK, &before, NULL);
  return TRUE;
}
