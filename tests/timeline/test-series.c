/* test-series.c - a series tells the same as a plain array of its entries: what it holds, finds,
 * sums, and shows in columns
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-series.h"

#include <math.h>
#include <string.h>

/* A series beside the plain array that it must agree with. */
typedef struct
{
  IlSeries *series;
  GArray *entries; /* IlSpan, end_ns not set */
} Model;

typedef struct
{
  const char *name;
  guint n_entries;
  gint64 longest_ns; /* lengths are random up to here … */
  guint bursts;      /* … and most of them 1/1000 of it, if not 0 */
  gint64 begin_ns;
} Shape;

static const Shape shapes[] = {
  { "one", 1, 1000, 0, 5 },
  { "few", 7, 1000, 0, 0 },
  { "a-node", 16, 1000, 0, -300 },
  { "a-node-and-one", 17, 1000, 0, 0 },
  { "two-levels", 300, 1000, 0, 100 },
  { "no-length", 500, 1, 0, 0 },
  { "long-spans", 300, G_GINT64_CONSTANT (20000000000), 0, 0 },
  { "bursts", 5000, 10000000, 16, 1000 },
  { "three-levels", 5000, 5000, 0, 77 },
  { "many", 100000, 3000, 4, 0 },
  { "many-even", 30000, 3000, 0, -5 },
  { "many-long-spans", 30000, G_GINT64_CONSTANT (20000000000), 0, 0 },
  { "long-bursts", 30000, G_GINT64_CONSTANT (20000000000), 64, 0 },
};

static void
model_append (Model *model, gint64 begin_ns, guint32 code, guint32 detail)
{
  IlSpan entry = { begin_ns, 0, code, detail };
  IlSpan *last = NULL;

  il_series_append (model->series, begin_ns, code, detail);
  if (model->entries->len > 0)
    last = &g_array_index (model->entries, IlSpan, model->entries->len - 1);
  if (last != NULL && last->code == code && last->detail == detail)
    return;
  if (last != NULL)
    entry.begin_ns = MAX (begin_ns, last->begin_ns);
  g_array_append_val (model->entries, entry);
}

static Model
model_new (IlSeriesKind kind, const Shape *shape, GRand *rand)
{
  Model model = { il_series_new (kind), g_array_new (FALSE, FALSE, sizeof (IlSpan)) };
  gint64 now_ns = shape->begin_ns;

  while (model.entries->len < shape->n_entries)
    {
      guint32 state = (guint32)g_rand_int_range (rand, 0, IL_N_STATES);
      guint32 subject = (guint32)g_rand_int_range (rand, 0, 4);
      gint64 length_ns = (gint64)(g_rand_double (rand) * (double)shape->longest_ns);

      if (shape->bursts > 0 && g_rand_int_range (rand, 0, (gint32)shape->bursts) != 0)
        length_ns /= 1000;
      if (kind == IL_SERIES_SPANS)
        model_append (&model, now_ns, IL_CODE (state, subject), subject);
      else
        model_append (&model, now_ns, (guint32)g_rand_int_range (rand, 0, 1000), 0);
      now_ns += length_ns;
    }
  return model;
}

static void
model_free (Model *model)
{
  il_series_free (model->series);
  g_array_unref (model->entries);
}

static const IlSpan *
entry_at (const Model *model, gsize index)
{
  return &g_array_index (model->entries, IlSpan, index);
}

static gint64
last_begin (const Model *model)
{
  return entry_at (model, model->entries->len - 1)->begin_ns;
}

static gint64
end_of (const Model *model, gsize index, gint64 end_ns)
{
  return index + 1 < model->entries->len ? entry_at (model, index + 1)->begin_ns
                                         : MAX (end_ns, entry_at (model, index)->begin_ns);
}

static gint64
random_time (const Model *model, GRand *rand)
{
  gint64 first = entry_at (model, 0)->begin_ns;
  double width = (double)(last_begin (model) - first) + 100;

  switch (g_rand_int_range (rand, 0, 4))
    {
    case 0: /* on an edge */
      return entry_at (model, (gsize)g_rand_int_range (rand, 0, (gint32)model->entries->len))
          ->begin_ns;
    default:
      return first + (gint64)((g_rand_double (rand) * 1.2 - .1) * width);
    }
}

