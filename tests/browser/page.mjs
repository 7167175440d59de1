// What every page must pass, whoever looks at it: no error in the console, no refusal by the CSP, nothing found by
// axe, nothing wider than the window, one first heading and a title, a name for each table, what is wrong tied to its
// field, and every control within reach of the Tab key with its focus seen. $SCREENSHOTS receives every page.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const tools = process.env.HOLDFAST_TOOLS_DIR ?? fileURLToPath(new URL("../../.tools", import.meta.url));
const require = createRequire(join(tools, "npm", "package.json"));
const { chromium } = require("playwright-core");

const screenshots = process.env.SCREENSHOTS;
const WIDE = { width: 1400, height: 900 };
const PHONE = { width: 390, height: 844 };
/** Each window that a page is looked at in; what has been seen in light once is in the dark looked at for its colours. */
const LOOKS = [
  { viewport: WIDE, colorScheme: "light", rules: "all" },
  { viewport: WIDE, colorScheme: "dark", rules: "colour" },
  { viewport: PHONE, colorScheme: "light", rules: "all" },
  { viewport: PHONE, colorScheme: "dark", rules: "colour" },
];
const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";

/** A browser, and what was found wrong in it so far. */
export class Judge {
  /** Each sentence with the places that it was said of. */
  #stumbles = new Map();
  /** Refusals that whoever drives brings about: of those the browser says in its console what is known already. */
  refusals = new Set();

  stumble(place, wrong) {
    this.#stumbles.set(wrong, [...this.#stumbles.get(wrong) ?? [], place]);
  }

  /** In sentences. */
  get stumbles() {
    return [...this.#stumbles].map(([wrong, [first, ...more]]) => `${first}${more.length ? ` and ${more.length} more` : ""}: ${wrong}`);
  }

  static async start(world) {
    const judge = new Judge();
    judge.world = world;
    judge.browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync"],
    });
    if (screenshots) mkdirSync(screenshots, { recursive: true });
    return judge;
  }

  /** A new browser window in which this person has signed in. `look` sees the sign-in page before. */
  async signIn(email, { script = true, look } = {}) {
    const context = await this.browser.newContext({
      baseURL: this.world.url, viewport: WIDE, javaScriptEnabled: script, reducedMotion: "reduce", timezoneId: "Asia/Kolkata",
    });
    context.setDefaultTimeout(20_000);
    if (script) await context.addInitScript({ path: require.resolve("axe-core/axe.min.js") });
    context.on("weberror", (event) => this.stumble(event.page()?.url(), `${event.error()}`));
    context.on("console", (message) => {
      const status = Number(/status of (\d+)/.exec(message.text())?.[1]);
      if (message.type() === "error" && !this.refusals.has(status)) {
        this.stumble(message.location().url, message.text());
      }
    });
    const page = await context.newPage();
    await page.goto("/login");
    await look?.(page);
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(this.world.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL((url) => url.pathname !== "/login");
    return page;
  }

  /** Looks at how the page is built, and whether it fits a phone. */
  async glance(page, name) {
    for (const wrong of await page.evaluate(structure)) this.stumble(name, wrong);
    await this.#fits(page, name, PHONE);
  }

  async #fits(page, name, viewport) {
    await page.setViewportSize(viewport);
    const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (tooWide > 0) this.stumble(name, `wider than ${viewport.width} px by ${tooWide} px`);
  }

  /** Looks at all of the page as it is, in both schemes, on a desk and on a phone, and walks through it by the Tab key. */
  async inspect(page, name) {
    await this.glance(page, name);
    await this.#fits(page, name, WIDE);
    for (const { viewport, colorScheme, rules } of LOOKS) {
      const look = `${name}, ${colorScheme}, ${viewport.width} px`;
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      for (const { id, impact, nodes } of await page.evaluate(findings, rules)) {
        this.stumble(look, `${id} (${impact}) at ${nodes}`);
      }
      if (screenshots) {
        const path = join(screenshots, `${name.replaceAll(/\W+/g, "-")}-${viewport.width}-${colorScheme}.png`);
        await page.screenshot({ path, fullPage: viewport === PHONE });
      }
    }
    await page.setViewportSize(WIDE);
    await page.emulateMedia({ colorScheme: "light" });
    for (const wrong of await walk(page)) this.stumble(name, wrong);
  }

  close() {
    return this.browser.close();
  }
}

/** What is wrong with the document as such. */
function structure() {
  const wrong = [];
  const headings = [...document.querySelectorAll("h1")].filter((heading) => heading.checkVisibility());
  if (headings.length !== 1) wrong.push(`${headings.length} first headings`);
  if (!/\S.* · Holdfast$/.test(document.title)) wrong.push(`its title is "${document.title}"`);
  if (!document.documentElement.lang) wrong.push("its language is not said");
  for (const table of document.querySelectorAll("table")) {
    const named = table.caption?.innerText.trim() || table.ariaLabel || table.getAttribute("aria-labelledby");
    if (!named) wrong.push(`a table without a caption, with ${table.rows[0]?.innerText.replaceAll(/\s+/g, " ")}`);
  }
  for (const field of document.querySelectorAll("[aria-invalid=true]")) {
    const words = (field.getAttribute("aria-describedby") ?? "").split(" ").map((id) => document.getElementById(id));
    if (!words.some((element) => element?.matches(".wrong"))) wrong.push(`what is wrong is not tied to ${field.id}`);
  }
  return wrong;
}

/** What axe finds: of any impact, and every text at 4.5:1, also where it is large. */
async function findings(rules) {
  const contrast = { normal: { expected: 4.5 }, large: { expected: 4.5 } };
  axe.configure({ checks: [{ id: "color-contrast", options: { contrastRatio: contrast } }] });
  const only = rules === "colour" ? { runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] } } : {};
  const found = await axe.run({ resultTypes: ["violations"], ...only });
  return found.violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map((node) => node.target).join(", ") }));
}

/** Presses Tab until every control should have had its turn; says which had none, and where the focus was not seen. */
async function walk(page) {
  const stops = await page.evaluate((controls) => {
    window.walked = { seen: new Set(), unseen: [] };
    document.activeElement?.blur();
    getSelection().removeAllRanges();
    document.addEventListener("focusin", ({ target }) => {
      window.walked.seen.add(target);
      const style = getComputedStyle(target);
      const shows = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
      if (target.matches(controls) && !shows) window.walked.unseen.push(target);
    });
    return document.querySelectorAll(controls).length;
  }, CONTROLS);
  for (let stop = 0; stop < stops + 3; stop++) await page.keyboard.press("Tab");
  return page.evaluate((controls) => {
    const { seen, unseen } = window.walked;
    const reached = (control) => seen.has(control)
      || (control.type === "radio" && [...seen].some((other) => other.type === "radio" && other.name === control.name));
    const within = [...document.querySelectorAll(controls)].filter((control) => control.checkVisibility() && !control.disabled);
    const name = (control) => `<${control.localName}> "${(control.innerText || control.id || control.href).trim().slice(0, 40)}"`;
    return [
      ...within.filter((control) => !reached(control)).map((control) => `Tab does not reach ${name(control)}`),
      ...unseen.map((control) => `the focus is not seen on ${name(control)}`),
    ];
  }, CONTROLS);
}
