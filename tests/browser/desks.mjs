// One office for all tests of a file, and the browsers of the people who sit in it: begun before the tests, ended after.
import { after, before } from "node:test";
import { openBrowser } from "./browser.mjs";
import { startOffice, watched } from "./office.mjs";

/** `options` as of startOffice; `prepare` is done with the office once. `office` is there when the tests run. */
export function desks(options, prepare = () => {}) {
  const sessions = [];
  const desk = {
    /** Somebody's browser. */
    async open(settings) {
      const session = await watched(desk.browser, desk.office, settings);
      sessions.push(session);
      return session;
    },
    /** Somebody's browser, signed in. */
    async as(login, settings) {
      const session = await desk.open(settings);
      await session.signIn(login);
      return session.page;
    },
  };
  before(async () => {
    desk.browser = await openBrowser();
    desk.office = await startOffice(options);
    await prepare(desk.office);
  });
  after(async () => {
    for (const session of sessions.splice(0)) await session.close();
    await desk.browser?.close();
    await desk.office?.stop();
  });
  return desk;
}