static void
test_spans (gconstpointer data)
{
  const Shape *shape = data;
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  Model model = model_new (IL_SERIES_SPANS, shape, rand);
  gint64 end_ns = last_begin (&model) + 50;
  IlSpan span;

  g_assert_cmpuint (il_series_get_length (model.series), ==, model.entries->len);
  for (gsize i = 0; i < model.entries->len; i++)
    {
      const IlSpan *entry = entry_at (&model, i);

      g_assert_true (il_series_get_span (model.series, i, end_ns, &span));
      g_assert_cmpint (span.begin_ns, ==, entry->begin_ns);
      g_assert_cmpint (span.end_ns, ==, end_of (&model, i, end_ns));
      g_assert_cmphex (span.code, ==, entry->code);
      g_assert_cmpuint (span.detail, ==, entry->detail);
    }
  g_assert_false (il_series_get_span (model.series, model.entries->len, end_ns, &span));
  model_free (&model);
}

static void
test_find (gconstpointer data)
{
  const Shape *shape = data;
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  Model model = model_new (IL_SERIES_SPANS, shape, rand);
  gint64 end_ns = last_begin (&model) + 50;

  for (guint i = 0; i < 300; i++)
    {
      gint64 time_ns = random_time (&model, rand);
      gsize index = G_MAXSIZE, expected = G_MAXSIZE;
      IlSpan span;
      gboolean found = il_series_find (model.series, time_ns, end_ns, &index, &span);

      for (gsize k = 0; k < model.entries->len && entry_at (&model, k)->begin_ns <= time_ns; k++)
        expected = k;
      g_assert_cmpint (found, ==, expected != G_MAXSIZE && time_ns < end_ns);
      if (!found)
        continue;
      g_assert_cmpuint (index, ==, expected);
      g_assert_cmpint (span.begin_ns, <=, time_ns);
      g_assert_cmpint (span.end_ns, >, time_ns);
    }
  model_free (&model);
}

static void
plain_sum (const Model *model, gint64 begin_ns, gint64 end_ns, gint64 states_ns[IL_N_STATES])
{
  gint64 first_ns = entry_at (model, 0)->begin_ns;

  memset (states_ns, 0, IL_N_STATES * sizeof *states_ns);
  states_ns[IL_STATE_NONE] += MAX (MIN (end_ns, first_ns) - begin_ns, 0);
  for (gsize i = 0; i < model->entries->len; i++)
    {
      gint64 from = MAX (entry_at (model, i)->begin_ns, begin_ns);
      gint64 to = MIN (end_of (model, i, end_ns), end_ns);

      if (to > from)
        states_ns[IL_CODE_STATE (entry_at (model, i)->code)] += to - from;
    }
}

static void
test_sums (gconstpointer data)
{
  const Shape *shape = data;
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  Model model = model_new (IL_SERIES_SPANS, shape, rand);

  for (guint i = 0; i < 100; i++)
    {
      gint64 a = random_time (&model, rand), b = random_time (&model, rand);
      gint64 begin_ns = MIN (a, b), end_ns = MAX (a, b);
      gint64 expected[IL_N_STATES], states_ns[IL_N_STATES];

      plain_sum (&model, begin_ns, end_ns, expected);
      il_series_sum_states (model.series, begin_ns, end_ns, states_ns);
      g_assert_cmpmem (states_ns, sizeof states_ns, expected, sizeof expected);
    }
  model_free (&model);
}

static void
test_parts_sum_to_whole (gconstpointer data)
{
  const Shape *shape = data;
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  Model model = model_new (IL_SERIES_SPANS, shape, rand);
  gint64 begin_ns = shape->begin_ns - 10, end_ns = last_begin (&model) + 10;
  gint64 whole[IL_N_STATES], sum[IL_N_STATES] = { 0 }, total = 0;

  il_series_sum_states (model.series, begin_ns, end_ns, whole);
  for (gint64 at = begin_ns; at < end_ns;)
    {
      gint64 next = at + 1 + (gint64)(g_rand_double (rand) * (double)(end_ns - begin_ns) / 37);
      gint64 part[IL_N_STATES];

      next = MIN (next, end_ns);
      il_series_sum_states (model.series, at, next, part);
      for (guint i = 0; i < IL_N_STATES; i++)
        sum[i] += part[i];
      at = next;
    }
  g_assert_cmpmem (sum, sizeof sum, whole, sizeof whole);
  for (guint i = 0; i < IL_N_STATES; i++)
    total += whole[i];
  g_assert_cmpint (total, ==, end_ns - begin_ns);
  model_free (&model);
}

