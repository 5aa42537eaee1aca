import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { drain, tend } from "../../survey_app/web/static/js/respond/drain.js";

const DAY = 86_400_000;
const NOW = 20_000 * DAY;
const FIRST = { store: "first", generation: 0, backed_up: 0 };
const SECOND = { store: "second", generation: 0, backed_up: 0 };
const UNDER_FIRST = { store: "first", generation: 0 };

const idOf = (number) => `0b6a1f0e-8f0c-4c53-9a41-${String(number).padStart(12, "0")}`;
const sealed = (number) => ({
  id: idOf(number),
  session: "482913",
  questionnaire: "q",
  version: 1,
  key: "k",
  sealed: `sealed-${number}`,
});

/** A store in memory in place of one of the device's databases. */
function boxOf(...things) {
  const kept = new Map(things.map((one) => [one.id, one]));
  return {
    kept,
    put: async (...some) => some.forEach((one) => kept.set(one.id, one)),
    list: async () => [...kept.values()],
    remove: async (...ids) => ids.forEach((id) => kept.delete(id)),
  };
}

const boxes = (waiting = [], copies = []) => ({ outbox: boxOf(...waiting), copies: boxOf(...copies) });
const type = (code) => `urn:survey-app:problem:${code}`;
const problem = (status, code) => ({ status, text: JSON.stringify({ type: type(code), status }) });

/** A server in memory: `fate` gives what it answers of each, 201 where nothing is said. */
function serverOf({ fate = () => undefined, stamp = FIRST, batch = true } = {}) {
  const server = { stored: new Map(), puts: 0, posts: 0, stamp };
  const take = (one) => {
    const refused = fate(one);
    if (refused) {
      return { id: one.id, ...refused };
    }
    const before = server.stored.has(one.id);
    server.stored.set(one.id, one);
    return { id: one.id, status: before ? 200 : 201 };
  };
  server.putResponse = async (one) => {
    server.puts += 1;
    const { status, type: kind } = take(one);
    const body = kind ? { type: kind } : { receipt: one.id, ...server.stamp };
    return { status, text: JSON.stringify(body) };
  };
  server.ask = async (path, method, body) => {
    if (path === "store") {
      return { status: 200, text: JSON.stringify(server.stamp) };
    }
    server.posts += 1;
    if (batch !== true) {
      return batch;
    }
    const { responses } = JSON.parse(body);
    assert.ok(responses.length >= 1 && responses.length <= 200);
    return { status: 200, text: JSON.stringify({ ...server.stamp, answers: responses.map(take) }) };
  };
  return server;
}

const numbers = (count) => Array.from({ length: count }, (_, number) => sealed(number));

