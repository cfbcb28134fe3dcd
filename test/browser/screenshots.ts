// `npm run screenshots`: pictures of the page for the documentation, docs/screenshots, in light and dark. It needs Debian's
// chromium, and the fonts that it is to be shown in.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openPage, startBrowser } from "./browser.ts";
import { idOf, INCIDENTS, startStage } from "./stage.ts";

const FOLDER = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const PAGES = { overview: "/admin", incident: `/admin/incidents/${idOf(INCIDENTS.healed)}` };

mkdirSync(FOLDER, { recursive: true });
const [stage, browser] = await Promise.all([startStage({ hostile: false }), startBrowser()]);
try {
  for (const colorScheme of ["light", "dark"] as const) {
    const watched = await openPage(browser, stage.runtime.url, {
      colorScheme,
      viewport: { width: 1_280, height: 1_180 },
      deviceScaleFactor: 1,
    });
    const { page } = watched;
    await page.goto("/admin");
    await page.getByLabel("Your name").fill("lisi");
    await page.getByLabel("Admin token").fill(stage.tokens.ADMIN_TOKEN);
    await page.getByRole("button", { name: "Log in" }).click();
    // The index and the counts are some seconds behind.
    await page.getByRole("link", { name: INCIDENTS.healed.title }).first().waitFor({ timeout: 30_000 });
    for (const [name, path] of Object.entries(PAGES)) {
      await page.goto(path);
      await page.screenshot({ path: `${FOLDER}${name}-${colorScheme}.png` });
      console.log(`docs/screenshots/${name}-${colorScheme}.png`);
    }
    await watched.close();
  }
} finally {
  await browser.close();
  await stage.close();
}
