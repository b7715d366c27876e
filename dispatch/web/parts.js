// What every part of the start page is made of: words, numbers, elements, tables, calls to the server.
import { MESSAGES } from "/messages.js";

export const state = { english: startsInEnglish(), start: null, profile: null, campaigns: [], campaign: null };
const orders = {}; // {table: {column, down}}: how tables are sorted, kept over every redrawing

// ---- words and numbers
function startsInEnglish() {
  const language = new URLSearchParams(location.search).get("lang") || localStorage.getItem("dispatch.language") || "zh";
  localStorage.setItem("dispatch.language", language);
  return language === "en";
}
export function t(key, values = {}) {
  return (MESSAGES[key] || [key, key])[state.english ? 1 : 0].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
export const locale = () => (state.english ? "en" : "zh-CN");
export const number = (value, digits = 0) =>
  value === null ? t("not_applicable") : value.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
export const whole = (value) => number(value);
export const large = (value) => (state.english || value === null || value < 10000 ? whole(value) : `${number(value / 10000, 2)} 万`);
export const percent = (share) => (share === null ? t("not_applicable") : `${whole(Math.round(100 * share))}\u00a0%`);
const dated = (value, form) => new Intl.DateTimeFormat(locale(), { dateStyle: "long", ...form }).format(new Date(value));
export const day = (value) => dated(value, { timeZone: "UTC" });
export const moment = (value) => dated(value, { timeStyle: "short", hourCycle: "h23", timeZone: state.profile.timezone });
export const reachText = (reach) =>
  reach === null ? t("not_applicable") : t("reach_text", { median: percent(reach.median), low: Math.round(100 * reach.low), high: Math.round(100 * reach.high) });

// ---- elements
function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== null) node.setAttribute(name, value);
  }
  node.append(...children.flat(2).filter((child) => child !== null));
  return node;
}
export const h = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);
export const s = (name, attributes = {}, ...children) => fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
export const button = (text, click, attributes = {}) => h("button", { type: "button", click, ...attributes }, text);
/** Put new content into a place; focus and scrolling stay where they were. */
export function patch(place, ...nodes) {
  const focused = place.contains(document.activeElement) && document.activeElement.id;
  const scroll = place.querySelector(".scroll");
  const top = scroll ? scroll.scrollTop : 0;
  place.replaceChildren(...nodes.flat());
  if (top && place.querySelector(".scroll")) place.querySelector(".scroll").scrollTop = top;
  if (focused && document.getElementById(focused)) document.getElementById(focused).focus({ preventScroll: true });
}

// ---- talking to the server
class Refusal extends Error {
  constructor(problem, requestId) {
    super(problem.title);
    Object.assign(this, { problem, requestId, slug: (problem.type || "").split("/").pop().replace(/-/g, "_") });
  }
}
/** The JSON of an answer. The browser keeps ETags: an unchanged figure travels as a 304. Throws Refusal. */
export async function call(method, path, body) {
  const json = body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(path, { method, credentials: "same-origin", ...json }).catch(() => {
    throw new Refusal({ type: "offline", status: 0 });
  });
  const isJson = (answer.headers.get("content-type") || "").includes("json");
  const content = isJson ? await answer.json() : null;
  if (!answer.ok) throw new Refusal(content || { title: answer.statusText, status: answer.status }, answer.headers.get("x-request-id"));
  return content;
}
export function refused(error, ...more) {
  if (!(error instanceof Refusal)) console.error(error);
  const { problem, requestId, slug } = error instanceof Refusal ? error : { problem: {}, slug: "client" };
  const known = MESSAGES[`problem_${slug}`] && t(`problem_${slug}`);
  return h("div", { class: "problem", role: "alert", tabindex: "-1" },
    h("strong", {}, known || `${t("problem_generic")} ${problem.title}`),
    problem.detail ? h("p", { lang: "en" }, problem.detail) : null, ...more,
    requestId ? h("p", { class: "note" }, t("request_id", { id: requestId })) : null);
}
/** A UUIDv7: the time in milliseconds, then chance. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setUint32(0, Math.floor(Date.now() / 65536));
  new DataView(bytes.buffer).setUint16(4, Date.now() % 65536);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// ---- parts of pages
export const section = (title, ...children) => h("section", {}, h("h2", {}, title), ...children);
export const field = (key, attributes) => h("label", {}, t(key), h("input", { name: key, required: "", ...attributes }));
export const card = (key, value, note = "", kind = "card") => h("div", { class: kind }, h("dt", {}, t(key)), h("dd", {}, value), note ? h("dd", { class: "note" }, note) : null);
/** A table whose columns are [key, value of a row, text of a row]; null values sort last, columns without a key do not sort. */
export function table(name, columns, rows, rowId = () => null) {
  const { column, down } = orders[name] || {};
  const value = (columns.find(([key]) => key === column) || [])[1];
  const compare = (a, b) => (a === null) - (b === null) || (down ? -1 : 1) * (typeof a === "string" ? a.localeCompare(b, locale()) : a - b);
  const sorted = value ? [...rows].sort((a, b) => compare(value(a), value(b))) : rows;
  const sort = (key) => (event) => {
    orders[name] = { column: key, down: column === key && !down };
    patch(event.target.closest(".scroll").parentNode, table(name, columns, rows, rowId));
  };
  const numeric = (of) => (rows.length && typeof of(rows[0]) !== "string" ? "number" : null);
  const heading = ([key, of]) => key ? h("th", { class: numeric(of), scope: "col", "aria-sort": key === column ? (down ? "descending" : "ascending") : "none" },
    button(t(key), sort(key), { id: `${name}-${key}` }), key === column ? (down ? " ▼" : " ▲") : null) : h("td");
  const cells = (row) => columns.map(([key, of, text], place) => h(place ? "td" : "th", { class: numeric(of), scope: place ? null : "row" }, text(row)));
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t(name) },
    h("table", {}, h("thead", {}, h("tr", {}, columns.map(heading))), h("tbody", {}, sorted.map((row) => h("tr", { id: rowId(row) }, cells(row))))));
}
export const column = (key, format) => [key, (row) => row[key], (row) => format(row[key])];
