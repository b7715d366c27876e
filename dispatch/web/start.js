// The start page: signing in, the figures of one's own role, claiming a batch. Plain modules without a build step.
import { button, call, card, column, day, field, h, large, locale, moment, newId, number, patch, percent, reachText, refused, section, state, t, table, whole } from "/parts.js";
import { standing, zoneMap } from "/zone_map.js";

const page = document.getElementById("page");
const claimIds = {}; // {batch id: claim id}: a claim whose answer was lost is sent again under its own id
let load = async () => {}, busy = false, stale = false, events = null, limit = 50;

// ---- staying up to date
/** Fetch what a place shows and draw it. Offline, what stands there stays. */
async function show(place, path, draw) {
  if (!place.childElementCount) patch(place, h("p", { class: "note" }, h("progress"), ` ${t("loading")}`));
  try {
    const content = await call("GET", path);
    patch(place, draw(content));
    place.dataset.drawn = "yes";
  } catch (error) {
    if (error.slug === "not_signed_in") signedOut(error);
    else if (error.slug === "offline" && place.dataset.drawn) connected(false);
    else patch(place, refused(error, button(t("retry"), refresh)));
  }
}
/** Load the view again; what changes meanwhile is loaded once more, not once for each change. */
async function refresh() {
  stale = true;
  if (busy) return;
  for (busy = true; stale; ) {
    stale = false;
    await load();
  }
  busy = false;
}
function connected(well) {
  document.getElementById("connection").textContent = well ? "" : t("connection_lost");
}
function follow() {
  if (events) events.close();
  const source = (events = new EventSource(`/api/campaigns/${state.campaign.campaign_id}/events`));
  source.addEventListener("open", () => connected(true));
  source.addEventListener("changed", refresh);
  source.addEventListener("error", () => {
    connected(false);
    // The browser tries again by itself unless it was refused: then the session may have ended, which loading tells.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => source === events && refresh().then(() => source === events && follow()), 5000);
  });
}

// ---- what tables and cards show
const NAME = ["zone", (row) => row.code, (row) => [row.name, h("small", {}, row.code)]];
const REACH = ["reach", (row) => row.reach && row.reach.low, (row) => reachText(row.reach)];
const ZONES = [NAME, ["standing", standing, standing], REACH, column("handed_out", whole), column("households", whole), column("copies_per_household", (value) => number(value, 2)), column("reported", percent), column("in_person_share", percent)];
const OWN_ZONES = [NAME, column("handed_out", whole), column("planned", whole), column("in_person_share", percent)];
const GAPS = [NAME, REACH, column("missing_households", (value) => whole(Math.round(value))), column("risk_weight", (value) => number(value, 2)), column("handed_out", whole)];

function figures(figure) {
  const own = figure.scope === "own";
  return [h("p", { class: "note" }, t("as_of", { time: moment(figure.as_of) }), " · ", t("updated")), h("dl", { class: "cards" },
    card("handed_out", large(figure.handed_out), large(figure.handed_out) === whole(figure.handed_out) ? "" : t("exactly", { n: whole(figure.handed_out) })),
    own ? [card("issued", large(figure.issued)), card("distribution_rate", percent(figure.distribution_rate)), card("stock_on_hand", large(figure.stock_on_hand))]
      : [card("reach", reachText(figure.reach), figure.reach && t("reach_note", { target: percent(figure.target_reach), level: figure.reach.level }), "card wide"),
        card("saturation", percent(figure.saturation), t("saturation_note")), card("gaps", whole(figure.gaps), t("gaps_note", { n: whole(figure.zones) })),
        card("households", large(figure.households)), card("copies_per_household", number(figure.copies_per_household, 2)), card("reported", percent(figure.reported), t("reported_note"))],
    card("in_person_share", percent(figure.in_person_share)),
    card("days_left", figure.days_left === null ? t("not_applicable") : t("days", { n: whole(Math.floor(figure.days_left)) }), t("days_left_note")))];
}
function law({ as_of, total }) {
  const copies = Object.fromEntries(Object.entries(total).map(([name, value]) => [name, whole(value)]));
  return [h("p", {}, h("strong", {}, t(total.balanced ? "balanced" : "not_balanced")), " ", t("law_text", copies)), h("p", { class: "note" }, t("as_of", { time: moment(as_of) }))];
}

