/**
 * Seal: what waits on this tablet can be opened by the server only. HPKE (RFC 9180), base mode, with DHKEM(P-256,
 * HKDF-SHA256), HKDF-SHA256 and AES-256-GCM, by WebCrypto; `survey_app/collection/sealed.py` opens it.
 *
 * A browser has no WebCrypto on a plain http:// address: then sealing rejects, and nothing may be stored.
 *
 * @typedef {{id: string, point: Uint8Array<ArrayBuffer>}} ServerKey its public point, uncompressed (65 bytes)
 * @typedef {Uint8Array<ArrayBuffer>} Bytes
 */

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const KEM = Uint8Array.of(75, 69, 77, 0, 0x10); // "KEM", DHKEM(P-256, HKDF-SHA256)
const SUITE = Uint8Array.of(72, 80, 75, 69, 0, 0x10, 0, 1, 0, 2); // "HPKE", that KEM, HKDF-SHA256, AES-256-GCM
const NOTHING = new Uint8Array(0);
/** Bytes: what is sealed is filled up to a multiple of these, so that its length does not say how much was answered. */
const FILLED_TO = 1024;
const SPACE = 32;
/** The same for comments: written ones are short, recorded ones long. */
const COMMENTS_FILLED_TO = { "text/plain": 4_096, "audio/basic": 65_536 };

/** @param {string} text */
const encode = (text) => new TextEncoder().encode(text);

/** @param {...Bytes} parts */
function join(...parts) {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  parts.reduce((at, part) => (joined.set(part, at), at + part.length), 0);
  return joined;
}

/** @param {Bytes} secret @param {Bytes} text */
async function hmac(secret, text) {
  const filled = secret.length > 0 ? secret : new Uint8Array(32); // an empty key is one of zeros
  const key = await crypto.subtle.importKey("raw", filled, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, text));
}

/** LabeledExtract, section 4. @param {Bytes} suite @param {Bytes} salt @param {string} label @param {Bytes} secret */
const extract = (suite, salt, label, secret) => hmac(salt, join(encode("HPKE-v1"), suite, encode(label), secret));

/**
 * LabeledExpand, section 4, of at most 32 bytes: one round.
 *
 * @param {Bytes} suite @param {Bytes} secret @param {string} label @param {Bytes} info @param {number} length
 */
async function expand(suite, secret, label, info, length) {
  const labeled = join(Uint8Array.of(0, length), encode("HPKE-v1"), suite, encode(label), info, Uint8Array.of(1));
  return (await hmac(secret, labeled)).slice(0, length);
}

/**
 * Derive what one message is sealed with: Encap of section 4.1, then the key schedule of section 5.1.
 *
 * @param {Bytes} point the receiver's
 * @param {Bytes} info what the message is bound to
 * @param {CryptoKeyPair} pair used once, then forgotten
 */
export async function derive(point, info, pair) {
  const receiver = await crypto.subtle.importKey("raw", point, CURVE, false, []);
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: receiver }, pair.privateKey, 256));
  const enc = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const secret = await expand(KEM, await extract(KEM, NOTHING, "eae_prk", shared), "shared_secret", join(enc, point), 32);
  const bound = join(
    Uint8Array.of(0),
    await extract(SUITE, NOTHING, "psk_id_hash", NOTHING),
    await extract(SUITE, NOTHING, "info_hash", info),
  );
  const schedule = await extract(SUITE, secret, "secret", NOTHING);
  const key = await expand(SUITE, schedule, "key", bound, 32);
  return { enc, key, nonce: await expand(SUITE, schedule, "base_nonce", bound, 12) };
}

/**
 * Seal one message, with a key pair of its own.
 *
 * @param {Bytes} point
 * @param {Bytes} info
 * @param {Bytes} message
 * @param {CryptoKeyPair} [pair] for tests; drawn where it is not given
 */
export async function seal(point, info, message, pair) {
  const own = pair ?? (await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]));
  const { enc, key, nonce } = await derive(point, info, own);
  const cipher = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  return join(enc, new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, cipher, message)));
}

/** @param {Bytes} bytes */
export function toBase64url(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Read a server's key as pages bear it: its id and its point. @param {string | undefined} written @returns {ServerKey} */
export function readKey(written) {
  const [id = "", point = ""] = (written ?? "").split(" ");
  return { id, point: Uint8Array.from(atob(point.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0)) };
}

/** Fill up with spaces, which mean nothing in JSON. @param {string} text */
function fill(text) {
  const bytes = encode(text);
  const filled = new Uint8Array(Math.ceil(bytes.length / FILLED_TO) * FILLED_TO).fill(SPACE);
  filled.set(bytes);
  return filled;
}

/**
 * Seal a response for the server, bound to all that it may be handed in under.
 *
 * @param {ServerKey} key
 * @param {{id: string, session: string, questionnaire: string, version: number}} about
 * @param {string} body JSON
 * @param {CryptoKeyPair} [pair] for tests
 * @returns {Promise<import("./delivery.js").Sealed>}
 */
export async function sealResponse(key, { id, session, questionnaire, version }, body, pair) {
  const info = ["survey-app response 1", session, questionnaire, version, key.id, id].join("\n");
  const sealed = toBase64url(await seal(key.point, encode(info), fill(body), pair));
  return { id, session, questionnaire, version, key: key.id, sealed };
}

/**
 * Seal what one person adds to a tally, bound to their session and an id of its own.
 *
 * @param {ServerKey} key
 * @param {{id: string, session: string}} about
 * @param {string} body JSON
 * @param {CryptoKeyPair} [pair] for tests
 * @returns {Promise<import("./tallies.js").Share>}
 */
export async function sealShare(key, { id, session }, body, pair) {
  const info = ["survey-app tally 1", session, key.id, id].join("\n");
  return { id, key: key.id, sealed: toBase64url(await seal(key.point, encode(info), fill(body), pair)) };
}

/**
 * Seal a comment for the server.
 *
 * @param {ServerKey} key
 * @param {{id: string, session: string}} about
 * @param {"text/plain" | "audio/basic"} type
 * @param {Bytes} words
 * @param {CryptoKeyPair} [pair] for tests
 */
export async function sealComment(key, { id, session }, type, words, pair) {
  const head = encode(`${type} ${words.length}\n`);
  const size = head.length + words.length;
  const step = COMMENTS_FILLED_TO[type];
  const message = new Uint8Array(Math.ceil(size / step) * step);
  message.set(join(head, words));
  const info = ["survey-app comment 1", session, key.id, id].join("\n");
  return { id, session, key: key.id, sealed: toBase64url(await seal(key.point, encode(info), message, pair)) };
}
