// Rewrites <time> in the reader's zone and words, and keeps it true; the exact moment is the title,
// or the other way round where somebody chooses by it.
// It says aloud what a page that changed by itself says now. On a phone it brings the current page's link into sight. Pages are complete without this file.
(() => {
  const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
  const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const second = new Intl.DateTimeFormat(undefined, {
    day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short",
  });
  const run = new Intl.DateTimeFormat(undefined, {
    weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  });
  const year = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
  const units = [["minute", 60], ["hour", 3600], ["day", 86400]];

  const words = (at, now) => {
    const seconds = Math.round((at - now) / 1000);
    const size = Math.abs(seconds);
    if (size < 45) return seconds > 0 ? "in a moment" : "just now";
    if (size >= 300 * 86400) return year.format(at);
    if (size >= 7 * 86400) return day.format(at);
    const [unit, length] = units.findLast(([, length]) => size >= length * 0.75) ?? units[0];
    return relative.format(Math.round(seconds / length), unit);
  };

  const rewrite = () => {
    const now = new Date();
    for (const time of document.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      const told = { "": second, run }[time.dataset.exact];
      time.title = told ? words(at, now) : exact.format(at);
      time.textContent = told ? told.format(at) : words(at, now);
    }
  };

  rewrite();
  const current = document.querySelector(".rail [aria-current]");
  // Not by scrollIntoView, which would have the Tab key begin there.
  current?.closest("nav").scrollTo({ left: current.offsetLeft - innerWidth / 3 });
  setInterval(rewrite, 30_000);
  document.addEventListener("htmx:after:swap", rewrite);

  // A button that ticks all boxes of a name is of no use without this file, so it is hidden until then.
  const offer = () => document.querySelectorAll("[data-tick][hidden]").forEach((button) => { button.hidden = false; });
  offer();
  document.addEventListener("htmx:after:swap", offer);
  document.addEventListener("click", ({ target }) => {
    const name = target.closest?.("[data-tick]")?.dataset.tick;
    if (name) for (const box of document.getElementsByName(name)) box.checked = true;
  });

  // What a page that changed by itself says now, for those who do not see it change.
  const heading = () => [...document.querySelectorAll("main h1, main .head > .badge")].map((part) => part.innerText).join(": ");
  let before = heading();
  document.addEventListener("htmx:after:swap", () => {
    const said = document.getElementById("said");
    if (said && heading() !== before) said.textContent = before = heading();
  });
})();
