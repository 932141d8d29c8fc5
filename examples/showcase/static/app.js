"use strict";

const find = (id) => document.getElementById(id);
const moments = new Set(["iat", "nbf", "exp", "auth_time"]);

let settings;
let me;
let end = 0;

// --- requests -----------------------------------------------------------------------------------

function cookie(name) {
  const pair = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}

// `csrf` says which token's CSRF value goes along: "access", "refresh", none, or "wrong".
async function send(method, path, { body, csrf, quiet } = {}) {
  const headers = {};
  if (body) headers["Content-Type"] = "application/json";
  let note = "";
  if (csrf) {
    const names = settings[csrf] ?? settings.access;
    const value = csrf === "wrong" ? "a guess" : cookie(names.csrf_cookie);
    if (value) {
      headers[names.csrf_header] = value;
      note = `${names.csrf_header}: ${value}`;
    }
  }
  let response, text;
  try {
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    text = await response.text();
  } catch {
    trouble("The server does not answer. Is it still running?");
    throw new Error("no answer");
  }
  trouble("");
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = text;
  }
  if (!quiet) log(method, path, note, response, answer);
  return { ok: response.ok, status: response.status, code: answer?.error, answer };
}

// A token that has run out is refreshed, once, and the request is sent again.
async function call(method, path, options = {}) {
  let result = await send(method, path, options);
  if (result.code === "token_expired" && (await refresh()).ok) {
    result = await send(method, path, options);
  }
  const stays = ["fresh_token_required", "login_failed"];
  if (result.status === 401 && !stays.includes(result.code)) await forget();
  return result;
}

const refresh = () => send("POST", "/refresh", { csrf: "refresh" });

// Tokens that count no more: the server takes the cookies back, which no script can.
async function forget() {
  await send("POST", "/logout", { csrf: "refresh", quiet: true });
  showLogin();
}

// --- what is shown ------------------------------------------------------------------------------

function trouble(text) {
  find("trouble").textContent = text;
  find("trouble").hidden = !text;
}

function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

const kind = (ok) => (ok ? "good" : "bad");

function log(method, path, note, response, answer) {
  const line = element("div", "", "line");
  line.append(
    element("span", String(response.status), `status ${kind(response.ok)}`),
    element("code", `${method} ${path}`),
  );
  const item = element("li");
  item.append(line);
  if (method !== "GET" && path !== "/login") {
    item.append(element("small", note || "without a CSRF header"));
  }
  item.append(element("pre", JSON.stringify(answer, null, 2)));
  find("log").prepend(item);
  while (find("log").children.length > 12) find("log").lastChild.remove();
  find("nothing-yet").hidden = true;
}

function say(form, result, good) {
  const output = form.querySelector("output");
  output.className = kind(result.ok);
  output.textContent = result.ok ? good : `${result.status} ${result.code}: ${result.answer.msg}`;
}

function showLogin() {
  me = undefined;
  find("signed-in").hidden = find("logout").hidden = true;
  find("signed-out").hidden = false;
  find("confirm").close();
  for (const id of ["log", "notes", "claims", "name", "role", "fresh"]) find(id).replaceChildren();
  find("rename").display_name.value = "";
  find("nothing-yet").hidden = false;
  for (const output of document.querySelectorAll("output")) output.textContent = "";
  document.querySelector("#login [name=login]").focus();
}

// Near its end a token is renewed by being used, and no script sees the new one: asked again, the
// server tells of that.
const nearItsEnd = (seconds) => seconds !== null && seconds <= settings.renewed_within;

async function showMe() {
  const ask = () => call("GET", "/api/me", { quiet: true });
  let result = await ask();
  if (result.ok && nearItsEnd(result.answer.token.expires_in)) result = await ask();
  if (!result.ok) return false;
  me = result.answer;
  const { user, token } = me;
  end = token.expires_in === null ? Infinity : Date.now() + token.expires_in * 1000;
  find("name").textContent = user.display_name;
  find("role").textContent = user.role;
  find("fresh").textContent = token.fresh ? "fresh token" : "token not fresh";
  find("fresh").className = token.fresh ? "badge good" : "badge";
  find("rename").display_name.value = user.display_name;
  find("claims").replaceChildren(...Object.entries(token.claims).map(claim));
  find("signed-out").hidden = true;
  find("signed-in").hidden = find("logout").hidden = false;
  tick();
  return true;
}

function claim([name, value]) {
  const row = element("tr");
  const shown = element("td", typeof value === "string" ? value : JSON.stringify(value));
  if (moments.has(name)) {
    shown.append(" ", element("small", new Date(value * 1000).toLocaleTimeString()));
  }
  row.append(element("td", name), shown);
  return row;
}

