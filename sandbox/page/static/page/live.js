// Server-sent events, and drawing anew what they say has changed.

/** Calls `changed(kind)` for each event, `lost()` when the line breaks and `found()` when it is back. */
export function listen({ changed, lost, found }) {
  const source = new EventSource("/api/events");
  let broken = false;
  source.onmessage = (event) => changed(JSON.parse(event.data).kind);
  source.onerror = () => {
    broken = true;
    lost();
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen({ changed, lost, found }), 2000);
  };
  source.onopen = () => {
    if (broken) found();
    broken = false;
  };
}

/** `work`, never twice at once; being called meanwhile it runs once more afterwards. */
export function oneAtATime(work) {
  let running = null;
  let again = false;
  const run = async () => {
    do {
      again = false;
      await work();
    } while (again);
  };
  return () => {
    again = true;
    running ??= run().finally(() => (running = null));
    return running;
  };
}