// ---- the views, one per role: each returns what to load
function planner(base) {
  const city = state.profile.division_code === null; // a district has no stock of its own
  const [top, stock, ground, list, gaps] = [h("div"), h("div"), h("div"), h("div"), h("div")];
  page.append(section(t("figures"), top), city ? section(t("law"), stock) : "", h("div", { class: "pair" }, section(t("map"), ground), section(t("zones"), list)), section(t("gap_list"), gaps));
  return () => Promise.all([
    show(top, `${base}/coverage`, figures), city && show(stock, `${base}/stock/balance-law`, law),
    show(ground, `${base}/coverage/zones.geojson`, ({ features }) => {
      const zones = features.map(({ properties }) => Object.assign(properties, { target: state.campaign.target_reach }));
      patch(list, zones.length ? table("zones", ZONES, zones, (zone) => `row-${zone.code}`) : h("p", {}, t("no_zones")));
      return zones.length ? zoneMap(features) : h("p", {}, t("no_zones"));
    }),
    show(gaps, `${base}/coverage/gaps`, (rows) => (rows.length ? table("gap_list", GAPS, rows) : h("p", {}, t("no_gaps")))),
  ]);
}
function auditor(base) {
  const stock = h("div");
  page.append(section(t("law"), stock));
  return () => show(stock, `${base}/stock/balance-law`, law);
}
function manager(base) {
  const [top, list, notice, batches] = [h("div"), h("div"), h("div", { role: "status" }), h("div")];
  page.append(section(t("figures"), top), section(t("open_batches"), notice, batches), section(t("own_zones"), list));
  const claim = (batch) => async () => {
    const claim_id = claimIds[batch.batch_id] || (claimIds[batch.batch_id] = newId());
    try {
      const made = await call("POST", `/api/batches/${batch.batch_id}/claim`, { claim_id });
      patch(notice, h("p", { class: "done", tabindex: "-1" }, t("claimed", { code: made.batch_code, zone: made.zone_name, copies: whole(made.copies), time: moment(made.lease_until) })));
      delete claimIds[batch.batch_id];
    } catch (error) {
      const { holder_kind: kind, lease_until: until, open_batches: others = [], status } = error.problem || {};
      if (status && status < 500) delete claimIds[batch.batch_id];
      patch(notice, refused(error, kind ? h("p", {}, t("holder", { kind: t(`kind_${kind}`), time: moment(until) })) : null,
        others.length ? h("p", {}, t("other_batches"), others.map((other) => [" ", claimButton(other, `${other.code} · ${other.zone_name} · ${whole(other.copies)}`)])) : null));
    }
    notice.firstChild.focus();
    refresh();
  };
  const claimButton = (batch, text) => button(text, claim(batch), { "aria-label": t("claim_label", { code: batch.code, zone: batch.zone_name }) });
  const BATCHES = [column("batch", String), ["", () => "", (row) => claimButton(row, t("claim"))], ["zone", (row) => row.zone_code, (row) => [row.zone_name, h("small", {}, row.zone_code)]], column("material", String), column("copies", whole),
    column("reason", String), column("due_on", day), column("depot", String)];
  const draw = ({ batches: found, next_cursor: more }) => {
    const rows = found.map((batch) => ({ ...batch, batch: batch.code, material: batch.material_name, copies: batch.copies_open, reason: batch.priority_reason, depot: batch.depot_name }));
    const onMore = () => ((limit = 200), refresh());
    return rows.length ? [h("div", {}, table("open_batches", BATCHES, rows)), ...(more && limit < 200 ? [button(t("more"), onMore, { id: "more" })] : [])] : h("p", {}, t("no_batches"));
  };
  return () => Promise.all([
    show(top, `${base}/coverage`, figures), show(batches, `${base}/batches?status=open&limit=${limit}`, draw),
    show(list, `${base}/coverage/zones`, ({ zones }) => (zones.length ? table("own_zones", OWN_ZONES, zones) : h("p", {}, t("no_zones")))),
  ]);
}
function rider() {
  const own = h("div", { class: "own-day" });
  page.append(section(t("own_day_text"), own, button(t("refresh"), refresh)));
  return () => show(own, "/api/handouts/own-day", ({ day: today, handed_out, holdings }) => [
    h("p", { class: "count" }, whole(handed_out)), h("p", {}, day(today)), h("h3", {}, t("holdings")),
    holdings.length ? h("ul", {}, holdings.map((held) => h("li", {}, `${held.material_name} `, h("strong", {}, whole(held.quantity))))) : h("p", {}, t("no_holdings")),
  ]);
}
// ---- coming in and going out
async function signIn(place, body) {
  try {
    await call("POST", "/api/sign-in", body);
    await begin();
  } catch (error) {
    patch(place, refused(error));
  }
}
function signInPage(error) {
  const { start } = state;
  const place = h("div", {}, error ? refused(error) : "");
  const form = (kind, title, ...fields) => h("form", { class: kind, submit: (event) => {
    event.preventDefault();
    signIn(place, { kind, ...Object.fromEntries(new FormData(event.target)) });
  } }, h("h2", {}, title), fields, start.cities > 1 ? field("city_code", {}) : null, h("button", {}, t("sign_in")));
  const tryIt = ({ role, ...hint }) => {
    const given = Object.fromEntries(Object.entries(hint).filter(([, value]) => value !== null));
    return h("li", {}, `${t(`role_${role}`)} `, h("code", {}, hint.login || hint.outlet_code), " ", h("code", {}, hint.password || hint.pin), " ",
      button(t("try_it"), () => signIn(place, { kind: hint.pin ? "pin" : "password", ...given }), { "aria-label": `${t("try_it")} ${t(`role_${role}`)}` }));
  };
  page.replaceChildren(h("h1", {}, t("title")), h("p", {}, t("intro_what")), h("p", {}, t("intro_honest")), place,
    start.cities === 0 ? h("p", { class: "problem" }, t("no_city")) : h("div", { class: "pair" },
      form("password", t("staff_sign_in"), field("login", { autocomplete: "username" }), field("password", { type: "password", autocomplete: "current-password" })),
      form("pin", t("rider_sign_in"), field("outlet_code", { autocomplete: "off" }), field("pin", { inputmode: "numeric", pattern: "[0-9]{6}", maxlength: "6", autocomplete: "off" }))),
    start.demonstration ? h("section", { class: "hints" }, h("p", {}, t("demonstration_hint")), h("ul", {}, start.demonstration_sign_ins.map(tryIt))) : "");
}
function head() {
  const { start, profile } = state;
  const demonstration = profile ? profile.demonstration : start && start.demonstration;
  const switchLanguage = () => {
    localStorage.setItem("dispatch.language", state.english ? "zh" : "en");
    history.replaceState(null, "", location.pathname);
    state.english = !state.english;
    render();
  };
  document.documentElement.lang = locale();
  document.title = t("title");
  patch(document.getElementById("head"), h("strong", {}, "Dispatch"), h("span", {}, (profile ? profile.city_name : start && start.city_name) || ""),
    demonstration ? h("span", { class: "badge" }, t("demonstration")) : "", h("span", { class: "who" }, profile ? [profile.display_name, t(`role_${profile.role}`), profile.outlet_name || profile.partner_name].filter(Boolean).join(" · ") : ""),
    button(t("other_language"), switchLanguage, { id: "language", lang: state.english ? "zh-CN" : "en" }), profile ? button(t("sign_out"), signOut, { id: "sign-out" }) : "");
}
const VIEWS = { planner, auditor, firm_manager: manager, outlet_manager: manager, rider };
function render(error) {
  head();
  if (events) events.close();
  [events, load] = [null, async () => {}];
  document.body.className = "";
  if (!state.profile) return signInPage(error);
  const { role } = state.profile, { campaign } = state;
  document.body.className = role;
  page.replaceChildren(h("h1", {}, role === "rider" ? t("own_day") : campaign ? campaign.name : t("campaign")));
  if (role !== "rider" && campaign) page.append(campaignLine());
  if (role !== "rider" && !campaign) return page.append(h("p", {}, t("no_campaign")));
  load = VIEWS[role](campaign && `/api/campaigns/${campaign.campaign_id}`);
  refresh();
  if (["planner", "firm_manager", "outlet_manager"].includes(role)) follow();
}
function campaignLine() {
  const change = (event) => ((state.campaign = state.campaigns.find((campaign) => campaign.campaign_id === event.target.value)), render());
  const options = state.campaigns.map((campaign) => h("option", { value: campaign.campaign_id, selected: campaign === state.campaign ? "" : null }, campaign.name));
  return h("p", { class: "note" }, options.length > 1 ? h("select", { id: "campaign", "aria-label": t("campaign"), change }, options) : "", " ",
    t("campaign_dates", { from: day(state.campaign.starts_on), to: day(state.campaign.ends_on) }));
}
function signedOut(error) {
  Object.assign(state, { profile: null, campaigns: [], campaign: null });
  connected(true);
  render(error);
}
async function signOut() {
  await call("POST", "/api/sign-out").then(() => signedOut(), (error) => page.prepend(refused(error)));
}
async function begin() {
  head();
  try {
    state.start = await call("GET", "/api/start");
    if (state.start.signed_in) {
      [state.profile, state.campaigns] = await Promise.all([call("GET", "/api/me"), call("GET", "/api/campaigns")]);
      state.campaign = state.campaigns.find(({ status }) => status === "open") || state.campaigns[0] || null;
    }
    render();
  } catch (error) {
    page.replaceChildren(refused(error, button(t("retry"), begin)));
  }
}
addEventListener("offline", () => connected(false));
addEventListener("online", () => (connected(true), refresh()));
document.addEventListener("visibilitychange", () => document.hidden || events || refresh());
page.append(h("p", { class: "note" }, h("progress"), ` ${t("loading")}`));
begin();
