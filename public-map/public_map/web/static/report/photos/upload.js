// A photo on its way: with its progress, and again by itself where that may help.

/**
 * @typedef {object} Kept
 * @property {string} photo the token by which the report names it
 * @property {number | null} metres_from_place
 */

const TRIES = 3;
const ATTEMPT_SECONDS = 90;

/** What the server refused, or that it could not be reached (status 0). */
export class NotSent extends Error {
  /** @param {number} status */
  constructor(status) {
    super(String(status));
    this.status = status;
  }
}

/**
 * @param {string} url
 * @param {Blob} blob
 * @param {string} key the Idempotency-Key, the same for every attempt
 * @param {(percent: number) => void} onProgress
 * @param {AbortSignal} stop
 * @returns {Promise<Kept>} NotSent is thrown in the end
 */
export async function upload(url, blob, key, onProgress, stop) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(url, blob, key, onProgress, stop);
    } catch (error) {
      const again = error instanceof NotSent && (error.status === 0 || error.status >= 500);
      if (!again || tries === TRIES || stop.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, 2000 * tries));
    }
  }
}

/**
 * By XMLHttpRequest: fetch tells nothing of what has been sent.
 * @param {string} url
 * @param {Blob} blob
 * @param {string} key
 * @param {(percent: number) => void} onProgress
 * @param {AbortSignal} stop
 * @returns {Promise<Kept>}
 */
function attempt(url, blob, key, onProgress, stop) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const failed = () => reject(new NotSent(request.status));
    request.open("POST", url);
    request.setRequestHeader("Content-Type", blob.type || "image/jpeg");
    request.setRequestHeader("Idempotency-Key", key);
    [request.responseType, request.timeout] = ["json", ATTEMPT_SECONDS * 1000];
    request.upload.onprogress = ({ loaded, total }) => onProgress(Math.round((100 * loaded) / Math.max(1, total)));
    request.onload = () => (request.status === 201 && request.response ? resolve(request.response) : failed());
    request.onerror = request.ontimeout = request.onabort = failed;
    stop.addEventListener("abort", () => request.abort());
    request.send(blob);
  });
}
