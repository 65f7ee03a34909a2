/* bench-libuv.c - libuv's pool, see bench-peers.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "bench-peers.h"

#include <stdlib.h>
#include <uv.h>

#define MAX_UNDER_WAY 1000

typedef struct
{
  uv_work_t requests[MAX_UNDER_WAY];
  const BenchLoad *load;
  uint64_t left;
} Run;

static void done_cb (uv_work_t *request, int status);

static void
work_cb (uv_work_t *request)
{
  const Run *run = request->data;

  bench_work (run->load->n_iterations);
}

static void
put_next (Run *run, uv_work_t *request)
{
  if (run->left == 0)
    return;
  run->left--;
  request->data = run;
  uv_queue_work (uv_default_loop (), request, work_cb, done_cb);
}

static void
done_cb (uv_work_t *request, int status)
{
  (void)status;
  put_next (request->data, request);
}

void
bench_libuv_run (const BenchLoad *load)
{
  Run *run = calloc (1, sizeof *run);

  setenv ("UV_THREADPOOL_SIZE", "2", 1);
  run->load = load;
  run->left = load->n_tasks;
  for (int i = 0; i < MAX_UNDER_WAY; i++)
    put_next (run, &run->requests[i]);
  uv_run (uv_default_loop (), UV_RUN_DEFAULT);
  free (run);
}

static void (*single_func) (void);
static uv_work_t single;

static void
single_cb (uv_work_t *request)
{
  (void)request;
  single_func ();
}

static void
single_done_cb (uv_work_t *request, int status)
{
  (void)request;
  (void)status;
}

void
bench_libuv_open (void (*func) (void))
{
  setenv ("UV_THREADPOOL_SIZE", "1", 1);
  single_func = func;
}

/* The one before has begun: until it is done is waited for first. */
void
bench_libuv_put (void *unused)
{
  (void)unused;
  uv_run (uv_default_loop (), UV_RUN_DEFAULT);
  uv_queue_work (uv_default_loop (), &single, single_cb, single_done_cb);
}

void
bench_libuv_close (void)
{
  uv_run (uv_default_loop (), UV_RUN_DEFAULT);
}
