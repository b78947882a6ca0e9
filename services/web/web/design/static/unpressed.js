// What came by itself is shown once nobody presses: an element that is put anew between press and release is not clicked.

const CLICK_MS = 30; // from the release to the click it makes
const LONGEST_MS = 2_000; // who presses longer does not click

let released = Promise.resolve();

/**
 * Whoever asked a server waits for this before showing the answer.
 * @returns {Promise<void>} at once where nothing is pressed
 */
export function unpressed() {
  return released;
}

/**
 * What an answer says, as JSON, once it can be shown.
 * @param {Response} answer
 * @returns {Promise<any>}
 */
export async function said(answer) {
  const body = await answer.json();
  await released;
  return body;
}

addEventListener(
  "pointerdown",
  () => {
    released = new Promise((resolve) => {
      const end = () => setTimeout(resolve, CLICK_MS);
      for (const name of ["pointerup", "pointercancel"]) addEventListener(name, end, { once: true, capture: true });
      setTimeout(resolve, LONGEST_MS);
    });
  },
  { capture: true, passive: true },
);