/* What a column must show, from the plain array. */
static void
plain_bin (const Model *model, gint64 begin_ns, gint64 end_ns, gint64 series_end_ns,
           double shares[IL_N_STATES], IlSpanBin *bin)
{
  gint64 from = MAX (begin_ns, entry_at (model, 0)->begin_ns);
  gint64 to = MIN (end_ns, MAX (series_end_ns, entry_at (model, 0)->begin_ns));
  gint64 states_ns[IL_N_STATES] = { 0 }, longest_ns = 0;

  memset (bin, 0, sizeof *bin);
  if (from < to)
    plain_sum (model, from, to, states_ns);
  states_ns[IL_STATE_NONE] += end_ns - begin_ns - MAX (to - from, 0);
  for (guint i = 0; i < IL_N_STATES; i++)
    shares[i] = end_ns > begin_ns ? (double)states_ns[i] / (double)(end_ns - begin_ns) : i == 0;
  for (gsize i = 0; i < model->entries->len && from < to; i++)
    {
      const IlSpan *entry = entry_at (model, i);
      gint64 length_ns = MIN (end_of (model, i, to), to) - MAX (entry->begin_ns, from);

      if (entry->begin_ns <= from)
        bin->first_index = i;
      if (entry->begin_ns < to)
        bin->n_spans = i - bin->first_index + 1;
      if (IL_CODE_STATE (entry->code) != IL_STATE_NONE && length_ns > 0
          && (length_ns > longest_ns
              || (length_ns == longest_ns && entry->code > bin->longest_code)))
        {
          longest_ns = length_ns;
          bin->longest_code = entry->code;
        }
    }
  if (longest_ns > 0)
    bin->longest_share = (guint32)((double)longest_ns * 65535. / (double)(end_ns - begin_ns) + .5);
}

static gint64
boundary (gint64 begin_ns, gint64 end_ns, gsize i, gsize n)
{
  return begin_ns + (gint64)((__int128)(end_ns - begin_ns) * (gint64)i / (gint64)n);
}

static gboolean
is_exact (const Model *model, gint64 column_ns, gsize n_bins)
{
  if (n_bins < 16)
    return TRUE;
  /* Sixteen spans that stand in one node are only ever skipped where they are this short. */
  for (gsize i = 0; i + 16 < model->entries->len; i += 16)
    if (entry_at (model, i + 16)->begin_ns - entry_at (model, i)->begin_ns <= column_ns / 8)
      return FALSE;
  return TRUE;
}

/* Where a boundary is not looked for among the spans, its place is known to a node: of sixteen of
 * them, or of sixteen times as many where so many share a column. */
static double
get_place_error (const Model *model, gint64 begin_ns, gint64 end_ns, gsize n_bins)
{
  gsize n_spans = 0;

  for (gsize i = 0; i < model->entries->len; i++)
    n_spans += entry_at (model, i)->begin_ns >= begin_ns && entry_at (model, i)->begin_ns < end_ns;
  return n_spans / n_bins > 2000 ? 257 : 17;
}

/* Of several equally long spans any may be the longest. */
static double
longest_of_code (const Model *model, gint64 from, gint64 to, guint32 code)
{
  gint64 longest_ns = 0;

  for (gsize i = 0; i < model->entries->len; i++)
    {
      gint64 begin_ns = MAX (entry_at (model, i)->begin_ns, from);
      gint64 end_ns = MIN (end_of (model, i, to), to);

      if (entry_at (model, i)->code == code)
        longest_ns = MAX (longest_ns, end_ns - begin_ns);
    }
  return (double)longest_ns;
}

