// What changes on the map, as it happens: a stream of events, and where it can't be had a look every some seconds.

const POLL_MS = 15_000;
const GATHER_MS = 250;
const REST_MS = 1_200;
const PATIENCE_MS = 5_000; // a stream ends every minute and goes on by itself

/**
 * Calls `onChange` when something that may be in view changed: soon after the first change, and not more often than
 * every second while much happens. A page nobody looks at follows nothing, and catches up once it is looked at.
 * @param {{onChange: (arrived: string[]) => void, concerns: (report: any) => boolean, onMode: (live: boolean) => void}} wanted
 */
export function follow({ onChange, concerns, onMode }) {
  /** @type {EventSource | null} */
  let source = null;
  let polling = 0;
  let waiting = 0;

  const changed = gathered(onChange);
  const rest = () => {
    clearTimeout(waiting);
    clearInterval(polling);
    waiting = polling = 0;
  };
  const open = () => {
    source = stream(changed, concerns);
    source.addEventListener("open", () => (rest(), onMode(true)));
    source.addEventListener("error", () => (waiting ||= window.setTimeout(poll, PATIENCE_MS)));
  };
  const poll = () => {
    onMode(false);
    polling = window.setInterval(() => {
      if (source?.readyState === EventSource.CLOSED) open(); // refused, by a full server say: asked again
      onChange([]);
    }, POLL_MS);
  };
  whileLookedAt(
    () => {
      if (source) return;
      open();
      changed(null);
    },
    () => {
      rest();
      source?.close();
      source = null;
    },
  );
  addEventListener("online", () => changed(null));
  open();
}

/**
 * @param {() => void} awake somebody looks at the page again
 * @param {() => void} asleep nobody does
 */
function whileLookedAt(awake, asleep) {
  addEventListener("pagehide", asleep);
  addEventListener("pageshow", awake); // by the back button, as it was left
  document.addEventListener("visibilitychange", () => (document.hidden ? asleep() : awake()));
}

/**
 * @param {(id: string | null) => void} changed
 * @param {(report: any) => boolean} concerns
 */
function stream(changed, concerns) {
  const source = new EventSource("/v1/live");
  source.addEventListener("report", (event) => {
    const report = JSON.parse(event.data);
    if (concerns(report)) changed(report.report_id);
  });
  source.addEventListener("removed", (event) => concerns(JSON.parse(event.data)) && changed(null));
  source.addEventListener("reload", () => changed(null));
  return source;
}

/**
 * @param {(arrived: string[]) => void} onChange
 * @returns {(id: string | null) => void} says that something changed
 */
function gathered(onChange) {
  /** @type {Set<string>} */
  const arrived = new Set();
  let timer = 0;
  let last = 0;
  return (id) => {
    if (id) arrived.add(id);
    if (timer) return;
    timer = window.setTimeout(() => {
      timer = 0;
      last = Date.now();
      onChange([...arrived]);
      arrived.clear();
    }, Math.max(GATHER_MS, last + REST_MS - Date.now()));
  };
}
