// The main job as people do it: `node main_job.mjs '{"url": …}'` (who calls it: tests/it/browser.rs).
// Fails on what a person would stumble over: a page that does not come, an error in the console, a refusal by
// the CSP, a serious finding of axe, a page wider than its window. $SCREENSHOTS receives every page.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const tools = process.env.HOLDFAST_TOOLS_DIR ?? fileURLToPath(new URL("../../.tools", import.meta.url));
const require = createRequire(join(tools, "npm", "package.json"));
const { chromium } = require("playwright-core");

const world = JSON.parse(process.argv[2]);
const screenshots = process.env.SCREENSHOTS;
const WIDE = { width: 1400, height: 900 };
const PHONE = { width: 390, height: 844 };

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
const stumbles = [];

/** A new browser window in which this person has signed in. */
async function signIn(email, { script = true } = {}) {
  const context = await browser.newContext({ baseURL: world.url, viewport: WIDE, javaScriptEnabled: script, reducedMotion: "reduce", timezoneId: "Asia/Kolkata" });
  context.setDefaultTimeout(20_000);
  if (script) await context.addInitScript({ path: require.resolve("axe-core/axe.min.js") });
  context.on("weberror", (event) => stumbles.push(`${event.page()?.url()}: ${event.error()}`));
  context.on("console", (message) => {
    if (message.type() === "error") stumbles.push(`${message.location().url}: ${message.text()}`);
  });
  const page = await context.newPage();
  await page.goto("/login");
  if (script && email === world.approver) await inspect(page, "sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(world.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/login");
  return page;
}

/** Looks at the page as it is, in both schemes, on a desk and on a phone. */
async function inspect(page, name) {
  for (const viewport of [WIDE, PHONE]) {
    await page.setViewportSize(viewport);
    const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (tooWide > 0) stumbles.push(`${name}: ${tooWide} px wider than ${viewport.width} px`);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      const found = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
      for (const { id, impact, nodes } of found.violations) {
        if (impact !== "serious" && impact !== "critical") continue;
        stumbles.push(`${name}, ${colorScheme}, ${viewport.width} px: ${id} (${impact}) at ${nodes.map((node) => node.target)}`);
      }
      if (screenshots) {
        const path = join(screenshots, `${name}-${viewport.width}-${colorScheme}.png`);
        await page.screenshot({ path, fullPage: viewport === PHONE });
      }
    }
  }
  await page.setViewportSize(WIDE);
  await page.emulateMedia({ colorScheme: "light" });
}

const badge = (page, words) => page.locator(".head").getByText(words, { exact: true }).waitFor();

/** From the inbox to the plan of the customer's request; returns the button that approves exactly this plan. */
async function openDecision(page, customer) {
  await page.goto("/approvals");
  await page.getByRole("row").filter({ hasText: customer }).getByRole("link").first().click();
  await badge(page, "Waiting for approval");
  const digest = await page.locator(".full-digest").innerText();
  assert.match(digest, /^[0-9a-f]{64}$/);
  const shown = await page.locator(".digest").innerText();
  assert.equal(shown.replaceAll(" ", ""), digest.slice(0, 8), "the plan names its digest");
  return page.getByRole("button", { name: "Approve" });
}

/** Keeps `page` as it is, without a reload, until its badge says `words`. */
async function seeLive(page, words, during) {
  await page.evaluate(() => { window.thisDocument = true; });
  await during?.();
  await badge(page, words);
  assert.ok(await page.evaluate(() => window.thisDocument), `"${words}" was seen without a reload`);
}

/** The first stop of the Tab key leads to the content, and the focus is always seen. */
async function useKeyboard(page) {
  await page.goto("/");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the content" });
  assert.ok(await skip.evaluate((link) => link === document.activeElement), "the skip link is the first stop");
  assert.ok((await skip.boundingBox()).y >= 0, "the skip link shows once it has the focus");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  const outline = await page.locator("main :focus-visible").evaluate((element) => getComputedStyle(element).outlineStyle);
  assert.notEqual(outline, "none", "the focus shows");
}

async function change(approver) {
  const approve = await openDecision(approver, "acme");
  await approver.getByText("35 days").first().waitFor();
  await inspect(approver, "change-planned");
  await approve.click();
  await approver.getByText("Approved.", { exact: true }).waitFor();
  await seeLive(approver, "Live");
  await inspect(approver, "change-applied");
}

/** The customer asks and watches; the engineer approves elsewhere; the customer confirms. */
async function restore(engineer) {
  const requester = await signIn(world.requester);
  await requester.getByRole("link", { name: "Ask for a restore" }).click();
  await requester.getByLabel("What happened").fill("A deploy emptied the orders table.");
  await inspect(requester, "restore-new");
  await requester.getByRole("button", { name: "Ask for this restore" }).click();
  await badge(requester, "Waiting for approval");

  await seeLive(requester, "Waiting for verification", async () => {
    const approve = await openDecision(engineer, "acme");
    // What comes back, to the second and in the reader's zone.
    await engineer.getByRole("heading", { level: 1, name: /from .*:\d\d:\d\d .*GMT\+5:30/ }).waitFor();
    await inspect(engineer, "restore-submitted");
    await approve.click();
  });
  await inspect(requester, "restore-verifying");
  await requester.getByRole("button", { name: "The data is right" }).click();
  await badge(requester, "Verified");
  await inspect(requester, "restore-closed");
  await requester.goto("/customers/acme/changes/new");
  await inspect(requester, "change-new");
  await requester.context().close();
}

/** Where both sides have to agree, and neither has scripts. */
async function changeWithoutScript() {
  for (const email of [world.approver, world.secondApprover]) {
    const page = await signIn(email, { script: false });
    await page.goto("/customers/globex/changes/1");
    await page.getByRole("button", { name: "Approve" }).click();
    await page.getByText("Approved.", { exact: true }).waitFor();
    await page.context().close();
  }
}

/** Every page of the navigation. */
async function tour(page) {
  const across = ["/", "/approvals", "/retention", "/expiring", "/settings", "/customers", "/api/docs"];
  const ofCustomer = ["", "/scope", "/changes", "/restores", "/recovery-points", "/components", "/accounts", "/audit"];
  for (const path of [...across, ...ofCustomer.map((name) => `/customers/acme${name}`)]) {
    await page.goto(path);
    await inspect(page, path.slice(1).replaceAll("/", "-") || "fleet");
  }
}

try {
  if (screenshots) mkdirSync(screenshots, { recursive: true });
  const approver = await signIn(world.approver);
  await useKeyboard(approver);
  await change(approver);
  await restore(await signIn(world.engineer));
  await changeWithoutScript();
  await tour(approver);
  assert.deepEqual(stumbles, []);
} finally {
  await browser.close();
}
