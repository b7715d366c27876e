// Zones as an inline SVG: coloured by the lower bound of reach, with words for everything the colours say.
import { h, percent, reachText, s, state, t, whole } from "/parts.js";

const steps = () => [0.5, 1, 1.25, 1.5].map((factor) => Math.min(1, factor * state.campaign.target_reach));
const shown = (zone) => zone.reach !== null && zone.households >= 50 && zone.handed_out >= 10;
const shade = (zone) => (shown(zone) ? `reach-${steps().filter((step) => zone.reach.low >= step).length}` : "reach-none");
export const standing = (zone) => zone.gap === null ? t("not_applicable") : t(zone.gap ? "standing_gap" : zone.reach && zone.reach.median >= zone.target ? "standing_met" : "standing_open");
const told = (zone) => [`${t("households")} ${whole(zone.households)}`, `${t("handed_out")} ${whole(zone.handed_out)}`, `${t("reach")} ${reachText(zone.reach)}`, standing(zone)].join(" · ");
/** Mercator in degrees, north upwards: at the size of a city the shapes are true. */
const project = ([longitude, latitude]) => [longitude, (-180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360))];
export function zoneMap(features) {
  const rings = features.map(({ geometry }) => (geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat()).map((ring) => ring.map(project)));
  const edge = (pick, axis, list = rings.flat()) => list.reduce((found, ring) => ring.reduce((best, point) => pick(best, point[axis]), found), pick === Math.min ? Infinity : -Infinity);
  const [west, north] = [edge(Math.min, 0), edge(Math.min, 1)];
  const scale = Math.min(640 / (edge(Math.max, 0) - west), 560 / (edge(Math.max, 1) - north));
  const [width, height] = [(edge(Math.max, 0) - west) * scale, (edge(Math.max, 1) - north) * scale];
  const place = ([x, y]) => `${((x - west) * scale).toFixed(1)},${((y - north) * scale).toFixed(1)}`;
  const row = h("p", { class: "row" }, t("map_hint"));
  const choose = (zone) => (event) => {
    document.querySelectorAll("tr.chosen").forEach((other) => other.classList.remove("chosen"));
    if (document.getElementById(`row-${zone.code}`)) document.getElementById(`row-${zone.code}`).classList.add("chosen");
    row.replaceChildren(h("strong", {}, zone.name), ` ${told(zone)}`);
  };
  const step = ({ key, target }) => {
    const all = [...target.closest("svg").querySelectorAll(".zone")], move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
    if (move) all[(all.indexOf(target) + move + all.length) % all.length].focus();
  };
  const drawn = features.map(({ properties: zone }, index) => {
    const d = rings[index].map((ring) => `M${ring.map(place).join("L")}Z`).join("");
    const label = place([0, 1].map((axis) => (edge(Math.min, axis, rings[index]) + edge(Math.max, axis, rings[index])) / 2)).split(",");
    return [s("path", { d, id: `zone-${zone.code}`, class: `zone ${shade(zone)}`, tabindex: index ? "-1" : "0", role: "img", focus: choose(zone), mouseenter: choose(zone), keydown: step },
      s("title", {}, zone.name), s("desc", {}, told(zone))),
    shown(zone) && zone.reach.high - zone.reach.low > 0.25 ? s("path", { d, class: "hatch", fill: "url(#hatch)" }) : null,
    zone.gap ? s("text", { x: label[0], y: label[1], "aria-hidden": "true" }, t("standing_gap")) : null];
  });
  const hatch = s("defs", {}, s("pattern", { id: "hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, s("path", { d: "M0 0V7", class: "stroke" })));
  return [s("svg", { viewBox: `-4 -4 ${width + 8} ${height + 8}`, class: "map", role: "group", "aria-label": t("map") }, hatch, drawn), row, legend()];
}
function legend() {
  const edges = [0, ...steps(), 1].map(percent);
  const swatch = (shape, text) => h("li", {}, s("svg", { viewBox: "0 0 24 16", "aria-hidden": "true" }, s("rect", { width: 24, height: 16, ...shape })), text);
  return h("ul", { class: "legend" }, [0, 1, 2, 3, 4].map((grade) => swatch({ class: `reach-${grade}` }, t(`legend_${grade}`, { from: edges[grade], to: edges[grade + 1] }))),
    swatch({ class: "reach-none" }, t("legend_none")), swatch({ fill: "url(#hatch)" }, t("legend_hatch")));
}