function tick() {
  if (!me) return;
  if (end === Infinity) {
    find("left").textContent = "";
    find("left-says").textContent = "This access token never ends.";
    return;
  }
  const left = Math.max(0, Math.round((end - Date.now()) / 1000));
  const { exp, iat } = me.token.claims;
  find("left").textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  find("left-says").textContent = left
    ? "until the access token ends"
    : "it has ended: the next request is refused, and then refreshed";
  find("life").value = left / (exp - iat);
}

function showNotes(notes) {
  find("notes").replaceChildren(...notes.map((note) => element("li", note)));
}

// --- what can be done ---------------------------------------------------------------------------

// Runs `action` when a form is sent; its buttons wait until it is done.
function on(form, action) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const buttons = [...form.querySelectorAll("button")];
    for (const button of buttons) button.disabled = true;
    try {
      const wasNear = me && nearItsEnd((end - Date.now()) / 1000);
      await action(form, event.submitter?.value);
      if (wasNear && me) await showMe();
    } catch (error) {
      if (error.message !== "no answer") throw error;
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  });
}

on(find("login"), async (form) => {
  const body = { login: form.login.value, password: form.password.value };
  const result = await send("POST", "/login", { body });
  say(form, result, "");
  if (!result.ok) return;
  if (!cookie(settings.access.csrf_cookie)) {
    trouble("This browser did not keep the cookies. Safari takes Secure cookies over HTTPS only: " +
      "start the showcase with JWT_COOKIE_SECURE=false for it.");
    return;
  }
  form.reset();
  if (await showMe()) showNotes((await call("GET", "/api/notes", { quiet: true })).answer);
});

on(find("note"), async (form, how) => {
  const csrf = { none: undefined, wrong: "wrong" };
  const options = { body: { text: form.text.value }, csrf: how in csrf ? csrf[how] : "access" };
  const result = await call("POST", "/api/notes", options);
  say(form, result, "Kept.");
  if (!result.ok) return;
  form.reset();
  showNotes(result.answer);
});

on(find("refresh"), async (form) => {
  const result = await refresh();
  if (result.status === 401) return forget();
  say(form, result, "A new access token, not fresh.");
  await showMe();
});

on(find("rename"), async (form) => {
  const options = { body: { display_name: form.display_name.value }, csrf: "access" };
  let result = await call("PUT", "/api/display-name", options);
  if (result.code === "fresh_token_required" && (await confirmed())) {
    result = await call("PUT", "/api/display-name", options);
  }
  say(form, result, "Changed.");
  if (result.ok) await showMe();
});

on(find("users"), async (form) => {
  const result = await call("GET", "/api/users");
  const names = result.ok && result.answer.map((user) => `${user.display_name} (${user.role})`);
  say(form, result, names && names.join(", "));
});

on(find("others"), async (form) => {
  const result = await call("POST", "/logout-others", { csrf: "access" });
  say(form, result, "Logged out everywhere but here.");
});

find("logout").addEventListener("click", async () => {
  const result = await send("POST", "/logout", { csrf: "refresh" }).catch(() => undefined);
  if (result?.ok || result?.status === 401) showLogin();
  else if (result) trouble(`You are still logged in: ${result.answer.msg}`);
});

// Asks for the password until it is right; false where the person does not want to.
function confirmed() {
  const dialog = find("confirm");
  const form = dialog.querySelector("form");
  form.username.value = me.user.login;
  dialog.showModal();
  return new Promise((resolve) => {
    form.onsubmit = async (event) => {
      event.preventDefault();
      const body = { password: form.password.value };
      const result = await call("POST", "/confirm", { body, csrf: "access" }).catch(() => undefined);
      if (!result) return;
      say(form, result, "");
      if (!result.ok) return;
      dialog.close("yes");
      await showMe();
    };
    dialog.onclose = () => {
      form.reset();
      form.querySelector("output").textContent = "";
      resolve(dialog.returnValue === "yes");
      dialog.returnValue = "";
    };
  });
}

find("cancel").addEventListener("click", () => find("confirm").close());

for (const button of document.querySelectorAll("[data-login]")) {
  button.addEventListener("click", () => {
    find("login").login.value = button.dataset.login;
    find("login").password.value = button.dataset.password;
    find("login").querySelector(".main").focus();
  });
}

async function start() {
  settings = (await send("GET", "/settings", { quiet: true })).answer;
  const session = await call("GET", "/api/session", { quiet: true });
  if (!session.ok) return;
  if (!session.answer.logged_in) return showLogin();
  if (await showMe()) showNotes((await call("GET", "/api/notes", { quiet: true })).answer);
}

// On a phone, what can be done comes before a long table.
document.querySelector("#you details").open = matchMedia("(min-width: 48rem)").matches;
setInterval(tick, 1000);
// The back button may bring this page as it was left, though somebody has logged out since.
addEventListener("pageshow", (event) => {
  if (event.persisted) start().catch(() => {});
});
start().catch(() => {});