describe("a round of sending", () => {
  it("puts one response by itself and keeps a sealed copy with the stamp of its receipt", async () => {
    const [mine, server] = [boxes([sealed(1)]), serverOf()];

    assert.deepEqual(await drain(mine, server, NOW), { outcome: "done", stamp: FIRST });
    assert.deepEqual([server.puts, server.posts], [1, 0]);
    assert.equal(mine.outbox.kept.size, 0);
    assert.deepEqual([...mine.copies.kept.values()], [{ ...sealed(1), ...UNDER_FIRST, day: 20_000 }]);
  });

  it("sends many in batches of at most two hundred", async () => {
    const [mine, server] = [boxes(numbers(450)), serverOf()];

    assert.equal((await drain(mine, server, NOW)).outcome, "done");
    assert.deepEqual([server.puts, server.posts, server.stored.size], [0, 3, 450]);
    assert.deepEqual([mine.outbox.kept.size, mine.copies.kept.size], [0, 450]);
  });

  it("puts what is refused on the shelf with its reason, and nothing else waits for it", async () => {
    const fate = ({ id }) => (id === idOf(1) ? { status: 409, type: type("different") } : undefined);
    const [mine, server] = [boxes(numbers(3)), serverOf({ fate })];

    assert.equal((await drain(mine, server, NOW)).outcome, "done");
    assert.deepEqual([...mine.outbox.kept.values()], [{ ...sealed(1), shelved: "different" }]);
    assert.equal(server.stored.size, 2);
    assert.equal((await drain(mine, { ask: assert.fail, putResponse: assert.fail }, NOW)).outcome, "done");
  });

  it("keeps what cannot be taken now and what is not answered for", async () => {
    const busy = ({ id }) => (id === idOf(1) ? { status: 503, type: type("unavailable") } : undefined);
    const mine = boxes(numbers(3));
    assert.equal((await drain(mine, serverOf({ fate: busy }), NOW)).outcome, "wait");
    assert.deepEqual([...mine.outbox.kept.keys()], [idOf(1)]);

    const silent = boxes(numbers(2));
    const none = { status: 200, text: JSON.stringify({ answers: [null, 7, { id: idOf(9), status: 201 }] }) };
    assert.equal((await drain(silent, serverOf({ batch: none }), NOW)).outcome, "wait");
    assert.equal(silent.outbox.kept.size, 2);
  });

  for (const [name, batch] of Object.entries({
    "a sign-in page": { status: 200, text: "<p>Welcome!</p>" },
    "a proxy's 404": { status: 404, text: "" },
    "a proxy's 401": { status: 401, text: "" },
    "an empty object": { status: 200, text: "{}" },
    "a storm": problem(429, "too-many-wrong-codes"),
    "a fault": problem(500, "fault"),
  })) {
    it(`lets everything wait on ${name}`, async () => {
      const mine = boxes(numbers(3));
      assert.equal((await drain(mine, serverOf({ batch }), NOW)).outcome, "wait");
      assert.equal(mine.outbox.kept.size, 3);
      assert.equal((await mine.outbox.list()).some(({ shelved }) => shelved), false);
    });
  }

  for (const [name, batch] of Object.entries({
    "a server that knows no batches": problem(404, "no-such-address"),
    "a proxy that carries none so large": { status: 413, text: "<h1>Too large</h1>" },
    "a server that does not take it as a batch": problem(422, "not-a-batch"),
  })) {
    it(`goes on one by one with ${name}`, async () => {
      const [mine, server] = [boxes(numbers(3)), serverOf({ batch })];
      assert.equal((await drain(mine, server, NOW)).outcome, "done");
      assert.deepEqual([server.puts, mine.outbox.kept.size], [3, 0]);
    });
  }

  it("goes on with the next batch, and with the next one by one, where one response is a fault of the server", async () => {
    const fate = ({ id }) => (id === idOf(0) ? { status: 500, type: type("fault") } : undefined);
    for (const batch of [true, { status: 413, text: "<h1>Too large</h1>" }]) {
      const [mine, server] = [boxes(numbers(450)), serverOf({ fate, batch })];
      assert.equal((await drain(mine, server, NOW)).outcome, "wait");
      assert.deepEqual([[...mine.outbox.kept.keys()], server.stored.size], [[idOf(0)], 449]);
    }
  });

  it("ends where nobody is there, and where a whole batch does not get through", async () => {
    const [mine, server] = [boxes(numbers(450)), serverOf({ batch: problem(503, "unavailable") })];
    assert.equal((await drain(mine, server, NOW)).outcome, "wait");
    assert.deepEqual([server.posts, mine.outbox.kept.size], [1, 450]);
    const one = serverOf({ batch: { status: 413, text: "" }, fate: () => ({ status: 503, type: type("unavailable") }) });
    assert.equal((await drain(mine, one, NOW)).outcome, "wait");
    assert.deepEqual([one.puts, mine.outbox.kept.size], [1, 450]);
  });

  for (const [outcome, batch] of [
    ["stop", problem(401, "device-revoked")],
    ["outdated", problem(426, "client-too-old")],
  ]) {
    it(`ends with "${outcome}" and keeps everything`, async () => {
      const mine = boxes(numbers(3));
      assert.equal((await drain(mine, serverOf({ batch }), NOW)).outcome, outcome);
      const alone = boxes([sealed(1)]);
      assert.equal((await drain(alone, { putResponse: async () => batch }, NOW)).outcome, outcome);
      assert.deepEqual([mine.outbox.kept.size, alone.outbox.kept.size], [3, 1]);
    });
  }

  it("keeps a response whose receipt the device could not note, so that it is sent again", async () => {
    const mine = boxes([sealed(1)]);
    mine.outbox.remove = () => Promise.reject(new Error("disk full"));
    await assert.rejects(drain(mine, serverOf(), NOW));
    assert.equal(mine.outbox.kept.size, 1);
  });

  it("has the next batch under way while it notes what became of the one before", async () => {
    const [mine, server, done] = [boxes(numbers(450)), serverOf(), []];
    const { ask } = server;
    const { remove } = mine.outbox;
    server.ask = (...asked) => (done.push("sent"), ask(...asked));
    mine.outbox.remove = async (...ids) => (await remove(...ids), done.push("noted"));
    assert.equal((await drain(mine, server, NOW)).outcome, "done");
    assert.deepEqual(done, ["sent", "sent", "noted", "sent", "noted", "noted"]);
  });

  it("that cannot note a receipt ends once nothing is under way any more", async () => {
    const [mine, server] = [boxes(numbers(450)), serverOf()];
    const { ask } = server;
    let underWay = 0;
    server.ask = async (...asked) => {
      underWay += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      underWay -= 1;
      return ask(...asked);
    };
    mine.outbox.remove = () => Promise.reject(new Error("disk full"));
    await assert.rejects(drain(mine, server, NOW), /disk full/);
    assert.deepEqual([underWay, server.posts, mine.outbox.kept.size], [0, 2, 450]);
  });

  it("goes on where there is no room for a copy", async () => {
    const mine = boxes([sealed(1)]);
    mine.copies.put = () => Promise.reject(new Error("quota"));
    assert.equal((await drain(mine, serverOf(), NOW)).outcome, "done");
    assert.equal(mine.outbox.kept.size, 0);
  });

  it("sends what an older page kept readable, one by one", async () => {
    const older = { id: idOf(7), session: "482913", body: "{}" };
    const [mine, server] = [boxes([older, sealed(1)]), serverOf()];
    assert.equal((await drain(mine, server, NOW)).outcome, "done");
    assert.deepEqual([server.puts, [...mine.copies.kept.keys()]], [2, [idOf(1)]]);
  });
});

