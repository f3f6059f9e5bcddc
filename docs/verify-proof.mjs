#!/usr/bin/env node
// Verifies a proof that `omserver audit prove` wrote, without the server: node verify-proof.mjs proof.json PUBLIC_KEY
// The public key is the one you wrote down (`omserver audit key`), not the one in the proof. Needs nothing but Node.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [file, trusted] = process.argv.slice(2);
if (!file || !trusted) fail('usage: node verify-proof.mjs proof.json PUBLIC_KEY');
const proof = attempt(`${file} is no JSON file`, () => JSON.parse(readFileSync(file, 'utf8')));
if (proof?.format !== 'om-proof-1') fail('this is not a proof of format om-proof-1');
const { header, signature, salt, path } = proof;
if (!Array.isArray(path) || [header, signature, salt, ...path].some((part) => typeof part !== 'string'))
  fail('the proof is damaged');

// 1. The header was signed by the key that you trust.
const x = Buffer.from(trusted, 'base64').toString('base64url');
const key = attempt(`${trusted} is not a public key of 44 characters`, () =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
);
if (!verify(null, Buffer.from(header), key, Buffer.from(signature, 'base64')))
  fail('the block is not signed by this key');

// 2. The header names a Merkle root (RFC 6962); the event, its salt and the path lead to it.
const [format, block, kind, , root, events, sealedAt] = header.split('\n');
if (format !== 'om-block-1') fail('the header is not one of format om-block-1');
let node = proof.index;
let last = Number(events) - 1;
if (!(Number.isInteger(node) && node >= 0 && node <= last)) fail('the place is not one of the block');
let hash = sha256(Buffer.of(0), Buffer.from(salt, 'hex'), Buffer.from(JSON.stringify(proof.event)));
for (const step of path) {
  const sibling = Buffer.from(step, 'hex');
  if (sibling.length !== 32 || last === 0) fail('the path is damaged');
  if (node % 2 === 1 || node === last) {
    hash = sha256(Buffer.of(1), sibling, hash);
    while (node % 2 === 0 && node !== 0) [node, last] = [node >> 1, last >> 1];
  } else hash = sha256(Buffer.of(1), hash, sibling);
  [node, last] = [node >> 1, last >> 1];
}
if (last !== 0 || hash.toString('hex') !== root) fail('the event is not in the block');

console.log(
  `PROVEN: ${kind} event ${proof.index + 1} of ${events} in block ${block}, sealed ${new Date(Number(sealedAt)).toISOString()}`,
);
console.log(JSON.stringify(proof.event));

function attempt(otherwise, work) {
  try {
    return work();
  } catch {
    return fail(otherwise);
  }
}

function sha256(...parts) {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

function fail(message) {
  console.error(`NOT PROVEN: ${message}`);
  process.exit(1);
}
