/** Waits for a condition, never for a time; with what was waited for in the error. */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  limitMs = 8_000,
): Promise<Exclude<T, false | undefined | null>> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await probe();
    // The three that mean "not yet" are left out of the type above.
    if (value !== false && value !== undefined && value !== null) return value as Exclude<T, false | undefined | null>;
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
