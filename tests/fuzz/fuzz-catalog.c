/* fuzz-catalog.c - any answer of the runner gives scenarios or an error, never both
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "il-scenario-catalog-private.h"
#include "il-scenario-catalog.h"

#define GOOD                                                                                       \
  "[{\"id\":\"a\",\"row\":\"C1\",\"name\":\"A\",\"description\":\"d\",\"look_at\":\"l\","          \
  "\"path\":\"/a\",\"model\":\"threads\",\"models\":[\"serial\",\"threads\"],\"workers\":2,"       \
  "\"workers_settable\":true,\"duration_ns\":0,\"knobs\":[{\"key\":\"k\",\"name\":\"K\","          \
  "\"unit\":\"duration\",\"value\":1.5e6,\"min\":0,\"max\":2000000,\"live\":true}]}]"
#define EMPTY                                                                                      \
  "[{\"id\":\"\",\"row\":\"\",\"name\":\"\",\"description\":\"\",\"look_at\":\"\",\"model\":\"\"," \
  "\"models\":[\"\"],\"workers\":0,\"workers_settable\":false,\"knobs\":[]}]"

static const char *const seeds[] = { "[]", GOOD, EMPTY };

/* json-glib 1.6 leaks nodes of text that breaks off in certain places.  Leaks of our own show in
 * tests/recorder/test-catalog.c. */
int __lsan_is_turned_off (void);

__attribute__ ((visibility ("default"))) int
__lsan_is_turned_off (void)
{
  return 1;
}

static void
use (IlScenario *scenario)
{
  guint n_knobs;

  g_assert_nonnull (il_scenario_get_id (scenario));
  g_assert_nonnull (il_scenario_get_name (scenario));
  g_assert_nonnull (il_scenario_get_models (scenario)[0]);
  for (const IlKnob *knob = il_scenario_get_knobs (scenario, &n_knobs); n_knobs > 0;
       knob++, n_knobs--)
    {
      g_assert_nonnull (knob->key);
      g_assert_true (knob->min <= knob->value && knob->value <= knob->max);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *json = g_strndup ((const char *)data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) scenarios = il_scenario_catalog_parse (json, &error);

  g_assert_true ((scenarios == NULL) == (error != NULL));
  for (guint i = 0; scenarios != NULL && i < scenarios->len; i++)
    use (g_ptr_array_index (scenarios, i));
  return 0;
}

size_t
fuzz_seed (size_t index, uint8_t *data, size_t max_size)
{
  size_t size;

  if (index >= G_N_ELEMENTS (seeds))
    return 0;
  size = MIN (strlen (seeds[index]), max_size);
  memcpy (data, seeds[index], size);
  return size;
}
