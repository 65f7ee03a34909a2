/* il-session-file.c - brings a new session file into being, without harm to what is there
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file is made complete, tables and all, without a name and then takes the place of the old
 * one, so that at every moment the path names a whole session: at first the old one, then the new.
 * While it is written to, the writer holds a lock on it (an open file description's lock on one
 * byte far behind its end, where SQLite has its own), so that a second writer is refused, and a
 * reader can tell a file that is being recorded from one that was cut off.
 *
 * The journal is in mode DELETE: what is committed is in the one file itself, which a user may copy
 * away after a crash, and no other file is there but for the milliseconds of a commit.  A
 * write-ahead log would keep the newest second in a second file, and a reader without the right to
 * write could not open it.  With synchronous=NORMAL a commit also survives that the machine loses
 * power.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "il-session-private.h"

/* While it is written and may become large; see also il_session_store_shrink(). */
#define PAGE_SIZE 4096
/* SQLite's own locks are on the 512 bytes from 0x40000000. */
#define LOCK_BYTE (0x40000000 + 1024)

/**
 * il_session_set_sqlite_error:
 * @db: (nullable): the connection that has just failed
 * @result: what SQLite returned
 * @path: the file
 *
 * Says in one line why SQLite could not do something with a file.
 */
void
il_session_set_sqlite_error (GError **error, sqlite3 *db, int result, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);
  int system_error = db != NULL ? sqlite3_system_errno (db) : 0;
  IlSessionError code = IL_SESSION_ERROR_IO;
  const char *why;

  switch (result & 0xff)
    {
    case SQLITE_FULL:
      why = _ ("the disk is full");
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      why = _ ("another program keeps it locked");
      break;
    case SQLITE_NOTADB:
      code = IL_SESSION_ERROR_FOREIGN;
      why = _ ("it is not an Interleave session");
      break;
    case SQLITE_CORRUPT:
      code = IL_SESSION_ERROR_DAMAGED;
      why = _ ("its structure is damaged");
      break;
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      code = IL_SESSION_ERROR_DAMAGED;
      why = _ ("it has a part that is too large");
      break;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      why = system_error != 0 ? g_strerror (system_error) : sqlite3_errstr (result);
      break;
    case SQLITE_READONLY:
      why = result == SQLITE_READONLY_DBMOVED ? _ ("it was moved or deleted while it was written")
                                              : _ ("it may not be written");
      break;
    default:
      why = sqlite3_errstr (result);
      break;
    }
  g_set_error (error, IL_SESSION_ERROR, code, "%s: %s", shown, why);
}

/**
 * il_session_parse_header:
 * @bytes: (array fixed-size=100): the first of a file
 * @header: (out): what it says about itself
 *
 * Reads what the first bytes of a file say, without believing it.
 *
 * Returns: FALSE where it does not begin like an SQLite database of ours
 */
gboolean
il_session_parse_header (const guint8 *bytes, IlSessionHeader *header)
{
  guint32 word;

  if (memcmp (bytes, "SQLite format 3", 16) != 0)
    return FALSE;
  memcpy (&word, bytes + 68, 4);
  if (GUINT32_FROM_BE (word) != IL_SESSION_APPLICATION_ID)
    return FALSE;
  memcpy (&word, bytes + 60, 4);
  header->format = GUINT32_FROM_BE (word);
  memcpy (&word, bytes + 28, 4);
  header->n_pages = GUINT32_FROM_BE (word);
  header->page_size = (guint32)bytes[16] << 8 | bytes[17];
  if (header->page_size == 1)
    header->page_size = 65536;
  header->has_log = bytes[18] != 1 || bytes[19] != 1;
  return TRUE;
}

/*
 * The files that this process is writing.  SQLite's locks are the process's: closing any descriptor
 * of a file drops them all.  So one that is being written must not even be opened but by SQLite,
 * which sees to that.
 *
 * Lock      mutex guards the list, and nests inside nothing.
 */
typedef struct
{
  int fd;
  dev_t device;
  ino_t inode;
} Written;

static pthread_mutex_t written_mutex = PTHREAD_MUTEX_INITIALIZER;
static GArray *written; /* of Written; NULL as long as there was none */

static void
note_written (int fd)
{
  Written entry = { .fd = fd };
  struct stat status;

  if (fstat (fd, &status) < 0)
    return;
  entry.device = status.st_dev;
  entry.inode = status.st_ino;
  pthread_mutex_lock (&written_mutex);
  if (written == NULL)
    written = g_array_new (FALSE, FALSE, sizeof (Written));
  g_array_append_val (written, entry);
  pthread_mutex_unlock (&written_mutex);
}

static gboolean
is_written (const struct stat *status)
{
  gboolean found = FALSE;

  pthread_mutex_lock (&written_mutex);
  for (guint i = 0; written != NULL && i < written->len; i++)
    {
      const Written *entry = &g_array_index (written, Written, i);

      found = found || (entry->device == status->st_dev && entry->inode == status->st_ino);
    }
  pthread_mutex_unlock (&written_mutex);
  return found;
}

