/* il-program.c - which file a command means, and whether a library can be preloaded into it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the kernel and the loader will do is told from the file, before anything is started: one
 * that is linked statically has no loader, one that gets rights by its file preloads nothing, one
 * for another kind of processor or another C library cannot load ours, one with AddressSanitizer's
 * runtime refuses to run behind ours.  A script is what its
 * interpreter is.  Where a file may not be read, or is of a kind that is not known, nothing is said
 * against it.
 */

#include "config.h"

#include "il-needs.h"
#include "il-program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <limits.h>
#include <link.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"
#define FIRST_LINE_SIZE 256 /* as the kernel reads of a script */
#define MAX_INTERPRETERS 5  /* of scripts, likewise */
#define MAX_SEGMENTS 1024

/* clang-format off */
G_DEFINE_QUARK (il-program-error-quark, il_program_error)
/* clang-format on */

/* --- finding it */

static char *
join (const char *directory, const char *path)
{
  return directory == NULL || g_path_is_absolute (path) ? g_strdup (path)
                                                        : g_build_filename (directory, path, NULL);
}

static gboolean
is_program (const char *path)
{
  return g_file_test (path, G_FILE_TEST_IS_REGULAR) && access (path, X_OK) == 0;
}

static gboolean
check_executable (const char *path, const char *name, GError **error)
{
  struct stat status;

  if (stat (path, &status) != 0)
    g_set_error (error, IL_PROGRAM_ERROR,
                 errno == EACCES ? IL_PROGRAM_ERROR_NOT_EXECUTABLE : IL_PROGRAM_ERROR_MISSING,
                 "%s: %s", name, g_strerror (errno));
  else if (S_ISDIR (status.st_mode))
    g_set_error (error, IL_PROGRAM_ERROR, IL_PROGRAM_ERROR_NOT_EXECUTABLE,
                 _ ("%s is a directory, not a program"), name);
  else if (!S_ISREG (status.st_mode))
    g_set_error (error, IL_PROGRAM_ERROR, IL_PROGRAM_ERROR_NOT_EXECUTABLE, _ ("%s is no program"),
                 name);
  else if (access (path, X_OK) != 0)
    g_set_error (error, IL_PROGRAM_ERROR, IL_PROGRAM_ERROR_NOT_EXECUTABLE,
                 _ ("%s may not be executed: %s"), name, g_strerror (errno));
  else
    return TRUE;
  return FALSE;
}

static char *
find_in_path (const char *name, const char *directory, const char *const *environment)
{
  const char *list = g_environ_getenv ((char **)environment, "PATH");
  g_auto (GStrv) places = g_strsplit (list != NULL ? list : DEFAULT_PATH, ":", -1);

  for (guint i = 0; places[i] != NULL; i++)
    {
      g_autofree char *place = join (directory, *places[i] != '\0' ? places[i] : ".");
      g_autofree char *path = g_build_filename (place, name, NULL);

      if (is_program (path))
        return g_steal_pointer (&path);
    }
  return NULL;
}

/* What the first line of a script names.  NULL: it is no script. */
static char **
parse_interpreter (const char *begin, gsize n_bytes)
{
  g_autofree char *line = g_strndup (begin, n_bytes);
  g_auto (GStrv) words = NULL;

  if (strncmp (line, "#!", 2) != 0)
    return NULL;
  line[strcspn (line, "\n")] = '\0';
  g_strdelimit (line, "\t\r", ' ');
  words = g_strsplit (g_strstrip (line + 2), " ", -1);
  return words[0] != NULL && *words[0] != '\0' ? g_steal_pointer (&words) : NULL;
}

static char **
read_interpreter (int fd)
{
  char begin[FIRST_LINE_SIZE];
  ssize_t n_bytes = pread (fd, begin, sizeof begin, 0);

  return n_bytes > 0 ? parse_interpreter (begin, (gsize)n_bytes) : NULL;
}

/* The kernel says that the script is missing where what is to run it is. */
static gboolean
check_interpreter (const char *path, const char *name, const char *directory, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  g_auto (GStrv) words = fd >= 0 ? read_interpreter (fd) : NULL;
  g_autofree char *interpreter = words != NULL ? join (directory, words[0]) : NULL;
  gboolean is_missing = interpreter != NULL && access (interpreter, F_OK) != 0 && errno == ENOENT;

  if (fd >= 0)
    close (fd);
  if (is_missing)
    /* Translators: a script, and the program that its first line names */
    g_set_error (error, IL_PROGRAM_ERROR, IL_PROGRAM_ERROR_MISSING,
                 _ ("%s is to be run by %s, which is not there: see its first line"), name,
                 words[0]);
  return !is_missing;
}