static void
check_bins (const Model *model, gint64 begin_ns, gint64 end_ns, gsize n_bins)
{
  gint64 series_end_ns = last_begin (model) + 20;
  gboolean exact = is_exact (model, (end_ns - begin_ns) / (gint64)n_bins, n_bins);
  double place_error = get_place_error (model, begin_ns, end_ns, n_bins);
  g_autofree IlSpanBin *bins = g_new (IlSpanBin, n_bins);

  il_series_bin_spans (model->series, begin_ns, end_ns, series_end_ns, n_bins, bins);
  for (gsize i = 0; i < n_bins; i++)
    {
      const IlSpanBin *bin = &bins[i];
      double shares[IL_N_STATES];
      guint total = 0;
      IlSpanBin plain;

      plain_bin (model, boundary (begin_ns, end_ns, i, n_bins),
                 boundary (begin_ns, end_ns, i + 1, n_bins), series_end_ns, shares, &plain);
      for (guint k = 0; k < IL_N_STATES; k++)
        {
          g_assert_cmpfloat_with_epsilon (bin->share[k] / 65535., shares[k],
                                          exact ? 12 / 65535. : 1. / 16);
          total += bin->share[k];
        }
      g_assert_cmpuint (total, ==, 65535);
      if (exact)
        {
          g_assert_cmpuint (bin->n_spans, ==, plain.n_spans);
          g_assert_cmpuint (bin->first_index, ==, plain.first_index);
          /* lengths are floats in there */
          g_assert_cmpfloat_with_epsilon (bin->longest_share, plain.longest_share, 1.5);
          if (bin->longest_code != plain.longest_code)
            g_assert_cmpfloat_with_epsilon (
                longest_of_code (model, boundary (begin_ns, end_ns, i, n_bins),
                                 MIN (boundary (begin_ns, end_ns, i + 1, n_bins), series_end_ns),
                                 bin->longest_code)
                    * 65535.
                    / (double)(boundary (begin_ns, end_ns, i + 1, n_bins)
                               - boundary (begin_ns, end_ns, i, n_bins)),
                plain.longest_share, 1.5);
        }
      else
        {
          g_assert_cmpfloat_with_epsilon (bin->longest_share / 65535., plain.longest_share / 65535.,
                                          1. / 8);
          g_assert_cmpint (bin->longest_share > 0, ==, plain.longest_share > 0);
          g_assert_cmpfloat_with_epsilon ((double)bin->n_spans, (double)plain.n_spans,
                                          2 * place_error);
          g_assert_cmpfloat_with_epsilon ((double)bin->first_index, (double)plain.first_index,
                                          place_error);
        }
    }
}

static void
test_bins (gconstpointer data)
{
  static const gsize ns_bins[] = { 1, 3, 40, 333 };
  const Shape *shape = data;
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  Model model = model_new (IL_SERIES_SPANS, shape, rand);
  gsize n_max = shape->n_entries > 10000 ? 3 : G_N_ELEMENTS (ns_bins);

  for (gsize n = 0; n < n_max; n++)
    {
      check_bins (&model, shape->begin_ns, last_begin (&model) + 20, ns_bins[n]);
      for (guint i = 0; i < 5; i++)
        {
          gint64 a = random_time (&model, rand), b = random_time (&model, rand);

          check_bins (&model, MIN (a, b), MAX (a, b), ns_bins[n]);
        }
    }
  model_free (&model);
}

static void
check_counter_bin (const Model *model, gint64 begin_ns, gint64 end_ns, const IlCounterBin *bin)
{
  gint64 from = MAX (begin_ns, entry_at (model, 0)->begin_ns);
  gint64 to = MIN (end_ns, last_begin (model) + 20);
  guint32 min = G_MAXUINT32, max = 0, last = 0;
  double integral = 0;

  g_assert_cmpint (bin->covered, ==, from < to);
  if (from >= to)
    return;
  for (gsize i = 0; i < model->entries->len; i++)
    {
      const IlSpan *entry = entry_at (model, i);
      gint64 span_end_ns = end_of (model, i, to);

      if (entry->begin_ns >= to || (span_end_ns <= from && entry->begin_ns != from))
        continue;
      min = MIN (min, entry->code);
      max = MAX (max, entry->code);
      last = entry->code;
      integral
          += (double)entry->code * (double)(MIN (span_end_ns, to) - MAX (entry->begin_ns, from));
    }
  g_assert_cmpuint (bin->min, ==, min);
  g_assert_cmpuint (bin->max, ==, max);
  g_assert_cmpuint (bin->last, ==, last);
  g_assert_cmpfloat_with_epsilon (bin->mean, integral / (double)(to - from), 1e-6);
}