/**
 * il_session_release_file:
 * @fd: what il_session_create_file() returned; may be -1
 *
 * Gives the lock on a file up, once SQLite has closed it.
 */
void
il_session_release_file (int fd)
{
  if (fd < 0)
    return;
  pthread_mutex_lock (&written_mutex);
  for (guint i = 0; written != NULL && i < written->len; i++)
    if (g_array_index (written, Written, i).fd == fd)
      g_array_remove_index_fast (written, i--);
  if (written != NULL && written->len == 0)
    g_clear_pointer (&written, g_array_unref);
  pthread_mutex_unlock (&written_mutex);
  close (fd);
}

static gboolean
refuse (GError **error, const char *path, const char *why)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, IL_SESSION_ERROR, IL_SESSION_ERROR_IO, "%s: %s", shown, why);
  return FALSE;
}

static gboolean
lock (int fd)
{
  struct flock wanted
      = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_BYTE, .l_len = 1 };

  /* A file system without locks is no reason not to record. */
  return fcntl (fd, F_OFD_SETLK, &wanted) == 0 || (errno != EAGAIN && errno != EACCES);
}

/* Whether somebody else has the writer's lock. */
static gboolean
is_locked (int fd)
{
  struct flock asked
      = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_BYTE, .l_len = 1 };

  return fcntl (fd, F_OFD_GETLK, &asked) == 0 && asked.l_type != F_UNLCK;
}

static gboolean
is_file (int fd, const struct stat *wanted)
{
  struct stat status;

  return fstat (fd, &status) == 0 && status.st_dev == wanted->st_dev
         && status.st_ino == wanted->st_ino;
}

/**
 * il_session_is_being_written:
 * @path: of a file that the caller has open, through SQLite
 *
 * Asks through a descriptor that is open already: to open the file and to close it again would drop
 * the locks that SQLite has on it.  One of another thread serves as well as the caller's own.
 *
 * Returns: whether a writer, of this process or another, lives that has not closed the file
 */
gboolean
il_session_is_being_written (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *entry;
  struct stat status;

  if (stat (path, &status) < 0)
    return FALSE;
  if (is_written (&status))
    return TRUE;
  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      int fd = (int)g_ascii_strtoll (entry, NULL, 10);

      if (is_file (fd, &status) && is_locked (fd) && is_file (fd, &status))
        return TRUE;
    }
  return FALSE;
}

/* What is at the path may be overwritten: nothing, an empty file, or a session that nobody is
 * recording. */
