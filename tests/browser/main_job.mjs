// The main job as people do it: `node main_job.mjs '{"url": …}'` (who calls it: tests/it/browser.rs).
// Fails where a person would stumble: over a step that does not come, and over what no page may have (page.mjs).
import assert from "node:assert/strict";
import { Judge } from "./page.mjs";

const world = JSON.parse(process.argv[2]);
const judge = await Judge.start(world);

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
  await judge.inspect(approver, "change-planned");
  await approve.click();
  await approver.getByText("Approved.", { exact: true }).waitFor();
  await seeLive(approver, "Live");
  await judge.inspect(approver, "change-applied");
}

/** The customer asks and watches; the engineer approves elsewhere; the customer confirms. */
async function restore(engineer) {
  const requester = await judge.signIn(world.requester);
  await requester.getByRole("link", { name: "Ask for a restore" }).click();
  await requester.getByLabel("What happened").fill("A deploy emptied the orders table.");
  await judge.inspect(requester, "restore-new");
  await requester.getByRole("button", { name: "Ask for this restore" }).click();
  await badge(requester, "Waiting for approval");

  await seeLive(requester, "Waiting for verification", async () => {
    const approve = await openDecision(engineer, "acme");
    // What comes back, to the second and in the reader's zone.
    await engineer.getByRole("heading", { level: 1, name: /from .*:\d\d:\d\d .*GMT\+5:30/ }).waitFor();
    await judge.inspect(engineer, "restore-submitted");
    await approve.click();
  });
  await judge.inspect(requester, "restore-verifying");
  await requester.getByRole("button", { name: "The data is right" }).click();
  await badge(requester, "Verified");
  await judge.inspect(requester, "restore-closed");
  await requester.goto("/customers/acme/changes/new");
  await judge.inspect(requester, "change-new");
  judge.refusals.add(422);
  await requester.locator("#retention").fill("for ever");
  await requester.getByRole("button", { name: "Ask for this change" }).click();
  await requester.locator("#retention-wrong").waitFor();
  assert.equal(await requester.locator("#retention").inputValue(), "for ever", "what was typed is kept");
  await judge.inspect(requester, "change-refused");
  judge.refusals.delete(422);
  await requester.context().close();
}

/** Where both sides have to agree, and neither has scripts. */
async function changeWithoutScript() {
  for (const email of [world.approver, world.secondApprover]) {
    const page = await judge.signIn(email, { script: false });
    await page.goto("/customers/globex/changes/1");
    await page.getByRole("button", { name: "Approve" }).click();
    await page.getByText("Approved.", { exact: true }).waitFor();
    await page.context().close();
  }
}

try {
  const approver = await judge.signIn(world.approver, { look: (page) => judge.inspect(page, "sign-in") });
  await useKeyboard(approver);
  await change(approver);
  await restore(await judge.signIn(world.engineer));
  await changeWithoutScript();
  assert.ok(judge.stumbles.length === 0, judge.stumbles.join("\n"));
} finally {
  await judge.close();
}