static void
test_counter_bins (gconstpointer data)
{
  const Shape *shape = data;
  g_autoptr (GRand) rand = g_rand_new_with_seed (6);
  Model model = model_new (IL_SERIES_COUNTER, shape, rand);

  for (guint k = 0; k < 5; k++)
    {
      gint64 a = random_time (&model, rand), b = random_time (&model, rand);
      gsize n_bins = (gsize)g_rand_int_range (rand, 1, 100);
      g_autofree IlCounterBin *bins = g_new (IlCounterBin, n_bins);

      il_series_bin_counter (model.series, MIN (a, b), MAX (a, b), last_begin (&model) + 20, n_bins,
                             bins);
      for (gsize i = 0; i < n_bins; i++)
        check_counter_bin (&model, boundary (MIN (a, b), MAX (a, b), i, n_bins),
                           boundary (MIN (a, b), MAX (a, b), i + 1, n_bins), &bins[i]);
    }
  model_free (&model);
}

static void
test_empty (void)
{
  g_autoptr (IlSeries) spans = il_series_new (IL_SERIES_SPANS);
  g_autoptr (IlSeries) counter = il_series_new (IL_SERIES_COUNTER);
  gint64 states_ns[IL_N_STATES];
  IlCounterBin counter_bin;
  IlSpanBin bin;
  IlSpan span;

  g_assert_cmpint (il_series_get_kind (spans), ==, IL_SERIES_SPANS);
  g_assert_cmpint (il_series_get_kind (counter), ==, IL_SERIES_COUNTER);
  g_assert_cmpuint (il_series_get_length (spans), ==, 0);
  g_assert_false (il_series_get_span (spans, 0, 100, &span));
  g_assert_false (il_series_find (spans, 0, 100, NULL, NULL));
  il_series_sum_states (spans, 10, 30, states_ns);
  g_assert_cmpint (states_ns[IL_STATE_NONE], ==, 20);
  il_series_bin_spans (spans, 0, 100, 100, 1, &bin);
  g_assert_cmpuint (bin.share[IL_STATE_NONE], ==, 65535);
  g_assert_cmpuint (bin.n_spans, ==, 0);
  il_series_bin_counter (counter, 0, 100, 100, 1, &counter_bin);
  g_assert_false (counter_bin.covered);
}

static void
test_merges_equals (void)
{
  g_autoptr (IlSeries) spans = il_series_new (IL_SERIES_SPANS);
  g_autoptr (IlSeries) counter = il_series_new (IL_SERIES_COUNTER);

  il_series_append (spans, 10, IL_CODE (IL_STATE_RUNNING, 1), 5);
  il_series_append (spans, 20, IL_CODE (IL_STATE_RUNNING, 1), 5);
  g_assert_cmpuint (il_series_get_length (spans), ==, 1);
  il_series_append (spans, 30, IL_CODE (IL_STATE_RUNNING, 1), 6);
  il_series_append (spans, 30, IL_CODE (IL_STATE_RUNNING, 2), 6);
  g_assert_cmpuint (il_series_get_length (spans), ==, 3);
  il_series_append (counter, 10, 7, 0);
  il_series_append (counter, 20, 7, 99);
  g_assert_cmpuint (il_series_get_length (counter), ==, 1);
}

static void
test_time_never_goes_back (void)
{
  g_autoptr (IlSeries) series = il_series_new (IL_SERIES_SPANS);
  gint64 states_ns[IL_N_STATES];
  IlSpan span;

  il_series_append (series, 100, IL_CODE (IL_STATE_RUNNING, 0), 0);
  il_series_append (series, 40, IL_CODE (IL_STATE_BUSY, 0), 0);
  il_series_append (series, 150, IL_CODE (IL_STATE_SLEEPING, 0), 0);
  g_assert_true (il_series_get_span (series, 0, 200, &span));
  g_assert_cmpint (span.end_ns, ==, 100);
  g_assert_true (il_series_find (series, 100, 200, NULL, &span));
  g_assert_cmphex (span.code, ==, IL_CODE (IL_STATE_BUSY, 0));
  il_series_sum_states (series, 90, 160, states_ns);
  g_assert_cmpint (states_ns[IL_STATE_NONE], ==, 10);
  g_assert_cmpint (states_ns[IL_STATE_RUNNING], ==, 0);
  g_assert_cmpint (states_ns[IL_STATE_BUSY], ==, 50);
  g_assert_cmpint (states_ns[IL_STATE_SLEEPING], ==, 10);
}

