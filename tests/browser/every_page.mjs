// Every page of the portal, for each kind of reader: `node every_page.mjs '{"url": …}'` (who calls it:
// tests/it/browser.rs). Begins at the start and follows every link, so that a page which is
// added later is judged without anybody having to remember it. A page that no page leads to is a finding, and so is
// a link that leads nowhere.
import assert from "node:assert/strict";
import { Judge } from "./page.mjs";

const world = JSON.parse(process.argv[2]);
const judge = await Judge.start(world);
// The address of a page that this reader may not open.
judge.refusals.add(403);

/** How many addresses of one kind each reader opens: the same page with other data, or with another filter. */
const OF_ONE_KIND = { path: 3, query: 1 };
/** What pages that were judged in full were made of: one that has nothing else gets a glance. */
const judged = new Set();
let visits = 0;
/** The page templates that somebody could open. */
const reached = new Set();

const template = (path) => world.pages.find((page) => {
  const parts = page.split("/");
  const given = path.split("/");
  return parts.length === given.length && parts.every((part, at) => part.startsWith("{") ? given[at] !== "new" : part === given[at]);
});

/** What a page is made of, but for its words and how often: each element's place, classes and kind. */
function make() {
  const place = (element) => element.localName === "main" ? ""
    : `${place(element.parentElement)}>${element.localName}.${element.getAttribute("class") ?? ""}[${element.type ?? ""}]`;
  return [...new Set([...document.querySelectorAll("main *")].map(place))];
}

/** Opens what this person can come to. */
async function browse({ email, who }) {
  const page = await judge.signIn(email);
  const opened = new Map();
  const starts = ["/", "/login"];
  const queue = starts.map((path) => ({ path, from: null }));
  const queued = new Set(starts);
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { path, from } = next;
    const name = `${who}, ${path}`;
    const response = await page.goto(path);
    const address = new URL(page.url());
    const of = template(address.pathname);
    if (response.status() !== 200) {
      // What nobody offered may be refused; what is offered must work.
      if (from || response.status() !== 403) judge.stumble(name, `${response.status()}, linked from ${from}`);
    } else if (of) {
      reached.add(of);
    }
    const unseen = (await page.evaluate(make)).filter((part) => !judged.has(part));
    unseen.forEach((part) => judged.add(part));
    await (unseen.length > 0 ? judge.inspect(page, name) : judge.glance(page, name));
    visits += 1;
    for (const link of await page.evaluate(() => [...document.links].map((link) => link.href))) {
      const { origin, pathname, search, searchParams } = new URL(link);
      if (origin !== world.url || queued.has(pathname + search)) continue;
      queued.add(pathname + search);
      const kind = `${template(pathname)}?${[...searchParams.keys()].sort()}`;
      if (!template(pathname) || searchParams.has("format")) {
        const answer = await page.request.get(link);
        if (!answer.ok()) judge.stumble(name, `${answer.status()} at ${pathname + search}`);
        continue;
      }
      const others = opened.get(kind) ?? 0;
      opened.set(kind, others + 1);
      if (others < (search ? OF_ONE_KIND.query : OF_ONE_KIND.path)) queue.push({ path: pathname + search, from: path });
    }
  }
  await page.context().close();
}

try {
  const people = [...world.people];
  const reader = async () => { for (let person = people.shift(); person; person = people.shift()) await browse(person); };
  await Promise.all([reader(), reader()]);
  for (const page of world.pages) if (!reached.has(page)) judge.stumble("every page", `no link leads to ${page}, for no reader`);
  assert.ok(judge.stumbles.length === 0, judge.stumbles.join("\n"));
  console.log(`${visits} pages were opened`);
} finally {
  await judge.close();
}