/**
 * il_program_find:
 * @name: as a shell would take it: with a slash a path, else looked for in PATH
 * @directory: (nullable): that it would be started in; %NULL: ours
 * @environment: (array zero-terminated=1): NAME=VALUE, that it would be started with
 *
 * Finds the file that a command means.
 *
 * Returns: (transfer full): its path; or %NULL and %IL_PROGRAM_ERROR_MISSING or
 *   %IL_PROGRAM_ERROR_NOT_EXECUTABLE
 */
char *
il_program_find (const char *name, const char *directory, const char *const *environment,
                 GError **error)
{
  g_autofree char *path = NULL;

  if (*name == '\0')
    g_set_error (error, IL_PROGRAM_ERROR, IL_PROGRAM_ERROR_MISSING,
                 _ ("the name of the program is empty"));
  else if (strchr (name, '/') == NULL)
    {
      path = find_in_path (name, directory, environment);
      if (path == NULL)
        g_set_error (error, IL_PROGRAM_ERROR, IL_PROGRAM_ERROR_MISSING,
                     _ ("%s: there is no such program in the directories of PATH"), name);
    }
  else
    {
      path = join (directory, name);
      if (!check_executable (path, name, error))
        g_clear_pointer (&path, g_free);
    }
  if (path != NULL && !check_interpreter (path, name, directory, error))
    g_clear_pointer (&path, g_free);
  return g_steal_pointer (&path);
}

/* --- what kind of file it is */

/* Of a program in ELF. */
typedef struct
{
  ElfW (Ehdr) header;
  char loader[PATH_MAX]; /* "": none, it is linked statically */
} Image;

static gboolean
read_at (int fd, void *bytes, size_t n_bytes, guint64 offset)
{
  return offset <= G_MAXINT64 && pread (fd, bytes, n_bytes, (off_t)offset) == (ssize_t)n_bytes;
}

static gboolean
read_loader (int fd, Image *image)
{
  ElfW (Phdr) segment;

  image->loader[0] = '\0';
  if (image->header.e_phentsize != sizeof segment || image->header.e_phnum > MAX_SEGMENTS)
    return FALSE;
  for (guint i = 0; i < image->header.e_phnum; i++)
    {
      if (!read_at (fd, &segment, sizeof segment, image->header.e_phoff + i * sizeof segment))
        return FALSE;
      if (segment.p_type != PT_INTERP)
        continue;
      if (segment.p_filesz == 0 || segment.p_filesz > sizeof image->loader
          || !read_at (fd, image->loader, segment.p_filesz, segment.p_offset))
        return FALSE;
      image->loader[segment.p_filesz - 1] = '\0';
      return TRUE;
    }
  return TRUE;
}

static gboolean
is_elf (const guint8 *begin, gsize n_bytes)
{
  return n_bytes >= EI_NIDENT && memcmp (begin, ELFMAG, SELFMAG) == 0;
}

static const Image *
get_own_image (void)
{
  static Image own;
  static gsize is_read;

  if (g_once_init_enter (&is_read))
    {
      int fd = open ("/proc/self/exe", O_RDONLY | O_CLOEXEC);

      if (fd < 0 || !read_at (fd, &own.header, sizeof own.header, 0) || !read_loader (fd, &own))
        memset (&own, 0, sizeof own);
      if (fd >= 0)
        close (fd);
      g_once_init_leave (&is_read, 1);
    }
  return &own;
}

static gboolean
is_for_this_machine (const Image *image)
{
  const Image *own = get_own_image ();

  return image->header.e_ident[EI_CLASS] == own->header.e_ident[EI_CLASS]
         && image->header.e_ident[EI_DATA] == own->header.e_ident[EI_DATA]
         && image->header.e_machine == own->header.e_machine;
}

static gboolean
has_our_loader (const Image *image)
{
  g_autofree char *name = g_path_get_basename (image->loader);
  g_autofree char *own_name = g_path_get_basename (get_own_image ()->loader);

  return strcmp (name, own_name) == 0;
}