/* Ends of time, and codes that are no state, must not do harm. */
static void
test_absurd_input (void)
{
  g_autoptr (IlSeries) series = il_series_new (IL_SERIES_SPANS);
  gint64 states_ns[IL_N_STATES], total = 0;
  IlSpanBin bins[7];

  il_series_append (series, G_MININT64, 0xffffffff, G_MAXUINT32);
  il_series_append (series, 0, IL_CODE (IL_N_STATES, 1), 0);
  il_series_append (series, G_MAXINT64, IL_CODE (IL_STATE_BUSY, 1), 0);
  il_series_append (series, G_MAXINT64, IL_CODE (IL_STATE_RUNNING, 1), 0);
  il_series_bin_spans (series, G_MININT64, G_MAXINT64, G_MAXINT64, 7, bins);
  for (guint i = 0; i < IL_N_STATES; i++)
    total += bins[3].share[i];
  g_assert_cmpint (total, ==, 65535);
  il_series_sum_states (series, G_MININT64, G_MAXINT64, states_ns);
  g_assert_cmpint (states_ns[IL_STATE_UNKNOWN], >, 0);
  il_series_sum_states (series, 50, 20, states_ns);
  for (guint i = 0; i < IL_N_STATES; i++)
    g_assert_cmpint (states_ns[i], ==, 0);
}

/* More columns than nanoseconds: those without width are nothing, the others are one span. */
static void
test_columns_without_width (void)
{
  g_autoptr (IlSeries) series = il_series_new (IL_SERIES_SPANS);
  guint n_wide = 0;
  IlSpanBin bins[10];

  il_series_append (series, 0, IL_CODE (IL_STATE_RUNNING, 0), 0);
  il_series_bin_spans (series, 10, 13, 100, 10, bins);
  for (guint i = 0; i < 10; i++)
    {
      g_assert_cmpuint (bins[i].share[IL_STATE_RUNNING] + bins[i].share[IL_STATE_NONE], ==, 65535);
      n_wide += bins[i].share[IL_STATE_RUNNING] == 65535;
    }
  g_assert_cmpuint (n_wide, ==, 3);
}

static void
test_outside_is_none (void)
{
  g_autoptr (IlSeries) series = il_series_new (IL_SERIES_SPANS);
  IlSpanBin bins[4];

  il_series_append (series, 100, IL_CODE (IL_STATE_RUNNING, 3), 0);
  il_series_bin_spans (series, 0, 400, 250, 4, bins);
  g_assert_cmpuint (bins[0].share[IL_STATE_NONE], ==, 65535);
  g_assert_cmpuint (bins[0].n_spans, ==, 0);
  g_assert_cmpuint (bins[1].share[IL_STATE_RUNNING], ==, 65535);
  g_assert_cmphex (bins[1].longest_code, ==, IL_CODE (IL_STATE_RUNNING, 3));
  g_assert_cmpuint (bins[2].share[IL_STATE_RUNNING], ==, 32768);
  g_assert_cmpuint (bins[2].longest_share, ==, 32768);
  g_assert_cmpuint (bins[3].share[IL_STATE_NONE], ==, 65535);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestDataFunc test;
  } properties[] = {
    { "spans", test_spans }, { "find", test_find },
    { "sums", test_sums },   { "parts-sum-to-whole", test_parts_sum_to_whole },
    { "bins", test_bins },   { "counter-bins", test_counter_bins },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (properties); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (shapes); k++)
      {
        g_autofree char *path
            = g_strdup_printf ("/series/%s/%s", properties[i].name, shapes[k].name);

        g_test_add_data_func (path, &shapes[k], properties[i].test);
      }
  g_test_add_func ("/series/empty", test_empty);
  g_test_add_func ("/series/merges-equals", test_merges_equals);
  g_test_add_func ("/series/time-never-goes-back", test_time_never_goes_back);
  g_test_add_func ("/series/absurd-input", test_absurd_input);
  g_test_add_func ("/series/columns-without-width", test_columns_without_width);
  g_test_add_func ("/series/outside-is-none", test_outside_is_none);
  return g_test_run ();
}
