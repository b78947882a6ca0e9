// What changes on the map, as it happens: a stream of events, and where it can't be had a look every some seconds.

const POLL_MS = 15_000;
const GATHER_MS = 250;
const REST_MS = 1_200;
const PATIENCE_MS = 5_000; // a stream ends every minute and goes on by itself

/**
 * Calls `onChange` when something that may be in view changed: soon after the first change, and not more often than
 * every second while much happens.
 * @param {{onChange: (arrived: string[]) => void, concerns: (report: any) => boolean, onMode: (live: boolean) => void}} wanted
 * @returns {() => void} ends it
 */
export function follow({ onChange, concerns, onMode }) {
  let polling = 0;
  let waiting = 0;

  const changed = gathered(onChange);
  const poll = () => {
    if (!polling) polling = window.setInterval(() => !document.hidden && onChange([]), POLL_MS);
    onMode(false);
  };
  const source = new EventSource("/v1/live");
  source.addEventListener("open", () => {
    clearTimeout(waiting);
    clearInterval(polling);
    waiting = polling = 0;
    onMode(true);
  });
  source.addEventListener("error", () => (waiting ||= window.setTimeout(poll, PATIENCE_MS)));
  source.addEventListener("report", (event) => {
    const report = JSON.parse(event.data);
    if (concerns(report)) changed(report.report_id);
  });
  source.addEventListener("removed", (event) => concerns(JSON.parse(event.data)) && changed(null));
  source.addEventListener("reload", () => changed(null));
  addEventListener("online", () => changed(null));
  addEventListener("pagehide", () => source.close());
  return () => {
    source.close();
    clearTimeout(waiting);
    clearInterval(polling);
  };
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