static gboolean
check_elf (int fd, const char *path, GError **error)
{
  Image image;

  if (!read_at (fd, &image.header, sizeof image.header, 0) || !is_for_this_machine (&image))
    g_set_error (error, IL_PROGRAM_ERROR, IL_PROGRAM_ERROR_FOREIGN,
                 _ ("%s is built for another kind of processor, so that its locks cannot be seen"),
                 path);
  else if (!read_loader (fd, &image))
    g_set_error (error, IL_PROGRAM_ERROR, IL_PROGRAM_ERROR_NOT_EXECUTABLE,
                 _ ("%s is damaged: it says that it is a program, but not where its parts are"),
                 path);
  else if (image.loader[0] == '\0')
    g_set_error (error, IL_PROGRAM_ERROR, IL_PROGRAM_ERROR_STATIC,
                 _ ("%s is linked statically, so that its locks cannot be seen"), path);
  else if (get_own_image ()->loader[0] != '\0' && !has_our_loader (&image))
    /* Translators: a program, the program that loads it, e.g. /lib/ld-musl-x86_64.so.1 */
    g_set_error (error, IL_PROGRAM_ERROR, IL_PROGRAM_ERROR_FOREIGN,
                 _ ("%s is loaded by %s, which is another C library’s than ours, so that its locks "
                    "cannot be seen"),
                 path, image.loader);
  else if (il_needs_library (fd, &image.header, "libasan.so"))
    g_set_error (error, IL_PROGRAM_ERROR, IL_PROGRAM_ERROR_FOREIGN,
                 _ ("%s is built with GCC’s AddressSanitizer, which demands to be loaded before "
                    "anything else, so that its locks cannot be seen"),
                 path);
  else
    return TRUE;
  return FALSE;
}

/* As the kernel decides it: the loader is told to be careful where the user or group changes, or
 * where somebody who is not root gets rights. */
static gboolean
check_rights (int fd, const char *path, GError **error)
{
  struct stat status;
  struct statvfs place;
  const char *what = NULL;

  if (fstat (fd, &status) != 0 || (fstatvfs (fd, &place) == 0 && (place.f_flag & ST_NOSUID) != 0)
      || prctl (PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
    return TRUE;
  if ((status.st_mode & S_ISUID) != 0 && status.st_uid != getuid ())
    what = "setuid";
  else if ((status.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP)
           && status.st_gid != getgid ())
    what = "setgid";
  else if (getuid () != 0 && fgetxattr (fd, "security.capability", NULL, 0) > 0)
    what = _ ("file capabilities");
  if (what == NULL)
    return TRUE;
  /* Translators: a program; setuid, setgid or “file capabilities” */
  g_set_error (error, IL_PROGRAM_ERROR, IL_PROGRAM_ERROR_PRIVILEGED,
               _ ("%s runs with other rights than yours (%s), so that its locks cannot be seen"),
               path, what);
  return FALSE;
}

/* "env NAME": the interpreter is looked for in PATH. */
static char *
find_interpreter (char **words, const char *directory, const char *const *environment)
{
  g_autofree char *name = g_path_get_basename (words[0]);
  guint i = 1;

  if (strcmp (name, "env") != 0)
    return join (directory, words[0]);
  while (words[i] != NULL
         && (*words[i] == '\0' || *words[i] == '-' || strchr (words[i], '=') != NULL))
    i++;
  return words[i] != NULL ? il_program_find (words[i], directory, environment, NULL) : NULL;
}

/* The next in the row from a script to the program that runs it; NULL: none, or it is not known. */
static char *
get_next (int fd, const char *directory, const char *const *environment)
{
  g_auto (GStrv) words = read_interpreter (fd);

  return words != NULL ? find_interpreter (words, directory, environment) : NULL;
}

static gboolean
check_file (int fd, const char *path, GError **error)
{
  guint8 begin[EI_NIDENT];
  ssize_t n_bytes = pread (fd, begin, sizeof begin, 0);

  if (n_bytes < 0 || !is_elf (begin, (gsize)n_bytes))
    return TRUE;
  return check_rights (fd, path, error) && check_elf (fd, path, error);
}

/**
 * il_program_check_image:
 * @path: of a file that is no script, such as /proc/PID/exe
 *
 * Checks whether a library of ours can be preloaded into a program.
 *
 * Returns: FALSE and #IL_PROGRAM_ERROR if it cannot
 */
gboolean
il_program_check_image (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gboolean is_fine = fd < 0 || check_file (fd, path, error);

  if (fd >= 0)
    close (fd);
  return is_fine;
}

/**
 * il_program_check_preload:
 * @path: as il_program_find() has found it
 * @directory: (nullable): that it would be started in
 * @environment: (array zero-terminated=1): that it would be started with
 *
 * Checks whether a library of ours can be preloaded into a program, or into the interpreter of a
 * script.
 *
 * Returns: FALSE and #IL_PROGRAM_ERROR if it cannot; the message says why
 */
gboolean
il_program_check_preload (const char *path, const char *directory, const char *const *environment,
                          GError **error)
{
  g_autofree char *current = g_strdup (path);

  for (guint i = 0; current != NULL && i < MAX_INTERPRETERS; i++)
    {
      int fd = open (current, O_RDONLY | O_CLOEXEC);
      char *next;

      if (fd < 0)
        return TRUE;
      if (!check_file (fd, current, error))
        {
          close (fd);
          if (i > 0)
            g_prefix_error (error, "%s: ", path);
          return FALSE;
        }
      next = get_next (fd, directory, environment);
      close (fd);
      g_free (current);
      current = next;
    }
  return TRUE;
}