describe("a sealed copy", () => {
  const copy = (number, changes = {}) => ({ ...sealed(number), ...UNDER_FIRST, day: 20_000, ...changes });

  it("is forgotten once it is in a backup that is complete", async () => {
    const mine = boxes([], [copy(1), copy(2, { generation: 1 })]);
    await tend(mine, serverOf({ stamp: { ...FIRST, generation: 1 } }), NOW);
    assert.equal(mine.copies.kept.size, 2);
    assert.equal(await tend(mine, serverOf({ stamp: { ...FIRST, generation: 1, backed_up: 1 } }), NOW), "done");
    assert.deepEqual([...mine.copies.kept.keys()], [idOf(2)]);
  });

  it("is handed in again to a restored server, once", async () => {
    const [mine, server] = [boxes([], numbers(250).map((one) => ({ ...one, ...UNDER_FIRST, day: 20_000 }))), serverOf({ stamp: SECOND })];
    assert.equal(await tend(mine, server, NOW, SECOND), "done");
    assert.equal(server.stored.size, 250);
    assert.ok([...mine.copies.kept.values()].every(({ store }) => store === "second"));
    assert.deepEqual(Object.keys(server.stored.get(idOf(1))).sort(), ["id", "key", "questionnaire", "sealed", "session", "version"]);

    server.posts = 0;
    assert.equal(await tend(mine, server, NOW, SECOND), "done");
    assert.equal(server.posts, 0);
  });

  it("that a restored server does not take goes to the shelf, for a person to look at", async () => {
    const fate = () => ({ status: 404, type: type("no-session") });
    const mine = boxes([], [copy(1), copy(2)]);
    assert.equal(await tend(mine, serverOf({ fate, stamp: SECOND }), NOW), "done");
    assert.deepEqual([...mine.outbox.kept.values()].map(({ shelved }) => shelved), ["no-session", "no-session"]);
    assert.equal(mine.copies.kept.size, 0);
  });

  it("stays where the server cannot be reached", async () => {
    const mine = boxes([], [copy(1), copy(2)]);
    const gone = { ask: () => Promise.reject(new TypeError("Failed to fetch")) };
    assert.equal(await tend(mine, gone, NOW), "wait");
    assert.equal(mine.copies.kept.size, 2);
  });

  it("waits in sight where handing in again is interrupted, and arrives once", async () => {
    const mine = boxes([], [copy(1), copy(2), copy(3, { store: "second" })]);
    const busy = serverOf({ stamp: SECOND, batch: problem(503, "unavailable") });
    assert.equal(await tend(mine, busy, NOW), "wait");
    assert.deepEqual([[...mine.outbox.kept.values()], [...mine.copies.kept.keys()]], [[sealed(1), sealed(2)], [idOf(3)]]);
    const server = serverOf({ stamp: SECOND });
    assert.equal((await drain(mine, server, NOW)).outcome, "done");
    assert.equal(await tend(mine, server, NOW, SECOND), "done");
    assert.deepEqual([server.stored.size, mine.outbox.kept.size, mine.copies.kept.size], [2, 0, 3]);
  });

  it("is handed in again from where it is when there is no room to let it wait", async () => {
    const mine = boxes([], [copy(1), copy(2)]);
    mine.outbox.put = () => Promise.reject(new Error("quota"));
    assert.equal(await tend(mine, serverOf({ stamp: SECOND, batch: problem(503, "unavailable") }), NOW), "wait");
    assert.equal(mine.copies.kept.size, 2);
    const server = serverOf({ stamp: SECOND });
    assert.equal(await tend(mine, server, NOW, SECOND), "done");
    assert.equal(server.stored.size, 2);
  });

  it("is kept for thirty days, and at most a thousand are", async () => {
    const many = numbers(1_005).map((one, at) => ({ ...one, ...UNDER_FIRST, day: at < 5 ? 19_990 : 20_000 }));
    const mine = boxes([], [...many, copy(2_000, { day: 19_969 })]);
    await tend(mine, serverOf(), NOW);
    assert.equal(mine.copies.kept.size, 1_000);
    assert.equal(mine.copies.kept.has(idOf(0)), false);
    assert.equal(mine.copies.kept.has(idOf(2_000)), false);
  });

  describe("by two clocks", () => {
    const YEARS = 3_650;
    const right = { tablet: 20_000, server: 20_000 };
    /** Look after a copy on one day after the other, by the clocks of then; say whether it is still kept. */
    const isKept = async (received, ...days) => {
      const mine = boxes([], [copy(1, { day: received.tablet, served: received.server })]);
      for (const { tablet, server } of days) {
        await tend(mine, serverOf({ stamp: { ...FIRST, day: server } }), tablet * DAY);
      }
      return mine.copies.kept.size === 1;
    };

    it("is not thrown away by one that is wrong by years, the tablet's or the server's", async () => {
      assert.ok(!(await isKept(right, { tablet: 20_031, server: 20_031 })));
      assert.ok(await isKept(right, { tablet: 20_000 + YEARS, server: 20_001 }));
      assert.ok(await isKept(right, { tablet: 20_001, server: 20_000 + YEARS }));
      assert.ok(await isKept({ tablet: 20_000 - YEARS, server: 20_000 }, { tablet: 20_001, server: 20_001 }));
      assert.ok(await isKept({ tablet: 20_000 }, { tablet: 20_000 + YEARS, server: 20_000 }), "handed over, and never dated");
    });

    it("is not thrown away where the tablet's was wrong on one day and the server's is on another", async () => {
      for (const [once, later] of [[-YEARS, -YEARS], [YEARS, YEARS], [-YEARS, YEARS], [1, YEARS], [-1, -YEARS]]) {
        const received = { tablet: 20_000 + once, server: 20_000 };
        const [well, ill] = [{ tablet: 20_001, server: 20_001 }, { tablet: 20_002, server: 20_002 + later }];
        assert.ok(await isKept(received, well, ill, { tablet: 20_003, server: 20_003 }), `${once}, then ${later}`);
        assert.ok(await isKept(received, { tablet: 20_001, server: 20_001 + later - 9 }), `${once}, and ${later} at once`);
      }
    });

    it("is kept for thirty days from the day on which they agreed again", async () => {
      const received = { tablet: 20_000 + YEARS, server: 20_000 };
      const well = { tablet: 20_005, server: 20_005 };
      assert.ok(await isKept(received, well, { tablet: 20_035, server: 20_035 }));
      assert.ok(!(await isKept(received, well, { tablet: 20_036, server: 20_036 })));
    });

    it("stays where there is no room to note another day", async () => {
      const mine = boxes([], [copy(1, { day: 20_000 - YEARS, served: 20_000 })]);
      mine.copies.put = () => Promise.reject(new Error("quota"));
      await tend(mine, serverOf({ stamp: { ...FIRST, day: 20_001 } }), 20_001 * DAY);
      assert.equal(mine.copies.kept.size, 1);
    });
  });

  it("notes the server's day beside the tablet's", async () => {
    const mine = boxes([sealed(1)]);
    await drain(mine, serverOf({ stamp: { ...FIRST, day: 20_003 } }), NOW);
    assert.deepEqual([...mine.copies.kept.values()], [{ ...sealed(1), ...UNDER_FIRST, day: 20_000, served: 20_003 }]);
  });

  it("costs a tablet without any not even a question", async () => {
    assert.equal(await tend(boxes(), { ask: assert.fail }, NOW), "done");
  });
});
