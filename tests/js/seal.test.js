import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";

import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";

import { derive, readKey, seal, sealComment, sealResponse, sealShare, toBase64url } from "../../survey_app/web/static/js/respond/seal.js";

const { vector, response, comment, share } = JSON.parse(readFileSync(new URL("../cases/sealing.json", import.meta.url), "utf8"));
const CURVE = { name: "ECDH", namedCurve: "P-256" };

const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (data) => Buffer.from(data).toString("hex");

/** The key pair of a private number and its point, as the vectors write them. */
async function pairOf(number, point) {
  const [x, y] = [bytes(point).slice(1, 33), bytes(point).slice(33)].map(toBase64url);
  const jwk = { kty: "EC", crv: "P-256", x, y, d: toBase64url(bytes(number)) };
  return {
    privateKey: await crypto.subtle.importKey("jwk", jwk, CURVE, true, ["deriveBits"]),
    publicKey: await crypto.subtle.importKey("raw", bytes(point), CURVE, true, []),
  };
}

describe("the official vector of RFC 9180 for P-256, HKDF-SHA256, AES-256-GCM in base mode", () => {
  it("gives its encapsulated key, its key and its nonce", async () => {
    const pair = await pairOf(vector.skEm, vector.pkEm);
    const { enc, key, nonce } = await derive(bytes(vector.pkRm), bytes(vector.info), pair);

    assert.deepEqual([hex(enc), hex(key), hex(nonce)], [vector.enc, vector.key, vector.base_nonce]);
  });

  it("encrypts its first message", async () => {
    const { key, nonce } = await derive(bytes(vector.pkRm), bytes(vector.info), await pairOf(vector.skEm, vector.pkEm));
    const cipher = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
    const made = { name: "AES-GCM", iv: nonce, additionalData: bytes(vector.aad) };

    assert.equal(hex(await crypto.subtle.encrypt(made, cipher, bytes(vector.pt))), vector.ct);
  });
});

describe("what is sealed", () => {
  const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
  const open = async (sealed, info) => {
    const { privateKey } = await pairOf(vector.skRm, vector.pkRm);
    const receiver = await suite.createRecipientContext({ recipientKey: privateKey, enc: sealed.slice(0, 65), info });
    return new Uint8Array(await receiver.open(sealed.slice(65)));
  };
  const info = new TextEncoder().encode("bound");

  for (const size of [0, 1, 1024, 480_000]) {
    it(`is opened by another program: ${size} bytes`, async () => {
      const message = new Uint8Array(size).fill(7);
      assert.deepEqual(await open(await seal(bytes(vector.pkRm), info, message), info), message);
    });
  }

  it("does not open under another purpose, nor with one bit changed", async () => {
    const sealed = await seal(bytes(vector.pkRm), info, info);
    await assert.rejects(open(sealed, new TextEncoder().encode("bounD")));
    for (const at of [66, sealed.length - 1]) {
      const changed = sealed.slice();
      changed[at] ^= 1;
      await assert.rejects(open(changed, info));
    }
  });

  it("is never the same twice", async () => {
    const twice = await Promise.all([1, 2].map(() => seal(bytes(vector.pkRm), info, info)));
    assert.notDeepEqual(twice[0], twice[1]);
  });
});

describe("a sealed response", () => {
  it("is what the server opens, byte for byte", async () => {
    const pair = await pairOf(vector.skEm, vector.pkEm);
    const sealed = await sealResponse(readKey(response.key), response.about, response.body, pair);

    assert.equal(sealed.sealed, response.sealed);
    assert.equal(sealed.key, response.key.split(" ")[0]);
  });

  it("does not tell by its length how much was answered", async () => {
    const lengths = await Promise.all(
      ["{}", response.body, "x".repeat(1024)].map(async (body) => {
        const { sealed } = await sealResponse(readKey(response.key), response.about, body);
        return sealed.length;
      }),
    );
    assert.equal(new Set(lengths).size, 1);
  });

  for (const written of [undefined, "", "0123456789abcdef", "0123456789abcdef AAAA", "0123456789abcdef !!"]) {
    it(`is not made without a key of the server: ${written}`, async () => {
      await assert.rejects(async () => sealResponse(readKey(written), response.about, "{}"));
    });
  }
});

describe("a sealed comment", () => {
  const bytesOf = (text) => new TextEncoder().encode(text);

  it("is what the server opens, byte for byte", async () => {
    const pair = await pairOf(vector.skEm, vector.pkEm);
    const { sealed } = await sealComment(readKey(comment.key), comment.about, comment.type, bytesOf(comment.words), pair);
    assert.equal(sealed, comment.sealed);
  });

  it("tells little by its length", async () => {
    const lengths = await Promise.all(
      [1, 2_000, 4_000].map(async (size) => (await sealComment(readKey(comment.key), comment.about, "text/plain", new Uint8Array(size))).sealed.length),
    );
    assert.equal(new Set(lengths).size, 1);
  });

  it("of a whole minute is no larger than the server takes", async () => {
    const { sealed } = await sealComment(readKey(comment.key), comment.about, "audio/basic", new Uint8Array(480_000));
    assert.ok(sealed.length + 100 < 960_000);
  });
});

describe("a sealed share of a tally", () => {
  it("is what the server opens, byte for byte", async () => {
    const pair = await pairOf(vector.skEm, vector.pkEm);
    const made = await sealShare(readKey(share.key), share.about, share.body, pair);
    assert.deepEqual(made, { id: share.about.id, key: share.key.split(" ")[0], sealed: share.sealed });
  });

  it("does not tell by its length whether somebody finished", async () => {
    const bodies = [share.body, '{"finished":0,"items":{"age":{"left":1}}}'];
    const made = await Promise.all(bodies.map((body) => sealShare(readKey(share.key), share.about, body)));
    assert.equal(made[0].sealed.length, made[1].sealed.length);
  });
});
