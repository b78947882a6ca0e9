// Where one looks: the map, or a place and its surroundings, until the map is there and for browsers that draw none.

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./questions.js").Box} Box */
/** @typedef {import("./questions.js").Position} Position */
/** @typedef {Position & {zoom: number}} Place */
/**
 * @typedef {object} View
 * @property {boolean} drawn whether there is a map
 * @property {() => Box} box what is in view
 * @property {() => Place} place its middle and zoom
 * @property {(place: Place | null) => void} go to a place; null: to the whole country
 * @property {(state: State) => void} draw the reports of the state
 * @property {() => void} renew what is drawn has changed
 * @property {(position: Position | null) => void} mark the chosen report
 */
/**
 * @typedef {object} Listener
 * @property {() => void} onMoved
 * @property {(id: string, position: Position) => void} onReport
 * @property {() => void} onEmpty a click beside all reports
 * @property {(words: string) => void} onProblem
 */

const AROUND = 0.12; // degrees of latitude to each side, where there is no map
const TILE_PX = 512;

/**
 * @param {State} state
 * @param {Box} country
 * @param {Listener} listener
 * @param {HTMLElement | null} frame where a map is going to be: its view is known before it is there
 * @returns {View}
 */
export function listView(state, country, listener, frame) {
  /** @type {Place | null} */
  let here = state.view;
  return {
    drawn: false,
    place: () => here ?? { longitude: (country[0] + country[2]) / 2, latitude: (country[1] + country[3]) / 2, zoom: 5 },
    box: () => (here ? around(here, frame) : country),
    go: (to) => {
      here = to;
      listener.onMoved();
    },
    draw: () => {},
    renew: () => {},
    mark: () => {},
  };
}

/** @param {Place} place @param {HTMLElement | null} frame @returns {Box} */
function around({ longitude, latitude, zoom }, frame) {
  const flat = Math.cos((latitude * Math.PI) / 180);
  const pixel = 360 / (TILE_PX * 2 ** zoom);
  const [across, up] = frame ? [(frame.clientWidth / 2) * pixel, (frame.clientHeight / 2) * pixel * flat] : [AROUND / flat, AROUND];
  return [longitude - across, latitude - up, longitude + across, latitude + up];
}
