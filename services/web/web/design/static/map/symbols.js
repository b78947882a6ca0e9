// The marks of reports: KMZB's colour and a shape by status, a pictogram by category; and rings for many at once.
// Drawn when the map first asks for one: `report:<status>:<category>`, `cluster:<size>:<eighths of each status>`.

import { STATUS_COLOURS } from "./palette.js";

/** @typedef {import("../vendor/maplibre-gl.mjs").Map} MapLibre */
/** @typedef {import("./palette.js").Status} Status */

const SPRITE = new URL("../icons.svg", import.meta.url).href;
const SCALE = 2;
const MARK_PX = 38;
const INK = "#14202e";
const WHITE = "#ffffff";
export const CLUSTER_STATUSES = /** @type {Status[]} */ (["new", "verification", "confirmed", "referred", "eliminated", "unconfirmed"]);
/** Radius in pixels by size, 0 to 4. */
export const CLUSTER_RADII = [14, 17, 21, 26, 31];

/** @type {Promise<Document> | undefined} */
let sprite;

/**
 * From now on the map draws its marks by itself.
 * @param {MapLibre} map
 */
export function addSymbols(map) {
  const draw = async (/** @type {string} */ id) => {
    const [kind, one, two] = id.split(":");
    if (kind === "report") await add(map, id, MARK_PX, (pen) => drawReport(pen, one, two));
    if (kind === "cluster") await add(map, id, 2 * CLUSTER_RADII[Number(one)] + 4, (pen) => drawCluster(pen, Number(one), two));
  };
  // MapLibre would say nothing, and ask no more.
  const resolve = (/** @type {string} */ id) => draw(id).catch((error) => void map.fire("error", { error, sourceId: id, ask: () => resolve(id) }));
  map.setMissingStyleImageResolver(resolve);
}

/**
 * @param {MapLibre} map
 * @param {string} id
 * @param {number} size
 * @param {(pen: CanvasRenderingContext2D) => Promise<void> | void} draw
 */
async function add(map, id, size, draw) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * SCALE;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(SCALE, SCALE);
  pen.translate(size / 2, size / 2);
  await draw(pen);
  if (!map.hasImage(id)) map.addImage(id, pen.getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: SCALE });
}

/**
 * @param {CanvasRenderingContext2D} pen its origin in the middle
 * @param {string} status
 * @param {string} category
 */
async function drawReport(pen, status, category) {
  const colour = STATUS_COLOURS[/** @type {Status} */ (status)] ?? STATUS_COLOURS.unconfirmed;
  const filled = status === "confirmed" || status === "eliminated" || status === "referred";
  shadowed(pen, () => disc(pen, 17, WHITE));
  disc(pen, 15.5, filled ? colour : WHITE);
  if (status === "verification") half(pen, 15.5, `${colour}80`);
  if (!filled) ring(pen, 14, 3.2, colour, status === "unconfirmed" ? [4, 3.3] : []);
  await paint(pen, `category-${category}`, filled ? WHITE : INK, 0, 0, 18);
  if (status === "new" || status === "verification" || status === "confirmed") return;
  disc(pen, 8, WHITE, 11, -11);
  await paint(pen, `status-${status}`, colour, 11, -11, 13);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} size
 * @param {string} eighths a digit for each status: how much of the ring is its
 */
function drawCluster(pen, size, eighths) {
  const radius = CLUSTER_RADII[size];
  shadowed(pen, () => disc(pen, radius, WHITE));
  const shares = [...eighths].map(Number);
  const total = shares.reduce((sum, share) => sum + share, 0) || 1;
  let from = -Math.PI / 2;
  shares.forEach((share, index) => {
    const to = from + (2 * Math.PI * share) / total;
    if (share) arc(pen, radius - 3, from, to, 4.5, STATUS_COLOURS[CLUSTER_STATUSES[index]]);
    from = to;
  });
}

/** @param {CanvasRenderingContext2D} pen @param {() => void} draw */
function shadowed(pen, draw) {
  pen.save();
  pen.shadowColor = "#00000059";
  pen.shadowBlur = 3;
  pen.shadowOffsetY = 1;
  draw();
  pen.restore();
}

/** @param {CanvasRenderingContext2D} pen @param {number} radius @param {string} colour @param {number} [x] @param {number} [y] */
function disc(pen, radius, colour, x = 0, y = 0) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fillStyle = colour;
  pen.fill();
}

/** @param {CanvasRenderingContext2D} pen @param {number} radius @param {string} colour */
function half(pen, radius, colour) {
  pen.beginPath();
  pen.arc(0, 0, radius, -Math.PI / 2, Math.PI / 2);
  pen.fillStyle = colour;
  pen.fill();
}

/** @param {CanvasRenderingContext2D} pen @param {number} radius @param {number} width @param {string} colour @param {number[]} dashes */
function ring(pen, radius, width, colour, dashes) {
  pen.save();
  pen.setLineDash(dashes);
  arc(pen, radius, 0, 2 * Math.PI, width, colour);
  pen.restore();
}

/**
 * @param {CanvasRenderingContext2D} pen @param {number} radius @param {number} from @param {number} to @param {number} width
 * @param {string} colour
 */
function arc(pen, radius, from, to, width, colour) {
  pen.beginPath();
  pen.arc(0, 0, radius, from, to);
  pen.lineWidth = width;
  pen.strokeStyle = colour;
  pen.stroke();
}

/** @returns {Promise<Document>} asked for again the next time, where it could not be had */
async function readSprite() {
  try {
    const answer = await fetch(SPRITE);
    if (!answer.ok) throw new Error(`symbols: ${answer.status}`);
    return new DOMParser().parseFromString(await answer.text(), "image/svg+xml");
  } catch (error) {
    sprite = undefined;
    throw error;
  }
}

/**
 * A symbol of the sprite around a point.
 * @param {CanvasRenderingContext2D} pen
 * @param {string} name
 * @param {string} colour
 * @param {number} x
 * @param {number} y
 * @param {number} size
 */
async function paint(pen, name, colour, x, y, size) {
  sprite ??= readSprite();
  const symbol = (await sprite).getElementById(name);
  if (!symbol) return;
  const inside = [...symbol.childNodes].map((node) => new XMLSerializer().serializeToString(node)).join("");
  const attributes = [...symbol.attributes].filter(({ name: key }) => key !== "id").map(({ name: key, value }) => `${key}="${value}"`);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96" ${attributes.join(" ")}>${inside}</svg>`;
  const image = new Image(96, 96);
  image.src = `data:image/svg+xml,${encodeURIComponent(svg.replaceAll("currentColor", colour))}`;
  await image.decode();
  pen.drawImage(image, x - size / 2, y - size / 2, size, size);
}