static gboolean
may_overwrite (const char *path, GError **error)
{
  guint8 bytes[IL_SESSION_HEADER_SIZE];
  IlSessionHeader header;
  struct stat status;
  gboolean is_ours, is_free;
  int fd;

  if (stat (path, &status) < 0)
    return errno == ENOENT ? TRUE : refuse (error, path, g_strerror (errno));
  if (S_ISDIR (status.st_mode))
    return refuse (error, path, _ ("it is a folder"));
  if (!S_ISREG (status.st_mode))
    return refuse (error, path, _ ("it is not an ordinary file"));
  if (status.st_size == 0)
    return TRUE;

  if (is_written (&status))
    return refuse (error, path, _ ("another recording is being written to it"));
  fd = open (path, O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return refuse (error, path, g_strerror (errno));
  is_ours = pread (fd, bytes, sizeof bytes, 0) == (gssize)sizeof bytes
            && il_session_parse_header (bytes, &header);
  is_free = lock (fd);
  close (fd);
  if (!is_ours)
    return refuse (error, path,
                   _ ("it exists and is not an Interleave session, so it is not overwritten"));
  if (!is_free)
    return refuse (error, path, _ ("another recording is being written to it"));
  return TRUE;
}

/* A session without records, as bytes of a file. */
static guint8 *
make_empty (gsize *size, const char *path, GError **error)
{
  g_autofree char *pragmas
      = g_strdup_printf ("PRAGMA page_size=%d; PRAGMA auto_vacuum=NONE; BEGIN; "
                         "PRAGMA application_id=%d; PRAGMA user_version=%d;",
                         PAGE_SIZE, IL_SESSION_APPLICATION_ID, IL_SESSION_FORMAT);
  sqlite3_int64 n_bytes = 0;
  guint8 *bytes = NULL;
  sqlite3 *db = NULL;
  int result = sqlite3_open_v2 (":memory:", &db,
                                SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
                                    | SQLITE_OPEN_PRIVATECACHE,
                                NULL);

  if (result == SQLITE_OK)
    result = sqlite3_exec (db, pragmas, NULL, NULL, NULL);
  for (guint i = 0; i < IL_SESSION_N_TABLES && result == SQLITE_OK; i++)
    if (!il_session_tables[i].is_optional)
      result = sqlite3_exec (db, il_session_tables[i].sql, NULL, NULL, NULL);
  if (result == SQLITE_OK)
    result = sqlite3_exec (db, "COMMIT", NULL, NULL, NULL);
  if (result == SQLITE_OK)
    bytes = sqlite3_serialize (db, "main", &n_bytes, 0);
  if (bytes == NULL)
    il_session_set_sqlite_error (error, db, result == SQLITE_OK ? SQLITE_NOMEM : result, path);
  sqlite3_close (db);
  *size = (gsize)n_bytes;
  return bytes;
}

static gboolean
write_bytes (int fd, const guint8 *bytes, gsize size)
{
  while (size > 0)
    {
      gssize n_written = write (fd, bytes, size);

      if (n_written < 0 && errno != EINTR)
        return FALSE;
      if (n_written > 0)
        {
          bytes += n_written;
          size -= (gsize)n_written;
        }
    }
  return fsync (fd) == 0;
}

static gboolean
fill (int fd, const char *path, GError **error)
{
  gsize size;
  guint8 *bytes = make_empty (&size, path, error);
  gboolean done;

  if (bytes == NULL)
    return FALSE;
  done = write_bytes (fd, bytes, size)
         || refuse (error, path, errno == ENOSPC ? _ ("the disk is full") : g_strerror (errno));
  sqlite3_free (bytes);
  return done;
}

/* Gives the nameless file a name that nobody has. */
static gboolean
link_to (int fd, const char *name)
{
  g_autofree char *source = g_strdup_printf ("/proc/self/fd/%d", fd);

  return linkat (AT_FDCWD, source, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

/* Where the path is taken already, the file has to have another name before it takes its place. */
static gboolean
link_over (int fd, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  for (int tries = 0; tries < 100; tries++)
    {
      g_autofree char *other
          = g_strdup_printf ("%s/.interleave-%08x", folder, (guint)g_random_int ());
      int error_number;

      if (!link_to (fd, other))
        {
          if (errno == EEXIST)
            continue;
          return FALSE;
        }
      if (rename (other, path) == 0)
        return TRUE;
      error_number = errno;
      unlink (other);
      errno = error_number;
      return FALSE;
    }
  errno = EEXIST;
  return FALSE;
}

/* A journal that a crash left beside the old file must not be mistaken for the new one's. */
static gboolean
remove_sidecars (const char *path, GError **error)
{
  static const char *const sidecars[] = { "-journal", "-wal", "-shm" };

  for (guint i = 0; i < G_N_ELEMENTS (sidecars); i++)
    {
      g_autofree char *sidecar = g_strconcat (path, sidecars[i], NULL);

      if (unlink (sidecar) < 0 && errno != ENOENT)
        return refuse (error, sidecar, g_strerror (errno));
    }
  return TRUE;
}

/* Puts the new file into the old one's place. */
static gboolean
replace (int fd, const char *fresh, const char *path, GError **error)
{
  gboolean done;

  if (!remove_sidecars (path, error))
    return FALSE;
  if (fresh != NULL)
    done = rename (fresh, path) == 0;
  else
    done = link_to (fd, path) || (errno == EEXIST && link_over (fd, path));
  return done || refuse (error, path, g_strerror (errno));
}

/* A file that has no name yet, so that nothing of it is left if we are killed; where the file
 * system has no such files, one with another name. */
static int
open_fresh (const char *path, char **fresh, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_build_filename (folder, ".interleave-XXXXXX", NULL);
  g_autofree char *shown = NULL;
  int fd = open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666), saved_errno;

  if (fd >= 0)
    return fd;
  fd = g_mkstemp_full (name, O_RDWR | O_CLOEXEC, 0666);
  if (fd >= 0)
    {
      *fresh = g_steal_pointer (&name);
      return fd;
    }
  saved_errno = errno;
  shown = g_filename_display_name (path);
  g_set_error (error, IL_SESSION_ERROR, IL_SESSION_ERROR_IO,
               /* Translators: a path, and why, e.g. "Permission denied" */
               _ ("%s: cannot be created: %s"), shown, g_strerror (saved_errno));
  return -1;
}

/**
 * il_session_create_file:
 * @path: absolute; what links lead to is written, not the link
 *
 * Makes a new session file without records, locked for its writer.
 *
 * Returns: a descriptor that holds the lock until il_session_release_file(), or -1
 */
int
il_session_create_file (const char *path, GError **error)
{
  g_autofree char *fresh = NULL;
  int fd;

  if (!may_overwrite (path, error))
    return -1;
  fd = open_fresh (path, &fresh, error);
  if (fd < 0)
    return -1;
  /* SQLite closes descriptors of its own in between; only locks of this kind outlive that. */
  lock (fd);
  if (!fill (fd, path, error) || !replace (fd, fresh, path, error))
    {
      if (fresh != NULL)
        unlink (fresh);
      close (fd);
      return -1;
    }
  note_written (fd);
  return fd;
}
