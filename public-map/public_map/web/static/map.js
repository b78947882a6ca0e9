// Draws the reports on the map page. What comes from the server becomes text nodes and numbers, never markup.
"use strict";

const OUTLINE = new URL("outline.geojson", document.currentScript.src);
const SVG = "http://www.w3.org/2000/svg";
const STATUSES = ["new", "verification", "confirmed", "unconfirmed", "eliminated", "referred"];
const UNITS = 100; // of the drawing per degree of longitude
const PAGES = 3, PER_PAGE = 2000, LISTED = 200, REFRESH_MS = 15000;
const [WEST, SOUTH, EAST, NORTH] = [13.9, 48.9, 24.4, 55.0];
const hour = new Intl.DateTimeFormat("pl-PL", { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Warsaw" });

const element = (id) => document.getElementById(id);
const map = element("map");
const layers = ["borders", "cities", "pins"].map((name) => map.appendChild(shape("g", { id: name })));
const [borders, cities, pins] = layers;
let view = null, reports = [], selectedId = null, latestRequest = 0, refreshTimer = 0;

function shape(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

function text(name, words, className) {
  const node = document.createElement(name);
  node.textContent = words;
  if (className) node.className = className;
  return node;
}

// Mercator, so that the shapes look as people know them.
const x = (longitude) => longitude * UNITS;
const y = (latitude) => -UNITS * (180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360));
const longitudeAt = (at) => at / UNITS;
const latitudeAt = (at) => (Math.atan(Math.exp((-at / UNITS) * (Math.PI / 180))) * 360) / Math.PI - 90;

function setView(next) {
  const shapeOfWindow = map.clientHeight / Math.max(1, map.clientWidth);
  const width = Math.min(Math.max(next.width, 0.5), 2500);
  view = { x: next.x, y: next.y, width, height: width * shapeOfWindow };
  map.setAttribute("viewBox", `${view.x - view.width / 2} ${view.y - view.height / 2} ${view.width} ${view.height}`);
  for (const name of cities.children) name.setAttribute("font-size", (12.5 * view.width) / map.clientWidth);
  clearTimeout(refreshTimer);
  refreshTimer = setTimeout(refresh, 250);
}

function showWholeCountry() {
  const height = y(SOUTH) - y(NORTH);
  const width = Math.max(x(EAST) - x(WEST), (height * map.clientWidth) / Math.max(1, map.clientHeight));
  setView({ x: (x(WEST) + x(EAST)) / 2, y: (y(SOUTH) + y(NORTH)) / 2, width });
}

const zoom = (factor, at = view) =>
  setView({ x: at.x + (view.x - at.x) * factor, y: at.y + (view.y - at.y) * factor, width: view.width * factor });

function pointAt(event) {
  const box = map.getBoundingClientRect();
  return {
    x: view.x + ((event.clientX - box.left) / box.width - 0.5) * view.width,
    y: view.y + ((event.clientY - box.top) / box.height - 0.5) * view.height,
  };
}

async function drawOutline() {
  const answer = await fetch(OUTLINE);
  if (!answer.ok) return;
  const outline = await answer.json();
  element("attribution").textContent = outline.attribution;
  for (const { geometry, properties } of outline.features) {
    if (properties.kind === "city") {
      const [longitude, latitude] = geometry.coordinates;
      const name = shape("text", { class: "city", dy: "-.7em", x: x(longitude), y: y(latitude) });
      name.textContent = properties.name;
      cities.append(name);
    } else {
      const line = (points) => "M" + points.map(([lon, lat]) => `${x(lon).toFixed(2)} ${y(lat).toFixed(2)}`).join("L");
      borders.append(shape("path", { class: properties.kind, d: geometry.coordinates.map(line).join("") }));
    }
  }
  setView(view);
}

function queryParameters() {
  const box = [
    longitudeAt(view.x - view.width / 2), latitudeAt(view.y + view.height / 2),
    longitudeAt(view.x + view.width / 2), latitudeAt(view.y - view.height / 2),
  ];
  const limits = [[-180, 180], [-90, 90], [-180, 180], [-90, 90]];
  const within = box.map((value, side) => Math.min(Math.max(value, limits[side][0]), limits[side][1]).toFixed(5));
  const statuses = [...element("legend").querySelectorAll("input:checked")].map((box) => box.value);
  return new URLSearchParams({ bbox: within.join(","), status: statuses.join(","), limit: PER_PAGE, language: "pl" });
}

async function refresh() {
  clearTimeout(refreshTimer);
  const request = ++latestRequest;
  const parameters = queryParameters();
  let found = [], next = null;
  try {
    if (parameters.get("status")) {
      for (let page = 0; page < PAGES && (page === 0 || next); page += 1) {
        if (next) parameters.set("next", next);
        const answer = await fetch(`v1/reports.geojson?${parameters}`);
        if (!answer.ok) throw new Error(answer.status);
        const collection = await answer.json();
        found = found.concat(collection.features);
        next = collection.next;
      }
    }
    if (request !== latestRequest) return;
    reports = found.sort((one, other) => other.properties.changed_at.localeCompare(one.properties.changed_at));
    element("notice").textContent = next ? "Przybliż mapę, aby zobaczyć wszystkie zgłoszenia." : "";
    draw(next);
  } catch {
    if (request === latestRequest) element("notice").textContent = "Nie udało się pobrać zgłoszeń. Spróbujemy ponownie za chwilę.";
  }
  if (request === latestRequest) refreshTimer = setTimeout(refresh, REFRESH_MS);
}

function statusClass(properties) {
  return STATUSES.includes(properties.status) ? properties.status : "unconfirmed";
}

function draw(more) {
  pins.replaceChildren(...reports.map(pinGroup));
  element("count").textContent = `(${reports.length}${more ? "+" : ""})`;
  const focused = document.activeElement?.dataset?.id;
  element("list").replaceChildren(...reports.slice(0, LISTED).map(listItem));
  if (focused) element("list").querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
  const selected = reports.find((report) => report.id === selectedId);
  if (selected) select(selected);
}

function pinGroup(report) {
  const [longitude, latitude] = report.geometry.coordinates;
  const point = `M${x(longitude)} ${y(latitude)}h0`;
  const group = shape("g", { "data-id": report.id });
  const title = shape("title", {});
  title.textContent = `${report.properties.category_name}: ${report.properties.status_name}`;
  group.append(title, shape("path", { class: "rim", d: point }));
  group.append(shape("path", { class: `pin ${statusClass(report.properties)}`, d: point }));
  group.addEventListener("click", () => select(report));
  return group;
}

function listItem(report) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.id = report.id;
  const words = text("span", report.properties.category_name);
  const since = hour.format(new Date(report.properties.changed_at));
  words.append(text("small", `${report.properties.status_name} · ${since}`), text("small", report.properties.unit_name));
  button.append(text("i", "", `dot ${statusClass(report.properties)}`), words);
  button.addEventListener("click", () => {
    select(report);
    const [longitude, latitude] = report.geometry.coordinates;
    setView({ x: x(longitude), y: y(latitude), width: Math.min(view.width, 40) });
  });
  const item = document.createElement("li");
  item.append(button);
  return item;
}

function select(report) {
  selectedId = report.id;
  const { category_name, status_name, submitted_at, changed_at, unit_name, supporters } = report.properties;
  const details = element("details");
  details.hidden = false;
  details.replaceChildren(
    text("strong", category_name),
    text("small", `Status: ${status_name}, od ${hour.format(new Date(changed_at))}`),
    text("small", `Zgłoszono: ${hour.format(new Date(submitted_at))}`),
    text("small", `Odpowiada: ${unit_name}`),
  );
  if (supporters) details.append(text("small", `Potwierdzenia innych osób: ${supporters}`));
  for (const group of pins.children) group.classList.toggle("chosen", group.dataset.id === selectedId);
}

function addListeners() {
  element("closer").addEventListener("click", () => zoom(0.6));
  element("farther").addEventListener("click", () => zoom(1 / 0.6));
  element("whole").addEventListener("click", showWholeCountry);
  element("legend").addEventListener("change", refresh);
  map.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(event.deltaY < 0 ? 0.8 : 1.25, pointAt(event));
  }, { passive: false });
  let from = null;
  map.addEventListener("pointerdown", (event) => { from = event; });
  addEventListener("pointermove", (event) => {
    if (!from) return;
    map.classList.add("moving");
    const scale = view.width / map.clientWidth;
    setView({ ...view, x: view.x - (event.clientX - from.clientX) * scale, y: view.y - (event.clientY - from.clientY) * scale });
    from = event;
  });
  addEventListener("pointerup", () => { from = null; map.classList.remove("moving"); });
  addEventListener("resize", () => setView(view));
}

showWholeCountry();
addListeners();
drawOutline();
